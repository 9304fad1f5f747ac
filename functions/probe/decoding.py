"""What decoding a video tells: run in a child process, because the file is a stranger's."""

from shared.media import fingerprints, moving_hashes, storyboards, thumbnails, videos
from shared.media.sandbox import Source


class Measured(fingerprints.Measured):
    """A video's measures and fingerprint; its thumbnail is a storyboard.

    Attributes:
        duration_s: in seconds.
        fps: average frames per second.
        codec: of the picture.
        has_audio: whether there is sound.
        frames: dHashes of what is shown at 0, 1/4, 2/4 … seconds, at most the first minute.
    """

    duration_s: float
    fps: float
    codec: str
    has_audio: bool
    frames: list[int]


def measure(source: Source, *, content_type: str, max_duration_s: float) -> bytes:
    """A `Measured` as JSON.

    Raises:
        Rejected: when the video is damaged, has no picture or is too long or large.
    """
    video = videos.read(source, content_type, max_duration_s=max_duration_s)
    looked_at = [*video.grid, *video.tail]
    hashed = moving_hashes.of(video.grid, video.width / video.height)
    measured = Measured(
        width=video.width,
        height=video.height,
        duration_s=video.duration_s,
        fps=video.fps,
        codec=video.codec,
        has_audio=video.has_audio,
        near_blank=thumbnails.near_blank(looked_at),
        hash_version=videos.HASH_VERSION,
        picture_aspect=hashed.picture_aspect,
        frames=hashed.frames,
        thumbnail=storyboards.encode(video.scenes),
        film=video.film,
    )
    return measured.model_dump_json().encode()
