"""The whole pipeline on this machine: its servers started in order, wired, and stopped; or found running already.

One data folder holds everything that lasts: objects, tables, waiting messages, logs. One pipeline runs on a folder at
a time; a second command on the same folder uses the one that runs.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from functions.extract.extractors import availability
from functions.extract.settings import ExtractSettings
from functions.import_ads.settings import ImportSettings
from local import (
    bigquery,
    catching_up,
    chosen,
    clock,
    folder,
    google_tools,
    leases,
    ports,
    processes,
    proxies,
    storage,
    taxonomies,
)
from local.chosen import Options
from local.dataset import RawAds
from local.folder import Progress
from local.prepared import Prepared
from local.processes import Server, ServerError
from local.pubsub import serving as pubsub
from shared import clients, features, wiring
from shared.tables.growth import SchemaChangeError
from shared.wiring import Pipeline

PROJECT = "local"
DATASET = "creatives"
# Gunicorn's worker is a fork, in which macOS ends whoever uses one of its own libraries first (benoitc/gunicorn #2761).
_FORKING = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
# What a thread has freed glibc keeps for that thread, up to eight times a processor: eight that read ads at a time took
# 1,333 MiB after ten, and take 860 so, in the same time (November 2026).
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
# As in the cloud (infra/functions.tf): ads are read beside one another as it is.
_ONE_THREAD_A_PRODUCT = {"OPENBLAS_NUM_THREADS": "1"}

_BESIDE = ("intake", "fetch", "render", "hash", "probe", "verify")
"""What looks at files, and keeps nothing: a third of the functions' work. It answers at the second port, in a process
of its own, beside what knows all creatives or waits for a model."""


@dataclass(frozen=True)
class Running:
    """Where a running pipeline is reached.

    Attributes:
        data: its data folder.
        variables: what any Google client, and the functions' settings, need in their environment.
        servers: the processes by name, when this process started them; empty when another one did.
    """

    data: Path
    variables: Mapping[str, str]
    servers: Mapping[str, Server]

    def require_working(self) -> None:
        """Returns while nothing hinders the pipeline.

        Raises:
            ServerError: when one of the servers ended by itself, or the folder's disk is full.
        """
        folder.require_room(self.data)
        for server in self.servers.values():
            if server.process.poll() is not None:
                raise ServerError(f"{server.name} ended by itself: {server.log} says why")


@contextmanager
def running(data: Path, options: Options, *, progress: Progress = lambda _: None) -> Iterator[Running]:
    """The pipeline on `data`: started here and stopped at the end, or the one that runs there already.

    This process's own Google clients are pointed at it.

    Raises:
        ServerError: when the folder cannot be used, or a server does not start.
        SettingsError: when a setting is unusable, or who shall extract cannot answer.
    """
    data = folder.made(data)
    taxonomies.settle(data, options.taxonomy, os.environ)
    with folder.owned(data, progress=progress) as own, ExitStack() as stopping:
        if own:
            _end_earlier_run(data, progress)
            with folder.private():
                found = _start(data, options, progress, stopping)
            stopping.callback((data / "env").unlink, missing_ok=True)
            stopping.enter_context(folder.ready(data))
        else:
            progress("using the pipeline that runs on this folder")
            found = attach(data, options)
        yield found


def attach(data: Path, options: Options | None = None) -> Running:
    """The pipeline that another process runs on `data`; this process's Google clients are pointed at it.

    With `options` this process asks for extractions: its settings become those of the pipeline.

    Raises:
        ServerError: when there is none.
        SettingsError: when it was started with something else than this process asks for.
    """
    folder.require_own(data)
    if not folder.wait_until_ready(data):
        raise _no_pipeline(data)
    found = Running(data, read_variables(data), {})
    if options:
        taxonomies.settle(data, options.taxonomy, os.environ)
        chosen.require_same(data, options, found.variables)
        os.environ.update(chosen.variables(data))
    os.environ.update({**found.variables, **proxies.excepted(os.environ)})
    google_tools.forget_credentials(os.environ)
    return found


def read_variables(data: Path) -> dict[str, str]:
    """The variables of the pipeline that another process runs on `data`.

    Raises:
        ServerError: when there is none, or it is still starting.
    """
    try:
        lines = (data / "env").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        raise _no_pipeline(data) from None
    words = [shlex.split(line.removeprefix("export "))[0] for line in lines if line]
    return dict(word.split("=", 1) for word in words)


def _no_pipeline(data: Path) -> ServerError:
    return ServerError(f"no pipeline is ready on {data}: start one with `creatives up --data {data}`")


def _end_earlier_run(data: Path, progress: Progress) -> None:
    """What a killed run left: its variables, which lead nowhere, servers, half uploads, leases."""
    (data / "env").unlink(missing_ok=True)
    shutil.rmtree(data / "incoming", ignore_errors=True)
    ended = processes.end_left_behind(data / "logs")
    if ended:
        progress(f"ended the servers of an earlier run: {', '.join(ended)}")
    leases.release(storage.bucket_folder(data, PROJECT, "results"))


def _start(data: Path, options: Options, progress: Progress, stopping: ExitStack) -> Running:
    """Starts everything. Functions and BigQuery come up side by side; Pub/Sub comes after them, since it delivers
    what an earlier run left waiting as soon as it is up, and Cloud Storage last, since it publishes."""
    wired = wiring.load()
    emulator = _Emulator.chosen(options)
    first, second, grpc_port, *server_ports = own = ports.held(7)
    functions_ports = first, second
    stopping.callback(ports.release, own)  # those that no server came to take
    variables = emulator.reached(_variables(*server_ports)) | {"EXTRACTOR": options.extractor}
    variables |= proxies.excepted(os.environ)
    os.environ.update(variables)
    chosen.require_usable()
    if doubt := availability.require(ExtractSettings.load()):
        progress(doubt)

    progress("starting the functions and BigQuery")
    functions = start_functions(functions_ports, data, variables, rows=emulator.official)
    stopping.callback(functions.stop)
    raw_ads_table = raw_ads()
    prepared = Prepared(wired, PROJECT, DATASET, raw_ads_table, features.load(ExtractSettings.load().features))
    with schema_faults():
        new = prepared.lay(data)
    tables = _start_bigquery(data, variables, grpc_port=grpc_port)
    stopping.callback(tables.stop)
    with schema_faults():
        prepared.ensure(clients.bigquery_client(PROJECT), data, new=new)
    wait_for_functions(functions, functions_ports)

    progress("starting Pub/Sub and Cloud Storage")
    messages = None if emulator.given else _start_pubsub(data, options, variables)
    if messages:
        stopping.callback(messages.stop)
    _wire(wired, functions_ports, official=emulator.official)
    objects = _start_storage(data, variables, wired)
    stopping.callback(objects.stop)
    storage.ensure_buckets(clients.storage_client(PROJECT), wired, PROJECT)
    catching_up.catch_up(PROJECT, DATASET, variables["CREATIVES_BUCKET"], wired.buckets["creatives"].notify or "")
    stopping.enter_context(clock.ticking(wired.schedules, _publish))
    stopping.callback(functions.stop)  # first of all: what is in the middle of its work still reaches the others
    chosen.keep(data, options)
    write_variables(data, variables | _raw_ads_variables(raw_ads_table) | _tools_variables(data, variables))
    servers = {server.name: server for server in (functions, tables, messages, objects) if server}
    return Running(data, variables, servers)


@contextmanager
def schema_faults() -> Iterator[None]:
    """Tells of columns that cannot change as of a server that does not start."""
    try:
        yield
    except SchemaChangeError as error:
        raise ServerError(str(error)) from error


@dataclass(frozen=True)
class _Emulator:
    """Which Pub/Sub server: Google's or ours, and where it is if the user runs it already."""

    official: bool
    given: str | None

    @classmethod
    def chosen(cls, options: Options) -> Self:
        given = pubsub.given_emulator() if options.pubsub == "auto" else None
        official = given is not None or options.pubsub == "official"
        if official and options.disorder:
            raise ServerError("--disorder needs our own Pub/Sub server: give --pubsub own")
        return cls(official, given)

    def reached(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The variables with this server's own place; Google's emulator does not tell what waits."""
        place = {"PUBSUB_EMULATOR_HOST": self.given} if self.given else {}
        without = {"PUBSUB_STATUS_URL"} if self.official else set()
        return {name: value for name, value in variables.items() if name not in without} | place


def raw_ads() -> RawAds:
    """The table of raw ads that the environment names, as `import_ads` reads it."""
    settings = ImportSettings.load()
    return RawAds(settings.raw_ads, settings.raw_ads_id_column, settings.raw_ads_url_columns)


def _raw_ads_variables(raw_ads: RawAds) -> dict[str, str]:
    """As whoever attaches to the pipeline needs them, to import from the same table."""
    names = {"RAW_ADS_ID_COLUMN": raw_ads.id_column, "RAW_ADS_URL_COLUMNS": ",".join(raw_ads.url_columns)}
    return names | ({"RAW_ADS_TABLE": raw_ads.table} if raw_ads.table else {})


def _tools_variables(data: Path, variables: Mapping[str, str]) -> dict[str, str]:
    storage_url, bigquery_url = variables["STORAGE_EMULATOR_HOST"], variables["BIGQUERY_EMULATOR_HOST"]
    return google_tools.variables(data, PROJECT, storage=storage_url, bigquery=bigquery_url)


def _start_bigquery(data: Path, variables: Mapping[str, str], *, grpc_port: int) -> Server:
    return bigquery.serve(data, PROJECT, _port(variables["BIGQUERY_EMULATOR_HOST"]), grpc_port)


def _start_storage(data: Path, variables: Mapping[str, str], wired: Pipeline) -> Server:
    port = _port(variables["STORAGE_EMULATOR_HOST"])
    pubsub_host = variables["PUBSUB_EMULATOR_HOST"]
    return storage.serve(data, project=PROJECT, port=port, pubsub_host=pubsub_host, pipeline=wired)


def _wire(wired: Pipeline, functions_ports: Sequence[int], *, official: bool) -> None:
    from local.pubsub import topology  # with Google's clients a third of a second, after the settings were looked at

    topology.wire(
        wired,
        project=PROJECT,
        dataset=DATASET,
        endpoint_of=lambda name: endpoint(functions_ports, name),
        rows_endpoint=(lambda name: f"{endpoint(functions_ports, 'rows')}{name}") if official else None,
    )


def endpoint(functions_ports: Sequence[int], name: str) -> str:
    """Where a function takes its messages."""
    return f"http://127.0.0.1:{functions_ports[name in _BESIDE]}/{name}/"


def _start_pubsub(data: Path, options: Options, variables: Mapping[str, str]) -> Server:
    port = _port(variables["PUBSUB_EMULATOR_HOST"])
    if options.pubsub == "official":
        return pubsub.serve_official(data, port)
    return pubsub.serve(
        data,
        port,
        status_port=_port(variables["PUBSUB_STATUS_URL"]),
        project=PROJECT,
        bigquery=variables["BIGQUERY_EMULATOR_HOST"],
        disorder=options.disorder,
    )


def _publish(topic: str, data: bytes) -> None:
    publisher = clients.publisher_client()
    publisher.publish(publisher.topic_path(PROJECT, topic), data).result(timeout=30)


def start_functions(
    functions_ports: Sequence[int], data: Path, variables: Mapping[str, str], *, rows: bool = False
) -> Server:
    """Starts the functions' processes; they are ready once their two ports answer. With `rows` they write them for an
    emulator."""
    command = [sys.executable, "-m", "local.functions", *(["--rows"] if rows else []), *at_ports(functions_ports)]
    env = {**variables, **_FORKING, **_FEW_ARENAS, **_ONE_THREAD_A_PRODUCT, "PYTHONPATH": str(wiring.ROOT)}
    return processes.start("functions", command, log_folder=data / "logs", env=env, listens_on=functions_ports)


def at_ports(functions_ports: Sequence[int]) -> list[str]:
    """What tells the functions' processes where they answer."""
    return [word for port in functions_ports for word in ("--port", str(port))]


def wait_for_functions(functions: Server, functions_ports: Sequence[int]) -> Server:
    """The functions, once all of their ports answer.

    Raises:
        ServerError: when they end before.
    """
    return processes.wait_until_ready(functions, lambda: all(map(processes.accepts_connections, functions_ports)))


def write_variables(data: Path, variables: Mapping[str, str]) -> None:
    """Writes `DATA/env`, to be sourced by a shell; in one step, so that nobody reads half of it."""
    text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    unfinished = data / "env.new"
    with folder.private():
        unfinished.write_text(text)
    unfinished.replace(data / "env")


def _port(place: str) -> int:
    """The port of `host:port` or of a URL."""
    return urlsplit(place if "://" in place else f"//{place}").port or 0


def _variables(bigquery_port: int, pubsub_port: int, status_port: int, storage_port: int) -> dict[str, str]:
    return names() | {
        "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{storage_port}",
        "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{pubsub_port}",
        "PUBSUB_STATUS_URL": f"http://127.0.0.1:{status_port}/status",
        "BIGQUERY_EMULATOR_HOST": f"http://127.0.0.1:{bigquery_port}",
    }


def names() -> dict[str, str]:
    """The variables that name what there is, wherever its servers are."""
    return {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "DATASET": DATASET,
        "CREATIVES_BUCKET": storage.bucket_name(PROJECT, "creatives"),
        "RESULTS_BUCKET": storage.bucket_name(PROJECT, "results"),
        "STAGING_BUCKET": storage.bucket_name(PROJECT, "staging"),
        "INDEX_BUCKET": storage.bucket_name(PROJECT, "index"),
    }
