"""Quotations are looked for in stored creatives: where they stand, in the creative's own pixels, and when."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from google.cloud import storage
from PIL import Image, ImageDraw

from functions.extract.extractors.offline import OfflineExtractor
from functions.verify import judging, looking, main
from functions.verify.claims import MOST, Claim, claims
from functions.verify.looking import Looks, View
from functions.verify.main import Answered
from functions.verify.settings import settings
from shared import youtube
from shared.events import Evidence, Extraction, Verification
from shared.features import ImageFeatures, VideoFeatures, features_event, verifiable_fields
from shared.media.ocr import Line
from shared.reasons import Reason
from shared.remembering import Remembered
from tests import fonts, videos
from tests.cases import first_of, some_of
from tests.functions.extract.extractions import request_for
from tests.gcs import Buckets

FIELDS = ("text", "promotion_text", "price_text", "call_to_action")
PARTS = {"promotion_text": "Save 25% today", "price_text": "only $19.90", "call_to_action": "Order now"}


@pytest.fixture(autouse=True)
def _settings_of_this_test(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.cache_clear()
    monkeypatch.setattr(main, "_REMEMBERED", Remembered(main.MOST_REMEMBERED))
    yield
    settings.cache_clear()


def ad(parts: dict[str, str] = PARTS, size: tuple[int, int] = (480, 400)) -> Image.Image:
    """A row for each part, in black on a light ground."""
    picture = Image.new("RGB", size, "#eef3f0")
    for row, words in enumerate(parts.values()):
        ImageDraw.Draw(picture).text((40, 40 + 110 * row), words, "#102030", fonts.bold(40))
    return picture


def as_file(picture: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    encoded = io.BytesIO()
    picture.save(encoded, format, **options)
    return encoded.getvalue()


def answered(request: Extraction, answer: dict[str, Any], **changed: Any) -> Answered:
    """An answer of a model about a creative."""
    told = request.model_dump(include={"event_id", "creative_id", "kind", "uri", "content_type", "duration_s"})
    given = {
        "extractor": "gemini",
        "model": "m",
        "feature_model": "shared.features:ImageFeatures",
        "feature_version": "1",
        "prompt_version": "1",
        "width": request.width,
        "height": request.height,
        "features": answer,
        "quoting_fields": list(verifiable_fields(VideoFeatures)),
    }
    return Answered.model_validate(told | given | changed)


def verification(gcs: storage.Client, event: Answered) -> Verification:
    (found,) = main.verified(gcs, event)
    assert isinstance(found, Verification)
    return found


def verdicts(found: Verification) -> dict[str, str]:
    return {each.field: each.verified for each in found.evidence}


def is_at(one: Evidence, place: Sequence[float], slack: float = 14) -> bool:
    """Whether its box is that one (left, top, right, bottom), give or take some pixels."""
    assert one.box
    return all(abs(side - there) < slack for side, there in zip(one.box.model_dump().values(), place, strict=True))


pytestmark = pytest.mark.slow


def test_what_is_quoted_is_found_with_its_place_and_what_is_not_there_is_not(
    gcs: storage.Client, bucket: storage.Bucket
) -> None:
    request = request_for(bucket, as_file(ad()), width=480, height=400)
    said = PARTS | {"price_text": "only $19.99", "text": " ".join(PARTS.values()), "brand": "Zephyrine"}

    found = verification(gcs, answered(request, said))

    assert verdicts(found) == {
        "brand": "not_found",
        "text": "ocr",
        "promotion_text": "ocr",
        "price_text": "not_found",
        "call_to_action": "ocr",
    }
    assert found.confidence == 0.6
    call = next(each for each in found.evidence if each.field == "call_to_action")
    assert is_at(call, ImageDraw.Draw(ad()).textbbox((40, 260), "Order now", fonts.bold(40)))
    assert call.at_s is None
    assert call.score
    assert call.score > 0.9


def test_an_answer_that_another_ad_brings_again_is_not_looked_up_again(
    gcs: storage.Client, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = answered(request_for(bucket, as_file(ad()), width=480, height=400), PARTS)
    first = verification(gcs, event)
    monkeypatch.setattr(looking, "at_picture", lambda _: Looks([]))

    again = verification(gcs, event.model_copy(update={"event_id": "again", "uri": f"gs://{bucket.name}/other.png"}))
    other = verification(gcs, event.model_copy(update={"features": {**PARTS, "price_text": "only $29.90"}}))

    assert set(verdicts(first).values()) == {"ocr"}
    assert (again.event_id, again.evidence) == ("again", first.evidence)
    assert verdicts(other)["price_text"] == "unreadable"


@pytest.mark.parametrize("turn", first_of([Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180]))
def test_the_box_is_in_pixels_as_displayed_of_a_large_turned_photograph(
    gcs: storage.Client, bucket: storage.Bucket, turn: Image.Transpose
) -> None:
    exif = Image.Exif()
    exif[0x0112] = {Image.Transpose.ROTATE_90: 6, Image.Transpose.ROTATE_180: 3}[turn]
    shown = ad().resize((2880, 2400))
    request = request_for(
        bucket, as_file(shown.transpose(turn), "JPEG", exif=exif), "image/jpeg", width=2880, height=2400
    )

    found = verification(gcs, answered(request, {"call_to_action": "Order now"}))

    (call,) = found.evidence
    box = [6 * side for side in ImageDraw.Draw(ad()).textbbox((40, 260), "Order now", fonts.bold(40))]
    assert is_at(call, box, slack=70)


def test_words_too_small_for_the_first_look_are_found_by_the_second() -> None:
    terms = "Offer valid until 31 December 2026 while stocks last. Terms and conditions apply."
    picture = ad(size=(1080, 1920))
    ImageDraw.Draw(picture).text((40, 1880), terms, "#102030", fonts.bold(11))
    looks = looking.at_picture(picture)

    (once,) = judging.judge([Claim("text", terms)], replace(looks, closer=None), picture.size)
    (twice,) = judging.judge([Claim("text", terms)], looks, picture.size)

    assert (once.verified, twice.verified) == ("not_found", "ocr")
    assert is_at(twice, ImageDraw.Draw(picture).textbbox((40, 1880), terms, fonts.bold(11)))


@pytest.mark.parametrize(
    "quote",
    some_of(
        ["Скидка до 50%", "خصم ٥٠٪ على كل شيء", "할인 행사", "מבצע סוף העונה", "ลดราคา"],
        in_the_gate=["Скидка до 50%", "خصم ٥٠٪ على كل شيء"],
    ),
)
def test_a_script_that_the_reader_does_not_know_is_unreadable(
    gcs: storage.Client, bucket: storage.Bucket, quote: str
) -> None:
    request = request_for(bucket, as_file(ad()), width=480, height=400)

    found = verification(gcs, answered(request, {"promotion_text": quote}))

    assert verdicts(found) == {"promotion_text": "unreadable"}
    assert found.confidence is None


def test_a_video_says_when_it_was_seen_and_what_may_be_said_aloud_is_not_refuted(
    gcs: storage.Client, bucket: storage.Bucket
) -> None:
    first, second = ad({"a": "Summer sale"}, (320, 180)), ad({"a": "Order now"}, (320, 180))
    frames = [np.asarray(picture) for picture in (first, second) for _ in range(50)]
    said = {"call_to_action": "Order now", "call_to_action_s": 2.0, "promotion_text": "Free delivery"}
    evidence = {}
    for sound in (False, True):
        content = videos.encode(frames, sound=sound)
        request = request_for(bucket, content, "video/mp4", width=320, height=180, duration_s=4.0)
        evidence[sound] = {each.field: each for each in verification(gcs, answered(request, said)).evidence}

    assert {sound: each["promotion_text"].verified for sound, each in evidence.items()} == {
        False: "not_found",
        True: "unreadable",
    }
    call = evidence[False]["call_to_action"]
    assert call.at_s
    assert 2.0 <= call.at_s < 4.0
    assert is_at(call, ImageDraw.Draw(second).textbbox((40, 40), "Order now", fonts.bold(40)))


def test_an_animation_is_read_scene_by_scene(gcs: storage.Client, bucket: storage.Bucket) -> None:
    scenes = [ad({"a": words}, (320, 180)) for words in ("Summer sale", "Order now")]
    content = as_file(scenes[0], "GIF", save_all=True, append_images=scenes[1:], duration=1500, loop=0)
    request = request_for(bucket, content, "image/gif", width=320, height=180, duration_s=3.0)

    found = verification(gcs, answered(request, {"call_to_action": "Order now", "promotion_text": "Summer sale"}))

    assert {each.field: each.at_s for each in found.evidence} == {"promotion_text": 0.0, "call_to_action": 1.5}


_CARDS = [
    "Winter boots", "Rain jackets", "Warm socks", "Wool hats", "Down vests", "Ski gloves", "Snow pants", "Thermal mugs",
    "Hand warmers", "Ice skates", "Fleece tops", "Lip balm", "Hot cocoa", "Sledges", "Head lamps", "Order now",
]  # fmt: skip


@pytest.mark.parametrize(("cards", "seconds"), some_of([*product([5, 16], [0.3, 0.5, 1.0])], in_the_gate=[(5, 1.0)]))
def test_each_card_of_an_animation_is_read_however_short(
    gcs: storage.Client, bucket: storage.Bucket, cards: int, seconds: float
) -> None:
    told = _CARDS[-cards:]
    drawn = [ad({"a": words}, (320, 180)) for words in told]
    content = as_file(drawn[0], "GIF", save_all=True, append_images=drawn[1:], duration=round(seconds * 1000), loop=0)
    request = request_for(bucket, content, "image/gif", width=320, height=180, duration_s=cards * seconds)

    found = verification(gcs, answered(request, {"text": "\n".join(told), "call_to_action": "Order now"}))

    assert verdicts(found) == {"text": "ocr", "call_to_action": "ocr"}


@pytest.mark.parametrize("cards", first_of([5, 12]))
def test_each_card_of_a_banners_video_is_read(gcs: storage.Client, bucket: storage.Bucket, cards: int) -> None:
    told = _CARDS[-cards:]
    drawn = [np.asarray(ad({"a": words}, (320, 180))) for words in told]
    content = videos.encode([card for card in drawn for _ in range(13)])
    request = request_for(bucket, content, "video/mp4", width=320, height=180, duration_s=cards * 13 / 25)

    found = verification(gcs, answered(request, {"text": "\n".join(told), "call_to_action": "Order now"}))

    assert verdicts(found) == {"text": "ocr", "call_to_action": "ocr"}


def test_words_that_are_shown_one_after_the_other_are_quoted_together() -> None:
    shown = [("Frame one", 0.0), ("50 percent off", 2.0), ("Frame one", 3.0), ("Only $8.88", 4.0)]
    views = [View([Line(text, 10, 20, 200, 60, 0.97)], [], (400, 200), second) for text, second in shown]
    whole, wrong = (Claim("text", f"Frame one\n{offer} percent off\nOnly $8.88") for offer in (50, 60))

    found = {one.quote: one for one in judging.judge([whole, wrong], Looks(views), (400, 200))}

    assert (found[whole.quote].verified, found[wrong.quote].verified) == ("ocr", "not_found")
    box = found[whole.quote].box
    assert box
    assert (found[whole.quote].at_s, box.left, box.top) == (0.0, 10, 20)


def test_what_the_offline_extractor_read_has_its_boxes_and_no_confidence(
    gcs: storage.Client, bucket: storage.Bucket
) -> None:
    request = request_for(bucket, as_file(ad()), width=480, height=400)
    answer = OfflineExtractor("test").extract(request, ImageFeatures)
    bucket.blob("answers/a.json").upload_from_string(json.dumps({"raw": answer.raw}))
    bucket.blob(request.uri.rpartition("/")[2]).upload_from_string(b"")  # it is not looked at again
    said = answer.features.model_dump(mode="json")

    found = verification(
        gcs, answered(request, said, extractor="offline", answer_uri=f"gs://{bucket.name}/answers/a.json")
    )

    assert set(verdicts(found).values()) == {"ocr"}
    assert set(verdicts(found)) >= {"text", "promotion_text", "call_to_action"}
    assert found.confidence is None
    call = next(each for each in found.evidence if each.field == "call_to_action")
    assert is_at(call, ImageDraw.Draw(ad()).textbbox((40, 260), "Order now", fonts.bold(40)))


def test_what_is_gone_or_elsewhere_is_unreadable_for_a_reason(gcs: storage.Client, bucket: storage.Bucket) -> None:
    request = request_for(bucket, as_file(ad()), width=480, height=400)
    bucket.blob(f"fetched/{request.creative_id}").delete()
    address = "https://www.youtube.com/watch?v=aaaaaaaaaaa"
    elsewhere = answered(request, PARTS, uri=address, content_type=youtube.CONTENT_TYPE, kind="video", width=None)

    gone = verification(gcs, answered(request, PARTS))
    foreign = verification(gcs, elsewhere)

    assert set(verdicts(gone).values()) == set(verdicts(foreign).values()) == {"unreadable"}
    assert (gone.reason, gone.confidence) == (Reason.OBJECT_GONE, None)
    assert foreign.reason


def test_an_answer_without_quotations_or_of_old_says_nothing(gcs: storage.Client, bucket: storage.Bucket) -> None:
    request = request_for(bucket, as_file(ad()))

    assert list(main.verified(gcs, answered(request, {"price": 3}))) == []
    assert list(main.verified(gcs, answered(request, PARTS, uri=None))) == []


def test_each_row_of_features_says_which_of_them_quote() -> None:
    row = features_event(ImageFeatures).model_fields["quoting_fields"].default

    assert set(row) == set(verifiable_fields(VideoFeatures))
    assert {"price_text", "scenes.text", "brand_logos.brand"} <= set(row)


def test_quotations_are_found_in_lists_and_records_of_any_answer() -> None:
    answer = {"a": {"b": [{"c": "one"}, {"c": None}, {"c": "two"}, "odd", 3]}, "d": ["x", " ", 4, "y"], "e": 5}

    found = claims(answer, ["a.b.c", "d", "e", "f.g"])

    assert [each.quote for each in found] == ["one", "two", "x", "y"]
    assert len(claims({"d": ["x"] * 5000}, ["d"])) == MOST


def test_more_than_an_ad_holds_is_not_looked_for() -> None:
    said = [Claim("text", "word " * 2000) for _ in range(20)]

    found = list(judging.judge(said, Looks([]), (100, 100)))

    assert {each.verified for each in found} == {"unreadable"}
    assert max(len(each.quote) for each in found) <= judging.KEPT
