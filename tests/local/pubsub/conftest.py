"""Fixtures: our server, both servers, and a receiver of pushes. A server's start costs seconds, so some share one."""

from collections.abc import Iterator

import pytest

from local.pubsub import serving
from tests.local.pubsub.servers import PubSub, Receiver, receiving, running

OFFICIAL = pytest.param(
    "official",
    marks=pytest.mark.skipif(not serving.emulator_jar(), reason="Google's Pub/Sub emulator is not installed here"),
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as received:
        yield received


@pytest.fixture(scope="module", params=["own", OFFICIAL])
def _either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PubSub]:
    with running(tmp_path_factory.mktemp("pubsub"), official=request.param == "official") as pubsub:
        yield pubsub


@pytest.fixture
def either(_either: PubSub) -> Iterator[PubSub]:
    """Our server, and Google's, without any topic or subscription."""
    yield _either
    _clear(_either)


@pytest.fixture(scope="module")
def _own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PubSub]:
    with running(tmp_path_factory.mktemp("pubsub")) as pubsub:
        yield pubsub


@pytest.fixture
def pubsub(_own: PubSub) -> Iterator[PubSub]:
    """Our server, without any topic or subscription."""
    yield _own
    _clear(_own)


def _clear(pubsub: PubSub) -> None:
    for subscription in pubsub.subscriber.list_subscriptions(project="projects/tests"):
        pubsub.subscriber.delete_subscription(subscription=subscription.name)
    for topic in pubsub.publisher.list_topics(project="projects/tests"):
        pubsub.publisher.delete_topic(topic=topic.name)
