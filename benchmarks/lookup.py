"""What looking creatives up costs: bytes billed, dollars a day, and time and memory of one instance on this machine.

    python -m benchmarks.lookup [--held-to 10000000] [--read-to 100000]

BigQuery bills the whole of each column that a statement names, at least 10 MiB for each table, whatever the statement
asks for; of a partitioned table the partitions that a constant leaves. So bytes are computed: the columns that the
statements of `dedup` name, by the table's schema, times what BigQuery counts for a value of theirs (a STRING 2 bytes
and its own, INT64, FLOAT64 and TIMESTAMP 8, an array its values), times the rows. Clustering may lower that, and is not
counted on. A local server reports no bytes.

An instance is filled with drawn creatives, one of ten a video of 17.5 seconds, as BigQuery gives them (standing.sql);
what is told is how long reading that takes without the network, what it takes of memory, and how long a lookup takes:
of one processor, whatever else it does meanwhile.
Up to `--read-to` they are read from a local BigQuery too, the whole way.

A start reads what is kept of earlier ones (functions/dedup/memory/snapshot.py), and of BigQuery the partitions of the
days since; twice a year it reads all. What is kept costs to store and by the request, which is added. The time that
is told for it is from a file, without the network.
"""

import argparse
import hashlib
import json
import math
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage

from functions.dedup import decisions
from functions.dedup.asking import Tables, statement_text
from functions.dedup.known import Known
from functions.dedup.lookup import Lookup, pause_s
from functions.dedup.memory import packed, parts, snapshot
from functions.dedup.memory.index import Index, OnRecord
from functions.dedup.memory.parts import cut, joined
from functions.dedup.memory.shelf import Shelf, Versions
from functions.dedup.memory.snapshot import Snapshot
from functions.dedup.pictures.verification import METHOD_VERSION
from functions.dedup.settings import DedupSettings
from local import bigquery as server
from local import dataset, ports
from local import storage as storage_server
from shared import bill, wiring
from shared.events import Fingerprint, Kind, Match, MatchKind
from shared.media import images

MIN_BYTES = 10 * 2**20
"""Billed at least, for each table that a query names: cloud.google.com/bigquery/pricing, read in November 2026."""

VIDEOS = 0.1
"""Of all creatives, here and in what is modelled."""

SECONDS = 17.5
STARTS_A_DAY = 10
"""Instances that are started: after an hour without work, with a new revision, and for the daily reading anew."""

USD_PER_GIB_AND_MONTH = 0.02
USD_PER_WRITE, USD_PER_READ = 0.005 / 1000, 0.0004 / 1000
"""Of Cloud Storage, standard class in a region; cloud.google.com/storage/pricing, read in November 2026."""

DAY = timedelta(days=1)
SIZES = (10**5, 10**7, 10**8)
NEW_A_DAY = (10_000, 100_000, 300_000)
SCHEMAS = Path(__file__).parent.parent / "infra" / "schemas"
PROJECT, DATASET = "benchmark", "creatives"
TOGETHER = 2_500


def creative_id(number: int) -> str:
    """An id of the right form."""
    return hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()


def fingerprint(number: int, **changes: object) -> Fingerprint:
    """A square image's fingerprint, its hash as random as its id; `changes` make another of it."""
    own_id = creative_id(number)
    fields = {
        "event_id": "1234567890123456",
        "creative_id": own_id,
        "uri": "gs://benchmark/one",
        "content_type": "image/jpeg",
        "bytes": 1,
        "kind": Kind.IMAGE,
        "width": 1080,
        "height": 1080,
        "aspect_ratio": "1:1",
        "near_blank": False,
        "dhash": int(own_id[:16], 16) - 2**63,
        "hash_version": images.HASH_VERSION,
        "pixels_sha": own_id[:32],
    }
    return Fingerprint.model_validate(fields | changes)


def video(number: int) -> Fingerprint:
    """A square video's fingerprint, its frames random."""
    frames = np.random.default_rng(number).integers(-(2**63), 2**63 - 1, round(SECONDS * 4)).tolist()
    return fingerprint(number, kind=Kind.VIDEO, dhash=None, pixels_sha=None, frames=frames, duration_s=SECONDS)


def row_bytes(table: str, statement: str) -> float:
    """What a row of `table` counts for in `statement`, on average: the columns it names."""
    named = set(re.findall(r"\w+", re.sub(r"--.*", "", statement_text(statement))))
    columns = [column for column in json.loads((SCHEMAS / f"{table}.json").read_text()) if column["name"] in named]
    still, film = (
        sum(_value_bytes(column["type"], row[column["name"]]) for column in columns)
        for row in (_typical(table, fingerprint(1)), _typical(table, video(1)))
    )
    return (1 - VIDEOS) * still + VIDEOS * film


