"""`extract` as a whole: real storage, the real client, a model server that misbehaves; only Pub/Sub is played here."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from google.cloud import storage
from google.genai import errors
from google.oauth2.credentials import Credentials

from functions.extract import main, resuming
from functions.extract.dependencies import Dependencies, of_this_process
from functions.extract.extractors import registry
from functions.extract.extractors.extractor import Answer, Replies
from functions.extract.extractors.gemini import GeminiExtractor
from functions.extract.resuming import Tick
from functions.extract.settings import ExtractSettings
from shared import wiring
from shared.events import Event, Extraction, Failure, FeaturesExtracted, Wait, WaitReason
from shared.media.creative import Creatives
from shared.models import gemini
from shared.reasons import Reason, Rejected
from shared.settings import SettingsError
from shared.stage import Message
from tests.cases import first_of
from tests.functions.extract.extractions import drawn, request_by_address, request_for, settings
from tests.gemini_server import GeminiServer, faults_at_random


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", running.url)
        yield running


type Instances = Callable[[ExtractSettings], Dependencies]


@pytest.fixture
def instance(gcs: storage.Client, server: GeminiServer) -> Iterator[Instances]:
    """Makes what an instance works with: each an instance of its own."""
    with ExitStack() as clients:

        def made(chosen: ExtractSettings) -> Dependencies:
            client = clients.enter_context(gemini.client(chosen, Credentials(token="token")))
            extractor = GeminiExtractor(chosen, client, Creatives(gcs))
            return Dependencies(chosen, gcs.bucket(chosen.results_bucket), extractor)

        yield made


def handled(deps: Dependencies, request: Extraction | Tick) -> list[Event]:
    """What one delivery publishes; a transient fault is raised, as it would be to Pub/Sub."""
    return list(main.step(deps, request))


def delivered(deps: Dependencies, deliveries: Iterable[Extraction], threads: int = 16) -> list[Event]:
    """Delivers requests, many at a time, again until each is acknowledged."""

    def until_acknowledged(request: Extraction) -> list[Event]:
        for _ in range(20):
            try:
                return handled(deps, request)
            except Rejected:
                raise
            except Exception as error:  # noqa: BLE001 - whatever is raised, Pub/Sub delivers again
                last = error
        raise AssertionError("given up after 20 attempts") from last

    with ThreadPoolExecutor(threads) as pool:
        return [event for events in pool.map(until_acknowledged, deliveries) for event in events]


def newest_rows(events: Iterable[Event]) -> dict[tuple[object, ...], FeaturesExtracted]:
    """The rows as the views see them: one per key."""
    rows = [event for event in events if isinstance(event, FeaturesExtracted)]
    return {tuple(getattr(row, name) for name in row.KEY): row for row in rows}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def test_a_video_on_youtube_is_paid_for_once_however_many_ads_ask(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    request = request_by_address("https://www.youtube.com/watch?v=abcdefghijk")
    server.checker.public[request.uri] = 20
    deps = instance(settings(bucket))

    rows = [event for ad in range(3) for event in main.step(deps, request.model_copy(update={"event_id": f"ad-{ad}"}))]

    assert [type(row).__name__ for row in rows] == ["FeaturesExtracted"] * 3
    assert len(server.ledger) == 1


def test_only_gemini_opens_addresses(gcs: storage.Client, bucket: storage.Bucket) -> None:
    chosen = settings(bucket, extractor="offline")
    deps = Dependencies(chosen, gcs.bucket(bucket.name), registry.extractor(chosen))

    with pytest.raises(Rejected) as refused:
        list(main.step(deps, request_by_address("https://www.youtube.com/watch?v=abcdefghijk")))

    assert refused.value.reason is Reason.VIDEO_PLATFORM_PAGE


def test_where_no_service_is_asked_none_of_its_replies_are_looked_for(
    gcs: storage.Client, bucket: storage.Bucket
) -> None:
    chosen = settings(bucket, extractor="offline")
    deps = Dependencies(chosen, gcs.bucket(bucket.name), registry.extractor(chosen))
    looked_for: list[str] = []

    def read() -> list[bytes]:
        looked_for.append("replies")
        return []

    def read_lost() -> int:
        looked_for.append("calls that were lost")
        return 0

    stored = main.ask(deps, request_for(bucket, drawn(1)), Replies(read, read_lost))

    assert stored.features is not None
    assert looked_for == []


@pytest.mark.parametrize("creatives", first_of([60, 200]))
def test_five_events_for_two_creatives_are_two_paid_answers(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer, creatives: int
) -> None:
    count = creatives * 5 // 2
    deps = instance(settings(bucket))
    requests = [request_for(bucket, drawn(number)) for number in range(creatives)]
    draw = random.Random(7)
    again = [request for request in requests for _ in range(draw.choice([0, 1, 1, 2, 2, 3]))]
    once = [request for request in requests if request not in again]
    deliveries = (requests + again)[:count] + once[: max(0, count - creatives - len(again))]
    draw.shuffle(deliveries)
    server.hang_s = 0.1  # then the connection is dropped; tests/e2e waits until a call times out
    server.misbehave = faults_at_random({"429": 0.14, "503": 0.14, "hang": 0.02})

    events = delivered(deps, deliveries)

    rows = newest_rows(events)
    assert len(deliveries) == count
    assert max(Counter(request.creative_id for request in deliveries).values()) == 4
    assert (len(server.ledger), len(rows)) == (creatives, creatives)
    assert not [event for event in events if isinstance(event, Failure)]
    assert sum((row.cost_usd or 0 for row in rows.values()), Decimal(0)) == server.spent_usd
    assert server.outcomes["429"] + server.outcomes["503"] > creatives // 5


def test_a_repeated_event_publishes_the_same_row_and_asks_nobody(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    request = request_for(bucket, drawn())

    first = handled(instance(settings(bucket)), request)
    second = handled(instance(settings(bucket)), request)

    assert first == second
    assert len(server.ledger) == 1


def test_a_row_says_who_answered_what_at_which_price(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    deps = instance(settings(bucket))

    (row,) = handled(deps, request_for(bucket, drawn()).model_copy(update={"batch_id": "spring"}))

    assert isinstance(row, FeaturesExtracted)
    assert (row.kind, row.batch_id) == ("image", "spring")
    assert (row.extractor, row.model, row.feature_model) == (
        "gemini",
        "gemini-3.5-flash-lite",
        "shared.features:ImageFeatures",
    )
    assert row.prompt_version == deps.question.prompt_version
    assert row.cost_usd == server.spent_usd
    assert row.price_date == "2026-10-01"
    assert row.image_tokens == 560
    assert row.answer_uri
    assert row.answer_uri.startswith(f"gs://{bucket.name}/answers/{row.creative_id}/")


@pytest.mark.parametrize(
    "changed", [{"gemini_model": "gemini-3.8-flash"}, {"features": "shared.features:VideoFeatures"}]
)
def test_another_question_is_another_answer(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer, changed: dict[str, str]
) -> None:
    request = request_for(bucket, drawn())

    rows = newest_rows(
        [*handled(instance(settings(bucket)), request), *handled(instance(settings(bucket, **changed)), request)]
    )

    assert len(rows) == len(server.ledger) == 2


def test_an_unknown_price_is_null(instance: Instances, bucket: storage.Bucket, server: GeminiServer) -> None:
    deps = instance(settings(bucket))
    answer = deps.extractor.extract(request_for(bucket, drawn()), deps.model_for(request_for(bucket, drawn())))

    class Priceless:
        name = "gemini"
        model = "gemini-99"

        def extract(self, request: Extraction, features: object, earlier: object = None) -> Answer:
            return answer

    (row,) = handled(Dependencies(settings(bucket), deps.bucket, Priceless()), request_for(bucket, drawn(1)))

    assert isinstance(row, FeaturesExtracted)
    assert row.cost_usd is None
    assert row.input_tokens


def test_a_rejected_answer_keeps_its_raw_text_and_its_price(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("nonsense", "nonsense")
    request = request_for(bucket, drawn())

    (failure,) = handled(instance(settings(bucket)), request)
    (again,) = handled(instance(settings(bucket)), request)

    assert isinstance(failure, Failure)
    assert failure == again
    assert (failure.reason, failure.creative_id) == (Reason.INVALID_ANSWER, request.creative_id)
    assert failure.cost_usd == server.spent_usd
    assert failure.answer_uri
    kept = bucket.blob(failure.answer_uri.removeprefix(f"gs://{bucket.name}/")).download_as_text()
    assert "no_such_value" in kept


def test_a_rejected_creative_is_asked_about_again_only_on_purpose(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    deps = instance(settings(bucket))
    server.order("safety")
    request = request_for(bucket, drawn())
    (failure,) = handled(deps, request)
    on_purpose = request.model_copy(update={"requested_by": "reextract", "event_id": "asked-by-hand"})

    (row,) = handled(deps, on_purpose)

    assert isinstance(failure, Failure)
    assert isinstance(row, FeaturesExtracted)
    assert handled(deps, on_purpose) == [row]
    assert len(server.ledger) == 2


class CrashError(BaseException):
    """The process is killed: nothing in it may run on."""


@pytest.mark.parametrize("when", ["before the call", "after the call"])
def test_a_crash_costs_no_second_call(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    request = request_for(bucket, drawn())
    crashing = instance(settings(bucket))
    extract = crashing.extractor.extract

    def crash(*arguments: object) -> Answer:
        if when == "after the call":
            extract(*arguments)  # type: ignore[arg-type]
        raise CrashError

    monkeypatch.setattr(crashing.extractor, "extract", crash)
    with pytest.raises(CrashError):
        handled(crashing, request)

    (row,) = handled(instance(settings(bucket)), request)

    assert isinstance(row, FeaturesExtracted)
    assert len(server.ledger) == 1  # what was paid for is kept before anything else happens


def test_a_repair_turn_that_fails_costs_no_second_first_answer(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    request = request_for(bucket, drawn())
    server.order("nonsense", *["503"] * 4)
    with pytest.raises(errors.ServerError):
        handled(instance(settings(bucket)), request)

    (row,) = handled(instance(settings(bucket)), request)

    assert isinstance(row, FeaturesExtracted)
    assert [asked.is_repair for asked in server.accepted] == [False] + [True] * 5
    assert len(server.ledger) == 2
    assert row.cost_usd == server.spent_usd


def test_what_is_asked_on_purpose_goes_on_with_nobody_elses_replies(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    request = request_for(bucket, drawn())
    server.order("nonsense", *["503"] * 4)
    with pytest.raises(errors.ServerError):
        handled(instance(settings(bucket)), request)
    on_purpose = request.model_copy(update={"requested_by": "reextract", "event_id": "asked-by-hand"})

    handled(instance(settings(bucket)), on_purpose)

    assert not server.accepted[-1].is_repair


def test_what_was_paid_is_a_line_in_the_log(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    deps = instance(settings(bucket))
    request = request_for(bucket, drawn())

    handled(deps, request)
    handled(deps, request)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (paid,) = [line for line in lines if line["message"] == "paid"]
    assert (paid["stage"], paid["model"], paid["mode"]) == ("extract", "gemini-3.5-flash-lite", "standard")
    assert paid["cost_usd"] == float(server.spent_usd)


KILLED = """
import sys
from functions.extract import dependencies, main
from shared.events import Extraction
list(main.step(dependencies.of_this_process(), Extraction.model_validate_json(sys.stdin.read())))
"""


@pytest.mark.long
def test_a_process_killed_during_the_call_is_replaced_by_the_next(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(bucket, extraction_timeout_s=1)
    names = ("google_cloud_project", "creatives_bucket", "results_bucket", "staging_bucket", "extraction_timeout_s")
    for name in names:
        monkeypatch.setenv(name.upper(), str(getattr(chosen, name)))
    monkeypatch.setenv("GEMINI_API_KEY", "key")
    request = request_for(bucket, drawn())
    server.order("hang")
    killed = subprocess.Popen([sys.executable, "-c", KILLED], stdin=subprocess.PIPE, cwd=wiring.ROOT)
    assert killed.stdin
    killed.stdin.write(request.model_dump_json().encode())
    killed.stdin.close()
    wait_until(lambda: bool(server.accepted))
    killed.kill()
    killed.wait()

    (row,) = handled(instance(chosen), request)

    assert isinstance(row, FeaturesExtracted)
    assert len(server.ledger) == 1


def wait_until(condition: Callable[[], bool], limit_s: float = 400) -> None:
    """Waits for a condition, asking often."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        threading.Event().wait(0.02)


