"""Ads per second through `fetch`, against plain sequential downloads of the same list with `requests`.

    python -m benchmarks.fetch [--ads 200] [--ads-per-url 1 4] [--latency-ms 100] [--threads 32] [--rounds 3]

The sites are eight local servers in a process of their own, which answer after a fixed latency, as a web site does. The
plain way downloads every ad's URL, one after the other over connections that are kept open, and throws the bytes away.
`fetch` runs its step on as many threads as the deployed function has: it checks, hashes and stores each creative and
keeps a record of each URL in a local Cloud Storage server, which competes for the same cores. Events are not published.
Each round runs both, one after the other, on URLs that were not seen before.
"""

import argparse
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import requests
from google.cloud import storage

from functions.fetch import main as function
from functions.fetch.hosts import HostBusyError
from shared.events import Ad, Origin
from tests import gcs
from tests.hostile_server import HostileServer

SITES = 8


@dataclass(frozen=True)
class Round:
    """Seconds that both ways took for the same ads, and how long `fetch` kept a processor busy."""

    ads: int
    plain_s: float
    fetch_s: float
    fetch_cpu_s: float

    @property
    def ratio(self) -> float:
        """How many times faster `fetch` was."""
        return self.plain_s / self.fetch_s


def measure(sites: Sequence[str], numbers: Iterator[int], options: argparse.Namespace, ads_per_url: int) -> Round:
    """One round: both ways on the same number of new URLs of the same sites."""
    plain, fetched = (ads(sites, numbers, options.ads, ads_per_url) for _ in range(2))
    plain_s = timed(lambda: download_plainly(plain))
    cpu_s = time.process_time()
    fetch_s = timed(lambda: fetch(fetched, options.threads))
    return Round(options.ads, plain_s, fetch_s, time.process_time() - cpu_s)


def ads(sites: Sequence[str], numbers: Iterator[int], count: int, ads_per_url: int) -> list[Ad]:
    """Ads spread over the sites, so many to a URL."""
    urls = [
        f"{sites[n % len(sites)]}/images/{n}.png"
        for n, _ in zip(numbers, range(-(-count // ads_per_url)), strict=False)
    ]
    return [
        Ad(event_id=str(n), ad_id=str(n), source=urls[n % len(urls)], batch_id="benchmark", origin=Origin.BATCH)
        for n in range(count)
    ]


def download_plainly(wanted: Sequence[Ad]) -> None:
    """What a first script does."""
    with requests.Session() as session:
        for ad in wanted:
            answer = session.get(ad.source, timeout=30)
            answer.raise_for_status()
            _ = answer.content


def fetch(wanted: Sequence[Ad], threads: int) -> None:
    """What the function's threads do; an ad whose host is busy comes back, as Pub/Sub would bring it."""
    with ThreadPoolExecutor(threads) as pool:
        while wanted:
            wanted = [ad for ad in pool.map(_fetch_one, wanted) if ad is not None]


def _fetch_one(ad: Ad) -> Ad | None:
    try:
        list(function.step(ad))
    except HostBusyError:
        return ad
    return None


def timed(work: Callable[[], None]) -> float:
    """Seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def sites(latency_s: float) -> Iterator[list[str]]:
    """The base URLs of the sites, while they are served."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, latency_s), daemon=True)
    server.start()
    yield here.recv()
    here.send("stop")
    server.join()


def _serve(control: Connection, latency_s: float) -> None:
    with ExitStack() as stack:
        addresses = (f"127.0.0.{n}" for n in range(1, SITES + 1))
        servers = [stack.enter_context(HostileServer(address=at, latency_s=latency_s)) for at in addresses]
        control.send([server.url("") for server in servers])
        control.recv()


@contextmanager
def cloud_storage(allowed: Sequence[str]) -> Iterator[None]:
    """A local Cloud Storage server with the pipeline's buckets, and the function's settings for it."""
    with tempfile.TemporaryDirectory() as folder, gcs.served(Path(folder)):
        os.environ["GOOGLE_CLOUD_PROJECT"] = "benchmark"
        os.environ["FETCH_ALLOW_HOSTS"] = ",".join(url.removeprefix("http://") for url in allowed)
        client = storage.Client(project="benchmark")
        for part in ("creatives", "results", "staging"):
            os.environ[f"{part.upper()}_BUCKET"] = client.create_bucket(f"benchmark-{part}").name
        yield


def arguments() -> argparse.Namespace:
    """What to measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fetch", description=__doc__)
    parser.add_argument("--ads", type=int, default=200)
    parser.add_argument("--ads-per-url", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--latency-ms", type=float, default=100)
    parser.add_argument("--threads", type=int, default=32, help="the function's concurrency in infra/pipeline.yaml")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def main() -> None:
    """Measures and prints."""
    options = arguments()
    numbers = iter(range(10**9))
    with sites(options.latency_ms / 1000) as urls, cloud_storage(urls):
        fetch(ads(urls, numbers, 8, 1), options.threads)  # imports, clients, connections
        for ads_per_url in options.ads_per_url:
            rounds = [measure(urls, numbers, options, ads_per_url) for _ in range(options.rounds)]
            report(rounds, f"{options.ads} ads, {ads_per_url} per URL, {options.latency_ms:.0f} ms latency")


def report(rounds: Sequence[Round], title: str) -> None:
    """Prints each round and the median ratio."""
    print(title)
    for n, one in enumerate(rounds, start=1):
        plain, fetched = one.ads / one.plain_s, one.ads / one.fetch_s
        busy_ms = 1000 * one.fetch_cpu_s / one.ads
        print(
            f"  round {n}: requests {plain:.1f} ads/s, fetch {fetched:.1f} ads/s ({busy_ms:.0f} ms of processor each)"
        )
    print(f"  fetch is faster by (median) {statistics.median(one.ratio for one in rounds):.1f}")


if __name__ == "__main__":
    main()
