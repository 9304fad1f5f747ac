"""`hash` on real files in a real bucket."""

from collections.abc import Iterator

import numpy as np
import pytest
from google.cloud import storage
from PIL import Image

from functions.hash import main
from functions.hash.settings import settings
from shared import clients, identity, objects
from shared.events import Fingerprint, ImageObject, Kind
from shared.media import chroma, film_store, images, thumbnails, videos
from shared.media.films import Film
from shared.reasons import Reason, Rejected
from tests import pictures
from tests.gcs import Buckets


@pytest.fixture(autouse=True)
def _settings_of_this_test(buckets: Buckets) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def stored(buckets: Buckets, content: bytes, content_type: str = "image/png") -> ImageObject:
    """The event of an uploaded image."""
    blob = buckets.upload("ad", content)
    return ImageObject(
        event_id="e",
        creative_id=identity.creative_id(content),
        uri=f"gs://{blob.bucket.name}/ad",
        content_type=content_type,
        bytes=max(1, len(content)),
    )


def fingerprint(image: ImageObject) -> Fingerprint:
    (event,) = main.fingerprint(image)
    assert isinstance(event, Fingerprint)
    return event


def test_an_image_is_measured_and_fingerprinted(buckets: Buckets) -> None:
    picture = pictures.draw(1200, 628)

    found = fingerprint(stored(buckets, pictures.encode(picture, "PNG")))

    assert (found.kind, found.width, found.height) == (Kind.IMAGE, 1200, 628)
    assert (found.aspect_ratio, found.ad_format) == ("300:157", "1.91:1")
    assert (found.near_blank, found.frame_count, found.duration_s, found.frames) == (False, None, None, [])
    assert found.dhash is not None
    assert (found.dhash ^ images.dhash(picture.convert("L"))).bit_count() <= 3
    assert found.hash_version == images.HASH_VERSION


def test_what_is_inside_a_stills_bars_has_a_hash_of_its_own(buckets: Buckets) -> None:
    picture = pictures.draw(600, 600)
    within_bars = Image.new("RGB", (1080, 1920), "black")
    within_bars.paste(picture.resize((1080, 1080)), (0, 420))

    found = fingerprint(stored(buckets, pictures.encode(within_bars, "JPEG", quality=85), "image/jpeg"))

    (inside,) = found.frames
    assert found.duration_s is None
    assert found.picture_aspect == pytest.approx(1, rel=0.02)
    assert (inside ^ images.dhash(picture.convert("L"))).bit_count() <= 5


def test_of_bars_around_nothing_there_is_no_hash(buckets: Buckets) -> None:
    panel = Image.new("RGB", (1080, 1920), "black")
    panel.paste("white", (0, 420, 1080, 1500))

    found = fingerprint(stored(buckets, pictures.encode(panel, "PNG")))

    assert (found.picture_aspect, found.frames) == (None, [])


def test_its_thumbnail_is_stored_for_verification(buckets: Buckets, gcs: storage.Client) -> None:
    picture = pictures.draw(1200, 628)

    found = fingerprint(stored(buckets, pictures.encode(picture, "PNG")))

    assert found.thumbnail_uri
    thumbnail = objects.find(gcs, found.thumbnail_uri)
    assert thumbnail
    (frame,) = thumbnails.decode(thumbnail.read(max_bytes=10**6))
    expected = np.asarray(picture.convert("L").resize(frame.grey.shape[::-1], Image.Resampling.LANCZOS))
    assert frame.grey.size <= 384**2
    assert np.abs(frame.grey.astype(int) - expected).mean() < 3
    assert frame.colours is not None
    assert (frame.colours == chroma.measure(chroma.cells(picture))).all()


def test_the_same_event_twice_gives_the_same_fingerprint(buckets: Buckets) -> None:
    image = stored(buckets, pictures.encode(pictures.draw(300, 250), "JPEG"), "image/jpeg")

    first, again = fingerprint(image), fingerprint(image)

    assert first.model_dump(exclude={"occurred_at"}) == again.model_dump(exclude={"occurred_at"})


def test_a_flat_image_has_no_hash(buckets: Buckets) -> None:
    found = fingerprint(stored(buckets, pictures.encode(Image.new("RGB", (300, 250), "#0055ff"), "PNG")))

    assert (found.near_blank, found.dhash) == (True, None)


