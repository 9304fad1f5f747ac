"""How near the queries of the functions are to what they may bill: told by dry runs, which cost nothing.

A query that would bill more than its function's limit is refused before it starts, every time from then on: imports,
duplicates or measures that stand still for good. So it is told at half of it.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

from croniter import croniter
from google.api_core.exceptions import Forbidden
from google.cloud import bigquery

from creatives.doctor import services
from creatives.doctor.check import Check, Deployment, fault, warning, well
from functions.dedup import asking
from functions.dedup.settings import DedupSettings
from functions.embed import due
from functions.embed.settings import EmbedSettings
from functions.import_ads import changes, rawads
from functions.import_ads.settings import ImportSettings
from functions.measure import measuring
from functions.measure.settings import MeasureSettings
from functions.settle import asking as settled
from functions.settle import keeping, settling
from functions.settle.settings import SettleSettings
from shared import bill, partitions
from shared.counting import many, verb
from shared.settings import Settings

TOLD_AT = 0.5
HELD_BYTES = 300
"""What a creative takes of `dedup` while all are read, one of ten a video; afterwards 195: see benchmarks/lookup.py."""

WORKING_BYTES = 512 * 2**20
"""What `dedup` takes besides: itself. Pictures are compared when reading is over."""

_GIB = 2**30
_MEMORY = re.compile(r"(\d+)(Mi?|Gi?)B?")
_UNITS = {"M": 10**6, "Mi": 2**20, "G": 10**9, "Gi": 2**30}

_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_WIDEST = {"since": _FIRST, "earliest": _FIRST, "latest": _LAST, "lost_since": _FIRST}
"""What functions ask where nothing is known yet."""

# What a statement's heading declares: `-- @creative_ids ARRAY<STRING>, @most INT64`.
_PARAMETER = re.compile(r"@(\w+) (?:ARRAY<STRUCT<([^>]*)>>|ARRAY<(\w+)>|([A-Z]+[0-9]*)(?!\w))")

type _Parameter = bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter


@dataclass(frozen=True)
class Limited:
    """A query of a function, and the most that it may bill.

    Attributes:
        variable: the function's setting that says so, in bytes.
        times_a_day: how often a schedule asks it at most; None where events do.
        usd_a_day: what that may cost at most; None where nothing bounds it.
        bounded_by: the setting that says so.
    """

    function: str
    name: str
    sql: str
    variable: str
    most: int
    times_a_day: int | None = None
    usd_a_day: float | None = None
    bounded_by: str = ""


def limits(deployment: Deployment) -> Iterator[Check]:
    """Each query that a function asks by itself against what it may bill, and what `dedup` holds against its memory."""
    for limited in [
        *_imports(deployment),
        *_lookups(deployment),
        *_embeds(deployment),
        *_measures(deployment),
        *_settles(deployment),
    ]:
        yield judged(limited, billed(deployment, limited.sql))
    yield held(_creatives(deployment), memory(deployment, "dedup"))


def judged(limited: Limited, found: int) -> Check:
    """What there is to say of a query that bills `found` bytes."""
    what = f"limit {limited.function}/{limited.name}"
    said = f"{found / _GIB:.2f} of {limited.most / _GIB:.2f} GiB that it may bill ({limited.variable})"
    said += _a_day(limited, found)
    advice = f"See what it costs, then set {limited.variable} higher: function_env in infra/terraform.tfvars."
    if found > limited.most:
        return fault(what, f"refused: {said}", advice)
    return warning(what, said, advice) if found > limited.most * TOLD_AT else well(what, said)


def held(creatives: int, memory: int) -> Check:
    """What there is to say of an instance with so many bytes of memory that holds so many creatives."""
    taken, most = creatives * HELD_BYTES, memory - WORKING_BYTES
    of = f"{many(creatives, 'creative')} {verb(creatives, 'takes', 'take')} {taken / _GIB:.2f} of {most / _GIB:.2f} GiB"
    said = f"{of} that an instance has for them"
    advice = "Give it more: function_limits = { dedup = { memory_mib = 8192, cpu = 2 } } in infra/terraform.tfvars."
    if taken > most:
        return fault("limit dedup/memory", f"too small: {said}", advice)
    return warning("limit dedup/memory", said, advice) if taken > most * TOLD_AT else well("limit dedup/memory", said)


def _creatives(deployment: Deployment) -> int:
    """How many creatives `dedup` holds at most: a row may tell again of one that has another."""
    table = f"{deployment.project}.{deployment.settings.dataset}.canonicals"
    return int(deployment.bigquery.get_table(table).num_rows or 0)


def memory(deployment: Deployment, function: str) -> int:
    """The memory of a function's instance, in bytes."""
    found = services.described(deployment, function)
    said = found["serviceConfig"].get("availableMemory") if found else None
    amount = _MEMORY.fullmatch(said or "")
    if amount is None:
        return deployment.wired.functions[function].memory_mib * 2**20
    return int(amount[1]) * _UNITS[amount[2]]


