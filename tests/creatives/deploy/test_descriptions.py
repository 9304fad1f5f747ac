"""What the columns of views mean, written into BigQuery: over the wire to the local one, views whole and in part."""

import sys

import pytest
from google.cloud import bigquery

from creatives.deploy import descriptions
from shared import wiring
from shared.tables import meanings
from tests.bigquery import PROJECT, SHARED, Dataset

pytestmark = pytest.mark.server

DATASET = f"{PROJECT}.{SHARED}"


def test_every_column_of_every_view_is_described_and_twice_changes_nothing(
    bigquery_client: bigquery.Client, module_dataset: Dataset
) -> None:
    first = descriptions.write(bigquery_client, DATASET)
    second = descriptions.write(bigquery_client, DATASET)

    views = wiring.load().views
    told = {
        f"{view}.{column}": words
        for view in views
        for column, words in meanings.by_path(
            [each.to_api_repr() for each in bigquery_client.get_table(f"{DATASET}.{view}").schema]
        )
    }
    assert sorted(first) == sorted(views)
    assert second == []
    assert [column for column, words in told.items() if not words] == []
    assert told["current_media.fingerprinted_at"] == "When hash or probe last looked at it."
    assert told["creatives.model_features.price"] == told["creatives.features.price"] != ""
    assert module_dataset.query("SELECT COUNT(*) AS n FROM creatives") == [{"n": 0}]


def test_what_kept_from_it_is_told(
    bigquery_server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["descriptions", f"{PROJECT}.elsewhere"])
    with pytest.raises(SystemExit, match="descriptions: not all written: 404"):
        descriptions.main()

    monkeypatch.setattr(sys, "argv", ["descriptions", "elsewhere"])
    with pytest.raises(SystemExit):
        descriptions.main()

    assert "'elsewhere' is not PROJECT.DATASET" in capsys.readouterr().err
