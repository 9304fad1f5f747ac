"""Feeding the pipeline as a user would: files are uploaded to the creatives bucket, URLs published in batches."""

import errno
import hashlib
import io
import json
import os
import re
import tempfile
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from creatives.analysis import archives, listfiles
from creatives.analysis.archives import ArchiveError
from creatives.analysis.listfiles import ListError
from shared import batches, clients, columns, reasons
from shared.columns import BY_NAME, Choice
from shared.counting import many, the_first
from shared.identity import ContentHash
from shared.junk import is_hidden, is_junk
from shared.lists import parsing
from shared.lists.model import Line, Listing
from shared.media.sniffing import HEAD_BYTES
from shared.reasons import Reason
from shared.refusals import Refusal
from shared.results import reading
from shared.results.kept import Results

if TYPE_CHECKING:
    from google.cloud import pubsub_v1, storage

BATCH_ITEMS = 500
BATCH_BYTES = 4 * 10**6
"""Of a batch's items; Pub/Sub takes messages of 10 MB."""

_NOT_THERE = Refusal(Reason.UNREADABLE_FILE, "a link to a file that is not there")
_NO_FILE = Refusal(Reason.UNREADABLE_FILE, "a pipe, a socket or a device, and no file")
_FORBIDDEN = Refusal(Reason.UNREADABLE_FILE, "its permissions do not let this user read it")
_EXTRA_BYTES = 1 * 10**6
_NAME_CHARS = 120  # of an object: on a disk it is one name, in which each quoted sign is quoted once more
_TOLD = 3
_MOST_LOOKED_THROUGH = 20 * 10**6  # bytes of a file in a folder, to say whether it is a list


class InputError(Exception):
    """A path or list that cannot be used; the message says what is wrong with it and what would do."""


@dataclass(frozen=True)
class File:
    """A creative on this machine; as an ad it goes by the path that the user gave.

    Attributes:
        path: where it lies; nothing is there where an archive does not give it out.
        within: the name that the user knows it by, where it comes out of an archive; else its path is its name.
        refusal: why it is not taken, though it is an ad.
    """

    path: Path
    within: str | None = None
    refusal: Refusal | None = None

    @property
    def ad_id(self) -> str:
        """The path as given: what the user knows the ad by."""
        return shown(self.within or str(self.path))[-batches.MAX_AD_ID_CHARS :]

    @property
    def place(self) -> Path:
        """Where it lies, whatever links lead there; a link to a file lies where it is itself."""
        return self.path.parent.resolve() / self.path.name

    @property
    def object_name(self) -> str:
        """One object for one place on this machine; short, whatever the path's length, and without odd characters."""
        place = os.path.abspath(self.within) if self.within else self.place  # noqa: PTH100 - no file
        digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
        return object_name(digest, Path(self.ad_id).name)


def object_name(place: str, name: str) -> str:
    """Where a file called `name` is uploaded to: `place` tells it from others of that name."""
    return f"uploads/{place}/{_quoted(shown(name))}"


def _quoted(name: str) -> str:
    """A name in plain letters; a long one without its middle: both ends tell it from its like, and how it is opened."""
    halves, quoted = len(name) // 2, quote(name, safe=" ()")
    while len(quoted) > _NAME_CHARS:
        halves -= 1
        quoted = quote(f"{name[:halves]}…{name[-halves:]}", safe=" ()")
    return quoted


