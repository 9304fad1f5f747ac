"""The queries that people are shown run on this machine too: what BigQuery says of them is held in tests/googlesql."""

import pytest

from tests.bigquery import SHARED, Dataset
from tests.googlesql import statements

pytestmark = pytest.mark.server

SHOWN = {name: text for name, text in statements.shown() if name.startswith(("docs/data.md", "README.md"))}


@pytest.mark.parametrize("name", SHOWN)
def test_a_query_that_people_are_shown_runs(module_dataset: Dataset, name: str) -> None:
    module_dataset.query(SHOWN[name].replace("creatives.", f"{SHARED}."))
