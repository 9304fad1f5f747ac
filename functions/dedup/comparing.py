"""Compares creatives by what is stored of them; the comparison itself is `verification.py`'s, `films.py`'s."""

from dataclasses import dataclass
from functools import lru_cache

from google.api_core.exceptions import NotFound
from google.cloud import storage
from PIL import UnidentifiedImageError

from functions.dedup import verification
from functions.dedup.known import Known
from functions.dedup.screening import Screening
from functions.dedup.verification import Comparison
from shared import log, objects
from shared.media import thumbnails
from shared.media.thumbnails import Frame

_KEPT_THUMBNAILS = 1_000  # of about 8 KB each


@dataclass(frozen=True)
class _NoThumbnail(Exception):  # noqa: N818 - it names an outcome
    creative_id: str
    reason: str


class Comparer:
    """Loads thumbnails, each once while it is in use, and compares them."""

    def __init__(self, client: storage.Client, results_bucket: str) -> None:
        self._client = client
        self._results_bucket = results_bucket
        self._load = lru_cache(_KEPT_THUMBNAILS)(self._download)
        self._screening = Screening(client, results_bucket)

    def compare(self, one: Known, other: Known) -> Comparison | None:
        """What the pixels of two creatives say; None where a thumbnail, or a film, is missing or damaged.

        Raises:
            Exception: the client's, when Cloud Storage does not answer.
        """
        if one.moves:
            return self._screening.compare(one.creative_id, other.creative_id)
        try:
            look, other_look = self._look(one), self._look(other)
        except _NoThumbnail as missing:
            log.warning("no thumbnail to compare", creative_id=missing.creative_id, reason=missing.reason)
            return None
        return verification.compare_frames(look[0], other_look[0])

    def _look(self, known: Known) -> list[Frame]:
        try:
            look = thumbnails.decode(self._load(known.creative_id))
        except NotFound as error:
            raise _NoThumbnail(known.creative_id, "it is not in the bucket") from error
        except (UnidentifiedImageError, OSError, ValueError, EOFError) as error:
            raise _NoThumbnail(known.creative_id, f"it cannot be decoded: {error}") from error
        if not look:
            raise _NoThumbnail(known.creative_id, "it has no frame")
        return look

    def _download(self, creative_id: str) -> bytes:
        bucket, name = objects.split(thumbnails.uri(self._results_bucket, creative_id))
        return bytes(self._client.bucket(bucket).blob(name).download_as_bytes())
