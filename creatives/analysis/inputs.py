"""Feeding the pipeline as a user would: files are uploaded to the creatives bucket, URLs published in batches."""

import csv
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from google.cloud import pubsub_v1, storage

from shared.identity import ContentHash

LIST_SUFFIXES = {".txt", ".csv", ".ndjson", ".jsonl", ".urls"}
BATCH_ITEMS = 500
_URL_PREFIXES = ("http://", "https://", "gs://", "data:")


class InputError(Exception):
    """A path or list that cannot be used; the message says what is wrong with it and what would do."""


@dataclass(frozen=True)
class File:
    """A creative on this machine; as an ad it goes by the path that the user gave."""

    path: Path

    @property
    def ad_id(self) -> str:
        """The path as given: what the user knows the ad by."""
        return str(self.path)

    @property
    def object_name(self) -> str:
        """One object for one place on this machine; short, whatever the path's length, and without odd characters."""
        place = hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()[:16]
        return object_name(place, self.path.name)


def object_name(place: str, name: str) -> str:
    """Where a file called `name` is uploaded to: `place` tells it from others of that name."""
    return f"uploads/{place}/{quote(name, safe=' ()')[-120:]}"


@dataclass(frozen=True)
class UrlAd:
    """An ad known by its URL."""

    ad_id: str
    url: str
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Feed:
    """All that one command was given."""

    files: Sequence[File]
    urls: Sequence[UrlAd]
    refused: Sequence[str] = ()


def collect(paths: Iterable[Path]) -> Feed:
    """What `paths` name: creatives, folders of creatives (hidden files aside), and lists of URLs.

    Raises:
        InputError: when a path does not exist.
    """
    files: dict[Path, File] = {}
    urls: dict[tuple[str, str], UrlAd] = {}
    refused: list[str] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
        listed = read_list(path) if _is_list(path) else None
        if listed is None:
            files |= {file: File(file) for file in _files(path)}
            continue
        urls |= {(ad.ad_id, ad.url): ad for ad in listed.urls}
        refused += listed.refused
    return Feed(list(files.values()), list(urls.values()), refused)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for child in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in child.relative_to(path).parts)
        if child.is_file() and not hidden:
            yield child


def _is_list(path: Path) -> bool:
    """Whether a file named by the user is a list of URLs: by its suffix, and a first line that could be one."""
    if not path.is_file() or path.suffix.lower() not in LIST_SUFFIXES:
        return False
    with path.open("rb") as file:
        head = file.read(4096).decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    first = head.splitlines()[0] if head else ""
    return first.startswith((*_URL_PREFIXES, "{", "#")) or "url" in [c.strip().lower() for c in first.split(",")]


def read_list(path: Path) -> Feed:
    """The ads of a CSV with a header (`url`, perhaps `ad_id`, any other columns), of NDJSON, or of URLs one a line.

    A line that names no URL is refused, with its number; the others count.
    """
    return parse_list(path.read_text(encoding="utf-8-sig", errors="replace"), name=str(path))


def parse_list(text: str, *, name: str) -> Feed:
    """As `read_list`, of text already read; `name` stands in what is refused."""
    urls: list[UrlAd] = []
    refused: list[str] = []
    for number, row in _rows(text):
        url = str(row.get("url") or "").strip()
        if not url.startswith(_URL_PREFIXES):
            refused.append(f"{name}, line {number}: no http, https, gs or data URL")
            continue
        extra = {k: v if isinstance(v, str) else json.dumps(v) for k, v in row.items() if k not in ("url", "ad_id")}
        urls.append(UrlAd(str(row.get("ad_id") or url), url, extra))
    return Feed([], urls, refused)


def _rows(text: str) -> Iterator[tuple[int, dict[str, object]]]:
    lines = text.splitlines()
    header = lines[0].lower() if lines else ""
    if "url" in [column.strip().strip('"') for column in header.split(",")]:
        reader = csv.DictReader(lines)
        for row in reader:
            yield reader.line_num, {str(k).strip().lower() if k else "": v for k, v in row.items() if k}
        return
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, _json_row(stripped) if stripped.startswith("{") else {"url": stripped}


def _json_row(line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def upload(bucket: storage.Bucket, file: File) -> str:
    """Uploads the file and gives its gs:// URI."""
    blob = bucket.blob(file.object_name)
    blob.metadata = {"ad_id": file.ad_id}
    blob.upload_from_filename(str(file.path))
    return uri(bucket, file)


def uri(bucket: storage.Bucket, file: File) -> str:
    """Where `upload` puts the file: its ad's `source`."""
    return f"gs://{bucket.name}/{file.object_name}"


def is_uploaded(bucket: storage.Bucket, file: File) -> bool:
    """Whether the bucket holds these very bytes already."""
    blob = bucket.get_blob(file.object_name)
    if blob is None:
        return False
    content = ContentHash()
    with file.path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            content.update(chunk)
    return content.matches(blob.md5_hash, blob.crc32c)


def publish(
    publisher: pubsub_v1.PublisherClient,
    project: str,
    urls: Sequence[UrlAd],
    on_progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Publishes the ads in batches to `url-batches`; tells how many each time that some were accepted."""
    topic = publisher.topic_path(project, "url-batches")
    run = uuid.uuid4().hex[:12]
    futures = []
    for start in range(0, len(urls), BATCH_ITEMS):
        items = [{**ad.extra, "ad_id": ad.ad_id, "url": ad.url} for ad in urls[start : start + BATCH_ITEMS]]
        body = {"batch_id": f"{run}-{start // BATCH_ITEMS}", "items": items}
        futures.append((len(items), publisher.publish(topic, json.dumps(body).encode())))
    for count, future in futures:
        future.result(timeout=60)
        on_progress(count)
