"""Follows the tables by narrow ones of what each ad and creative came to, which cost a tenth of the others to count.

Rows that came since the last time are found by the partitions that have changed, however old those are, and added; now
and then what was added becomes one row an ad and creative. Whatever is added again changes nothing, so whoever breaks
off does it again. Where rows have gone (somebody was erased), all is read anew.

What the partitions were is noted in an object when all of it has been added.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

from google.api_core.exceptions import Forbidden, NotFound
from google.cloud import bigquery, storage

from functions.settle import asking, rawads
from functions.settle.rawads import Raw, Reading
from functions.settle.settings import SettleSettings
from shared import described

NOTE = "settled/kept-3"
"""The object that tells what was read; without it all is read anew. Its number changes with what our tables hold."""

KEPT = {"kept_ads": "ads", "kept_creatives": "creatives", "kept_answers": "answers"}
"""The tables, each with the name of its statements: of_….sql reads what is new, all_….sql what stands."""

FOLLOWED = (
    "ads",
    "sightings",
    "images",
    "videos",
    "fingerprints",
    "matches",
    "extractions",
    "waits",
    "features",
    "embeddings",
    "failures",
)
"""The tables that are read for them."""

_MADE_OF = {"kept_ads": {"ads", "sightings"}, "kept_creatives": {"images", "videos"}, "kept_answers": {"features"}}
"""Where there are rows of these, there have to be some of ours: else somebody has made our table anew."""

COMPACTED_EVERY, MOST_GROWN = timedelta(days=1), 2
"""When what was added becomes a row an ad and creative: so often, or when there are so many times the rows."""
_FEW = 10_000
ALWAYS = datetime(1, 1, 2, tzinfo=UTC)
_UNFILED = "__UNPARTITIONED__"  # rows on their way into a partition
_PASSING = "waits"  # whose rows go when their time is over (keep_days in infra/pipeline.yaml)

type Partitions = Mapping[str, tuple[str, int]]
"""When each was modified, and its rows, by the names of table and partition."""


@dataclass(frozen=True)
class Noted:
    """What had been added when that was noted.

    Attributes:
        partitions: what was read.
        raw_ads: what the raw ads were.
        compacted_at: when there was a row for each ad and creative; empty: never.
        ads: how many rows of ads that were.
        generation: of the object; 0 where there is none.
    """

    partitions: Partitions = field(default_factory=dict)
    raw_ads: Raw = field(default_factory=Raw)
    compacted_at: str = ""
    ads: int = 0
    generation: int = 0


@dataclass(frozen=True)
class Plan:
    """What has to be read.

    Attributes:
        since: rows since then; None: nothing is new.
        now: what is to be noted when they have been read.
        noted: what was noted before.
        ads: how many rows of them are kept.
        raw_ads: what has to be read of the raw ads; None: nothing.
    """

    since: datetime | None
    now: Noted
    noted: Noted
    ads: int = 0
    raw_ads: Reading | None = None

    @property
    def anew(self) -> bool:
        """Whether nothing is kept that is of use."""
        return self.since == ALWAYS


def plan(client: bigquery.Client, bucket: storage.Bucket, settings: SettleSettings, today: datetime) -> Plan | None:
    """What is new since the last time. None where nobody may list the partitions: then nothing can be kept."""
    noted = _noted(bucket)
    description = described.description(client, [f"{settings.full_dataset}.raw_links"])
    try:
        partitions = _partitions(client, settings)
    except Forbidden:
        return None
    is_lost = _is_lost(noted, partitions)
    known = not is_lost and _rows(partitions, rawads.KEPT)
    raw_ads, reading = rawads.found(client, settings, noted.raw_ads if known else Raw(), description, today)
    followed = {name: found for name, found in partitions.items() if name.split()[0] in FOLLOWED}
    now = replace(noted, partitions=followed, raw_ads=raw_ads)
    if is_lost:
        return Plan(ALWAYS, now, noted, raw_ads=reading)
    changed = [
        name for name, found in followed.items() if noted.partitions.get(name) != found or name.endswith(_UNFILED)
    ]
    since = min((_starts(name, today) for name in changed), default=None)
    return Plan(since, now, noted, _rows(partitions, "kept_ads"), reading)


def usd(client: bigquery.Client, settings: SettleSettings, planned: Plan) -> float:
    """What following costs by dry runs, which cost nothing."""
    read = rawads.usd(client, settings, planned.raw_ads) if planned.raw_ads else 0.0
    if planned.since is None:
        return read
    return read + sum(asking.usd(client, settings, f"of_{name}", {"since": planned.since}) for name in KEPT.values())


def follow(
    client: bigquery.Client, bucket: storage.Bucket, settings: SettleSettings, planned: Plan, at: datetime
) -> bool:
    """Adds what is new, and notes it; whether all became a row each.

    Raises:
        PreconditionFailed: when somebody else has noted something meanwhile, or somebody was erased.
    """
    now = planned.now
    if planned.raw_ads:
        rawads.read(client, settings, planned.raw_ads)
    if planned.since:
        for table, name in KEPT.items():
            asking.ask(client, settings, f"of_{name}", {"since": planned.since}, into=table, anew=planned.anew)
    is_due = planned.anew or at - datetime.fromisoformat(now.compacted_at) >= COMPACTED_EVERY
    is_due = is_due or planned.ads > MOST_GROWN * max(now.ads, _FEW)
    if is_due:
        for table, name in KEPT.items():
            asking.ask(client, settings, f"all_{name}", into=table, anew=True)
        ads = client.get_table(f"{settings.full_dataset}.kept_ads").num_rows or 0
        now = replace(now, compacted_at=at.isoformat(), ads=ads)
    if now != planned.noted:
        blob = bucket.blob(NOTE)
        said = {name: value for name, value in asdict(now).items() if name != "generation"}
        blob.upload_from_string(json.dumps(said), content_type="application/json", if_generation_match=now.generation)
    return is_due


def noted_raw_ads(bucket: storage.Bucket) -> Raw | None:
    """What the raw ads were when they were read last; None where they have not been."""
    noted = _noted(bucket)
    return noted.raw_ads if noted.generation else None


def forget(bucket: storage.Bucket) -> None:
    """All is read anew: somebody was erased, say."""
    blob = bucket.get_blob(NOTE)
    if blob:
        blob.delete()


def _noted(bucket: storage.Bucket) -> Noted:
    blob = bucket.get_blob(NOTE)
    if blob is None:
        return Noted()
    try:
        said = json.loads(blob.download_as_bytes(if_generation_match=blob.generation))
    except NotFound:
        return Noted()
    partitions = {name: (modified, rows) for name, (modified, rows) in said["partitions"].items()}
    raw_ads = Raw(**said["raw_ads"])
    return Noted(**said | {"partitions": partitions, "raw_ads": raw_ads, "generation": int(blob.generation or 0)})


def _is_lost(noted: Noted, now: Partitions) -> bool:
    """Whether rows have gone that were read, but for those whose time was over; or nothing was read yet."""
    if not noted.generation:
        return True
    read = {name.split()[0] for name, (_, rows) in noted.partitions.items() if rows}
    emptied = (table for table, of in _MADE_OF.items() if not _rows(now, table) and read & of)
    return any(emptied) or any(
        now.get(name, ("", 0))[1] < rows
        for name, (_, rows) in noted.partitions.items()
        if name.split()[0] != _PASSING and not name.endswith(_UNFILED)
    )


def _rows(partitions: Partitions, table: str) -> int:
    return sum(rows for name, (_, rows) in partitions.items() if name.split()[0] == table)


def _starts(name: str, today: datetime) -> datetime:
    """When a partition begins; rows on their way into one are taken for those of yesterday and later."""
    partition = name.split()[1]
    if not partition.isdigit():
        return datetime.combine(today.date(), datetime.min.time(), UTC) - timedelta(days=1)
    return datetime.strptime(partition, "%Y%m%d").replace(tzinfo=UTC)


def _partitions(client: bigquery.Client, settings: SettleSettings) -> Partitions:
    rows = asking.ask(client, settings, "partitions", {"tables": [*FOLLOWED, *KEPT, rawads.KEPT]}).result()
    return {f"{row['table_name']} {row['partition_id']}": (str(row["modified"]), row["n_rows"]) for row in rows}
