"""The doctor on a pipeline that runs here: what is taken away is missed. That all is well tests/e2e/test_up.py says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from shared.wiring import ROOT
from tests.e2e import pipelines

pytestmark = pytest.mark.server

EXAMINE = """
import json, sys
from creatives import doctor
from creatives.doctor import canary, check
from shared.settings import Settings
names = json.loads(sys.argv[1])
at = check.local(names)
found = list(doctor.checks(at)) + (list(canary.checks(at, limit_s=400)) if "canary" in sys.argv else [])
print(json.dumps([[each.what, each.status, each.found, each.advice] for each in found]))
"""
UNSUBSCRIBE = """
import sys
from google.cloud import pubsub_v1
with pubsub_v1.SubscriberClient() as subscriber:
    subscriber.delete_subscription(subscription=subscriber.subscription_path(sys.argv[1], "hash"))
"""


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with pipelines.up(tmp_path_factory.mktemp("data"), "--extractor", "offline") as found:
        yield found


def examine(variables: Mapping[str, str], *options: str) -> dict[str, tuple[str, str]]:
    """Each check's status and finding, by what was looked at."""
    output = _python(EXAMINE, variables, json.dumps(dict(variables)), *options)
    return {what: (status, found) for what, status, found, _ in json.loads(output)}


def _python(code: str, variables: Mapping[str, str], *arguments: str) -> str:
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=Path.home())
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_a_missing_subscription_is_missed(variables: dict[str, str]) -> None:
    _python(UNSUBSCRIBE, variables, variables["GOOGLE_CLOUD_PROJECT"])

    found = examine(variables)

    assert found["subscription hash"] == ("fault", "missing: images goes nowhere")
