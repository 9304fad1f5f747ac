"""What a language model is told: `prompt.md`, and the feature model's own schema."""

import hashlib
import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from shared import features
from shared.events import Kind

_FILE = Path(__file__).with_name("prompt.md")

REPAIR = (
    "That answer does not fit the structure:\n{faults}\n"
    "Give the whole answer again, corrected. Keep what was right, and use null where you cannot tell."
)


@cache
def instructions() -> str:
    """The system instruction."""
    return _FILE.read_text(encoding="utf-8").strip()


def version(model: type[BaseModel]) -> str:
    """Twelve hex digits that change with anything the model is told: the instructions, the fields' descriptions."""
    schemas = [features.model_for(kind, model).model_json_schema() for kind in Kind]
    told = json.dumps([instructions(), REPAIR, schemas], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]