def _typical(table: str, one: Fingerprint) -> dict[str, object]:
    """A row as long as rows are: a duplicate has all columns of a match."""
    match = Match(
        event_id=one.event_id,
        creative_id=one.creative_id,
        kind=one.kind,
        match=MatchKind.DUPLICATE,
        canonical_id=creative_id(2),
        family_id=creative_id(2),
        matched_id=creative_id(2),
        distance=3,
        score=4.5,
        method="pixels",
        method_version=METHOD_VERSION,
    )
    rows = {"canonicals": decisions.canonical(one, match, 1.5), "matches": match}
    return rows[table].model_dump(mode="json")


def _value_bytes(kind: str, value: object) -> int:
    if isinstance(value, list):
        return sum(_value_bytes(kind, one) for one in value)
    if value is None:
        return 0
    return 2 + len(str(value).encode()) if kind == "STRING" else 8


def bytes_of_reading(rows: float) -> float:
    """Billed when an instance reads so many rows: canonicals in both statements, matches, corrections."""
    on_record = [("canonicals", "standing"), ("canonicals", "on_record"), ("matches", "on_record")]
    return MIN_BYTES + sum(max(MIN_BYTES, rows * row_bytes(*each)) for each in on_record)


def bytes_of_start(known: int, new_a_day: int) -> float:
    """Billed in the mean: of partitions a day or, once a day, seven before what is kept; all twice a year."""
    whole, kept = (DAY / every / STARTS_A_DAY for every in (snapshot.READ_WHOLE_EVERY, snapshot.KEPT_EVERY))
    newer, late = ((1.5 + late / DAY) * new_a_day for late in (snapshot.LATE, snapshot.LATEST))
    shares = [(known, whole), (min(known, late), kept), (min(known, newer), 1 - whole - kept)]
    return sum(share * bytes_of_reading(rows) for rows, share in shares)


COPIES, FORMATS, RUNS = 0.3, 20, 0.5
"""Of what is kept: creatives that stand under another, sizes of pictures, frames that look as the one before."""

FLIPPED = 12
"""Bits of a frame that does not. By both a film's frames take four tenths of their size, as those of six real clips did
(OpenCV's tree, Megamind, vtest, cup and box, and samples/vanta-spot.mp4: 1,012 of 2,592 bytes)."""


@cache
def kept_bytes() -> float:
    """Of a creative in the bucket: of drawn parts of a day's, as snapshot.py stores them."""
    still, film = (len(snapshot.packed(_drawn_part(moves))) / TOGETHER for moves in (False, True))
    return (1 - VIDEOS) * still + VIDEOS * film


