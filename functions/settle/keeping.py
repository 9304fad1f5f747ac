"""Follows the tables by narrow ones of what each ad and creative came to, which cost a tenth of the others to count.

Rows that came since the last time are found by the partitions that have changed, however old those are, and added;
once a day what was added becomes one row an ad and creative. Whatever is added again changes nothing, so whoever breaks
off does it again. Where rows have gone (somebody was erased), all is read anew.

What the partitions were is noted in an object when all of it has been added.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from google.api_core.exceptions import Forbidden, NotFound
from google.cloud import bigquery, storage

from functions.settle import asking
from functions.settle.settings import SettleSettings

NOTE = "settled/kept"
"""The object that tells what was read; without it all is read anew."""

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
    "failures",
)
"""The tables that are read for them."""

_MADE_OF = {"kept_ads": {"ads", "sightings"}, "kept_creatives": {"images", "videos"}, "kept_answers": {"features"}}
"""Where there are rows of these, there have to be some of ours: else somebody has made our table anew."""

COMPACTED_EVERY = timedelta(days=1)
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
        compacted_at: when there was a row for each ad and creative; empty: never.
        generation: of the object; 0 where there is none.
    """

    partitions: Partitions = field(default_factory=dict)
    compacted_at: str = ""
    generation: int = 0


@dataclass(frozen=True)
class Plan:
    """What has to be read.

    Attributes:
        since: rows since then; None: nothing is new.
        now: what the partitions are.
        noted: what they were.
    """

    since: datetime | None
    now: Partitions
    noted: Noted

    @property
    def anew(self) -> bool:
        """Whether nothing is kept that is of use."""
        return self.since == ALWAYS


def plan(client: bigquery.Client, bucket: storage.Bucket, settings: SettleSettings, today: datetime) -> Plan | None:
    """What is new since the last time. None where nobody may list the partitions: then nothing can be kept."""
    noted = _noted(bucket)
    try:
        now = _partitions(client, settings)
    except Forbidden:
        return None
    if _is_lost(noted, now):
        return Plan(ALWAYS, now, noted)
    followed = {name: found for name, found in now.items() if name.split()[0] in FOLLOWED}
    changed = [name for name, found in followed.items() if noted.partitions.get(name) != found]
    return Plan(min((_starts(name, today) for name in changed), default=None), now, noted)


def usd(client: bigquery.Client, settings: SettleSettings, planned: Plan) -> float:
    """What following costs by dry runs, which cost nothing."""
    if planned.since is None:
        return 0.0
    return sum(asking.usd(client, settings, f"of_{name}", {"since": planned.since}) for name in KEPT.values())


def follow(
    client: bigquery.Client, bucket: storage.Bucket, settings: SettleSettings, planned: Plan, at: datetime
) -> None:
    """Adds what is new, and notes it.

    Raises:
        PreconditionFailed: when somebody else has noted something meanwhile, or somebody was erased.
    """
    noted, compacted_at = planned.noted, planned.noted.compacted_at
    if planned.since:
        for table, name in KEPT.items():
            asking.ask(client, settings, f"of_{name}", {"since": planned.since}, into=table, anew=planned.anew)
    if planned.anew or not compacted_at or at - datetime.fromisoformat(compacted_at) >= COMPACTED_EVERY:
        for table, name in KEPT.items():
            asking.ask(client, settings, f"all_{name}", into=table, anew=True)
        compacted_at = at.isoformat()
    if planned.since or compacted_at != noted.compacted_at:
        said = asdict(Noted(planned.now, compacted_at))
        blob = bucket.blob(NOTE)
        blob.upload_from_string(json.dumps(said), content_type="application/json", if_generation_match=noted.generation)


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
    return Noted(partitions, said["compacted_at"], int(blob.generation or 0))


def _is_lost(noted: Noted, now: Partitions) -> bool:
    """Whether rows have gone that were read, but for those whose time was over; or nothing was read yet."""
    if not noted.generation:
        return True
    read = {name.split()[0] for name, (_, rows) in noted.partitions.items() if rows}
    emptied = (table for table, of in _MADE_OF.items() if not now.get(f"{table} None", ("", 0))[1] and read & of)
    return any(emptied) or any(
        now.get(name, ("", 0))[1] < rows
        for name, (_, rows) in noted.partitions.items()
        if name.split()[0] in FOLLOWED and name.split()[0] != _PASSING and not name.endswith(_UNFILED)
    )


def _starts(name: str, today: datetime) -> datetime:
    """When a partition begins; rows on their way into one are taken for those of yesterday and later."""
    partition = name.split()[1]
    if not partition.isdigit():
        return datetime.combine(today.date(), datetime.min.time(), UTC) - timedelta(days=1)
    return datetime.strptime(partition, "%Y%m%d").replace(tzinfo=UTC)


def _partitions(client: bigquery.Client, settings: SettleSettings) -> Partitions:
    rows = asking.ask(client, settings, "partitions", {"tables": [*FOLLOWED, *KEPT]}).result()
    return {f"{row['table_name']} {row['partition_id']}": (str(row["modified"]), row["n_rows"]) for row in rows}
