"""What a person says of a feature, as the event that everybody may publish: whoever asks, it is checked alike."""

import getpass
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from creatives.operations.tables import Tables
from local import chosen
from shared import corrections, features
from shared.events import Correction, Event, Kind

type Action = Literal["correct", "confirm", "reset"]
type Told = Mapping[str, Mapping[str, object]]
"""What the features of creatives say, by the creatives' ids."""

_FOLDER = Path(__file__).parent
_POLL_S = 0.25


class StandsOtherwiseError(ValueError):
    """What shall be confirmed is not what the feature says; the message tells what it says."""


def event[T: Event](kind: type[T], /, **values: str | None) -> T:
    """What this user says, now.

    Raises:
        ValidationError: when that cannot be said.
    """
    return kind.model_validate({"event_id": uuid.uuid4().hex, "author": getpass.getuser(), **values})


def word(
    model: type[BaseModel],
    kind: Kind,
    creative_id: str,
    field: str,
    action: Action,
    value: object = None,
    note: str | None = None,
) -> Correction:
    """A word on a feature of a creative: `value` as it is typed, or as JSON holds it; of `reset` it is no matter.

    Raises:
        NotAllowedError: when it cannot stand in that field.
    """
    if action == "reset":
        return event(Correction, creative_id=creative_id, field=field, action=action, note=note)
    said = value if isinstance(value, str) else corrections.typed(value)
    plain = corrections.word(model, kind, field, said)
    if action == "confirm" and plain is None:
        plain = ""  # it cannot be told, also when another answer tells; without a value it would be what the model says
    return event(Correction, creative_id=creative_id, field=field, action=action, value=plain, note=note)


def asked_model(data: Path) -> type[BaseModel]:
    """The feature model that the pipeline on a data folder asks by: it says what may be said."""
    return features.load(chosen.variables(data).get("FEATURES", features.DEFAULT))


def kinds(tables: Tables, creative_ids: Sequence[str]) -> Mapping[str, Kind]:
    """Which kind of features those of the creatives have that were compared with others: a picture that moves has those
    of videos.
    """
    return {row["creative_id"]: Kind(row["kind"]) for row in tables.within(_FOLDER).ask("known", ids=creative_ids)}


def corrected(tables: Tables, creative_id: str) -> list[str]:
    """The fields of a creative of which a person's word holds."""
    return [row["field"] for row in tables.within(_FOLDER).ask("corrected", ids=[creative_id])]


def later(tables: Tables, said: Sequence[Correction]) -> list[str]:
    """The fields of a creative on which a later word holds than those said now, each with who said it and when."""
    fields, last = {word.field for word in said}, max(word.occurred_at for word in said)
    rows = tables.within(_FOLDER).ask("later", ids=[said[0].creative_id], than=last)
    return [
        f"{row['field']}: {row['author']}'s word of {row['corrected_at']:%-d %B %Y %H:%M} UTC is later, and holds"
        for row in rows
        if row["field"] in fields
    ]


def wait_until_written(tables: Tables, said: Sequence[Correction], *, limit_s: float) -> bool:
    """Waits until published words are in the table, so that whoever asks next is told by them; whether they are, after
    `limit_s` seconds at most: rows come with those of a pipeline that may be busy.
    """
    ids = {word.event_id for word in said}
    deadline = time.monotonic() + limit_s
    while len(tables.within(_FOLDER).ask("written", ids=sorted(ids))) < len(ids):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True


def require_standing(tables: Tables, model: type[BaseModel], said: Sequence[Correction]) -> None:
    """Whether confirmations are of what the features say now: who confirms has that before their eyes.

    Raises:
        StandsOtherwiseError: when one of them says something else by now.
    """
    if not said:
        return
    told = current(tables, said)
    for word in said:
        stands = corrections.typed(told.get(word.creative_id, {}).get(word.field))
        if not _stands(model, word, stands):
            says = f"it says {stands} now" if stands else "it says nothing now"
            raise StandsOtherwiseError(f"{word.field}: {says}: look again before you confirm it, or correct it")


def standing(told: Told, model: type[BaseModel], said: Sequence[Correction]) -> list[str]:
    """The fields that say already what is said of them, by what is `current`."""
    stands = ((word, corrections.typed(told.get(word.creative_id, {}).get(word.field))) for word in said)
    return [word.field for word, typed in stands if _stands(model, word, typed)]


def price_text_left(told: Told, said: Sequence[Correction]) -> str | None:
    """The words that state a creative's price, where another price is said of it and nothing of those words."""
    fields = {word.field for word in said}
    if "price" not in fields or "price_text" in fields:
        return None
    price_text = told.get(said[0].creative_id, {}).get("price_text")
    return str(price_text) if price_text else None


def current(tables: Tables, said: Sequence[Correction]) -> Told:
    """What the features of the creatives say now, of which something is said."""
    rows = tables.within(_FOLDER).ask("standing", ids=sorted({word.creative_id for word in said}))
    return {row["creative_id"]: row["features"] or {} for row in rows}


def _stands(model: type[BaseModel], said: Correction, stands: str) -> bool:
    try:
        return corrections.mean_the_same(model, said.field, stands, said.value)
    except corrections.NotAllowedError:  # a value of an earlier taxonomy, and so not the one that is said
        return False
