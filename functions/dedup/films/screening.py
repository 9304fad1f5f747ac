"""Compares moving creatives by the films that are kept beside them, one pair at a time: two films take much memory.

`probe` keeps none of a large file, at which it only glanced. Nothing is said of such a file before all of it was looked
at: that is done here, once something is near it, from the original, in a child process; several files side by side.

What would be merged is looked at once more at the size of the files, where the films are smaller: see full_size.py. And
a WebP is held against what its format makes of an animation that lost nothing: see webps.py.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from weakref import WeakValueDictionary

from google.api_core.exceptions import NotFound
from google.cloud import storage

from functions.dedup.films import full_size, sequences, webps
from functions.dedup.films.full_size import Looks
from functions.dedup.known import Known
from functions.dedup.pictures.verification import Comparison
from shared import log, objects
from shared.events import Kind
from shared.media import film_store, thumbnails
from shared.media.films import Film
from shared.media.sandbox import Joined, Sandbox
from shared.reasons import Reason, Rejected

_KEPT_FILMS = 32  # of 40 KB a second at most, so 2.5 MB for a minute


@dataclass(frozen=True)
class _Original:
    file: objects.OpenObject
    content_type: str


class Screening:
    """Loads films, each once while it is in use, and compares them."""

    def __init__(self, client: storage.Client, results_bucket: str, sandbox: Sandbox) -> None:
        """`sandbox` is where files are decoded."""
        self._client = client
        self._results_bucket = results_bucket
        self._load = lru_cache(_KEPT_FILMS)(self._stored)
        self._loading, self._one_asks = WeakValueDictionary[str, Lock](), Lock()
        self._sandbox = sandbox
        self._one_pair = Lock()

    def compare(self, one: Known, other: Known) -> Comparison | None:
        """What two films show and sound like; None where one is missing or damaged.

        Raises:
            Exception: the client's, when Cloud Storage does not answer.
        """
        first, second = sorted((one, other), key=lambda known: known.rank)
        found, looks = self._by_films(first, second)
        if found is None or not found.same or self._show_the_same((first, second), looks):
            return found
        return replace(found, same=False, family=True)

    def _by_films(self, one: Known, other: Known) -> tuple[Comparison | None, Looks | None]:
        """What the kept films say; and what is to be looked at in the files, where they hold more."""
        kept = self._content(one.creative_id), self._content(other.creative_id)
        with self._one_pair:
            films = _film(one.creative_id, kept[0]), _film(other.creative_id, kept[1])
            if films[0] is None or films[1] is None:
                return None, None
            found, pair = sequences.compare(films[0], films[1], (one.creative_id, other.creative_id))
            return found, Looks.of(pair, (one.area, other.area)) if pair else None

    def _show_the_same(self, pair: tuple[Known, Known], looks: Looks | None) -> bool:
        """Whether two files show what their films have in common, at their full size and, of a WebP, in its cards.

        Where one is gone, or cannot be looked at, they do as far as nothing was to be looked at.
        """
        are_pictures = all(known.kind is not Kind.VIDEO for known in pair)
        if looks is None and not are_pictures:
            return True
        try:
            one, other = (self._original(known.creative_id) for known in pair)
            content_types = [one.content_type, other.content_type]
            both, options = Joined(one.file, other.file), {"first_bytes": one.file.size, "content_types": content_types}
            if looks is not None:
                asked, looked_at = "functions.dedup.films.full_size:stands_out", {"looks": looks.model_dump()}
                said = self._sandbox.run(asked, both, options | looked_at, broken=Reason.BROKEN_VIDEO)
                if float(said) > full_size.STANDS_OUT:
                    return False
            if not are_pictures or not webps.could_tell(content_types):
                return True
            return float(self._sandbox.run("functions.dedup.films.webps:drawn_anew", both, options)) <= webps.DRAWN_ANEW
        except Rejected as rejected:
            log.warning("originals cannot be compared", creative_id=pair[0].creative_id, reason=rejected.detail)
            return looks is None

    def _content(self, creative_id: str) -> bytes | None:
        """A film as it is kept; made once, however many ask for it at once."""
        with self._one_asks:
            loading = self._loading.setdefault(creative_id, Lock())
        with loading:
            return self._load(creative_id)

    def _stored(self, creative_id: str) -> bytes | None:
        bucket, name = objects.split(film_store.uri(self._results_bucket, creative_id))
        try:
            return bytes(self._client.bucket(bucket).blob(name).download_as_bytes())
        except NotFound:
            return self._made(creative_id)

    def _made(self, creative_id: str) -> bytes | None:
        """The film of a creative that was only glanced at, kept from now on; None where none can be made."""
        try:
            original = self._original(creative_id)
            options = {"content_type": original.content_type}
            content = self._sandbox.run(
                "functions.dedup.films.filming:film", original.file, options, broken=Reason.BROKEN_VIDEO
            )
        except Rejected as rejected:
            log.warning("no film to compare", creative_id=creative_id, reason=rejected.detail)
            return None
        film_store.store(self._client, self._results_bucket, creative_id, content)
        return content

    def _original(self, creative_id: str) -> _Original:
        """The file of a creative.

        Raises:
            Rejected: when it is gone, or was overwritten.
        """
        original = thumbnails.original(self._client, self._results_bucket, creative_id)
        if original is None:
            raise Rejected(Reason.OBJECT_GONE, "its thumbnail does not say where it is")
        return _Original(objects.find_content(self._client, original.uri, creative_id), original.content_type)


def _film(creative_id: str, content: bytes | None) -> Film | None:
    try:
        return None if content is None else Film.decoded(content)
    except ValueError as error:
        log.warning("no film to compare", creative_id=creative_id, reason=str(error))
        return None
