"""The extractors `azure` and `openai`, by LangChain's real client over HTTP against `tests/azure_server.py`."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override

import openai
import pytest
from google.cloud import storage
from pydantic import ValidationError

from functions.extract.extractors.chat import ChatExtractor
from functions.extract.extractors.extractor import Replies, Unanswered
from functions.extract.settings import ExtractSettings
from shared import prices
from shared.features import ImageFeatures, VideoFeatures
from shared.media.creative import Creatives
from shared.models.faults import MisconfiguredError, NoReplyError
from shared.reasons import Reason, Rejected
from tests import videos
from tests.azure_server import AzureServer, Json
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
def extractor(gcs: storage.Client, bucket: storage.Bucket, server: AzureServer) -> ChatExtractor:
    return ChatExtractor(chosen(bucket, server), Creatives(gcs))


def test_an_image_is_described_in_one_call(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    answer = extractor.extract(request_for(bucket, drawn(size=(3000, 2000))), ImageFeatures)

    assert isinstance(answer.features, ImageFeatures)
    assert len(server.ledger) == 1
    assert server.sizes[0][0] * server.sizes[0][1] < 1_300_000


def test_what_it_took_is_told_and_priced(extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer) -> None:
    usage = extractor.extract(request_for(bucket, drawn()), ImageFeatures).usage

    assert usage
    assert (usage.input_tokens, usage.cached_tokens, usage.thinking_tokens, usage.output_tokens) == (1000, 100, 50, 150)
    price = prices.cost(extractor.model, "standard", usage, date(2026, 11, 23))
    assert price
    assert price.usd == (900 * Decimal("0.40") + 100 * Decimal("0.10") + 200 * Decimal("1.60")) / 1_000_000


def test_a_fault_that_passes_is_outlasted(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.extend(["429", "500"])

    extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert len(server.ledger) == 1


def test_a_service_that_stays_down_is_left_to_pubsub(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.extend(["429"] * 4)

    with pytest.raises(openai.RateLimitError):
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)


def test_an_invalid_answer_gets_one_repair_turn(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.append("nonsense")

    answer = extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert [len(asked["messages"]) for asked in server.accepted] == [2, 4]
    assert answer.usage
    assert answer.usage.input_tokens == 2000


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (["content_filter"], Reason.BLOCKED_BY_MODEL),
        (["refusal"], Reason.BLOCKED_BY_MODEL),
        (["nonsense", "nonsense"], Reason.INVALID_ANSWER),
        (["length", "length"], Reason.INVALID_ANSWER),
    ],
)
def test_what_cannot_be_answered_says_why(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer, faults: list[str], reason: Reason
) -> None:
    server.orders.extend(faults)

    with pytest.raises(Unanswered) as unanswered:
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert unanswered.value.reason is reason
    assert (unanswered.value.usage.input_tokens or 0) == 1000 * len(server.ledger)


@pytest.mark.parametrize("code", ["400", "413", "415", "422"])
def test_a_request_that_is_refused_is_the_creatives_fault(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer, code: str
) -> None:
    server.orders.append(code)

    with pytest.raises(Rejected) as rejected:
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert rejected.value.reason is Reason.REFUSED_BY_MODEL


def test_a_repair_turn_that_fails_costs_no_second_first_answer(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    request, replies = request_for(bucket, drawn()), Replies()
    server.orders.extend(["nonsense", *["503"] * 4])
    with pytest.raises(openai.InternalServerError):
        extractor.extract(request, ImageFeatures, replies)

    usage = extractor.extract(request, ImageFeatures, replies).usage

    assert len(server.ledger) == 2
    assert usage
    assert (usage.input_tokens or 0) == sum(prompt for prompt, _ in server.ledger)


def test_a_refused_repair_turn_keeps_what_was_paid(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.orders.extend(["nonsense", "400"])

    with pytest.raises(Unanswered) as unanswered:
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)

    assert unanswered.value.usage.input_tokens == server.ledger[0][0]


def test_a_wrong_key_is_not(extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer) -> None:
    server.orders.append("401")

    with pytest.raises(openai.AuthenticationError):
        extractor.extract(request_for(bucket, drawn()), ImageFeatures)


def test_a_video_is_shown_as_frames_with_their_seconds(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    film = videos.encode(videos.moving_square(4))

    answer = extractor.extract(request_for(bucket, film, "video/mp4", duration_s=4), VideoFeatures)

    assert isinstance(answer.features, VideoFeatures)
    first, *frames = server.accepted[0]["messages"][1]["content"]
    assert first["text"].startswith(f"These are {len(frames)} frames of one video, at these seconds: 0, ")
    assert 3 <= len(frames) <= 16
    assert set(server.sizes) == {(320, 180)}


def test_what_a_model_that_hears_nothing_says_of_the_sound_is_left_empty(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    said = dict.fromkeys(VideoFeatures.model_fields)
    server.says = lambda _: json.dumps(said | {"has_music": False, "has_voice_over": True, "brand": "Vanta"})
    film = videos.encode(videos.moving_square(1))

    found = extractor.extract(request_for(bucket, film, "video/mp4", duration_s=1), VideoFeatures).features

    assert isinstance(found, VideoFeatures)
    assert (found.has_music, found.has_voice_over, found.brand) == (None, None, "Vanta")


def test_a_damaged_video_is_rejected_without_a_call(
    extractor: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    with pytest.raises(Rejected) as rejected:
        extractor.extract(request_for(bucket, b"video", "video/mp4"), VideoFeatures)

    assert rejected.value.reason is Reason.BROKEN_VIDEO
    assert not server.accepted


@pytest.fixture
def own(gcs: storage.Client, bucket: storage.Bucket, server: AzureServer) -> ChatExtractor:
    """Of a server of one's own, that asks for no key."""
    chosen = settings(bucket, extractor="openai", openai_base_url=f"{server.url}/v1", openai_model="qwen3-vl:8b")
    return ChatExtractor(chosen, Creatives(gcs))


