"""`hash`: takes an image of the bucket, decodes it, publishes its measures and its fingerprint."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import functions_framework

from functions.hash.decoding import Measured
from functions.hash.settings import settings
from shared import clients, objects, stage
from shared.events import Event, ImageObject, Kind
from shared.media import fingerprints, thumbnails
from shared.media.sandbox import InMemory, Limits, Sandbox
from shared.reasons import Reason
from shared.remembering import Remembered
from shared.singleton import Singleton

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent
    from google.cloud import storage

MOST_REMEMBERED = 500
"""Stills whose measures an instance remembers: the next ad's same file is not asked about, nor decoded. Some 10
KB each, which is the thumbnail; what moves has a film of megabytes, too.
"""

_REMEMBERED = Remembered[Measured](MOST_REMEMBERED, lambda measured: measured.film is None)

# 640 MiB hold 100 megapixels of four bytes, the file and the libraries; with this process they fit in the 1 GiB of
# infra/pipeline.yaml. The clock stays under the function's timeout.
LIMITS = Limits(memory_mib=640, cpu_s=20, clock_s=45)


@functions_framework.cloud_event
def hash_image(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(
        cloud_event,
        stage="hash",
        project=settings().google_cloud_project,
        parse=stage.parse_event(ImageObject),
        step=fingerprint,
    )


def fingerprint(image: ImageObject) -> Iterator[Event]:
    """The image's `Fingerprint`; its thumbnail is stored.

    What is remembered is not stored again: without its thumbnail it was erased, and may be gone.

    Raises:
        Rejected: when the object is gone (unless it is remembered), or the image too large or damaged.
    """
    client, results = clients.storage_client(settings().google_cloud_project), settings().results_bucket
    thing = image.creative_id, image.content_type
    known = _REMEMBERED.known(thing)
    if known is not None and thumbnails.is_stored(client, results, image.creative_id):
        yield fingerprints.of(image, known, Kind.IMAGE, thumbnails.uri(results, image.creative_id))
        return
    measured = _REMEMBERED.keep(thing, _measured(client, image))
    yield fingerprints.keep(client, results, image, measured, kind=Kind.IMAGE)


def _measured(client: "storage.Client", image: ImageObject) -> Measured:
    most = settings().max_image_bytes
    content = objects.content_of(client, image.uri, image.creative_id, max_bytes=most)
    return measure(content, image.content_type)


def measure(content: bytes, content_type: str) -> Measured:
    """What decoding the image in a child process tells."""
    options = {"content_type": content_type, "max_pixels": settings().max_image_pixels}
    return Measured.model_validate_json(_sandbox().run("functions.hash.decoding:measure", InMemory(content), options))


@Singleton
def _sandbox() -> Sandbox:
    return Sandbox(LIMITS, broken=Reason.BROKEN_IMAGE)
