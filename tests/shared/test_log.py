"""Log lines: what Cloud Logging reads, with the chain they belong to, and without anything secret."""

import json
from typing import Any

import pytest

from shared import log


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    [line] = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_is_json_with_its_chain_as_a_label(capsys: pytest.CaptureFixture[str]) -> None:
    log.info("handled", stage="hash", event_id="e7", name="ü\n\t")

    line = written(capsys)

    assert (line["severity"], line["message"], line["stage"], line["name"]) == ("INFO", "handled", "hash", "ü\n\t")
    assert line["logging.googleapis.com/labels"] == {"event_id": "e7"}


def test_lines_of_a_step_are_about_its_event(capsys: pytest.CaptureFixture[str]) -> None:
    with log.about(stage="extract", event_id="e7"):
        log.info("put aside", reason="daily_budget")
    inside = written(capsys)
    log.info("resumed")

    assert (inside["stage"], inside["event_id"], inside["reason"]) == ("extract", "e7", "daily_budget")
    assert "event_id" not in written(capsys)


@pytest.mark.parametrize(
    "text",
    [
        "https://user:hunter2secret@cdn.example/a.png",
        "GET https://s.example/a.png?X-Goog-Date=1&X-Goog-Signature=hunter2secret HTTP/1.1",
        "https://s.example/a.png?X-Amz-Security-Token=hunter2secret",
        "https://s.example/a.png?se=1&sig=hunter2secret&sv=2",
        "https://fn.example/?key=AIzaSyhunter2secret",
        "bad key AIzaSyAhunter2secretAAAAAAAAAAAAAAAAAAA given",
        "GEMINI api_key='x' token=hunter2secret",
    ],
)
def test_a_secret_in_somebody_elses_exception_is_not_written(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ConnectionError(text)
    except ConnectionError:
        log.error("failed", detail=text)

    line = written(capsys)

    assert "hunter2secret" not in json.dumps(line)
    assert "ConnectionError" in line["exception"]


def test_what_is_no_secret_is_written_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = "gs://c/a@2x.png is a PNG image of 1,000 bytes, tokens=12, https://x.example/a@2x.png?w=300"

    log.warning(text)

    assert written(capsys)["message"] == text


def test_a_command_is_told_lines_instead_of_writing_them(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[str, str]] = []

    with log.told_by(lambda severity, text: told.append((severity, text))):
        log.warning("no price", model="gemini-99", uri="https://user:word@ads.example/")
        log.info("done")
    inside = capsys.readouterr().out
    log.info("after")

    assert told == [("WARNING", "no price (model gemini-99, uri https://…@ads.example/)"), ("INFO", "done")]
    assert not inside
    assert written(capsys)["message"] == "after"
