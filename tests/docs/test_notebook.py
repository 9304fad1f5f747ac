"""docs/analysis.ipynb as it is stored; tests/e2e/test_samples.py runs it on fresh data."""

from tests.docs.notebook import plots, said, stored


def test_the_notebook_answers_six_questions_with_words_and_plots() -> None:
    cells = stored()

    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]

    questions = [text.split(".")[0] for text in texts if text.startswith("## ")]
    assert questions == [f"## {number}" for number in range(1, 7)]
    answers = [words for cell, words in zip(cells, said(cells), strict=True) if cell["cell_type"] == "code"]
    assert all(answers)
    assert sum(map(plots, cells)) == 2
