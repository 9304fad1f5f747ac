"""Reading and writing stored objects, against a real server."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption

from shared import clients, identity, objects
from shared.reasons import Reason, Rejected

TEXT = bytes(range(256)) * 40


def uri(blob: storage.Blob) -> str:
    return f"gs://{blob.bucket.name}/{blob.name}"


def upload(bucket: storage.Bucket, name: str = "folder/a file.png", content: bytes = TEXT) -> storage.Blob:
    blob: storage.Blob = bucket.blob(name)
    blob.upload_from_string(content)
    return blob


@pytest.mark.parametrize(
    ("offset", "size", "expected"),
    [
        (0, 4, TEXT[:4]),
        (5000, 300, TEXT[5000:5300]),
        (len(TEXT) - 3, 100, TEXT[-3:]),
        (len(TEXT), 10, b""),
        (len(TEXT) + 10, 10, b""),
        (0, 0, b""),
    ],
)
def test_a_range_is_read_as_far_as_the_object_goes(
    gcs: storage.Client, bucket: storage.Bucket, offset: int, size: int, expected: bytes
) -> None:
    opened = objects.find(gcs, uri(upload(bucket)))

    assert opened
    assert opened.read_range(offset, size) == expected


@pytest.mark.parametrize("name", ["a b", "ä/ö", "line\nbreak", "../../up", "\u202egnp.exe", "100%.png", "a?b#c"])
def test_any_object_name_can_be_read(gcs: storage.Client, bucket: storage.Bucket, name: str) -> None:
    opened = objects.find(gcs, uri(upload(bucket, name)))

    assert opened
    assert opened.read(max_bytes=len(TEXT)) == TEXT


def test_metadata_comes_with_the_object(gcs: storage.Client, bucket: storage.Bucket) -> None:
    blob = bucket.blob("tagged")
    blob.metadata = {"ad_id": "ad-1"}
    blob.upload_from_string(TEXT)

    opened = objects.find(gcs, uri(blob))

    assert opened
    assert (opened.metadata, opened.size) == ({"ad_id": "ad-1"}, len(TEXT))


def test_nothing_is_found_where_nothing_is(gcs: storage.Client, bucket: storage.Bucket) -> None:
    assert objects.find(gcs, f"gs://{bucket.name}/nothing") is None


def test_what_is_overwritten_while_it_is_read_is_gone(gcs: storage.Client, bucket: storage.Bucket) -> None:
    blob = upload(bucket)
    opened = objects.find(gcs, uri(blob))
    blob.upload_from_string(b"something else")

    assert opened
    with pytest.raises(Rejected) as whole:
        opened.read(max_bytes=len(TEXT))
    with pytest.raises(Rejected) as part:
        opened.read_range(0, 10)

    assert whole.value.reason is part.value.reason is Reason.OBJECT_GONE


@pytest.mark.parametrize("damaged", [1, 4])
def test_what_comes_damaged_is_read_again(
    bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch, damaged: int
) -> None:
    bucket.blob("state.json").upload_from_string(b"{}")
    download: Any = storage.Blob.download_as_bytes
    answers = iter([True] * damaged)

    def damaging(blob: storage.Blob) -> bytes:
        content = bytes(download(blob))
        if next(answers, False):
            raise DataCorruption(None, "checksum mismatch")
        return content

    monkeypatch.setattr(storage.Blob, "download_as_bytes", damaging)

    assert objects.read(bucket, "state.json").content == b"{}"


def test_what_always_comes_damaged_is_not_taken_for_nothing(
    bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaging(blob: storage.Blob) -> bytes:
        raise DataCorruption(None, f"checksum mismatch of {blob.name}")

    monkeypatch.setattr(storage.Blob, "download_as_bytes", damaging)

    with pytest.raises(DataCorruption):
        objects.read(bucket, "state.json")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", Reason.EMPTY_FILE), (TEXT + b"!", Reason.TOO_LARGE)], ids=["empty", "too large"]
)
def test_an_object_of_no_use_is_not_read(
    gcs: storage.Client, bucket: storage.Bucket, content: bytes, reason: Reason
) -> None:
    opened = objects.find(gcs, uri(upload(bucket, content=content)))

    assert opened
    with pytest.raises(Rejected) as rejection:
        opened.read(max_bytes=len(TEXT))
    assert rejection.value.reason is reason


def test_the_id_comes_from_the_stores_checksums(gcs: storage.Client, bucket: storage.Bucket) -> None:
    opened = objects.find(gcs, uri(upload(bucket)))

    assert opened
    assert opened.creative_id() == identity.creative_id(TEXT)


def test_a_composed_object_is_named_by_reading_it(gcs: storage.Client, bucket: storage.Bucket) -> None:
    found = objects.find(gcs, uri(upload(bucket)))
    assert found

    opened = replace(found, md5=None)  # as Cloud Storage leaves it out for composed objects; this server computes it

    assert opened.creative_id() == identity.creative_id(TEXT)
    assert opened.holds(identity.creative_id(TEXT))
    assert not opened.holds(identity.creative_id(b"other"))


def test_an_object_that_holds_other_content_is_not_the_creative(gcs: storage.Client, bucket: storage.Bucket) -> None:
    blob = upload(bucket)

    with pytest.raises(Rejected) as overwritten:
        objects.find_content(gcs, uri(blob), identity.creative_id(b"other"))
    with pytest.raises(Rejected) as deleted:
        objects.find_content(gcs, uri(blob) + "x", identity.creative_id(TEXT))

    assert overwritten.value.reason is deleted.value.reason is Reason.OBJECT_GONE
    assert objects.find_content(gcs, uri(blob), identity.creative_id(TEXT)).size == len(TEXT)


def test_content_is_read_by_its_name_in_one_request(gcs: storage.Client, bucket: storage.Bucket) -> None:
    at = uri(upload(bucket))
    own, asked = clients.storage_client.__wrapped__(gcs.project), list[str]()
    own._http.hooks["response"].append(lambda response, **_: asked.append(response.url))

    content = objects.content_of(own, at, identity.creative_id(TEXT), max_bytes=len(TEXT))

    assert content == TEXT
    assert len(asked) == 1, asked


@pytest.mark.parametrize(
    ("stored", "most", "reason"),
    [
        (b"other", len(TEXT), Reason.OBJECT_GONE),
        (None, len(TEXT), Reason.OBJECT_GONE),
        (TEXT, len(TEXT) - 1, Reason.TOO_LARGE),
        (b"", len(TEXT), Reason.OBJECT_GONE),
    ],
    ids=["overwritten", "deleted", "too large", "emptied"],
)
def test_content_that_is_not_what_it_was_is_refused(
    gcs: storage.Client, bucket: storage.Bucket, stored: bytes | None, most: int, reason: Reason
) -> None:
    blob = upload(bucket)
    blob.delete() if stored is None else blob.upload_from_string(stored)

    with pytest.raises(Rejected) as rejection:
        objects.content_of(gcs, uri(blob), identity.creative_id(TEXT), max_bytes=most)

    assert rejection.value.reason is reason


def test_an_empty_file_is_told_from_one_that_was_emptied(gcs: storage.Client, bucket: storage.Bucket) -> None:
    blob = upload(bucket, content=b"")

    with pytest.raises(Rejected) as rejection:
        objects.content_of(gcs, uri(blob), identity.creative_id(b""), max_bytes=1)

    assert rejection.value.reason is Reason.EMPTY_FILE


def test_what_was_rendered_of_a_creative_is_its_content(gcs: storage.Client, bucket: storage.Bucket) -> None:
    blob = upload(bucket, f"{objects.RENDERED}{identity.creative_id(b'banner')}.png")

    assert objects.content_of(gcs, uri(blob), identity.creative_id(b"banner"), max_bytes=len(TEXT)) == TEXT


def test_what_is_written_once_stays(gcs: storage.Client, bucket: storage.Bucket) -> None:
    target = f"gs://{bucket.name}/thumbnails/x.webp"

    objects.write_once(gcs, target, b"first", "image/webp")
    objects.write_once(gcs, target, b"second", "image/webp")

    assert bucket.blob("thumbnails/x.webp").download_as_bytes() == b"first"


@pytest.mark.parametrize("bad", ["", "gs://", "gs://bucket", "gs://bucket/", "https://bucket/x", "gs:///x"])
def test_an_address_that_is_no_objects_is_refused(bad: str) -> None:
    with pytest.raises(Rejected) as rejection:
        objects.split(bad)

    assert rejection.value.reason is Reason.MALFORMED_MESSAGE


def test_what_is_not_there_is_asked_for_once_and_nothing_else_is(bucket: storage.Bucket) -> None:
    upload(bucket, "there")
    own = clients.storage_client.__wrapped__(bucket.client.project)
    before, asked = set(threading.enumerate()), list[str]()
    own._http.hooks["response"].append(lambda response, **_: asked.append(response.url))

    found = [objects.read(own.bucket(bucket.name), name).content for name in ("there", "not there", "nor this")]
    for other in set(threading.enumerate()) - before:
        other.join(timeout=10)

    assert found == [TEXT, None, None]
    assert len(asked) == 3, asked
