"""The canary's hash: of more bits than a double has, and compared with what the table holds."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from creatives.doctor import canary
from creatives.doctor.check import Status
from shared import identity
from shared.events import Fingerprint
from tests.bigquery import PROJECT, Dataset

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


def fingerprint(creative_id: str, dhash: int) -> Fingerprint:
    size = {"width": 320, "height": 240, "aspect_ratio": "4:3", "bytes": 9}
    found = {"uri": "gs://c/x", "content_type": "image/png", "kind": "image", "near_blank": False, "hash_version": "1"}
    ids = {"event_id": "e", "occurred_at": NOW, "creative_id": creative_id}
    return Fingerprint.model_validate({**ids, **size, **found, "dhash": dhash})


@pytest.mark.parametrize("lost_bits", [0, 1, 11])
def test_a_hash_that_lost_bits_on_its_way_is_told(dataset: Dataset, lost_bits: int) -> None:
    content, dhash = canary.draw()
    sent = canary.Canary("canary/x.png", identity.creative_id(content), dhash, NOW)
    stored = dhash >> lost_bits << lost_bits if lost_bits != 1 else dhash ^ 1
    dataset.load("fingerprints", [fingerprint(sent.creative_id, stored)])

    said = canary.bits(dataset.client, f"{PROJECT}.{dataset.name}", sent)

    assert (said.status is Status.OK) == (stored == dhash)
    assert lost_bits == 0 or str(dhash) in said.found


def test_no_double_has_all_bits_of_its_hash() -> None:
    _, dhash = canary.draw()

    assert Decimal(float(dhash)) != dhash
