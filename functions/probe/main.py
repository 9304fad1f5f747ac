"""`probe`: takes a video of the bucket, looks at parts of it, publishes its measures and its fingerprint."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import functions_framework

from functions.probe.decoding import Measured
from functions.probe.settings import settings
from shared import clients, objects, stage
from shared.events import Event, Kind, VideoObject
from shared.media import fingerprints
from shared.media.sandbox import Limits, Sandbox, Source
from shared.reasons import Reason
from shared.singleton import Singleton

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

# Two children of this size and this process fit in the 2 GiB of infra/pipeline.yaml; 4K needs about half of it. A
# minute of 4K takes some 100 s of processor time. The clock stays under the function's timeout.
LIMITS = Limits(memory_mib=832, cpu_s=200, clock_s=220)


@functions_framework.cloud_event
def probe_video(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(
        cloud_event,
        stage="probe",
        project=settings().google_cloud_project,
        parse=stage.parse_event(VideoObject),
        step=fingerprint,
    )


def fingerprint(video: VideoObject) -> Iterator[Event]:
    """The video's `Fingerprint`; its thumbnail is stored.

    Raises:
        Rejected: when the object is gone, or the video damaged, without picture, too long or too large.
    """
    storage = clients.storage_client(settings().google_cloud_project)
    measured = measure(objects.find_content(storage, video.uri, video.creative_id), video.content_type)
    yield fingerprints.keep(storage, settings().results_bucket, video, measured, kind=Kind.VIDEO)


def measure(stored: Source, content_type: str) -> Measured:
    """What looking at the video in a child process tells; the child asks this process for the parts it reads."""
    options = {
        "content_type": content_type,
        "max_duration_s": settings().max_video_seconds,
        "whole_mib": settings().probe_mib,
    }
    return Measured.model_validate_json(_sandbox().run("functions.probe.decoding:measure", stored, options))


@Singleton
def _sandbox() -> Sandbox:
    return Sandbox(LIMITS, broken=Reason.BROKEN_VIDEO)
