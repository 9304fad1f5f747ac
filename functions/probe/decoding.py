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
        frames: dHashes of what is shown at 0, 1/4, 2/4 … seconds, at most the first minute; of a large file, of key
            frames.
        lost: to its encoder (see shared/media/losses.py); None for a large file.
        film: None for a large file.
    """

    duration_s: float
    fps: float
    codec: str
    has_audio: bool
    frames: list[int]
    lost: int | None


def measure(source: Source, *, content_type: str, max_duration_s: float, whole_mib: float | None = None) -> bytes:
    """A `Measured` as JSON; of a file of more than `whole_mib` by a glance at it, where that tells enough.

    Raises:
        Rejected: when the video is damaged, has no picture or is too long or large.
    """
    video: videos.Video | None = None
    if whole_mib is not None and source.size > whole_mib * 2**20:
        video = videos.glance(source, content_type, max_duration_s=max_duration_s)
    video = video or videos.read(source, content_type, max_duration_s=max_duration_s)
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
        lost=video.lost if isinstance(video, videos.Filmed) else None,
        thumbnail=storyboards.encode(video.scenes),
        film=video.film if isinstance(video, videos.Filmed) else None,
    )
    return measured.model_dump_json().encode()
