"""A table of raw ads of the user's own: imported by one command, each row tied back with its own columns untouched."""

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest
from google.cloud import bigquery

from local import filling
from local.pubsub import status
from local.running import PROJECT
from shared import clients
from tests.e2e import pipelines
from tests.e2e.restartable import own_clients
from tests.hostile_server import HostileServer

pytestmark = pytest.mark.server

TABLE = "local.marketing.adverts"
NAMES = {"RAW_ADS_TABLE": TABLE, "RAW_ADS_ID_COLUMN": "key", "RAW_ADS_URL_COLUMNS": "image,film"}
COLUMNS = (("key", "INTEGER"), ("image", "STRING"), ("film", "STRING"), ("spend", "NUMERIC"))

type Row = tuple[int, str | None, str | None, str]


def fill(client: bigquery.Client, rows: list[Row]) -> None:
    """The user's table, with columns that the pipeline knows nothing of."""
    client.create_dataset("local.marketing", exists_ok=True)
    table = client.create_table(bigquery.Table(TABLE, [bigquery.SchemaField(*column) for column in COLUMNS]))
    names = [name for name, _ in COLUMNS]
    client.load_table_from_json([dict(zip(names, row, strict=True)) for row in rows], table).result()


def statuses(client: bigquery.Client) -> set[str]:
    return {ad["status"] for ad in pipelines.enriched(client)}


def test_raw_ads_are_imported_once_and_every_row_is_tied_back(tmp_path: Path) -> None:
    pipelines.prepare()
    with HostileServer() as site:
        picture, film, gone = site.url("/image.png"), site.url("/video.mp4"), site.url("/status/410")
        rows: list[Row] = [
            (1, picture, film, "12.5"),
            (2, gone, None, "3"),
            (3, None, " ", "0"),
            (4, picture, None, "7"),
        ]
        with patch.dict(os.environ, pipelines.environment(), clear=True), own_clients(), filling.tables(tmp_path):
            fill(clients.bigquery_client(PROJECT), rows)
        variables = {**NAMES, "FETCH_ALLOW_HOSTS": site.host_port, "FETCH_ATTEMPTS": "1"}

        with pipelines.up(tmp_path, variables=variables) as reached:
            done = pipelines.run("import-ads", data=tmp_path)  # or the first tick of the schedule, whichever came first
            client = pipelines.bigquery_client(reached)
            status.wait_until_idle(reached["PUBSUB_STATUS_URL"], limit_s=pipelines.HANGS_S)
            pipelines.wait_for(lambda: "pending" not in statuses(client), pause_s=1)
            again = pipelines.run("import-ads", data=tmp_path)
            ads = pipelines.enriched(client)

    assert "ads published" in done.stderr
    assert "0 ads published" in again.stderr
    assert {(ad["ad_id"], ad["source"], ad["status"], ad["reason"]) for ad in ads} == {
        ("1", picture, "analysed", None),
        ("1", film, "analysed", None),
        ("2", gone, "failed", "not_found"),
        ("3", None, "failed", "malformed_ad"),
        ("4", picture, "duplicate", None),
    }
    assert Counter(ad["raw_ad"]["spend"] for ad in ads) == Counter(
        {Decimal("12.5"): 2, Decimal(3): 1, Decimal(0): 1, Decimal(7): 1}
    )
    assert max(site.hits.values()) == 1
