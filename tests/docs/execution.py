"""Runs a notebook as Jupyter does, on the data in a folder: `python execution.py NOTEBOOK FOLDER OUT`.

By the Python of .venv/notebook, which has the packages of the group `notebook` of pyproject.toml as well.
"""

import sys

import nbformat
from nbclient import NotebookClient


def main(notebook: str, folder: str, out: str) -> None:
    """Writes to `out` what `notebook` shows when it is run in `folder`, without the times of this run."""
    read = nbformat.read(notebook, as_version=4)
    NotebookClient(read, timeout=600, resources={"metadata": {"path": folder}}).execute()
    for cell in read.cells:
        cell.metadata.pop("execution", None)
    nbformat.write(read, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
