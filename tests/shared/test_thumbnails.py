"""Thumbnails come back from storage as they went in, save for what WebP loses."""

import numpy as np
import pytest
from google.cloud import storage
from PIL import Image

from shared import thumbnails
from tests import videos


def greys(count: int, *, seed: int = 0) -> list[thumbnails.TimedGrey]:
    frames = videos.moving_square(count / 4, fps=4, seed=seed)
    return [(number / 4, np.asarray(Image.fromarray(frame).convert("L"))) for number, frame in enumerate(frames)]


def worst_mean_difference(one: list[thumbnails.TimedGrey], other: list[thumbnails.TimedGrey]) -> float:
    return max(np.abs(a.astype(int) - b).mean() for (_, a), (_, b) in zip(one, other, strict=True))


def test_an_images_thumbnail_is_a_still() -> None:
    encoded = thumbnails.encode(greys(1))

    ((seconds, grey),) = thumbnails.decode(encoded)
    assert seconds == 0
    assert grey.shape == (180, 320)
    assert encoded[8:16] == b"WEBPVP8 "


@pytest.mark.parametrize("count", [2, 7, 40])
def test_frames_and_their_times_survive(count: int) -> None:
    frames = greys(count)

    decoded = thumbnails.decode(thumbnails.encode(frames))

    assert [seconds for seconds, _ in decoded] == [seconds for seconds, _ in frames]
    assert worst_mean_difference(decoded, frames) < 1.5


def test_times_need_not_be_regular() -> None:
    times = [0.0, 0.04, 1.5, 90.0, 119.96]

    decoded = thumbnails.decode(thumbnails.encode([(at, g) for at, (_, g) in zip(times, greys(5), strict=True)]))

    assert [seconds for seconds, _ in decoded] == times


def test_a_frame_that_repeats_the_one_before_is_kept_once() -> None:
    first, second, third = greys(3)

    decoded = thumbnails.decode(thumbnails.encode([first, (second[0], first[1]), third]))

    assert [seconds for seconds, _ in decoded] == [first[0], third[0]]


def test_losses_do_not_add_up_from_frame_to_frame() -> None:
    frames = [(number / 4, greys(1, seed=number)[0][1]) for number in range(20)]

    decoded = thumbnails.decode(thumbnails.encode(frames))

    assert worst_mean_difference(decoded[-3:], frames[-3:]) < 1.5


@pytest.mark.parametrize(("amplitude", "blank"), [(0, True), (8, True), (40, False)])
def test_flat_pictures_are_near_blank(amplitude: int, blank: bool) -> None:
    pixels = np.full((64, 64), 128, np.uint8)
    pixels[:32] += np.uint8(amplitude)

    assert thumbnails.near_blank([(0, pixels)]) is blank


def test_a_video_with_one_frame_of_content_is_not_near_blank() -> None:
    black = np.zeros((180, 320), np.uint8)

    assert not thumbnails.near_blank([(0, black), greys(2)[1], (0.5, black)])


def test_storing_twice_keeps_one(gcs: storage.Client, bucket: storage.Bucket) -> None:
    content = thumbnails.encode(greys(1))

    first = thumbnails.store(gcs, bucket.name, "ab" * 20, content)
    again = thumbnails.store(gcs, bucket.name, "ab" * 20, content)

    assert first == again == f"gs://{bucket.name}/thumbnails/{'ab' * 20}.webp"
    assert bucket.blob(f"thumbnails/{'ab' * 20}.webp").download_as_bytes() == content
