"""What is stored beside the rows: of each creative its file, made smaller, and the model's answer, as it was.

Both are kept in a folder from one report to the next: a creative's content never changes, an answer's row tells its
time.
"""

import base64
import io
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import NotFound
from PIL import Image

from local.folder import private
from shared import objects
from shared.events import Kind, MatchKind
from shared.media import storyboards
from shared.media.sandbox import ChildLostError, InMemory, Limits, Sandbox
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from google.cloud import storage

PICTURE_BYTES = 12_000
"""Of a small picture, where there are few; 240 pixels of an ad take about 6 kB."""

PICTURES_BYTES = 32 * 10**6
"""Of all small pictures together: a page of 10,000 creatives stays one that a browser opens."""

LARGE_PICTURES = 100
"""How many creatives of a page that has no server to ask for files have a large picture: those most used."""

LARGE_PICTURE_BYTES = 80_000
"""Of a large picture: of all of them 8 MB, 10.7 MB of the page. An ad takes 25 to 60 kB at 1,080 pixels."""

MOST_SCENES = 12
"""Of a storyboard, each of about 1.5 kB."""

_MOST_WITH_SCENES = 1_000  # creatives of a report: with more, the page would be too large
_SCENE_SIZE = (160, 96)
_ANSWER_CHARS = 20_000
_IMAGE_LIMITS = Limits(memory_mib=640, cpu_s=20, clock_s=60)  # as `hash` and `probe` allow
_VIDEO_LIMITS = Limits(memory_mib=832, cpu_s=30, clock_s=90)
_IMAGE_BYTES = 50 * 10**6
_IMAGE_PIXELS = 100 * 10**6
_READERS = 8

type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Stored:
    """Reads what is stored beside rows of creatives.

    Attributes:
        client: of Cloud Storage.
        folder: where pictures and answers are kept.
        n_creatives: how many are to be shown: the more, the smaller their pictures.
        n_large: how many of the first have a large picture all the same, of copies only what the others leave.
    """

    client: "storage.Client"
    folder: Path
    n_creatives: int
    n_large: int = 0

    def read(self, rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
        """By creative, what its row lacks: `thumbnail` as a data: URI, `storyboard` and `answer`."""
        with private():
            self.folder.mkdir(parents=True, exist_ok=True)
        large = _first(rows, self.n_large)
        with ThreadPoolExecutor(_READERS) as readers:
            found = readers.map(lambda row: self._beside(row, is_large=row["creative_id"] in large), rows)
            return dict(zip((row["creative_id"] for row in rows), found, strict=True))

    def _beside(self, row: Row, *, is_large: bool) -> dict[str, Any]:
        picture = self._picture(row, is_large=is_large) if row["width"] else None
        own = row["answer_uri"] and row["match"] != MatchKind.DUPLICATE
        return {
            "thumbnail": _as_data(picture) if picture else None,
            "storyboard": self._storyboard(row) if row["duration_s"] else [],
            "answer": self._answer(row) if own else None,
        }

    def _storyboard(self, row: Row) -> list[dict[str, Any]]:
        """The scenes of what moves; none where they are no longer kept, or the page would be too large."""
        if self.n_creatives > _MOST_WITH_SCENES or not row["thumbnail_uri"]:
            return []
        kept = self.folder / f"{row['creative_id']}-storyboard.webp"
        try:
            content = kept.read_bytes() if kept.exists() else self._download(row["thumbnail_uri"])
            scenes = storyboards.decode(content)
        except (NotFound, OSError, ValueError):
            return []
        _keep(kept, content)
        return [{"seconds": each.seconds, "picture": _scene(each)} for each in storyboards.evenly(scenes, MOST_SCENES)]

    def _download(self, uri: str) -> bytes:
        bucket, name = objects.split(uri)
        return bytes(self.client.bucket(bucket).blob(name).download_as_bytes())

    def _picture(self, row: Row, *, is_large: bool) -> bytes:
        """The picture; empty where none can be made, which the page says in its place."""
        max_bytes = LARGE_PICTURE_BYTES if is_large else picture_bytes(self.n_creatives)
        kept = self.folder / f"{row['creative_id']}-{max_bytes}.webp"
        if kept.exists():
            return kept.read_bytes()
        try:
            content = objects.find_content(self.client, row["uri"], row["creative_id"])
            made = _made(content, row, max_bytes, is_large=is_large)
        except ChildLostError:
            return b""  # no verdict on the file: the next report tries again
        except Rejected as error:
            if error.reason is Reason.OBJECT_GONE:
                return b""
            made = b""
        _keep(kept, made)
        return made

    def _answer(self, row: Row) -> str | None:
        """What the model said; None where the answer is no longer kept."""
        kept = self.folder / f"{row['creative_id']}-{row['analysed_at']:%Y%m%dT%H%M%S%f}.txt"
        if kept.exists():
            return kept.read_text()
        try:
            said = json.loads(self._download(row["answer_uri"]))["raw"]
        except NotFound:
            return None
        _keep(kept, said[:_ANSWER_CHARS].encode())
        return str(said[:_ANSWER_CHARS])


def _scene(scene: storyboards.Scene) -> str:
    picture, file = Image.fromarray(scene.picture), io.BytesIO()
    picture.thumbnail(_SCENE_SIZE)
    picture.save(file, "WEBP", quality=60)
    return _as_data(file.getvalue())


def _as_data(webp: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"


def picture_bytes(n_creatives: int) -> int:
    """How large a small picture may be where there are so many: of two sizes, so that pictures kept are found again."""
    return PICTURE_BYTES if n_creatives * PICTURE_BYTES <= PICTURES_BYTES else PICTURE_BYTES // 4


def _first(rows: Sequence[Row], number: int) -> set[str]:
    """The creatives that come first: all that are no copies before those that are."""
    in_order = sorted((row for row in rows if row["width"]), key=lambda row: row["match"] == MatchKind.DUPLICATE)
    return {row["creative_id"] for row in in_order[:number]}


def _made(stored: objects.OpenObject, row: Row, max_bytes: int, *, is_large: bool) -> bytes:
    options: dict[str, object] = {
        "content_type": row["content_type"],
        "max_bytes": max_bytes,
        "is_large": is_large,
    }
    if row["kind"] == Kind.VIDEO:
        return _sandbox(Kind.VIDEO).run("creatives.report.pictures:of_video", stored, options)
    content = InMemory(stored.read(max_bytes=_IMAGE_BYTES))
    options["max_pixels"] = _IMAGE_PIXELS
    return _sandbox(Kind.IMAGE).run("creatives.report.pictures:of_image", content, options)


@cache
def _sandbox(kind: Kind) -> Sandbox:
    if kind is Kind.VIDEO:
        return Sandbox(_VIDEO_LIMITS, broken=Reason.BROKEN_VIDEO)
    return Sandbox(_IMAGE_LIMITS, broken=Reason.BROKEN_IMAGE)


def _keep(path: Path, content: bytes) -> None:
    """Writes a whole file or none: another report may read it meanwhile."""
    partial = path.with_suffix(f".{id(content)}.part")
    partial.write_bytes(content)
    partial.replace(path)
