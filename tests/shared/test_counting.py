"""Numbers with their nouns and verbs: what is told of one thing is told of one."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from shared.counting import many, the_first, verb
from shared.wiring import ROOT

ROOMS = ("creatives", "functions", "local", "shared")
FIXED = re.compile(r" (?!pixels|bytes|characters|times)[a-z]+s\b(?! \()")
OF_SEVERAL = re.compile(r"[^.;:]*?,? (are|were|have|tell|take|use|ask|need|lack|say)\b")


def phrases(tree: ast.AST) -> Iterator[tuple[int, ast.FormattedValue, str]]:
    """What follows each number that a sentence of a file fills in, up to the next."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for value, after in zip(node.values, node.values[1:], strict=False):
                if isinstance(value, ast.FormattedValue) and isinstance(after, ast.Constant):
                    yield value.lineno, value, str(after.value)


def faults(file: Path) -> Iterator[str]:
    """Sentences that would say `1 answers` or `1 ad are`. A limit, which is a constant, is never one."""
    for line, value, after in phrases(ast.parse(file.read_text())):
        told = ast.unparse(value.value)
        is_counted = value.format_spec is not None and "','" in ast.unparse(value.format_spec) and not told.isupper()
        if is_counted and FIXED.match(after):
            yield f"{file}:{line}: {{{told}}}{after[:40]}"
        if told.startswith("many(") and OF_SEVERAL.match(after):
            yield f"{file}:{line}: {{{told}}}{after[:40]}"


SCRIPTS = ROOT / "creatives" / "report" / "assets"
OF_SCRIPTS = (
    re.compile(r"(?<!of )\$\{count\([^`}]*\)\} (?!not |most |more )[a-z]+s\b"),
    re.compile(r"count\([^()]*\), \"[a-z]*s\b"),
    re.compile(r"\$\{many\([^`}]*\)\}[^.;:`$]*?(?<! to) (are|were|have|tell|take|use|ask|need|lack|say)\b"),
    re.compile(r"\$\{[\w.]+\} (ads|creatives|files|images|videos|versions|copies|duplicates)\b"),
)


def script_faults(text: str) -> Iterator[str]:
    """What the page's scripts would say of one thing as of several; what is spelled in capitals is never one."""
    for line in text.splitlines():
        for kind in OF_SCRIPTS:
            if (found := kind.search(line)) and not re.match(r"\$\{[A-Z_]+\}", found[0]):
                yield found[0]


def test_numbers_agree_in_the_scripts_of_the_page() -> None:
    scripts = {file.name: list(script_faults(file.read_text())) for file in sorted(SCRIPTS.glob("*.js"))}

    assert {name: faults for name, faults in scripts.items() if faults} == {}
    assert len(scripts) > 20


@pytest.mark.parametrize(
    "said",
    [
        "`${count(n)} ads`",
        'figure(count(n.answers), "answers from models")',
        '`${many(n, "ad")} are new`',
        "`${n} ads`",
    ],
)
def test_a_script_that_says_one_ads_is_found(said: str) -> None:
    assert len(list(script_faults(said))) == 1


@pytest.mark.parametrize("room", ROOMS)
def test_numbers_agree_with_their_nouns_and_verbs(room: str) -> None:
    assert [fault for file in sorted((ROOT / room).rglob("*.py")) for fault in faults(file)] == []


@pytest.mark.parametrize(("number", "said"), [(0, "0 ads are"), (1, "1 ad is"), (1200, "1,200 ads are")])
def test_a_number_has_its_noun_and_its_verb(number: int, said: str) -> None:
    assert f"{many(number, 'ad')} {verb(number, 'is', 'are')}" == said


@pytest.mark.parametrize(
    ("several", "said"),
    [([], ""), (["a"], "a"), (["a", "b"], "a; b"), (["a", "b", "c"], "a; b; …"), (range(9), "0; 1; …")],
)
def test_the_first_of_many_are_said_to_be_no_more_than_that(several: Sequence[object], said: str) -> None:
    assert the_first(several, 2, "; ") == said