def shown(name: str) -> str:
    """A file's name as text: what is no character of any encoding is told as such."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass(frozen=True)
class UrlAd:
    """An ad known by its URL.

    Attributes:
        ad_id: its own, or what else names it: its URL, or the line it stands in.
        url: as it was written, None where the line has none: such an ad fails, and is told as the others are.
        extra: the list's other columns.
    """

    ad_id: str
    url: str | None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Feed:
    """All that one command was given.

    Attributes:
        files: creatives on this machine.
        urls: ads of lists.
        notes: what the user should know about how it was read.
        junk: how many files are none that anybody made, or are hidden.
        results: what the ads of lists got, where the lists tell.
    """

    files: Sequence[File]
    urls: Sequence[UrlAd]
    notes: Sequence[str] = ()
    junk: int = 0
    results: Results = field(default_factory=Results)


@dataclass
class _Gathered:
    """A `Feed` in the making."""

    scratch: Path | None
    choice: Choice
    currency: str | None = None
    files: dict[Path, File] = field(default_factory=dict)
    places: set[Path] = field(default_factory=set)
    lists: set[Path] = field(default_factory=set)
    folders: set[Path] = field(default_factory=set)
    linked: deque[Path] = field(default_factory=deque)
    urls: dict[tuple[str, str | None], UrlAd] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    junk: int = 0
    results: Results = field(default_factory=Results)
    broken: dict[Path, ListError] = field(default_factory=dict)

    def add_list(self, listing: Listing, name: str) -> None:
        found = reading.read(listing.lines, self.currency, self.results, self.choice.day_order)
        self.notes += [f"{name}: {note}" for note in (*listing.notes, *found.notes)]
        if not self.choice.of_results:
            self._add_ads(listing, name)

    def _add_ads(self, listing: Listing, name: str) -> None:
        footers: list[str] = []
        for line in listing.lines:
            if named := parsing.footer(line):
                footers.append(f"{shown(named)[:40]!r} in line {line.number}")
            else:
                self.urls |= {(ad.ad_id, ad.url): ad for ad in ads_of(line, name)}
        if footers:
            told = the_first(footers, _TOLD)
            self.notes.append(f"{name}: {many(len(footers), 'line')} without an address, and no ad's: {told}")

    def add_broken_list(self, file: File, error: ListError) -> None:
        """A list that cannot be read: among others it fails alone, as a damaged picture would."""
        refusal = Refusal(error.reason, str(error).removeprefix(f"{file.ad_id}: "))
        self.files[file.place] = replace(file, refusal=refusal)
        self.broken[file.place] = error

    def require_more_than_broken_lists(self) -> None:
        """Raises what is wrong with them where nothing else was given, or columns were chosen that one lacks.

        What lies in an archive need not have the columns that were chosen.
        """
        is_all = not (self.urls or self.results or self.files.keys() - self.broken.keys())
        is_chosen = self.choice != BY_NAME
        told = [
            str(error)
            for place, error in self.broken.items()
            if is_all or (is_chosen and self.files[place].within is None)
        ]
        if told:
            raise InputError("\n".join(told))

    def feed(self) -> Feed:
        return Feed(list(self.files.values()), list(self.urls.values()), self.notes, self.junk, self.results)


def collect(
    paths: Iterable[Path], scratch: Path | None = None, choice: Choice = BY_NAME, currency: str | None = None
) -> Feed:
    """What `paths` name: creatives, folders and zip archives of them (hidden files aside), and lists of URLs.

    Args:
        paths: as the user gave them.
        scratch: a folder for what has to be unpacked; without one, zip archives are files like any other.
        choice: the columns of lists.
        currency: of money in lists, where they do not tell.

    Raises:
        InputError: when paths do not exist, which names all of them, or nothing is given but lists that cannot be read.
            Such a list among others is an ad that fails.
    """
    gathered = _Gathered(scratch, choice, currency, folders={scratch.resolve()} if scratch else set())
    faults: list[str] = []
    for path in sorted(paths, key=_is_behind_link):
        with _told(path, faults):
            _take(path, gathered)
    while gathered.linked:
        folder = gathered.linked.popleft()
        with _told(folder, faults):
            _add_folder(folder, gathered)
    if faults:
        raise InputError("\n".join([*faults, *map(str, gathered.broken.values())]))
    gathered.require_more_than_broken_lists()
    return gathered.feed()


def _is_behind_link(path: Path) -> bool:
    """Whether a link leads there: what it is itself comes first, and gives the names."""
    return os.path.abspath(path) != os.path.realpath(path)  # noqa: PTH100 - as the user names it


@contextmanager
def _told(path: Path, faults: list[str]) -> Iterator[None]:
    """What is wrong with one path is told with what is wrong with the others."""
    try:
        yield
    except OSError as error:
        faults.append(f"{shown(str(path))}: {error.strerror or error}")


def _take(path: Path, gathered: _Gathered) -> None:
    """What the user names: a folder, a list, which is read once however often it is named, or a file."""
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "no such file or folder")
    if path.is_dir():
        _add_folder(path, gathered)
    elif path.resolve() in gathered.lists:
        return
    elif path.is_file() and _add_list(File(path), gathered):
        gathered.lists.add(path.resolve())
    else:
        _add_file(path, gathered)


def _listed(path: Path, name: str, choice: Choice) -> Listing | None:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if is_junk(path.name) or not listfiles.may_be_list(name, head):
        return None
    return listfiles.read_if_list(path, name, choice)


def _add_file(path: Path, gathered: _Gathered) -> None:
    """A creative, or what an archive of them holds. A link to a file is an ad of its own, as a copy would be."""
    place = File(path).place
    if place in gathered.places:
        return
    gathered.places.add(place)
    if is_junk(path.name):
        gathered.junk += 1
    elif refusal := _no_file(path):
        gathered.files[place] = File(path, refusal=refusal)
    elif not os.access(path, os.R_OK):
        gathered.files[place] = File(path, refusal=_FORBIDDEN)
    elif gathered.scratch and archives.is_archive_of_files(path):
        _add_archive(path, gathered.scratch, gathered)
    else:
        gathered.files[place] = File(path)


def _no_file(path: Path) -> Refusal | None:
    if path.is_file():
        return None
    return _NO_FILE if path.exists() else _NOT_THERE


def _add_archive(path: Path, scratch: Path, gathered: _Gathered) -> None:
    place = File(path).place
    folder = scratch / hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    try:
        members = list(archives.unpack(path, folder))
    except ArchiveError as error:
        gathered.files[place] = File(path, refusal=error.refusal)
        return
    are_lists = hold_lists(members)
    told: Counter[str] = Counter()
    for member in members:
        told[member.name] += 1
        again = f" ({told[member.name]})" if told[member.name] > 1 else ""
        name = f"{path}/{member.name}{again}"
        if member.refusal:
            gathered.files[member.path] = File(member.path, name, member.refusal)
        elif not member.path.exists():
            gathered.junk += 1
        elif not (are_lists and _add_list(File(member.path, name), gathered)):
            gathered.files[member.path] = File(member.path, name)


def _add_list(file: File, gathered: _Gathered) -> bool:
    """Whether it is a list; one that cannot be read ends nothing else."""
    name = shown(file.within or str(file.path))
    try:
        listing = _listed(file.path, name, gathered.choice)
    except ListError as error:
        gathered.add_broken_list(file, error)
        return True
    if listing is not None:
        gathered.add_list(listing, name)
    return listing is not None


def hold_lists(members: Iterable[archives.Member]) -> bool:
    """Whether what was unpacked is nothing but lists, by names and bytes."""
    return all(_may_be_list(member) for member in members if member.path.exists())


def _may_be_list(member: archives.Member) -> bool:
    with member.path.open("rb") as file:
        return listfiles.may_be_list(member.name, file.read(HEAD_BYTES))


def _add_folder(folder: Path, gathered: _Gathered) -> None:
    """The files of a folder and of those in it, each folder once; hidden ones are counted.

    Links to folders wait until all others are read: what has a name of its own here goes by it, whoever links to it.
    """
    if folder.resolve() in gathered.folders:
        return
    gathered.folders.add(folder.resolve())
    for child in sorted(folder.iterdir()):
        if is_hidden(child.name) or is_junk(child.name):
            gathered.junk += 1
        elif not child.is_dir():
            _add_file(child, gathered)
            _note_list(child, gathered)
        elif not os.access(child, os.R_OK | os.X_OK):
            gathered.files[File(child).place] = File(child, refusal=_FORBIDDEN)
        elif child.is_symlink():
            gathered.linked.append(child)
        else:
            _add_folder(child, gathered)


def _note_list(path: Path, gathered: _Gathered) -> None:
    """Says of a list within a folder how its ads are analysed: there it is a file like any other."""
    if not path.is_file() or not os.access(path, os.R_OK) or path.stat().st_size > _MOST_LOOKED_THROUGH:
        return
    with suppress(ListError):
        if listing := _listed(path, path.name, gathered.choice):
            ads = sum(bool(line.urls) for line in listing.lines)
            told = f"a list of {many(ads, 'ad')}, but in a folder; name it itself, and they are analysed"
            gathered.notes += [f"{shown(str(path))}: {told}"] if ads else []


def read_list(path: Path, choice: Choice = BY_NAME, currency: str | None = None) -> Feed:
    """The ads of a list; of one that is chosen for its results, these alone.

    Raises:
        InputError: when it is none, or cannot be read.
    """
    if not archives.is_archive_of_files(path):
        return _parsed(path, shown(str(path)), choice, currency)
    with tempfile.TemporaryDirectory() as scratch:
        feed = collect([path], Path(scratch), choice, currency)
    notes = [f"{file.ad_id}: {_no_list(file)}" for file in feed.files]
    if notes and not (feed.urls or feed.results):
        raise InputError(notes[0])
    return replace(feed, files=[], notes=[*feed.notes, *notes])


def _no_list(file: File) -> str:
    if file.refusal:
        return f"{reasons.sentence(file.refusal.reason)} ({file.refusal.detail})"
    return "no list of addresses; `creatives analyze` takes archives of files"


def parse_list(content: bytes, *, name: str, choice: Choice = BY_NAME, currency: str | None = None) -> Feed:
    """As `read_list`, of content already read; `name` is what the user knows it by."""
    return _parsed(content, name, choice, currency)


def parse_pasted(text: str, *, name: str) -> Feed:
    """As `parse_list`, of text that somebody pasted: where it is no list, what `parsing.pasted` finds in it.

    Raises:
        InputError: when it holds none, or is a table that names none of creatives.
    """
    try:
        return parse_list(text.encode("utf-8", "replace"), name=name)
    except InputError:
        listing = parsing.pasted(text)
        if listing is None:
            raise
    return feed_of(listing, name)


def _parsed(given: bytes | Path, name: str, choice: Choice, currency: str | None) -> Feed:
    try:
        listing = listfiles.read(given, name, choice)
    except ListError as error:
        raise InputError(str(error)) from error
    return feed_of(listing, name, choice, currency)


def feed_of(listing: Listing, name: str, choice: Choice = BY_NAME, currency: str | None = None) -> Feed:
    """The ads and the results of a list called `name`."""
    gathered = _Gathered(None, choice, currency)
    gathered.add_list(listing, name)
    return gathered.feed()


def ads_of(line: Line, name: str) -> Iterator[UrlAd]:
    """The ads of a line of the list called `name`: one for each of its URLs, and one without where it has none."""
    extra = {column: _as_text(value) for column, value in line.extra.items() if value is not None}
    if sum(map(len, extra.values())) > _EXTRA_BYTES:
        extra = {}
    urls = [url for url in line.urls if _can_be_sent(url)]
    by_number = f"{name}, line {line.number}"[-batches.MAX_AD_ID_CHARS :]
    for url in urls:
        by_url = by_number if columns.says_nothing(url) else batches.name_of_url(url)
        yield UrlAd(line.ad_id or by_url, url, extra)
    if not urls:
        yield UrlAd(line.ad_id or by_number, None, extra)


def _can_be_sent(url: str) -> bool:
    """Whether it is text that UTF-8 can write (JSON may hold half a character), and not too long for a message."""
    return len(url.encode("utf-8", "replace")) <= batches.MAX_URL_BYTES and not re.search("[\ud800-\udfff]", url)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def upload(bucket: "storage.Bucket", file: File) -> str:
    """Uploads the file, or what says that it is refused, and gives its gs:// URI."""
    blob = bucket.blob(file.object_name)
    blob.metadata = {"ad_id": file.ad_id, **(file.refusal.metadata if file.refusal else {})}
    if file.refusal:
        blob.upload_from_string(file.refusal.content(file.ad_id))
    else:
        blob.upload_from_filename(str(file.path))
    return uri(bucket, file)


