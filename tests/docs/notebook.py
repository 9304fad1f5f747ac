"""docs/analysis.ipynb: run anew, and what it says.

`python -m tests.docs.notebook FOLDER` stores the outputs anew, from FOLDER/samples and FOLDER/.creatives.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from shared.wiring import ROOT

NOTEBOOK = ROOT / "docs" / "analysis.ipynb"
PYTHON = Path(sys.prefix) / "notebook" / "bin" / "python"

type Cell = dict[str, Any]


def stored() -> list[Cell]:
    """The cells of the notebook as it is in docs/."""
    return _cells(NOTEBOOK)


def executed(folder: Path) -> list[Cell]:
    """Its cells, run on `samples` and the data `.creatives` in `folder`."""
    fresh = folder / NOTEBOOK.name
    _run(folder, fresh)
    return _cells(fresh)


def _run(folder: Path, out: Path) -> None:
    command = [PYTHON, Path(__file__).with_name("execution.py"), NOTEBOOK, folder, out]
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]])  # as `source .venv/bin/activate` has it
    subprocess.run(command, check=True, env={**os.environ, "PATH": path})


def _cells(file: Path) -> list[Cell]:
    cells: list[Cell] = json.loads(file.read_text())["cells"]
    return cells


def said(cells: list[Cell]) -> list[list[str]]:
    """What each cell says in words; plots differ by a pixel from one machine to another."""
    return [[text for output in cell.get("outputs", []) for text in _words(output)] for cell in cells]


def _words(output: dict[str, Any]) -> list[str]:
    """What an output says; a plot says nothing, and a warning or an error is its text."""
    data = output.get("data", {"text/html": str(output)})
    return ["".join(data[kind]) for kind in ("text/markdown", "text/html") if kind in data]


def plots(cell: Cell) -> int:
    """How many plots a cell shows."""
    return sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


if __name__ == "__main__":
    _run(Path(sys.argv[1]), NOTEBOOK)
