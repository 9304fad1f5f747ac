"""What was read of BigQuery, kept in a bucket: an instance that starts reads that, and of BigQuery what is newer.

BigQuery stays the truth. Parts are answers of standing.sql and on_record.sql, as arrays; nothing of an instance's own
gets there. A list says which parts there are and when they were read. It is replaced only as it was found, so of two
instances one adds. Whatever is missing, damaged or of other code is told in the log, and all is read of BigQuery:
so it is twice a year, too, and after a creative was erased.
"""

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

import numpy as np
from google.api_core.exceptions import GoogleAPIError, RetryError, ServerError
from google.cloud.storage.exceptions import DataCorruption

from functions.dedup.memory.parts import Part, Parts
from functions.dedup.memory.shelf import COLUMNS, Numbers, Versions
from shared import log, objects

if TYPE_CHECKING:
    from google.cloud import storage

LIST = "parts.json"
"""The object that says which others belong together."""

_PARTS = "parts/"

KEPT_EVERY = timedelta(days=1)
"""How much newer what was read has to be for it to be kept, too."""

READ_WHOLE_EVERY = timedelta(days=180)
"""So long a row may be unknown that came to BigQuery later than `LATEST`, as those alone do that are replayed by hand:
for each of them one extraction too many, at most. The bucket drops parts ten days later."""

LATE, LATEST = timedelta(days=1), timedelta(days=7)
"""How late rows may come to BigQuery, by the time that they say, to be among what is newer; and what is kept of that.
Pub/Sub has a row for no longer than `LATEST` (message_retention_s in infra/pipeline.yaml)."""

ROWS = {False: 2**19, True: 2**16}
"""Of a part, by whether they move: 30 MB and 20 MB, 80 and 50 in memory."""

PATIENCE_S, PART_S = 10.0, 1.0
"""How long a bucket is waited for, and how much longer for each part: BigQuery has all that it has."""

_FORMAT = json.dumps(["2", COLUMNS])
_AS_CHANCE_HAS_IT = ("rest", "pixels", "other_pixels", "dhash")  # no bytes of those can be spared
_LYING = [name for name, kind in COLUMNS.items() if np.dtype(kind).kind in "iu" and name not in _AS_CHANCE_HAS_IT]
"""Whole numbers: of many the first bytes are alike."""
_BYTE = np.dtype("u1")
_TOGETHER = 8  # parts on their way
_UNUSABLE = (GoogleAPIError, OSError, DataCorruption, zipfile.BadZipFile, ValueError, TypeError, KeyError, EOFError)
"""What the clients, and the reading of damaged bytes, raise."""
_OUT_OF_ORDER = (RetryError, ServerError, OSError)
"""What of that says that the bucket cannot be read now, whatever is in it."""

type Stored = Mapping[str, Numbers]
"""A part's arrays by their names."""


@dataclass(frozen=True)
class Source:
    """The table that parts are made of: another one of its name, or one that has fewer rows, is another source.

    Attributes:
        created: when it was made.
        rows: that it had at least.
    """

    created: str
    rows: int

    def continues(self, earlier: "Source") -> bool:
        """Whether what was read of the earlier one is in this one still."""
        return self.created == earlier.created and self.rows >= earlier.rows


@dataclass(frozen=True)
class Listed:
    """What the list says.

    Attributes:
        generation: of the object that said so; 0 where there is none.
        source: what the parts were read of; None where there are none.
        whole_at: when all was read.
        until: when the newest was read.
        names: of the parts, oldest first.
        is_out_of_order: whether the bucket could not be read, so that nothing is to be kept there.
    """

    generation: int = 0
    source: Source | None = None
    whole_at: datetime | None = None
    until: datetime | None = None
    names: Sequence[str] = ()
    is_out_of_order: bool = False

    def is_of_use(self, source: Source, now: datetime) -> bool:
        """Whether what was read is in the table still, and late rows are few."""
        if self.source is None or self.whole_at is None:
            return False
        return source.continues(self.source) and now - self.whole_at < READ_WHOLE_EVERY

    def is_old(self, now: datetime) -> bool:
        """Whether what is newer is to be kept, too."""
        return not self.is_out_of_order and (self.until is None or now - self.until >= KEPT_EVERY)

    def since(self, now: datetime) -> datetime | None:
        """From when on BigQuery is to be read; None: all."""
        return self.until - (LATEST if self.is_old(now) else LATE) if self.until else None

    def read_now(self, source: Source, now: datetime) -> "Listed":
        """The same when that has been read of the table what is newer."""
        return replace(self, source=source, whole_at=self.whole_at or now, until=now)


