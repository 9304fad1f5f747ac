"""What decoding an image tells: run in a child process, because the file is a stranger's."""

from pydantic import BaseModel, ConfigDict

from shared.media import images, thumbnails
from shared.media.sandbox import Source


class Measured(BaseModel):
    """An image's measures and fingerprint.

    Attributes:
        width: in pixels, as displayed.
        height: in pixels, as displayed.
        frame_count: of an animation, of which the first frame is fingerprinted; None for a still.
        near_blank: whether it is too flat for its hash to say anything.
        dhash: signed, 64 bits, of what is inside an even border.
        thumbnail: a grey WebP with the colours in its metadata.
    """

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    width: int
    height: int
    frame_count: int | None
    near_blank: bool
    dhash: int
    thumbnail: bytes


def measure(source: Source, *, content_type: str, max_pixels: int) -> bytes:
    """A `Measured` as JSON.

    Raises:
        Rejected: when the image is damaged or larger than `max_pixels`.
    """
    picture = images.read(source.read_range(0, source.size), content_type, max_pixels=max_pixels)
    frames = [thumbnails.Frame(0.0, images.thumbnail(picture.grey), picture.colours)]
    measured = Measured(
        width=picture.width,
        height=picture.height,
        frame_count=picture.frame_count,
        near_blank=thumbnails.near_blank(frames),
        dhash=images.dhash(images.inside_border(picture.grey)),
        thumbnail=thumbnails.encode(frames),
    )
    return measured.model_dump_json().encode()
