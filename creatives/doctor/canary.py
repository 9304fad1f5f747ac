"""One small creative of its own, sent through the whole chain: whether it arrives, and how long each stage takes.

It is an upload like any other, so it has rows of its own in every table (ad id `canary/…`) and, with a model that is
paid for, costs one call. The object is deleted afterwards; the rows stay, as all rows do.
"""

import io
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from google.cloud import bigquery
from PIL import Image, ImageDraw

from creatives.doctor.check import Check, Deployment, fault, well
from functions.hash import decoding
from shared import identity
from shared.media.sandbox import InMemory

LIMIT_S = 600.0
_PAUSE_S = 1.0
_PROGRESS = (Path(__file__).with_name("canary.sql")).read_text()
_STORED_HASH = (Path(__file__).with_name("canary_hash.sql")).read_text()

# A stage, and the table whose row says that it is done. Dedup sends only what is new on to extract.
STAGES = {"intake": "images", "hash": "fingerprints", "dedup": "matches", "extract": "features"}


@dataclass(frozen=True)
class Canary:
    """A creative under way.

    Attributes:
        name: the object's.
        creative_id: by which the tables know it.
        dhash: as it is computed here. It has more bits than a number in JSON keeps for sure (2^53).
        uploaded_at: when it was there.
    """

    name: str
    creative_id: str
    dhash: int
    uploaded_at: datetime


def checks(deployment: Deployment, *, limit_s: float = LIMIT_S) -> Iterator[Check]:
    """Sends a canary and says, stage by stage, how many seconds it took; stops at the first that does not come."""
    sent = send(deployment)
    before = sent.uploaded_at
    try:
        deadline = time.monotonic() + limit_s
        for stage, table in STAGES.items():
            done_at = _wait_for(deployment, sent, table, deadline)
            if done_at is None:
                yield _stuck(deployment, sent, stage, limit_s)
                return
            yield well(f"canary: {stage}", f"{(done_at - before).total_seconds():.1f} s")
            before = done_at
            if stage == "hash":
                yield bits(deployment.bigquery, f"{deployment.project}.{deployment.settings.dataset}", sent)
        yield well("canary", f"through in {(before - sent.uploaded_at).total_seconds():.1f} s")
    finally:
        deployment.storage.bucket(deployment.bucket_name("creatives")).blob(sent.name).delete()


def send(deployment: Deployment) -> Canary:
    """Uploads a creative that has never been there before."""
    content, dhash = draw()
    name = f"canary/{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.png"
    blob = deployment.storage.bucket(deployment.bucket_name("creatives")).blob(name)
    blob.upload_from_string(content, "image/png")
    return Canary(name, identity.creative_id(content), dhash, datetime.now(UTC))


def bits(client: bigquery.Client, dataset: str, sent: Canary) -> Check:
    """Whether the table holds the canary's hash bit for bit: on the way it was a number in JSON.

    Args:
        client: of BigQuery.
        dataset: as project.dataset.
        sent: a canary whose fingerprint is a row by now.
    """
    config = bigquery.QueryJobConfig(default_dataset=dataset, query_parameters=_parameters(sent))
    stored = [row["dhash"] for row in client.query_and_wait(_STORED_HASH, job_config=config)]
    if stored == [sent.dhash]:
        return well("canary: bits", "the stored hash is the computed one, bit for bit")
    advice = "Duplicates are found by these bits: report it, with this line, to the maintainers; nothing else is wrong."
    return fault("canary: bits", f"the table holds {stored}, computed was {sent.dhash}", advice)


def draw() -> tuple[bytes, int]:
    """A small ad, and its hash, of which no double has all bits."""
    while True:
        content = _noise()
        measured = decoding.measure(InMemory(content), content_type="image/png", max_pixels=10**6)
        dhash = decoding.Measured.model_validate_json(measured).dhash
        if dhash is not None and int(float(dhash)) != dhash:
            return content, dhash


def _noise() -> bytes:
    """Coloured noise, so that it is nobody's duplicate, with words on it."""
    noise = Image.frombytes("RGB", (16, 12), secrets.token_bytes(16 * 12 * 3))
    picture = noise.resize((320, 240), Image.Resampling.BICUBIC)
    ImageDraw.Draw(picture).text((20, 100), "Canary 10% OFF", fill="white", stroke_width=2, stroke_fill="black")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _wait_for(deployment: Deployment, sent: Canary, table: str, deadline: float) -> datetime | None:
    """When the canary's row in `table` was decided; None when it does not come before `deadline`, or it has failed."""
    while time.monotonic() < deadline:
        rows = _rows(deployment, sent)
        if table in rows:
            return rows[table]
        if "failures" in rows:
            return None
        time.sleep(_PAUSE_S)
    return None


def _rows(deployment: Deployment, sent: Canary) -> dict[str, datetime]:
    """The first row of each table about the canary, by the table's name."""
    config = bigquery.QueryJobConfig(
        default_dataset=f"{deployment.project}.{deployment.settings.dataset}",
        query_parameters=_parameters(sent),
    )
    return {row["stage"]: row["done_at"] for row in deployment.bigquery.query_and_wait(_PROGRESS, job_config=config)}


def _parameters(sent: Canary) -> list[bigquery.ScalarQueryParameter]:
    return [
        bigquery.ScalarQueryParameter("creative_id", "STRING", sent.creative_id),
        bigquery.ScalarQueryParameter("since", "TIMESTAMP", sent.uploaded_at.replace(hour=0, minute=0)),
    ]


def _stuck(deployment: Deployment, sent: Canary, stage: str, limit_s: float) -> Check:
    if "failures" in _rows(deployment, sent):
        advice = f"See why: `creatives failures`, creative {sent.creative_id}."
        return fault(f"canary: {stage}", "refused", advice)
    subscriptions = [name for name, s in deployment.wired.push_subscriptions.items() if s.function == stage]
    return fault(
        f"canary: {stage}",
        f"nothing within {limit_s:.0f} s",
        f"Look at the function {stage} and its subscription ({', '.join(subscriptions)}) in the checks above and in "
        "its log; if extraction waits for money or the next batch, that is why.",
    )
