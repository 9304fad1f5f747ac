"""An extractor judged by what people corrected and confirmed, against the answers that they saw.

Each creative is its own control: of a field, what counts is how many creatives a person's word agreed with before and
no longer does, and the other way round. Were the extractor no worse, either would be as likely for each: the exact
sign test (McNemar's) says how likely so many losses are then. With several fields one of them is soon worse by chance:
so the limit is shared among them (Bonferroni).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import comb
from pathlib import Path
from typing import Any

from google.cloud import bigquery
from pydantic import BaseModel

from creatives.extraction.evaluation import Label, Report
from shared import corrections, features
from shared.events import Extraction, Kind

LIMIT = 0.05
"""How likely a false alarm of the gate is at most, over all fields together."""

type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """How a field did on the creatives that people had a word on.

    Attributes:
        kept: creatives whose answer agreed with the person's word, and does still.
        lost: creatives whose answer agreed with the person's word, and does no more.
        gained: those whose answer agrees now, and did not.
        chance: how likely at least so many are lost of all that changed, were either as likely.
        worse: whether that is beyond chance.
    """

    kept: int
    lost: int
    gained: int
    chance: float
    worse: bool


def rows(client: bigquery.Client, dataset: str) -> list[Row]:
    """The creatives that people had a word on.

    Raises:
        GoogleAPIError: the client's, when the view cannot be read.
    """
    config = bigquery.QueryJobConfig(default_dataset=dataset)
    sql = Path(__file__).with_name("corrected.sql").read_text()
    return [dict(row.items()) for row in client.query_and_wait(sql, job_config=config)]


def asked(found: Sequence[Row], model: type[BaseModel]) -> list[Row]:
    """The creatives with people's words on what `model` asks: what it does not ask gets no worse by it, nor does what
    it may not answer, as values of an earlier taxonomy."""
    kept: list[Row] = []
    for row in found:
        if words := [word for word in row["corrections"] if _can_answer(model, Kind(row["kind"]), word)]:
            kept.append({**row, "corrections": words})
    return kept


def _can_answer(model: type[BaseModel], kind: Kind, word: Row) -> bool:
    """Whether an answer can be what a person said."""
    if word["field"] not in features.model_for(kind, model).model_fields:
        return False
    try:
        corrections.meant(model, word["field"], word["value"])
    except corrections.NotAllowedError:
        return False
    return True


def labels(found: Sequence[Row]) -> Iterator[Label]:
    """What people said, of the fields that they had a word on; a creative goes by its id."""
    yield from map(_label, found)


def _label(row: Row) -> Label:
    corrected = [word["field"] for word in row["corrections"] if word["action"] != "confirm"]
    return Label(
        file=row["creative_id"],
        features={name: row["features"][name] for name in _fields(row)},
        was={name: row["model_features"][name] for name in corrected},
    )


def request(row: Row) -> Extraction:
    """The question about a creative, where its file is."""
    columns = ("creative_id", "kind", "uri", "content_type", "bytes", "width", "height", "duration_s")
    return Extraction.model_validate(
        {"event_id": f"evaluate-{row['creative_id']}", **{name: row[name] for name in columns}}
    )


def changes(found: Sequence[Row], report: Report) -> dict[str, Change]:
    """How the report's answers compare with those that people saw, by field."""
    before = {
        (name, row["creative_id"]): label.agrees(name, row["model_features"][name])
        for row, label in zip(found, map(_label, found), strict=True)
        for name in _fields(row)
    }
    counted: dict[str, Counter[tuple[bool, bool]]] = defaultdict(Counter)
    for (name, creative_id), agreed in before.items():
        counted[name][agreed, creative_id in report.agreed.get(name, ())] += 1
    return {name: _change(each, LIMIT / len(counted)) for name, each in counted.items()}


def _change(counted: Counter[tuple[bool, bool]], limit: float) -> Change:
    kept, lost, gained = counted[True, True], counted[True, False], counted[False, True]
    chance = chance_of(lost, gained)
    return Change(kept, lost, gained, chance, worse=chance < limit)


def least_lost(fields: int) -> int:
    """With how few lost, and none gained, one of so many fields is worse beyond chance."""
    return next(lost for lost in count(1) if chance_of(lost, 0) < LIMIT / fields)


def chance_of(lost: int, gained: int) -> float:
    """How likely `lost` or more of all that changed are lost, were each as likely gained."""
    changed = lost + gained
    as_many = sum(comb(changed, each) for each in range(lost, changed + 1))
    return float(as_many / 2**changed)


def _fields(row: Row) -> list[str]:
    return [word["field"] for word in row["corrections"]]
