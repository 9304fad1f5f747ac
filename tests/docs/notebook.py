"""docs/analysis.ipynb: run anew, and what it says.

`python -m tests.docs.notebook FOLDER` stores the outputs anew, from FOLDER/ads_enriched.ndjson.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from shared.wiring import ROOT

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


def plots(cell: NotebookNode) -> int:
    """How many plots a cell shows."""
    return sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


if __name__ == "__main__":
    nbformat.write(executed(Path(sys.argv[1])), NOTEBOOK)  # type: ignore[no-untyped-call]
