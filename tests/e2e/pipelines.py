"""The local pipeline as a user starts it: the `creatives` command, in processes of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from typer.testing import CliRunner

from creatives import cli
from local import running
from local.prepared import Prepared
from shared import wiring
from tests import bigquery as bigquery_server

CREATIVES = Path(sys.executable).parent / "creatives"
HANGS_S = 400
"""Longer than anything takes on a machine that is busy with other things: what is not there by then never comes."""
NOTHING: Mapping[str, str] = {}


def run(
    *arguments: str | Path, data: Path, expect: int = 0, variables: Mapping[str, str] = NOTHING
) -> subprocess.CompletedProcess[str]:
    """Runs one `creatives` command to its end, with `variables` on top of an environment that leads nowhere."""
    prepare()
    command = [str(CREATIVES), *map(str, arguments), "--data", str(data)]
    env = environment() | dict(variables)
    done = subprocess.run(command, capture_output=True, text=True, cwd=wiring.ROOT, env=env, check=False)
    assert done.returncode == expect, f"{command} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done


def printed(*arguments: str | Path, data: Path) -> str:
    """What a `creatives` command prints, run in this process: in one of its own it takes seconds to import."""
    done = CliRunner().invoke(cli.app, [*map(str, arguments), "--data", str(data)])
    assert done.exit_code == 0, done.output
    return done.stdout


def analyze(
    *arguments: str | Path, data: Path, expect: int = 0, variables: Mapping[str, str] = NOTHING
) -> list[dict[str, Any]]:
    """Runs `creatives analyze … --json` and gives its objects, one per ad."""
    output = run("analyze", *arguments, "--json", data=data, expect=expect, variables=variables).stdout
    return [json.loads(line) for line in output.splitlines()]


@contextmanager
def up(data: Path, *options: str, variables: Mapping[str, str] = NOTHING) -> Iterator[dict[str, str]]:
    """`creatives up` until the end of the block; gives the variables that reach it."""
    prepare()
    command = [str(CREATIVES), "up", "--data", str(data), *options]
    env = environment() | dict(variables)
    process = subprocess.Popen(
        command, cwd=wiring.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_for(lambda: (data / "env").exists() or process.poll() is not None)
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        yield running.read_variables(data)
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=HANGS_S)
    assert process.returncode == 0, output
    assert re.match(r"http://127\.0\.0\.1:\d+ opens", output), output  # first of all


@cache
def prepare() -> None:
    """Has the dataset of a new folder where a command looks for it."""
    with patch.dict(os.environ, environment() | running.names(), clear=True):
        raw_ads = running.raw_ads()
    bigquery_server.prepare(Prepared(wiring.load(), running.PROJECT, running.DATASET, raw_ads))


def bigquery_client(variables: Mapping[str, str]) -> bigquery.Client:
    """A client of the pipeline's BigQuery; this process's environment stays as it is."""
    return bigquery.Client(
        project=variables["GOOGLE_CLOUD_PROJECT"],
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": variables["BIGQUERY_EMULATOR_HOST"]},
    )


def enriched(client: bigquery.Client, columns: str = "*") -> list[dict[str, Any]]:
    """The rows of `ads_enriched`."""
    return [dict(row.items()) for row in client.query_and_wait(f"SELECT {columns} FROM creatives.ads_enriched")]


def wait_for(condition: Any, limit_s: float = HANGS_S, pause_s: float = 0.1) -> None:
    """Waits until `condition()` holds, `limit_s` seconds at most, and takes a quarter of a core at most to find out:
    what takes a second to ask is asked again after three, so that what is waited for has the machine.
    """
    deadline = time.monotonic() + limit_s
    asked = time.monotonic()
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit_s} s"
        time.sleep(max(pause_s, 3 * (time.monotonic() - asked)))
        asked = time.monotonic()


def environment() -> dict[str, str]:
    """The environment without what would lead the pipeline elsewhere, or let it pay."""
    ours = {"DAILY_BUDGET_USD", "EXTRACTOR", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "PUBSUB_STATUS_URL"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ours
        and not name.startswith(("GEMINI_", "OPENAI_", "AZURE_OPENAI_"))
        and not name.upper().endswith(("EMULATOR_HOST", "_PROXY"))
    }