def _drawn_part(moves: bool) -> snapshot.Stored:
    versions, drawn = Versions(), np.random.default_rng(11)
    columns, frames, _ = joined([packed.columns(answer(0, TOGETHER, moves=moves), versions)])
    copies = drawn.random(TOGETHER) < COPIES
    under = columns["family"][drawn.integers(0, TOGETHER, TOGETHER)]
    changed = drawn.integers(0, FLIPPED * 2, len(frames)) // 2 * (drawn.random(len(frames)) >= RUNS)
    flips = np.zeros(len(frames), np.uint64)
    for bit in range(FLIPPED):
        flips |= np.where(bit < changed, np.uint64(1) << drawn.integers(0, 64, len(frames)).astype(np.uint64), 0)
    told = {
        "family": np.where(copies, under, columns["family"]),
        "canonical": np.where(copies, under, columns["canonical"]),
        "aspect": 1 + drawn.integers(0, FORMATS, TOGETHER) / FORMATS,
        "area": (drawn.integers(1, FORMATS, TOGETHER) * 57_600).astype(np.int64),
        "decided_us": columns["decided_us"] + drawn.integers(0, DAY // timedelta(microseconds=1), TOGETHER),
    }
    [stored] = snapshot.of_shelf(moves, versions, [({**columns, **told}, np.bitwise_xor.accumulate(flips))])
    return stored


def usd_of_keeping(known: int, new_a_day: int) -> float:
    """What is kept costs a day: to store, until the bucket drops it, and the requests that write and read its parts."""
    added, whole = snapshot.KEPT_EVERY / DAY, snapshot.READ_WHOLE_EVERY / DAY
    of_all = sum(
        math.ceil(share * known / snapshot.ROWS[moves]) for moves, share in ((False, 1 - VIDEOS), (True, VIDEOS))
    )
    days = min(whole / 2, known / new_a_day)
    reads = STARTS_A_DAY * (2 + of_all + 3 * days / added)
    writes = of_all / whole + 4 / added
    stored = known * (wiring.load().buckets["index"].delete_after_days or math.inf) / whole
    usd_of_storing = stored * kept_bytes() / 2**30 * USD_PER_GIB_AND_MONTH / 30
    return usd_of_storing + reads * USD_PER_READ + writes * USD_PER_WRITE


CORRECTED = 1 / 12
"""Of the times when it asks: corrections are read where there are others, and while their rows are on their way in."""


def bytes_of_refresh(new_a_day: int) -> float:
    """Billed when it asks what others decided: the partition of today, and for an hour yesterday's; corrections."""
    rows = new_a_day * (1 + 1 / 24)
    return CORRECTED * MIN_BYTES + max(MIN_BYTES, rows * row_bytes("matches", "lately"))


def refreshes_of_start(every_s: float) -> int:
    """How often an instance asks more than it does later, because it has not been there for long."""
    age, count = 0.0, 0
    while pause_s(age) < every_s:
        age, count = age + pause_s(age), count + 1
    return count


def usd_a_day(known: int, new_a_day: int) -> float:
    """What lookups cost a day, however many creatives are looked up at a time."""
    every_s: float = DedupSettings.model_fields["lookup_refresh_s"].default
    refreshes = min(24 * 3600 / every_s + STARTS_A_DAY * refreshes_of_start(every_s), new_a_day)
    billed = STARTS_A_DAY * bytes_of_start(known, new_a_day) + refreshes * bytes_of_refresh(new_a_day)
    return bill.usd(billed) + usd_of_keeping(known, new_a_day)


def answer(number: int, count: int, *, moves: bool) -> dict[str, Any]:
    """A row of standing.sql with `count` drawn creatives whose ids begin with `number`."""
    drawn = np.random.default_rng([number, moves])
    ids = "".join(sorted(f"{number % 4096:03x}{drawn.bytes(19).hex()[:37]}" for _ in range(count)))
    n_frames = round(SECONDS * 4) if moves else 0
    bits = drawn.integers(-(2**63), 2**63 - 1, count * max(1, n_frames)).tolist()

    def each(value: object) -> str:
        return " ".join([str(value)] * count)

    return {
        "hash_version": images.HASH_VERSION,
        "kind": Kind.VIDEO if moves else Kind.IMAGE,
        "creative_ids": ids,
        "family_ids": ids,
        "canonical_ids": "0" * 40 * count,
        "pixels": "0" * 32 * count if moves else drawn.bytes(16 * count).hex(),
        "dhash": each(0) if moves else " ".join(map(str, bits)),
        "hashed": each(int(not moves)),
        "aspect": each(1.9108280254777),
        "area": each(1_166_400),
        "difference": each("nan"),
        "inside_aspect": each("nan"),
        "duration_s": each(SECONDS if moves else "nan"),
        "decided_us": each(1_795_746_912_322_642),
        "n_frames": each(n_frames),
        "frames": " ".join(map(str, bits)) if moves else None,
    }


def held(known: int) -> tuple[Index, float, float]:
    """An index of so many creatives, and the processor's seconds to make it: of an answer, and of what is kept."""
    versions, taken, restored = Versions(), 0.0, 0.0
    shelves = []
    for moves, total in ((False, round(known * (1 - VIDEOS))), (True, round(known * VIDEOS))):
        answers: list[parts.Part] = []
        for number, begun in enumerate(range(0, total, TOGETHER)):
            row = answer(number, min(TOGETHER, total - begun), moves=moves)
            started = time.process_time()
            answers.append(packed.columns(row, versions))
            taken += time.process_time() - started
        started = time.process_time()
        columns, frames, _ = joined(answers)
        taken += time.process_time() - started
        with tempfile.TemporaryDirectory() as folder:
            kept = stored(
                Path(folder),
                snapshot.of_shelf(moves, versions, cut(columns, frames, np.arange(total), snapshot.ROWS[moves])),
            )
            del columns, frames
            started = time.process_time()
            read = snapshot.read(map(snapshot.unpacked, kept), versions)
            shelves.append(Shelf(versions, *joined(read.parts[moves])[:2]))
            restored += time.process_time() - started
    return Index(*shelves, decided=OnRecord(), named=OnRecord()), taken, restored


def stored(folder: Path, made: Iterator[snapshot.Stored]) -> Iterator[bytes]:
    """Parts as they come from the bucket, one after another."""
    files = [
        folder / str(number)
        for number, part in enumerate(made)
        if (folder / str(number)).write_bytes(snapshot.packed(part))
    ]
    return (file.read_bytes() for file in files)


def milliseconds(index: Index, waiting: list[Known]) -> float:
    """Of one lookup among these, each of another creative."""
    started = time.process_time()
    for known in waiting:
        index.near(known)
        index.standing(known.creative_id)
    return (time.process_time() - started) / len(waiting) * 1000


def report_held(to: int) -> None:
    """Prints what an instance takes that holds so many."""
    heads = {"held": 12, "arrays, GiB": 13, "process, GiB": 14, "unpacked, s": 13, "restored, s": 13}
    print("\n" + "".join(f"{head:>{width}}" for head, width in {**heads, "still, ms": 11, "video, ms": 11}.items()))
    wide = {"width": 1911, "height": 1000}
    for known in [size for size in (10**5, 10**6, 10**7) if size <= to]:
        index, taken, restored = held(known)
        stills = [decisions.undecided(fingerprint(-number).model_copy(update=wide)) for number in range(1, 31)]
        films = [decisions.undecided(video(number).model_copy(update=wide)) for number in range(1, 11)]
        process = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        times = f"{milliseconds(index, stills):>11.1f}{milliseconds(index, films):>11.1f}"
        print(
            f"{known:>12,}{index.n_bytes / 2**30:>13.2f}{process:>14.2f}{taken:>13.1f}{restored:>13.1f}{times}",
            flush=True,
        )


@contextmanager
def served() -> Iterator[tuple[bigquery.Client, storage.Bucket]]:
    """Local servers with the pipeline's empty tables and an empty bucket."""
    wired = wiring.load().model_copy(update={"views": []})
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        port, grpc_port, storage_port = ports.held(3)
        started = server.serve(Path(folder), PROJECT, port, grpc_port)
        stack.callback(started.stop)
        objects = storage_server.serve(
            Path(folder), project=PROJECT, port=storage_port, pubsub_host=None, pipeline=wired
        )
        stack.callback(objects.stop)
        told = [{"api_endpoint": f"http://127.0.0.1:{each}"} for each in (port, storage_port)]
        client = bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=told[0])
        stack.callback(client.close)
        dataset.ensure(client, wired, project=PROJECT, dataset=DATASET)
        yield client, storage.Client(PROJECT, AnonymousCredentials(), client_options=told[1]).create_bucket("index")


