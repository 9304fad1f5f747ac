"""Reads what standing.sql and on_record.sql give: thousands of creatives in a row, a column's values in a text each."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from functions.dedup.known import Hashes
from functions.dedup.memory.shelf import Numbers, Versions
from shared.events import Kind

_ID = np.dtype([("key", ">u8"), ("rest", "V12")])
_PIXELS = np.dtype([("pixels", ">u8"), ("other_pixels", ">u8")])


def keys(creative_ids: str) -> Numbers:
    """The keys of ids that are written one after another."""
    return np.frombuffer(bytes.fromhex(creative_ids), _ID)["key"].astype(np.uint64)


def columns(row: Mapping[str, Any], versions: Versions) -> tuple[dict[str, Numbers], Hashes]:
    """The columns of a shelf that a row of standing.sql holds, and the frames of all its creatives."""
    ids = np.frombuffer(bytes.fromhex(row["creative_ids"]), _ID)
    pixels = np.frombuffer(bytes.fromhex(row["pixels"]), _PIXELS)
    n_frames = _numbers(row["n_frames"], np.int32)
    found = {
        "key": ids["key"].astype(np.uint64),
        "rest": ids["rest"].copy(),
        "family": np.frombuffer(bytes.fromhex(row["family_ids"]), "V20"),
        "canonical": np.frombuffer(bytes.fromhex(row["canonical_ids"]), "V20"),
        "pixels": pixels["pixels"].astype(np.uint64),
        "other_pixels": pixels["other_pixels"].astype(np.uint64),
        "dhash": _numbers(row["dhash"], np.int64).view(np.uint64),
        "hashed": _numbers(row["hashed"], np.int8).astype(np.bool_),
        "aspect": _numbers(row["aspect"], np.float64),
        "area": _numbers(row["area"], np.int64),
        "difference": _numbers(row["difference"], np.float64),
        "inside_aspect": _numbers(row["inside_aspect"], np.float64),
        "duration_s": _numbers(row["duration_s"], np.float64),
        "decided_us": _numbers(row["decided_us"], np.int64),
        "film": np.full(len(ids), row["kind"] == Kind.VIDEO),
        "version": np.full(len(ids), versions.number(row["hash_version"]), np.uint8),
        "first": np.cumsum(n_frames, dtype=np.int64) - n_frames,
        "n_frames": n_frames,
    }
    return found, _numbers(row["frames"] or "", np.int64).view(np.uint64)


def _numbers(text: str, kind: type) -> Numbers:
    return np.fromstring(text, kind, sep=" ")
