"""What people put on a creative and take off it, as the event that everybody may publish: of one form, whoever asks."""

from typing import Literal

from creatives import printable
from creatives.corrections import saying
from shared.events import Label

type Kind = Literal["tag", "note"]
type Action = Literal["add", "remove"]

MOST_OF_TAG = 60
MOST_OF_NOTE = 2000


class UnfitLabelError(ValueError):
    """A text that cannot be a tag, or a note; the message says why."""


def label(creative_id: str, kind: Kind, text: str, action: Action = "add") -> Label:
    """A tag or note of this user, now.

    Raises:
        UnfitLabelError: when the text cannot be one.
    """
    made = formed(kind, text)
    if kind == "tag" and action == "add" and "," in made:
        raise UnfitLabelError("a tag has no comma, which stands between tags: put them on one by one")
    return saying.event(Label, creative_id=creative_id, kind=kind, text=made, action=action)


def formed(kind: Kind, text: str) -> str:
    """A text in its one form: a tag in lower case with single spaces, a note without space around it.

    Raises:
        UnfitLabelError: when it cannot be one.
    """
    made = " ".join(text.split()).lower() if kind == "tag" else "\n".join(text.strip().expandtabs(1).splitlines())
    most = MOST_OF_TAG if kind == "tag" else MOST_OF_NOTE
    if not made:
        raise UnfitLabelError(f"an empty {kind} says nothing")
    if len(made) > most:
        raise UnfitLabelError(f"a {kind} has up to {most:,} characters, this one {len(made):,}")
    if unseen := next((each for each in made if printable.lines(each) != each), None):
        raise UnfitLabelError(f"the {kind} holds a character that nobody sees (U+{ord(unseen):04X}): type it without")
    return made
