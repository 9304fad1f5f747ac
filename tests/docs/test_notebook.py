"""docs/analysis.ipynb runs on a fresh export of the samples, and says what is stored in it.

`python -m tests.docs.test_notebook FOLDER` stores the outputs anew, from FOLDER/ads_enriched.ndjson.
"""

import csv
import io
import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from local.pipeline import ROOT
from tests.e2e import pipelines

NOTEBOOK = ROOT / "docs" / "analysis.ipynb"


def stored() -> NotebookNode:
    """The notebook as it is in docs/."""
    notebook: NotebookNode = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def executed(folder: Path) -> NotebookNode:
    """The notebook, run on the export in `folder`."""
    notebook = stored()
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the times of this run
    return notebook


def said(notebook: NotebookNode) -> list[list[str]]:
    """What each cell says in words; plots differ by a pixel from one machine to another."""
    return [[text for output in cell.get("outputs", []) for text in _words(output)] for cell in notebook.cells]


def _words(output: NotebookNode) -> list[str]:
    """What an output says; a plot says nothing, and a warning or an error is its text."""
    data = output.get("data", {"text/html": str(output)})
    return [data[kind] for kind in ("text/markdown", "text/html") if kind in data]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the samples, analysed by the command and exported by the command."""
    folder = tmp_path_factory.mktemp("export")
    pipelines.run("analyze", ROOT / "samples", data=folder / "data")
    pipelines.run("export", "--out", folder / "ads_enriched.ndjson", data=folder / "data")
    return folder


@pytest.mark.filterwarnings("ignore::DeprecationWarning:zmq")
def test_the_notebook_says_on_fresh_data_what_is_stored_in_it(export: Path) -> None:
    fresh, before = executed(export), stored()

    assert said(fresh) == said(before)
    assert [plots(cell) for cell in fresh.cells] == [plots(cell) for cell in before.cells]


def plots(cell: NotebookNode) -> int:
    return sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def test_the_notebook_answers_five_questions_with_words_and_plots() -> None:
    notebook = stored()

    questions = [cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.source.startswith("## ")]

    assert [cell.source.split(".")[0] for cell in questions] == [f"## {number}" for number in range(1, 6)]
    answers = [words for cell, words in zip(notebook.cells, said(notebook), strict=True) if cell.cell_type == "code"]
    assert all(answers)
    assert sum(plots(cell) for cell in notebook.cells) == 2


def test_the_export_has_every_ad_in_the_format_that_the_file_is_named_for(export: Path) -> None:
    rows = [json.loads(line) for line in (export / "ads_enriched.ndjson").read_text().splitlines()]

    assert len(rows) == len(list((ROOT / "samples").glob("[!.]*")))
    assert all(row["status"] in ("analysed", "duplicate", "failed") for row in rows)


def test_an_export_can_be_piped(export: Path) -> None:
    done = pipelines.run("export", "--out", "-", "--format", "csv", data=export / "data")

    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert len(rows) == len(list((ROOT / "samples").glob("[!.]*")))
    assert {row["features.call_to_action"] for row in rows} >= {"Shop now", "Book a test drive"}
    assert f"{len(rows)} ads written to standard output" in done.stderr


def test_a_folder_without_a_dataset_is_said(tmp_path: Path) -> None:
    done = pipelines.run("export", "--out", tmp_path / "ads.csv", data=tmp_path / "nothing", expect=2)

    assert "holds no dataset yet" in done.stderr
    assert not list(tmp_path.iterdir())


if __name__ == "__main__":
    nbformat.write(executed(Path(sys.argv[1])), NOTEBOOK)  # type: ignore[no-untyped-call]
