"""The leases of a killed run: given up by the next, which is held up by none."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from local import leases
from shared import idempotency, wiring
from tests import gcs

# Takes a lease for an hour and is killed in the middle of the work.
HOLDER = """
import os, signal, sys
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from shared import idempotency
bucket = storage.Client(project="test", credentials=AnonymousCredentials()).bucket("results")
idempotency.run_idempotently(bucket, sys.argv[1], lambda _: os.kill(os.getpid(), signal.SIGKILL), lease_s=3600)
"""


@pytest.mark.server
def test_what_was_under_way_is_done_at_once_and_no_answer_is_lost(tmp_path: Path) -> None:
    name = f"answers/{hashlib.sha256(b'a').hexdigest()}.json"
    with gcs.served(tmp_path):
        bucket = storage.Client(project="test", credentials=AnonymousCredentials()).create_bucket("results")
        idempotency.run_idempotently(bucket, "answers/short.json", lambda _: b"{}", lease_s=60)
        held = subprocess.run([sys.executable, "-c", HOLDER, name], cwd=wiring.ROOT, env=dict(os.environ), check=False)

    released = leases.release(tmp_path / "objects" / "results")

    assert held.returncode == -signal.SIGKILL
    assert released == 1
    with gcs.served(tmp_path):
        bucket = storage.Client(project="test", credentials=AnonymousCredentials()).bucket("results")
        assert idempotency.run_idempotently(bucket, name, lambda _: b"done", lease_s=60, wait_s=0) == b"done"
        assert idempotency.run_idempotently(bucket, "answers/short.json", lambda _: b"again", lease_s=60) == b"{}"
