"""`render`: takes an HTML5 banner of the bucket, shows it to a browser, publishes what was seen as its creative.

What is shown is the creative's picture or film; its id is the banner's own, so that ads that use the same zip share it.
A banner is shown once: what came of it is kept, and the same again is published of a message that comes twice.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import functions_framework

from functions.render import browsers
from functions.render.settings import settings
from functions.render.viewing import Told
from shared import clients, objects, stage
from shared.events import BannerObject, Event, ImageObject, Rendition, VideoObject
from shared.idempotency import run_idempotently
from shared.media.banners import MOST_ZIP_BYTES
from shared.media.sandbox import ROOT
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent
    from google.cloud import storage


_LEASE_S = 300.0
"""As long as an instance may take: the function's timeout in infra/pipeline.yaml."""


class BrowserError(Exception):
    """The browser did not come to an end, or failed: no verdict on the banner, which is shown again."""


@functions_framework.cloud_event
def render(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(
        cloud_event,
        stage="render",
        project=settings().google_cloud_project,
        parse=stage.parse_event(BannerObject),
        step=shown,
    )


def shown(banner: BannerObject) -> Iterator[Event]:
    """The banner's `Rendition`, and the image or video that is its creative.

    Raises:
        Rejected: when the zip is gone, damaged or a bomb, the page loops, or there is no browser.
        BrowserError, StillInProgressError: when it should be tried again.
    """
    client = clients.storage_client(settings().google_cloud_project)
    results = client.bucket(settings().results_bucket)
    name = f"{objects.RENDERED}{banner.creative_id}.json"
    kept = run_idempotently(results, name, lambda _: _seen(client, banner), lease_s=_LEASE_S)
    yield from _published(client, banner, Told.model_validate_json(kept))


def _seen(client: "storage.Client", banner: BannerObject) -> bytes:
    """What a browser tells of the banner, as JSON; the pictures are stored."""
    browser = browsers.program()
    content = objects.content_of(client, banner.uri, banner.creative_id, max_bytes=MOST_ZIP_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        (out / "banner.zip").write_bytes(content)
        told = _told(out, banner.uri.rpartition("/")[2], browser)
        if told.reason:
            raise Rejected(told.reason, told.detail)
        objects.write_once(client, f"{_base(banner)}.png", (out / "last.png").read_bytes(), "image/png")
        if told.moved:
            objects.write_once(client, f"{_base(banner)}.mp4", (out / "film.mp4").read_bytes(), "video/mp4")
    return told.model_dump_json().encode()


def _told(out: Path, name: str, browser: str) -> Told:
    """What a program of its own tells, which is ended with all that it started."""
    command = [sys.executable, "-m", "functions.render.viewing", str(out / "banner.zip"), name, str(out), browser]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE, text=True)
    try:
        _, errors = process.communicate(timeout=settings().render_seconds)
    except subprocess.TimeoutExpired as error:
        raise BrowserError(f"the browser took over {settings().render_seconds} s") from error
    finally:
        _end(process)
    if process.returncode:
        raise BrowserError(f"the browser failed: {errors.strip()[-500:]}")
    return Told.model_validate_json((out / "told.json").read_text())


def _end(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr:
        process.stderr.close()


def _base(banner: BannerObject) -> str:
    return f"gs://{settings().results_bucket}/{objects.RENDERED}{banner.creative_id}"


def _published(client: "storage.Client", banner: BannerObject, told: Told) -> Iterator[Event]:
    uri = f"{_base(banner)}.mp4" if told.moved else f"{_base(banner)}.png"
    stored = objects.find(client, uri)
    if stored is None:
        raise Rejected(Reason.OBJECT_GONE, f"{uri} is no longer there")
    said = {"event_id": banner.event_id, "creative_id": banner.creative_id, "batch_id": banner.batch_id}
    yield Rendition(
        **said,
        uri=uri,
        last_frame_uri=f"{_base(banner)}.png",
        banner_uri=banner.uri,
        bytes=banner.bytes,
        width=told.width,
        height=told.height,
        click_tag=told.click_tag,
        external_requests=told.external_requests,
        seconds=told.seconds,
        settled=told.settled,
    )
    media = VideoObject if told.moved else ImageObject
    content_type = "video/mp4" if told.moved else "image/png"
    yield media(**said, uri=uri, content_type=content_type, bytes=stored.size)
