"""Thumbnails come back from storage as they went in, save for what WebP loses."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from google.cloud import storage
from PIL import Image

from shared.media import chroma, thumbnails
from shared.media.thumbnails import Frame
from tests import videos


def greys(count: int, *, seed: int = 0) -> list[Frame]:
    frames = videos.moving_square(count / 4, fps=4, seed=seed)
    return [Frame(number / 4, np.asarray(Image.fromarray(frame).convert("L"))) for number, frame in enumerate(frames)]


def worst_mean_difference(one: list[Frame], other: list[Frame]) -> float:
    return max(np.abs(a.grey.astype(int) - b.grey).mean() for a, b in zip(one, other, strict=True))


def times(frames: list[Frame]) -> list[float]:
    return [frame.seconds for frame in frames]


def test_an_images_thumbnail_is_a_still() -> None:
    encoded = thumbnails.encode(greys(1))

    (frame,) = thumbnails.decode(encoded)
    assert (frame.seconds, frame.grey.shape, frame.colours) == (0, (180, 320), None)
    assert encoded[8:16] == b"WEBPVP8 "


@pytest.mark.parametrize("count", [2, 7, 40])
def test_frames_and_their_times_survive(count: int) -> None:
    frames = greys(count)

    decoded = thumbnails.decode(thumbnails.encode(frames))

    assert times(decoded) == times(frames)
    assert worst_mean_difference(decoded, frames) < 1.5


def test_times_need_not_be_regular() -> None:
    irregular = [0.0, 0.04, 1.5, 90.0, 119.96]
    frames = [replace(frame, seconds=at) for at, frame in zip(irregular, greys(5), strict=True)]

    decoded = thumbnails.decode(thumbnails.encode(frames))

    assert times(decoded) == irregular


def test_a_frame_that_repeats_the_one_before_is_kept_once() -> None:
    first, second, third = greys(3)

    decoded = thumbnails.decode(thumbnails.encode([first, replace(first, seconds=second.seconds), third]))

    assert times(decoded) == times([first, third])


def test_losses_do_not_add_up_from_frame_to_frame() -> None:
    frames = [replace(greys(1, seed=number)[0], seconds=number / 4) for number in range(20)]

    decoded = thumbnails.decode(thumbnails.encode(frames))

    assert worst_mean_difference(decoded[-3:], frames[-3:]) < 1.5


@pytest.mark.parametrize("count", [1, 2, 20])
def test_colours_survive_without_loss(count: int) -> None:
    random = np.random.default_rng(count)
    colours = random.integers(0, 256, (count, chroma.CELLS, chroma.CELLS, 2), dtype=np.uint8)
    frames = [replace(frame, colours=kept) for frame, kept in zip(greys(count), colours, strict=True)]

    decoded = thumbnails.decode(thumbnails.encode(frames))

    assert times(decoded) == times(frames)
    assert all((frame.colours == kept).all() for frame, kept in zip(decoded, colours, strict=True))


def test_a_frame_that_stands_for_repeats_has_the_colours_of_the_first() -> None:
    first, second, third = greys(3)
    red, green = (np.full((chroma.CELLS, chroma.CELLS, 2), level, np.uint8) for level in (200, 60))
    frames = [replace(first, colours=red), replace(first, seconds=second.seconds, colours=green), third]

    kept, last = thumbnails.decode(thumbnails.encode(frames))

    assert kept.colours is not None
    assert (kept.colours == red).all()
    assert last.colours is None


def test_damaged_colours_are_an_error_of_the_file() -> None:
    file = io.BytesIO()
    Image.new("L", (40, 40)).save(file, "WEBP", xmp=base64.b64encode(b"not compressed"))

    with pytest.raises(ValueError, match="colours are damaged"):
        thumbnails.decode(file.getvalue())


@pytest.mark.parametrize(("amplitude", "blank"), [(0, True), (8, True), (40, False)])
def test_flat_pictures_are_near_blank(amplitude: int, blank: bool) -> None:
    pixels = np.full((64, 64), 128, np.uint8)
    pixels[:32] += np.uint8(amplitude)

    assert thumbnails.near_blank([Frame(0, pixels)]) is blank


def test_a_video_with_one_frame_of_content_is_not_near_blank() -> None:
    black = np.zeros((180, 320), np.uint8)

    assert not thumbnails.near_blank([Frame(0, black), greys(2)[1], Frame(0.5, black)])


def test_storing_twice_keeps_one(gcs: storage.Client, bucket: storage.Bucket) -> None:
    content = thumbnails.encode(greys(1))

    first = thumbnails.store(gcs, bucket.name, "ab" * 20, content)
    again = thumbnails.store(gcs, bucket.name, "ab" * 20, content)

    assert first == again == f"gs://{bucket.name}/thumbnails/{'ab' * 20}.webp"
    assert bucket.blob(f"thumbnails/{'ab' * 20}.webp").download_as_bytes() == content
