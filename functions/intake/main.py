"""`intake`: takes the notice of an upload, looks at the first bytes, publishes what it is and which ad it is for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import functions_framework

from functions.intake.notification import Upload, parse
from functions.intake.settings import settings
from shared import clients, log, objects, stage
from shared.events import BannerObject, Event, ImageObject, Kind, Origin, Sighting, VideoObject
from shared.junk import is_junk
from shared.media import banners
from shared.media.sniffing import Media
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent


@functions_framework.cloud_event
def intake(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(cloud_event, stage="intake", project=settings().google_cloud_project, parse=parse, step=admit)


def admit(upload: Upload) -> Iterator[Event]:
    """What an upload leads to: a `Sighting` unless `fetch` told of it, and an object to analyse or a `Failure`.

    Nothing follows from a folder, from what systems leave in folders (Thumbs.db), nor from an upload that was
    overwritten since: the newer one has its own notice.

    Raises:
        Rejected: when the notice is of another bucket.
    """
    if upload.bucket != settings().creatives_bucket:
        raise Rejected(Reason.MALFORMED_MESSAGE, f"a notification of another bucket, {upload.bucket}")
    if upload.is_folder:
        return
    if is_junk(upload.name):
        log.info("left out: no creative", stage="intake", uri=upload.uri, event_id=upload.event_id)
        return
    stored = _stored(upload)
    try:
        _require_taken(upload)
        media = recognise(stored)
        creative_id = stored.creative_id()
    except Rejected as rejection:
        if rejection.reason is Reason.OBJECT_GONE and _overwritten(upload):
            log.info("overwritten since", stage="intake", uri=upload.uri, event_id=upload.event_id)
            return
        yield from refused(upload, rejection)
        return
    yield from sightings(upload, creative_id)
    yield media_object(upload, creative_id, media)


def _require_taken(upload: Upload) -> None:
    if upload.refusal:
        raise Rejected(upload.refusal.reason, upload.refusal.detail)


def recognise(stored: objects.OpenObject) -> Media:
    """What the object is, by its first bytes.

    Raises:
        Rejected: when it is empty, no image, video or HTML5 banner, larger than its kind may be, or gone.
    """
    return banners.recognise(stored, settings().max_bytes, stored.uri)


def sightings(upload: Upload, creative_id: str) -> Iterator[Sighting]:
    """That the ad uses this creative, where nobody has said so yet.

    It is dated to the upload, so that of two uploads to one name the later one holds in whatever order they come here.
    """
    if not upload.is_fetched(creative_id):
        yield Sighting(
            event_id=upload.event_id,
            occurred_at=upload.time_created,
            ad_id=upload.ad_id,
            source=upload.uri,
            origin=Origin.UPLOAD,
            creative_id=creative_id,
            uri=upload.uri,
        )


def media_object(upload: Upload, creative_id: str, media: Media) -> ImageObject | VideoObject | BannerObject:
    """The object as the next stage takes it."""
    event: type[ImageObject | VideoObject | BannerObject] = BannerObject
    if media.kind:
        event = ImageObject if media.kind is Kind.IMAGE else VideoObject
    return event(
        event_id=upload.event_id,
        batch_id=upload.batch_id,
        creative_id=creative_id,
        uri=upload.uri,
        content_type=media.content_type,
        bytes=upload.size,
    )


def refused(upload: Upload, rejection: Rejected) -> Iterator[Event]:
    """An upload that goes no further: the ad is accounted for all the same."""
    subject = {"event_id": upload.event_id, "uri": upload.uri, "creative_id": upload.creative_id}
    if upload.creative_id and upload.is_fetched(upload.creative_id):
        yield stage.failure("intake", rejection, subject)
        return
    if upload.creative_id:
        yield from sightings(upload, upload.creative_id)
    yield stage.failure("intake", rejection, {**subject, "ad_id": upload.ad_id, "source": upload.uri})


def _stored(upload: Upload) -> objects.OpenObject:
    storage = clients.storage_client(settings().google_cloud_project)
    return objects.OpenObject(
        uri=upload.uri,
        generation=upload.generation,
        size=upload.size,
        metadata=upload.metadata,
        md5=upload.md5_hash,
        crc32c=upload.crc32c,
        blob=storage.bucket(upload.bucket).blob(upload.name, generation=upload.generation),
    )


def _overwritten(upload: Upload) -> bool:
    now = objects.find(clients.storage_client(settings().google_cloud_project), upload.uri)
    return now is not None and now.generation > upload.generation
