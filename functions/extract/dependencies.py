"""What an instance of `extract` works with, made once from the settings: the extractor, the question, the budget."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import BaseModel

from functions.extract.extractors import registry
from functions.extract.extractors.extractor import Extractor
from functions.extract.money import cost
from functions.extract.settings import ExtractSettings
from shared import clients, features, prices
from shared.events import Extraction, FeaturesExtracted, Kind
from shared.models.budget import Budget, require_price
from shared.singleton import Singleton

if TYPE_CHECKING:
    from google.cloud import storage


class Dependencies:
    """The settings and what they choose.

    Attributes:
        settings: of this process.
        bucket: where answers, budgets and waiting requests are kept.
        extractor: who answers.
        question: what is asked of every creative.
        budget: what may be spent.
    """

    def __init__(self, settings: ExtractSettings, bucket: "storage.Bucket", extractor: Extractor) -> None:
        self.settings = settings
        self.bucket = bucket
        self.extractor = extractor
        self.question = registry.question(settings, extractor)
        self.budget = Budget(bucket, daily_usd=settings.daily_budget_usd, batch_usd=settings.batch_budget_usd)
        self._model = features.load(settings.features)
        if extractor.name != "offline":
            require_price(settings, self.question.model)

    @property
    def row(self) -> type[FeaturesExtracted]:
        """The model of a row of features."""
        return features.features_event(self._model)

    @property
    def can_batch(self) -> bool:
        """Whether the batch API can be asked: by a key of the Developer API."""
        return self.extractor.name == "gemini" and not self.settings.google_genai_use_vertexai

    def model_for(self, request: Extraction) -> type[BaseModel]:
        """The feature model to fill in for a creative."""
        return features.model_for(request.kind, self._model)

    def mode_for(self, request: Extraction) -> prices.Mode:
        """How a creative is asked about: as set, but a video never waits for a batch, whose files may expire first.

        Flex costs the same as batch.
        """
        mode = self.settings.extraction_mode
        return "flex" if mode == "batch" and request.kind is Kind.VIDEO else mode

    def estimate(self, request: Extraction) -> Decimal | None:
        """USD that a creative's extraction will cost; `None` where nothing is paid, or the price is not known."""
        if self.extractor.name == "offline":
            return None
        usage = cost.expected_usage(request.kind, request.duration_s, request.size, self._model, self.settings)
        price = prices.cost(self.question.model, self.mode_for(request), usage, datetime.now(UTC).date())
        return price.usd if price else None


@Singleton
def of_this_process() -> Dependencies:
    """Those of this instance: made once, also where its first requests come at the same time, for they hold money."""
    settings = ExtractSettings.load()
    bucket = clients.storage_client(settings.google_cloud_project).bucket(settings.results_bucket)
    return Dependencies(settings, bucket, registry.extractor(settings))
