"""Creatives by what they mean, where `embed` has made their vectors: found in the dataset, by the model that made them.

A question is asked of that model, which costs a hundredth of a cent at most, and leaves the machine. Every search reads
all vectors of the model: exact, and 6 GB (4 cents) at a million creatives of 768 numbers each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import httpx2
from google import genai
from google.cloud import bigquery
from google.genai import errors

from creatives.agents.meaning import NotAnsweredError
from creatives.agents.pictures import Picture
from creatives.operations.tables import Tables
from shared import prices
from shared.models import embedding, gemini
from shared.models.embedding import Meant
from shared.models.faults import LostReplyError, NoReplyError
from shared.models.settings import GeminiSettings
from shared.reasons import Rejected

_FOLDER = Path(__file__).parent
_WITHIN_S = 30.0
_NO_ANSWER = (errors.APIError, httpx2.TransportError, LostReplyError, NoReplyError, Rejected)

type Near = list[tuple[str, float]]


@dataclass(frozen=True)
class Embedded:
    """The vectors of a dataset.

    Attributes:
        tables: the dataset.
        client: of the service of their model.
        model: that made them.
        dimensions: how long they are.
    """

    tables: Tables
    client: genai.Client
    model: str
    dimensions: int

    @classmethod
    def of(cls, tables: Tables, settings: GeminiSettings) -> Self | None:
        """Those of a dataset; None where there are none.

        Args:
            tables: the dataset.
            settings: how their model is asked.

        Raises:
            GoogleAPIError: the client's, when the dataset cannot be read.
        """
        for row in tables.within(_FOLDER).ask("embedded"):
            return cls(tables, gemini.client(settings), row["model"], row["dimensions"])
        return None

    def by_words(self, words: str, most: int) -> Near:
        """The ids of those that mean the like of these words, and how much.

        Raises:
            NotAnsweredError: when the model does not answer.
        """
        return self._nearest(self._vector(Meant(words, looked_for=True)), most)

    def by_picture(self, picture: Picture, most: int) -> Near:
        """The ids of those that look like and mean the like of a picture, and how much: it is shown to the model.

        Raises:
            NotAnsweredError: when the model does not answer.
            NoPictureError: when it is none that we read.
            Rejected: when it is damaged, or too large.
        """
        meant = Meant(pictures=(picture.jpeg(),), looked_for=True)
        price = prices.cost(self.model, "standard", meant.expected_usage, datetime.now(UTC).date())
        picture.tell(f"shown to {self.model}, for {f'${price.usd:.5f}' if price else 'a price that is not known'}")
        return self._nearest(self._vector(meant), most)

    def by_creative(self, creative_id: str, most: int) -> Near | None:
        """Those like a creative or what it is a copy of, itself not among them; None where it has no vector."""
        for row in self.tables.within(_FOLDER).ask(
            "vector_of",
            creative_id=bigquery.ScalarQueryParameter("creative_id", "STRING", creative_id),
            model=bigquery.ScalarQueryParameter("model", "STRING", self.model),
            dimensions=self.dimensions,
        ):
            return self._nearest(row["vector"], most, but=row["creative_id"])
        return None

    def _vector(self, meant: Meant) -> Sequence[float]:
        try:
            reply = embedding.ask(self.client, self.model, self.dimensions, meant, _WITHIN_S)
            return embedding.read(reply, self.dimensions)
        except _NO_ANSWER as error:
            raise NotAnsweredError(f"{self.model}, which made the vectors, does not answer: {error}") from error

    def _nearest(self, vector: Sequence[float], most: int, but: str | None = None) -> Near:
        rows = self.tables.within(_FOLDER).ask(
            "nearest",
            model=bigquery.ScalarQueryParameter("model", "STRING", self.model),
            vector=bigquery.ArrayQueryParameter("vector", "FLOAT64", vector),
            but=bigquery.ScalarQueryParameter("but", "STRING", but),
            most=most,
        )
        return [(row["creative_id"], row["likeness"]) for row in rows]
