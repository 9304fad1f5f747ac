"""Each function's archive, unpacked into an empty environment with its own requirements, answers a real event.

Real servers stand for Cloud Storage, BigQuery, Pub/Sub and Gemini; the function knows them by its environment only.
"""

import base64
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import requests
from google.cloud import pubsub_v1

from local import ports, processes
from local.processes import Server
from local.pubsub import serving
from shared import wiring
from shared.events import Ad, BannerObject, Event, ImageObject, Origin, VideoObject
from shared.features import ImageFeatures, features_event
from tests import pictures, videos
from tests.bigquery import PROJECT, Dataset
from tests.functions.dedup import creatives
from tests.functions.extract import extractions
from tests.functions.intake.test_intake import notice
from tests.functions.render.banners import banner
from tests.gcs import Buckets
from tests.gemini_server import GeminiServer
from tests.infra import archives
from tests.infra.archives import Installed

pytestmark = pytest.mark.timeout(900)

WIRED = wiring.load()


@dataclass
class World:
    """The servers around a function.

    Attributes:
        buckets: the pipeline's buckets.
        dataset: its tables.
        env: the variables by which a function finds everything.
    """

    buckets: Buckets
    dataset: Dataset
    env: dict[str, str]


@pytest.fixture(scope="module")
def pubsub(tmp_path_factory: pytest.TempPathFactory, bigquery_server: str) -> Iterator[str]:
    """Pub/Sub with the pipeline's topics and no subscriptions: what is published stays where it is."""
    port, status_port = ports.held(2)
    server = serving.serve(
        tmp_path_factory.mktemp("pubsub"), port, status_port=status_port, project=PROJECT, bigquery=bigquery_server
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{port}")
        publisher = pubsub_v1.PublisherClient()
        for topic in WIRED.topics:
            publisher.create_topic(name=publisher.topic_path(PROJECT, topic))
        publisher.transport.close()
    yield f"127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def world(buckets: Buckets, dataset: Dataset, bigquery_server: str, pubsub: str) -> Iterator[World]:
    with GeminiServer() as gemini:
        yield World(
            buckets,
            dataset,
            {
                "GOOGLE_CLOUD_PROJECT": PROJECT,
                "DATASET": dataset.name,
                **{f"{part.upper()}_BUCKET": getattr(buckets, part).name for part in WIRED.buckets},
                "STORAGE_EMULATOR_HOST": os.environ["STORAGE_EMULATOR_HOST"],
                "BIGQUERY_EMULATOR_HOST": bigquery_server,
                "PUBSUB_EMULATOR_HOST": pubsub,
                "RAW_ADS_TABLE": dataset.full_name("raw_ads"),
                "GEMINI_API_KEY": "key",
                "GOOGLE_GEMINI_BASE_URL": gemini.url,
            },
        )


@pytest.fixture(scope="session")
def installed(composed: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Installed]:
    """Installs a function's archive, once."""
    done: dict[str, Installed] = {}

    def install(name: str) -> Installed:
        if name not in done:
            done[name] = archives.install(composed[name], tmp_path_factory.mktemp(name))
        return done[name]

    return install


def event(published: Event) -> dict[str, Any]:
    """A published event as the message of a push."""
    return message(
        published.model_dump_json(exclude_none=True).encode(),
        event=type(published).__name__,
        event_id=published.event_id,
    )


def message(data: bytes, **attributes: str) -> dict[str, Any]:
    return {"data": base64.b64encode(data).decode(), "attributes": attributes, "messageId": "1"}


def an_upload(world: World) -> dict[str, Any]:
    said = notice(world.buckets.upload("spring/banner.png", pictures.encode(pictures.draw(120, 100), "PNG")))
    return message(said.data, **said.attributes)


def an_ad(world: World) -> dict[str, Any]:
    picture = base64.b64encode(pictures.encode(pictures.draw(120, 100), "PNG")).decode()
    ad = Ad(event_id="e", ad_id="a", source=f"data:image/png;base64,{picture}", batch_id="b", origin=Origin.BATCH)
    return event(ad)


def an_image(world: World) -> dict[str, Any]:
    content = pictures.encode(pictures.draw(1200, 628), "JPEG")
    return event(ImageObject(**_stored(world, content, "image/jpeg")))


def a_video(world: World) -> dict[str, Any]:
    content = videos.encode(videos.moving_square())
    return event(VideoObject(**_stored(world, content, "video/mp4")))


def a_banner(world: World) -> dict[str, Any]:
    return event(BannerObject(**_stored(world, banner("<h1>20% OFF</h1>"), "application/zip")))


def a_fingerprint(world: World) -> dict[str, Any]:
    return event(creatives.stored(world.buckets.results, "one", creatives.ad()))


def an_extraction(world: World) -> dict[str, Any]:
    return event(extractions.request_for(world.buckets.creatives, extractions.drawn(1)))


def an_answer(world: World) -> dict[str, Any]:
    request = extractions.request_for(world.buckets.creatives, extractions.drawn(1))
    shown = request.model_dump(include={"event_id", "creative_id", "kind", "uri", "content_type", "width", "height"})
    return event(
        features_event(ImageFeatures).model_validate(
            {
                **shown,
                "extractor": "gemini",
                "model": "m",
                "feature_model": "shared.features:ImageFeatures",
                "feature_version": "1",
                "prompt_version": "1",
                "features": dict.fromkeys(ImageFeatures.model_fields) | {"promotion_text": "SALE 1%"},
            }
        )
    )


def a_tick(world: World) -> dict[str, Any]:
    world.dataset.load("raw_ads", [{"ad_id": "ad-1", "url": "https://example.com/banner.png"}])
    return message(b"{}")


def _stored(world: World, content: bytes, content_type: str) -> dict[str, Any]:
    request = extractions.request_for(world.buckets.creatives, content, content_type)
    return request.model_dump(include={"event_id", "creative_id", "uri", "content_type", "bytes"})


EVENTS: dict[str, tuple[Callable[[World], dict[str, Any]], set[str]]] = {
    "import_ads": (a_tick, {"url-batches"}),
    "fetch": (an_ad, {"sightings"}),
    "intake": (an_upload, {"sightings", "images"}),
    "hash": (an_image, {"fingerprints"}),
    "probe": (a_video, {"fingerprints"}),
    "render": (a_banner, {"images", "renditions"}),
    "dedup": (a_fingerprint, {"matches", "canonicals", "extractions"}),
    "extract": (an_extraction, {"features"}),
    "verify": (an_answer, {"verifications"}),
    "embed": (a_tick, set()),  # no model is named
    "measure": (a_tick, set()),  # nothing has been reported of any ad
    "settle": (a_tick, {"settled"}),
}


# The cloud starts as http what has no event trigger of its own; the local pipeline starts everything as cloudevent.
STARTS = [*product(sorted(EVENTS), ("http", "cloudevent"))]


def test_every_function_is_tried() -> None:
    assert set(EVENTS) == set(WIRED.functions)


def test_nothing_of_a_kind_that_archives_leave_out_lies_where_they_are_made_of() -> None:
    (shipped,) = re.findall(r'shipped += "{(.*)}"', (wiring.ROOT / "infra" / "archives.tf").read_text())
    endings = {".pyc", *(f".{kind}" for kind in shipped.split(","))}
    files = [path for room in ("functions", "shared") for path in (wiring.ROOT / room).rglob("*") if path.is_file()]

    assert {path.name for path in files if path.suffix not in endings} == {"requirements.txt"}  # put in by its name


@pytest.mark.long  # 24 s of work for Terraform, and an empty environment compiles all that is imported
@pytest.mark.parametrize(("name", "signature"), STARTS)
def test_the_archive_answers_a_real_event(
    name: str, signature: str, world: World, installed: Callable[[str], Installed], tmp_path: Path
) -> None:
    make, topics = EVENTS[name]
    pushed = {"message": make(world), "subscription": f"projects/{PROJECT}/subscriptions/{name}"}
    with _started(installed(name), signature, world.env, tmp_path) as (server, url):
        answer = requests.post(url, json=pushed, timeout=120)

    log = server.log.read_text()
    assert answer.ok, log
    handled = [line for line in map(_parsed, log.splitlines()) if line.get("message") == "handled"]
    assert [line["outcome"] for line in handled] == ["done"], log
    if name != "import_ads":  # publishes its pages as it reads them, beside what it returns
        assert topics == set(handled[0]["published"])


@contextmanager
def _started(function: Installed, signature: str, env: dict[str, str], folder: Path) -> Iterator[tuple[Server, str]]:
    port = ports.free(1)[0]
    command: list[str | Path] = [function.framework, "--source", function.source / "main.py", "--port", str(port)]
    command += ["--target", WIRED.functions[function.name].entry_point, "--signature-type", signature]
    server = processes.start(function.name, command, log_folder=folder, env={**env, "PYTHONPATH": "", "WORKERS": "1"})
    try:
        processes.wait_until_ready(server, lambda: processes.accepts_connections(port))
        yield server, f"http://127.0.0.1:{port}/"
    finally:
        server.stop()


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
