"""Ads that still wait after the command: an exit code of their own, and the cause that rows or log know."""

from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import typer

from creatives.analysis import causes, commands
from creatives.analysis.results import AdResult, Status
from shared import log
from shared.models.faults import MISCONFIGURED

WAITING = AdResult(ad_id="one", source="one.jpg", creative_id="c1")
DONE = AdResult(ad_id="two", source="two.jpg", creative_id="c2", status=Status.ANALYSED)


def failed(file: Path, creative_id: str, error: RuntimeError) -> None:
    """The line of a function that failed at a creative."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as lines, redirect_stdout(lines):
        try:
            raise error
        except RuntimeError:
            log.error("failed, to be delivered again", stage="extract", creative_id=creative_id)


def ended(results: Sequence[AdResult], data: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(typer.Exit) as ending:
        commands._end(results, causes.told(results, data / "logs" / "functions.log"), strict=False)
    return ending.value.exit_code, capsys.readouterr().err


def test_pending_ads_end_with_3_and_what_the_log_says_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    functions_log = tmp_path / "logs" / "functions.log"
    failed(functions_log, "c1", RuntimeError("an earlier fault"))
    failed(functions_log, "c1", RuntimeError("404 NOT_FOUND: models/gemini-99 is not found"))
    failed(functions_log, "c9", RuntimeError("somebody else's"))

    code, said = ended([WAITING, DONE], tmp_path, capsys)

    assert code == commands.STILL_WAITING == 3
    assert "1 ad still waits: extract: 404 NOT_FOUND: models/gemini-99 is not found;" in said


def test_ads_that_are_put_aside_say_for_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_aside = WAITING.model_copy(update={"reason": "daily_budget", "detail": "the day's $5.00 are spent"})
    failed(tmp_path / "logs" / "functions.log", "c1", RuntimeError("something that passed"))

    assert "1 ad still waits: the day's $5.00 are spent;" in ended([put_aside], tmp_path, capsys)[1]


@pytest.mark.parametrize("content", [b"", b"\xff{\n[1]\n{half}\nnull\n", None])
def test_a_log_that_says_nothing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    functions_log = tmp_path / "logs" / "functions.log"
    functions_log.parent.mkdir()
    if content is not None:
        functions_log.write_bytes(content)

    said = ended([WAITING], tmp_path, capsys)[1]

    assert "nothing failed so far" in said
    assert "functions.log may say why" in said


def test_settled_ads_end_well(tmp_path: Path) -> None:
    commands._end([DONE], "", strict=True)


def test_a_model_that_cannot_be_used_is_told_by_what_the_log_says_of_this_run(tmp_path: Path) -> None:
    functions_log = tmp_path / "functions.log"
    assert not causes.misconfigured(functions_log, causes.length(functions_log))
    with functions_log.open("a") as lines, redirect_stdout(lines):
        log.error(f"{MISCONFIGURED}: 401: no such key", stage="extract")

    assert causes.misconfigured(functions_log, 0)
    assert not causes.misconfigured(functions_log, causes.length(functions_log))
    with functions_log.open("a") as lines, redirect_stdout(lines):
        log.error("failed, to be delivered again", stage="extract", detail=f"{MISCONFIGURED}, says an ad")

    assert not causes.misconfigured(functions_log, len(functions_log.read_bytes().splitlines(keepends=True)[0]))
