"""Starts Pub/Sub, ours or Google's emulator."""

import os
import shutil
import sys
from pathlib import Path

from local import doors, ports, processes
from local.processes import Server, ServerError
from shared import wiring

# The emulator pushes to functions that listen on this machine alone.
LOOPBACK_HOSTS = ("", "localhost", "127.0.0.1", "[::1]", "0.0.0.0")  # noqa: S104 - as emulators print their address


def serve(
    data: Path, port: int, *, status_port: int, project: str, bigquery: str, disorder: str | None = None
) -> Server:
    """Starts our own server; `bigquery` is the endpoint that BigQuery subscriptions write to.

    Raises:
        ServerError: when it does not answer in time.
    """
    command = [sys.executable, "-m", "local.pubsub", "--port", str(port), "--status-port", str(status_port)]
    socket = doors.socket_path(data, "pubsub")
    command += ["--data", str(data), "--socket", str(socket), "--project", project, "--bigquery", bigquery]
    command += ["--disorder", disorder] if disorder else []
    env = {"PYTHONPATH": str(wiring.ROOT)}
    own = (port, status_port)
    server = processes.start("pubsub", command, log_folder=data / "logs", env=env, listens_on=own, socket=socket)
    return processes.wait_until_ready(server, lambda: all(processes.accepts_connections(each) for each in own))


def serve_official(data: Path, port: int) -> Server:
    """Starts Google's emulator, straight by its jar: gcloud would leave it behind when ended.

    Raises:
        ServerError: when Java or the emulator is not installed, or it does not answer in time.
    """
    java, jar = shutil.which("java"), emulator_jar()
    if not java or not jar:
        raise ServerError(
            "Google's Pub/Sub emulator is not installed: it needs Java and "
            "`gcloud components install pubsub-emulator`. Without --pubsub official our own server is used."
        )
    command: list[str | Path] = [java, "-Xmx256m", "-jar", jar, "--host=127.0.0.1", f"--port={port}"]
    ports.release([port])  # Java inherits none
    server = processes.start("pubsub", command, log_folder=data / "logs")
    return processes.wait_until_ready(server, lambda: processes.accepts_connections(port))


def emulator_jar() -> Path | None:
    """The emulator's jar inside the Google Cloud SDK that is on PATH."""
    gcloud = shutil.which("gcloud")
    if not gcloud:
        return None
    places = (Path(gcloud).resolve().parents[1], Path("/usr/lib/google-cloud-sdk"))
    jars = [jar for place in places for jar in place.glob("platform/pubsub-emulator/lib/cloud-pubsub-emulator*.jar")]
    return jars[0] if jars else None


def given_emulator() -> str | None:
    """Address (host:port) of the emulator that the user has running and names in PUBSUB_EMULATOR_HOST.

    None where the variable is not set, or comes with the rest of a `DATA/env`: then it names a server of our own.

    Raises:
        ServerError: when nothing answers there.
    """
    address = os.environ.get("PUBSUB_EMULATOR_HOST")
    if not address or "PUBSUB_STATUS_URL" in os.environ:
        return None
    host, _, port = address.rpartition(":")
    if host not in LOOPBACK_HOSTS or not port.isdecimal() or not processes.accepts_connections(int(port)):
        raise ServerError(
            f"PUBSUB_EMULATOR_HOST={address}: no Pub/Sub emulator of this machine answers there. Start one, as with "
            "`gcloud beta emulators pubsub start`, or unset the variable: our own server is used then."
        )
    return address
