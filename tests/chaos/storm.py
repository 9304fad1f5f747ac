"""Makes a plan happen: the real functions as a real process behind the local servers, and the faults of the plan.

The pipeline is wired as pipeline.yaml says but for time: a retry comes after 0.2 to 2 seconds instead of 10 to 600, and
as many more of them are allowed, so that an outage of seconds here is what one of minutes is there.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from google.cloud import bigquery as bigquery_client_library

from creatives.analysis import inputs
from local import bigquery, catching_up, processes, running, storage
from local.chosen import Options
from local.processes import Server
from local.pubsub import serving, status, topology
from local.running import DATASET, PROJECT, Running
from shared import clients, wiring
from tests import gemini_model
from tests.chaos.plan import Fault, Plan
from tests.e2e import pipelines
from tests.e2e.restartable import own_clients, ports_of
from tests.gemini_model import Asked
from tests.gemini_server import GeminiServer, faults_at_random
from tests.hostile_server import HostileServer

SETTLE_LIMIT_S = 420
DISK_MB = 256
QUICK = {"min_backoff_s": 0.2, "max_backoff_s": 2.0, "max_attempts": 100}
PATIENCE = {"FETCH_ATTEMPTS": "50", "FETCH_BACKOFF_S": "0.1", "FETCH_RETRY_AFTER_S": "1"}
LEASES = {"FETCH_LEASE_S": "25", "EXTRACTION_TIMEOUT_S": "25", "CALL_TIMEOUT_S": "5", "RETRY_PAUSE_S": "0.2"}
MODEL_FAULTS = {"429": 0.05, "500": 0.03, "503": 0.05, "hang": 0.02}


@dataclass
class Outcome:
    """What a storm left behind.

    Attributes:
        ads: rows of `ads_enriched`.
        faults: how often each kind was injected.
        paid_at: for each picture that the model saw, when it was paid for (seconds of the monotonic clock).
        killed_at: when the functions were killed.
        seconds: from the first ad to the last one's end.
    """

    ads: list[dict[str, Any]] = field(default_factory=list)
    current: dict[str, int] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    paid_at: dict[str, list[float]] = field(default_factory=dict)
    killed_at: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Machine:
    """The pipeline's servers, each of which can be ended and started again on its old ports and folder."""

    def __init__(self, found: Running, settings: Mapping[str, str], outcome: Outcome, seed: int) -> None:
        self.data = found.data
        self.variables = {**found.variables, **settings}
        self.outcome = outcome
        self.seed = seed
        self._servers = dict(found.servers)
        self._functions_ports = ports_of(found.servers["functions"])

    def kill(self, name: str) -> None:
        """Ends a server as a crash would."""
        self._servers[name].kill()
        if name == "functions":
            self.outcome.killed_at.append(time.monotonic())

    def start(self, name: str, skew_s: float = 0) -> None:
        """Starts a server that was ended."""
        self._servers[name] = {
            "functions": lambda: self._start_functions(skew_s),
            "bigquery": self._start_bigquery,
            "pubsub": self._start_pubsub,
            "gcs": self._start_storage,
        }[name]()

    def stop(self, name: str) -> None:
        """Ends a server as an administrator does."""
        self._servers[name].stop()

    @contextmanager
    def stalled(self, name: str) -> Iterator[None]:
        """While in the block, a server takes connections and does nothing."""
        group = self._servers[name].process.pid
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):  # the storm may be over already
                os.killpg(group, signal.SIGCONT)

    def end(self) -> None:
        """Stops what was started here."""
        for server in self._servers.values():
            server.stop()

    def wire(self) -> None:
        """Gives the subscriptions their quick retries."""
        wired = wiring.load()
        quick = {name: each.model_copy(update=QUICK) for name, each in wired.push_subscriptions.items()}
        rows = {name: each.model_copy(update=QUICK) for name, each in wired.bigquery_subscriptions.items()}
        topology.wire(
            wired.model_copy(update={"push_subscriptions": quick, "bigquery_subscriptions": rows}),
            project=PROJECT,
            dataset=DATASET,
            endpoint_of=lambda name: running.endpoint(self._functions_ports, name),
        )

    def _start_functions(self, skew_s: float) -> Server:
        module = ["tests.chaos.skewed", str(skew_s)] if skew_s else ["local.functions"]
        command = [sys.executable, "-m", *module, *running.at_ports(self._functions_ports)]
        env = {**self.variables, "PYTHONPATH": str(wiring.ROOT)}
        server = processes.start("functions", command, log_folder=self.data / "logs", env=env)
        return running.wait_for_functions(server, self._functions_ports)

    def _start_bigquery(self) -> Server:
        old = self._servers["bigquery"]
        return bigquery.serve(self.data, PROJECT, int(_argument(old, "--port")), int(_argument(old, "--grpc-port")))

    def _start_pubsub(self) -> Server:
        old = self._servers["pubsub"]
        return serving.serve(
            self.data,
            int(_argument(old, "--port")),
            status_port=int(_argument(old, "--status-port")),
            project=PROJECT,
            bigquery=self.variables["BIGQUERY_EMULATOR_HOST"],
            disorder=disorder(self.seed),
        )

    def _start_storage(self) -> Server:
        port = int(_argument(self._servers["gcs"], "--port"))
        pubsub_host = self.variables["PUBSUB_EMULATOR_HOST"]
        return storage.serve(self.data, project=PROJECT, port=port, pubsub_host=pubsub_host, pipeline=wiring.load())