def test_a_server_of_ones_own_is_asked_without_a_key(
    own: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    answer = own.extract(request_for(bucket, drawn()), ImageFeatures)

    assert isinstance(answer.features, ImageFeatures)
    assert (own.name, own.model) == ("openai", "qwen3-vl:8b")
    assert server.accepted[0]["model"] == "qwen3-vl:8b"


def test_the_thoughts_before_an_answer_are_no_part_of_it(
    own: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    given = dict.fromkeys(ImageFeatures.model_fields) | {"brand": "Vanta"}
    server.says = lambda _: "<think>{a sale?}</think>\n```json\n" + json.dumps(given) + "\n```"

    answer = own.extract(request_for(bucket, drawn()), ImageFeatures)

    assert answer.features.model_dump()["brand"] == "Vanta"
    assert len(server.ledger) == 1


NULLS = dict.fromkeys(ImageFeatures.model_fields)
HOSTILE = {
    "half an emoji": json.dumps(NULLS | {"brand": "x \ud83d y"}),
    "half an emoji, raw": json.dumps(NULLS | {"brand": "x \ud83d y"}, ensure_ascii=False),
    "50,000 levels": "[" * 50_000,
    "levels in a field": json.dumps(NULLS).replace('"brand": null', '"brand": ' + "[" * 3000 + "]" * 3000),
    "NaN": json.dumps(NULLS | {"price": float("nan")}),
    "1e400": json.dumps(NULLS).replace('"price": null', '"price": 1e400'),
    "beyond 64 bits": json.dumps(NULLS | {"people_count": 2**63}),
    "NUL": json.dumps(NULLS | {"brand": "a\0b"}),
    "thoughts without an end": "<think>" + "so it is a sale, " * 1000,
    "nothing": "",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_an_answer_that_breaks_parsers_is_paid_for_twice_at_most(
    own: ChatExtractor, bucket: storage.Bucket, server: AzureServer, kind: str
) -> None:
    server.says = lambda _: HOSTILE[kind]
    replies = Replies()

    try:
        usage = own.extract(request_for(bucket, drawn()), ImageFeatures, replies).usage
    except Unanswered as unanswered:
        usage = unanswered.usage

    assert 1 <= len(server.ledger) == len(replies.said) <= 2
    assert usage
    assert usage.input_tokens == sum(prompt for prompt, _ in server.ledger)


TEXT = json.dumps(NULLS | {"brand": "Vanta"})
# As servers answer by their documents, read in November 2026: https://docs.vllm.ai (reasoning outputs),
# https://docs.ollama.com (OpenAI compatibility), https://docs.litellm.ai and https://docs.mistral.ai (reasoning).
SHAPES: dict[str, Json] = {
    "vLLM": {"content": TEXT, "refusal": None, "annotations": None, "tool_calls": [], "reasoning_content": "{a sale}"},
    "vLLM, newer": {"content": TEXT, "refusal": None, "function_call": None, "reasoning": "a {sale}"},
    "vLLM, which takes the answer for a thought": {"content": None, "reasoning_content": TEXT, "tool_calls": []},
    "vLLM, newer, which takes the answer for a thought": {"content": "", "reasoning": TEXT},
    "Ollama": {"content": TEXT, "reasoning": "Okay, so {a sale}."},
    "LiteLLM": {"content": TEXT, "thinking_blocks": [{"type": "thinking", "thinking": "{x}", "signature": "s"}]},
    "Mistral": {
        "content": [
            {"type": "thinking", "thinking": [{"type": "text", "text": "{a sale}"}]},
            {"type": "text", "text": TEXT},
        ]
    },
    "thoughts as text": {"content": [{"type": "reasoning", "text": "{a sale}"}, {"type": "text", "text": TEXT}]},
    "parts without a type": {"content": [{"text": TEXT[:50]}, {"text": TEXT[50:]}]},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_answer_is_found_however_a_server_puts_it(
    own: ChatExtractor, bucket: storage.Bucket, server: AzureServer, shape: str
) -> None:
    message = {"role": "assistant", **SHAPES[shape]}
    server.sends = lambda reply: {**reply, "choices": [{**reply["choices"][0], "message": message}]}

    answer = own.extract(request_for(bucket, drawn()), ImageFeatures)

    assert answer.features.model_dump()["brand"] == "Vanta"
    assert len(server.ledger) == 1


# what a server says that a reply took -> tokens that were read, from a cache, thought, written
USAGES: dict[str, tuple[Any, tuple[int | None, ...]]] = {
    "nothing": (None, (None, None, 0, None)),
    "no details": ({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}, (9, None, 0, 5)),
    "details of nothing": (
        {
            "prompt_tokens": 9,
            "completion_tokens": 5,
            "prompt_tokens_details": None,
            "completion_tokens_details": {"reasoning_tokens": None},
        },
        (9, None, 0, 5),
    ),
    "rubbish": (
        {"prompt_tokens": -1, "completion_tokens": "many", "prompt_tokens_details": [7]},
        (None, None, 0, None),
    ),
}


@pytest.mark.parametrize("kind", USAGES)
def test_what_is_not_said_of_the_tokens_is_not_known(
    own: ChatExtractor, bucket: storage.Bucket, server: AzureServer, kind: str
) -> None:
    said, counted = USAGES[kind]
    server.sends = lambda reply: {**reply, "usage": said}

    usage = own.extract(request_for(bucket, drawn()), ImageFeatures).usage

    assert usage
    assert (usage.input_tokens, usage.cached_tokens, usage.thinking_tokens, usage.output_tokens) == counted


NO_REPLIES = {
    "a sign-in": b"<!DOCTYPE html><title>Sign in</title>",
    "a hotel's page": b"\r\n <html>Hotel Wi-Fi</html>",
    "an error with the status of a reply": b'{"error": {"message": "Provider returned error", "code": 502}}',
    "an error beside nothing": b'{"id": null, "choices": null, "usage": null, "error": "overloaded"}',
}


@pytest.mark.parametrize("kind", NO_REPLIES)
def test_what_is_no_reply_at_all_fails_no_creative_and_is_not_kept(
    own: ChatExtractor, bucket: storage.Bucket, server: AzureServer, kind: str
) -> None:
    request, replies = request_for(bucket, drawn()), Replies()
    server.sends = lambda _: NO_REPLIES[kind]
    with pytest.raises(NoReplyError, match=r"a page|of itself"):
        own.extract(request, ImageFeatures, replies)
    server.sends = lambda reply: reply

    answer = own.extract(request, ImageFeatures, replies)

    assert isinstance(answer.features, ImageFeatures)
    assert len(replies.said) == 1


def test_a_mark_of_the_encoding_before_a_reply_is_no_part_of_it(
    own: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.sends = lambda reply: b"\xef\xbb\xbf" + json.dumps(reply).encode()

    own.extract(request_for(bucket, drawn()), ImageFeatures)

    assert len(server.ledger) == 1


def test_a_server_that_refuses_every_request_fails_no_creative(
    own: ChatExtractor, bucket: storage.Bucket, server: AzureServer
) -> None:
    server.refuses = True

    for number in range(3):
        with pytest.raises(MisconfiguredError, match="one of our own as well"):
            own.extract(request_for(bucket, drawn(number)), ImageFeatures)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "needs OPENAI_MODEL"),
        ({"openai_model": "llava"}, "needs OPENAI_BASE_URL"),
    ],
)
def test_what_the_openai_extractor_needs_is_named(bucket: storage.Bucket, changed: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(bucket, extractor="openai", **changed)


def test_what_is_missing_is_named(bucket: storage.Bucket) -> None:
    with pytest.raises(ValidationError, match="AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY"):
        settings(bucket, extractor="azure")


class Moved(BaseHTTPRequestHandler):
    """Sends whoever asks to where an answer would be had."""

    to = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(307)
        self.send_header("Location", f"{self.to}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_redirect_is_a_wrong_address_and_takes_the_key_nowhere(bucket: storage.Bucket, server: AzureServer) -> None:
    class Here(Moved):
        to = server.url

    with ThreadingHTTPServer(("127.0.0.1", 0), Here) as moved:
        threading.Thread(target=moved.serve_forever, daemon=True).start()
        asked = settings(
            bucket,
            extractor="openai",
            openai_base_url=f"http://127.0.0.1:{moved.server_port}/v1",
            openai_model="qwen3-vl:8b",
        )
        with pytest.raises(openai.APIStatusError) as told:
            ChatExtractor(asked, Creatives(bucket.client)).extract(request_for(bucket, drawn()), ImageFeatures)
        moved.shutdown()

    assert told.value.status_code == 307
    assert not server.accepted
