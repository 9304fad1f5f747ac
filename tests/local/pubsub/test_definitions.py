"""A subscription's definition: defaults, backoff, and what the disorder of tests does to turns."""

from typing import Any

import pytest
from google.pubsub_v1.types import pubsub as types
from hypothesis import given
from hypothesis import strategies as st

from local.pubsub import definitions
from local.pubsub.broker import backoff_s
from local.pubsub.definitions import InvalidDefinitionError, Subscription
from local.pubsub.disorder import Disorder, Turns
from local.pubsub.status import Kind
from tests.local.pubsub.servers import SUBSCRIPTION, TOPIC, retry

PUSH = types.PushConfig(push_endpoint="http://127.0.0.1:1/")


def read(**options: Any) -> Subscription:
    return definitions.read(types.Subscription.pb(types.Subscription(name=SUBSCRIPTION, topic=TOPIC, **options)))


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, Kind.PULL),
        ({"push_config": PUSH}, Kind.PUSH),
        ({"bigquery_config": types.BigQueryConfig(table="p.d.t")}, Kind.BIGQUERY),
        ({"bigquery_config": types.BigQueryConfig(table="p:d.t")}, Kind.BIGQUERY),
    ],
)
def test_the_kind_follows_from_where_messages_go(options: dict[str, Any], kind: Kind) -> None:
    assert read(**options).kind is kind


def test_what_is_not_said_is_as_in_the_service() -> None:
    subscription = read(push_config=PUSH, dead_letter_policy=types.DeadLetterPolicy(dead_letter_topic=TOPIC))

    assert subscription.ack_deadline_s == 10
    assert subscription.max_attempts == 5
    assert subscription.retention_s == 7 * 24 * 3600
    assert (subscription.min_backoff_s, subscription.max_backoff_s) == (0.1, 60)
    assert read(retry_policy=types.RetryPolicy()).min_backoff_s == 10
    assert read(retry_policy=types.RetryPolicy()).max_backoff_s == 600


def test_it_goes_to_one_place() -> None:
    with pytest.raises(InvalidDefinitionError, match="not both"):
        read(push_config=PUSH, bigquery_config=types.BigQueryConfig(table="p.d.t"))


@pytest.mark.parametrize(("failures", "seconds"), [(1, 10), (2, 20), (3, 40), (6, 320), (7, 600), (1000, 600)])
def test_backoff_doubles_up_to_its_limit(failures: int, seconds: float) -> None:
    subscription = read(push_config=PUSH, retry_policy=retry(10, 600))

    assert backoff_s(subscription, failures) == seconds


@given(st.text(max_size=80))
def test_any_endpoint_is_of_this_machine_or_refused(url: str) -> None:
    try:
        subscription = read(push_config=types.PushConfig(push_endpoint=f"http://{url}"))
    except (InvalidDefinitionError, UnicodeEncodeError):
        return

    host = subscription.proto.push_config.push_endpoint.removeprefix("http://").split("/")[0].split("?")[0]
    assert host.split("#")[0].rpartition("@")[2].lower().startswith(("127.0.0.1", "localhost", "[::1]"))


def test_disorder_follows_from_its_seed() -> None:
    def turns(seed: str) -> list[list[float]]:
        stream = Turns(Disorder.parse(seed), SUBSCRIPTION)
        return [stream.next() for _ in range(50)]

    assert turns("7") == turns("7")
    assert turns("7") != turns("8")


def test_disorder_is_as_much_as_is_said() -> None:
    always = Turns(Disorder.parse("7"), SUBSCRIPTION)
    sometimes = Turns(Disorder.parse("7:duplicates=0.5,delay=2"), SUBSCRIPTION)
    delays = [sometimes.next() for _ in range(200)]

    assert all(len(always.next()) == 2 for _ in range(50))
    assert {len(each) for each in delays} == {1, 2}
    assert 1 < max(delay for each in delays for delay in each) <= 2


def test_without_disorder_there_is_one_turn_at_once() -> None:
    assert Turns(None, SUBSCRIPTION).next() == [0.0]


@pytest.mark.parametrize("text", ["", ":delay=1", "7:much=1", "7:delay=-1", "7:delay=soon"])
def test_a_disorder_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not SEED"):
        Disorder.parse(text)
