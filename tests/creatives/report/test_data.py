"""A report read from real tables and a real bucket: its figures add up, and a stranger's file harms nobody."""

import base64
import io
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from google.cloud import storage
from PIL import Image

from creatives.analysis.results import Status
from creatives.report import data
from creatives.report.model import Creative, ReportData
from shared import features, identity
from shared.events import (
    Correction,
    Event,
    Failure,
    Fatigue,
    Fingerprint,
    ImageObject,
    Kind,
    Lift,
    Match,
    MatchKind,
    Origin,
    Result,
    Sighting,
)
from shared.features import ImageFeatures
from shared.reasons import SENTENCES, Reason
from tests import pictures
from tests.bigquery import PROJECT, Dataset
from tests.gcs import Buckets
from tests.hostile import endless_jpeg

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SIGNED = "https://cdn.example/spring-2.jpg?X-Goog-Signature=0123456789abcdef"
PLAIN = "https://shop.example/ads/spring-2.jpg"

type Read = Callable[..., ReportData]

Answer = features.features_event(ImageFeatures)


class Ads:
    """Files in a bucket, and the rows that the stages would write of them."""

    def __init__(self, dataset: Dataset, buckets: Buckets) -> None:
        self._dataset, self._buckets = dataset, buckets

    def image(self, name: str, content: bytes, *, width: int = 600, height: int = 400, **also: float) -> str:
        """A file that was taken in and measured; its id."""
        creative_id = identity.creative_id(content)
        self._buckets.upload(name, content)
        about = {"event_id": name, "creative_id": creative_id, "uri": f"gs://{self._buckets.creatives.name}/{name}"}
        seen = ImageObject(**about, occurred_at=NOW, content_type="image/jpeg", bytes=len(content))
        measured = {"kind": Kind.IMAGE, "width": width, "height": height, "aspect_ratio": "3:2", "ad_format": "3:2"}
        known = {"near_blank": False, "dhash": 1, "hash_version": "1", **also}
        self.load(seen, Fingerprint.model_validate({**seen.model_dump(), **measured, **known}))
        return creative_id

    def match(self, creative_id: str, kind: MatchKind, canonical_id: str) -> None:
        """What dedup decided."""
        duplicate = kind is MatchKind.DUPLICATE
        self.load(
            Match(
                event_id="m",
                occurred_at=NOW,
                creative_id=creative_id,
                kind=Kind.IMAGE,
                match=kind,
                canonical_id=canonical_id if duplicate else creative_id,
                family_id=canonical_id,
                method="pixels",
                method_version="1",
            )
        )

    def answer(self, creative_id: str, raw: str, **told: Any) -> None:
        """What extract found, its raw answer stored."""
        name = f"answers/{creative_id}/1.json"
        self._buckets.results.blob(name).upload_from_string(f'{{"raw": "{raw}", "event_id": "a"}}')
        self.load(
            Answer.model_validate(
                {
                    "event_id": "a",
                    "occurred_at": NOW,
                    "creative_id": creative_id,
                    "kind": Kind.IMAGE,
                    "extractor": "gemini",
                    "model": "gemini-3.5-flash-lite",
                    "feature_model": "shared.features:ImageFeatures",
                    "feature_version": "1",
                    "prompt_version": "3",
                    "answer_uri": f"gs://{self._buckets.results.name}/{name}",
                    "input_tokens": 1200,
                    "output_tokens": 300,
                    "cost_usd": Decimal("0.0005"),
                    "features": told,
                }
            )
        )

    def word(self, creative_id: str, field: str, value: str) -> None:
        """What a person says instead."""
        said = {"creative_id": creative_id, "field": field, "value": value, "author": "ada", "note": "by eye"}
        self.load(Correction.model_validate({"event_id": "w", "occurred_at": NOW, **said}))

    def sighting(self, ad_id: str, source: str, creative_id: str, *, minute: int = 0) -> None:
        """An ad that uses the creative."""
        self.load(
            Sighting(
                event_id=ad_id,
                occurred_at=NOW + timedelta(minutes=minute),
                ad_id=ad_id,
                source=source,
                origin=Origin.BATCH,
                creative_id=creative_id,
                uri="gs://bucket/object",
            )
        )

    def raw_ad(self, ad_id: str, url: str, **results: int) -> None:
        """A row of the user's own table."""
        self._dataset.load("raw_ads", [{"ad_id": ad_id, "url": url, **results}])

    def result(self, ad_id: str, clicks: int, day: date) -> None:
        """What an ad got on a day."""
        told = {"impressions": 1000, "clicks": clicks, "source": "list"}
        self.load(Result(event_id=f"{day}", occurred_at=NOW, ad_id=ad_id, day=day, **told))

    def measured(self, creative_id: str) -> None:
        """What two runs of `measure` came to."""
        told = {"feature": "has_text", "value": "true", "metric": "click-through rate", "verdict": "no claim"}
        counted = {"mean_with": 0.02, "mean_without": 0.01, "n_with": 1, "n_without": 1, "n_ads": 2}
        for minute, effect in ((1, 9.0), (2, 1.0)):
            run = NOW + timedelta(minutes=minute)
            self.load(Lift(event_id="e", run=run, effect=effect, adjusted_for="campaign", **told, **counted))
        holds = {"metric": "click-through rate", "state": "worn", "days": 9, "n_ads": 2, "exposure": 1000.0}
        days = {"first_day": NOW.date(), "last_day": NOW.date()}
        self.load(Fatigue(event_id="e", run=NOW, canonical_id=creative_id, change=-0.3, **holds, **days))

    def failure(self, ad_id: str, source: str, reason: Reason) -> None:
        """An ad that could not be fetched."""
        self.load(
            Failure(
                event_id=ad_id, occurred_at=NOW, stage="fetch", reason=reason, detail="404", ad_id=ad_id, source=source
            )
        )

    def load(self, *events: Event) -> None:
        """Appends rows to the tables of their topics."""
        for event in events:
            self._dataset.load(event.TOPIC, [event])


