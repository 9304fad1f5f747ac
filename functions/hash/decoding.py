"""What decoding an image tells: run in a child process, because the file is a stranger's."""

from shared.media import fingerprints, images, thumbnails
from shared.media.sandbox import Source


class Measured(fingerprints.Measured):
    """An image's measures and fingerprint.

    Attributes:
        frame_count: of an animation, of which the first frame is fingerprinted; None for a still.
        dhash: signed, 64 bits, of what is inside an even border; None where it would say nothing.
    """

    frame_count: int | None
    dhash: int | None


def measure(source: Source, *, content_type: str, max_pixels: int) -> bytes:
    """A `Measured` as JSON.

    Raises:
        Rejected: when the image is damaged or larger than `max_pixels`.
    """
    picture = images.read(source.read_range(0, source.size), content_type, max_pixels=max_pixels)
    frames = [thumbnails.Frame(0.0, images.thumbnail(picture.grey), picture.colours)]
    near_blank = thumbnails.near_blank(frames)
    measured = Measured(
        width=picture.width,
        height=picture.height,
        frame_count=picture.frame_count,
        near_blank=near_blank,
        dhash=None if near_blank else images.dhash(images.inside_border(picture.grey)),
        thumbnail=thumbnails.encode(frames),
    )
    return measured.model_dump_json().encode()