def test_an_animation_is_hashed_over_time(buckets: Buckets, gcs: storage.Client) -> None:
    frames = [pictures.draw(320, 50, seed=seed) for seed in range(3)]
    content = pictures.encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[500, 250, 1000])

    found = fingerprint(stored(buckets, content, "image/gif"))

    assert (found.kind, found.frame_count, found.loops, found.ad_format) == (Kind.IMAGE, 3, 1, "320x50")
    assert (found.duration_s, found.dhash) == (1.75, None)
    assert len(found.frames) == 7
    assert len(set(found.frames)) == 3
    assert found.hash_version == videos.HASH_VERSION
    kept = objects.find(gcs, film_store.uri(settings().results_bucket, found.creative_id))
    assert kept
    assert Film.decoded(kept.read(max_bytes=10**6)).seconds.tolist() == [0.0, 0.5, 0.75]


def test_an_animation_in_which_nothing_moves_has_the_hash_of_a_still(buckets: Buckets) -> None:
    still = pictures.draw(320, 250, seed=1)
    content = pictures.encode(still, "WEBP", save_all=True, append_images=[still], duration=[500, 500], lossless=True)

    found = fingerprint(stored(buckets, content, "image/webp"))

    assert found.duration_s is None
    assert found.dhash == fingerprint(stored(buckets, pictures.encode(still, "PNG"))).dhash


@pytest.mark.parametrize(
    ("variable", "limit", "reason"),
    [("MAX_IMAGE_BYTES", "100", Reason.TOO_LARGE), ("MAX_IMAGE_PIXELS", "1000", Reason.TOO_MANY_PIXELS)],
)
def test_limits_can_be_set(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch, variable: str, limit: str, reason: Reason
) -> None:
    monkeypatch.setenv(variable, limit)

    with pytest.raises(Rejected) as rejection:
        fingerprint(stored(buckets, pictures.encode(pictures.draw(300, 250), "PNG")))

    assert rejection.value.reason is reason


def test_an_object_overwritten_since_is_gone(buckets: Buckets) -> None:
    image = stored(buckets, pictures.encode(pictures.draw(300, 250), "PNG"))
    buckets.upload("ad", pictures.encode(pictures.draw(300, 250, seed=1), "PNG"))

    with pytest.raises(Rejected) as rejection:
        fingerprint(image)

    assert rejection.value.reason is Reason.OBJECT_GONE


@pytest.mark.parametrize(("frames", "fetched"), [(1, 0), (2, 1)], ids=["a still", "what moves, whose film is large"])
def test_the_same_file_of_another_ad_is_not_fetched_again(buckets: Buckets, frames: int, fetched: int) -> None:
    shown = [pictures.draw(300, 300, seed=5 + frame) for frame in range(frames)]
    content = pictures.encode(shown[0], "GIF", save_all=True, append_images=shown[1:], duration=800)
    first, asked = fingerprint(stored(buckets, content, "image/gif")), list[str]()
    uri = first.uri.replace("/ad", "/another")
    buckets.upload("another", content)
    hooks = clients.storage_client(settings().google_cloud_project)._http.hooks["response"]
    hooks.append(lambda response, **_: asked.append(response.url))

    again = fingerprint(stored(buckets, content, "image/gif").model_copy(update={"uri": uri}))

    hooks.pop()
    assert sum("alt=media" in url for url in asked) == fetched
    assert again == first.model_copy(update={"uri": uri, "occurred_at": again.occurred_at})


def test_a_still_that_was_erased_is_refused_though_it_is_remembered(buckets: Buckets, gcs: storage.Client) -> None:
    image = stored(buckets, pictures.encode(pictures.draw(300, 250, seed=21), "PNG"))
    thumbnail = fingerprint(image).thumbnail_uri or ""
    for uri in (image.uri, thumbnail):
        bucket, name = objects.split(uri)
        gcs.bucket(bucket).delete_blob(name)

    with pytest.raises(Rejected) as rejection:
        fingerprint(image)

    assert rejection.value.reason is Reason.OBJECT_GONE
    assert objects.find(gcs, thumbnail) is None