def budget_for(calls: int, server: GeminiServer, deps: Dependencies, request: Extraction) -> Decimal:
    """What `calls` calls cost, found out by making one."""
    handled(deps, request)
    return server.spent_usd * calls


def answer_alike(server: GeminiServer) -> None:
    """Makes every answer cost the same."""
    server.answer = lambda asked: dict.fromkeys(asked.schema["properties"])


def test_a_budget_for_50_calls_makes_50_and_raising_it_makes_the_rest(
    instance: Instances, bucket: storage.Bucket, gcs: storage.Client, server: GeminiServer
) -> None:
    answer_alike(server)
    budget = budget_for(50, server, instance(settings(bucket)), request_for(bucket, drawn(999)))
    server.ledger.clear()
    requests = [request_for(bucket, drawn(number)) for number in range(80)]
    threads = 4
    limited = instance(settings(bucket, daily_budget_usd=budget))

    events = through_ticks(limited, requests, threads)

    waits = {event.creative_id for event in events if isinstance(event, Wait)} - set(answered(events))
    assert 50 <= len(server.ledger) <= 50 + threads
    assert len(answered(events)) == len(server.ledger)
    assert len(waits) == 80 - len(server.ledger)

    raised = instance(settings(bucket, daily_budget_usd=budget * 10))
    events += through_ticks(raised, [], threads)

    assert len(answered(events)) == len(server.ledger) == 80
    assert not list(bucket.list_blobs(prefix="waiting/"))


