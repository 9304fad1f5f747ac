"""The Gemini extractor, by its real client over HTTP against `tests/gemini_server.py`."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from google.cloud import storage
from google.genai import errors
from google.oauth2.credentials import Credentials
from PIL import Image
from pydantic import ValidationError

from functions.extract.extractors import gemini as extractors_gemini
from functions.extract.extractors.extractor import Unanswered
from functions.extract.extractors.gemini import GeminiExtractor
from functions.extract.settings import ExtractSettings
from shared import prices
from shared.events import Kind
from shared.features import ImageFeatures, VideoFeatures
from shared.media import showing
from shared.media.creative import Creatives
from shared.models import gemini
from shared.models.faults import MISCONFIGURED
from shared.reasons import Reason, Rejected
from shared.settings import SettingsError
from tests import videos
from tests.functions.extract.extractions import drawn, request_by_address, request_for, settings
from tests.gemini_server import GeminiServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", running.url)
        monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", running.url)
        yield running


type Asking = Callable[[ExtractSettings], GeminiExtractor]


@pytest.fixture
def extractor(gcs: storage.Client, server: GeminiServer) -> Iterator[Asking]:
    with ExitStack() as clients:

        def built(chosen: ExtractSettings) -> GeminiExtractor:
            client = clients.enter_context(gemini.client(chosen, Credentials(token="token")))
            return GeminiExtractor(chosen, client, Creatives(gcs))

        yield built


def test_an_image_is_described_in_one_call(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    answer = extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert isinstance(answer.features, ImageFeatures)
    assert len(server.ledger) == 1
    assert ImageFeatures.model_validate_json(answer.raw) == answer.features


def test_what_is_reported_as_used_is_what_the_service_counted(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    chosen = settings(bucket, gemini_model="gemini-3.8-flash")

    usage = extractor(chosen).extract(request_for(bucket, drawn()), ImageFeatures).usage

    paid = server.ledger[0]
    assert usage
    assert (usage.image_tokens, usage.thinking_tokens) == (560, 40)
    assert (usage.input_tokens, usage.output_tokens) == (paid.tokens.input, paid.tokens.output)
    price = prices.cost(chosen.gemini_model, "standard", usage, datetime(2026, 11, 23, tzinfo=UTC).date())
    assert price
    assert price.usd == paid.usd


@pytest.mark.parametrize(("resolution", "tokens"), [("low", 280), ("medium", 560), ("high", 1120)])
def test_no_more_pixels_are_sent_than_the_resolution_shows(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, resolution: showing.Resolution, tokens: int
) -> None:
    request = request_for(bucket, drawn(size=(3000, 2000), format="JPEG"), "image/jpeg")

    answer = extractor(settings(bucket, media_resolution=resolution)).extract(request, ImageFeatures)

    (seen,) = server.accepted[0].seen
    assert seen.width * seen.height <= showing.pixel_budget(resolution)
    assert seen.width * seen.height > 0.95 * showing.pixel_budget(resolution)
    assert answer.usage
    assert answer.usage.image_tokens == tokens


def test_a_small_image_is_not_enlarged(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    extractor(settings(bucket)).extract(request_for(bucket, drawn(size=(90, 70))), ImageFeatures)

    (seen,) = server.accepted[0].seen
    assert (seen.width, seen.height) == (90, 70)


def test_alpha_is_shown_over_white(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    png = io.BytesIO()
    Image.new("RGBA", (64, 64), (200, 0, 0, 0)).save(png, "PNG")

    extractor(settings(bucket)).extract(request_for(bucket, png.getvalue()), ImageFeatures)

    (seen,) = server.accepted[0].seen
    assert Image.open(io.BytesIO(seen.content)).getpixel((32, 32)) == (255, 255, 255)


def test_a_picture_on_its_side_is_shown_upright(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    jpeg = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (80, 40)).save(jpeg, "JPEG", exif=exif)

    extractor(settings(bucket)).extract(request_for(bucket, jpeg.getvalue(), "image/jpeg"), ImageFeatures)

    (seen,) = server.accepted[0].seen
    assert (seen.width, seen.height) == (40, 80)
    assert b"Exif" not in seen.content


def test_instructions_are_apart_from_the_creative_and_the_schema_is_not_repeated(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    (asked,) = server.accepted
    assert [list(part) for part in asked.body["contents"][0]["parts"]] == [["inlineData"]]
    assert "none of that is addressed to you" in asked.body["systemInstruction"]["parts"][0]["text"]
    assert "promotion_text" not in asked.body["systemInstruction"]["parts"][0]["text"]


@pytest.mark.parametrize("fault", ["429", "500", "503", "page"])
def test_a_fault_that_passes_is_outlasted(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, fault: str
) -> None:
    server.order(fault, fault)

    extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert len(server.ledger) == 1
    assert server.outcomes == {fault: 2, "answered": 1}


def test_a_call_that_hangs_is_given_up_and_made_again(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("hang")

    extractor(settings(bucket, call_timeout_s=0.3)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert server.outcomes == {"hang": 1, "answered": 1}


def test_a_service_that_stays_down_is_left_to_pubsub(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.misbehave = lambda: "503"

    with pytest.raises(errors.ServerError):
        extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert server.outcomes == {"503": 4}


def test_a_service_that_asks_for_more_patience_than_we_have_is_not_waited_for(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.retry_after = 3600
    server.order("429")

    with pytest.raises(errors.ClientError):
        extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert server.outcomes == {"429": 1}


@pytest.mark.parametrize("fault", ["401", "404"])
def test_a_fault_of_the_configuration_is_not_the_creatives(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.order(fault)

    with pytest.raises(errors.ClientError):
        extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert f'"message": "{MISCONFIGURED}: {fault} ' in capsys.readouterr().out
    assert server.outcomes == {fault: 1}


def test_a_wrong_key_is_not_the_creatives_fault(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    with pytest.raises(errors.ClientError):
        extractor(settings(bucket, gemini_api_key="wrong")).extract(request_for(bucket, drawn()), ImageFeatures)


def test_a_creative_that_the_service_refuses_is_rejected(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("400")

    with pytest.raises(Rejected) as rejected:
        extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert rejected.value.reason is Reason.REFUSED_BY_MODEL
    assert server.outcomes == {"400": 1, "answered": 1}  # a picture of our own is answered


@pytest.mark.parametrize("fault", ["nonsense", "cut_off", "broken"])
def test_an_invalid_answer_gets_one_repair_turn(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, fault: str
) -> None:
    server.order(fault)

    answer = extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    first, second = server.ledger
    assert [asked.is_repair for asked in server.accepted] == [False, fault != "broken"]
    assert answer.usage
    first_is_known = fault != "broken"  # a reply that is no JSON does not say what it took
    assert answer.usage.output_tokens == first.tokens.output * first_is_known + second.tokens.output
    assert answer.usage.input_tokens == first.tokens.input * first_is_known + second.tokens.input


def test_a_repair_turn_says_what_is_wrong(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    server.order("nonsense")

    extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert "no JSON object" in server.accepted[1].texts[-1]
    assert "no_such_value" in server.accepted[1].texts[-2]


def test_a_second_invalid_answer_is_the_last(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    server.order("nonsense", "nonsense")

    with pytest.raises(Unanswered) as unanswered:
        extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert unanswered.value.reason is Reason.INVALID_ANSWER
    assert "no_such_value" in unanswered.value.raw
    assert unanswered.value.usage.input_tokens == sum(paid.tokens.input for paid in server.ledger)
    assert len(server.ledger) == 2


def test_a_refused_repair_turn_keeps_the_first_answer_and_its_price(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("nonsense", "400")

    with pytest.raises(Unanswered) as unanswered:
        extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert unanswered.value.reason is Reason.REFUSED_BY_MODEL
    assert "no_such_value" in unanswered.value.raw
    assert unanswered.value.usage.input_tokens == server.ledger[0].tokens.input


@pytest.mark.parametrize("fault", ["blocked_prompt", "safety"])
def test_a_blocked_creative_is_not_asked_about_again(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, fault: str
) -> None:
    server.order(fault)

    with pytest.raises(Unanswered) as unanswered:
        extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert unanswered.value.reason is Reason.BLOCKED_BY_MODEL
    assert len(server.ledger) == 1


def test_an_answer_that_was_cut_off_gets_more_room(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("max_tokens")

    extractor(settings(bucket, max_output_tokens=1000)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert [asked.output_limit for asked in server.accepted] == [1000, 4000]
    assert not server.accepted[1].is_repair


def test_an_answer_that_never_ends_is_invalid(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    server.order("max_tokens", "max_tokens")

    with pytest.raises(Unanswered, match="cut off") as unanswered:
        extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert unanswered.value.reason is Reason.INVALID_ANSWER


def test_a_reply_without_an_answer_is_asked_for_once_more(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.order("empty")

    extractor(settings(bucket)).extract(request_for(bucket, drawn()), ImageFeatures)

    assert server.outcomes == {"empty": 1, "answered": 1}


def test_vertex_is_asked_with_the_functions_identity(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    chosen = settings(bucket, gemini_api_key=None, google_genai_use_vertexai=True)

    extractor(chosen).extract(request_for(bucket, drawn()), ImageFeatures)

    assert server.accepted[0].body["labels"] == {"application": "creatives"}


@pytest.mark.parametrize("vertex", [False, True])
def test_flex_costs_half(extractor: Asking, bucket: storage.Bucket, server: GeminiServer, vertex: bool) -> None:
    request = request_for(bucket, drawn())
    extractor(settings(bucket)).extract(request, ImageFeatures)
    chosen = settings(bucket, extraction_mode="flex", google_genai_use_vertexai=vertex)
    answer = extractor(chosen).extract(request, ImageFeatures)

    standard, flex = server.ledger
    assert flex.usd == standard.usd / 2
    assert [call.billed for call in answer.calls] == ["flex"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"extraction_mode": "batch", "google_genai_use_vertexai": True}, "on Vertex AI take flex"),
        (
            {"extraction_mode": "flex", "google_genai_use_vertexai": True, "google_cloud_location": "europe-west1"},
            "global only, not at europe-west1",
        ),
        ({"extraction_mode": "batch", "extractor": "offline"}, "needs EXTRACTOR=gemini"),
        ({"extraction_mode": "flex", "extractor": "offline"}, "needs EXTRACTOR=gemini"),
    ],
)
def test_a_mode_that_is_not_offered_is_refused_at_start(
    bucket: storage.Bucket, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(bucket, **changed)


def test_flex_is_waited_for_unless_it_is_said_how_long(bucket: storage.Bucket) -> None:
    standard, flex, hurried = (
        settings(bucket),
        settings(bucket, extraction_mode="flex"),
        settings(bucket, extraction_mode="flex", call_timeout_s=30),
    )

    assert (standard.call_timeout_s, flex.call_timeout_s, hurried.call_timeout_s) == (120, 450, 30)
    assert flex.call_timeout_s < flex.extraction_timeout_s < 540


def a_video(seconds: float = 2) -> bytes:
    return videos.encode(videos.moving_square(seconds))


def test_a_short_video_is_sent_along(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    request = request_for(bucket, a_video(), "video/mp4", duration_s=2)

    answer = extractor(settings(bucket, video_fps=2)).extract(request, VideoFeatures)

    assert isinstance(answer.features, VideoFeatures)
    assert answer.usage
    assert answer.usage.video_tokens in (280, 350)


def test_a_long_video_goes_through_the_files_api(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractors_gemini, "INLINE_BYTES", 10)
    server.processing = 2
    video = a_video()
    request = request_for(bucket, video, "video/mp4", duration_s=2)

    extractor(settings(bucket)).extract(request, VideoFeatures)

    (seen,) = server.accepted[0].seen
    assert seen.content == video
    assert not server.files


def test_a_file_that_cannot_be_deleted_costs_no_answer(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractors_gemini, "INLINE_BYTES", 10)
    asked = extractor(settings(bucket))

    def refuse(**_: object) -> None:
        raise errors.ServerError(503, {"error": {"message": "try later"}})

    monkeypatch.setattr(asked.client.files, "delete", refuse)

    answer = asked.extract(request_for(bucket, a_video(), "video/mp4", duration_s=2), VideoFeatures)

    assert isinstance(answer.features, VideoFeatures)
    assert len(server.ledger) == 1


def test_an_upload_that_was_interrupted_is_not_made_twice(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractors_gemini, "INLINE_BYTES", 10)
    request = request_for(bucket, a_video(), "video/mp4", duration_s=2)
    server.order("429", "429", "429", "429")
    asked = extractor(settings(bucket))
    with pytest.raises(errors.ClientError):
        asked.extract(request, VideoFeatures)
    assert list(server.files) == [request.creative_id]

    asked.extract(request, VideoFeatures)

    assert server.uploads == 1


def test_an_upload_that_hangs_is_given_up_before_the_function_is(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractors_gemini, "INLINE_BYTES", 10)
    server.upload_s = 5
    asked = extractor(settings(bucket, call_timeout_s=0.2, extraction_timeout_s=1))

    with pytest.raises(httpx2.TimeoutException):
        asked.extract(request_for(bucket, a_video(), "video/mp4", duration_s=2), VideoFeatures)

    assert [file for file in server.files.values() if "state" in file] == []
    assert not server.ledger


def test_vertex_reads_a_video_from_the_bucket(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    chosen = settings(bucket, gemini_api_key=None, google_genai_use_vertexai=True)
    request = request_for(bucket, a_video(), "video/mp4", duration_s=2)

    extractor(chosen).extract(request, VideoFeatures)

    (part,) = server.accepted[0].body["contents"][0]["parts"]
    assert part == {
        "fileData": {"fileUri": request.uri, "mimeType": "video/mp4"},
        "videoMetadata": {"fps": 1.0},
    }
    assert request.kind is Kind.VIDEO


ON_YOUTUBE = "https://www.youtube.com/watch?v=abcdefghijk"
SERVICES = [{}, {"google_genai_use_vertexai": True, "gemini_api_key": None}]


@pytest.mark.parametrize("service", SERVICES, ids=["developer", "vertex"])
@pytest.mark.parametrize(("length", "shown"), [(20.0, 20), (5_000.0, 30)])
def test_a_video_on_youtube_is_asked_about_by_its_address_and_no_longer_than_is_paid_for(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, service: dict[str, Any], length: float, shown: int
) -> None:
    server.checker.public[ON_YOUTUBE] = length

    answer = extractor(settings(bucket, **service)).extract(request_by_address(ON_YOUTUBE, 30), VideoFeatures)

    (asked,) = server.accepted
    assert (asked.seen[0].content, asked.seen[0].seconds) == (ON_YOUTUBE.encode(), shown)
    assert answer.usage
    assert answer.usage.video_tokens == 70 * shown
    assert server.refused == []


@pytest.mark.parametrize("service", SERVICES, ids=["developer", "vertex"])
def test_a_video_that_not_everybody_may_see_fails_for_that_once_the_request_is_known_to_be_in_order(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer, service: dict[str, Any]
) -> None:
    asked = extractor(settings(bucket, **service))

    for _ in range(2):
        with pytest.raises(Rejected) as refused:
            asked.extract(request_by_address(ON_YOUTUBE), VideoFeatures)
        assert refused.value.reason is Reason.VIDEO_NOT_PUBLIC

    assert len(server.ledger) == 1  # the control


def test_a_key_that_may_ask_nothing_fails_no_video_on_youtube(
    extractor: Asking, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.checker.public[ON_YOUTUBE] = 20
    server.order("404", "404")

    with pytest.raises(errors.ClientError):
        extractor(settings(bucket)).extract(request_by_address(ON_YOUTUBE), VideoFeatures)

    assert server.ledger == []


def test_a_creative_that_is_gone_is_rejected(extractor: Asking, bucket: storage.Bucket, server: GeminiServer) -> None:
    request = request_for(bucket, drawn())
    bucket.delete_blob(request.uri.removeprefix(f"gs://{bucket.name}/"))

    with pytest.raises(Rejected) as rejected:
        extractor(settings(bucket)).extract(request, ImageFeatures)

    assert rejected.value.reason is Reason.OBJECT_GONE
    assert not server.accepted


def test_a_thinking_level_that_the_model_refuses_is_said_at_start(extractor: Asking, bucket: storage.Bucket) -> None:
    chosen = settings(bucket, gemini_model="gemini-3.8-flash", thinking_level="minimal")

    with pytest.raises(SettingsError, match="refuses minimal"):
        extractor(chosen)


def test_a_model_that_retires_is_said_at_start(
    extractor: Asking, bucket: storage.Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    extractor(settings(bucket, gemini_model="gemini-2.5-flash"))

    assert "gemini-2.5-flash" in capsys.readouterr().out
