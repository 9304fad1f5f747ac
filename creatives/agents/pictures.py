"""A picture of the user's own, to find what is like it: read on this machine by the offline extractor, kept nowhere."""

import io
from pathlib import Path

from creatives.agents import meaning


class NoPictureError(ValueError):
    """A file that is no picture, or in which nothing can be read: the message says what it is."""


def said(path: Path) -> str:
    """What a picture says, as `meaning.subject` has it of creatives.

    Raises:
        NoPictureError: when it is none that we read, or says nothing.
        Rejected: when it is damaged, or too large.
        OSError: when it may not be read.
    """
    # They load the models of OCR: whoever looks for words does not wait for them.
    from PIL import Image

    from functions.extract.extractors.offline import findings
    from shared.features import ImageFeatures
    from shared.media import showing, sniffing
    from shared.media.sandbox import InMemory

    content = path.read_bytes()
    media = sniffing.sniff(content)
    if media is None or not media.content_type.startswith("image/"):
        raise NoPictureError(f"{path} is {media.name if media else 'of no kind that we know'}, and no picture")
    shown = showing.shown(InMemory(content), media.content_type, "high", lossless=True)
    with Image.open(io.BytesIO(shown)) as picture:
        told = findings.fill(ImageFeatures, findings.of_image(picture.convert("RGB"))).model_dump(mode="json")
    if not told.get("text"):
        raise NoPictureError(f"no words can be read in {path}: say in words what is looked for")
    return meaning.subject(told)
