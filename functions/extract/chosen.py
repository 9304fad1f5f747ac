"""Which extractor answers, and so what is asked: the settings turned into an `Extractor` and its `Question`."""

from functions.extract import prompt
from functions.extract.answers import Question
from functions.extract.extractor import Extractor
from functions.extract.settings import ExtractSettings
from shared import clients, features

UNPROMPTED = "none"  # the prompt's version where nothing is prompted


def extractor(settings: ExtractSettings) -> Extractor:
    """The extractor that the settings choose; only its own packages are imported."""
    match settings.chosen_extractor:
        case "offline":
            from functions.extract.offline import OfflineExtractor

            return OfflineExtractor(settings.google_cloud_project)
        case "gemini":
            from functions.extract import gemini
            from functions.extract.creative import Creatives

            creatives = Creatives(clients.storage_client(settings.google_cloud_project))
            return gemini.GeminiExtractor(settings, gemini.client(settings), creatives)
        case "azure":
            from functions.extract import azure
            from functions.extract.creative import Creatives

            creatives = Creatives(clients.storage_client(settings.google_cloud_project))
            return azure.AzureExtractor(settings, creatives)


def question(settings: ExtractSettings, extractor: Extractor) -> Question:
    """What every creative is asked under these settings."""
    model = features.load(settings.features)
    return Question(
        feature_model=features.name_of(model),
        feature_version=features.version_of(model),
        prompt_version=UNPROMPTED if extractor.name == "offline" else prompt.version(model),
        extractor=extractor.name,
        model=extractor.model,
    )
