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
from shared import identity

LIMIT_S = 600.0
_PAUSE_S = 1.0
_PROGRESS = (Path(__file__).with_name("canary.sql")).read_text()

# A stage, and the table whose row says that it is done. Dedup sends only what is new on to extract.
STAGES = {"intake": "images", "hash": "fingerprints", "dedup": "matches", "extract": "features"}


@dataclass(frozen=True)
class Canary:
    """A creative under way.

    Attributes:
        name: the object's.
        creative_id: by which the tables know it.
        uploaded_at: when it was there.
    """

    name: str
    creative_id: str
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
        yield well("canary", f"through in {(before - sent.uploaded_at).total_seconds():.1f} s")
    finally:
        deployment.storage.bucket(deployment.bucket_name("creatives")).blob(sent.name).delete()


def send(deployment: Deployment) -> Canary:
    """Uploads a creative that has never been there before."""
    content = draw()
    name = f"canary/{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.png"
    blob = deployment.storage.bucket(deployment.bucket_name("creatives")).blob(name)
    blob.upload_from_string(content, "image/png")
    return Canary(name, identity.creative_id(content), datetime.now(UTC))


def draw() -> bytes:
    """A small ad: coloured noise, so that it is nobody's duplicate, with words on it."""
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
        query_parameters=[
            bigquery.ScalarQueryParameter("creative_id", "STRING", sent.creative_id),
            bigquery.ScalarQueryParameter("since", "TIMESTAMP", sent.uploaded_at.replace(hour=0, minute=0)),
        ],
    )
    return {row["stage"]: row["done_at"] for row in deployment.bigquery.query_and_wait(_PROGRESS, job_config=config)}


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
