"""Compares creatives: by what is stored of them, and what may be the same picture by its originals.

The comparisons themselves are `verification.py`'s, `sequences.py`'s and, at full size, `originals.py`'s, which decodes
strangers' files and so runs in a child process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from google.api_core.exceptions import NotFound
from google.cloud import storage
from PIL import UnidentifiedImageError

from functions.dedup import gate
from functions.dedup.films.screening import Screening
from functions.dedup.known import Known
from functions.dedup.pictures import sketches, verification
from functions.dedup.pictures.sketches import Sketch
from functions.dedup.pictures.verdicts import Verdict
from functions.dedup.pictures.verification import Comparison
from shared import log, objects
from shared.media import thumbnails
from shared.media.sandbox import InMemory, Limits, Sandbox
from shared.media.thumbnails import Frame, Original
from shared.reasons import Reason, Rejected

LIMITS = Limits(memory_mib=832, cpu_s=120, clock_s=200)
"""Two pictures of 16 megapixels and what comparing a band of them takes (768 MiB), or what `probe` may take of a video,
of which a minute of full HD takes some 30 s. Pictures and films share such children: two fit beside the process."""

MAX_BYTES = 50 * 10**6
MAX_PIXELS = 100 * 10**6

_KEPT_THUMBNAILS = 1_000  # of about 8 KB each
_KEPT_LOOKS = 100  # of 150 to 260 KB each: who waits is compared with several, and what is near with several that wait
_KEPT_SKETCHES = 50_000  # of 4 KB each
_KEPT_ORIGINALS = 4


@dataclass(frozen=True)
class _NotThereError(Exception):
    """What should be compared is gone, or damaged."""

    creative_id: str
    reason: str


def judged(
    one: Known, other: Known, thumbnail: Frame, other_thumbnail: Frame, at_full_size: Callable[[], Verdict | None]
) -> Comparison:
    """What two images are, by what their thumbnails look like and, where they may be copies, by their originals."""
    looks = verification.compare_frames(thumbnail, other_thumbnail)
    if gate.of_one_shape(one.aspect, other.aspect):
        found = _decided(looks, at_full_size()) if looks.promising else looks
    else:
        found = _reframed(looks)
    if found.same or found.family or (one.inside_aspect is None and other.inside_aspect is None):
        return found
    inside = verification.compare_inside_bars(thumbnail, other_thumbnail)
    return _reframed(inside) if inside is not None and inside.promising else found


def _decided(looks: Comparison, verdict: Verdict | None) -> Comparison:
    """What two images are, by their thumbnails and by their originals; without those they are never the same."""
    if verdict is None:
        return replace(looks, same=False)
    return Comparison(same=verdict.same, family=looks.family, score=verdict.score, difference=verdict.difference)


def _reframed(looks: Comparison) -> Comparison:
    """What two images of other proportions are: never the same, but versions where all else than bars looks the same.

    Of 192 ads within bars that did 180 are told so; of the others eight were a product on white. What differs more says
    little: most of two white pictures is alike; strangers that looked like a family start at 88 grey levels, where
    copies have 22.
    """
    return replace(looks, same=False, family=looks.promising)


class Comparer:
    """Loads thumbnails and originals, each once while it is in use, and compares them."""

    def __init__(self, client: storage.Client, results_bucket: str, sandbox: Sandbox | None = None) -> None:
        """`sandbox` is where originals are decoded; None for one of its own."""
        self._client = client
        self._results_bucket = results_bucket
        self._sandbox = sandbox or Sandbox(LIMITS, broken=Reason.BROKEN_IMAGE)
        self._load = lru_cache(_KEPT_THUMBNAILS)(self._download)
        self._look = lru_cache(_KEPT_LOOKS)(self._decoded)
        self._drawn = lru_cache(_KEPT_SKETCHES)(self._sketch)
        self._content = lru_cache(_KEPT_ORIGINALS)(self._original)
        self._screening = Screening(client, results_bucket, self._sandbox)

    def compare(self, one: Known, other: Known) -> Comparison | None:
        """What the pixels of two creatives say; None where a thumbnail, or a film, is missing or damaged.

        Raises:
            Exception: the client's, when Cloud Storage does not answer.
        """
        if one.shows_pixels_of(other):
            there = self._is_there(one) and self._is_there(other)
            return Comparison(same=True, family=True, score=0.0) if there else None
        if one.moves:
            return self._screening.compare(one, other)
        try:
            thumbnail, other_thumbnail = (self._look(each.creative_id)[0] for each in (one, other))
        except _NotThereError as missing:
            log.warning("no thumbnail to compare", creative_id=missing.creative_id, reason=missing.reason)
            return None
        return judged(one, other, thumbnail, other_thumbnail, lambda: self._at_full_size(one, other))

    def nearest(self, own: Known, others: Sequence[Known]) -> list[Known]:
        """Those to be compared with `own`, the nearest first: canonicals, and as many duplicates."""
        if own.moves:
            return gate.nearest_moving(own, others)
        if len(others) <= gate.MOST_COMPARED:
            return list(others)
        drawn = self._drawn(own.creative_id)
        if drawn is None:
            return list(others)[: gate.MOST_COMPARED]
        groups = _groups(own, others)
        if cut := sum(max(0, len(group) - most) for group, most in groups):
            log.info("not all that are near are compared", creative_id=own.creative_id, near=len(others), left_out=cut)
        return [
            other
            for group, most in groups
            for other in sketches.nearest(drawn, group, lambda known: self._drawn(known.creative_id), most)
        ]

    def _at_full_size(self, one: Known, other: Known) -> Verdict | None:
        first, second = sorted((one, other), key=lambda known: known.rank)
        try:
            files = [self._content(known.creative_id) for known in (first, second)]
            options = {
                "first_bytes": len(files[0][0]),
                "content_types": [content_type for _, content_type in files],
                "max_pixels": MAX_PIXELS,
            }
            source = InMemory(files[0][0] + files[1][0])
            said = self._sandbox.run("functions.dedup.pictures.originals:compare_files", source, options)
        except _NotThereError as missing:
            log.warning("no original to compare", creative_id=missing.creative_id, reason=missing.reason)
            return None
        except Rejected as rejected:
            log.warning("originals cannot be compared", creative_id=one.creative_id, reason=rejected.detail)
            return None
        return Verdict.model_validate_json(said)

    def _original(self, creative_id: str) -> tuple[bytes, str]:
        original: Original | None = thumbnails.original(self._client, self._results_bucket, creative_id)
        if original is None:
            raise _NotThereError(creative_id, "its thumbnail does not say where it is")
        try:
            content = objects.content_of(self._client, original.uri, creative_id, max_bytes=MAX_BYTES)
        except Rejected as rejected:
            raise _NotThereError(creative_id, rejected.detail) from rejected
        return content, original.content_type

    def _sketch(self, creative_id: str) -> Sketch | None:
        try:
            return sketches.of(self._look(creative_id)[0].grey)
        except _NotThereError:
            return None

    def _decoded(self, creative_id: str) -> list[Frame]:
        try:
            look = thumbnails.decode(self._load(creative_id))
        except NotFound as error:
            raise _NotThereError(creative_id, "it is not in the bucket") from error
        except (UnidentifiedImageError, OSError, ValueError, EOFError) as error:
            raise _NotThereError(creative_id, f"it cannot be decoded: {error}") from error
        if not look:
            raise _NotThereError(creative_id, "it has no frame")
        return look

    def _is_there(self, known: Known) -> bool:
        """Whether a creative has a thumbnail still: what was erased is known here for a while yet."""
        bucket, name = objects.split(thumbnails.uri(self._results_bucket, known.creative_id))
        return bool(self._client.bucket(bucket).blob(name).exists())

    def _download(self, creative_id: str) -> bytes:
        bucket, name = objects.split(thumbnails.uri(self._results_bucket, creative_id))
        return bytes(self._client.bucket(bucket).blob(name).download_as_bytes())


def _groups(own: Known, others: Sequence[Known]) -> list[tuple[list[Known], int]]:
    """Canonicals and duplicates of its proportions, and canonicals of others; and how many of each are compared."""
    of_one_shape = [each for each in others if gate.of_one_shape(own.aspect, each.aspect)]
    canonicals = [each for each in of_one_shape if each.canonical_id is None]
    copies = [each for each in of_one_shape if each.canonical_id is not None]
    reframed = [each for each in others if each.canonical_id is None and not gate.of_one_shape(own.aspect, each.aspect)]
    return [(canonicals, gate.MOST_COMPARED), (copies, gate.MOST_COMPARED), (reframed, gate.MOST_REFRAMED)]
