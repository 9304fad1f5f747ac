"""The Azure OpenAI extractor, by LangChain's real client over HTTP against `tests/azure_server.py`."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import openai
import pytest
from google.cloud import storage
from pydantic import ValidationError

from functions.extract.extractors.azure import AzureExtractor
from functions.extract.extractors.creative import Creatives
from functions.extract.extractors.extractor import Replies, Unanswered
from functions.extract.settings import ExtractSettings
from shared import prices
from shared.features import ImageFeatures, VideoFeatures
from shared.reasons import Reason, Rejected
from tests.azure_server import AzureServer
from tests.functions.extract.extractions import drawn, request_for, settings


@pytest.fixture
def server() -> Iterator[AzureServer]:
    with AzureServer() as running:
        yield running


def chosen(bucket: storage.Bucket, server: AzureServer) -> ExtractSettings:
    return settings(
        bucket,
        extractor="azure",
        azure_openai_endpoint=server.url,
        azure_openai_api_key="key",
        azure_openai_deployment="ads",
        azure_openai_model="gpt-4.1-mini",
    )


@pytest.fixture
def extractor(gcs: storage.Client, bucket: storage.Bucket, server: AzureServer) -> AzureExtractor:
    return AzureExtractor(chosen(bucket, server), Creatives(gcs))


def test_an_image_is_described_in_one_call(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    answer = extractor.extract(request_for(bucket, drawn(size=(3000, 2000))), ImageFeatures)

    assert isinstance(answer.features, ImageFeatures)
    assert len(server.ledger) == 1
    assert server.sizes[0][0] * server.sizes[0][1] < 1_300_000


def test_what_it_took_is_told_and_priced(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    usage = extractor.extract(request_for(bucket, drawn()), ImageFeatures).usage

    assert usage
    assert (usage.input_tokens, usage.cached_tokens, usage.thinking_tokens, usage.output_tokens) == (1000, 100, 50, 150)
    price = prices.cost(extractor.model, "standard", usage, date(2026, 11, 23))
    assert price
    assert price.usd == (900 * Decimal("0.40") + 100 * Decimal("0.10") + 200 * Decimal("1.60")) / 1_000_000


def test_a_fault_that_passes_is_outlasted(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.extend(["429", "500"])

    extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert len(server.ledger) == 1


def test_a_service_that_stays_down_is_left_to_pubsub(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.extend(["429"] * 4)

    with pytest.raises(openai.RateLimitError):
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)


def test_an_invalid_answer_gets_one_repair_turn(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.append("wrong_enum")

    answer = extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert [len(asked["messages"]) for asked in server.accepted] == [2, 4]
    assert answer.usage
    assert answer.usage.input_tokens == 2000


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (["content_filter"], Reason.BLOCKED_BY_MODEL),
        (["refusal"], Reason.BLOCKED_BY_MODEL),
        (["wrong_enum", "wrong_enum"], Reason.INVALID_ANSWER),
        (["length", "length"], Reason.INVALID_ANSWER),
    ],
)
def test_what_cannot_be_answered_says_why(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer, faults: list[str], reason: Reason
) -> None:
    server.orders.extend(faults)

    with pytest.raises(Unanswered) as unanswered:
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert unanswered.value.reason is reason
    assert (unanswered.value.usage.input_tokens or 0) == 1000 * len(server.ledger)


def test_a_request_that_is_refused_is_the_creatives_fault(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.append("400")

    with pytest.raises(Rejected) as rejected:
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert rejected.value.reason is Reason.REFUSED_BY_MODEL


def test_a_repair_turn_that_fails_costs_no_second_first_answer(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    request, replies = request_for(bucket, drawn()), Replies()
    server.orders.extend(["wrong_enum", *["503"] * 4])
    with pytest.raises(openai.InternalServerError):
        extractor.extract(request, ImageFeatures, replies)

    usage = extractor.extract(request, ImageFeatures, replies).usage

    assert len(server.ledger) == 2
    assert usage
    assert (usage.input_tokens or 0) == sum(prompt for prompt, _ in server.ledger)


def test_a_refused_repair_turn_keeps_what_was_paid(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.extend(["wrong_enum", "400"])

    with pytest.raises(Unanswered) as unanswered:
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert unanswered.value.usage.input_tokens == server.ledger[0][0]


def test_a_wrong_key_is_not(extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer) -> None:
    server.orders.append("401")

    with pytest.raises(openai.AuthenticationError):
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)


def test_a_video_is_refused_without_a_call(
    extractor: AzureExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    with pytest.raises(Rejected, match="no videos"):
        extractor.extract(request_for(bucket, b"video", "video/mp4"), VideoFeatures)

    assert not server.accepted


def test_what_is_missing_is_named(bucket: storage.Bucket) -> None:
    with pytest.raises(ValidationError, match="AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY"):
        settings(bucket, extractor="azure")