def uri(bucket: "storage.Bucket", file: File) -> str:
    """Where `upload` puts the file: its ad's `source`."""
    return f"gs://{bucket.name}/{file.object_name}"


def is_uploaded(bucket: "storage.Bucket", file: File) -> bool:
    """Whether the bucket holds these very bytes already."""
    blob = bucket.get_blob(file.object_name)
    if blob is None:
        return False
    content = ContentHash()
    with io.BytesIO(file.refusal.content(file.ad_id)) if file.refusal else file.path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            content.update(chunk)
    return content.matches(blob.md5_hash, blob.crc32c)


def publish(
    publisher: "pubsub_v1.PublisherClient",
    project: str,
    urls: Sequence[UrlAd],
    on_progress: Callable[[int], object] = lambda _: None,
    deployment: str | None = None,
) -> None:
    """Publishes the ads in batches to `url-batches`; tells how many each time that some were accepted.

    `deployment` is whose topic that is; this process's own where it is not said.
    """
    topic = clients.topic_path(project, "url-batches", deployment)
    run = uuid.uuid4().hex[:12]
    futures = []
    for number, items in enumerate(_batched(urls)):
        body = f'{{"batch_id":"{run}-{number}","id_column":"ad_id","url_columns":["url"],"items":[{",".join(items)}]}}'
        futures.append((len(items), publisher.publish(topic, body.encode())))
    for count, future in futures:
        future.result(timeout=60)
        on_progress(count)


def _batched(urls: Sequence[UrlAd]) -> Iterator[list[str]]:
    """The ads as JSON, in lists that fit into a message each."""
    batch: list[str] = []
    for ad in urls:
        item = json.dumps({**ad.extra, "ad_id": ad.ad_id, "url": ad.url})
        if batch and (len(batch) == BATCH_ITEMS or sum(map(len, batch)) + len(item) > BATCH_BYTES):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