def answered(events: Iterable[Event]) -> set[str]:
    return {event.creative_id for event in events if isinstance(event, FeaturesExtracted)}


def through_ticks(deps: Dependencies, requests: list[Extraction], threads: int) -> list[Event]:
    """Delivers requests, and what ticks ask for again, until a tick changes nothing."""
    events: list[Event] = []
    made = -1
    while made != len(answered(events)):
        made = len(answered(events))
        events += delivered(deps, requests, threads)
        requests = []
        resuming.resume(deps, requests.extend)  # type: ignore[arg-type]
    return events + delivered(deps, requests, threads)


def test_a_wait_says_why_and_until_when(instance: Instances, bucket: storage.Bucket, server: GeminiServer) -> None:
    deps = instance(settings(bucket, daily_budget_usd="0"))

    (wait,) = handled(deps, request_for(bucket, drawn()))

    assert isinstance(wait, Wait)
    assert wait.reason is WaitReason.DAILY_BUDGET
    assert wait.until
    assert wait.until > datetime.now(UTC)
    assert "daily budget" in wait.detail
    assert not server.accepted


def test_a_spent_batch_waits_alone(instance: Instances, bucket: storage.Bucket, server: GeminiServer) -> None:
    deps = instance(settings(bucket, batch_budget_usd="0.0001"))
    first, second, other = (
        request_for(bucket, drawn(number), batch_id=batch) for number, batch in enumerate(["big", "big", "small"])
    )

    kinds = [type(handled(deps, request)[0]).__name__ for request in (first, second, other)]

    assert kinds == ["FeaturesExtracted", "Wait", "FeaturesExtracted"]


