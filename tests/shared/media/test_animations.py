"""Animated pictures by real encoders: every frame at its time, whatever the format; what does not move is a still."""

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from shared.media import animation_frames, animations, storyboards
from shared.media.films import Film
from shared.reasons import Reason, Rejected
from tests import pictures

FORMATS = {"GIF": "image/gif", "WEBP": "image/webp", "PNG": "image/png", "AVIF": "image/avif"}


def frames(count: int, size: tuple[int, int] = (160, 120)) -> list[Image.Image]:
    return [pictures.draw(*size, seed=number).convert("RGB") for number in range(count)]


def saved(shown: list[Image.Image], pillow_format: str, durations: list[int], **options: object) -> bytes:
    file = io.BytesIO()
    shown[0].save(file, pillow_format, save_all=True, append_images=shown[1:], duration=durations, **options)
    return file.getvalue()


def look(content: bytes, pillow_format: str) -> animations.Animation | None:
    return animations.read(content, FORMATS[pillow_format], max_pixels=10**7)


@pytest.mark.parametrize("pillow_format", FORMATS)
def test_every_format_is_read_frame_by_frame(pillow_format: str) -> None:
    durations = [500, 100, 300, 1100]

    found = look(saved(frames(4), pillow_format, durations, loop=0), pillow_format)

    assert found
    film = Film.decoded(found.film)
    assert film.seconds.tolist() == pytest.approx([0.0, 0.5, 0.6, 0.9], abs=0.002)
    assert film.frames_alone is (pillow_format != "AVIF")
    assert found.duration_s == pytest.approx(2.0, abs=0.002)
    assert [frame.seconds for frame in found.grid] == [tick / 4 for tick in range(8)]
    assert found.loops == (None if pillow_format == "AVIF" else 0)
    for luma, picture in zip(film.luma, frames(4), strict=True):
        assert np.abs(luma.astype(int) - np.asarray(picture.convert("L"))).mean() < 8


def test_a_film_keeps_the_colours_of_a_frame_that_has_few() -> None:
    first, second = frames(2)
    few = first.quantize(64, dither=Image.Dither.NONE).convert("RGB")

    found = look(saved([few, second], "PNG", [500, 500]), "PNG")

    assert found
    palettes = Film.decoded(found.film).palettes
    assert palettes[0] is not None
    expected = np.unique(np.asarray(few.convert("YCbCr")).reshape(-1, 3), axis=0)
    assert palettes[0].tolist() == expected.tolist()
    assert palettes[1] is None


