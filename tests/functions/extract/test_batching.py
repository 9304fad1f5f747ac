"""Batch mode: what waits goes together at half the price, and comes back as the same rows."""

import base64
from collections.abc import Iterator
from decimal import Decimal

import pytest
from google.cloud import storage

from functions.extract import batching, main
from functions.extract.dependencies import Dependencies
from functions.extract.extractors.gemini import GeminiExtractor
from functions.extract.money import deferral
from shared.events import Event, Extraction, Failure, FeaturesExtracted, Wait, WaitReason
from shared.media.creative import Creatives
from shared.models import gemini
from shared.models.backoff import Deadline
from tests.cases import first_of, some_of
from tests.functions.extract.extractions import drawn, request_by_address, request_for, settings
from tests.gemini_model import Json
from tests.gemini_server import GeminiServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", running.url)
        yield running


class Instance:
    """An instance in batch mode, with all that it published."""

    def __init__(self, gcs: storage.Client, bucket: storage.Bucket, **changed: object) -> None:
        chosen = settings(bucket, **{"extraction_mode": "batch"} | changed)
        self.client = gemini.client(chosen)
        self.extractor = GeminiExtractor(chosen, self.client, Creatives(gcs))
        self.deps = Dependencies(chosen, gcs.bucket(bucket.name), self.extractor)
        self.published: list[Event] = []

    def take(self, *requests: Extraction) -> None:
        for request in requests:
            self.published += main.step(self.deps, request)

    def tick(self) -> None:
        """As the entry point does with a tick."""
        main.look_after_waiting(self.deps, self.published.extend)

    def of[E: Event](self, kind: type[E]) -> list[E]:
        return [event for event in self.published if isinstance(event, kind)]


@pytest.fixture
def instance(gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer) -> Iterator[Instance]:
    made = Instance(gcs, bucket)
    yield made
    made.client.close()


def leftovers(bucket: storage.Bucket) -> list[str]:
    return [blob.name for prefix in ("batches/", "waiting/") for blob in bucket.list_blobs(prefix=prefix)]


