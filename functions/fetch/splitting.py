"""A published batch becomes one `Ad` event an item, so that a bad URL never re-fetches its neighbours.

Splitting the same message again gives the same events, also where a replay publishes it anew: it names the chain that
it goes on with (attribute `event_id`).
"""

from collections.abc import Iterator

from shared import batches
from shared.events import Ad, Event, Failure
from shared.reasons import Reason
from shared.stage import Message


def split(message: Message) -> Iterator[Event]:
    """An `Ad` for each item of the batch, a `Failure` for each that is none.

    Raises:
        Rejected: when the message cannot be read at all.
    """
    batch = batches.parse(message.data, message.attributes)
    chain = message.attributes.get("event_id") or message.message_id
    batch_id = batch.batch_id or chain
    for item in batch.items():
        event_id = f"{chain}-{item.index}"
        if isinstance(item, batches.Item):
            event_id += f".{item.part}" if item.part else ""
            yield Ad(
                event_id=event_id,
                ad_id=item.ad_id,
                source=item.url,
                batch_id=batch_id,
                origin=batch.origin,
                extra=item.extra,
            )
        else:
            yield Failure(
                event_id=event_id,
                stage="fetch",
                reason=Reason.MALFORMED_AD,
                detail=item.detail,
                ad_id=item.ad_id,
                source=item.url,
                batch_id=batch_id,
            )
