"""Why ads still wait: put aside, as their rows say, or delivered again and again, as the functions' log says."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from creatives.analysis.results import AdResult, Status
from shared.models.faults import MISCONFIGURED

_READ_BYTES = 2**20
"""Of the end of the log: what failed last stands there."""
_SUBJECT = ("creative_id", "ad_id", "source", "uri")
_MOST_DETAIL = 300


def told(results: Iterable[AdResult], log: Path) -> str:
    """As `of_waiting`; where nobody tells, nothing has failed so far, and where to look."""
    slow = f"nothing failed so far, many videos on a busy machine take long; {log} may say why"
    return of_waiting(results, log) or slow


def of_waiting(results: Iterable[AdResult], log: Path) -> str | None:
    """What keeps the most of these ads that are pending, in words; None where neither rows nor log tell."""
    pending = [result for result in results if result.status is Status.PENDING]
    told = Counter(_shortened(result.detail or result.reason) for result in pending if result.detail or result.reason)
    if told:
        return told.most_common(1)[0][0]
    ids = {each for result in pending for each in (result.creative_id, result.ad_id, result.source) if each}
    about = [line for line in _last_lines(log) if line.get("severity") == "ERROR" and _is_about(line, ids)]
    return _cause(about[-1]) if about else None


def misconfigured(log: Path, since: int) -> bool:
    """Whether the log says, after its first `since` bytes, that the model cannot be used as configured."""
    return any(str(line.get("message")).startswith(MISCONFIGURED) for line in _last_lines(log, since))


def length(log: Path) -> int:
    """How many bytes it has; none where it is not there."""
    return log.stat().st_size if log.is_file() else 0


def _last_lines(log: Path, since: int = 0) -> Iterator[Mapping[str, Any]]:
    if not log.is_file():
        return
    with log.open("rb") as file:
        file.seek(max(since, log.stat().st_size - _READ_BYTES))
        lines: Sequence[str] = file.read().decode(errors="replace").splitlines()
    for line in lines:
        if line.startswith("{") and line.endswith("}"):
            try:
                yield json.loads(line)
            except ValueError:
                continue  # what a server beside us wrote there, or the second half of a line


def _is_about(line: Mapping[str, Any], ids: set[str]) -> bool:
    return any(line.get(name) in ids for name in _SUBJECT)


def _cause(line: Mapping[str, Any]) -> str:
    """The message of the exception that was logged, else what was said."""
    lines = str(line.get("exception") or "").strip().splitlines()
    said = lines[-1].partition(": ")[2] or lines[-1] if lines else str(line.get("message"))
    return _shortened(f"{line['stage']}: {said}" if line.get("stage") else said)


def _shortened(text: str | None) -> str:
    whole = " ".join(str(text).split())
    return whole if len(whole) <= _MOST_DETAIL else f"{whole[:_MOST_DETAIL]}…"
