"""Rows of every table, each built with what its test is about and sensible values for the rest.

A `World` names its creatives and ads apart from those of other worlds, so that many cases fit into one dataset, which
takes a while to fill and to ask. `at` is minutes since the morning of a day.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared import events, features
from shared.features import ImageFeatures
from shared.reasons import Reason

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
FEATURES_EVENT = features.features_event(ImageFeatures)

type Row = events.Event | tuple[str, dict[str, Any]]
"""An event, which goes to its topic's table, or a table and a row."""


def moment(at: float) -> datetime:
    """`at` minutes after the start."""
    return START + timedelta(minutes=at)


@dataclass(frozen=True)
class World:
    """Builds rows whose ids are its own.

    Attributes:
        number: tells worlds apart.
    """

    number: int = 0

    def creative(self, name: str) -> str:
        """The id of the creative called `name`, at most 16 characters; ids are in the order of their names."""
        return f"{name.encode().hex():0<32}{self.number:08x}"

    def name(self, creative_id: str | None) -> str | None:
        """The creative's name, from its id."""
        return None if creative_id is None else bytes.fromhex(creative_id[:32]).rstrip(b"\0").decode()

    def ad_id(self, name: str) -> str:
        """The id of the ad called `name`."""
        return f"{name}@{self.number}"

    def url(self, name: str) -> str:
        """The URL of the ad called `name`."""
        return f"https://{self.number}.example/{name}"

    def ad(self, name: str, *, at: float = 0, **fields: Any) -> events.Ad:
        """That the ad was published with its URL."""
        values = {
            "ad_id": self.ad_id(name),
            "source": self.url(name),
            "batch_id": "batch-1",
            "origin": "batch",
            "event_id": f"e-{name}",
            **fields,
        }
        return events.Ad(occurred_at=moment(at), **values)

    def sighting(self, name: str, creative: str, *, at: float = 1, **fields: Any) -> events.Sighting:
        """That the ad's URL shows the creative."""
        values = {"ad_id": self.ad_id(name), "source": self.url(name), "batch_id": "batch-1", "origin": "batch"}
        media = self._media(creative, at) | {"event_id": f"e-{name}"}
        return events.Sighting(**media, **{**values, **fields})

    def upload(self, name: str, creative: str, *, at: float = 0) -> events.Sighting:
        """That a file was uploaded."""
        uri = f"gs://c/{self.ad_id(name)}"
        return self.sighting(name, creative, at=at, source=uri, batch_id=None, origin="upload")

    def image(self, name: str, *, at: float = 2) -> events.ImageObject:
        """That its first bytes are an image's."""
        return events.ImageObject(**self._media(name, at), content_type="image/png", bytes=1000)

    def video(self, name: str, *, at: float = 2) -> events.VideoObject:
        """That its first bytes are a video's."""
        return events.VideoObject(**self._media(name, at), content_type="video/mp4", bytes=100000)

    def fingerprint(self, name: str, *, at: float = 3, **fields: Any) -> events.Fingerprint:
        """What decoding it told."""
        values = {
            "content_type": "image/png",
            "bytes": 1000,
            "kind": "image",
            "width": 1200,
            "height": 628,
            "aspect_ratio": "300:157",
            "near_blank": False,
            "dhash": 1,
            "hash_version": "1",
            **fields,
        }
        return events.Fingerprint(**self._media(name, at), **values)

    def match(
        self, name: str, canonical: str | None = None, *, family: str | None = None, at: float = 4, **fields: Any
    ) -> events.Match:
        """New by default, a duplicate of `canonical`, or a variant in another one's `family`."""
        own = canonical or name
        values = {
            "kind": "image",
            "match": "duplicate" if canonical else "variant" if family else "new",
            "canonical_id": self.creative(own),
            "family_id": self.creative(family or own),
            "method": "pixels",
            "method_version": "1",
            "event_id": f"e-{name}",
            **fields,
        }
        return events.Match(occurred_at=moment(at), creative_id=self.creative(name), **values)

    def override(self, name: str, action: str, canonical: str | None = None, *, at: float = 60) -> events.Override:
        """A person's correction."""
        values: dict[str, Any] = {"action": action, "canonical_id": canonical and self.creative(canonical)}
        return events.Override(
            event_id=f"o-{name}-{at}",
            occurred_at=moment(at),
            creative_id=self.creative(name),
            author="ada",
            note="by eye",
            **values,
        )

    def correction(
        self, name: str, field: str, value: str | None = None, *, at: float = 60, **fields: Any
    ) -> events.Correction:
        """A person's word on a feature."""
        return events.Correction(
            **{"event_id": f"c-{name}-{field}-{at}", "author": "ada", "note": "by eye", **fields},
            occurred_at=moment(at),
            creative_id=self.creative(name),
            field=field,
            value=value,
        )

    def label(self, name: str, text: str, *, at: float = 60, **fields: Any) -> events.Label:
        """A person's tag, or note, on a creative."""
        return events.Label(
            **{"event_id": f"l-{name}-{text}-{at}", "kind": "tag", "author": "ada", **fields},
            occurred_at=moment(at),
            creative_id=self.creative(name),
            text=text,
        )

    def extraction(self, name: str, *, at: float = 5) -> events.Extraction:
        """A request for its features."""
        values: dict[str, Any] = {"content_type": "image/png", "bytes": 1000, "kind": "image"}
        return events.Extraction(**self._media(name, at), **values, width=1200, height=628)

    def wait(self, name: str, *, at: float = 6) -> events.Wait:
        """That the request is put aside until there is money."""
        return events.Wait(
            event_id=f"e-{name}",
            occurred_at=moment(at),
            creative_id=self.creative(name),
            reason=events.WaitReason.DAILY_BUDGET,
            detail="the day's money is spent",
        )

    def answer(
        self, name: str, *, at: float = 7, cost: str | None = "0.001", **fields: Any
    ) -> events.FeaturesExtracted:
        """Its features."""
        values = {
            "kind": "image",
            "extractor": "gemini",
            "model": "gemini-3.5-flash-lite",
            "feature_model": "shared.features:ImageFeatures",
            "feature_version": "1",
            "prompt_version": "1",
            "input_tokens": 1000,
            "output_tokens": 200,
            "answer_uri": f"gs://r/answers/{self.creative(name)}/1.json",
            "features": {"text": f"text of {name}"},
            **fields,
        }
        return FEATURES_EVENT(
            event_id=f"e-{name}",
            occurred_at=moment(at),
            creative_id=self.creative(name),
            cost_usd=None if cost is None else Decimal(cost),
            **values,
        )

    def verification(self, name: str, *verified: str, at: float = 8, answered_at: float = 7, **fields: Any) -> Row:
        """That the answer's quotations were looked for, with what came of each."""
        found = [{"field": "price_text", "quote": f"{each} 9", "verified": each} for each in verified]
        values: dict[str, Any] = {
            "extractor": "gemini",
            "model": "gemini-3.5-flash-lite",
            "feature_model": "shared.features:ImageFeatures",
            "feature_version": "1",
            "prompt_version": "1",
            "confidence": 0.5,
            **fields,
        }
        given = {"event_id": f"e-{name}", "creative_id": self.creative(name), "answered_at": moment(answered_at)}
        return events.Verification.model_validate({**given, "occurred_at": moment(at), "evidence": found, **values})

    def analysed(self, name: str) -> list[Row]:
        """All rows of a creative that went through."""
        return [self.image(name), self.fingerprint(name), self.match(name), self.extraction(name), self.answer(name)]

    def copied(self, name: str, canonical: str) -> list[Row]:
        """All rows of a creative that was found to be a duplicate."""
        return [self.image(name), self.fingerprint(name), self.match(name, canonical)]

    def failed_ad(
        self, name: str, reason: Reason = Reason.NOT_FOUND, *, at: float = 8, **fields: Any
    ) -> events.Failure:
        """That `fetch` refused the ad."""
        values = {
            "stage": "fetch",
            "ad_id": self.ad_id(name),
            "source": self.url(name),
            "batch_id": "batch-1",
            **fields,
        }
        return self._failure(reason, at, values)

    def failed_creative(
        self, name: str, stage: str, reason: Reason = Reason.BROKEN_IMAGE, *, at: float = 8, **fields: Any
    ) -> events.Failure:
        """That `stage` refused the creative."""
        return self._failure(reason, at, {"stage": stage, "creative_id": self.creative(name), **fields})

    def _failure(self, reason: Reason, at: float, fields: dict[str, Any]) -> events.Failure:
        values = {"event_id": f"e-{fields['stage']}", "detail": f"{fields['stage']} says so", **fields}
        return events.Failure(occurred_at=moment(at), reason=reason, **values)

    def dead_letter(self, subscription: str, data: events.Event | str, *, at: float = 90) -> Row:
        """A message that `subscription` gave up, as a BigQuery subscription with metadata writes it."""
        attributes = {
            "CloudPubSubDeadLetterSourceSubscription": subscription,
            "CloudPubSubDeadLetterSourceDeliveryCount": "20",
        }
        text = data if isinstance(data, str) else data.model_dump_json(exclude_none=True)
        row = {
            "subscription_name": "projects/test/subscriptions/dead-letters-rows",
            "message_id": f"{self.number}-{subscription}-{at}",
            "publish_time": moment(at).isoformat(),
            "attributes": json.dumps(attributes),
            "data": text,
        }
        return "dead_letters", row

    def raw_ad(self, name: str | None, **columns: Any) -> Row:
        """A row of the user's table; its `url` is the ad's unless it is given."""
        own = {"ad_id": self.ad_id(name), "url": self.url(name)} if name else {}
        return "raw_ads", {**own, **columns}

    def _media(self, name: str, at: float) -> dict[str, Any]:
        return {
            "event_id": f"e-{name}",
            "occurred_at": moment(at),
            "creative_id": self.creative(name),
            "uri": f"gs://c/fetched/{self.creative(name)}",
        }
