"""Small pictures and answers are kept from one report to the next, and never of a file that is gone or another."""

import base64
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.cloud import storage
from PIL import Image

from creatives.report.pictures import LARGE_SIDE
from creatives.report.stored import PICTURES_BYTES, Stored
from shared import identity
from shared.media import storyboards
from shared.media.storyboards import Scene
from tests import pictures, videos
from tests.hostile import endless_jpeg

ANSWERED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def row(bucket: storage.Bucket, content: bytes, **changed: Any) -> dict[str, Any]:
    """The row of a stored file, with a stored answer."""
    creative_id = identity.creative_id(content)
    bucket.blob(creative_id).upload_from_string(content)
    bucket.blob(f"answers/{creative_id}").upload_from_string('{"raw": "said"}')
    made = {
        "creative_id": creative_id,
        "uri": f"gs://{bucket.name}/{creative_id}",
        "answer_uri": f"gs://{bucket.name}/answers/{creative_id}",
        "content_type": "image/jpeg",
        "kind": "image",
        "width": 600,
        "duration_s": None,
        "thumbnail_uri": None,
        "match": "new",
        "analysed_at": ANSWERED_AT,
    }
    return made | changed


def jpeg(seed: int = 0) -> bytes:
    return pictures.encode(pictures.draw(600, 400, seed=seed), "JPEG")


def read(bucket: storage.Bucket, folder: Path, one: Mapping[str, Any], *, n_creatives: int = 1) -> dict[str, Any]:
    return Stored(bucket.client, folder, n_creatives).read([one])[one["creative_id"]]


def test_what_was_read_once_is_not_read_again(bucket: storage.Bucket, tmp_path: Path) -> None:
    one = row(bucket, jpeg())
    first = read(bucket, tmp_path, one)
    bucket.delete_blobs(list(bucket.list_blobs()))

    second = read(bucket, tmp_path, one)

    assert first == second
    assert first["answer"] == "said"
    assert (first["thumbnail"] or "").startswith("data:image/webp;base64,")


def test_a_later_answer_is_read_anew(bucket: storage.Bucket, tmp_path: Path) -> None:
    one = row(bucket, jpeg())
    read(bucket, tmp_path, one)
    bucket.blob(f"answers/{one['creative_id']}").upload_from_string('{"raw": "said later"}')

    found = read(bucket, tmp_path, {**one, "analysed_at": datetime(2026, 11, 24, tzinfo=UTC)})

    assert found["answer"] == "said later"


def test_what_is_gone_is_left_out_and_looked_for_again(bucket: storage.Bucket, tmp_path: Path) -> None:
    one = row(bucket, jpeg())
    bucket.delete_blobs(list(bucket.list_blobs()))
    gone = read(bucket, tmp_path, one)
    row(bucket, jpeg())

    found = read(bucket, tmp_path, one)

    assert gone == {"thumbnail": None, "storyboard": [], "answer": None}
    assert found["thumbnail"]
    assert found["answer"]


def test_another_file_in_its_place_is_not_shown_as_it(bucket: storage.Bucket, tmp_path: Path) -> None:
    one = row(bucket, jpeg(1))
    bucket.blob(one["creative_id"]).upload_from_string(jpeg(2))

    found = read(bucket, tmp_path, one)

    assert found["thumbnail"] is None


@pytest.mark.parametrize("content", [endless_jpeg(3_000)[:2_000], b"GIF89a", b"<svg onload=alert(1)>"], ids=range(3))
def test_a_file_that_is_no_picture_has_none(bucket: storage.Bucket, tmp_path: Path, content: bytes) -> None:
    found = read(bucket, tmp_path, row(bucket, content))

    assert found["thumbnail"] is None


def test_a_video_has_a_picture_of_a_frame(bucket: storage.Bucket, tmp_path: Path) -> None:
    content = videos.encode(videos.moving_square(1, width=160, height=90))

    found = read(bucket, tmp_path, row(bucket, content, kind="video", content_type="video/mp4"))

    assert (found["thumbnail"] or "").startswith("data:image/webp;base64,")


def test_ten_thousand_pictures_stay_within_what_a_page_can_hold(bucket: storage.Bucket, tmp_path: Path) -> None:
    one = row(bucket, jpeg())

    found = read(bucket, tmp_path, one, n_creatives=10_000)

    assert len(found["thumbnail"] or "") * 3 / 4 * 10_000 < PICTURES_BYTES


def test_the_first_pictures_are_large_those_of_copies_after_all_others(bucket: storage.Bucket, tmp_path: Path) -> None:
    matches = ("new", "duplicate", "variant", "new", "duplicate")
    rows = [
        row(bucket, pictures.encode(pictures.draw(1000, 700, seed=seed), "JPEG"), match=match)
        for seed, match in enumerate(matches)
    ]
    gone = row(bucket, b"no picture", width=None)

    found = Stored(bucket.client, tmp_path, len(rows), n_large=4).read([gone, *rows])

    sides = [width_of(found[each["creative_id"]]["thumbnail"]) for each in rows]
    assert [side >= LARGE_SIDE for side in sides] == [True, True, True, True, False]


def width_of(thumbnail: str) -> int:
    encoded = base64.b64decode(thumbnail.removeprefix("data:image/webp;base64,"))
    with Image.open(io.BytesIO(encoded)) as picture:
        return picture.width


@pytest.mark.parametrize(
    "changed", [{"answer_uri": None}, {"match": "duplicate"}], ids=["not answered", "its original's"]
)
def test_only_an_answer_of_its_own_is_read(bucket: storage.Bucket, tmp_path: Path, changed: dict[str, Any]) -> None:
    assert read(bucket, tmp_path, row(bucket, jpeg()) | changed)["answer"] is None


def with_storyboard(bucket: storage.Bucket) -> dict[str, Any]:
    scenes = [Scene(second, np.full((48, 64, 3), level, np.uint8)) for second, level in ((0.0, 20), (1.5, 200))]
    bucket.blob("thumbnails/one").upload_from_string(storyboards.encode(scenes))
    return row(bucket, jpeg(), duration_s=3.0, thumbnail_uri=f"gs://{bucket.name}/thumbnails/one")


def test_what_moves_has_its_scenes_with_their_seconds(bucket: storage.Bucket, tmp_path: Path) -> None:
    one = with_storyboard(bucket)

    found = read(bucket, tmp_path, one)["storyboard"]

    assert [scene["seconds"] for scene in found] == [0.0, 1.5]
    for scene, level in zip(found, (20, 200), strict=True):
        encoded = base64.b64decode(scene["picture"].removeprefix("data:image/webp;base64,"))
        with Image.open(io.BytesIO(encoded)) as picture:
            assert np.abs(np.asarray(picture.convert("L"), int) - level).max() < 12


@pytest.mark.parametrize("content", [None, b"", b"RIFF rubbish"])
def test_a_storyboard_that_is_gone_or_damaged_is_left_out(
    content: bytes | None, bucket: storage.Bucket, tmp_path: Path
) -> None:
    one = with_storyboard(bucket)
    bucket.blob("thumbnails/one").delete()
    if content is not None:
        bucket.blob("thumbnails/one").upload_from_string(content)

    assert read(bucket, tmp_path, one)["storyboard"] == []


def test_a_page_of_very_many_has_no_storyboards(bucket: storage.Bucket, tmp_path: Path) -> None:
    assert read(bucket, tmp_path, with_storyboard(bucket), n_creatives=5_000)["storyboard"] == []
