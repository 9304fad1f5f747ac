"""JPEGs that ImageMagick (6.9.11, libjpeg-turbo 2.1.5) saved by the fast transform, followed to the bit."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from functions.dedup.pictures import chains, hurried, jpegs, resaving, written_jpegs
from functions.dedup.pictures.jpegs import Kept
from shared.media.images import Colour
from tests import pictures

FILES = Path(__file__).parent / "hurried"
SQUARES = np.kron(np.random.default_rng(7).integers(0, 256, (7, 9, 3)), np.ones((7, 8, 1))).astype(np.uint8)
"""What both files were saved from, by `convert -quality 80`, and `-sampling-factor 4:4:4 -quality 60`."""

COSINES = cv2.dct(np.eye(8, dtype=np.float32), flags=cv2.DCT_ROWS).T


@pytest.mark.parametrize(
    ("name", "quality", "halved"), [("quality-80.jpg", 80, True), ("quality-60-in-full.jpg", 60, False)]
)
def test_what_another_program_saved_in_a_hurry_is_known_to_the_bit(name: str, quality: int, *, halved: bool) -> None:
    shown = shown_by((FILES / name).read_bytes())

    assert np.array_equal(hurried.shown(SQUARES, quality, halved=halved), shown)
    assert not np.array_equal(shown_by(in_jpeg(SQUARES, quality, halved=halved)), shown)


def shown_by(content: bytes) -> Colour:
    return np.asarray(Image.open(io.BytesIO(content)))


def in_jpeg(picture: Colour, quality: int, *, halved: bool) -> bytes:
    return pictures.encode(Image.fromarray(picture), "JPEG", quality=quality, subsampling=2 if halved else 0)


def test_a_hurried_jpeg_is_held_as_well_where_it_is_cut_off_at_black_or_white() -> None:
    """Half of the squares' edges are: there a rounding that tips over weighs a whole step."""
    held = jpegs.held(SQUARES, (FILES / "quality-80.jpg").read_bytes(), resaving.drawn_in(SQUARES))

    assert held is not None
    assert held.apart <= resaving.CERTAIN


def test_a_hurried_jpeg_is_held_as_well_beside_an_edge_at_which_its_transform_errs_most() -> None:
    """Saved by `convert -sampling-factor 4:4:4 -quality 90`."""
    panel = np.full((48, 480, 3), (47, 107, 31), np.uint8)
    panel[8:40, 8:241] = 255, 250, 240
    other = panel.copy()
    other[22:26, 300:304] = 90, 140, 80

    content = (FILES / "quality-90-in-full.jpg").read_bytes()
    held, held_other = (jpegs.held(each, content, resaving.drawn_in(each)) for each in (panel, other))

    assert held is not None
    assert held_other is not None
    assert held.apart <= resaving.CERTAIN
    assert held_other.apart > 1


def test_the_jpeg_before_what_a_file_shows_may_have_been_saved_in_a_hurry() -> None:
    picture = np.asarray(pictures.draw(160, 96, seed=8))
    shown = hurried.shown(picture, 70, halved=True)

    before = chains.jpeg_before(picture, shown, resaving.drawn_in(picture))

    assert before is not None
    assert np.array_equal(before, shown)


@pytest.mark.parametrize("size", [(16, 16), (48, 32), (160, 96)])
@pytest.mark.parametrize("halved", [True, False])
def test_a_jpeg_written_by_its_coefficients_shows_what_it_did(size: tuple[int, int], *, halved: bool) -> None:
    """Pale, so that nothing is cut off and all coefficients are read from what is shown."""
    picture = np.asarray(pictures.draw(*size, seed=3)) // 2 + 64
    content = in_jpeg(picture.astype(np.uint8), 75, halved=halved)
    kept = Kept.of(content)
    assert kept is not None
    blocks = [
        np.round(COSINES @ jpegs.by_blocks(plane - 128, 8) @ COSINES.T / steps).astype(np.int32)
        for plane, steps in zip(kept.planes, kept.steps, strict=True)
    ]

    shown = written_jpegs.shown(blocks, written_jpegs.tables(75), [down for down, _ in kept.factors], picture.shape[:2])

    assert np.array_equal(shown, shown_by(content))
