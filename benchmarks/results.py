"""A hundred thousand and a million rows of results through `creatives results`: time, memory, disk.

    .venv/bin/python -m benchmarks.results [ROWS …]

A Meta export (CSV) of 100 days, five ads to a creative, three in ten creatives copies of others: each is in the tables
before, with features, so that all of them are measured. Told are the whole time of the command (reading, loading,
measuring) with the pipeline running, processor time and the most memory by process, and what the folder grew by.

Measured on 27 November 2026 on two cores at a load of 7 to 9:

    rows         time     processor time    command     BigQuery     functions    folder
    100,000      109 s     36 s             273 MiB      586 MiB      248 MiB     12 MiB
    1,000,000    569 s    329 s             381 MiB    1,548 MiB      296 MiB     45 MiB
"""

import argparse
import csv
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from google.cloud import bigquery

from local import running
from local.chosen import Options
from local.running import Running
from shared import clients

SIZES = (100_000, 1_000_000)
DAYS = 100
ADS_A_CREATIVE = 5
BEGAN = datetime(2026, 6, 1, tzinfo=UTC)

type Row = Mapping[str, Any]


def export(path: Path, rows: int) -> int:
    """Writes what so many rows of ads and days got; says of how many ads."""
    chance = random.Random(1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Ad ID", "Day", "Campaign name", "Publisher platform", "Impressions", "Link clicks",
                         "Amount spent (EUR)", "Purchases", "Purchases conversion value"])  # fmt: skip
        for ad in range(rows // DAYS):
            for day in range(DAYS):
                shown = chance.randrange(100, 90_000)
                clicks = int(shown * chance.random() * 0.03)
                platform = chance.choice(("facebook", "instagram"))
                writer.writerow([ad, date(2026, 6, 1) + timedelta(day), f"campaign {ad % 20}", platform, shown, clicks,
                                 f"{shown * 0.007:.2f}", clicks // 20, f"{clicks * 1.3:.2f}"])  # fmt: skip
    return rows // DAYS


def creatives(ads: int) -> Iterator[tuple[str, str]]:
    """Each creative with the one that stands for it."""
    for number in range(ads // ADS_A_CREATIVE):
        canonical = number - number % 10 + 5 if number % 10 < 3 else number
        yield f"{number:040d}", f"{canonical:040d}"


def rows(ads: int) -> Iterator[tuple[str, Iterable[Row]]]:
    """The rows of each table that say what the ads show."""
    made = {"event_id": "e", "occurred_at": BEGAN.isoformat(), "kind": "image"}
    known = list(creatives(ads))
    yield "sightings", (
        {"event_id": "e", "occurred_at": BEGAN.isoformat(), "ad_id": str(ad), "source": f"https://x.example/{ad}",
         "batch_id": "b", "origin": "batch", "creative_id": f"{ad // ADS_A_CREATIVE:040d}", "uri": "gs://c/x"}
        for ad in range(ads)
    )  # fmt: skip
    yield "matches", (
        {**made, "creative_id": each, "match": "new" if each == canonical else "duplicate", "canonical_id": canonical,
         "family_id": canonical, "method": "pixels", "method_version": "1"}
        for each, canonical in known
    )  # fmt: skip
    yield "features", (
        {**made, "creative_id": each, "extractor": "offline", "model": "m", "feature_version": "1",
         "feature_model": "shared.features:ImageFeatures", "prompt_version": "1",
         "features": {"has_promotion": each[-2] in "1357", "has_people": each[-3] in "1357"}}
        for each, canonical in known if each == canonical
    )  # fmt: skip


def fill(client: bigquery.Client, dataset: str, ads: int) -> None:
    """Puts the rows into their tables."""
    for name, some in rows(ads):
        table = client.get_table(f"{dataset}.{name}")
        content = "\n".join(map(json.dumps, some)).encode()
        config = bigquery.LoadJobConfig(schema=table.schema, source_format="NEWLINE_DELIMITED_JSON")
        client.load_table_from_file(io.BytesIO(content), table, size=len(content), job_config=config).result()


def _processes() -> dict[int, tuple[int, str, float, float]]:
    """Of each process its parent, what it runs, its processor seconds, and the most memory that it had, in MiB."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            peak = [
                line.split()[1] for line in (folder / "status").read_text().splitlines() if line.startswith("VmHWM")
            ]
            command = (folder / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue  # it has ended
        seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        found[int(folder.name)] = (int(fields[1]), command, seconds, int(peak[0]) / 1024 if peak else 0.0)
    return found


def servers() -> dict[str, tuple[float, float]]:
    """Processor seconds and the most memory of the servers that this process has started, by name."""
    processes = _processes()
    ours, told = {os.getpid()}, dict[str, tuple[float, float]]()
    for _ in range(5):
        ours |= {number for number, (parent, *_) in processes.items() if parent in ours}
    for number in ours - {os.getpid()}:
        _, command, seconds, peak = processes[number]
        name = next((each for each in ("local.bigquery", "local.functions", "local.pubsub") if each in command), None)
        if name and "guard.py" not in command:
            before = told.get(name, (0.0, 0.0))
            told[name] = (before[0] + seconds, max(before[1], peak))
    return told


def size(folder: Path) -> float:
    """In MiB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def measured(found: Running, file: Path) -> None:
    """Brings the file in, and tells what it took."""
    before, folder_before = servers(), size(found.data)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    command = [str(Path(sys.executable).with_name("creatives")), "results", str(file), "--data", str(found.data)]
    subprocess.run(command, check=True)
    took, own = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    own_seconds = own.ru_utime + own.ru_stime - used.ru_utime - used.ru_stime
    after = servers()
    told = {name: (after[name][0] - before.get(name, (0.0, 0.0))[0], after[name][1]) for name in after}
    told["the command"] = (own_seconds, own.ru_maxrss / 1024)
    print(f"  {took:.0f} s, {sum(seconds for seconds, _ in told.values()):.0f} s of processor time")
    for name, (seconds, peak) in sorted(told.items()):
        print(f"    {name:<16} {seconds:6.1f} s {peak:7.0f} MiB at most")
    print(f"    the folder grew by {size(found.data) - folder_before:.0f} MiB, of a list of {size_of(file):.0f} MiB")


def size_of(file: Path) -> float:
    """In MiB."""
    return file.stat().st_size / 2**20


def one_size(asked: int) -> None:
    """Prints what so many rows took, and what was found."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "meta.csv"
        ads = export(file, asked)
        with running.running(Path(scratch) / "data", Options("offline", "auto")) as found:
            project, dataset = found.variables["GOOGLE_CLOUD_PROJECT"], found.variables["DATASET"]
            client = clients.bigquery_client(project)
            fill(client, f"{project}.{dataset}", ads)
            print(f"{asked:,} rows of {ads:,} ads", flush=True)
            measured(found, file)
            for name in ("results", "lifts", "fatigue"):
                print(f"    {client.get_table(f'{project}.{dataset}.{name}').num_rows:,} rows of {name}", flush=True)


def main() -> None:
    """Measures each size, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=int, default=SIZES)
    sizes = parser.parse_args().rows
    if len(sizes) == 1:
        one_size(sizes[0])
        return
    for each in sizes:
        subprocess.run([sys.executable, "-m", "benchmarks.results", str(each)], check=True)


if __name__ == "__main__":
    main()