def _argument(server: Server, name: str) -> str:
    words = [str(word) for word in server.process.args]  # type: ignore[union-attr]
    joined = next((word for word in words if word.startswith(f"{name}=")), None)
    return joined.split("=", 1)[1] if joined else words[words.index(name) + 1]


def disorder(seed: int) -> str:
    """Half of all messages twice, each up to half a second late, and so in another order."""
    return f"{seed}:duplicates=0.5,delay=0.5"


def run(plan: Plan, data: Path) -> Outcome:
    """Feeds the plan's ads while its faults happen, repairs everything, waits until all is settled, and reports."""
    outcome = Outcome()
    with HostileServer() as site, GeminiServer() as gemini, _disk(data):
        model = faults_at_random(MODEL_FAULTS, plan.seed)
        gemini.misbehave = model
        gemini.hang_s = 1
        gemini.paid_for = lambda asked: _note_payment(outcome, asked)
        settings = {
            **PATIENCE,
            **LEASES,
            "EXTRACTOR": "gemini",
            "GEMINI_API_KEY": "key",
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
            "FETCH_ALLOW_HOSTS": site.host_port,
        }
        with _machine(data, settings, outcome, plan.seed) as machine:
            began = time.monotonic()
            faults = threading.Thread(target=_rage, args=(plan, machine, gemini, began), daemon=True)
            faults.start()
            _feed(plan, site)
            faults.join()
            gemini.misbehave = model
            _settle(machine)
            outcome.seconds = time.monotonic() - began
            outcome.ads, outcome.current = _read()
        outcome.faults += Counter({f"model {kind}": count for kind, count in gemini.outcomes.items()})
        del outcome.faults["model answered"]
    return outcome


@contextmanager
def _machine(data: Path, settings: Mapping[str, str], outcome: Outcome, seed: int) -> Iterator[Machine]:
    nowhere = patch.dict(os.environ, {**pipelines.environment(), **settings}, clear=True)
    options = Options("gemini", "own", disorder(seed))
    with nowhere, own_clients(), running.running(data, options) as found:
        machine = Machine(found, settings, outcome, seed)
        machine.wire()
        try:
            yield machine
        finally:
            machine.end()


def _note_payment(outcome: Outcome, asked: Asked) -> None:
    for seen in asked.seen:
        outcome.paid_at.setdefault(gemini_model.digest(seen.content), []).append(time.monotonic())


def _rage(plan: Plan, machine: Machine, gemini: GeminiServer, began: float) -> None:
    for fault in plan.faults:
        time.sleep(max(0.0, began + fault.at_s - time.monotonic()))
        _inject(fault, machine, gemini)
        machine.outcome.faults[fault.kind] += 1


