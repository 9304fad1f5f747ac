"""Which extractor answers, and so what is asked: the settings turned into an `Extractor` and its `Question`."""

from functions.extract.answers import Question
from functions.extract.extractor import Extractor
from functions.extract.settings import ExtractSettings
from shared import features

UNPROMPTED = "none"  # the prompt's version where nothing is prompted


def extractor(settings: ExtractSettings) -> Extractor:
    """The extractor that the settings choose; only its own packages are imported."""
    match settings.chosen_extractor:
        case "offline":
            from functions.extract.offline import OfflineExtractor

            return OfflineExtractor(settings.google_cloud_project)
        case chosen:
            raise NotImplementedError(chosen)


def question(settings: ExtractSettings, extractor: Extractor) -> Question:
    """What every creative is asked under these settings."""
    model = features.load(settings.features)
    return Question(
        feature_model=features.name_of(model),
        feature_version=features.version_of(model),
        prompt_version=UNPROMPTED,
        extractor=extractor.name,
        model=extractor.model,
    )
