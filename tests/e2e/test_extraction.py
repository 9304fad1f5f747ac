"""Extraction through the whole local pipeline: what is paid, how often, and what becomes of it when things break.

The model server of the tests stands where Gemini does; everything else is as `creatives up` runs it. The gate asks
how often is paid, and that a budget holds; the long run does more of that, and the rest, whose parts the gate holds in
tests/functions/extract.
"""

import json
import random
import shutil
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared import identity, wiring
from shared.events import Extraction, Kind
from shared.wiring import ROOT
from tests import gemini_model, pictures
from tests.cases import first_of
from tests.e2e import pipelines
from tests.e2e.pipelines import wait_for
from tests.e2e.restartable import Restartable, restartable
from tests.gemini_model import Asked
from tests.gemini_server import GeminiServer, HungError, faults_at_random

pytestmark = pytest.mark.server

SAMPLES = ROOT / "samples"
CONCURRENCY = 8  # of `extract`, in pipeline.yaml
SIDE = 240


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restartable]:
    with restartable(tmp_path_factory.mktemp("extraction")) as running:
        yield running


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        yield running


def asking(url: str, **settings: str) -> dict[str, str]:
    """The settings of functions that ask a model at `url`."""
    names = {"EXTRACTOR": "gemini", "GEMINI_API_KEY": "key", "GOOGLE_GEMINI_BASE_URL": url, "RETRY_PAUSE_S": "0.01"}
    return names | settings


def drawn(seed: int, width: int = SIDE, height: int = SIDE) -> bytes:
    return pictures.encode(pictures.draw(width, height, seed=seed), "JPEG", quality=85)


def uploaded(pipeline: Restartable, creatives: Mapping[str, bytes]) -> dict[str, str]:
    """Uploads creatives by name; gives their ids by name."""
    for name, content in creatives.items():
        pipeline.upload(name, content)
    return {name: identity.creative_id(content) for name, content in creatives.items()}


