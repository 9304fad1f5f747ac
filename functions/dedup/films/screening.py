"""Compares moving creatives by the films that are kept beside them, one pair at a time: two films take much memory."""

from functools import lru_cache
from threading import Lock

from google.api_core.exceptions import NotFound
from google.cloud import storage

from functions.dedup.films import sequences
from functions.dedup.pictures.verification import Comparison
from shared import log, objects
from shared.media import film_store
from shared.media.films import Film

_KEPT_FILMS = 32  # of 40 KB a second at most, so 2.5 MB for a minute


class Screening:
    """Loads films, each once while it is in use, and compares them."""

    def __init__(self, client: storage.Client, results_bucket: str) -> None:
        self._client = client
        self._results_bucket = results_bucket
        self._load = lru_cache(_KEPT_FILMS)(self._download)
        self._one_pair = Lock()

    def compare(self, creative_id: str, other_id: str) -> Comparison | None:
        """What two films show and sound like; None where one is missing or damaged.

        Raises:
            Exception: the client's, when Cloud Storage does not answer.
        """
        with self._one_pair:
            one, other = self._film(creative_id), self._film(other_id)
            if one is None or other is None:
                return None
            return sequences.compare(one, other, (creative_id, other_id))

    def _film(self, creative_id: str) -> Film | None:
        try:
            return Film.decoded(self._load(creative_id))
        except NotFound:
            log.warning("no film to compare", creative_id=creative_id, reason="it is not in the bucket")
        except ValueError as error:
            log.warning("no film to compare", creative_id=creative_id, reason=str(error))
        return None

    def _download(self, creative_id: str) -> bytes:
        bucket, name = objects.split(film_store.uri(self._results_bucket, creative_id))
        return bytes(self._client.bucket(bucket).blob(name).download_as_bytes())
