"""What BigQuery knows about a batch of waiting creatives: near canonicals, decisions made before, people's corrections.

Bytes decide the price of a query, not rows asked for: so one scan serves the whole batch (see `benchmarks/lookup.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from google.cloud import bigquery

from functions.dedup import gate
from functions.dedup.known import History, Known, Ruling, hashes
from shared import log
from shared.events import Fingerprint, Kind, Match

_Parameter = bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter


@dataclass(frozen=True)
class Lookup:
    """Asks the tables of one dataset.

    Attributes:
        max_bytes_billed: per query; one that would bill more fails before it starts.
        timeout_s: how long a query is waited for.
    """

    client: bigquery.Client
    dataset: str
    max_bytes_billed: int
    timeout_s: float

    def near(self, waiting: Sequence[Known]) -> dict[str, list[Known]]:
        """The canonicals that may pass the gate, by the id of the waiting creative; videos are only preselected."""
        hashed = sorted((known for known in waiting if known.comparable), key=_scan)
        scans = [(moving, version, list(group)) for (moving, version), group in groupby(hashed, key=_scan)]
        found: dict[str, dict[str, Known]] = defaultdict(dict)
        for moving, version, group in scans:
            for row in self._near_rows(version, group, moving=moving):
                found[row["creative_id"]].setdefault(row["known_id"], _known(row, version, moving=moving))
        for creative_id, known in found.items():
            if len(known) >= gate.MOST_NEAR:
                log.warning("more is near than is looked at", creative_id=creative_id, looked_at=gate.MOST_NEAR)
        return {creative_id: list(known.values()) for creative_id, known in found.items()}

    def history(self, waiting: Mapping[str, Kind]) -> dict[str, History]:
        """What is on record about the waiting creatives, by id; those never seen are left out."""
        found = list(self._rows("on_record", [_ids(waiting)]))
        decided = self._decided([row["waiting_id"] for row in found if row["is_decided"]], waiting)
        return {
            row["waiting_id"]: History(decided.get(row["waiting_id"]), is_canonical=row["is_canonical"])
            for row in found
        }

    def corrections(
        self, creative_ids: Collection[str], lately: Mapping[str, Ruling] = MappingProxyType({})
    ) -> dict[str, Ruling]:
        """The newest correction of each creative, and of those they were merged into, and so on.

        `lately` are corrections that the table may not show yet.
        """
        found = dict(lately)
        asked: set[str] = set()
        while missing := (set(creative_ids) | _targets(found)) - asked:
            asked |= missing
            for row in self._rows("overrides", [_ids(missing)]):
                stored = Ruling(row["action"], row["canonical_id"], row["occurred_at"])
                found[row["creative_id"]] = stored.newest(found.get(row["creative_id"]))
        return found

    def fingerprint(self, creative_id: str) -> Fingerprint | None:
        """What a creative was measured to be, last; None where it has not been measured, or its row is under way."""
        parameter = bigquery.ScalarQueryParameter("creative_id", "STRING", creative_id)
        for row in self._rows("fingerprint", [parameter]):
            return Fingerprint.model_validate({"event_id": "earlier", **dict(row.items())})
        return None

    def standing(self, creative_ids: Collection[str]) -> dict[str, Known]:
        """Where these creatives stand, by id."""
        rows = self._rows("families", [_ids(creative_ids)]) if creative_ids else ()
        return {
            row["creative_id"]: _known(
                {**dict(row.items()), "known_id": row["creative_id"]},
                row["hash_version"],
                moving=row["duration_s"] is not None,
            )
            for row in rows
        }

    def near_and_history(self, waiting: Sequence[Known]) -> tuple[dict[str, list[Known]], dict[str, History]]:
        """`near` and `history`, asked at the same time."""
        with ThreadPoolExecutor(1) as beside:
            history = beside.submit(self.history, {known.creative_id: known.kind for known in waiting})
            return self.near(waiting), history.result()

    def _decided(self, creative_ids: Collection[str], kinds: Mapping[str, Kind]) -> dict[str, Match]:
        rows = self._rows("decided", [_ids(creative_ids)]) if creative_ids else ()
        return {
            row["creative_id"]: Match(event_id="earlier", kind=kinds[row["creative_id"]], **dict(row.items()))
            for row in rows
        }

    def _near_rows(self, hash_version: str, waiting: Sequence[Known], *, moving: bool) -> Iterable[Mapping[str, Any]]:
        parameters: list[_Parameter] = [
            bigquery.ScalarQueryParameter("hash_version", "STRING", hash_version),
            bigquery.ScalarQueryParameter("aspect_tolerance", "FLOAT64", gate.ASPECT_TOLERANCE),
            bigquery.ScalarQueryParameter("most", "INT64", gate.MOST_NEAR),
        ]
        if moving:
            return self._rows("near_videos", [*parameters, *_video_parameters(waiting)])
        return self._rows("near_images", [*parameters, *_image_parameters(waiting)])

    def _rows(self, statement: str, parameters: Sequence[_Parameter]) -> Iterable[Mapping[str, Any]]:
        config = bigquery.QueryJobConfig(
            query_parameters=list(parameters),
            default_dataset=bigquery.DatasetReference(self.client.project, self.dataset),
            maximum_bytes_billed=self.max_bytes_billed,
            labels={"stage": "dedup", "statement": statement},
        )
        rows: Iterable[Mapping[str, Any]] = self.client.query_and_wait(
            statement_text(statement), job_config=config, wait_timeout=self.timeout_s
        )
        return rows


@cache
def statement_text(name: str) -> str:
    """One of the .sql files beside this one."""
    return Path(__file__).with_name(f"{name}.sql").read_text()


def _scan(known: Known) -> tuple[bool, str]:
    return known.moves, known.hash_version


def _image_parameters(waiting: Sequence[Known]) -> list[_Parameter]:
    rows = [
        _row(
            ("creative_id", "STRING", known.creative_id),
            ("dhash", "INT64", _signed(known.frames[0]) if known.frames.size else None),
            ("aspect", "FLOAT64", known.aspect),
            ("pixels_sha", "STRING", known.pixels_sha),
        )
        for known in waiting
    ]
    return [
        bigquery.ArrayQueryParameter("waiting", "STRUCT", rows),
        bigquery.ScalarQueryParameter("radius", "INT64", gate.IMAGE_RADIUS),
    ]


def _video_parameters(waiting: Sequence[Known]) -> list[_Parameter]:
    rows = [
        _row(
            ("creative_id", "STRING", known.creative_id),
            ("frames", "STRING", ",".join(str(_signed(bits)) for bits in known.frames)),
            ("aspect", "FLOAT64", known.aspect),
        )
        for known in waiting
    ]
    return [
        bigquery.ArrayQueryParameter("waiting", "STRUCT", rows),
        bigquery.ScalarQueryParameter("radius", "FLOAT64", gate.ANCHOR_RADIUS),
        bigquery.ScalarQueryParameter("anchors", "INT64", gate.ANCHORS),
    ]


def _row(*fields: tuple[str, str, str | int | float | None]) -> bigquery.StructQueryParameter:
    return bigquery.StructQueryParameter(None, *(bigquery.ScalarQueryParameter(*field) for field in fields))


def _ids(creative_ids: Iterable[str]) -> bigquery.ArrayQueryParameter:
    return bigquery.ArrayQueryParameter("creative_ids", "STRING", sorted(creative_ids))


def _signed(bits: Any) -> int:  # noqa: ANN401 - numpy's scalar of 64 bits
    return int(bits.view("int64"))


def _targets(corrections: Mapping[str, Ruling]) -> set[str]:
    return {found.canonical_id for found in corrections.values() if found.canonical_id}


def _known(row: Mapping[str, Any], hash_version: str, *, moving: bool) -> Known:
    return Known(
        creative_id=row["known_id"],
        kind=Kind.VIDEO if moving else Kind.IMAGE,
        aspect=row["aspect"],
        frames=hashes(row["frames"] if moving else [] if row["dhash"] is None else [row["dhash"]]),
        duration_s=row["duration_s"] if moving else None,
        hash_version=hash_version,
        family_id=row["family_id"],
        pixels_sha=None if moving else row["pixels_sha"],
        area=row["area"] or 0,
        canonical_id=row["canonical_id"],
        difference=row["difference"],
    )
