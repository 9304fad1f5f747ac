"""Messages written to real tables: what fits is there and reads back the same, what does not is refused for itself."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField
from google.pubsub_v1.types import pubsub as types

from local import ports
from local.pubsub.store import Message
from local.pubsub.tables import TableUnavailable, TableWriter, Target, connect
from tests.local.pubsub.servers import dead_letters, retry, running, wait_for

SUBSCRIPTION = "projects/tests/subscriptions/rows"
COLUMNS = [
    SchemaField("name", "STRING", "REQUIRED"),
    SchemaField("count", "INTEGER"),
    SchemaField("share", "FLOAT"),
    SchemaField("price", "NUMERIC"),
    SchemaField("seen", "BOOLEAN"),
    SchemaField("at", "TIMESTAMP"),
    SchemaField("day", "DATE"),
    SchemaField("extra", "JSON"),
    SchemaField("blob", "BYTES"),
    SchemaField("tags", "STRING", "REPEATED"),
    SchemaField("box", "RECORD", fields=[SchemaField("width", "INTEGER"), SchemaField("label", "STRING")]),
    SchemaField("boxes", "RECORD", "REPEATED", fields=[SchemaField("width", "INTEGER")]),
]
RAW_COLUMNS = [
    SchemaField("subscription_name", "STRING"),
    SchemaField("message_id", "STRING"),
    SchemaField("publish_time", "TIMESTAMP"),
    SchemaField("attributes", "JSON"),
    SchemaField("data", "STRING"),
]
NUMBERS = iter(range(1, 1_000_000))


def message(data: bytes | dict[str, Any], **attributes: str) -> Message:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Message(next(NUMBERS), content, attributes, "", 1_764_000_000_123)


@pytest.fixture(scope="module")
def dataset_name(bigquery_client: bigquery.Client) -> Iterator[str]:
    name = f"test.rows_{uuid.uuid4().hex}"
    bigquery_client.create_dataset(name)
    yield name
    bigquery_client.delete_dataset(name, delete_contents=True)


@pytest.fixture
def table(bigquery_client: bigquery.Client, dataset_name: str) -> str:
    return make_table(bigquery_client, dataset_name, COLUMNS)


@pytest.fixture
def raw_table(bigquery_client: bigquery.Client, dataset_name: str) -> str:
    return make_table(bigquery_client, dataset_name, RAW_COLUMNS)


def make_table(client: bigquery.Client, dataset_name: str, columns: list[SchemaField]) -> str:
    name = f"{dataset_name}.t_{uuid.uuid4().hex}"
    client.create_table(bigquery.Table(name, schema=columns))
    return name


def stored(client: bigquery.Client, table: str, columns: str = "*") -> list[dict[str, Any]]:
    return [dict(row.items()) for row in client.query_and_wait(f"SELECT {columns} FROM `{table}`")]


def by_schema(table: str, **options: Any) -> Target:
    return Target(table, use_schema=True, metadata=False, **options)


def test_a_row_reads_back_as_it_was_published(bigquery_client: bigquery.Client, table: str) -> None:
    published = message(
        {
            "name": 'é "quoted" \n \u0000 end',
            "count": "-9223372036854775808",
            "share": 0.1,
            "price": "12345678901234567890.123456789",
            "seen": True,
            "at": "2026-11-23T04:00:00.123456+02:00",
            "day": "2028-02-29",
            "extra": '{"a": [1, null]}',
            "blob": "AP8=",
            "tags": ["a", ""],
            "box": {"width": 3},
            "boxes": [{"width": 1}, {}],
        }
    )

    refused = TableWriter(bigquery_client).write(by_schema(table), SUBSCRIPTION, [published])

    (row,) = stored(bigquery_client, table)
    assert refused == [None]
    assert row == {
        "name": 'é "quoted" \n \u0000 end',
        "count": -(2**63),
        "share": 0.1,
        "price": Decimal("12345678901234567890.123456789"),
        "seen": True,
        "at": datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC),
        "day": datetime(2028, 2, 29).date(),
        "extra": {"a": [1, None]},
        "blob": b"\x00\xff",
        "tags": ["a", ""],
        "box": {"width": 3, "label": None},
        "boxes": [{"width": 1}, {"width": None}],
    }


def test_what_is_absent_is_null_and_an_absent_list_is_empty(bigquery_client: bigquery.Client, table: str) -> None:
    TableWriter(bigquery_client).write(by_schema(table), SUBSCRIPTION, [message({"name": "n"})])

    (row,) = stored(bigquery_client, table, "count, extra, tags, box.width AS width, boxes")
    assert row == {"count": None, "extra": None, "tags": [], "width": None, "boxes": []}


def test_a_message_that_does_not_fit_is_refused_for_itself(bigquery_client: bigquery.Client, table: str) -> None:
    batch = [message({"name": "a"}), message({"name": "b", "unknown": 1}), message(b"{"), message({"name": "c"})]

    refused = TableWriter(bigquery_client).write(by_schema(table), SUBSCRIPTION, batch)

    assert [fault is None for fault in refused] == [True, False, False, True]
    assert "no column unknown" in (refused[1] or "")
    assert sorted(row["name"] for row in stored(bigquery_client, table)) == ["a", "c"]


def test_the_same_rows_may_be_written_again(bigquery_client: bigquery.Client, table: str) -> None:
    writer, batch = TableWriter(bigquery_client), [message({"name": "a"})]

    writer.write(by_schema(table), SUBSCRIPTION, batch)
    writer.write(by_schema(table), SUBSCRIPTION, batch)

    assert len(stored(bigquery_client, table)) == 2


def test_a_column_that_is_added_is_noticed(bigquery_client: bigquery.Client, table: str) -> None:
    writer = TableWriter(bigquery_client)
    writer.write(by_schema(table), SUBSCRIPTION, [message({"name": "a"})])
    grown = bigquery_client.get_table(table)
    grown.schema = [*grown.schema, SchemaField("added", "STRING")]
    bigquery_client.update_table(grown, ["schema"])

    refused = writer.write(by_schema(table), SUBSCRIPTION, [message({"name": "b", "added": "x"})])

    assert refused == [None]
    assert [row["added"] for row in stored(bigquery_client, table) if row["name"] == "b"] == ["x"]


def test_without_a_schema_the_message_is_written_with_where_it_comes_from(
    bigquery_client: bigquery.Client, raw_table: str
) -> None:
    target = Target(raw_table, use_schema=False, metadata=True)
    published = message(b'{"any": "thing', kind="a")

    refused = TableWriter(bigquery_client).write(target, SUBSCRIPTION, [published])

    (row,) = stored(bigquery_client, raw_table)
    assert refused == [None]
    assert row == {
        "subscription_name": SUBSCRIPTION,
        "message_id": str(published.id),
        "publish_time": datetime.fromtimestamp(1_764_000_000.123, UTC),
        "attributes": {"kind": "a"},
        "data": '{"any": "thing',
    }


def test_a_table_that_is_not_there_refuses_nobody(bigquery_client: bigquery.Client, dataset_name: str) -> None:
    with pytest.raises(TableUnavailable, match="missing"):
        TableWriter(bigquery_client).write(by_schema(f"{dataset_name}.missing"), SUBSCRIPTION, [message({"name": "a"})])


def test_a_bigquery_that_does_not_answer_refuses_nobody() -> None:
    (port,) = ports.held(1)
    writer = TableWriter(connect("test", f"http://127.0.0.1:{port}"))

    with pytest.raises(TableUnavailable):
        writer.write(by_schema("test.d.t"), SUBSCRIPTION, [message({"name": "a"})])


def test_a_subscription_fills_its_table_and_gives_up_what_does_not_fit(
    bigquery_client: bigquery.Client, bigquery_server: str, table: str, tmp_path: Path
) -> None:
    with running(tmp_path, bigquery=bigquery_server) as pubsub:
        pubsub.create_topic()
        policy = dead_letters(pubsub)
        pubsub.create("projects/tests/subscriptions/dead", policy.dead_letter_topic)
        pubsub.create(
            SUBSCRIPTION,
            bigquery_config=types.BigQueryConfig(table=table, use_table_schema=True),
            retry_policy=retry(0, 0),
            dead_letter_policy=policy,
        )

        pubsub.publish(*(json.dumps({"name": str(number)}).encode() for number in range(300)), b'{"name": 1}')

        pubsub.wait_until_idle()
        (dead,) = pubsub.pull("projects/tests/subscriptions/dead")
    assert sorted(int(row["name"]) for row in stored(bigquery_client, table)) == list(range(300))
    assert dead.message.data == b'{"name": 1}'
    assert "name is not a STRING" in dead.message.attributes["CloudPubSubDeadLetterSourceDeliveryErrorMessage"]


def test_rows_wait_for_a_table_that_is_made_later(
    bigquery_client: bigquery.Client, bigquery_server: str, dataset_name: str, tmp_path: Path
) -> None:
    table = f"{dataset_name}.later"
    with running(tmp_path, bigquery=bigquery_server) as pubsub:
        pubsub.create_topic()
        pubsub.create(
            SUBSCRIPTION,
            bigquery_config=types.BigQueryConfig(table=table, use_table_schema=True),
            dead_letter_policy=dead_letters(pubsub),
        )
        pubsub.publish(b'{"name": "patient"}')
        wait_for(lambda: pubsub.status().subscriptions["rows"].last_fault)

        bigquery_client.create_table(bigquery.Table(table, schema=COLUMNS))

        pubsub.wait_until_idle()
    assert [row["name"] for row in stored(bigquery_client, table)] == ["patient"]
