"""Cloud Storage on this machine: fake-gcs-server behind a door, its notifications of new objects on the wired topic."""

import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from local import access, asking, doors, processes, storage_files
from shared import wiring
from shared.wiring import Pipeline

if TYPE_CHECKING:
    from google.cloud import storage

_ASKED_S = 2


def serve(data: Path, *, project: str, port: int, pubsub_host: str | None, pipeline: Pipeline) -> processes.Server:
    """Starts the server on `port`, its objects in `data`; it publishes to Pub/Sub at `pubsub_host` (host:port).

    Where that is None it tells nobody of new objects: for commands that only read. One bucket of the pipeline can have
    a notification: the server knows no more than one topic.

    Raises:
        ServerError: when it does not answer in time, or its files do not say what objects they are.
    """
    storage_files.require_described(data / "gcs")
    inner = _pubsub_socket(data) if pubsub_host else None
    told = [f"-{name}={value}" for name, value in (_notifications(project, pipeline) if pubsub_host else {}).items()]
    command = [sys.executable, "-m", "local.storage_door", "--port", str(port), "--folder", str(data / "gcs")]
    command += ["--alone"] if inner or not pubsub_host else []
    (data / "gcs").mkdir(parents=True, exist_ok=True)
    env = {"PYTHONPATH": str(wiring.ROOT)}
    if pubsub_host:
        env["PUBSUB_EMULATOR_HOST"] = f"unix://{inner}" if inner else pubsub_host
    server = processes.start("gcs", [*command, "--", *told], log_folder=data / "logs", env=env, listens_on=[port])
    return processes.wait_until_ready(server, lambda: answers(port))


def _pubsub_socket(data: Path) -> Path | None:
    """Where our own Pub/Sub of this folder listens behind its door, which is no port; None where it is Google's."""
    place = doors.socket_path(data, "pubsub")
    with socket.socket(socket.AF_UNIX) as tried:
        return None if tried.connect_ex(str(place)) else place


def answers(port: int) -> bool:
    """Whether it lists buckets: its port is open before that.

    Raises:
        ServerError: when it cannot.
    """
    try:
        with asking.client(_ASKED_S) as client:
            listed = client.get(f"http://{access.HOST}:{port}/storage/v1/b")
    except httpx2.TransportError:
        return False
    if listed.is_error:
        raise processes.ServerError(f"gcs cannot read its objects: {' '.join(listed.text.split())}")
    return True


def _notifications(project: str, pipeline: Pipeline) -> dict[str, str]:
    ((notifying, topic),) = [(name, bucket.notify) for name, bucket in pipeline.buckets.items() if bucket.notify]
    return {
        "event.bucket": bucket_name(project, notifying),
        "event.pubsub-project-id": project,
        "event.pubsub-topic": topic,
        "event.list": "finalize",
    }


def ensure_buckets(client: "storage.Client", pipeline: Pipeline, project: str) -> None:
    """Creates the pipeline's buckets where they are missing."""
    from google.api_core.exceptions import Conflict

    for name in pipeline.buckets:
        try:
            client.create_bucket(bucket_name(project, name))
        except Conflict:
            continue  # it is there from an earlier run


def bucket_name(project: str, name: str) -> str:
    """The full name of one of the pipeline's buckets, as Terraform gives it too."""
    return f"{project}-{name}"


def bucket_folder(data: Path, project: str, name: str) -> Path:
    """Where the server keeps the objects of one of the pipeline's buckets, each in a file of its own."""
    return data / "gcs" / bucket_name(project, name)
