"""What commands may cost in a project: one that would be dearer is not asked, and says so."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer.main
from google.api_core.exceptions import InternalServerError
from google.cloud.bigquery import QueryJobConfig
from typer.testing import CliRunner

from creatives.cli import app
from shared import clients

PRICED = 395_824_185_999
"""Bytes: 2.25 dollars."""


class Pricing:
    """A client of BigQuery that says what a query would bill, and answers none that may not."""

    project = "p"

    def __init__(self) -> None:
        self.allowed: list[int | None] = []
        self.dry_runs = 0

    def query_and_wait(self, _sql: str, *, job_config: QueryJobConfig) -> None:
        """Refuses."""
        self.allowed.append(job_config.maximum_bytes_billed)
        raise InternalServerError(f"Query exceeded limit for bytes billed: 1000. {PRICED} or higher required.")

    def query(self, sql: str, *, job_config: QueryJobConfig) -> SimpleNamespace:
        """Tells what it would bill, where that is asked alone: of several statements the first bills all."""
        if job_config.dry_run:
            self.dry_runs += 1
            return SimpleNamespace(total_bytes_processed=PRICED if self.dry_runs == 1 else 0)
        return SimpleNamespace(result=lambda **_: self.query_and_wait(sql, job_config=job_config))


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> Pricing:
    """The client that commands find."""
    client = Pricing()
    monkeypatch.setattr(clients, "bigquery_client", lambda _: client)
    monkeypatch.setattr(clients, "storage_client", lambda _: None)
    return client


ASK_BY_PRICE = (
    ["status", "--now"],
    ["failures"],
    ["replay", "--dry-run"],
    ["find", "red shoes"],
    ["show", "a" * 40],
    ["export", "--out", "-"],
    ["report"],
    ["works"],
    ["works", "--pair", "style,has_promotion"],
    ["fatigue"],
    ["review"],
)
UNBOUNDED = {"erase", "results", "publish", "import-ads", "doctor"}
"""They do what they are told at any price, and it is no question of all rows; `doctor` asks for prices alone."""


def test_whatever_asks_a_project_is_bounded() -> None:
    group: Any = typer.main.get_command(app)
    verbs = {verb: group.get_command(None, verb).params for verb in group.list_commands(None)}
    named = {verb: {parameter.name for parameter in parameters} for verb, parameters in verbs.items()}

    asking = {verb for verb, names in named.items() if "project" in names} - UNBOUNDED

    assert {verb for verb, names in named.items() if "most_usd" in names} == asking
    assert asking == {command[0] for command in ASK_BY_PRICE} | {"mcp"}


@pytest.mark.parametrize("command", ASK_BY_PRICE)
def test_what_would_cost_more_than_it_may_is_not_asked_and_its_price_is_told(
    command: list[str], priced: Pricing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said: dict[str, Any] = {"env": {"COLUMNS": "300"}}

    ended = CliRunner().invoke(app, [*command, "--project", "p", "--data", str(tmp_path / "data")], **said)
    dearer = CliRunner().invoke(app, [*command, "--project", "p", "--most-usd", "3"], **said)

    assert ended.exit_code == 2
    assert "would bill 2.25 US dollars" in " ".join(ended.stderr.split())
    assert "it may cost 1.00, which --most-usd says" in " ".join(ended.stderr.split())
    assert not (tmp_path / "report.html").exists()
    assert "it may cost 1.00" not in dearer.output
    assert set(priced.allowed) == ({None} if command == ["report"] else {2**40 * 100 // 625, 2**40 * 300 // 625})
