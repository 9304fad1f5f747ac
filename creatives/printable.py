"""Words of strangers on the terminal: names of files, a model's answers. They are shown, and a terminal obeys none.

Whatever a command writes to the terminal passes here: text by `Console`, JSON by `as_json`, a file by `lines`.
"""

import re
from collections.abc import Iterable
from typing import override

from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

# Controls of both sets (C0, C1) and DEL; what turns the direction of writing; separators of lines and paragraphs; other
# format controls that show nothing; halves of characters, which no terminal can be sent.
_OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_BUT_NEW_LINES = re.compile(f"(?!\n){_OBEYED.pattern}")
_SHOWN = "\N{REPLACEMENT CHARACTER}"


def line(text: str) -> str:
    """The text as one line that does nothing to the terminal."""
    return _OBEYED.sub(_SHOWN, text)


def lines(text: str) -> str:
    """The text, its new lines kept, which does nothing else to the terminal."""
    return _BUT_NEW_LINES.sub(_SHOWN, text)


def as_json(text: str) -> str:
    """A JSON document without line breaks, the same to whoever reads it, with nothing that a terminal obeys in it."""
    return _OBEYED.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


class Console(RichConsole):
    """A console that shows what a terminal would obey, and sends it no orders but its own."""

    @override
    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(lines(segment.text), segment.style)
