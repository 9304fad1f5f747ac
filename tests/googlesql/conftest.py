"""Google's analyzer and evaluator for the tests of this folder."""

import pytest

from tests.googlesql import engine
from tests.googlesql.engine import Engine


@pytest.fixture(scope="session")
def google() -> Engine:
    """The engine, where there is one: the gate fails without, other platforms say that they lack it."""
    return engine.started()