def _inject(fault: Fault, machine: Machine, gemini: GeminiServer) -> None:
    effects: dict[str, Callable[[], None]] = {
        "kill_functions": lambda: _crash(machine, "functions", fault.lasts_s),
        "kill_bigquery": lambda: _crash(machine, "bigquery", fault.lasts_s),
        "kill_pubsub": lambda: _crash(machine, "pubsub", fault.lasts_s),
        "restart_storage": lambda: _restart_storage(machine, fault.lasts_s),
        "stall_bigquery": lambda: _stall(machine, "bigquery", fault.lasts_s),
        "stall_storage": lambda: _stall(machine, "gcs", fault.lasts_s),
        "full_disk": lambda: _fill_disk(machine.data / "gcs", fault.lasts_s),
        "model_outage": lambda: _outage(gemini, fault.lasts_s),
        "wrong_clock": lambda: _wrong_clock(machine, fault),
    }
    effects[fault.kind]()


def _crash(machine: Machine, name: str, lasts_s: float) -> None:
    machine.kill(name)
    time.sleep(lasts_s)
    machine.start(name)


def _restart_storage(machine: Machine, lasts_s: float) -> None:
    machine.stop("gcs")
    time.sleep(lasts_s)
    machine.start("gcs")


def _stall(machine: Machine, name: str, lasts_s: float) -> None:
    with machine.stalled(name):
        time.sleep(lasts_s)


def _outage(gemini: GeminiServer, lasts_s: float) -> None:
    before, gemini.misbehave = gemini.misbehave, lambda: "503"
    time.sleep(lasts_s)
    gemini.misbehave = before


def _wrong_clock(machine: Machine, fault: Fault) -> None:
    machine.kill("functions")
    machine.start("functions", fault.skew_s)
    time.sleep(fault.lasts_s)
    machine.kill("functions")
    machine.start("functions")


@contextmanager
def _disk(data: Path) -> Iterator[None]:
    """A small file system for the buckets, which can be filled; where we may not mount one, they stay as they are."""
    folder = data / "gcs"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill_disk(folder: Path, lasts_s: float) -> None:
    """Leaves no room in the buckets' file system, if that is one of its own."""
    if not folder.is_mount():
        return
    filler = folder / ".filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"\0" * 2**20) == 2**20:
            pass
    time.sleep(lasts_s)
    filler.unlink()


def _feed(plan: Plan, site: HostileServer) -> None:
    """Uploads and publishes as users do, who try again until it worked, in an order of the seed's own."""
    bucket = clients.storage_client(PROJECT).bucket(storage.bucket_name(PROJECT, "creatives"))
    uploads = [
        lambda name=name, content=content: _upload(bucket, name, content) for name, content in plan.files.items()
    ]
    ads = [inputs.UrlAd(ad_id, site.url(path)) for ad_id, path in plan.pages.items()]
    publisher = clients.publisher_client()
    batches = [lambda at=at: inputs.publish(publisher, PROJECT, ads[at : at + 20]) for at in range(0, len(ads), 20)]
    steps: list[Callable[[], object]] = [*uploads, *batches]
    random.Random(plan.seed).shuffle(steps)
    for step in steps:
        _until_it_works(step)


def _upload(bucket: Any, name: str, content: bytes) -> None:
    blob = bucket.blob(name)
    blob.upload_from_string(content, timeout=5, retry=None)
    blob.reload(timeout=5)
    assert blob.size == len(content), f"{name} was stored with {blob.size} of {len(content)} bytes"


def _until_it_works(step: Callable[[], object]) -> None:
    end = time.monotonic() + SETTLE_LIMIT_S
    while True:
        try:
            step()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def _settle(machine: Machine) -> None:
    """Waits until nothing is under way, tells of uploads whose notice the storm swallowed, and waits again."""
    url = machine.variables["PUBSUB_STATUS_URL"]
    status.wait_until_idle(url, limit_s=SETTLE_LIMIT_S)
    bucket = machine.variables["CREATIVES_BUCKET"]
    while catching_up.catch_up(PROJECT, DATASET, bucket, "uploads"):
        status.wait_until_idle(url, limit_s=SETTLE_LIMIT_S)


def _read() -> tuple[list[dict[str, Any]], dict[str, int]]:
    client: bigquery_client_library.Client = clients.bigquery_client(PROJECT)
    ads = [dict(row.items()) for row in client.query_and_wait(f"SELECT * FROM {DATASET}.ads_enriched")]
    counts = client.query_and_wait(f"SELECT status, SUM(ads) AS ads FROM {DATASET}.pipeline_status GROUP BY status")
    return ads, {row["status"]: row["ads"] for row in counts}
