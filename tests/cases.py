"""Cases of one kind, of which the gate tries some and `make test-long` the others."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest


def first_of(cases: Sequence[Any]) -> list[Any]:
    """The cases for `pytest.mark.parametrize`; a case of several arguments is a tuple."""
    return some_of(cases, cases[:1])


def some_of(cases: Collection[Any], in_the_gate: Collection[Any]) -> list[Any]:
    """The same with several for the gate, which must be among the cases."""
    assert all(case in cases for case in in_the_gate)
    return [case if case in in_the_gate else _long(case) for case in cases]


def _long(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.long)
