"""A picture of the user's own, to find what is like it: looked at and read on this machine, kept nowhere."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from creatives.agents import meaning
from shared import identity

if TYPE_CHECKING:
    from functions.hash.decoding import Measured

_MOST_PIXELS = 200_000_000


class NoPictureError(ValueError):
    """A file that is no picture, or that nothing can be found by: the message says what it is."""


@dataclass(frozen=True)
class Picture:
    """A picture in a file. What loads models and decoders does so when it is asked for, and not before.

    Attributes:
        path: of the file.
        tell: is told what is done with it that takes time, or money.
    """

    path: Path
    tell: Callable[[str], object] = field(default=lambda _: None)

    @cached_property
    def content(self) -> bytes:
        """The file.

        Raises:
            OSError: when it may not be read.
        """
        return self.path.read_bytes()

    @property
    def content_id(self) -> str:
        """The id of a creative of the same bytes."""
        return identity.creative_id(self.content)

    @cached_property
    def content_type(self) -> str:
        """What kind of picture it is.

        Raises:
            NoPictureError: when it is none that we read.
        """
        from shared.media import sniffing

        media = sniffing.sniff(self.content)
        if media is None or not media.content_type.startswith("image/"):
            raise NoPictureError(f"{self.path} is {media.name if media else 'of no kind that we know'}, and no picture")
        return media.content_type

    def measured(self) -> "Measured":
        """What `hash` tells of it, and so its hash.

        Raises:
            NoPictureError: when it is none that we read.
            Rejected: when it is damaged, or too large.
        """
        from functions.hash import decoding
        from shared.media.sandbox import InMemory

        told = decoding.measure(InMemory(self.content), content_type=self.content_type, max_pixels=_MOST_PIXELS)
        return decoding.Measured.model_validate_json(told)

    def jpeg(self) -> bytes:
        """It as a model is shown creatives.

        Raises:
            NoPictureError: when it is none that we read.
            Rejected: when it is damaged, or too large.
        """
        from shared.media import showing
        from shared.media.sandbox import InMemory

        return showing.shown(InMemory(self.content), self.content_type, "medium")

    def said(self) -> str:
        """What it says, as `meaning.subject` has it of creatives; nothing where no words are read in it.

        Raises:
            NoPictureError: when it is none that we read.
            Rejected: when it is damaged, or too large.
        """
        from PIL import Image

        from functions.extract.extractors.offline import findings
        from shared.features import ImageFeatures
        from shared.media import showing
        from shared.media.sandbox import InMemory

        shown = showing.shown(InMemory(self.content), self.content_type, "high", lossless=True)
        with Image.open(io.BytesIO(shown)) as picture:
            told = findings.fill(ImageFeatures, findings.of_image(picture.convert("RGB"))).model_dump(mode="json")
        words = meaning.subject(told) if told.get("text") else ""
        self.tell(f"read in it: {words[:200] or 'no words'}")
        return words