def _a_day(limited: Limited, found: int) -> str:
    """What it costs a day at most, where a schedule asks it: while nothing is new, it costs nothing."""
    if not limited.times_a_day:
        return ""
    once = bill.usd(found)
    bound = limited.usd_a_day or math.inf
    said = f": at most {min(bound, once * limited.times_a_day):.2f} US dollars a day"
    if once * limited.times_a_day <= bound:
        return said
    return f"{said}, for which it is asked every {once / bound * 24:.1f} hours ({limited.bounded_by})"


def billed(deployment: Deployment, sql: str) -> int:
    """The most bytes that a query would bill. A dry run reads nothing, and keeps to partitions as the query would."""
    config = bigquery.QueryJobConfig(
        default_dataset=f"{deployment.project}.{deployment.settings.dataset}",
        query_parameters=list(parameters(sql)),
        dry_run=True,
        use_query_cache=False,
    )
    return int(deployment.bigquery.query(sql, job_config=config).total_bytes_processed or 0)


def raw_ads(deployment: Deployment) -> Iterator[Check]:
    """Whether only what has changed is read of a partitioned table: who read it last has noted what it was told.

    Where there are no partitions imports read all: that is told where new ads wait for it.
    """
    what, settings = "partitions of raw ads", _settings(deployment, "import_ads", ImportSettings)
    if not _is_parted(deployment.bigquery.get_table(settings.raw_ads)):
        once = next(bill.usd(billed(deployment, each.sql)) for each in _imports(deployment) if each.name == "newer")
        if once * _times_a_day(deployment, "import_ads") > settings.import_usd_a_day:
            hours = once / settings.import_usd_a_day * 24
            found = (
                f"there are none: each import reads all for {once:.2f} US dollars, and new ads wait {hours:.1f} hours"
            )
            yield warning(what, found, "Partition the table by the day on which its rows come (docs/operations.md).")
        return
    bucket = deployment.storage.bucket(settings.results_bucket)
    imported, kept = changes.noted(bucket), keeping.noted_raw_ads(bucket)
    noted = {"import_ads": None if imported.is_none else imported.state, "settle": kept}
    if not any(noted.values()):
        yield well(what, "not read yet")
    for function, known in noted.items():
        if known and known.partitions is None:
            schema, member = settings.raw_ads.rpartition(".")[0], services.account(deployment, function)
            grant = f'GRANT `roles/bigquery.metadataViewer` ON SCHEMA `{schema}` TO "{member}"'
            found = f"{function} may not list them: what has changed is told of the whole table, and all of it is read"
            yield warning(what, found, f"Let somebody who owns the dataset run: {grant}. It tells when it reads again.")
        elif known and known.partitions:
            yield well(what, f"{len(known.partitions)} when {function} read them")


def _settings[Of: Settings](deployment: Deployment, function: str, of: type[Of]) -> Of:
    """The settings of a function as they are set there."""
    set_there = {name.lower(): value for name, value in _variables(deployment, function).items()}
    known = {name: set_there[name] for name in of.model_fields if name in set_there}
    return of.model_validate({**deployment.settings.model_dump(), **known})


def _is_parted(table: bigquery.Table) -> bool:
    return bool(table.time_partitioning or table.range_partitioning)


def _imports(deployment: Deployment) -> Iterator[Limited]:
    settings = _settings(deployment, "import_ads", ImportSettings)
    table = deployment.bigquery.get_table(settings.raw_ads)
    whole = partitions.every(table)
    most, often = settings.import_max_bytes_billed, _times_a_day(deployment, "import_ads")
    limit = ("IMPORT_MAX_BYTES_BILLED", most)
    yield Limited("import_ads", "unseen", rawads.unseen_text(settings, whole), *limit)
    newest = _newest(deployment, settings, table) or whole
    sql = rawads.newer_text(settings, newest)  # at most: of the newest partition the ads since it came may be enough
    yield Limited("import_ads", "repeated", rawads.repeated_text(settings, newest, beside=newest), *limit)
    yield Limited("import_ads", "newer", sql, *limit, often, settings.import_usd_a_day, "IMPORT_USD_A_DAY")


