"""Deliveries: pushes to HTTP endpoints and rows for BigQuery, with deadlines, backoff, attempts and dead letters.

One task per push or BigQuery subscription takes what is due from the store. An answer of 102, 200, 201, 202 or 204
within the acknowledge deadline acknowledges a push (https://cloud.google.com/pubsub/docs/push); anything else is tried
again after a backoff that doubles from the retry policy's minimum to its maximum, and past the last attempt goes to
the dead-letter topic with the attributes that the real service adds.
"""

import asyncio
import base64
import contextlib
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
from google.api_core.exceptions import GoogleAPIError
from google.api_core.retry import Retry
from google.cloud import bigquery
from google.pubsub_v1.types import pubsub
from requests.exceptions import RequestException

from local.pubsub import filters, rows
from local.pubsub.store import Outgoing, Store

# Pushes open at the same time per subscription; rows written at once; and how long a batch of rows is gathered.
PUSH_WINDOW = 32
ROWS_WINDOW = 500
ROWS_GATHER_S = 0.05
ROWS_DEADLINE_S = 120
ACKNOWLEDGES = {102, 200, 201, 202, 204}
DEFAULT_ACK_DEADLINE_S = 10

# Pub/Sub's own backoff is the only one: the client must not retry on top of it.
NO_RETRY = Retry(predicate=lambda _: False)

Subscription = pubsub.Subscription.pb()

type Definition = Any  # a Subscription's protobuf; the class is made at run time


