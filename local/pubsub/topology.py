"""Topics and subscriptions as pipeline.yaml has them, made by the real clients on whichever server runs.

A file of its own: the clients take a third of a second to import, which whoever only starts a server need not wait for.
"""

from collections.abc import Callable

from google.api_core.exceptions import AlreadyExists
from google.cloud import pubsub_v1
from google.protobuf import duration_pb2, field_mask_pb2
from google.pubsub_v1.types import pubsub as types

from local.processes import ServerError
from local.pubsub.definitions import WINDOW_LABEL
from shared.wiring import Delivery, Pipeline

UPDATABLE = (
    "push_config",
    "bigquery_config",
    "ack_deadline_seconds",
    "retry_policy",
    "dead_letter_policy",
    "message_retention_duration",
    "labels",
)
FIXED = ("topic", "filter")


def wire(
    wired: Pipeline,
    *,
    project: str,
    dataset: str,
    endpoint_of: Callable[[str], str],
    rows_endpoint: Callable[[str], str] | None = None,
) -> None:
    """Creates all topics and subscriptions, or brings those that exist up to date.

    Args:
        wired: the pipeline.
        project: in whose names.
        dataset: of the tables that BigQuery subscriptions write to.
        endpoint_of: URL of a function.
        rows_endpoint: URL of the bridge for a BigQuery subscription: Google's emulator has none of its own.

    Raises:
        ServerError: when a subscription is there with another topic or filter, which never change.
    """
    publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
    with subscriber:
        for topic in wired.topics:
            _ensure_topic(publisher, publisher.topic_path(project, topic))
        for definition in subscriptions(wired, project, dataset, endpoint_of, rows_endpoint):
            _ensure_subscription(subscriber, definition)


def subscriptions(
    wired: Pipeline,
    project: str,
    dataset: str,
    endpoint_of: Callable[[str], str],
    rows_endpoint: Callable[[str], str] | None,
) -> list[types.Subscription]:
    """The subscriptions that the pipeline names, as the API takes them."""
    made = []
    for name, push in wired.push_subscriptions.items():
        made.append(
            types.Subscription(
                **_delivery(name, push, wired, project),
                push_config=types.PushConfig(push_endpoint=endpoint_of(push.function)),
                ack_deadline_seconds=push.ack_deadline_s,
                filter=push.filter or "",
                labels={WINDOW_LABEL: str(wired.functions[push.function].concurrency)},
            )
        )
    for name, written in wired.bigquery_subscriptions.items():
        target = (
            {"push_config": types.PushConfig(push_endpoint=rows_endpoint(name)), "ack_deadline_seconds": 600}
            if rows_endpoint
            else {
                "bigquery_config": types.BigQueryConfig(
                    table=f"{project}.{dataset}.{written.table}",
                    use_table_schema=not written.raw,
                    write_metadata=written.raw,
                )
            }
        )
        made.append(types.Subscription(**_delivery(name, written, wired, project), **target))
    return made


def _delivery(name: str, delivery: Delivery, wired: Pipeline, project: str) -> dict[str, object]:
    topic = f"projects/{project}/topics"
    common: dict[str, object] = {
        "name": f"projects/{project}/subscriptions/{name}",
        "topic": f"{topic}/{delivery.topic}",
        "retry_policy": types.RetryPolicy(
            minimum_backoff=_duration(delivery.min_backoff_s), maximum_backoff=_duration(delivery.max_backoff_s)
        ),
        "message_retention_duration": _duration(wired.message_retention_s),
    }
    if delivery.dead_letter:
        common["dead_letter_policy"] = types.DeadLetterPolicy(
            dead_letter_topic=f"{topic}/{delivery.dead_letter}", max_delivery_attempts=delivery.max_attempts
        )
    return common


def _duration(seconds: float) -> duration_pb2.Duration:
    return duration_pb2.Duration(seconds=int(seconds), nanos=int(seconds % 1 * 1e9))


def _ensure_topic(publisher: pubsub_v1.PublisherClient, name: str) -> None:
    try:
        publisher.create_topic(name=name)
    except AlreadyExists:
        return  # from an earlier run


def _ensure_subscription(subscriber: pubsub_v1.SubscriberClient, definition: types.Subscription) -> None:
    try:
        subscriber.create_subscription(definition)
    except AlreadyExists:
        existing = subscriber.get_subscription(subscription=definition.name)
        _require_same(existing, definition)
        changed = [name for name in UPDATABLE if getattr(existing, name) != getattr(definition, name)]
        if changed:
            mask = field_mask_pb2.FieldMask(paths=changed)
            subscriber.update_subscription(subscription=definition, update_mask=mask)


def _require_same(existing: types.Subscription, wanted: types.Subscription) -> None:
    for field in FIXED:
        if getattr(existing, field) != getattr(wanted, field):
            raise ServerError(
                f"{wanted.name} exists with {field} {getattr(existing, field)!r}, which cannot become "
                f"{getattr(wanted, field)!r}: let it drain and delete it, or give the new one another name."
            )
