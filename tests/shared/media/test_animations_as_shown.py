"""Animated pictures show what a browser shows: frames are laid over others, put in their place, taken away again."""

import base64
import io
import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from shared.media import animation_frames
from tests.cases import some_of

pytestmark = pytest.mark.slow

SIZE = (24, 16)
TYPES = {"PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}

# What each frame of a file shows on white, as bytes: red, green, blue and alpha of each pixel.
DECODE = """async ([content, type]) => {
    const data = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
    const decoder = new ImageDecoder({ data, type });
    await Promise.all([decoder.completed, decoder.tracks.ready]);
    const frames = [];
    for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex++) {
        const { image } = await decoder.decode({ frameIndex });
        const pen = new OffscreenCanvas(image.displayWidth, image.displayHeight).getContext('2d');
        pen.fillStyle = 'white';
        pen.fillRect(0, 0, image.displayWidth, image.displayHeight);
        pen.drawImage(image, 0, 0);
        frames.push([...pen.getImageData(0, 0, image.displayWidth, image.displayHeight).data]);
    }
    return frames; }"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    """A page that may decode pictures: browsers let those of this machine do so, and those that come by TLS."""
    opened = browser.new_page()
    opened.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    opened.goto("http://localhost/")
    return opened


@pytest.mark.parametrize("pillow_format", some_of(TYPES, in_the_gate=["GIF"]))
def test_every_frame_is_the_one_that_a_browser_shows(page: Page, pillow_format: str) -> None:
    for seed in range(25):
        content = drawn(np.random.default_rng(seed), pillow_format)

        shown = page.evaluate(DECODE, [base64.b64encode(content).decode(), TYPES[pillow_format]])

        found = seen(content)
        assert len(found) == len(shown), f"seed {seed}"
        for number, (ours, theirs) in enumerate(zip(found, shown, strict=True)):
            of_browser = np.array(theirs).reshape(*SIZE[::-1], 4)[:, :, :3]
            assert np.abs(ours - of_browser).max() <= 2, f"seed {seed}, frame {number}"


def test_a_frame_larger_than_its_animation_is_cut_as_a_browser_cuts_it(page: Page) -> None:
    content = _outgrown()

    shown = page.evaluate(DECODE, [base64.b64encode(content).decode(), "image/gif"])

    assert [np.array(each).size // 4 for each in shown] == [SIZE[0] * SIZE[1]] * 3
    for ours, theirs in zip(seen(content), shown, strict=True):
        assert np.abs(ours - np.array(theirs).reshape(*SIZE[::-1], 4)[:, :, :3]).max() <= 2


def _outgrown() -> bytes:
    """A GIF whose second frame stands out of what its header says that it is shown in."""
    first, second, third = (Image.new("RGB", SIZE, colour) for colour in ("red", "blue", "green"))
    ImageDraw.Draw(second).rectangle((2, 2, 9, 9), fill="white")
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=[second, third], duration=100, loop=0)
    content, frame = file.getvalue(), struct.pack("<BHHHH", 0x2C, 0, 0, *SIZE)  # where it lies, and its size
    at = content.index(frame, content.index(frame) + 1)
    return content[:at] + struct.pack("<BHHHH", 0x2C, 12, 6, *SIZE) + content[at + len(frame) :]


def seen(content: bytes) -> list[NDArray[np.int64]]:
    """The frames as we see them."""
    with Image.open(io.BytesIO(content)) as image:
        return [np.asarray(shown.picture).astype(np.int64) for shown in animation_frames.frames(image)]


def drawn(random: np.random.Generator, pillow_format: str) -> bytes:
    """An animation of two to six frames, each of them done away with in a way of its own."""
    frames = {picture.tobytes(): picture for picture in (_parts(random) for _ in range(int(random.integers(2, 7))))}
    pictures, file = [_parts(random), *frames.values()], io.BytesIO()
    options: dict[str, object] = {}
    if pillow_format == "PNG":
        options["disposal"] = [int(random.integers(3)) for _ in pictures]
        options["blend"] = [int(random.integers(2)) for _ in pictures]
        options["default_image"] = bool(random.integers(2))
    elif pillow_format == "GIF":
        options["disposal"] = [int(random.integers(4)) for _ in pictures]
    else:
        options["lossless"] = True
    first, *others = pictures
    first.save(file, pillow_format, save_all=True, append_images=others, duration=100, loop=0, **options)
    return file.getvalue()


def _parts(random: np.random.Generator) -> Image.Image:
    """A picture that is transparent but for a few rectangles."""
    picture = Image.new("RGBA", SIZE)
    for _ in range(int(random.integers(1, 4))):
        left, top = int(random.integers(20)), int(random.integers(12))
        colour = (*(int(level) for level in random.integers(0, 4, 3) * 80), 255)
        ImageDraw.Draw(picture).rectangle((left, top, left + int(random.integers(1, 12)), top + 4), fill=colour)
    return picture
