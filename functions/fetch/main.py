"""`fetch`: a batch of URLs becomes one event an ad; an ad's URL becomes an object in the creatives bucket.

Both come to this function, by two subscriptions: what users publish, and our own `Ad` events (attribute `event`).
`creatives replay` sends them again: its attribute `replayed_at` says that what is remembered from before is not asked.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import functions_framework
from pydantic import AwareDatetime, ValidationError

from functions.fetch import by_address, records, sources
from functions.fetch.hosts import Hosts
from functions.fetch.settings import settings
from functions.fetch.splitting import split
from functions.fetch.storing import Store, Stored
from shared import clients, stage, urls, youtube
from shared.events import Ad, Event, Sighting
from shared.reasons import Reason, Rejected
from shared.singleton import Singleton
from shared.stage import Message

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent


class AskedAgain(Ad):
    """An ad that somebody sends once more, on purpose.

    Attributes:
        replayed_at: when; what its URL led to before is tried anew.
    """

    replayed_at: AwareDatetime


@functions_framework.cloud_event
def fetch(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(cloud_event, stage="fetch", project=settings().google_cloud_project, parse=parse, step=step)


def parse(message: Message) -> Ad | Message:
    """The ad that one of our own messages is about; any other message is a batch, and read while it is split."""
    if message.attributes.get("event") != "Ad":
        return message
    ad = stage.parse_event(Ad)(message)
    replayed_at = message.attributes.get("replayed_at")
    return asked_again(ad, replayed_at) if replayed_at else ad


def asked_again(ad: Ad, replayed_at: str) -> AskedAgain:
    """The ad as it is sent once more.

    Raises:
        Rejected: when `replayed_at` is no time.
    """
    try:
        return AskedAgain.model_validate({**ad.model_dump(), "replayed_at": replayed_at})
    except ValidationError as error:
        raise Rejected(Reason.MALFORMED_MESSAGE, f"not a replayed Ad: {stage.explain(error)}") from error


def step(work: Ad | Message) -> Iterator[Event]:
    """What follows: the ads of a batch, or the `Sighting` of one ad."""
    return iter(taken_in(work)) if isinstance(work, Ad) else split(work)


def taken_in(ad: Ad) -> list[Event]:
    """That the ad uses this creative, which is in the bucket now, or is looked at where it is.

    Raises:
        Rejected: when its URL leads to nothing that can be analysed.
        Exception: when it should be tried again.
    """
    seconds = settings().youtube_seconds
    address = youtube.address_of(urls.repaired(ad.source)) if seconds else None
    if address is None:
        return [sighting(ad, creative(ad))]
    urls.check(ad.source)  # an address that is only handed on is held to the rules of those that are opened
    video = Stored(creative_id=youtube.creative_id(address), uri=address)
    return [sighting(ad, video), *by_address.asked(ad, video, seconds)]


def sighting(ad: Ad, stored: Stored) -> Sighting:
    """That the ad uses this creative."""
    return Sighting(
        event_id=ad.event_id,
        ad_id=ad.ad_id,
        source=ad.source,
        batch_id=ad.batch_id,
        origin=ad.origin,
        creative_id=stored.creative_id,
        uri=stored.uri,
    )


def creative(ad: Ad) -> Stored:
    """The content behind the ad's URL, stored."""
    client = clients.storage_client(settings().google_cloud_project)
    store = Store(client, settings(), event_id=ad.event_id, batch_id=ad.batch_id)
    source = urls.repaired(ad.source)
    match urls.scheme_of(source):
        case "data":
            return sources.from_data(source, store)
        case "gs":
            return sources.from_bucket(source, store)
    url = urls.web_url(source, settings().fetch_allow_hosts)
    results = client.bucket(settings().results_bucket)
    since = ad.replayed_at if isinstance(ad, AskedAgain) else None
    return records.shared_by_ads(results, url, settings(), lambda: sources.from_web(url, store, hosts()), since=since)


@Singleton
def hosts() -> Hosts:
    """The hosts that this instance contacts."""
    return Hosts(
        connections=settings().fetch_host_connections,
        queue=settings().fetch_host_queue,
        patience_s=settings().fetch_host_patience_s,
    )
