"""Cases of one kind, of which the gate tries the first and `make test-long` the others."""

from collections.abc import Sequence
from typing import Any

import pytest


def first_of(cases: Sequence[Any]) -> list[Any]:
    """The cases for `pytest.mark.parametrize`; a case of several arguments is a tuple."""
    others = [case if isinstance(case, tuple) else (case,) for case in cases[1:]]
    return [cases[0], *(pytest.param(*case, marks=pytest.mark.long) for case in others)]
