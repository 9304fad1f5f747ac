"""What becomes of every hostile file: the table, by the bytes alone, through the stages that would meet it.

Sniffing decides, as in `intake`, whether a decoder sees the file; decoders run in the sandboxes of `hash` and `probe`
under their own limits of memory, so that an outcome is also a proof that it took no more.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from functions.hash import decoding as of_images
from functions.hash import main as hashing
from functions.intake import main as intake
from functions.intake import notification
from functions.intake.settings import settings
from functions.probe import decoding as of_videos
from functions.probe import main as probing
from shared.events import Failure, ImageObject, Kind, Sighting
from shared.media import sniffing
from shared.media.sandbox import InMemory, Limits, Sandbox
from shared.reasons import Reason, Rejected
from tests import hostile, pictures
from tests.cases import some_of
from tests.functions.intake.test_intake import notice
from tests.gcs import Buckets

pytestmark = pytest.mark.slow

SHOWN = "shown"  # analysed as any other file
MAX_PIXELS = 100 * 10**6
MAX_SECONDS = 600.0

OUTCOMES: Mapping[str, str] = {
    # no media: refused by `intake`, before any decoder
    "nothing": "empty_file",
    "svg with a script": "unsupported_type",
    "svg with an external entity": "unsupported_type",
    "svg with a billion laughs": "unsupported_type",
    "page that says it is a png": "unsupported_type",
    "pdf with a png in it": "unsupported_type",
    "zip with a jpeg in it": "unsupported_type",
    "program": "unsupported_type",
    "noise": "unsupported_type",
    # bombs and impossible sizes
    "png of 30,000 x 30,000": "too_many_pixels",
    "png of 2^31-1 x 2^31-1": "too_many_pixels",
    "png of 99 megapixels without its pixels": SHOWN,
    "png of no width": "broken_image",
    "png with a text of 200 MB": "broken_image",
    "png of 65,535 x 1": SHOWN,
    "png of 1 x 65,535": SHOWN,
    "gif of 65,535 x 65,535": "too_many_pixels",
    "gif whose frame is larger than it": "too_many_pixels",
    "gif of 10,000 frames": SHOWN,
    "webp of 65,535 x 65,535": "too_many_pixels",
    "tiff of 60,000 x 60,000": "too_many_pixels",
    "tiff whose directories form a circle": "broken_image",
    "bmp of 2^31-1 pixels width": "too_many_pixels",
    "jpeg of 65,535 x 65,535": "too_many_pixels",
    "jpeg of 65,500 x 1,500 without its pixels": "broken_image",
    "progressive jpeg of endless scans": "too_complex",
    # headers without a picture
    "a signature and nothing else": "broken_image",
    "avif of a header": "broken_image",
    "heic of a header": "broken_image",
    # polyglots: a picture is a picture, whatever else it may be to somebody else
    "jpeg with a zip at its end": SHOWN,
    "jpeg with a script in its comment": SHOWN,
    "gif and javascript": SHOWN,
    "mp4 with a zip at its end": SHOWN,
    "mp4 with a page in a free atom": SHOWN,
    # absurd durations, recursive atoms
    "mp4 whose header says a thousand years": SHOWN,
    "mp4 of a day a frame": "too_long",
    "mp4 of no duration": SHOWN,
    "mp4 of 5,000 atoms in each other": "broken_video",
    "mp4 of a million small atoms": "broken_video",
    "mp4 whose atom is longer than the file": "broken_video",
    "mp4 whose atom has a size of 2^63": "broken_video",
    "mp4 that names another file": SHOWN,
    "mp4 of sound": "no_video_stream",
    "a file type and nothing else": "broken_video",
    "webm of a header": "broken_video",
    "avi of a header": "broken_video",
    "flv of a header": "broken_video",
    "transport stream of empty packets": "broken_video",
    "program stream of noise": "broken_video",
    # cut off in transit
    **{
        f"{name} cut off at {kept}%": "broken_image"
        for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")
        for kept in (5, 50, 90)
    },
    **{
        f"{name} cut off at {kept}%": "broken_video"
        for name in ("mp4", "fast start mp4", "webm")
        for kept in (5, 50, 80)
    },
    # bits turned over: shown where a decoder still makes a picture of it
    **{
        f"{name} with flipped bits, seed {seed}": f"{SHOWN} or broken_image or unsupported_variant"
        for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")
        for seed in range(4)
    },
    **{
        f"{name} with flipped bits, seed {seed}": f"{SHOWN} or broken_video"
        for name in ("mp4", "fast start mp4", "webm")
        for seed in range(6)
    },
}

CORPUS = {file.name: file for file in hostile.corpus()}

type Measured = of_images.Measured | of_videos.Measured


@dataclass(frozen=True)
class Decoders:
    """The decoders as `hash` and `probe` run them, save that a test waits less long.

    Attributes:
        images: the sandbox of images.
        videos: the sandbox of videos.
    """

    images: Sandbox
    videos: Sandbox

    def measure(self, content: bytes) -> Measured:
        """What the stages after `intake` find out.

        Raises:
            Rejected: as `intake`, `hash` or `probe` rejects it.
        """
        if not content:
            raise Rejected(Reason.EMPTY_FILE, "no bytes")
        media = sniffing.sniff(content[: sniffing.HEAD_BYTES])
        if media is None or media.kind is None:
            raise Rejected(Reason.UNSUPPORTED_TYPE, media.name if media else "of no type that we know")
        options: dict[str, object] = {"content_type": media.content_type}
        if media.kind is Kind.IMAGE:
            options["max_pixels"] = MAX_PIXELS
            found = self.images.run("functions.hash.decoding:measure", InMemory(content), options)
            return of_images.Measured.model_validate_json(found)
        options["max_duration_s"] = MAX_SECONDS
        found = self.videos.run("functions.probe.decoding:measure", InMemory(content), options)
        return of_videos.Measured.model_validate_json(found)


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    images = Limits(memory_mib=hashing.LIMITS.memory_mib, cpu_s=3, clock_s=120)
    videos = Limits(memory_mib=probing.LIMITS.memory_mib, cpu_s=10, clock_s=120)
    made = Decoders(Sandbox(images, broken=Reason.BROKEN_IMAGE), Sandbox(videos, broken=Reason.BROKEN_VIDEO))
    yield made
    made.images.close()
    made.videos.close()


DEAR = {"progressive jpeg of endless scans"}
"""They end by the limit of processor time, which tests of the sandbox reach otherwise."""


@pytest.mark.parametrize("name", some_of(OUTCOMES, in_the_gate=OUTCOMES.keys() - DEAR))
def test_a_hostile_file_ends_as_the_table_says(decoders: Decoders, name: str) -> None:
    outcome: str
    try:
        measured = decoders.measure(CORPUS[name].content)
        outcome = SHOWN
    except Rejected as rejection:
        outcome, detail = rejection.reason, rejection.detail
    else:
        detail = measured.model_dump_json(exclude={"thumbnail", "frames"})
        assert measured.width * measured.height > 0
        assert measured.thumbnail[:4] == b"RIFF"

    assert outcome in OUTCOMES[name].split(" or "), detail
    assert "Traceback" not in detail


def test_the_table_has_every_file_of_the_corpus() -> None:
    assert set(OUTCOMES) == set(CORPUS)


@pytest.mark.parametrize(
    "kind",
    [
        *(rf"^{name}.* of [\d,]+ x [\d,]+" for name in ("png", "gif", "webp", "tiff")),  # bombs
        *(rf"^{name} {how}" for name in ("JPEG", "PNG", "WEBP", "GIF", "mp4", "webm") for how in ("cut", "with flip")),
        *("with a zip", "and javascript", "with a script in its comment", "pdf with a png"),  # polyglots
        *("^nothing$", "65,535 x 65,535", "65,535 x 1$", "10,000 frames"),
        *("svg with a script", "svg with an external entity"),
        *("thousand years", "day a frame", "no duration", "atoms in each other", "million small atoms"),
    ],
)
def test_the_corpus_has_every_kind_that_is_asked_for(kind: str) -> None:
    assert any(re.search(kind, name) for name in CORPUS)


def test_ten_thousand_frames_are_counted(decoders: Decoders) -> None:
    measured = decoders.measure(CORPUS["gif of 10,000 frames"].content)

    assert isinstance(measured, of_images.Measured)
    assert measured.frame_count == 10_000


def test_a_durations_lie_does_not_lengthen_a_video(decoders: Decoders) -> None:
    measured = decoders.measure(CORPUS["mp4 whose header says a thousand years"].content)

    assert isinstance(measured, of_videos.Measured)
    assert 0 < measured.duration_s <= MAX_SECONDS


@pytest.mark.long
def test_the_largest_picture_allowed_fits_into_the_memory_allowed(decoders: Decoders) -> None:
    patient = Sandbox(hashing.LIMITS, broken=Reason.BROKEN_IMAGE)

    measured = replace(decoders, images=patient).measure(hostile.transparent_png(10_000, 10_000))

    assert (measured.width, measured.height) == (10_000, 10_000)
    patient.close()


PNG = pictures.encode(pictures.draw(48, 48), "PNG")
NAMES = {
    "parents": "../../../etc/passwd",
    "newlines": "a\nb\r\n.png",
    "1,024 characters": "/".join(["n" * 200] * 5) + "/" + "n" * 19,  # the local server keeps no longer parts
    "right to left": "gpj.\u202egnp.exe",
    "markup": "<img src=x onerror=alert(1)>.png",
    "formula": "=HYPERLINK(1).png",
    "wrong extension": "clip.mp4",
    "no extension": "creative",
    "address": "a?b#c%2e",
}


@pytest.fixture
def _intake_settings(buckets: Buckets) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("_intake_settings")
@pytest.mark.parametrize("kind", NAMES)
def test_a_name_is_only_a_name(kind: str, buckets: Buckets) -> None:
    stored = buckets.upload(NAMES[kind], PNG)

    sighting, found = intake.admit(notification.parse(notice(stored)))

    assert isinstance(sighting, Sighting)
    assert isinstance(found, ImageObject)
    assert (sighting.ad_id, found.content_type) == (NAMES[kind], "image/png")
    assert (
        ImageObject.model_validate_json(found.model_dump_json()).uri == f"gs://{buckets.creatives.name}/{NAMES[kind]}"
    )


@pytest.mark.usefixtures("_intake_settings")
def test_an_empty_upload_is_a_row(buckets: Buckets) -> None:
    stored = buckets.upload("empty.png", b"")

    *_, failure = intake.admit(notification.parse(notice(stored)))

    assert isinstance(failure, Failure)
    assert failure.reason is Reason.EMPTY_FILE
