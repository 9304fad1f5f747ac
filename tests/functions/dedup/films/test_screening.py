"""Large videos, of which `probe` only glanced at key frames: nothing is said of one before all of it was looked at."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier

import numpy as np
import pytest
from google.cloud import storage
from PIL import Image, ImageDraw

from functions.dedup import gate
from functions.dedup.comparing import LIMITS, Comparer
from functions.dedup.decisions import undecided
from functions.dedup.known import FRAMES_A_SECOND, Known
from functions.dedup.memory.index import Index
from functions.probe import decoding
from shared import identity
from shared.events import Fingerprint, Kind, VideoObject
from shared.media import film_store, fingerprints
from shared.media.sandbox import InMemory, Sandbox, Source
from shared.reasons import Reason
from tests import pictures, videos
from tests.cases import first_of

pytestmark = pytest.mark.slow

FPS, SECONDS, SCENE_S = 10, 12, 2
SIZE = 320, 180
PRICE_S = 3.3, 3.8  # between two key frames, which are a second apart


@cache
def scene(number: int) -> Image.Image:
    return pictures.draw(SIZE[0] + 60, SIZE[1], seed=number)


def frames(*, price: str | None = None) -> Iterator[videos.Frame]:
    """A spot that pans over six pictures, and says a price for half a second."""
    for number in range(FPS * SECONDS):
        at = number / FPS
        left = 3 * (number % (SCENE_S * FPS))
        shown = scene(int(at // SCENE_S)).crop((left, 0, left + SIZE[0], SIZE[1]))
        if price and PRICE_S[0] <= at < PRICE_S[1]:
            ImageDraw.Draw(shown).rectangle((100, 60, 220, 120), fill="white")
            ImageDraw.Draw(shown).text((120, 75), price, fill="black", font_size=32)
        yield np.asarray(shown)


@cache
def file(price: str | None, quality: int) -> bytes:
    return videos.encode(frames(price=price), fps=FPS, quality=quality, keyframe_every=FPS, sound=True)


def probed(bucket: storage.Bucket, content: bytes, *, glanced: bool = True) -> Known:
    """What `dedup` knows of an uploaded file once it has been probed."""
    own_id = identity.creative_id(content)
    bucket.blob(own_id).upload_from_string(content)
    video = VideoObject(
        event_id="e",
        creative_id=own_id,
        uri=f"gs://{bucket.name}/{own_id}",
        content_type="video/mp4",
        bytes=len(content),
    )
    said = decoding.measure(
        InMemory(content), content_type="video/mp4", max_duration_s=60, whole_mib=0 if glanced else None
    )
    measured = decoding.Measured.model_validate_json(said)
    found = fingerprints.keep(bucket.client, bucket.name, video, measured, kind=Kind.VIDEO)
    assert isinstance(found, Fingerprint)
    assert film_of(bucket, own_id).exists() is not glanced
    return undecided(found)


def film_of(bucket: storage.Bucket, creative_id: str) -> storage.Blob:
    film: storage.Blob = bucket.blob(film_store.uri(bucket.name, creative_id).removeprefix(f"gs://{bucket.name}/"))
    return film


@pytest.mark.parametrize("both", first_of([False, True]))
def test_a_copy_of_a_large_file_is_found_once_all_of_it_was_looked_at(bucket: storage.Bucket, both: bool) -> None:
    large, copy = probed(bucket, file("$19", 16)), probed(bucket, file("$19", 28), glanced=both)

    assert gate.distance(large, copy) is not None
    compared = Comparer(bucket.client, bucket.name).compare(large, copy)

    assert compared
    assert compared.same
    assert film_of(bucket, large.creative_id).exists()


@pytest.mark.parametrize("other", first_of(["$79", None]))
def test_another_price_between_the_key_frames_is_never_merged(bucket: storage.Bucket, other: str | None) -> None:
    large, edited = probed(bucket, file("$19", 16)), probed(bucket, file(other, 16))

    assert gate.distance(large, edited) is not None
    compared = Comparer(bucket.client, bucket.name).compare(large, edited)

    assert compared
    assert (compared.same, compared.family) == (False, True)


def cut_down(start_s: float, end_s: float) -> bytes:
    shown = list(frames())[round(start_s * FPS) : round(end_s * FPS)]
    return videos.encode(shown, fps=FPS, quality=28, keyframe_every=3 * FPS, sound=True)


@pytest.mark.long
@pytest.mark.parametrize(("start_s", "end_s"), first_of([(3.0, 9.0), (0.5, 4.0)]))
def test_a_part_of_a_large_file_is_a_version_of_it_whichever_comes_first(
    bucket: storage.Bucket, start_s: float, end_s: float
) -> None:
    large = probed(bucket, file(None, 16))
    part = probed(bucket, cut_down(start_s, end_s), glanced=False)

    assert large.frames.size < part.duration_s * FRAMES_A_SECOND  # type: ignore[operator]
    for own, known in ((large, part), (part, large)):
        index = Index.empty()
        index.put(known, 0)
        assert [each.creative_id for each in index.near(own)] == [known.creative_id]
    compared = Comparer(bucket.client, bucket.name).compare(large, part)
    assert compared
    assert (compared.same, compared.family) == (False, True)
    assert compared.stretches[large.creative_id] == pytest.approx((start_s, end_s), abs=0.3)


def test_a_part_of_another_film_is_not_compared_with_a_large_file(bucket: storage.Bucket) -> None:
    large = probed(bucket, file(None, 16))
    shown = [np.asarray(scene(100 + number // 20).crop((number, 0, number + SIZE[0], SIZE[1]))) for number in range(60)]
    other = probed(bucket, videos.encode(shown, fps=FPS, keyframe_every=3 * FPS), glanced=False)
    index = Index.empty()
    index.put(large, 0)

    assert index.near(other) == []
    assert gate.distance(large, other) is None


class Watched(Sandbox):
    """A sandbox that films no file before another one is to be filmed, too."""

    def __init__(self) -> None:
        super().__init__(LIMITS, broken=Reason.BROKEN_VIDEO)
        self.filmed = 0
        self._two = Barrier(2, timeout=60)

    def run(
        self, decoder: str, source: Source, options: Mapping[str, object], *, broken: Reason | None = None
    ) -> bytes:
        if decoder.endswith(":film"):
            self.filmed += 1
            self._two.wait()
        return super().run(decoder, source, options, broken=broken)


@pytest.mark.long
def test_large_files_are_looked_at_side_by_side_and_each_once(bucket: storage.Bucket) -> None:
    one, *others = (probed(bucket, file("$19", quality), glanced=quality < 20) for quality in (16, 18, 28, 30))
    sandbox = Watched()
    comparer = Comparer(bucket.client, bucket.name, sandbox)
    pairs = [(one, others[1]), (others[0], others[2]), (one, others[2]), (others[0], others[1])]

    with ThreadPoolExecutor(len(pairs)) as threads:
        compared = list(threads.map(lambda pair: comparer.compare(*pair), pairs))

    assert all(found and found.same for found in compared)
    assert sandbox.filmed == 2


def test_a_large_file_that_is_gone_is_nobodys_copy(bucket: storage.Bucket) -> None:
    large, copy = probed(bucket, file("$19", 16)), probed(bucket, file("$19", 28), glanced=False)
    bucket.blob(large.creative_id).delete()

    assert Comparer(bucket.client, bucket.name).compare(large, copy) is None
    assert not film_of(bucket, large.creative_id).exists()
