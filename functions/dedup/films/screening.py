"""Compares moving creatives by the films that are kept beside them, one pair at a time: two films take much memory.

`probe` keeps none of a large file, at which it only glanced. Nothing is said of such a file before all of it was looked
at: that is done here, once something is near it, from the original, in a child process.
"""

from functools import lru_cache
from threading import Lock

from google.api_core.exceptions import NotFound
from google.cloud import storage

from functions.dedup.films import sequences
from functions.dedup.pictures.verification import Comparison
from shared import log, objects
from shared.media import film_store, thumbnails
from shared.media.films import Film
from shared.media.sandbox import Limits, Sandbox
from shared.reasons import Reason, Rejected

LIMITS = Limits(memory_mib=832, cpu_s=120, clock_s=200)
"""As of `probe`, but for the time: a minute of full HD takes some 30 s, and others wait here meanwhile."""

_KEPT_FILMS = 32  # of 40 KB a second at most, so 2.5 MB for a minute


class Screening:
    """Loads films, each once while it is in use, and compares them."""

    def __init__(self, client: storage.Client, results_bucket: str) -> None:
        self._client = client
        self._results_bucket = results_bucket
        self._load = lru_cache(_KEPT_FILMS)(self._stored)
        self._sandbox = Sandbox(LIMITS, broken=Reason.BROKEN_VIDEO, most=1)
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
        content = self._load(creative_id)
        try:
            return None if content is None else Film.decoded(content)
        except ValueError as error:
            log.warning("no film to compare", creative_id=creative_id, reason=str(error))
            return None

    def _stored(self, creative_id: str) -> bytes | None:
        bucket, name = objects.split(film_store.uri(self._results_bucket, creative_id))
        try:
            return bytes(self._client.bucket(bucket).blob(name).download_as_bytes())
        except NotFound:
            return self._made(creative_id)

    def _made(self, creative_id: str) -> bytes | None:
        """The film of a creative that was only glanced at, kept from now on; None where none can be made."""
        original = thumbnails.original(self._client, self._results_bucket, creative_id)
        if original is None:
            log.warning("no film to compare", creative_id=creative_id, reason="it is not in the bucket")
            return None
        try:
            stored = objects.find_content(self._client, original.uri, creative_id)
            options = {"content_type": original.content_type}
            content = self._sandbox.run("functions.dedup.films.filming:film", stored, options)
        except Rejected as rejected:
            log.warning("no film to compare", creative_id=creative_id, reason=rejected.detail)
            return None
        film_store.store(self._client, self._results_bucket, creative_id, content)
        return content
