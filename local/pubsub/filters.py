"""The filter language of Pub/Sub subscriptions, over a message's attributes.

Grammar, from https://cloud.google.com/pubsub/docs/subscription-message-filter: comparisons `attributes:key`,
`attributes.key = "value"`, `attributes.key != "value"`, `hasPrefix(attributes.key, "prefix")`; `NOT` or `-` before one;
`AND` or `OR` between, never both without parentheses. A key of other letters than A-Z, a-z, 0-9, _ and - is quoted. In
quotes stand the escapes of C: \\n, \\", \\x41, \\101, \\u00e9, \\U0001f600.

`!=` also holds for a message without the key, as `NOT … =` does.
"""

import re
from collections.abc import Callable, Mapping

type Predicate = Callable[[Mapping[str, str]], bool]

MAX_BYTES = 256

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<symbol>!=|[=:().,-])|(?P<word>[A-Za-z0-9_][A-Za-z0-9_-]*))'
)
_ESCAPE = re.compile(
    r"""\\(?:(?P<plain>[abfnrtv\\"'?`])|(?P<octal>[0-3][0-7]{2})
    |x(?P<hex2>[0-9A-Fa-f]{2})|u(?P<hex4>[0-9A-Fa-f]{4})|U(?P<hex8>[0-9A-Fa-f]{8})|(?P<wrong>.?))""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class FilterError(ValueError):
    """The filter is not in the language; the message says where it stops being so."""


def parse(text: str) -> Predicate:
    """The predicate that `text` describes; the empty filter lets everything through.

    Raises:
        FilterError: when `text` is not a filter.
    """
    if not text.strip():
        return lambda _: True
    if len(text.encode()) > MAX_BYTES:
        raise FilterError(f"a filter has at most {MAX_BYTES} bytes")
    parser = _Parser(text)
    predicate = parser.expression()
    parser.end()
    return predicate


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def expression(self) -> Predicate:
        terms = [self._term()]
        operator = self._peek() if self._peek() in ("AND", "OR") else None
        while operator and self._take_if(operator):
            terms.append(self._term())
        if self._peek() in ("AND", "OR"):
            raise self._error("AND and OR need parentheses between them")
        combine = any if operator == "OR" else all
        return lambda attributes: combine(term(attributes) for term in terms)

    def end(self) -> None:
        if self._peek():
            raise self._error(f"unexpected {self._peek()}")

    def _term(self) -> Predicate:
        if self._take_if("NOT") or self._take_if("-"):
            negated = self._term()
            return lambda attributes: not negated(attributes)
        if self._take_if("("):
            inner = self.expression()
            self._take(")")
            return inner
        if self._take_if("hasPrefix"):
            return self._has_prefix()
        return self._comparison()

    def _has_prefix(self) -> Predicate:
        self._take("(")
        self._take("attributes")
        self._take(".")
        key = self._key()
        self._take(",")
        prefix = self._string()
        self._take(")")
        return lambda attributes: attributes.get(key, "").startswith(prefix) and key in attributes

    def _comparison(self) -> Predicate:
        self._take("attributes")
        if self._take_if(":"):
            present = self._key()
            return lambda attributes: present in attributes
        self._take(".")
        key = self._key()
        if self._take_if("!="):
            other = self._string()
            return lambda attributes: attributes.get(key) != other
        self._take("=")
        value = self._string()
        return lambda attributes: attributes.get(key) == value

    def _key(self) -> str:
        token = self._peek()
        if token.startswith('"'):
            return self._string()
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", token):
            raise self._error("expected an attribute's name")
        self._at += 1
        return token

    def _string(self) -> str:
        token = self._peek()
        if not token.startswith('"'):
            raise self._error("expected a text in double quotes")
        self._at += 1
        try:
            return _ESCAPE.sub(_unescaped, token[1:-1])
        except ValueError:
            raise self._error(f"{token} has an escape that is none") from None

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take_if(self, token: str) -> bool:
        found = self._peek() == token
        self._at += found
        return found

    def _take(self, token: str) -> None:
        if not self._take_if(token):
            raise self._error(f"expected {token}")

    def _error(self, problem: str) -> FilterError:
        return FilterError(f"filter {self._text!r}: {problem} (at its word {self._at + 1})")


def _unescaped(match: re.Match[str]) -> str:
    if match["wrong"] is not None:
        raise ValueError("no such escape")
    if match["plain"]:
        return _PLAIN.get(match["plain"], match["plain"])
    if match["octal"]:
        return chr(int(match["octal"], 8))
    return chr(int(match["hex2"] or match["hex4"] or match["hex8"], 16))


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match:
            raise FilterError(f"filter {text!r}: cannot be read from {text[at:].strip()[:20]!r} on")
        tokens.append(match["string"] or match["symbol"] or match["word"])
        at = match.end()
    return tokens
