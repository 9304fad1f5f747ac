"""The creative behind a URL, stored: one function for each kind of URL.

A `gs://` object is copied with this function's own rights, on behalf of whoever published the batch. So the results and
staging buckets, which only the pipeline may read, are refused, and every other bucket has to be opened to the
function's account by its owner: that grant is the permission (see docs/security.md).
"""

import re
import time
from typing import TYPE_CHECKING

from google.api_core.exceptions import BadRequest, Forbidden, Unauthorized

from functions.fetch import inlined
from functions.fetch.downloading import SiteUnavailableError, download
from functions.fetch.hosts import Hosts
from functions.fetch.storing import Store, Stored, recognise
from shared import objects
from shared.media.sniffing import HEAD_BYTES
from shared.reasons import Reason, Rejected
from shared.urls import WebUrl, redacted

if TYPE_CHECKING:
    from google.cloud import storage

_GS_URL = re.compile(r"gs://(?P<bucket>[a-z0-9][a-z0-9._-]{1,220}[a-z0-9])/(?P<name>[^\r\n]{1,1024})", re.IGNORECASE)


def from_web(url: WebUrl, store: Store, hosts: Hosts) -> Stored:
    """Downloads `url`; when the site asks for a little patience, waits and tries once more.

    Raises:
        Rejected: when there is nothing to be had.
        SiteUnavailableError, HostBusyError: when it should be tried later.
    """
    try:
        return _download(url, store, hosts)
    except SiteUnavailableError as error:
        if error.retry_after_s is None or error.retry_after_s > store.settings.fetch_retry_after_s:
            raise
        time.sleep(error.retry_after_s)
    return _download(url, store, hosts)


def from_data(url: str, store: Store) -> Stored:
    """Stores what a data: URL holds.

    Raises:
        Rejected: when it is malformed, or holds nothing that we analyse.
    """
    data = inlined.content_of(url)
    return store.keep([data] if data else [], redacted(url))


def from_bucket(url: str, store: Store) -> Stored:
    """Copies the object of a gs:// URL within Cloud Storage; one in the creatives bucket stays where it is.

    Raises:
        Rejected: when it is not there, may not be read, or is nothing that we analyse.
    """
    match = _GS_URL.fullmatch(url.strip())
    if not match:
        raise Rejected(Reason.INVALID_URL, f"{redacted(url)} is not of the form gs://bucket/object")
    uri = f"gs://{match['bucket'].lower()}/{match['name']}"
    bucket = match["bucket"].lower()
    if bucket in (store.settings.results_bucket, store.settings.staging_bucket):
        raise Rejected(Reason.FORBIDDEN_URL, f"{bucket} is the pipeline's own bucket")
    try:
        return _copy(store.client, uri, store)
    except (BadRequest, Forbidden, Unauthorized) as error:
        raise Rejected(Reason.ACCESS_DENIED, f"{redacted(uri)} may not be read: {error.message[:200]}") from error


def _download(url: WebUrl, store: Store, hosts: Hosts) -> Stored:
    with download(url, store.settings, hosts) as file:
        return store.keep(file.chunks, redacted(str(file.url)), file.claimed_bytes)


def _copy(client: "storage.Client", uri: str, store: Store) -> Stored:
    found = objects.find(client, uri)
    if found is None:
        raise Rejected(Reason.NOT_FOUND, f"{redacted(uri)} is not there, or not ours to see")
    media = recognise(found.read_range(0, HEAD_BYTES), redacted(uri))
    if found.size > store.limit(media):
        raise Rejected(Reason.TOO_LARGE, f"{redacted(uri)} is {media.name} of {found.size:,} bytes, over the limit")
    if found.blob.bucket.name == store.settings.creatives_bucket:
        return Stored(creative_id=found.creative_id(), uri=uri)
    return store.copy(found.blob, found.creative_id(), media)
