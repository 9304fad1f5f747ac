"""Every benchmark still runs, each at its smallest, as it is started by hand. What it measures is no matter here.

Nothing else runs them: the figures of one that broke with a change would be those of a program that is no more.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.wiring import ROOT

pytestmark = [pytest.mark.server, pytest.mark.slow]

QUICK = (("pubsub", "--messages", "20"),)

LONG = (
    ("asked", "--creatives", "50"),
    ("bill",),
    ("evidence", "--ads", "2", "--half", "tuned"),
    ("export", "100"),
    ("extraction", "--creatives", "4"),
    ("fetch", "--ads", "8", "--ads-per-url", "2", "--latency-ms", "1", "--rounds", "1"),
    ("finding", "--half", "tuned", "--asked", "4", "--vectors", "500"),
    ("folder", "--images", "2"),
    ("hashing", "--rounds", "1", "--pictures", "1"),
    ("load", "--ads", "12"),
    ("load", "--ads", "12", "--quoting"),
    ("lookup", "--held-to", "1000", "--read-to", "300"),
    ("offers", "--half", "tuned"),
    ("offline", "--half", "tuned", "--draws", "1"),
    ("performance", "--runs", "1"),
    ("prices", "--ads", "2"),
    ("questions",),
    ("readiness", "--runs", "1"),
    ("report", "--creatives", "600"),
    ("results", "500"),
    ("views", "200"),
    ("year", "--days", "3"),
    ("year_of_status", "--days", "5", "--ticks", "1"),
)

ELSEWHERE = {
    "animated": "fetches photographs, and needs other people's encoders",
    "cards": "needs other people's encoders",
    "cold_start": "installs each function's packages anew; tests/infra/test_archives.py has what it stands on",
    "cut_downs": "fetches clips",
    "duplicates": "needs the packages of rivals",
    "duplicates.families": "fetches photographs",
    "duplicates.public": "fetches photographs and fonts",
    "duplicates.text_sweep": "fetches fonts, and needs other people's encoders",
    "extract_memory": "tests/functions/extract/test_memory.py runs it",
    "faint_words": "needs other people's encoders",
    "mutants": "`make test-long` runs all of it",
    "real_clips": "fetches clips",
    "sounds": "fetches voices",
}
"""Why the others are not run here."""


@pytest.mark.parametrize(
    "command", [*QUICK, *(pytest.param(each, marks=pytest.mark.long) for each in LONG)], ids=" ".join
)
def test_a_benchmark_runs(command: tuple[str, ...], tmp_path: Path) -> None:
    name, *options = command

    ran = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *options],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert any(character.isdigit() for character in ran.stdout), "it measured nothing"


def test_no_benchmark_is_forgotten() -> None:
    folder = ROOT / "benchmarks"
    started = {
        ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__main__")
        for file in folder.rglob("*.py")
        if 'if __name__ == "__main__"' in file.read_text(encoding="utf-8")
    }

    assert started == {name for name, *_ in (*QUICK, *LONG)} | set(ELSEWHERE)