@pytest.fixture(scope="module")
def buckets(gcs: storage.Client) -> Buckets:
    return Buckets(
        **{
            part: gcs.create_bucket(f"{part}-{uuid.uuid4().hex}")
            for part in ("creatives", "results", "staging", "index")
        }
    )


@pytest.fixture(scope="module")
def read(module_dataset: Dataset, gcs: storage.Client, tmp_path_factory: pytest.TempPathFactory) -> Read:
    cache = tmp_path_factory.mktemp("cache")

    def read_(**options: Any) -> ReportData:
        return data.read(module_dataset.client, PROJECT, module_dataset.name, gcs, cache=cache, now=NOW, **options)

    return read_


@pytest.fixture(scope="module")
def empty(module_dataset: Dataset, read: Read) -> ReportData:
    """The report on a dataset without a row."""
    return read()


@pytest.fixture(scope="module")
def filled(empty: ReportData, module_dataset: Dataset, buckets: Buckets, read: Read) -> ReportData:
    """The report on a creative in three ads, a copy of it, another, a file that is no picture, and a dead address."""
    ads = Ads(module_dataset, buckets)
    original, plain, copy, broken = (
        ads.image("spring.jpg", jpeg(1)),
        ads.image("plain.jpg", jpeg(3), picture_aspect=1.25),
        ads.image("copy.jpg", jpeg(2)),
        ads.image("endless.jpg", endless_jpeg(3_000)[:2_000]),
    )
    ads.match(original, MatchKind.NEW, original)
    ads.match(plain, MatchKind.NEW, plain)
    ads.match(copy, MatchKind.DUPLICATE, original)
    ads.answer(original, "the whole answer", has_text=True, text="Sale", brand=None, dominant_colors=["red"])
    ads.answer(plain, "no words", has_text=False)
    ads.word(plain, "brand", "Acme")
    ads.sighting("ad-6", "https://shop.example/plain.jpg", plain)
    ads.sighting(SIGNED, SIGNED, original)
    ads.sighting("ad-1", PLAIN, original, minute=1)
    ads.sighting("ad-2", PLAIN, original, minute=2)
    ads.sighting("ad-3", "https://shop.example/copy.jpg", copy)
    ads.sighting("ad-4", "https://shop.example/endless.jpg", broken)
    ads.raw_ad("ad-1", PLAIN, impressions=1000, clicks=20)
    ads.raw_ad("ad-6", "https://shop.example/plain.jpg", impressions=1000, clicks=10)
    ads.result("ad-2", 30, NOW.date() - timedelta(days=89))
    ads.result("ad-2", 40, NOW.date() - timedelta(days=90))
    ads.result("ad-2", 50, date.max)
    ads.measured(original)
    ads.failure("ad-5", "https://gone.example/x.jpg", Reason.NOT_FOUND)
    return read()


def jpeg(seed: int) -> bytes:
    return pictures.encode(pictures.draw(600, 400, seed=seed), "JPEG")


def creative(found: ReportData, name: str) -> Creative:
    (one,) = (each for each in found.creatives if each.name == name)
    return one


def test_an_empty_dataset_is_an_empty_report(empty: ReportData) -> None:
    assert (empty.n_creatives, empty.creatives, empty.flow, empty.failures, empty.spending) == (0, (), (), (), ())


def test_the_features_are_those_of_the_table_in_their_order(empty: ReportData) -> None:
    names = [each.name for each in empty.features]

    assert names[: len(ImageFeatures.model_fields)] == list(ImageFeatures.model_fields)
    assert all(each.description for each in empty.features)
    assert {each.name for each in empty.features if each.repeated} == {"brand_logos", "dominant_colors", "scenes"}


def test_every_ad_is_in_the_flow_once(filled: ReportData) -> None:
    ways = {(way.file, way.match, way.status): way.ads for way in filled.flow}

    assert ways == {
        ("first", MatchKind.NEW, Status.ANALYSED): 2,
        ("again", MatchKind.NEW, Status.DUPLICATE): 2,
        ("first", MatchKind.DUPLICATE, Status.DUPLICATE): 1,
        ("first", None, Status.PENDING): 1,
        ("none", None, Status.FAILED): 1,
    }


