"""The mistakes of broken_rules.py can still be made: they change the files as those are now."""

import pytest

from shared.wiring import ROOT
from tests.infra.broken_rules import MISTAKES, Mistake, applied


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_changes_its_file(mistake: Mistake) -> None:
    text = (ROOT / mistake.file).read_text()

    assert applied(mistake, text) != text