def test_what_waits_is_answered_in_one_job_at_half_the_price(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    requests = [request_for(bucket, drawn(number)) for number in range(5)]

    instance.take(*requests)
    instance.tick()
    instance.tick()

    rows = instance.of(FeaturesExtracted)
    assert [wait.reason for wait in instance.of(Wait)] == [WaitReason.BATCH_MODE] * 5
    assert {row.creative_id for row in rows} == {request.creative_id for request in requests}
    assert {row.mode for row in rows} == {"batch"}
    assert len(server.batches) == 1
    assert sum((row.cost_usd or 0 for row in rows), Decimal(0)) == server.spent_usd
    assert not leftovers(bucket)


def test_a_job_that_is_not_done_is_left_alone(instance: Instance, bucket: storage.Bucket, server: GeminiServer) -> None:
    server.batches_wait = True
    instance.take(request_for(bucket, drawn()))

    instance.tick()
    instance.tick()
    assert not instance.of(FeaturesExtracted)
    server.batches_wait = False
    instance.tick()

    assert len(instance.of(FeaturesExtracted)) == 1
    assert len(server.batches) == 1


def test_what_failed_in_a_job_is_sent_again_alone(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("429")
    instance.take(*(request_for(bucket, drawn(number)) for number in range(3)))

    for _ in range(4):
        instance.tick()

    assert [len(batch["requests"]["requests"]) for batch in server.batches.values()] == [3, 1]
    assert len(instance.of(FeaturesExtracted)) == len(server.ledger) == 3


def test_an_invalid_answer_in_a_job_is_asked_for_once_more_and_both_are_paid(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("nonsense")
    instance.take(request_for(bucket, drawn()))

    for _ in range(3):
        instance.tick()

    (row,) = instance.of(FeaturesExtracted)
    assert len(server.ledger) == 2
    assert row.cost_usd == server.spent_usd


def test_an_answer_that_is_invalid_twice_is_a_failure_with_its_price(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("nonsense", "nonsense")
    instance.take(request_for(bucket, drawn()).model_copy(update={"batch_id": "spring"}))

    for _ in range(3):
        instance.tick()

    (failure,) = instance.of(Failure)
    assert failure.cost_usd == server.spent_usd
    assert (failure.kind, failure.batch_id) == ("image", "spring")
    assert not leftovers(bucket)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST_ATTEMPTS", 3)


@pytest.mark.usefixtures("_impatient")
def test_an_answer_that_was_paid_for_counts_though_the_next_batches_fail(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("nonsense", *["429"] * batching.MOST_ATTEMPTS)
    instance.take(request_for(bucket, drawn()))

    for _ in range(batching.MOST_ATTEMPTS + 2):
        instance.tick()

    (failure,) = instance.of(Failure)
    assert len(server.ledger) == 1
    assert failure.cost_usd == server.spent_usd
    assert failure.answer_uri


def test_what_failed_before_it_was_answered_has_its_second_try_all_the_same(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("429", "500", "429", "nonsense")
    instance.take(request_for(bucket, drawn()))

    for _ in range(6):
        instance.tick()

    (row,) = instance.of(FeaturesExtracted)
    assert row.cost_usd == server.spent_usd
    assert len(server.ledger) == 2


def test_a_request_that_is_delivered_again_meanwhile_is_not_sent_again(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    request = request_for(bucket, drawn())
    server.batches_wait = True
    instance.take(request, request)
    instance.tick()
    instance.take(request)
    instance.tick()
    server.batches_wait = False

    instance.tick()

    assert len(server.ledger) == 1
    assert len(instance.of(FeaturesExtracted)) == 1
    assert not leftovers(bucket)


@pytest.mark.parametrize("said", first_of(["features", "failure"]))
def test_a_request_that_is_delivered_again_just_before_its_answer_is_fetched_is_not_paid_for_again(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer, said: str
) -> None:
    request = request_for(bucket, drawn())
    if said == "failure":
        server.order("safety")
    instance.take(request)
    instance.tick()
    instance.take(request)

    instance.tick()
    instance.tick()

    rows = [event for event in instance.published if not isinstance(event, Wait)]
    assert len(server.ledger) == 1
    assert len({row.model_dump_json() for row in rows}) == 1
    assert not leftovers(bucket)


def test_what_waits_for_a_batch_goes_on_when_batch_mode_is_switched_off(
    gcs: storage.Client, bucket: storage.Bucket, instance: Instance, server: GeminiServer
) -> None:
    sent, waiting = request_for(bucket, drawn(1)), request_for(bucket, drawn(2))
    instance.take(sent)
    instance.tick()
    instance.take(waiting)
    switched = Instance(gcs, bucket, extraction_mode="standard")

    switched.tick()
    switched.take(*switched.of(Extraction))

    rows = {row.creative_id: row.mode for row in switched.of(FeaturesExtracted)}
    assert rows == {sent.creative_id: "batch", waiting.creative_id: "standard"}
    assert len(server.ledger) == 2
    assert not leftovers(bucket)
    switched.client.close()


def test_a_job_whose_name_was_lost_is_found_again(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.take(request_for(bucket, drawn()))
    created = instance.client.batches.create

    def create_and_die(**arguments: object) -> object:
        created(**arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(instance.client.batches, "create", create_and_die)
        with pytest.raises(KeyboardInterrupt):
            instance.tick()

    instance.tick()
    instance.tick()

    assert len(server.batches) == len(server.ledger) == 1
    assert len(instance.of(FeaturesExtracted)) == 1


@pytest.mark.long
def test_what_does_not_fit_into_one_job_is_sent_in_several(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "_JOB_BYTES", 5000)
    instance.take(*(request_for(bucket, drawn(number)) for number in range(6)))

    for _ in range(8):
        instance.tick()

    assert len(server.batches) > 1
    assert len(instance.of(FeaturesExtracted)) == len(server.ledger) == 6


def test_a_budget_holds_for_batches_too(gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer) -> None:
    limited = Instance(gcs, bucket, daily_budget_usd="0.0015")
    limited.take(*(request_for(bucket, drawn(number)) for number in range(10)))

    limited.tick()
    limited.tick()

    sent = sum(len(batch["requests"]["requests"]) for batch in server.batches.values())
    assert 1 <= sent < 10
    assert len(list(deferral.oldest(bucket, "waiting/batch_mode/all/", 100))) == 10 - sent
    limited.client.close()


@pytest.mark.parametrize(("budget", "answered"), [("1", 2), ("0.0001", 1)])
def test_videos_on_youtube_cost_what_a_batch_costs_and_wait_for_money_as_others_do(
    gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer, budget: str, answered: int
) -> None:
    limited = Instance(gcs, bucket, daily_budget_usd=budget)
    videos = [f"https://www.youtube.com/watch?v=abcdefghij{number}" for number in range(2)]
    server.checker.public |= dict.fromkeys(videos, 20.0)

    limited.take(*map(request_by_address, videos))
    limited.tick()

    rows = limited.of(FeaturesExtracted)
    assert len(rows) == len(server.ledger) == answered
    assert {row.mode for row in rows} == {"flex"}  # its price is a batch's
    assert sum((row.cost_usd or 0 for row in rows), Decimal(0)) == server.spent_usd
    assert [wait.reason for wait in limited.of(Wait)] == [WaitReason.DAILY_BUDGET] * (2 - answered)
    limited.client.close()


def test_what_was_kept_back_for_a_refused_request_is_free_for_the_next(
    gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer
) -> None:
    limited = Instance(gcs, bucket, daily_budget_usd="0.0005")
    limited.take(*(request_for(bucket, drawn(number)) for number in range(2)))
    server.order("400")

    for _ in range(3):
        limited.tick()

    (failure,) = limited.of(Failure)
    assert failure.cost_usd is None
    assert len(limited.of(FeaturesExtracted)) == 1
    assert len(server.ledger) == 2  # and one of our own, which showed whose fault the refusal was
    limited.client.close()


BAD_REQUEST = "Request contains an invalid argument."


@pytest.mark.parametrize("refused", first_of(["each in its job", "the job"]))
def test_what_is_refused_whatever_it_is_about_fails_no_creative_and_goes_on_once_that_is_mended(
    instance: Instance,
    bucket: storage.Bucket,
    server: GeminiServer,
    capsys: pytest.CaptureFixture[str],
    refused: str,
) -> None:
    server.refuses = lambda _: BAD_REQUEST
    if refused == "the job":
        server.refuses_batch = lambda _: BAD_REQUEST
    instance.take(*(request_for(bucket, drawn(number)) for number in range(3)))

    for _ in range(5):
        instance.tick()

    assert not instance.of(Failure)
    assert capsys.readouterr().out.count("refuses our own creative too") == 1
    assert not server.ledger

    server.refuses = lambda _: None
    server.refuses_batch = lambda _: None
    for _ in range(3):
        instance.tick()

    assert len(instance.of(FeaturesExtracted)) == len(server.ledger) == 3
    assert not leftovers(bucket)


def test_once_a_batch_is_answered_a_refusal_is_about_its_own_creative_again(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.refuses = lambda _: BAD_REQUEST
    instance.take(request_for(bucket, drawn(1)))
    instance.tick()
    instance.tick()
    server.refuses = lambda _: None
    instance.tick()
    server.refuses = lambda _: "Provided image is not valid."
    other = request_for(bucket, drawn(2))

    instance.take(other)
    instance.tick()
    instance.tick()

    (failure,) = instance.of(Failure)
    assert failure.creative_id == other.creative_id
    assert len(instance.of(FeaturesExtracted)) == 1


def pictures(requests: list[Json]) -> set[bytes]:
    """What the requests of a job show."""
    parts = (part for each in requests for content in each["request"]["contents"] for part in content["parts"])
    return {base64.urlsafe_b64decode(part["inlineData"]["data"] + "==") for part in parts if "inlineData" in part}


INVALID, INTERNAL = 3, 13


@pytest.mark.parametrize("when", first_of(["sent", "worked on"]))
def test_a_job_is_refused_for_the_one_creative_that_is_at_fault(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer, when: str
) -> None:
    requests = [request_for(bucket, drawn(number)) for number in range(5)]
    with instance.extractor.shown(requests[3], Deadline(10)) as part:
        assert part.inline_data
        bad = part.inline_data.data
    if when == "sent":
        server.refuses_batch = lambda each: BAD_REQUEST if bad in pictures(each) else None
    else:
        server.ends_batch = lambda each: ("BATCH_STATE_FAILED", INVALID) if bad in pictures(each) else None
    instance.take(*requests)

    for _ in range(6):
        instance.tick()

    (failure,) = instance.of(Failure)
    assert failure.creative_id == requests[3].creative_id
    assert len(instance.of(FeaturesExtracted)) == 4
    assert [paid.mode for paid in server.ledger].count("batch") == 4
    assert not leftovers(bucket)


@pytest.mark.parametrize(
    ("state", "code"),
    some_of([("FAILED", INTERNAL), ("FAILED", 0), ("CANCELLED", 0), ("EXPIRED", 0)], [("FAILED", 0), ("EXPIRED", 0)]),
)
def test_a_job_that_ends_without_answers_is_sent_again_and_fails_no_creative(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer, state: str, code: int
) -> None:
    server.ends_batch = lambda _: (f"BATCH_STATE_{state}", code)
    instance.take(*(request_for(bucket, drawn(number)) for number in range(3)))
    for _ in range(4):
        instance.tick()
    assert not instance.of(Failure)
    server.ends_batch = lambda _: None

    for _ in range(2):
        instance.tick()

    assert len(instance.of(FeaturesExtracted)) == len(server.ledger) == 3
    assert not leftovers(bucket)


@pytest.mark.usefixtures("_impatient")
def test_a_job_that_fails_as_often_as_a_message_is_delivered_is_failed_where_one_of_ours_is_answered(
    instance: Instance, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.ends_batch = lambda _: ("BATCH_STATE_FAILED", INTERNAL)
    instance.take(request_for(bucket, drawn()))

    for _ in range(batching.MOST_ATTEMPTS + 1):
        instance.tick()

    (failure,) = instance.of(Failure)
    assert f"in {batching.MOST_ATTEMPTS} batches" in failure.detail
    assert len(server.ledger) == 1  # one of our own
    assert not leftovers(bucket)