@dataclass(frozen=True)
class Read:
    """Creatives as they were read: those that stand, and the keys of those that are on record by their ids alone."""

    parts: Parts = field(default_factory=lambda: {False: [], True: []})
    decided: list[Numbers] = field(default_factory=list)
    named: list[Numbers] = field(default_factory=list)


class Snapshot:
    """The parts in one bucket."""

    def __init__(self, bucket: "storage.Bucket") -> None:
        self._bucket = bucket

    def load(self, versions: Versions, source: Source, now: datetime) -> tuple[Listed, Read]:
        """What is kept. Where that is of no use: what the list is to be replaced as, and nothing."""
        nothing = Listed()
        try:
            with _threads("load") as threads:
                found = threads.submit(objects.read, self._bucket, LIST, **_bounded()).result(PATIENCE_S)
                nothing = Listed(found.generation)
                listed = _listed(found)
                if listed.is_of_use(source, now):
                    return listed, read(_within(threads, self._loaded, listed.names), versions)
        except _UNUSABLE as error:
            log.warning(
                "what was kept is of no use: all is read of BigQuery, and billed by its size", error=repr(error)
            )
            nothing = replace(nothing, is_out_of_order=isinstance(error, _OUT_OF_ORDER))
        return nothing, Read()

    def keep(self, listed: Listed, newer: Iterator[Stored]) -> None:
        """Adds parts to those that are listed, and replaces the list, unless somebody else did meanwhile."""
        try:
            self._keep(listed, newer)
        except _UNUSABLE as error:
            log.warning("index not kept", error=repr(error))

    def _keep(self, listed: Listed, newer: Iterator[Stored]) -> None:
        prefix = f"{_PARTS}{uuid.uuid4().hex}/"
        names = list(listed.names)
        with _threads("keep") as threads:
            for together in batched(enumerate(newer), _TOGETHER, strict=False):  # they would not fit into memory twice
                names += _within(threads, self._store, [(f"{prefix}{number}", part) for number, part in together])
            text = _text(replace(listed, names=names))
            replaced = threads.submit(objects.replace, self._bucket, LIST, text, listed.generation, **_bounded())
            is_ours = replaced.result(PATIENCE_S) is not None
        if not is_ours:
            for blob in self._bucket.list_blobs(prefix=prefix):
                blob.delete()  # what was erased meanwhile may be in it
            log.info("index not kept: another instance did, or a creative was erased")
        else:
            log.info("index kept", parts=len(names))

    def _loaded(self, name: str) -> Stored:
        return unpacked(self._bucket.blob(name).download_as_bytes(**_bounded()))

    def _store(self, named_part: tuple[str, Stored]) -> str:
        name, part = named_part
        self._bucket.blob(name).upload_from_string(packed(part), **_bounded())
        return name


@contextmanager
def _threads(name: str) -> Iterator[ThreadPoolExecutor]:
    """Threads that may be left where they still wait for the bucket, which can give a byte every ten seconds."""
    threads = ThreadPoolExecutor(_TOGETHER, thread_name_prefix=name)
    try:
        yield threads
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _within[Asked, Said](
    threads: ThreadPoolExecutor, work: Callable[[Asked], Said], asked: Sequence[Asked]
) -> Iterator[Said]:
    """What comes of the work on each part.

    Raises:
        TimeoutError: when that takes longer than it may.
    """
    return threads.map(work, asked, timeout=PATIENCE_S + PART_S * len(asked))