def test_what_was_answered_meanwhile_does_not_wait(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    request = request_for(bucket, drawn())
    handled(instance(settings(bucket)), request)

    (row,) = handled(instance(settings(bucket, daily_budget_usd="0")), request)

    assert isinstance(row, FeaturesExtracted)


def test_a_budget_that_cannot_be_kept_is_refused_at_start(bucket: storage.Bucket) -> None:
    class Priceless:
        name = "gemini"
        model = "gemini-99"

        def extract(self, request: Extraction, features: object, earlier: object = None) -> Answer:
            raise AssertionError

    with pytest.raises(SettingsError, match="no price for gemini-99"):
        Dependencies(settings(bucket, daily_budget_usd="1"), bucket, Priceless())


def test_an_extractor_whose_packages_are_not_deployed_is_said_at_start(
    bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.PACKAGES, "offline", ("rapidocr", "no_such_package"))

    with pytest.raises(SettingsError, match="no_such_package"):
        registry.extractor(settings(bucket, extractor="offline"))


def test_first_requests_at_the_same_time_share_one_desk_and_its_money(
    bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("creatives_bucket", "results_bucket", "staging_bucket"):
        monkeypatch.setenv(name.upper(), bucket.name)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "test")
    monkeypatch.setenv("EXTRACTOR", "offline")
    together = threading.Barrier(4)

    def first_request(_: int) -> Dependencies:
        together.wait(10)
        return of_this_process()

    with ThreadPoolExecutor(4) as instance:
        desks = set(instance.map(first_request, range(4)))

    assert len(desks) == 1


def test_a_tick_and_a_request_are_told_apart(bucket: storage.Bucket) -> None:
    request = request_for(bucket, drawn())

    assert main.parse(Message(b'{"tick": "resume"}', {}, "1")) == Tick(tick="resume")
    assert main.parse(Message(request.model_dump_json().encode(), {}, "1")) == request
    with pytest.raises(Rejected, match="not a valid Extraction"):
        main.parse(Message(b'{"tick": "other"}', {}, "1"))