@pytest.mark.parametrize("pillow_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_in_which_nothing_moves_is_a_still(pillow_format: str) -> None:
    still = frames(1)[0]
    content = saved([still, still.copy()], pillow_format, [500, 500], loop=0)

    assert look(content, pillow_format) is None


@pytest.mark.parametrize(
    ("pillow_format", "options", "loops"),
    [
        ("GIF", {}, 1),
        ("GIF", {"loop": 0}, 0),
        ("GIF", {"loop": 2}, 3),  # GIFs say how often it is played again: what gif2webp makes of this one says 3
        ("WEBP", {"loop": 3}, 3),
        ("PNG", {"loop": 3}, 3),
    ],
)
def test_how_often_it_is_played_is_told(pillow_format: str, options: dict[str, int], loops: int) -> None:
    found = look(saved(frames(2), pillow_format, [500, 500], **options), pillow_format)

    assert found
    assert found.loops == loops


def test_a_frame_without_a_time_lasts_as_long_as_browsers_show_it() -> None:
    found = look(saved(frames(3), "GIF", [0, 10, 20], loop=0), "GIF")

    assert found
    assert Film.decoded(found.film).seconds.tolist() == pytest.approx([0, 0.1, 0.2])


def test_transparent_places_are_white() -> None:
    layers = [Image.new("RGBA", (64, 64), (255, 0, 0, 0)), Image.new("RGBA", (64, 64), (0, 0, 0, 255))]

    found = look(saved(layers, "WEBP", [500, 500], loop=0, lossless=True), "WEBP")

    assert found
    assert Film.decoded(found.film).luma.mean(axis=(1, 2)).tolist() == pytest.approx([255, 0], abs=3)


def test_an_apngs_picture_for_those_that_show_no_animation_is_not_part_of_it() -> None:
    content = saved(frames(3), "PNG", [400, 400, 400], default_image=True)

    found = look(content, "PNG")

    assert found
    assert Film.decoded(found.film).luma.shape[0] == 2


def test_words_that_come_late_are_in_the_storyboard() -> None:
    shown = frames(4)

    found = look(saved(shown, "GIF", [1000, 1000, 1000, 1000], loop=0), "GIF")

    assert found
    scenes = storyboards.decode(storyboards.encode(found.scenes))
    assert [scene.seconds for scene in scenes] == pytest.approx([0, 1, 2, 3], abs=0.01)
    for scene, picture in zip(scenes, shown, strict=True):
        assert np.abs(scene.picture.astype(int) - np.asarray(picture)).mean() < 12


def test_only_so_many_frames_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(animation_frames, "MOST_FRAMES", 3)

    found = look(saved(frames(6), "GIF", [200] * 6, loop=0), "GIF")

    assert found
    assert Film.decoded(found.film).luma.shape[0] == 3
    assert found.duration_s == pytest.approx(0.6)


@pytest.mark.parametrize("pillow_format", FORMATS)
def test_a_sheet_shows_each_scene_once_in_order(pillow_format: str) -> None:
    one, two, three = frames(3)
    content = saved([one, one, two, three, three], pillow_format, [500] * 5, loop=0)

    with Image.open(io.BytesIO(content)) as image:
        sheet = animation_frames.sheet(image)

    assert sheet
    assert sheet.size == (160 * 2 + 8, 120 * 2 + 8)
    places = [(0, 0), (168, 0), (0, 128)]
    for picture, (left, top) in zip((one, two, three), places, strict=True):
        found = np.asarray(sheet.crop((left, top, left + 160, top + 120)))
        assert np.abs(found.astype(int) - np.asarray(picture)).mean() < 12


def test_an_animation_of_one_scene_needs_no_sheet() -> None:
    still = frames(1)[0]

    with Image.open(io.BytesIO(saved([still, still], "GIF", [500, 500]))) as image:
        assert animation_frames.sheet(image) is None


def test_a_damaged_animation_is_refused() -> None:
    content = saved(frames(4), "WEBP", [100] * 4, loop=0)

    with pytest.raises(Rejected) as rejection:
        look(content[: len(content) * 2 // 3], "WEBP")

    assert rejection.value.reason is Reason.BROKEN_IMAGE


def test_a_storyboard_has_at_most_so_many_scenes_evenly() -> None:
    board = storyboards.Storyboard()
    for number in range(100):
        board.look(float(number), np.full((32, 32, 3), 255 * (number % 2), np.uint8))

    seconds = [scene.seconds for scene in board.scenes()]

    assert (len(seconds), seconds[0], seconds[-1]) == (storyboards.MOST, 0.0, 99.0)
    assert all(3 <= later - earlier <= 5 for earlier, later in pairwise(seconds))


def test_of_more_scenes_than_are_remembered_those_stay_that_are_shown_longest() -> None:
    board = storyboards.Storyboard(most=4)
    seconds = [0.0, 2.0, 2.6, 5.0, 5.7, 9.0]
    for number, second in enumerate(seconds):
        board.look(second, np.full((32, 32, 3), 255 * (number % 2), np.uint8))

    assert [scene.seconds for scene in board.scenes()] == [0.0, 2.6, 5.7, 9.0]


@pytest.mark.parametrize(
    ("pillow_format", "size"), [("GIF", (16384, 2)), ("PNG", (20000, 1)), ("WEBP", (2, 9000)), ("GIF", (2, 2))]
)
def test_sides_that_no_encoder_of_ours_takes_are_no_fault(pillow_format: str, size: tuple[int, int]) -> None:
    shown = [Image.new("RGB", size, colour) for colour in ("red", "green", "blue")]

    found = look(saved(shown, pillow_format, [500] * 3, loop=0), pillow_format)

    assert found
    assert len(storyboards.decode(storyboards.encode(found.scenes))) == 3


def test_the_words_of_every_scene_are_large_enough_to_be_read_and_come_with_their_seconds() -> None:
    cards = [Image.new("RGB", (600, 500), "white") for _ in range(20)]
    for number, card in enumerate(cards):
        ImageDraw.Draw(card).text((200, 240), f"{number * 7}% OFF", "black", ImageFont.load_default(18))

    with Image.open(io.BytesIO(saved(cards, "GIF", [500] * 20, loop=0))) as image:
        scenes = animation_frames.scenes_of(image, 40)

    assert [scene.seconds for scene in scenes] == pytest.approx([number / 2 for number in range(20)])
    assert {scene.picture.shape for scene in scenes} == {(500, 600, 3)}
