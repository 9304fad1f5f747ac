"""A picture or film of the user's own, to find what is like it: looked at and read on this machine, kept nowhere."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from creatives.agents import meaning
from shared import identity

if TYPE_CHECKING:
    from functions.extract.extractors.offline.findings import Findings
    from functions.hash.decoding import Measured
    from functions.probe.decoding import Measured as MeasuredFilm
    from shared.media.sandbox import InFile

_MOST_PIXELS = 200_000_000
_LONGEST_S = 3600.0
_WHOLE_MIB = 64  # as `probe` has it: of a larger film key frames tell enough to find others by


class NoPictureError(ValueError):
    """A file that is no picture and no film, or that nothing can be found by: the message says what it is."""


@dataclass(frozen=True)
class Picture:
    """A picture or a film in a file. What loads models and decoders does so when it is asked for, and not before.

    Attributes:
        path: of the file.
        tell: is told what is done with it that takes time, or money.
    """

    path: Path
    tell: Callable[[str], object] = field(default=lambda _: None)

    @cached_property
    def content_id(self) -> str:
        """The id of a creative of the same bytes.

        Raises:
            NoPictureError: when it may not be read, or is neither picture nor film.
        """
        _ = self.content_type  # whatever else is in the file need not be read
        with self._opened() as file:
            content = identity.ContentHash()
            while chunk := file.read(1 << 20):
                content.update(chunk)
        return content.creative_id

    @cached_property
    def content_type(self) -> str:
        """What kind of picture or film it is.

        Raises:
            NoPictureError: when it is none that we read, or may not be read.
        """
        from shared.media import sniffing

        with self._opened() as file:
            head = file.read(sniffing.HEAD_BYTES)
        media = sniffing.sniff(head)
        if media is None or media.kind is None:
            kind = media.name if media else "of no kind that we know" if head else "empty"
            raise NoPictureError(f"{self.path} is {kind}, and no picture and no film that we read")
        return media.content_type

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise NoPictureError(f"{self.path} cannot be read: {error.strerror or error}") from error

    @cached_property
    def _file(self) -> "InFile":
        """What is in it, of which decoders read what they need."""
        from shared.media.sandbox import InFile

        return InFile(self.path, self.path.stat().st_size)

    @property
    def is_film(self) -> bool:
        """Whether it is a film.

        Raises:
            NoPictureError: when it is neither that nor a picture.
        """
        return self.content_type.startswith("video/")

    def measured(self) -> "Measured":
        """What `hash` tells of it, and so its hash.

        Raises:
            NoPictureError: when it is none that we read.
            Rejected: when it is damaged, or too large.
        """
        from functions.hash import decoding

        told = decoding.measure(self._file, content_type=self.content_type, max_pixels=_MOST_PIXELS)
        return decoding.Measured.model_validate_json(told)

    def measured_film(self) -> "MeasuredFilm":
        """What `probe` tells of a film, and so the hashes of its frames.

        Raises:
            Rejected: when it is damaged, or too long.
        """
        from functions.probe import decoding

        told = decoding.measure(
            self._file, content_type=self.content_type, max_duration_s=_LONGEST_S, whole_mib=_WHOLE_MIB
        )
        return decoding.Measured.model_validate_json(told)

    def jpeg(self) -> bytes:
        """It as a model is shown creatives; of a film what is shown in its middle.

        Raises:
            NoPictureError: when it is none that we read.
            Rejected: when it is damaged, or too large.
        """
        from shared.media import showing

        if self.is_film:
            return self._middle()
        return showing.shown(self._file, self.content_type, "medium")

    def said(self) -> str:
        """What it says, as `meaning.subject` has it of creatives; nothing where no words are read in it.

        Raises:
            NoPictureError: when it is none that we read.
            Rejected: when it is damaged, or too large.
        """
        from functions.extract.extractors.offline import findings
        from shared.features import ImageFeatures, VideoFeatures

        model, found = (VideoFeatures, self._of_film()) if self.is_film else (ImageFeatures, self._of_picture())
        told = findings.fill(model, found).model_dump(mode="json")
        words = meaning.subject(told) if told.get("text") else ""
        self.tell(f"read in it: {words[:200] or 'no words'}")
        return words

    def _of_picture(self) -> "Findings":
        from PIL import Image

        from functions.extract.extractors.offline import findings
        from shared.media import showing

        shown = showing.shown(self._file, self.content_type, "high", lossless=True)
        with Image.open(io.BytesIO(shown)) as picture:
            return findings.of_image(picture.convert("RGB"))

    def _of_film(self) -> "Findings":
        from functions.extract.extractors.offline import footage, video

        with video.stream_of(self._file, self.content_type) as stream:
            return footage.of_video(stream, stream.declared_s or 0.0)

    def _middle(self) -> bytes:
        from functions.extract.extractors.offline import video

        with video.stream_of(self._file, self.content_type) as stream:
            middle = (stream.declared_s or 0.0) / 2
            shown = next((picture for _, picture in video.shown_at(stream, [middle, 0.0])), None)
        if shown is None:
            raise NoPictureError(f"{self.path}: nothing is shown in it")
        file = io.BytesIO()
        shown.save(file, "JPEG", quality=90)
        return file.getvalue()