def _bounded() -> dict[str, Any]:
    """How long the client waits for a byte of an answer, and goes on asking; its own is a minute, and two."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": PATIENCE_S, "retry": DEFAULT_RETRY.with_timeout(PATIENCE_S)}


def forget(bucket: "storage.Bucket") -> None:
    """All is read of BigQuery again, where a creative was erased. Whoever is about to keep it finds another list."""
    bucket.blob(LIST).upload_from_string(json.dumps({"format": None, "forgotten": uuid.uuid4().hex}))
    for blob in bucket.list_blobs(prefix=_PARTS):
        blob.delete()


def of_shelf(moves: bool, versions: Versions, parts: Iterable[Part]) -> Iterator[Stored]:
    """Parts of a shelf as they are stored: a version has a number in them alone."""
    names = np.array(versions.names, np.str_)
    return ({**columns, "frames": frames, "moves": np.array(moves), "versions": names} for columns, frames in parts)


def of_keys(decided: Numbers, named: Numbers) -> Stored:
    """The keys of creatives that are on record by their ids alone, as they are stored."""
    return {"decided": decided, "named": named}


def packed(part: Stored) -> bytes:
    """An object's content, in few bytes: what can be told of other columns, or of the row before, is left out."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compresslevel=1) as file:
        for name, array in (_told_apart(part) if "moves" in part else part).items():
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = zipfile.ZIP_STORED if name in _AS_CHANCE_HAS_IT else zipfile.ZIP_DEFLATED
            with file.open(entry, "w") as stored:
                np.lib.format.write_array(stored, array, allow_pickle=False)
    return content.getvalue()


def unpacked(content: bytes) -> Stored:
    """What an object's content holds; its sums are checked."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        found = dict(arrays)
    return _together(found) if "moves" in found else found


def _told_apart(part: Stored) -> Stored:
    """Ids as by what they differ from those beside them, numbers as by what from the row before, byte beside byte."""
    key, frames = part["key"], part["frames"]
    told = {
        **part,
        "key": np.diff(key, prepend=key.dtype.type(0)),
        "family": _bytes(part["family"]) ^ _leading(part),
        "frames": np.bitwise_xor(frames, np.concatenate([frames[:1] ^ frames[:1], frames[:-1]])),
    }
    return {**told, **{name: np.ascontiguousarray(_bytes(told[name]).T) for name in _LYING}}


def _together(told: Stored) -> Stored:
    """The part of which that was told."""
    standing = {name: _column(told[name], COLUMNS[name]) for name in _LYING}
    part = {**told, **standing, "frames": np.bitwise_xor.accumulate(told["frames"])}
    part["key"] = np.cumsum(standing["key"], dtype=np.uint64)
    part["family"] = np.ascontiguousarray(told["family"] ^ _leading(part)).view(COLUMNS["family"])[:, 0]
    return part


def _leading(part: Stored) -> Numbers:
    """Of each creative the id of the one it stands under, as bytes: so its family is called, as a rule."""
    own = np.concatenate([_bytes(part["key"].astype(">u8")), _bytes(part["rest"])], axis=1)
    canonical = _bytes(part["canonical"])
    return np.where(canonical.any(axis=1, keepdims=True), canonical, own)


def _bytes(column: Numbers) -> Numbers:
    """A row of bytes for each value."""
    return np.ascontiguousarray(column).view(_BYTE).reshape(len(column), column.dtype.itemsize)


def _column(lying: Numbers, kind: str) -> Numbers:
    """A column of which the bytes lie side by side: all the first ones, then all the second ones."""
    return np.ascontiguousarray(lying.T).view(kind)[:, 0] if lying.size else np.zeros(0, kind)


def read(stored: Iterable[Stored], versions: Versions) -> Read:
    """What parts hold, oldest first; versions have their numbers here."""
    found = Read()
    for part in stored:
        if "moves" not in part:
            found.decided.append(part["decided"])
            found.named.append(part["named"])
            continue
        columns = {name: part[name] for name in COLUMNS}
        numbers = np.array([versions.number(str(name)) for name in part["versions"]], np.uint8)
        columns["version"] = numbers[columns["version"]]
        found.parts[bool(part["moves"])].append((columns, part["frames"]))
    return found


def _listed(found: objects.Stored) -> Listed:
    said = json.loads(found.content or "{}")
    if said.get("format") != _FORMAT:
        return Listed(found.generation)
    whole_at, until = (datetime.fromisoformat(said[name]) for name in ("whole_at", "until"))
    return Listed(found.generation, Source(**said["source"]), whole_at, until, said["names"])


def _text(listed: Listed) -> bytes:
    said = {name: value for name, value in asdict(listed).items() if name not in ("generation", "is_out_of_order")}
    return json.dumps({"format": _FORMAT, **said}, default=str).encode()
