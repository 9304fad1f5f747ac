"""Writes messages to BigQuery tables as a BigQuery subscription does: in batches, a refused row only for itself.

google-cloud-bigquery takes longer to import than the rest of the server to start: it is imported by the first write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import (
    BadRequest,
    GoogleAPIError,
    InternalServerError,
    RequestRangeNotSatisfiable,
)
from google.api_core.retry import Retry
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from requests.exceptions import RequestException

from local.pubsub import rows
from local.pubsub.broker import timestamp
from local.pubsub.rows import Row, RowRefused
from local.pubsub.store import Message

if TYPE_CHECKING:
    from google.cloud import bigquery
    from google.cloud.bigquery import SchemaField

_LIMIT_S = 60

# The subscription's own backoff is the only one: the client must not try again underneath it.
_ONCE = Retry(predicate=lambda _: False)

# One message may be at fault for these; anything else is the service's fault, or the network's.
_PERHAPS_A_ROW = (BadRequest, InternalServerError, RequestRangeNotSatisfiable)


class TableUnavailable(Exception):  # noqa: N818 - it names an outcome
    """Nothing can be written now, whatever the messages are: they wait, and it does not count as their failure."""


@dataclass(frozen=True)
class Target:
    """Where a subscription writes, and how.

    Attributes:
        table: as project.dataset.table.
        use_schema: the message's fields become columns; else its bytes become the column `data`.
        metadata: also writes where the message comes from.
        drop_unknown: leaves out fields that the table lacks, instead of refusing the message.
    """

    table: str
    use_schema: bool
    metadata: bool
    drop_unknown: bool = False


def connect(project: str, endpoint: str) -> "bigquery.Client":
    """A client of a BigQuery on this machine, at `endpoint` (http://127.0.0.1:9050)."""
    from google.cloud import bigquery

    return bigquery.Client(
        project=project, credentials=AnonymousCredentials(), client_options={"api_endpoint": endpoint}
    )


class TableWriter:
    """Writes by streaming inserts. May be used by several threads; remembers the tables' schemas."""

    def __init__(self, client: "bigquery.Client") -> None:
        self._client = client
        self._columns: dict[str, Sequence[SchemaField]] = {}
        self._lock = Lock()

    def write(self, target: Target, subscription: str, messages: Sequence[Message]) -> list[str | None]:
        """Writes each message; for each in turn None, or why it was refused.

        Raises:
            TableUnavailable: when BigQuery does not answer, or has no such table. Some rows may have been written.
        """
        try:
            made = self._rows(target, subscription, messages)
            fitting = [(index, row) for index, row in enumerate(made) if not isinstance(row, RowRefused)]
            faults = {index: str(row) for index, row in enumerate(made) if isinstance(row, RowRefused)}
            faults |= self._insert(target.table, fitting)
        except (GoogleAPIError, GoogleAuthError, RequestException) as error:
            raise TableUnavailable(f"{target.table}: {error}"[:1000]) from error
        return [faults.get(index) for index in range(len(messages))]

    def _rows(self, target: Target, subscription: str, messages: Sequence[Message]) -> list[Row | RowRefused]:
        """The messages as rows. A message that does not fit a remembered schema is tried with the present one."""
        remembered = target.table in self._columns
        made = [_row(target, self._columns_of(target.table), subscription, message) for message in messages]
        if not remembered or not any(isinstance(row, RowRefused) for row in made):
            return made
        columns = self._columns_of(target.table, again=True)
        return [_row(target, columns, subscription, message) for message in messages]

    def _columns_of(self, table: str, *, again: bool = False) -> "Sequence[SchemaField]":
        with self._lock:
            if again or table not in self._columns:
                self._columns[table] = self._client.get_table(table, retry=_ONCE, timeout=_LIMIT_S).schema
            return self._columns[table]

    def _insert(self, table: str, numbered: Sequence[tuple[int, Row]]) -> dict[int, str]:
        """Inserts rows; why some were refused, by their numbers. A request that fails as a whole is cut in halves."""
        if not numbered:
            return {}
        from google.cloud.bigquery import AutoRowIDs

        try:
            errors = self._client.insert_rows_json(
                table,
                [row for _, row in numbered],
                # Without ids: a row that is sent again after a failure must not count as one that was written.
                row_ids=AutoRowIDs.DISABLED,
                skip_invalid_rows=True,
                retry=_ONCE,
                timeout=_LIMIT_S,
            )
        except _PERHAPS_A_ROW as error:
            if len(numbered) == 1:
                return {numbered[0][0]: str(error)[:1000]}
            middle = len(numbered) // 2
            return self._insert(table, numbered[:middle]) | self._insert(table, numbered[middle:])
        return {numbered[each["index"]][0]: _reason(each["errors"]) for each in errors}


def _row(target: Target, columns: "Sequence[SchemaField]", subscription: str, message: Message) -> Row | RowRefused:
    try:
        content = (
            rows.row_of(message.data, _own(columns, target), drop_unknown=target.drop_unknown)
            if target.use_schema
            else rows.raw_data(message.data, columns)
        )
        if not target.metadata:
            return content
        return content | rows.metadata(
            columns,
            subscription=subscription,
            message_id=str(message.id),
            published=timestamp(message.published_ms),
            attributes=message.attributes,
            ordering_key=message.ordering_key,
        )
    except RowRefused as refusal:
        return refusal


_METADATA = {"subscription_name", "message_id", "publish_time", "attributes", "ordering_key"}


def _own(columns: "Sequence[SchemaField]", target: Target) -> "list[SchemaField]":
    """The columns that a message itself may fill."""
    return [column for column in columns if not (target.metadata and column.name.casefold() in _METADATA)]


def _reason(errors: Sequence[dict[str, Any]]) -> str:
    return "; ".join(f"{error.get('location', '')} {error.get('message', '')}".strip() for error in errors)[:1000]
