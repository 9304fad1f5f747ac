"""What decoding an image tells: run in a child process, because the file is a stranger's."""

from dataclasses import replace

from pydantic import Field

from shared.media import bars, fingerprints, images, losses, moving_hashes, thumbnails
from shared.media.images import Picture, Pixels
from shared.media.moving_hashes import Hashed
from shared.media.sandbox import Source
from shared.media.thumbnails import Frame


class Measured(fingerprints.Measured):
    """An image's measures and fingerprint: a still's is its hash, an animation's the hashes of what it shows in time.

    Attributes:
        frame_count: of an animation; None for a still.
        duration_s: of one round of an animation in which something moves; None for anything else.
        loops: how often that is played; 0 for ever.
        frames: dHashes of what it shows at 0, 1/4, 2/4 … seconds; of a still within bars that of what is inside them.
        dhash: signed, 64 bits, of what is inside an even border; None where it would say nothing.
        pixels_sha: equal for equal pixels; None for an animation, and for very large pictures.
        detail_scale: the share of its width and height at which it would show as much; None for the same.
        lost: what its format made it lose (see shared/media/losses.py); None for nothing that is known.
    """

    frame_count: int | None
    duration_s: float | None = None
    loops: int | None = None
    frames: list[int] = Field(default=[])
    dhash: int | None = None
    pixels_sha: str | None = None
    detail_scale: float | None = None
    lost: int | None = None


def measure(source: Source, *, content_type: str, max_pixels: int) -> bytes:
    """A `Measured` as JSON.

    Raises:
        Rejected: when the image is damaged or larger than `max_pixels`.
    """
    content = source.read_range(0, source.size)
    picture = images.read(content, content_type, max_pixels=max_pixels)
    moving = picture.frame_count and _moving(picture, content, content_type, max_pixels)
    return (
        (moving or _still(picture, images.pixels(content, content_type, max_pixels=max_pixels)))
        .model_dump_json()
        .encode()
    )


def _still(picture: Picture, pixels: Pixels | None) -> Measured:
    frames = [Frame(0.0, images.thumbnail(picture.grey), picture.colours)]
    near_blank = thumbnails.near_blank(frames)
    inside = None if near_blank else _inside_bars(frames[0], picture.width / picture.height)
    return Measured(
        width=picture.width,
        height=picture.height,
        frame_count=picture.frame_count,
        near_blank=near_blank,
        hash_version=images.HASH_VERSION,
        dhash=None if near_blank else images.dhash(images.inside_border(picture.grey)),
        picture_aspect=inside.picture_aspect if inside else None,
        frames=inside.frames if inside else [],
        pixels_sha=pixels.sha if pixels else None,
        detail_scale=pixels.detail_scale if pixels else None,
        lost=pixels.lost if pixels else None,
        thumbnail=thumbnails.encode(frames),
    )


def _inside_bars(frame: Frame, shown_aspect: float) -> Hashed | None:
    """The hash of what is inside its bars; None where it has none, or nothing in them that a hash says anything of."""
    inside = replace(frame, grey=frame.grey[bars.box([frame.grey])])
    if inside.grey.shape == frame.grey.shape or thumbnails.near_blank([inside]):
        return None
    return moving_hashes.of([frame], shown_aspect)


def _moving(picture: Picture, content: bytes, content_type: str, max_pixels: int) -> Measured | None:
    """An animation over time; None where every frame of it shows the same."""
    from shared.media import animations, storyboards, videos

    animation = animations.read(content, content_type, max_pixels=max_pixels)
    if animation is None:
        return None
    near_blank = thumbnails.near_blank(animation.grid)
    hashed = moving_hashes.of(animation.grid, picture.width / picture.height)
    return Measured(
        width=picture.width,
        height=picture.height,
        frame_count=picture.frame_count,
        duration_s=animation.duration_s,
        loops=animation.loops,
        near_blank=near_blank,
        hash_version=videos.HASH_VERSION,
        picture_aspect=hashed.picture_aspect,
        frames=[] if near_blank else hashed.frames,
        lost=losses.of_film(len(content), picture.width, picture.height, animation.duration_s),
        thumbnail=storyboards.encode(animation.scenes),
        film=animation.film,
    )
