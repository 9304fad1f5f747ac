"""`creatives report` as it is typed: the page is written, or a sentence says why not."""

from pathlib import Path

import pytest
from google.cloud import storage
from typer.testing import CliRunner

from creatives.cli import app
from tests.bigquery import PROJECT, Dataset


def test_a_page_of_a_projects_dataset_is_written(dataset: Dataset, gcs: storage.Client, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    where = ["--project", PROJECT, "--dataset", dataset.name, "--data", str(tmp_path)]

    ended = CliRunner().invoke(app, ["report", *where, "--out", str(out)])

    assert (ended.exit_code, ended.stdout) == (0, f"{out}\n")
    assert out.read_text().startswith("<!doctype html>")
    assert f'"dataset":"{dataset.name}"' in out.read_text()


def test_a_dataset_that_is_not_there_is_told_in_a_sentence(
    dataset: Dataset, gcs: storage.Client, tmp_path: Path
) -> None:
    where = ["--project", PROJECT, "--dataset", "nothing", "--data", str(tmp_path)]

    ended = CliRunner().invoke(app, ["report", *where, "--out", str(tmp_path / "report.html")])

    assert ended.exit_code == 2
    assert "the dataset cannot be read" in ended.stderr
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("asked", [("report",), ("find", "shoes"), ("show", "9004"), ("mcp",)])
def test_a_folder_without_data_says_how_to_fill_it_or_to_name_another(tmp_path: Path, asked: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(app, [*asked, "--data", str(tmp_path / "none")])

    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"creatives: {tmp_path / 'none'} holds no dataset yet: ")
    assert "creatives analyze" in ended.stderr
    assert "--data" in ended.stderr


def test_the_finished_page_is_opened_when_asked(
    dataset: Dataset, gcs: storage.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    where = ["--project", PROJECT, "--dataset", dataset.name, "--data", str(tmp_path)]

    CliRunner().invoke(app, ["report", *where, "--out", str(tmp_path / "a page.html"), "--open"])

    assert opened == [f"file://{tmp_path}/a%20page.html"]
