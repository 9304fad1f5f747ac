"""The filter language of Pub/Sub subscriptions, over a message's attributes.

Grammar, from https://cloud.google.com/pubsub/docs/subscription-message-filter: comparisons `attributes:key`,
`attributes.key = "value"`, `attributes.key != "value"`, `hasPrefix(attributes.key, "prefix")`; `NOT` or `-` before one;
`AND` or `OR` between, never both without parentheses. Keys may be quoted.
"""

import json
import re
from collections.abc import Callable, Mapping

type Predicate = Callable[[Mapping[str, str]], bool]

_TOKEN = re.compile(r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<symbol>!=|[=:().,-])|(?P<word>[A-Za-z_][A-Za-z0-9_]*))')


class FilterError(ValueError):
    """The filter is not in the language; the message says where it stops being so."""


def parse(text: str) -> Predicate:
    """The predicate that `text` describes; the empty filter lets everything through.

    Raises:
        FilterError: when `text` is not a filter.
    """
    if not text.strip():
        return lambda _: True
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
        if not token.isidentifier():
            raise self._error("expected an attribute's name")
        self._at += 1
        return token

    def _string(self) -> str:
        token = self._peek()
        if not token.startswith('"'):
            raise self._error("expected a text in double quotes")
        self._at += 1
        try:
            return str(json.loads(token, strict=False))
        except ValueError:
            raise self._error(f"{token} is not a text") from None

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