def _newest(deployment: Deployment, settings: ImportSettings, table: bigquery.Table) -> str | None:
    """What reads the newest partition of the raw ads, as an import does that looks for what is new in them."""
    if not _is_parted(table):
        return None
    try:
        told = rawads.partitions_now(deployment.bigquery, settings)
    except Forbidden:
        return None
    if told is None:
        return None
    known = told.keys() - {partitions.NULL, partitions.UNPARTITIONED}
    newest = max(known, key=lambda each: (len(each), each), default=partitions.NULL)
    return partitions.condition(table, {newest}, datetime.now(UTC))


def _times_a_day(deployment: Deployment, function: str) -> int:
    """How often schedules call a function."""
    topics = {each.topic for each in deployment.wired.push_subscriptions.values() if each.function == function}
    crons = [schedule.cron for schedule in deployment.wired.schedules.values() if schedule.topic in topics]
    day = datetime(2026, 1, 1, tzinfo=UTC)
    ticks = (croniter(cron, day - timedelta(seconds=1)).all_next(datetime) for cron in crons)
    return sum(sum(1 for _ in takewhile(lambda at: at < day + timedelta(days=1), each)) for each in ticks)


def _lookups(deployment: Deployment) -> Iterator[Limited]:
    default = DedupSettings.model_fields["lookup_max_bytes_billed"].default
    yield from _beside(deployment, "dedup", Path(asking.__file__), "LOOKUP_MAX_BYTES_BILLED", default)


def _embeds(deployment: Deployment) -> Iterator[Limited]:
    default = EmbedSettings.model_fields["embed_max_bytes_billed"].default
    is_on = "EMBEDDING_MODEL" in _variables(deployment, "embed")
    often = _times_a_day(deployment, "embed") if is_on else None
    for each in _beside(deployment, "embed", Path(due.__file__), "EMBED_MAX_BYTES_BILLED", default):
        yield replace(each, times_a_day=often if each.name == "due" else None)


def _measures(deployment: Deployment) -> Iterator[Limited]:
    default = MeasureSettings.model_fields["measure_max_bytes_billed"].default
    often = _times_a_day(deployment, "measure")
    for each in _beside(deployment, "measure", Path(measuring.__file__), "MEASURE_MAX_BYTES_BILLED", default):
        yield replace(each, times_a_day=often)


def _settles(deployment: Deployment) -> Iterator[Limited]:
    settings = _settings(deployment, "settle", SettleSettings)
    whole = partitions.every(deployment.bigquery.get_table(settings.raw_ads))
    names = {"part": "CAST(NULL AS DATE)", "raw_ads_filter": whole, "kept_filter": "TRUE"}
    often, most = _times_a_day(deployment, "settle"), settings.settle_max_bytes_billed
    for each in _beside(deployment, "settle", Path(settling.__file__), "SETTLE_MAX_BYTES_BILLED", most):
        limited = replace(each, sql=settled.text(each.name, settings, names))
        if each.name == "kept":  # by each tick; the others read what is new, or where that cannot be told
            usd = settings.settle_usd_a_day
            limited = replace(limited, times_a_day=often, usd_a_day=usd, bounded_by="SETTLE_USD_A_DAY")
        yield limited


def _beside(deployment: Deployment, function: str, code: Path, variable: str, default: int) -> Iterator[Limited]:
    """The queries that lie beside a function's code, and what they may bill as it is set."""
    most = int(_variables(deployment, function).get(variable, default))
    for file in sorted(code.parent.glob("*.sql")):
        if "INFORMATION_SCHEMA" not in file.read_text():  # which bills the least that there is
            yield Limited(function, file.stem, file.read_text(), variable, most)


def _variables(deployment: Deployment, function: str) -> Mapping[str, str]:
    found = services.described(deployment, function)
    if found is None:
        return deployment.variables
    variables: Mapping[str, str] = found["serviceConfig"].get("environmentVariables", {})
    return variables


def parameters(sql: str) -> Iterator[_Parameter]:
    """What a query's heading declares: null, but for times that bound its partitions, which are as wide as may be."""
    heading = "\n".join(line for line in sql.splitlines() if line.startswith("--"))
    for name, fields, element, scalar in _PARAMETER.findall(heading):
        if scalar:
            yield bigquery.ScalarQueryParameter(name, scalar, _WIDEST.get(name))
        elif element:
            yield bigquery.ArrayQueryParameter(name, element, [])
        else:
            pairs = (field.split() for field in fields.split(","))
            types = (bigquery.ScalarQueryParameterType(kind, name=of) for of, kind in pairs)
            yield bigquery.ArrayQueryParameter(name, bigquery.StructQueryParameterType(*types), [])
