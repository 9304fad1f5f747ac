"""YAML as lines of text: what a file says and where, and nothing that it would make a reader do.

Anybody may write such a file. It is read as events, so that nothing nests deeper, grows larger or is made of other
than texts, lists and mappings; anchors, aliases, tags and repeated keys are refused. A plain `no` is the text no.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from shared.taxonomy.faults import Fault, TaxonomyError

MOST_BYTES = 256 * 1024
_DEEPEST = 8
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Text:
    """A scalar, as it is written."""

    text: str
    line: int
    quoted: bool = False


@dataclass(frozen=True)
class Items:
    """A list."""

    items: "tuple[Node, ...]"
    line: int


@dataclass(frozen=True)
class Entries:
    """A mapping, its keys in their order."""

    entries: "dict[str, tuple[Text, Node]]"
    line: int


type Node = Text | Items | Entries


def read(content: bytes, name: str) -> Node:
    """What the one document in `content` says.

    Raises:
        TaxonomyError: naming the line and what is wrong there.
    """
    if len(content) > MOST_BYTES:
        raise TaxonomyError(name, [Fault(1, f"the file has more than {MOST_BYTES:,} bytes")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise TaxonomyError(name, [Fault(line, "the file is not UTF-8: save it so")]) from None
    building = _Building()
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            building.take(event)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise TaxonomyError(name, [Fault(line, "a character that no text file holds")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise TaxonomyError(name, [Fault(mark.line + 1 if mark else 1, f"no YAML: {error.problem}")]) from None
    except ValueError:  # of an escape that is no character
        raise TaxonomyError(name, [Fault(building.line, "an escape (\\U…) that is no character")]) from None
    except _RefusedError as error:
        raise TaxonomyError(name, [error.fault]) from None
    if building.faults:
        raise TaxonomyError(name, building.faults)
    if building.root is None:
        raise TaxonomyError(name, [Fault(1, "the file is empty")])
    return building.root


class _RefusedError(Exception):
    def __init__(self, line: int, said: str) -> None:
        self.fault = Fault(line, said)


@dataclass
class _Open:
    """A list or mapping whose end has not come."""

    line: int
    is_mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Text, Node]] = field(default_factory=dict)
    key: Text | None = None

    def closed(self) -> Node:
        return Entries(self.entries, self.line) if self.is_mapping else Items(tuple(self.items), self.line)


class _Building:
    """Nodes out of events, without recursion."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self.line = 1
        self._open: list[_Open] = []

    def take(self, event: yaml.Event) -> None:
        line = self.line = event.start_mark.line + 1 if event.start_mark else 1
        self._require_plain(event, line)
        match event:
            case yaml.ScalarEvent():
                self._add(Text(event.value, line, quoted=event.style in ("'", '"')))
            case yaml.CollectionStartEvent():
                if len(self._open) >= _DEEPEST:
                    raise _RefusedError(line, "nested deeper than anything a taxonomy holds")
                self._open.append(_Open(line, isinstance(event, yaml.MappingStartEvent)))
            case yaml.CollectionEndEvent():
                self._add(self._open.pop().closed())
            case yaml.DocumentStartEvent() if self.root is not None:
                raise _RefusedError(line, "a second document begins: one file holds one taxonomy")

    def _require_plain(self, event: yaml.Event, line: int) -> None:
        if getattr(event, "anchor", None):
            raise _RefusedError(line, "anchors and aliases (&, *) are not read; quote a text that begins so")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise _RefusedError(line, f"tags ({shown(str(tag))}) are not read")

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        around = self._open[-1]
        if not around.is_mapping:
            around.items.append(node)
        elif around.key is None:
            if not isinstance(node, Text):
                raise _RefusedError(node.line, "a key is a list or a mapping: keys are texts")
            around.key = node
        else:
            key, around.key = around.key, None
            self._add_entry(around, key, node)

    def _add_entry(self, around: _Open, key: Text, node: Node) -> None:
        if key.text in around.entries:
            first = around.entries[key.text][0].line
            self.faults.append(Fault(key.line, f"{shown(key.text)} stands there twice, first in line {first}"))
        else:
            around.entries[key.text] = key, node


def texts(node: Node) -> Iterator[Text]:
    """The texts of a list; one that stands alone is a list of itself."""
    match node:
        case Text():
            yield node
        case Items():
            yield from (each for each in node.items if isinstance(each, Text))


def shown(text: str) -> str:
    """A text of the file within a sentence: on one line, no longer than that, and nothing that a terminal obeys."""
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")