def fill(client: bigquery.Client, table: str, made: int, count: int) -> None:
    """Makes the rows after number `made` up to number `count`, in the server."""
    numbers = [bigquery.ScalarQueryParameter(name, "INT64", at) for name, at in (("made", made), ("count", count))]
    version = bigquery.ScalarQueryParameter("hash_version", "STRING", images.HASH_VERSION)
    config = bigquery.QueryJobConfig(
        query_parameters=[*numbers, version], default_dataset=bigquery.DatasetReference(PROJECT, DATASET)
    )
    client.query_and_wait(Path(__file__).with_name(f"lookup_{table}.sql").read_text(), job_config=config)


def report_read(to: int) -> None:
    """Prints how long an instance takes to read so many from local servers, on the same processors."""
    with served() as (client, bucket):
        for table in ("canonicals", "matches"):
            fill(client, table, 0, to)
        tables = Tables(client, DATASET, max_bytes_billed=2**40, timeout_s=600)
        whole, again = (Lookup(tables, Snapshot(bucket), refresh_s=0) for _ in range(2))
        took = [_seconds(act) for act in (whole.refresh, whole.refresh, again.refresh)]
    print(f"\nread from a local BigQuery, and kept: {whole.index.size:,} in {took[0]:.1f} s")
    print(f"what is newer in {took[1]:.1f} s")
    print(f"read of what was kept, and what is newer: {again.index.size:,} in {took[2]:.1f} s")


def _seconds(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def report_billed() -> None:
    """Prints what BigQuery bills."""
    per_row = ", ".join(
        f"{row_bytes(*each):,.0f} in {each[1]}.sql of {each[0]}"
        for each in (("canonicals", "standing"), ("matches", "on_record"), ("matches", "lately"))
    )
    print(f"a row counts {per_row} bytes; ${bill.USD_PER_TIB} per TiB; {STARTS_A_DAY} starts a day\n")
    heads = {"known": 12, "GiB, all": 10, "GiB a start": 13, "new a day": 11, "$ a day": 9, "kept, $": 9}
    print("".join(f"{head:>{width}}" for head, width in heads.items()), f"{'$ per million creatives':>25}")
    for known in SIZES:
        for new in NEW_A_DAY:
            usd, kept = usd_a_day(known, new), usd_of_keeping(known, new)
            read = f"{bytes_of_reading(known) / 2**30:>10.2f}{bytes_of_start(known, new) / 2**30:>13.2f}"
            print(f"{known:>12,}{read}{new:>11,}{usd:>9.2f}{kept:>9.3f}{usd / new * 10**6:>26.2f}")


def main() -> None:
    """Computes, times, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--held-to", type=int, default=10**7, help="creatives up to which an instance is filled")
    arguments.add_argument("--read-to", type=int, default=10**5, help="creatives that are read from a local BigQuery")
    chosen = arguments.parse_args()
    report_billed()
    report_read(chosen.read_to)
    report_held(chosen.held_to)


if __name__ == "__main__":
    main()
