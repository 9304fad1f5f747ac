"""Which addresses of ads will not be opened, by their looks: the page and `estimate` say of them what `fetch` will."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from creatives.analysis.inputs import UrlAd
from functions.fetch import inlined
from functions.fetch.platforms import platform_of
from functions.fetch.settings import FetchSettings
from shared import reasons, urls, youtube
from shared.counting import many, the_first
from shared.events import Kind
from shared.media import banners
from shared.media.sandbox import InMemory
from shared.reasons import Reason, Rejected
from shared.urls import HostPort, WebUrl

_TOLD = 3


@dataclass(frozen=True)
class Limits:
    """What the pipeline takes.

    Attributes:
        max_bytes: of a picture's and of a video's file.
        hosts: those that are opened though they are not public.
        takes_youtube: whether videos on YouTube are shown to the model where they are.
    """

    max_bytes: Callable[[Kind], int]
    hosts: Collection[HostPort] = ()
    takes_youtube: bool = False


def limits(fetching: FetchSettings) -> Limits:
    """Those that the settings of `fetch` say."""
    return Limits(fetching.max_bytes, fetching.fetch_allow_hosts, bool(fetching.youtube_seconds))


def fault(url: str | None, limits: Limits) -> str | None:
    """Why an ad of this address will fail without being opened, in a sentence; None where it may work."""
    try:
        _require_usable(url, limits)
    except Rejected as rejected:
        return reasons.sentence(rejected.reason)
    return None


def unopened(ads: Iterable[UrlAd], limits: Limits) -> str | None:
    """A line on the ads that will fail so, the first of them with why; None where there are none."""
    told = [f"{ad.ad_id} ({why})" for ad in ads if (why := fault(ad.url, limits))]
    first = the_first(told, _TOLD, "; ")
    return f"{many(len(told), 'ad')} whose address is not opened, will fail: {first}" if told else None


def shown(url: str) -> str:
    """The address as it was written, but for a whole file that stands in it."""
    return urls.redacted(url) if url.strip()[:5].lower() == "data:" else url


def _require_usable(url: str | None, limits: Limits) -> None:
    if url is None:
        raise Rejected(Reason.MALFORMED_AD, "no address")
    urls.check(url, limits.hosts)
    meant = urls.repaired(url)
    scheme = urls.scheme_of(meant)
    if scheme == "data":
        _require_inlined(meant, limits)
    elif scheme in urls.PORTS and not (limits.takes_youtube and youtube.address_of(meant)):
        _require_no_page(urls.web_url(meant, limits.hosts))


def _require_inlined(url: str, limits: Limits) -> None:
    """Refuses a `data:` address that holds nothing that is analysed, as `fetch` would."""
    banners.recognise(InMemory(inlined.content_of(url)), limits.max_bytes, urls.redacted(url))


def _require_no_page(url: WebUrl) -> None:
    if platform := platform_of(url):
        raise Rejected(Reason.VIDEO_PLATFORM_PAGE, f"{url.host} shows pages of {platform}")
