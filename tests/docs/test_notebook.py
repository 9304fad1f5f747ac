"""docs/analysis.ipynb as it is stored; tests/e2e/test_samples.py runs it on fresh data."""

from tests.docs.notebook import plots, said, stored


def test_the_notebook_answers_five_questions_with_words_and_plots() -> None:
    notebook = stored()

    questions = [cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.source.startswith("## ")]

    assert [cell.source.split(".")[0] for cell in questions] == [f"## {number}" for number in range(1, 6)]
    answers = [words for cell, words in zip(notebook.cells, said(notebook), strict=True) if cell.cell_type == "code"]
    assert all(answers)
    assert sum(plots(cell) for cell in notebook.cells) == 2
