"""What the page says of lists: nothing that only a terminal has."""

import re
from itertools import chain

import pytest

from creatives.page import refusing
from shared.wiring import ROOT

SAID = sorted(
    set(
        chain.from_iterable(
            re.findall(r"--[a-z-]+ (?:names|says)[^\"{]*", file.read_text())
            for folder in ("lists", "results")
            for file in (ROOT / "shared" / folder).glob("*.py")
        )
    )
)


def test_there_are_such_sentences() -> None:
    assert len(SAID) > 3


@pytest.mark.parametrize("said", SAID)
def test_on_the_page_no_list_is_told_an_option_of_the_command(said: str) -> None:
    told = refusing.without_options(f"no column is known. {said}")

    assert "--" not in told
    assert re.fullmatch(
        "no column is known. (call the column with .+ “(url|ad_id)”|say it in a column “currency”"
        "|write days as 2026-11-30)"
        " in the list, and send it again.*",
        told,
    )


def test_on_the_page_no_list_is_told_a_command_of_the_terminal() -> None:
    files = chain.from_iterable((ROOT / "shared" / folder).glob("*.py") for folder in ("lists", "results"))
    said = [each for file in files for each in re.findall('"[^"]*`creatives [^"]*"', file.read_text())]

    assert said
    assert not [told for told in map(refusing.without_options, said) if "`" in told]
