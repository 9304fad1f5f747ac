"""What failed is shown, mended and replayed, as a user does it: by command, on a pipeline that runs.

Also what only a running pipeline shows: that its servers listen on this machine alone.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from local.pubsub import topology
from local.running import DATASET, PROJECT
from shared import wiring
from tests import pictures
from tests.e2e import pipelines
from tests.e2e.restartable import Restartable, restartable
from tests.hostile_server import HostileServer
from tests.sockets import listening

pytestmark = pytest.mark.server

ATTEMPTS = 5


@pytest.fixture(scope="module")
def site() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restartable]:
    with restartable(tmp_path_factory.mktemp("replay")) as running:
        yield running


def command(pipeline: Restartable, *arguments: str) -> str:
    return pipelines.printed(*arguments, data=pipeline.found.data)


def published(pipeline: Restartable) -> int:
    """How many messages of the topics that a replay of this file publishes to became rows."""
    [row] = pipeline.query("SELECT (SELECT COUNT(*) FROM `{0}.ads`) + (SELECT COUNT(*) FROM `{0}.images`) AS n")
    return int(row["n"])


def status_of(pipeline: Restartable, ad_id: str) -> str:
    pipeline.wait_until_idle()
    [ad] = [row for row in pipeline.query("SELECT ad_id, status FROM `{}.ads_enriched`") if row["ad_id"] == ad_id]
    return str(ad["status"])


@pytest.mark.long
def test_an_ad_whose_site_was_mended_is_replayed_once(pipeline: Restartable, site: HostileServer) -> None:
    pipeline.start({"FETCH_ALLOW_HOSTS": site.host_port})
    items = [{"ad_id": "mended", "url": site.url("/missing/1")}, {"ad_id": "text", "url": "data:,hello"}]
    pipeline.publish("url-batches", [json.dumps(items).encode()])
    assert status_of(pipeline, "mended") == "failed"
    before = published(pipeline)

    shown: dict[str, Any] = {}
    for line in command(pipeline, "failures", "--json").splitlines():
        shown |= {(found := json.loads(line))["ad_id"]: found["reason"]}
    planned = command(pipeline, "replay", "--dry-run")
    after_plan = published(pipeline)
    command(pipeline, "replay", "--yes")
    status = status_of(pipeline, "mended")
    replayed = published(pipeline)
    again = command(pipeline, "replay", "--yes")
    pipeline.wait_until_idle()

    assert shown == {"mended": "not_found", "text": "unsupported_type"}
    assert "1 message would be published" in planned
    assert "1 not sent (unsupported_type)" in planned
    assert (status, before, after_plan) == ("analysed", 2, 2)
    assert "nothing to replay" in again
    assert published(pipeline) == replayed
    assert json.loads(command(pipeline, "status", "--json"))["by_status"]["analysed"] == 1


def test_a_message_that_was_given_up_is_replayed_once(pipeline: Restartable) -> None:
    give_up_soon(pipeline)
    pipeline.start({"RESULTS_BUCKET": "no-such-bucket"})
    pipeline.upload("given-up.png", pictures.encode(pictures.draw(96, 64, seed=3), "PNG"))
    assert status_of(pipeline, "given-up.png") == "failed"
    [letter] = pipeline.query("SELECT message_id FROM `{}.dead_letters`")

    pipeline.start({})
    line = command(pipeline, "failures", "--stage", "hash")
    command(pipeline, "replay", "--id", letter["message_id"], "--yes")
    status = status_of(pipeline, "given-up.png")
    again = command(pipeline, "replay", "--yes")

    assert f"creatives replay --id {letter['message_id']}" in line
    assert f"after {ATTEMPTS} attempts of subscription hash" in line
    assert status == "analysed"
    assert "nothing to replay" in again


@pytest.mark.skipif(sys.platform != "linux", reason="sockets are found in /proc")
def test_every_server_listens_on_this_machine_alone(pipeline: Restartable) -> None:
    groups = {name: server.process.pid for name, server in pipeline.found.servers.items()}
    groups["functions"] = pipeline.functions.process.pid

    found = {name: listening(group) for name, group in groups.items()}

    assert set(found) == {"functions", "bigquery", "pubsub", "gcs"}
    assert {name: len(addresses) for name, addresses in found.items()} == {"gcs": 1} | dict.fromkeys(
        ("functions", "bigquery", "pubsub"), 2
    )
    assert {address for addresses in found.values() for address, _ in addresses} == {"127.0.0.1"}


@pytest.mark.skipif(sys.platform != "linux", reason="a process's children are found in /proc")
def test_a_process_of_the_functions_that_ends_is_replaced_at_its_own_port(pipeline: Restartable) -> None:
    [arbiter] = children(pipeline.functions.process.pid)
    first = children(arbiter)
    at = [endpoint_port(pipeline, name) for name in ("dedup", "hash")]
    assert len(first) == len(set(at)) == 2

    for ended in first:
        os.kill(ended, signal.SIGKILL)
        served = [served_by(port) for port in at]
        assert served == [b"ok", b"ok"]

    assert not set(children(arbiter)) & set(first)


def children(process: int) -> list[int]:
    """Those that it has started and that live."""
    return list(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))


def endpoint_port(pipeline: Restartable, name: str) -> int:
    """Where a function is reached."""
    return int(urlsplit(pipeline.endpoint_of(name)).port or 0)


def served_by(port: int) -> bytes:
    """What is answered at a port, by whoever comes to take it: a connection waits until then."""
    with urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        return bytes(answer.read())


def give_up_soon(pipeline: Restartable) -> None:
    """Has messages to `hash` tried as often as Pub/Sub tries them at least, one right after the other."""
    wired = wiring.load()
    quick = {"min_backoff_s": 0.05, "max_backoff_s": 0.05, "max_attempts": ATTEMPTS}
    changed = {"hash": wired.push_subscriptions["hash"].model_copy(update=quick)}
    topology.wire(
        wired.model_copy(update={"push_subscriptions": wired.push_subscriptions | changed}),
        project=PROJECT,
        dataset=DATASET,
        endpoint_of=pipeline.endpoint_of,
    )
