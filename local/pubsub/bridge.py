"""BigQuery subscriptions for Google's emulator, which has none: it pushes here, and rows are written as strictly.

A WSGI app; the last part of the path is the subscription's name in pipeline.yaml.
"""

import base64
import binascii
import json
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache

from werkzeug.wrappers import Request, Response

from local.pubsub.store import Message
from local.pubsub.tables import TableUnavailable, TableWriter, Target
from shared import clients, wiring
from shared.settings import Settings
from shared.wiring import BigQuerySubscription

type WSGI = Callable[..., Iterable[bytes]]


def application() -> WSGI:
    """The app; it finds BigQuery as the functions do. It answers 204 for a row that is written, else 4xx or 503."""

    @Request.application
    def write(request: Request) -> Response:
        name = request.path.rstrip("/").rsplit("/", 1)[-1]
        subscription = wiring.load().bigquery_subscriptions.get(name)
        if subscription is None:
            return Response(f"no BigQuery subscription {name} in pipeline.yaml\n", status=404)
        if not request.is_json:
            return _refused(name, 400, "the body of a push request is application/json")
        try:
            source, message = read_envelope(request.get_data())
            fault = _writer().write(_target(subscription), source, [message])[0]
        except ValueError as error:
            return _refused(name, 400, str(error))
        except TableUnavailable as error:
            return _refused(name, 503, str(error))
        return Response(status=204) if fault is None else _refused(name, 422, fault)

    return write


def read_envelope(body: bytes) -> tuple[str, Message]:
    """The subscription's name and the message in the body of a push request.

    Raises:
        ValueError: when the body is not one.
    """
    try:
        envelope = json.loads(body)
        message = envelope["message"]
        published = datetime.fromisoformat(message["publishTime"])
        return envelope["subscription"], Message(
            id=int(message["messageId"]),
            data=base64.b64decode(message.get("data", ""), validate=True),
            attributes=message.get("attributes", {}),
            ordering_key=message.get("orderingKey", ""),
            published_ms=round(published.timestamp() * 1000),
        )
    except (KeyError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise ValueError(f"not the body of a push request: {error!r}") from error


@cache
def _writer() -> TableWriter:
    return TableWriter(clients.bigquery_client(Settings.load().google_cloud_project))


def _target(subscription: BigQuerySubscription) -> Target:
    settings = Settings.load()
    table = f"{settings.full_dataset}.{subscription.table}"
    return Target(table, use_schema=not subscription.raw, metadata=subscription.raw)


def _refused(name: str, status: int, fault: str) -> Response:
    sys.stderr.write(f"{name}: refused: {fault}\n")
    return Response(f"{fault}\n", status=status)
