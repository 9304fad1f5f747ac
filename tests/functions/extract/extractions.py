"""Builders for the tests of `extract`: settings, drawn creatives in a real bucket, and requests about them."""

import io
from typing import Any

from google.cloud import storage
from PIL import Image, ImageDraw

from functions.extract.settings import ExtractSettings
from shared import identity, youtube
from shared.events import Extraction, Kind


def settings(bucket: storage.Bucket, **changed: Any) -> ExtractSettings:
    """Settings for a Gemini that answers on the Developer API, impatient enough for tests."""
    given: dict[str, Any] = {
        "google_cloud_project": "test",
        "creatives_bucket": bucket.name,
        "results_bucket": bucket.name,
        "staging_bucket": bucket.name,
        "extractor": "gemini",
        "gemini_api_key": "key",
        "retry_pause_s": 0.01,
    }
    return ExtractSettings(**given | changed)


def drawn(number: int = 0, size: tuple[int, int] = (120, 100), format: str = "PNG") -> bytes:
    """A picture that differs from those of other numbers."""
    image = Image.new("RGB", size, (number * 37 % 256, number * 101 % 256, number * 17 % 256))
    ImageDraw.Draw(image).text((10, 10), f"SALE {number}%", fill="white")
    encoded = io.BytesIO()
    image.save(encoded, format)
    return encoded.getvalue()


def request_for(bucket: storage.Bucket, content: bytes, content_type: str = "image/png", **changed: Any) -> Extraction:
    """A request about `content`, stored in the bucket."""
    creative_id = identity.creative_id(content)
    blob = bucket.blob(f"fetched/{creative_id}")
    blob.upload_from_string(content, content_type)
    given: dict[str, Any] = {
        "event_id": f"event-{creative_id[:6]}",
        "creative_id": creative_id,
        "uri": f"gs://{bucket.name}/{blob.name}",
        "content_type": content_type,
        "bytes": len(content),
        "kind": Kind.IMAGE if content_type.startswith("image/") else Kind.VIDEO,
        "width": 120,
        "height": 100,
    }
    return Extraction.model_validate(given | changed)


def request_by_address(address: str, seconds: float = 60) -> Extraction:
    """A request about a video on YouTube, of which no more than that is shown."""
    return Extraction(
        event_id="event-by-address",
        creative_id=youtube.creative_id(address),
        uri=address,
        content_type=youtube.CONTENT_TYPE,
        kind=Kind.VIDEO,
        duration_s=seconds,
        requested_by="fetch",
    )
