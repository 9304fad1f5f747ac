"""Looks at all of a large video: run in a child process, because the file is a stranger's."""

import math

from shared.media import videos
from shared.media.sandbox import Source


def film(source: Source, *, content_type: str) -> bytes:
    """The film of a video that `probe` took.

    Raises:
        Rejected: when it is no video, or cannot be read after all.
    """
    return videos.read(source, content_type, max_duration_s=math.inf).film
