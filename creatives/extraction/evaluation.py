"""How well an extractor does on creatives whose features are known: per field, and against an earlier run.

Labels are NDJSON, one creative a line: `{"file": "ads/one.jpg", "features": {"brand": "Vanta", "price": null}}`. Files
are named relative to the labels' own folder. Only the fields that a line has are compared; a null says that the
creative does not tell, so that an answer there is invented.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from google.cloud import storage
from pydantic import BaseModel, ConfigDict, ValidationError

from creatives.extraction import estimate
from functions.extract.extractors.extractor import Extractor, Unanswered
from functions.verify.signs import HAN_NEGATIONS, NEGATIONS
from shared import features as feature_models
from shared import prices, stage
from shared.events import Extraction
from shared.media import sniffing
from shared.models.usage import Usage
from shared.reasons import Rejected, sentence

SAME_TEXT = 0.8
"""Share of words (F1) from which two texts count as the same: 'Shop now' is 'SHOP NOW!', and not 'Shop'."""

SAME_NUMBER = 0.01
"""Relative difference up to which two numbers count as the same."""


class LabelError(Exception):
    """The labels cannot be read; the message names the line and what is wrong with it."""


class NoAnswerError(Exception):
    """The extractor cannot be asked at the moment; the message says about which creative it was, and why."""


class Label(BaseModel):
    """A creative and what is known of it.

    Attributes:
        was: of fields that a person has corrected, what was said before: never right, however near it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    features: dict[str, Any]
    was: dict[str, Any] = {}

    def agrees(self, name: str, answered: Any) -> bool:  # noqa: ANN401
        """Whether an answer says what is known: of what was corrected exactly, else as `agree` has it."""
        expected = self.features[name]
        if name not in self.was:
            return agree(expected, answered)
        if agree_exactly(expected, self.was[name]):  # only its case, accents or punctuation were corrected
            return bool(expected == answered)
        return agree_exactly(expected, answered)


@dataclass
class FieldScore:
    """How a field did.

    Attributes:
        labelled: creatives whose label has the field.
        correct: answers that agree, null where the label is null included.
        missed: null where the label has a value.
        invented: a value where the label is null.
        wrong: another value.
    """

    labelled: int = 0
    correct: int = 0
    missed: int = 0
    invented: int = 0
    wrong: int = 0

    @property
    def accuracy(self) -> float:
        """Share of the labelled creatives that is correct."""
        return self.correct / self.labelled

    def count(self, expected: Any, answered: Any, *, agreed: bool) -> None:  # noqa: ANN401
        """Counts one creative."""
        self.labelled += 1
        if agreed:
            self.correct += 1
        elif answered is None:
            self.missed += 1
        elif expected is None:
            self.invented += 1
        else:
            self.wrong += 1


@dataclass(frozen=True)
class Report:
    """An extractor's run over labels.

    Attributes:
        extractor: offline, gemini or azure.
        model: the model that answered.
        fields: in the order in which the labels first name them.
        rejected: files that got no answer, and why.
        paid: what each answer took, those of no use included; empty where nothing is paid for.
        agreed: by field, the files whose answer agrees with their label.
    """

    extractor: str
    model: str
    fields: dict[str, FieldScore] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    paid: list[Usage] = field(default_factory=list)
    agreed: dict[str, set[str]] = field(default_factory=dict)

    def usd(self, on: date) -> Decimal | None:
        """What the run cost at the prices of the day `on`; `None` when the price of the model is not known."""
        return prices.total(self.model, "standard", self.paid, on)

    def baseline(self) -> dict[str, float]:
        """What to keep of it, to compare a later run with."""
        return {name: round(score.accuracy, 4) for name, score in self.fields.items()}

    def worse_than(self, baseline: Mapping[str, float], *, tolerance: float = 0.0) -> dict[str, tuple[float, float]]:
        """Fields whose accuracy fell by more than `tolerance`: what it was and what it is (0 where it is gone)."""
        now = self.baseline()
        return {
            name: (before, now.get(name, 0.0))
            for name, before in baseline.items()
            if now.get(name, 0.0) < before - tolerance
        }


