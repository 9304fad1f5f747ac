"""`intake` on real uploads to a real server: what it publishes for each, and that every ad is accounted for."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.cloud import storage
from PIL import Image

from functions.intake import main, notification
from functions.intake.settings import settings
from shared import identity
from shared.events import BannerObject, Event, Failure, ImageObject, Origin, Sighting, VideoObject
from shared.reasons import Reason, Rejected
from shared.refusals import Refusal
from shared.stage import Message
from tests import videos
from tests.functions.render.banners import banner, zipped
from tests.gcs import Buckets


@pytest.fixture(autouse=True)
def _settings_of_this_test(buckets: Buckets) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def image(width: int = 40) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, 30)).save(file, "PNG")
    return file.getvalue()


def notice(blob: storage.Blob, *, without: tuple[str, ...] = ()) -> Message:
    """The notification that Cloud Storage sends when `blob` is stored."""
    blob.reload()
    payload: dict[str, Any] = {
        "kind": "storage#object",
        "name": blob.name,
        "bucket": blob.bucket.name,
        "generation": str(blob.generation),
        "contentType": "text/html",
        "size": str(blob.size),
        "md5Hash": blob.md5_hash,
        "crc32c": blob.crc32c,
        "timeCreated": "2026-11-20T10:00:00.123Z",
        "metadata": blob.metadata or {},
    }
    body = json.dumps({name: value for name, value in payload.items() if name not in without})
    return Message(body.encode(), {"eventType": "OBJECT_FINALIZE"}, "message-1")


def admit(blob: storage.Blob, *, without: tuple[str, ...] = ()) -> list[Event]:
    return list(main.admit(notification.parse(notice(blob, without=without))))


def test_an_uploaded_image_is_sighted_and_sent_on(buckets: Buckets) -> None:
    content = image()

    sighting, found = admit(buckets.upload("summer/banner.mp4", content, ad_id="ad-7"))

    uri = f"gs://{buckets.creatives.name}/summer/banner.mp4"
    assert isinstance(sighting, Sighting)
    assert (sighting.ad_id, sighting.source, sighting.uri) == ("ad-7", uri, uri)
    assert (sighting.origin, sighting.event_id) == (Origin.UPLOAD, "message-1")
    assert isinstance(found, ImageObject)
    assert (found.content_type, found.bytes, found.uri) == ("image/png", len(content), uri)
    assert found.creative_id == sighting.creative_id == identity.creative_id(content)


def test_a_video_is_sent_to_the_videos(buckets: Buckets) -> None:
    _, found = admit(buckets.upload("clip.jpg", videos.encode(videos.moving_square(0.5))))

    assert isinstance(found, VideoObject)
    assert found.content_type == "video/mp4"


def test_an_ad_without_an_id_is_named_by_its_object(buckets: Buckets) -> None:
    sighting, _ = admit(buckets.upload("no/id.png", image()))

    assert isinstance(sighting, Sighting)
    assert sighting.ad_id == "no/id.png"


def test_a_repeated_notice_says_the_same(buckets: Buckets) -> None:
    blob = buckets.upload("a.png", image())

    first, again = (
        [event.model_dump(exclude={"occurred_at"}) for event in admit(blob)],
        [event.model_dump(exclude={"occurred_at"}) for event in admit(blob)],
    )

    assert first == again


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY_FILE),
        (b"<!doctype html><p>404", Reason.UNSUPPORTED_TYPE),
        (b"<svg><script>alert(1)</script></svg>", Reason.UNSUPPORTED_TYPE),
        (b"%PDF-1.7", Reason.UNSUPPORTED_TYPE),
        (b"PK\x03\x04", Reason.BROKEN_ARCHIVE),
        (zipped({"word/document.xml": "x", "[Content_Types].xml": "x"}), Reason.UNSUPPORTED_TYPE),
        (b"\x00\x01\x02\x03\x04", Reason.UNSUPPORTED_TYPE),
        (videos.sound_only()[:32].replace(b"isom", b"M4A "), Reason.UNSUPPORTED_TYPE),
    ],
)
def test_a_refused_upload_still_accounts_for_its_ad(buckets: Buckets, content: bytes, reason: Reason) -> None:
    sighting, failure = admit(buckets.upload("x.png", content, ad_id="ad-1"))

    assert isinstance(sighting, Sighting)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.stage) == (reason, "intake")
    assert (failure.ad_id, failure.source) == (sighting.ad_id, sighting.source)
    assert failure.creative_id == sighting.creative_id == identity.creative_id(content)


@pytest.mark.parametrize(
    ("variable", "content"),
    [("MAX_IMAGE_BYTES", image()), ("MAX_VIDEO_BYTES", videos.encode(videos.moving_square(0.2)))],
    ids=["image", "video"],
)
def test_each_kind_has_its_own_size_limit(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch, variable: str, content: bytes
) -> None:
    monkeypatch.setenv(variable, str(len(content) - 1))

    _, failure = admit(buckets.upload("x", content))

    assert isinstance(failure, Failure)
    assert failure.reason is Reason.TOO_LARGE


def test_a_folder_is_nothing(buckets: Buckets) -> None:
    payload = notice(buckets.upload("folder", b"")).data.replace(b'"folder"', b'"folder/"')

    assert list(main.admit(notification.parse(Message(payload, {}, "1")))) == []


def test_what_fetch_stored_is_not_sighted_twice_and_keeps_its_event_and_batch(buckets: Buckets) -> None:
    content = image()

    name = f"fetched/{identity.creative_id(content)}"
    (found,) = admit(buckets.upload(name, content, event_id="event-1", batch_id="batch-1"))

    assert isinstance(found, ImageObject)
    assert (found.event_id, found.batch_id) == ("event-1", "batch-1")


def test_a_file_that_is_refused_after_fetch_stored_it_is_about_the_creative(buckets: Buckets) -> None:
    content = b"<html>"

    (failure,) = admit(buckets.upload(f"fetched/{identity.creative_id(content)}", content))

    assert isinstance(failure, Failure)
    assert (failure.creative_id, failure.ad_id) == (identity.creative_id(content), None)


@pytest.mark.parametrize("name", ["fetched/my.png", "fetched/" + "ab" * 20])
def test_a_users_own_upload_into_fetchs_folder_is_sighted(buckets: Buckets, name: str) -> None:
    sighting, _ = admit(buckets.upload(name, image()))

    assert isinstance(sighting, Sighting)
    assert sighting.ad_id == name


def test_a_composed_object_without_md5_gets_the_same_id(buckets: Buckets) -> None:
    content = image()

    sighting, found = admit(buckets.upload("x.png", content), without=("md5Hash",))

    assert isinstance(sighting, Sighting)
    assert isinstance(found, ImageObject)
    assert found.creative_id == sighting.creative_id == identity.creative_id(content)


def test_an_upload_that_was_overwritten_leaves_it_to_the_newer_ones_notice(buckets: Buckets) -> None:
    blob = buckets.upload("x.png", image())
    old = notification.parse(notice(blob))
    newer = buckets.upload("x.png", image(width=50))

    assert list(main.admit(old)) == []
    assert len(admit(newer)) == 2


def test_a_deleted_upload_is_accounted_for(buckets: Buckets) -> None:
    blob = buckets.upload("x.png", image())
    upload = notification.parse(notice(blob))
    blob.delete()

    sighting, failure = main.admit(upload)

    assert isinstance(sighting, Sighting)
    assert isinstance(failure, Failure)
    assert failure.reason is Reason.OBJECT_GONE


def test_of_two_uploads_to_one_name_the_later_is_the_newer_sighting(buckets: Buckets) -> None:
    sighting, _ = admit(buckets.upload("x.png", image()))

    assert sighting.occurred_at.isoformat() == "2026-11-20T10:00:00.123000+00:00"


def test_another_buckets_notice_is_refused(buckets: Buckets) -> None:
    blob = buckets.results.blob("x.png")
    blob.upload_from_string(image())

    with pytest.raises(Rejected) as rejection:
        admit(blob)

    assert rejection.value.reason is Reason.MALFORMED_MESSAGE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"name": "", "bucket": "b"}',
        b'{"bucket":"b","name":"n","generation":"1","size":"-1","crc32c":"AAAAAA=="}',
        b'{"bucket":"b","name":"n","generation":"1","size":"1","crc32c":"'
        + base64.b64encode(b"too long for it")
        + b'"}',
        b'{"bucket":"b","name":"n","generation":"1","size":"1","crc32c":"AAAAAA==","metadata":[1]}',
    ],
)
def test_a_message_that_is_no_notification_is_refused(data: bytes) -> None:
    with pytest.raises(Rejected) as rejection:
        notification.parse(Message(data, {}, "1"))

    assert rejection.value.reason is Reason.MALFORMED_MESSAGE


def test_an_object_that_stands_for_a_file_of_no_use_fails_for_what_it_says(buckets: Buckets) -> None:
    refusal = Refusal(Reason.LOCKED_FILE, "the zip archive locks it with a password")
    blob = buckets.upload("uploads/1/a.png", refusal.content("a.png"), ad_id="ads.zip/a.png", **refusal.metadata)

    sighting, failure = admit(blob)

    assert isinstance(sighting, Sighting)
    assert isinstance(failure, Failure)
    assert (failure.ad_id, failure.reason, failure.detail) == ("ads.zip/a.png", refusal.reason, refusal.detail)
    assert failure.creative_id == sighting.creative_id


def test_metadata_of_others_refuse_nothing(buckets: Buckets) -> None:
    _, found = admit(buckets.upload("uploads/1/a.png", image(), refused="by the brand"))

    assert isinstance(found, ImageObject)


def test_a_zip_with_a_page_is_a_banner_and_any_other_zip_is_refused(buckets: Buckets) -> None:
    content = banner("<h1>20% OFF</h1>")

    sighting, found = admit(buckets.upload("spring.zip", content, ad_id="ad-7"))
    _, refused = admit(buckets.upload("docs.zip", zipped({"a.txt": "x"}), ad_id="ad-8"))

    assert isinstance(sighting, Sighting)
    assert isinstance(found, BannerObject)
    assert found.creative_id == sighting.creative_id == identity.creative_id(content)
    assert isinstance(refused, Failure)
    assert refused.reason is Reason.UNOPENED_ARCHIVE
