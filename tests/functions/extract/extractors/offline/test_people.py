"""Faces are counted (portrait.jpg: Eileen Collins, NASA, public domain), and what is no face is not."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from functions.extract.extractors.offline import people
from functions.extract.extractors.offline.people import model_file

PORTRAIT = Path(__file__).with_name("portrait.jpg")


def with_faces(size: tuple[int, int], places: list[tuple[int, int]], side: int = 256) -> Image.Image:
    picture = Image.new("RGB", size, (40, 120, 120))
    with Image.open(PORTRAIT) as portrait:
        face = portrait.convert("RGB").resize((side, side))
    for place in places:
        picture.paste(face, place)
    return picture


@pytest.mark.parametrize(
    ("size", "places"),
    [
        ((1080, 1080), [(400, 400)]),
        ((970, 250), [(700, 0)]),
        ((256, 256), [(0, 0)]),
        ((1080, 1920), [(100, 100), (600, 1500)]),
        ((1200, 628), [(50, 50), (400, 300), (900, 100)]),
    ],
)
def test_each_face_is_counted_once(size: tuple[int, int], places: list[tuple[int, int]]) -> None:
    assert people.count_faces(with_faces(size, places)) == len(places)


def test_noise_and_plain_colour_have_no_face() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (400, 600, 3), dtype=np.uint8)

    assert people.count_faces(Image.fromarray(noise)) == 0
    assert people.count_faces(Image.new("RGB", (1080, 1080), "white")) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (4000, 40)])
def test_a_picture_of_any_size_can_be_looked_at(size: tuple[int, int]) -> None:
    assert people.count_faces(Image.new("RGB", size)) == 0


@pytest.mark.parametrize("size", [(256, 256), (640, 320), (32, 640)])
def test_the_model_answers_as_another_program_has_it_answer(size: tuple[int, int]) -> None:
    with Image.open(PORTRAIT) as portrait:
        pixels = cv2.dnn.blobFromImage(np.asarray(portrait.convert("RGB").resize(size)))
    names = ["537", "538", "539", "540"]
    other = cv2.dnn.readNetFromONNX(str(model_file()))
    other.setInput(pixels)

    answers = people._network().run(names, {"input.1": pixels})

    for own, others in zip(answers, other.forward(names), strict=True):
        np.testing.assert_allclose(own, others, rtol=1e-3, atol=1e-3)
