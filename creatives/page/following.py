"""Ads that were just sent, followed to their results: each by a key that says nothing and is short."""

import hashlib
import re
from collections.abc import Sequence
from typing import TypeGuard

from creatives.page.reading import Dataset
from shared import reasons

MOST = 200
"""Ads that a request may ask for, and that the answer to an upload names."""

_NAME_CHARS = 200
_KEY = re.compile(r"[0-9a-f]{64}")
_SHORT = 16  # digits: of a million ads, two agree in them once in 40 million times

type Sent = tuple[str, str | None]
"""An ad's id and its source."""


def named(ads: Sequence[Sent]) -> list[dict[str, str]]:
    """The first of some ads, each with its name and the key to ask for it by."""
    return [{"name": ad_id[:_NAME_CHARS], "key": key_of(ad_id, source)} for ad_id, source in ads[:MOST]]


def key_of(ad_id: str, source: str | None) -> str:
    """What an ad goes by; `status.sql` makes the same of the dataset's."""
    return hashlib.sha256(f"{ad_id}\n{source or ''}".encode()).hexdigest()


def short_key_of(ad_id: str, source: str | None) -> str:
    """The beginning of its key, which is enough to count by: many are asked for at once (`counted.sql`)."""
    return key_of(ad_id, source)[:_SHORT]


def are_keys(sent: object) -> TypeGuard[list[str]]:
    """Whether these are keys, and not too many of them."""
    return (
        isinstance(sent, list)
        and len(sent) <= MOST
        and all(isinstance(each, str) and _KEY.fullmatch(each) is not None for each in sent)
    )


def status(dataset: Dataset, keys: Sequence[str]) -> list[dict[str, str | None]]:
    """What is known of the ads of these keys; nothing of those that no stage has seen yet."""
    rows = dataset.ads(keys) if keys else []
    return [
        {
            "key": row["key"],
            "status": row["status"],
            "why": reasons.sentence(row["reason"]) if row["status"] == "failed" else None,
            "stage": row["waiting_stage"],
            "creative_id": row["creative_id"],
            "original_id": row["original_id"],
        }
        for row in rows
    ]
