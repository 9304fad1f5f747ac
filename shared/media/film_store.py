"""Where films are kept: beside the thumbnails, an object a creative. Here apart from films.py, which loads FFmpeg."""

from typing import TYPE_CHECKING

from shared import objects

if TYPE_CHECKING:
    from google.cloud import storage


def uri(results_bucket: str, creative_id: str) -> str:
    """Where a creative's film is kept."""
    return f"gs://{results_bucket}/films/{creative_id}.mp4"


def store(client: "storage.Client", results_bucket: str, creative_id: str, content: bytes) -> str:
    """Keeps a creative's film, once, and says where."""
    target = uri(results_bucket, creative_id)
    objects.write_once(client, target, content, "video/mp4")
    return target
