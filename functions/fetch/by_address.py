"""A creative without bytes: a video that the model is given by its address goes from here to `extract` at once.

There is nothing to hash and to compare, so its id alone tells that two ads show the same. It is asked for with every
ad: `extract` pays for the first request, and answers the others from what it keeps.
"""

from collections.abc import Iterator

from functions.fetch.storing import Stored
from shared import youtube
from shared.events import Ad, Event, Extraction, Kind, Match, MatchKind

METHOD = "uri"
METHOD_VERSION = "uri/1"


def asked(ad: Ad, video: Stored, seconds: int) -> Iterator[Event]:
    """What `dedup` says of a creative that is new: that it stands for itself, and that its features are wanted.

    Args:
        ad: that shows it.
        video: its id and address.
        seconds: how much of it the model is shown.
    """
    yield Match(
        event_id=ad.event_id,
        creative_id=video.creative_id,
        kind=Kind.VIDEO,
        match=MatchKind.NEW,
        canonical_id=video.creative_id,
        family_id=video.creative_id,
        method=METHOD,
        method_version=METHOD_VERSION,
    )
    yield Extraction(
        event_id=ad.event_id,
        creative_id=video.creative_id,
        uri=video.uri,
        content_type=youtube.CONTENT_TYPE,
        batch_id=ad.batch_id,
        kind=Kind.VIDEO,
        duration_s=seconds,
        requested_by="fetch",
    )
