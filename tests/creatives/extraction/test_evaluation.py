"""An extractor's answers compared with labels, field by field, and with an earlier run."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.cloud import storage
from pydantic import BaseModel

from creatives.extraction import evaluation
from creatives.extraction.evaluation import FieldScore, Label, LabelError, NoAnswerError, Report
from functions.extract.extractors.extractor import Answer, Replies, Unanswered
from shared import wiring
from shared.events import Extraction, Kind
from shared.features import ImageFeatures
from shared.models.usage import Call, Usage
from shared.reasons import Reason, Rejected


@pytest.mark.parametrize(
    ("expected", "answered"),
    [
        ("Shop now", "SHOP NOW!"),
        ("Économisez 20 %", "economisez 20%"),
        (19.99, 19.99),
        (100, 100.5),
        (True, True),
        (None, None),
        (["red", "blue"], ["blue", "red"]),
        ([{"brand": "Vanta"}], [{"brand": "Vanta"}]),
        ([], []),
        ({"text": "Hello"}, {"text": "hello", "description": "A greeting."}),
        ("There are no hidden fees at all today", "There are not hidden fees at all today"),
        (["20% OFF", "2 for 1", "a"], ["2 for 1", "a", "20% off"]),
    ],
)
def test_what_says_the_same_agrees(expected: object, answered: object) -> None:
    assert evaluation.agree(expected, answered)


@pytest.mark.parametrize(
    ("expected", "answered"),
    [
        ("Shop now", "Shop"),
        ("20% OFF", "50% OFF"),
        ("1.299,00", "1.29"),
        ("Only today: now 12.99, before 19.99", "Only today: now 19.99, before 12.99"),
        ("No hidden fees at all today", "hidden fees at all today"),
        ("hidden fees at all today", "No hidden fees at all today"),
        ("Sem taxas e não há multas em todo o país", "Sem taxas e há multas em todo o país"),
        (["20% OFF", "a", "b", "c", "d"], ["a", "b", "c", "d", "50% OFF"]),
        (["No fees", "a", "b", "c", "d"], ["fees", "a", "b", "c", "d"]),
        (19.99, 29.99),
        (False, None),
        (None, False),
        (None, "text"),
        (1, True),
        (["red", "blue"], ["red"]),
        ("4", 4),
    ],
)
def test_what_says_something_else_does_not(expected: object, answered: object) -> None:
    assert not evaluation.agree(expected, answered)


class Known:
    """An extractor that knows its answers by file."""

    name = "offline"
    model = "known"

    def __init__(self, answers: dict[str, dict[str, Any]]) -> None:
        self._answers = answers

    def extract(self, request: Extraction, features: type[BaseModel], earlier: Replies | None = None) -> Answer:
        file = request.uri.rsplit("/", 1)[-1]
        if file not in self._answers:
            raise Rejected(Reason.BROKEN_IMAGE, "cannot be read")
        given = dict.fromkeys(features.model_fields) | self._answers[file]
        return Answer(features.model_validate(given), (), "")


def requested(file: str) -> Extraction:
    return Extraction(
        event_id="e",
        creative_id="0" * 40,
        uri=f"gs://bucket/{file}",
        content_type="image/png",
        bytes=1,
        kind=Kind.IMAGE,
        width=1,
        height=1,
    )


def test_each_field_is_counted_for_itself() -> None:
    labels = [
        Label(file="a.png", features={"brand": "Vanta", "price": 10}),
        Label(file="b.png", features={"brand": "Vanta", "price": None}),
        Label(file="c.png", features={"brand": "Vanta"}),
        Label(file="gone.png", features={"brand": "Vanta"}),
    ]
    known = Known({"a.png": {"brand": "vanta", "price": 10}, "b.png": {"price": 5}, "c.png": {"brand": "Other"}})

    report = evaluation.evaluate(known, labels, requested, ImageFeatures)

    assert report.fields["brand"] == FieldScore(labelled=4, correct=1, missed=2, wrong=1)
    assert report.fields["price"] == FieldScore(labelled=2, correct=1, invented=1)
    assert report.baseline() == {"brand": 0.25, "price": 0.5}
    assert list(report.rejected) == ["gone.png"]


def test_a_fault_that_is_no_creatives_ends_it_with_a_sentence() -> None:
    class Down:
        name = "gemini"
        model = "gemini-3.5-flash-lite"

        def extract(self, request: Extraction, features: object, earlier: object = None) -> Answer:
            raise ConnectionError("nobody answers")

    with pytest.raises(NoAnswerError, match=r"a\.png: gemini did not answer: nobody answers"):
        evaluation.evaluate(Down(), [Label(file="a.png", features={"price": 10})], requested)


def test_a_run_says_what_it_cost_answers_of_no_use_included() -> None:
    class Paid(Known):
        model = "gemini-3.5-flash-lite"

        def extract(self, request: Extraction, features: type[BaseModel], earlier: Replies | None = None) -> Answer:
            usage = Usage(input_tokens=1_000_000, output_tokens=0)
            if request.uri.endswith("b.png"):
                raise Unanswered(Reason.BLOCKED_BY_MODEL, "blocked", calls=[Call(usage)], raw="")
            return replace(super().extract(request, features), calls=(Call(usage),))

    labels = [Label(file=name, features={"price": 10}) for name in ("a.png", "b.png")]

    report = evaluation.evaluate(Paid({"a.png": {"price": 10}}), labels, requested)

    assert report.usd(date(2026, 11, 23)) == Decimal("0.60")
    assert list(report.rejected) == ["b.png"]


def test_fields_that_got_worse_are_named() -> None:
    report = Report("offline", "known", {"brand": FieldScore(10, 8), "price": FieldScore(10, 9)})

    assert report.worse_than({"brand": 0.9, "price": 0.9}) == {"brand": (0.9, 0.8)}
    assert report.worse_than({"brand": 0.9, "price": 0.9}, tolerance=0.1) == {}
    assert report.worse_than({"language": 0.5}) == {"language": (0.5, 0.0)}


def test_labels_are_read_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    path = tmp_path / "labels.ndjson"
    path.write_text('{"file": "a.png", "features": {"brand": "Vanta"}}\n\n')

    assert list(evaluation.read_labels(path)) == [Label(file="a.png", features={"brand": "Vanta"})]


@pytest.mark.parametrize(
    ("line", "said"), [("{", "line 1"), ('{"file": "b.png", "features": {}}', "no file"), ('{"file": "a"}', "features")]
)
def test_a_label_that_is_none_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "labels.ndjson"
    path.write_text(line)

    with pytest.raises(LabelError, match=said):
        list(evaluation.read_labels(path))


def test_the_labels_that_ship_fit_the_feature_model() -> None:
    labels = list(evaluation.read_labels(wiring.ROOT / "samples" / ".labels.ndjson"))

    assert len(labels) >= 6
    for label in labels:
        ImageFeatures.model_validate(dict.fromkeys(ImageFeatures.model_fields) | label.features)
        assert set(label.features) <= set(ImageFeatures.model_fields)


def test_files_are_stored_and_requested_as_what_they_are(bucket: storage.Bucket) -> None:
    requested = evaluation.stored_in(bucket, wiring.ROOT / "samples")

    image, video = requested("summer-sale-20.jpg"), requested("vanta-spot.mp4")

    assert (image.kind, image.content_type, image.duration_s) == (Kind.IMAGE, "image/jpeg", None)
    assert (video.kind, video.content_type) == (Kind.VIDEO, "video/mp4")
    assert image.size[0] > 100
    assert bucket.blob(image.uri.removeprefix(f"gs://{bucket.name}/")).exists()
    with pytest.raises(LabelError, match="We cannot read this kind of file"):
        requested("media-plan.txt")