class Delivering:
    """All subscriptions at work.

    `bigquery_client` writes rows; without one, BigQuery subscriptions wait.
    """

    def __init__(self, store: Store, bigquery_client: bigquery.Client | None) -> None:
        self._store = store
        self._bigquery = bigquery_client
        self._schemas: dict[str, bigquery.Table] = {}
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._definitions: dict[str, Any] = {}
        self._filters: dict[str, filters.Predicate] = {}
        self._wakes: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        for name, definition in store.subscriptions().items():
            self.put(Subscription.FromString(definition), name=name)

    def put(self, subscription: Definition, *, name: str) -> None:
        """Starts delivering a subscription, or goes on by its new definition.

        Raises:
            FilterError: when its filter is not one.
        """
        self._filters[name] = filters.parse(subscription.filter)
        self._definitions[name] = subscription
        self._store.put_subscription(name, subscription.topic, subscription.SerializeToString())
        self._wakes.setdefault(name, asyncio.Event())
        kind = _kind(subscription)
        if kind != "pull" and name not in self._tasks:
            self._tasks[name] = asyncio.create_task(self._keep_running(name), name=name)

    def definition(self, name: str) -> Definition | None:
        """The subscription's definition, or None."""
        return self._definitions.get(name)

    def definitions(self) -> dict[str, Any]:
        """All definitions by name."""
        return dict(self._definitions)

    def remove(self, name: str) -> None:
        """Stops and forgets a subscription."""
        task = self._tasks.pop(name, None)
        if task:
            task.cancel()
        del self._definitions[name], self._filters[name], self._wakes[name]
        self._store.delete_subscription(name)

    def publish(self, topic: str, messages: Sequence[tuple[bytes, Mapping[str, str], str]]) -> list[int]:
        """Keeps messages for the topic's subscriptions whose filters they pass, and gives their numbers."""
        names = [name for name, each in self._definitions.items() if each.topic == topic]
        wanted = [[name for name in names if self._filters[name](attributes)] for _, attributes, _ in messages]
        numbers = self._store.publish(topic, messages, wanted)
        for name in names:
            self._wakes[name].set()
        return numbers

    async def wait_due(self, name: str, limit_s: float) -> None:
        """Returns when the subscription's next delivery has its turn, or after `limit_s` seconds."""
        due = self._store.next_due(name)
        wait = limit_s if due is None else min(limit_s, max(0.0, due - time.time()))
        if wait:
            wake = self._wakes[name]
            wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), wait)

    async def stop(self) -> None:
        """Ends all tasks; what was under way is delivered again at the next start."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._http.close()

    async def _keep_running(self, name: str) -> None:
        """Runs the subscription; a fault of our own is said and must not end its deliveries."""
        run = self._push_all if _kind(self._definitions[name]) == "push" else self._write_all
        while True:
            try:
                await run(name)
            except Exception as error:  # noqa: BLE001 - the loop is the last to catch it
                sys.stderr.write(f"{name}: {error!r}\n")
                await asyncio.sleep(1)

    async def _push_all(self, name: str) -> None:
        under_way: set[asyncio.Task[None]] = set()
        while True:
            free = PUSH_WINDOW - len(under_way)
            deadline = self._definitions[name].ack_deadline_seconds or DEFAULT_ACK_DEADLINE_S
            leased = self._store.lease(name, free, deadline + 5) if free else []
            for outgoing in leased:
                task = asyncio.create_task(self._push(name, outgoing, deadline))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            if free and not leased:
                await self.wait_due(name, 60)
            elif not free:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(0)

    async def _push(self, name: str, outgoing: Outgoing, deadline: float) -> None:
        definition = self._definitions[name]
        try:
            async with self._http.post(
                definition.push_config.push_endpoint,
                json=envelope(name, definition, outgoing),
                timeout=aiohttp.ClientTimeout(total=deadline),
                allow_redirects=False,
            ) as answer:
                outcome = "" if answer.status in ACKNOWLEDGES else f"answered {answer.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            outcome = type(error).__name__
        if outcome:
            sys.stderr.write(f"{name}: message {outgoing.message_id}, attempt {outgoing.attempts}: {outcome}\n")
            self.refuse(name, outgoing)
        else:
            self._store.acknowledge([outgoing.delivery])

    def refuse(self, name: str, outgoing: Outgoing) -> None:
        """A delivery that was not acknowledged: tried again later, or given up to the dead-letter topic."""
        definition = self._definitions[name]
        policy = definition.dead_letter_policy
        if policy.dead_letter_topic and outgoing.attempts >= (policy.max_delivery_attempts or 5):
            self.publish(policy.dead_letter_topic, [dead_letter(name, outgoing)])
            self._store.acknowledge([outgoing.delivery])
            return
        self._store.postpone([outgoing.delivery], backoff(definition.retry_policy, outgoing.attempts))
        self._wakes[name].set()

    async def _write_all(self, name: str) -> None:
        while self._bigquery:
            leased = self._store.lease(name, ROWS_WINDOW, ROWS_DEADLINE_S)
            if not leased:
                await self.wait_due(name, 60)
                await asyncio.sleep(ROWS_GATHER_S)
                continue
            refused = await asyncio.to_thread(self._write, name, leased)
            self._store.acknowledge([each.delivery for each in leased if each.delivery not in refused])
            for each in leased:
                if each.delivery in refused:
                    self.refuse(name, each)
        await asyncio.Event().wait()

    def _write(self, name: str, leased: Sequence[Outgoing]) -> set[int]:
        """Writes what fits the table; gives the deliveries that did not get into it."""
        config = self._definitions[name].bigquery_config
        try:
            table = self._table(config.table)
            fitting, refused = _fit(name, config, table, leased)
            if any("no column" in reason for reason in refused.values()):
                table = self._table(config.table, again=True)
                fitting, refused = _fit(name, config, table, leased)
            self._insert(table, fitting, refused)
        except (GoogleAPIError, RequestException) as error:
            refused = {each.delivery: str(error)[:300] for each in leased}
        for reason in set(refused.values()):
            sys.stderr.write(f"{name}: refused: {reason}\n")
        return set(refused)

    def _insert(self, table: bigquery.Table, fitting: Mapping[int, dict[str, Any]], refused: dict[int, str]) -> None:
        if not fitting:
            return
        assert self._bigquery  # noqa: S101 - only called with a client
        deliveries = list(fitting)
        errors = self._bigquery.insert_rows_json(table, list(fitting.values()), retry=NO_RETRY, timeout=60)
        refused |= {deliveries[error["index"]]: str(error["errors"])[:300] for error in errors}

    def _table(self, name: str, *, again: bool = False) -> bigquery.Table:
        assert self._bigquery  # noqa: S101 - only called with a client
        if again or name not in self._schemas:
            self._schemas[name] = self._bigquery.get_table(name.replace(":", "."), retry=NO_RETRY, timeout=30)
        return self._schemas[name]


def _fit(
    name: str,
    config: Definition,
    table: bigquery.Table,
    leased: Sequence[Outgoing],
) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    fitting: dict[int, dict[str, Any]] = {}
    refused: dict[int, str] = {}
    for each in leased:
        try:
            fitting[each.delivery] = _row(name, config, table, each)
        except rows.RowRefused as refusal:
            refused[each.delivery] = str(refusal)
    return fitting, refused


def _row(name: str, config: Definition, table: bigquery.Table, outgoing: Outgoing) -> dict[str, Any]:
    if config.use_table_schema:
        return rows.row_of(outgoing.data, table.schema)
    return rows.raw_row(
        outgoing.data,
        outgoing.attributes,
        subscription=name,
        message_id=str(outgoing.message_id),
        publish_time=datetime.fromtimestamp(outgoing.published, UTC),
    )


def envelope(name: str, definition: Definition, outgoing: Outgoing) -> dict[str, Any]:
    """The body of a push request, as the real service writes it."""
    published = datetime.fromtimestamp(outgoing.published, UTC).isoformat().replace("+00:00", "Z")
    message = {
        "data": base64.b64encode(outgoing.data).decode(),
        "attributes": dict(outgoing.attributes),
        "messageId": str(outgoing.message_id),
        "message_id": str(outgoing.message_id),
        "publishTime": published,
        "publish_time": published,
    }
    if outgoing.ordering_key:
        message["orderingKey"] = outgoing.ordering_key
    body: dict[str, Any] = {"message": message, "subscription": name}
    if definition.dead_letter_policy.dead_letter_topic:
        body["deliveryAttempt"] = outgoing.attempts
    return body


def dead_letter(name: str, outgoing: Outgoing) -> tuple[bytes, dict[str, str], str]:
    """The message as it is forwarded, with the attributes that the real service adds."""
    _, project, _, subscription = name.split("/")
    published = datetime.fromtimestamp(outgoing.published, UTC).isoformat()
    added = {
        "CloudPubSubDeadLetterSourceDeliveryCount": str(outgoing.attempts),
        "CloudPubSubDeadLetterSourceSubscription": subscription,
        "CloudPubSubDeadLetterSourceSubscriptionProject": project,
        "CloudPubSubDeadLetterSourceTopicPublishTime": published,
    }
    return outgoing.data, {**outgoing.attributes, **added}, outgoing.ordering_key


def backoff(policy: Definition, attempts: int) -> float:
    """Seconds until the next attempt after `attempts` of them; at once when there is no policy."""
    if not policy.ListFields():
        return 0.1
    least = policy.minimum_backoff.ToTimedelta().total_seconds() if policy.HasField("minimum_backoff") else 10.0
    most = policy.maximum_backoff.ToTimedelta().total_seconds() if policy.HasField("maximum_backoff") else 600.0
    return float(min(most, least * 2 ** min(attempts - 1, 30)))


def _kind(subscription: Definition) -> str:
    if subscription.push_config.push_endpoint:
        return "push"
    return "bigquery" if subscription.bigquery_config.table else "pull"