def test_what_has_bars_has_the_proportions_inside_them(filled: ReportData) -> None:
    assert {each.name: each.picture_aspect for each in filled.creatives if each.picture_aspect} == {"plain.jpg": 1.25}


def test_families_stay_together_the_most_used_first(filled: ReportData) -> None:
    shown = [(each.name, each.status, each.n_ads) for each in filled.creatives]

    assert shown[:2] == [("spring-2.jpg", Status.ANALYSED, 3), ("copy.jpg", Status.DUPLICATE, 1)]
    assert sorted(shown[2:]) == [("endless.jpg", Status.PENDING, 1), ("plain.jpg", Status.ANALYSED, 1)]
    assert filled.n_creatives == 4


def test_failures_say_what_to_do_and_days_what_they_cost(filled: ReportData) -> None:
    assert [(group.advice, group.n_ads) for group in filled.failures] == [(SENTENCES[Reason.NOT_FOUND], 1)]
    assert [(row.answers, row.cost_usd, row.duplicates, row.saved_usd) for row in filled.spending] == [
        (2, Decimal("0.0010"), 1, Decimal("0.0005"))
    ]


def test_a_creative_has_its_picture_its_answer_and_what_could_be_told(filled: ReportData) -> None:
    found = creative(filled, "spring-2.jpg")

    assert found.features == {"has_text": True, "text": "Sale", "dominant_colors": ["red"]}
    assert found.answer == "the whole answer"
    assert found.thumbnail is not None
    picture = Image.open(io.BytesIO(base64.b64decode(found.thumbnail.removeprefix("data:image/webp;base64,"))))
    assert picture.size == (240, 160)


def test_what_a_person_corrected_stands_beside_what_the_model_said(filled: ReportData) -> None:
    shown = creative(filled, "plain.jpg")

    assert (shown.features, shown.model_features) == ({"has_text": False, "brand": "Acme"}, {"has_text": False})
    assert [(word.field, word.author, word.note) for word in shown.corrections] == [("brand", "ada", "by eye")]
    assert creative(filled, "spring-2.jpg").model_features is None


def test_a_duplicate_repeats_no_answer_and_a_file_that_cannot_be_opened_has_no_picture(filled: ReportData) -> None:
    assert creative(filled, "copy.jpg").answer is None
    assert creative(filled, "endless.jpg").thumbnail is None


def test_results_are_those_of_all_ads_of_a_creative_and_claims_those_of_the_last_run(filled: ReportData) -> None:
    shown = sorted((row.clicks, row.impressions, row.day) for row in filled.daily)

    assert shown == [
        (10, 1000, None),
        (20, 1000, None),
        (30, 1000, NOW.date() - timedelta(days=89)),
        (50, 1000, date.max),  # one wrong day of years to come hides no others
    ]
    assert [(row.feature, row.verdict, row.lift) for row in filled.lifts] == [("has_text", "no claim", 1.0)]
    assert [(row.state, row.change) for row in filled.fatigue] == [("worn", -0.3)]


def test_secrets_in_addresses_are_not_shown(filled: ReportData) -> None:
    signed, plain, *_ = creative(filled, "spring-2.jpg").ads

    assert "0123456789abcdef" not in filled.model_dump_json()
    assert (signed.link, plain.link) == (None, PLAIN)


def test_only_the_most_used_are_shown_and_all_are_counted(filled: ReportData, read: Read) -> None:
    found = read(creatives=1)

    assert [each.name for each in found.creatives] == ["spring-2.jpg"]
    assert found.n_creatives == 4
    assert found.flow == filled.flow


@pytest.mark.parametrize(
    "source",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " https://shop.example/a.jpg",
        "https://user:secret@shop.example/a.jpg",
        SIGNED,
        "gs://bucket/a.jpg",
        "data:image/png;base64,AAAA",
        "https://[broken/",
    ],
)
def test_no_click_leads_where_it_should_not(source: str) -> None:
    assert data.link_of(source) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"data:image/png;base64,{'iVBOR' * 9000}", "data:image/png;base64,… (45,022 characters)"),
        (f" DATA:image/png;base64,{'iVBOR' * 9000}", "data:image/png;base64,… (45,022 characters)"),
        ("https://user:secret@shop.example/a.jpg", "https://shop.example/a.jpg"),
        ("gs://bucket/a.jpg", "gs://bucket/a.jpg"),
        ("Summer (1)", "Summer (1)"),
    ],
)
def test_an_address_is_shown_without_secrets_and_without_the_file_in_it(address: str, shown: str) -> None:
    assert data.shown_address(address) == shown


def test_every_reason_has_its_advice_and_giving_up_too() -> None:
    told = {reason: data.advice(reason) for reason in (*Reason, "gave_up")}

    assert all(told.values())
    assert "creatives replay" in told["gave_up"]
