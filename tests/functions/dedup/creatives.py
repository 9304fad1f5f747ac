"""Creatives for the tests of `dedup`: fingerprints made up or measured, and drawn ads with words on them."""

import hashlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from google.cloud import storage
from PIL import Image, ImageDraw, ImageFont

from functions.probe import decoding
from shared import identity, objects
from shared.events import Fingerprint, Kind, VideoObject
from shared.media import chroma, film_store, fingerprints, images, moving_hashes, thumbnails
from shared.media.sandbox import InMemory
from tests import pictures, videos

HASH_VERSION = "test/1"


def creative_id(name: str) -> str:
    """An id of the right form."""
    return hashlib.sha1(name.encode()).hexdigest()


def fingerprint(name: str = "one", **changes: Any) -> Fingerprint:
    """An image's fingerprint with `changes`."""
    fields = {
        "event_id": f"event-{name}",
        "creative_id": creative_id(name),
        "uri": f"gs://creatives/{name}.png",
        "content_type": "image/png",
        "bytes": 1000,
        "kind": Kind.IMAGE,
        "width": 1200,
        "height": 628,
        "aspect_ratio": "300:157",
        "near_blank": False,
        "dhash": 0x0123456789ABCDEF,
        "hash_version": HASH_VERSION,
    }
    return Fingerprint(**(fields | changes))


def ad(words: str = "20% OFF", *, seed: int = 1, size: tuple[int, int] = (600, 314)) -> Image.Image:
    """A drawn ad: a busy picture with words across it, as high as a tenth of it."""
    picture = pictures.draw(*size, seed=seed)
    font = ImageFont.load_default(min(size) / 10)
    place = (size[0] // 20, size[1] // 2)
    ImageDraw.Draw(picture).text(place, words, font=font, fill="white", stroke_width=2, stroke_fill="black")
    return picture


def thumbnail(picture: Image.Image) -> thumbnails.Grey:
    """The thumbnail of a picture as it comes back from the bucket."""
    return thumbnails.decode(_encoded(picture))[0].grey


def frame(picture: Image.Image, seconds: float = 0.0) -> thumbnails.Frame:
    """What a thumbnail keeps of a picture."""
    return thumbnails.Frame(seconds, images.thumbnail(picture.convert("L")), chroma.measure(chroma.cells(picture)))


def with_print(words: str) -> Image.Image:
    """An ad with a line of small print close to its lower edge."""
    picture = ad(size=(1080, 1080))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 1040, 1080, 1080), fill="white")
    pen.text((20, 1074), words, (110, 110, 110), ImageFont.load_default(18), anchor="ls")
    return picture


def stored(
    bucket: storage.Bucket, name: str, picture: Image.Image, *, encoding: str = "PNG", **changes: Any
) -> Fingerprint:
    """A measured picture: its fingerprint, the file and its thumbnail kept in `bucket`."""
    content, content_type = pictures.encode(picture, encoding), f"image/{encoding.lower()}"
    own_id, uri = identity.creative_id(content), f"gs://{bucket.name}/{name}"
    objects.write_once(bucket.client, uri, content, content_type)
    original = thumbnails.Original(uri, content_type)
    thumbnail_uri = thumbnails.store(bucket.client, bucket.name, own_id, _encoded(picture), original)
    inside = moving_hashes.of([frame(picture)], picture.width / picture.height)
    shown = images.pixels(content, content_type, max_pixels=10**7)
    measured = {
        "creative_id": own_id,
        "uri": uri,
        "picture_aspect": inside.picture_aspect,
        "frames": inside.frames if inside.picture_aspect else [],
        "pixels_sha": shown.sha if shown else None,
        "detail_scale": shown.detail_scale if shown else None,
        "lost": shown.lost if shown else None,
        "width": picture.width,
        "height": picture.height,
        "aspect_ratio": images.aspect_ratio(*picture.size),
        "dhash": images.dhash(images.inside_border(picture.convert("L"))),
        "thumbnail_uri": thumbnail_uri,
    }
    return fingerprint(name, **(measured | changes))


def stored_video(bucket: storage.Bucket, name: str, shown: Sequence[Image.Image]) -> Fingerprint:
    """A measured video that shows these pictures, four a second: its fingerprint, its film kept in `bucket`."""
    film = videos.film_file(((at / 4, picture) for at, picture in enumerate(shown)), len(shown) / 4)
    film_store.store(bucket.client, bucket.name, creative_id(name), film)
    return fingerprint(
        name,
        kind=Kind.VIDEO,
        content_type="video/mp4",
        dhash=None,
        frames=[images.dhash(picture.convert("L")) for picture in shown],
        duration_s=len(shown) / 4,
        width=shown[0].width,
        height=shown[0].height,
    )


def probed_video(bucket: storage.Bucket, shown: Sequence[Image.Image]) -> Fingerprint:
    """As `stored_video`, of a file that is kept in `bucket`, too, as its encoder left these pictures."""
    content = videos.encode([np.asarray(picture) for picture in shown], fps=4, quality=20)
    own_id = identity.creative_id(content)
    uri = f"gs://{bucket.name}/{own_id}"
    objects.write_once(bucket.client, uri, content, "video/mp4")
    video = VideoObject(event_id=own_id, creative_id=own_id, uri=uri, content_type="video/mp4", bytes=len(content))
    said = decoding.measure(InMemory(content), content_type="video/mp4", max_duration_s=60, whole_mib=None)
    measured = decoding.Measured.model_validate_json(said)
    found = fingerprints.keep(bucket.client, bucket.name, video, measured, kind=Kind.VIDEO)
    assert isinstance(found, Fingerprint)
    return found


def saved(picture: Image.Image, pillow_format: str, **options: Any) -> Image.Image:
    """The picture as it is after having been saved in a format."""
    return Image.open(io.BytesIO(pictures.encode(picture, pillow_format, **options))).convert("RGB")


def copy(picture: Image.Image) -> Image.Image:
    """A smaller copy of a picture, as somebody saves it who sends it on."""
    return saved(picture.resize((picture.width * 3 // 4, picture.height * 3 // 4)), "JPEG", quality=70)


def _encoded(picture: Image.Image) -> bytes:
    return thumbnails.encode([frame(picture)])