def rows_of(pipeline: Restartable, creative_ids: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What holds of these creatives, by id."""
    listed = ", ".join(f"'{creative_id}'" for creative_id in creative_ids.values())
    rows = pipeline.query(f"SELECT * FROM `{{}}.creatives` WHERE creative_id IN ({listed})")
    return {row["creative_id"]: row for row in rows}


def analysed(pipeline: Restartable, creative_ids: Mapping[str, str]) -> int:
    return sum(row["status"] == "analysed" for row in rows_of(pipeline, creative_ids).values())


def spent(pipeline: Restartable) -> Decimal:
    """What the view `costs` adds up to."""
    (row,) = pipeline.query("SELECT SUM(cost_usd) AS usd FROM `{}.costs`")
    return Decimal(row["usd"] or 0)


def counted(pipeline: Restartable, table: str) -> int:
    (row,) = pipeline.query(f"SELECT COUNT(*) AS n FROM `{{}}.{table}`")
    return int(row["n"])


def requests(pipeline: Restartable, creative_ids: Mapping[str, str]) -> list[Extraction]:
    """The events that `dedup` has published for these creatives."""
    found = [Extraction.model_validate(row) for row in pipeline.query("SELECT * FROM `{}.extractions`")]
    return [request for request in found if request.creative_id in creative_ids.values()]


@pytest.mark.parametrize("creatives", first_of([16, 200]))
def test_events_delivered_up_to_4_times_are_one_paid_answer_a_creative(
    pipeline: Restartable, server: GeminiServer, creatives: int
) -> None:
    before, rows_before = spent(pipeline), counted(pipeline, "features")
    failed = counted(pipeline, "failures") + counted(pipeline, "dead_letters")
    server.misbehave = faults_at_random({"429": 0.2, "503": 0.2, "hang": 0.02})
    server.hang_s = 12
    server.answer = gemini_model.answer_without_quotations
    pipeline.start(asking(server.url, CALL_TIMEOUT_S="10"))
    draw = random.Random(5)
    contents = {f"storm/{creatives}/{number}.jpg": drawn(creatives * 1000 + number) for number in range(creatives)}

    creative_ids = uploaded(pipeline, contents)
    others = [requested(pipeline, *draw.choice(list(contents.items())), number) for number in range(creatives * 3 // 2)]
    many = [request for request in others for _ in range(draw.randint(1, 4))]
    pipeline.publish("extractions", map(encoded, many))
    pipeline.wait_until_idle()
    firsts = requests_by_dedup(pipeline, creative_ids)
    more = [request for request in firsts for _ in range(draw.randint(0, 3))]
    pipeline.publish("extractions", map(encoded, more))
    pipeline.wait_until_idle()

    assert len(firsts + others) == creatives * 5 // 2
    assert counted(pipeline, "features") - rows_before >= len(firsts) + len(many) + len(more)
    assert analysed(pipeline, creative_ids) == len(server.ledger) == creatives
    assert counted(pipeline, "failures") + counted(pipeline, "dead_letters") == failed
    assert spent(pipeline) - before == server.spent_usd
    assert server.outcomes.total() - server.outcomes["answered"] > 0.2 * server.outcomes.total()


def requests_by_dedup(pipeline: Restartable, creative_ids: Mapping[str, str]) -> list[Extraction]:
    """The events that `dedup` has published for these creatives."""
    found = [Extraction.model_validate(row) for row in pipeline.query("SELECT * FROM `{}.extractions`")]
    return [each for each in found if each.creative_id in creative_ids.values() and each.event_id[:7] != "another"]


def requested(pipeline: Restartable, name: str, content: bytes, number: int) -> Extraction:
    """Another event about an uploaded creative."""
    return Extraction(
        event_id=f"another-{number}",
        creative_id=identity.creative_id(content),
        uri=f"gs://{pipeline.found.variables['CREATIVES_BUCKET']}/{name}",
        content_type="image/jpeg",
        bytes=len(content),
        kind=Kind.IMAGE,
        width=SIDE,
        height=SIDE,
    )


def encoded(request: Extraction) -> bytes:
    return request.model_dump_json(exclude_none=True).encode()


class Steps:
    """Holds the first call about each creative at a step of its own; the picture's width says about which."""

    def __init__(self, server: GeminiServer) -> None:
        self.reached: set[str] = set()
        self._go_on = {name: threading.Event() for name in WIDTHS}
        server.answer = self._answered
        server.paid_for = lambda asked: self._held("after the call", asked)

    def let_go(self, name: str) -> None:
        """Lets the call of a creative go on."""
        self._go_on[name].set()

    def _answered(self, asked: Asked) -> Any:
        if self._held("in the call", asked):
            raise HungError("hang")
        self._held("before the publish", asked)
        return gemini_model.answer(asked)

    def _held(self, name: str, asked: Asked) -> bool:
        if asked.seen[0].width != WIDTHS[name] or name in self.reached:
            return False
        self.reached.add(name)
        return self._go_on[name].wait(60)


# Each creative is killed at another step of its extraction; its width says which.
WIDTHS = {"before the call": 240, "in the call": 250, "after the call": 260, "before the publish": 270}


@pytest.mark.long
def test_a_kill_at_any_step_ends_in_the_same_rows(pipeline: Restartable, server: GeminiServer) -> None:
    failures = counted(pipeline, "failures")
    creatives = {name: drawn(1000 + width, width) for name, width in WIDTHS.items()}
    first = dict(list(creatives.items())[:1])
    rest = dict(list(creatives.items())[1:])

    creative_ids = killed_before_the_call(pipeline, first)
    creative_ids |= killed_later(pipeline, server, rest)
    pipeline.start(asking(server.url))
    pipeline.wait_until_idle()

    rows = rows_of(pipeline, creative_ids)
    calls = Counter(asked.seen[0].width for asked in server.accepted)
    for name, width in WIDTHS.items():
        row = rows[creative_ids[name]]
        answered = [asked for asked in server.accepted if asked.seen[0].width == width][-1]
        assert known(row["features"]) == known(gemini_model.answer(answered)), name
        assert row["cost_usd"] == row["spent_usd"] == paid_for(server, answered)
    assert calls == {240: 1, 250: 2, 260: 2, 270: 1}
    assert len(server.ledger) == 5  # the answer that was in flight is paid for twice, the interrupted call is not
    assert counted(pipeline, "failures") == failures


def known(features: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are told; the row has those of videos as well, which are null, or empty where they are lists."""
    return {name: value for name, value in features.items() if value not in (None, [])}


def paid_for(server: GeminiServer, asked: Asked) -> Decimal:
    """What the last call about the same picture costs."""
    name = gemini_model.digest(asked.seen[0].content)
    return next(paid.usd for paid in reversed(server.ledger) if paid.content_hash == name)


def killed_before_the_call(pipeline: Restartable, creatives: Mapping[str, bytes]) -> dict[str, str]:
    """Ends the functions while they hold the lease of a creative, and no model has heard of it."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        pipeline.start(asking(f"http://127.0.0.1:{deaf.getsockname()[1]}", EXTRACTION_TIMEOUT_S=PATIENCE_S))
        creative_ids = uploaded(pipeline, creatives)
        wait_for(lambda: leased(pipeline, creative_ids) == 1)
        pipeline.kill()
    return creative_ids


PATIENCE_S = "12"


def killed_later(pipeline: Restartable, server: GeminiServer, creatives: Mapping[str, bytes]) -> dict[str, str]:
    """Ends the functions in the call of one creative, after that of another, and before the third is published."""
    steps = Steps(server)
    pipeline.start(asking(server.url, EXTRACTION_TIMEOUT_S=PATIENCE_S))
    creative_ids = uploaded(pipeline, creatives)
    wait_for(lambda: steps.reached == creatives.keys())
    with pipeline.frozen("pubsub"):
        steps.let_go("before the publish")
        last = {"before the publish": creative_ids["before the publish"]}
        wait_for(lambda: not leased(pipeline, last))
        pipeline.kill()
    for name in creatives:
        steps.let_go(name)
    return creative_ids


def leased(pipeline: Restartable, creative_ids: Mapping[str, str]) -> int:
    """How many of the creatives are being asked about, as the bucket says."""
    found = [answer for each in creative_ids.values() for answer in pipeline.objects(f"answers/{each}/")]
    return sum(answer.startswith(b"lease") for answer in found)


@pytest.mark.parametrize("calls", first_of([20, 50]))
def test_a_budget_makes_its_number_of_calls_and_raising_it_finishes_the_rest(
    pipeline: Restartable, server: GeminiServer, calls: int
) -> None:
    files = calls * 8 // 5
    server.answer = lambda asked: dict.fromkeys(asked.schema["properties"])  # so that all calls cost the same
    pipeline.start(asking(server.url))
    uploaded(pipeline, {"priced.jpg": drawn(10_000 * calls)})
    wait_for(lambda: server.ledger)
    pipeline.wait_until_idle()
    call_usd = server.spent_usd
    pipeline.start(asking(server.url, DAILY_BUDGET_USD=str(calls * call_usd)))

    creative_ids = uploaded(
        pipeline, {f"limited/{calls}/{number}.jpg": drawn(10_001 * calls + number) for number in range(files)}
    )
    wait_for(lambda: server.ledger[1:])
    settled(pipeline, server)
    made = len(server.ledger) - 1
    paused = pending(pipeline)
    pipeline.start(asking(server.url, DAILY_BUDGET_USD=str(2 * calls * call_usd)))
    pipeline.tick()
    pipeline.wait_until_idle()

    assert calls <= made <= calls + CONCURRENCY
    assert paused == [("extract", "daily_budget", files - made)]
    assert analysed(pipeline, creative_ids) == len(server.ledger[1:]) == files
    assert not pending(pipeline)
    assert not pipeline.objects("waiting/")


@pytest.mark.long
def test_ads_that_show_one_video_on_youtube_share_one_paid_answer(pipeline: Restartable, server: GeminiServer) -> None:
    server.checker.public["https://www.youtube.com/watch?v=abcdefghijk"] = 600
    pipeline.start(asking(server.url, YOUTUBE_SECONDS="30"))
    written = ["https://youtu.be/abcdefghijk", "www.youtube.com/shorts/abcdefghijk", "https://youtu.be/notforyou12"]
    ads = [{"ad_id": f"on-youtube-{number}", "url": url} for number, url in enumerate(written)]

    pipeline.publish("url-batches", [json.dumps(ads).encode()])
    pipeline.wait_until_idle()

    found = pipeline.query("SELECT * FROM `{}.ads_enriched` WHERE STARTS_WITH(ad_id, 'on-youtube-') ORDER BY ad_id")
    assert [(row["status"], row["reason"]) for row in found] == [
        ("analysed", None),
        ("duplicate", None),
        ("failed", "video_not_public"),
    ]
    (creative,) = pipeline.query("SELECT * FROM `{}.creatives` WHERE method = 'uri' AND status = 'analysed'")
    assert (creative["uri"], creative["n_ads"]) == ("https://www.youtube.com/watch?v=abcdefghijk", 2)
    assert [seen.seconds for paid in server.accepted for seen in paid.seen if b"abcdefghijk" in seen.content] == [30]


GATED = ("--strict", "--extractor", "offline")


@pytest.mark.long
def test_the_samples_are_read_as_well_as_ever(tmp_path: Path) -> None:
    shipped: list[str | Path] = [SAMPLES / ".labels.ndjson", "--baseline", SAMPLES / ".baseline.json"]

    as_ever = pipelines.run("evaluate", *shipped, *GATED, data=tmp_path)

    assert "worse" not in as_ever.stdout


@pytest.mark.long
def test_a_model_that_got_worse_than_its_baseline_is_told_and_fails(pipeline: Restartable, tmp_path: Path) -> None:
    ads = counted(pipeline, "sightings")
    shutil.copy(SAMPLES / "vanta-lease.jpg", tmp_path)
    labels, baseline = tmp_path / "labels.ndjson", tmp_path / "baseline.json"
    labels.write_text('{"file": "vanta-lease.jpg", "features": {"language": "fr", "price": 299}}')
    baseline.write_text('{"language": 1.0, "price": 1.0}')

    worse = pipelines.run("evaluate", labels, "--baseline", baseline, *GATED, data=pipeline.found.data, expect=1)

    assert "worse: language, 100% before, 0% now" in worse.stdout
    assert "worse: price" not in worse.stdout
    pipeline.wait_until_idle()
    assert counted(pipeline, "sightings") == ads


def pending(pipeline: Restartable) -> list[tuple[str, str, int]]:
    """What waits: for which stage, why, and how many ads."""
    rows = pipeline.query("SELECT stage, reason, ads FROM `{}.pipeline_status` WHERE status = 'pending'")
    return [(row["stage"], row["reason"], row["ads"]) for row in rows]


def settled(pipeline: Restartable, server: GeminiServer) -> None:
    """Ticks until a tick changes nothing: calls cost less than they were estimated at, so that more are covered."""
    pipeline.wait_until_idle()
    calls = 0
    while calls != len(server.ledger):
        calls = len(server.ledger)
        pipeline.tick()
        pipeline.wait_until_idle()


@pytest.mark.long
def test_all_that_was_analysed_gets_a_vector_or_a_reason_and_is_paid_for_once(
    pipeline: Restartable, server: GeminiServer
) -> None:
    server.answer = gemini_model.answer_without_quotations
    embedding = {"EMBEDDING_MODEL": "gemini-embedding-2", "EMBEDDING_DIMENSIONS": "128"}
    pipeline.start(asking(server.url, **embedding))
    (gone,) = uploaded(pipeline, {"meant/0.jpg": drawn(70_000)}).values()
    uploaded(pipeline, {f"meant/{number}.jpg": drawn(70_000 + number) for number in (1, 2)})
    pipeline.wait_until_idle()
    analysed = {
        row["creative_id"] for row in pipeline.query("SELECT creative_id FROM `{}.creatives` WHERE status = 'analysed'")
    }
    pipeline.bucket("CREATIVES_BUCKET").blob("meant/0.jpg").delete()
    failed, extracted, before = counted(pipeline, "failures"), server.spent_usd, spent(pipeline)

    pipeline.start(asking(server.url, DAILY_BUDGET_USD="0.000001", **embedding))
    ticked(pipeline)
    assert len(server.embeddings) <= 1, "there was a call's money at most"
    pipeline.start(asking(server.url, **embedding))
    for _ in range(2):
        ticked(pipeline)

    rows = pipeline.query("SELECT creative_id, reason, cost_usd FROM `{}.current_embeddings`")
    assert {row["creative_id"] for row in rows} == analysed
    assert [row["creative_id"] for row in rows if row["reason"]] == [gone]
    assert len(server.embeddings) == len(analysed) - 1
    assert sum(row["cost_usd"] or 0 for row in rows) == spent(pipeline) - before == server.spent_usd - extracted
    assert counted(pipeline, "failures") == failed


def ticked(pipeline: Restartable) -> None:
    """The tick of the schedule, delivered twice."""
    schedule = wiring.load().schedules["embed"]
    pipeline.publish(schedule.topic, [schedule.message.encode()] * 2)
    pipeline.wait_until_idle()
