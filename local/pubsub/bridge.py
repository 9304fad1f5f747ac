"""BigQuery subscriptions for Google's emulator, which has none: it pushes here, and rows are written as strictly.

A WSGI app; the last part of the path is the subscription's name in pipeline.yaml.
"""

import base64
import json
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery
from requests.exceptions import RequestException
from werkzeug.wrappers import Request, Response

from local import pipeline
from local.pubsub import rows
from local.pubsub.delivery import NO_RETRY
from shared import clients
from shared.settings import Settings

type WSGI = Callable[..., Iterable[bytes]]


def application() -> WSGI:
    """The app; it finds BigQuery as the functions do."""

    @Request.application
    def write(request: Request) -> Response:
        name = request.path.rstrip("/").rsplit("/", 1)[-1]
        if name not in pipeline.load().bigquery_subscriptions:
            return Response(f"no BigQuery subscription {name} in pipeline.yaml\n", status=404)
        try:
            _write(name, json.loads(request.get_data()))
        except (rows.RowRefused, GoogleAPIError, RequestException, ValueError, KeyError) as error:
            sys.stderr.write(f"{name}: refused: {error}\n")
            return Response("refused\n", status=500)
        return Response(status=204)

    return write


def _write(name: str, envelope: dict[str, Any]) -> None:
    subscription = pipeline.load().bigquery_subscriptions[name]
    settings = Settings.load()
    client = clients.bigquery_client(settings.google_cloud_project)
    table = _table(client, f"{settings.google_cloud_project}.{settings.dataset}.{subscription.table}")
    message = envelope["message"]
    data = base64.b64decode(message.get("data", ""))
    row = (
        rows.raw_row(
            data,
            message.get("attributes", {}),
            subscription=envelope["subscription"],
            message_id=message["messageId"],
            publish_time=datetime.fromisoformat(message["publishTime"]),
        )
        if subscription.raw
        else rows.row_of(data, table.schema)
    )
    errors = client.insert_rows_json(table, [row], retry=NO_RETRY, timeout=60)
    if errors:
        raise rows.RowRefused(str(errors)[:300])


@cache
def _table(client: bigquery.Client, name: str) -> bigquery.Table:
    return client.get_table(name, retry=NO_RETRY, timeout=30)