def read_labels(path: Path) -> Iterator[Label]:
    """The labels of a file.

    Raises:
        LabelError: for a line that is none, or names a file that is not there.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            label = Label.model_validate_json(line)
        except ValidationError as error:
            raise LabelError(f"{path}, line {number}: {stage.explain(error)}") from error
        if not (path.parent / label.file).is_file():
            raise LabelError(f"{path}, line {number}: no file {path.parent / label.file}")
        yield label


def evaluate(
    extractor: Extractor,
    labels: Iterable[Label],
    requested: Callable[[str], Extraction],
    model: type[BaseModel] = feature_models.ImageFeatures,
) -> Report:
    """Runs an extractor over labelled creatives.

    Args:
        extractor: who answers.
        labels: what is known.
        requested: makes the request for a label's file, stored where the extractor can read it.
        model: the feature model, as `features.load` gives it.

    Raises:
        NoAnswerError: when the extractor fails for another reason than a creative.
    """
    report = Report(extractor.name, extractor.model)
    for label in labels:
        request = requested(label.file)
        answered = _answered(extractor, request, feature_models.model_for(request.kind, model), report, label.file)
        for name, expected in label.features.items():
            agreed = label.agrees(name, answered.get(name))
            report.fields.setdefault(name, FieldScore()).count(expected, answered.get(name), agreed=agreed)
            if agreed:
                report.agreed.setdefault(name, set()).add(label.file)
    return report


def _answered(
    extractor: Extractor, request: Extraction, model: type[BaseModel], report: Report, file: str
) -> dict[str, Any]:
    """What is said of a file, nothing where it is rejected; the report learns what that took."""
    try:
        answer = extractor.extract(request, model)
    except Rejected as rejection:
        report.rejected[file] = str(rejection)
        report.paid.extend([rejection.usage] if isinstance(rejection, Unanswered) else [])
        return {}
    except Exception as error:
        raise NoAnswerError(f"{file}: {extractor.name} did not answer: {error}") from error
    report.paid.extend([answer.usage] if answer.usage else [])
    return answer.features.model_dump(mode="json")


def stored_in(bucket: storage.Bucket, folder: Path) -> Callable[[str], Extraction]:
    """Makes requests about the files of `folder`, each stored in the bucket first: what `evaluate` takes.

    Raises (when called):
        LabelError: for a file that is neither an image nor a video.
    """

    def requested(file: str) -> Extraction:
        content = (folder / file).read_bytes()
        try:
            measured = estimate.measure(folder / file)
        except Rejected as rejected:
            raise LabelError(f"{folder / file}: {sentence(rejected.reason)}") from rejected
        media = sniffing.sniff(content)
        if media is None or measured.creative_id is None:
            raise LabelError(f"{folder / file}: neither an image nor a video that can be read")
        name = f"evaluated/{measured.creative_id}"
        bucket.blob(name).upload_from_string(content, content_type=media.content_type)
        width, height = measured.size
        return Extraction(
            event_id=f"evaluate-{file}",
            creative_id=measured.creative_id,
            uri=f"gs://{bucket.name}/{name}",
            content_type=media.content_type,
            bytes=len(content),
            kind=measured.kind,
            width=width,
            height=height,
            duration_s=measured.duration_s,
        )

    return requested


def agree(expected: Any, answered: Any) -> bool:  # noqa: ANN401
    """Whether an answer says what the label says: texts by their words, numbers nearly, lists by what is in them.

    A text may lack some words or have others, but says the same numbers in the same order, and as often 'no'. So do the
    texts of a list, in whatever order.
    """
    if isinstance(expected, bool) or isinstance(answered, bool) or expected is None or answered is None:
        return expected is answered
    if isinstance(expected, int | float) and isinstance(answered, int | float):
        return abs(expected - answered) <= SAME_NUMBER * abs(expected)
    if isinstance(expected, str) and isinstance(answered, str):
        one, other = words(expected), words(answered)
        same = _numbers(one) == _numbers(other) and _denials(one) == _denials(other)
        return same and overlap(one, other) >= SAME_TEXT
    if isinstance(expected, list) and isinstance(answered, list):
        one, other = _words_of_all(expected), _words_of_all(answered)
        same = Counter(_numbers(one)) == Counter(_numbers(other)) and _denials(one) == _denials(other)
        return same and overlap(_items(expected), _items(answered)) >= SAME_TEXT
    if isinstance(expected, dict) and isinstance(answered, dict):
        return all(agree(value, answered.get(name)) for name, value in expected.items())
    return False


def agree_exactly(expected: Any, answered: Any) -> bool:  # noqa: ANN401
    """The same, but with the same words in the same order, equal numbers, and lists of the same items.

    What has several parts is named by its first: where a logo stands, or what a shot shows, is told in other words each
    time.
    """
    if isinstance(expected, bool) or isinstance(answered, bool) or expected is None or answered is None:
        return expected is answered
    if isinstance(expected, str) and isinstance(answered, str):
        return words(expected) == words(answered) != [] or expected == answered
    if isinstance(expected, list) and isinstance(answered, list):
        return Counter(map(_name, expected)) == Counter(map(_name, answered))
    if isinstance(expected, dict) and isinstance(answered, dict):
        return agree_exactly(_named(expected), _named(answered))
    return bool(expected == answered)


def _numbers(found: list[str]) -> list[str]:
    return [word for word in found if word[0].isdecimal()]


def _denials(found: list[str]) -> int:
    return sum(word in NEGATIONS or any(sign in HAN_NEGATIONS for sign in word) for word in found)


def _words_of_all(values: list[Any]) -> list[str]:
    return [word for value in values if isinstance(value, str) for word in words(value)]


def words(text: str) -> list[str]:
    """The words of a text, without case, accents and punctuation; digits keep theirs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\d+(?:[.,]\d+)*|\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def overlap(one: list[str], other: list[str]) -> float:
    """F1 of two bags of words; two empty ones are the same."""
    if not one and not other:
        return 1.0
    common = (Counter(one) & Counter(other)).total()
    return 2 * common / (len(one) + len(other))


def _named(record: dict[str, Any]) -> Any:  # noqa: ANN401
    return next(iter(record.values()), None)


def _name(item: Any) -> str:  # noqa: ANN401
    """What an item of a list is known by."""
    value = _named(item) if isinstance(item, dict) else item
    return " ".join(words(value)) or value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _items(values: list[Any]) -> list[str]:
    return [value.casefold() if isinstance(value, str) else json.dumps(value, sort_keys=True) for value in values]
