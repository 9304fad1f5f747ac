"""What the page does not take, and why: said before it is sent, and held to when it comes.

The judgement is the pipeline's own, of types, limits and addresses. What is refused is no ad.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from creatives.analysis import addresses, listfiles
from creatives.analysis.addresses import Limits
from creatives.analysis.inputs import Feed, UrlAd
from shared import reasons
from shared.junk import is_hidden, is_junk
from shared.media import banners
from shared.media.sandbox import Source
from shared.media.sniffing import require_taken, sniff
from shared.reasons import Reason, Rejected

FILE_BYTES = 2 * 10**9
"""Of one file, whatever it is."""


_OPTION = re.compile(r"--(url-columns|id-column|currency|date-order) (?:names [a-z' ]+|says it)")
_COMMAND = ", which `creatives results FILE` takes"
_INSTEAD = {
    "currency": "say it in a column “currency”",
    "date-order": "write days as 2026-11-30",
    "url-columns": "call the column with creatives' addresses “url”",
    "id-column": "call the column with the ads' ids “ad_id”",
}


_NO_ADDRESS = "this row has no address of a creative; add it, and send the list again"


_BY_NAME = f"{_INSTEAD['url-columns']} in the list, and send it again"
_BELOW = "Choose below the one with the creatives' addresses"


@dataclass(frozen=True)
class Refused:
    """What is not taken.

    Attributes:
        name: as the person knows it.
        why: a sentence, and what was found.
        columns: of a list in which none is known to hold addresses: a person may say which does.
    """

    name: str
    why: str
    columns: tuple[str, ...] = ()


def refusal(name: str, size: int, head: bytes, limits: Limits) -> Refused | None:
    """Why a file that begins with `head` cannot work; None where it can, as far as its beginning tells.

    What is in lists and archives is known when they are here.
    """
    if left_out := _left_out(name):
        return Refused(name, left_out)
    return _held(name, lambda: _require_of_use(name, size, head, limits))


def _held(name: str, require: Callable[[], object]) -> Refused | None:
    try:
        require()
    except Rejected as rejected:
        return Refused(name, why(rejected.reason, rejected.detail))
    return None


def _left_out(name: str) -> str | None:
    if is_junk(name):
        return "no creative, left out"
    return "hidden, left out" if "/" in name and is_hidden(name) else None


def _require_of_use(name: str, size: int, head: bytes, limits: Limits) -> None:
    if size > FILE_BYTES:
        raise Rejected(Reason.TOO_LARGE, f"{size:,} bytes, the limit is {FILE_BYTES:,}")
    is_small_list = 0 < size <= listfiles.MOST_BYTES and listfiles.may_be_list(name, head)
    media = sniff(head)
    if not is_small_list and not banners.may_be_banner(media):  # a zip's directory is at its end
        require_taken(media, size, limits.max_bytes, "it")


def of_media(name: str, file: Source, limits: Limits) -> Refused | None:
    """As `refusal`, of a file that is here, and no list and no archive that is opened."""
    return _held(name, lambda: banners.recognise(file, limits.max_bytes, "it"))


def why(reason: Reason, detail: str) -> str:
    """A sentence, and what was found."""
    return f"{reasons.sentence(reason)} ({detail})"


def of_list(name: str, told: str, columns: tuple[str, ...] = ()) -> Refused:
    """Why a list is not taken; where it has columns, it is said below which of them holds the addresses."""
    plain = without_options(told.removeprefix(f"{name}: "))
    return Refused(name, plain.replace(_BY_NAME, _BELOW) if columns else plain, columns)


def without_options(told: str) -> str:
    """What is told of a list, with what can be done here where it names an option or a command of the terminal."""
    told = told.replace(_COMMAND, ", and none of them has a number")  # such as have one are taken
    return _OPTION.sub(lambda found: f"{_INSTEAD[found[1]]} in the list, and send it again", told)


def without_unusable(feed: Feed, limits: Limits) -> tuple[Feed, tuple[Refused, ...]]:
    """The ads whose addresses can be opened, by their looks, and what is wrong with the others."""
    usable: list[UrlAd] = []
    refused: list[Refused] = []
    for ad in feed.urls:
        if fault := addresses.fault(ad.url, limits):
            refused.append(Refused(addresses.shown(ad.url or ad.ad_id), fault))
        else:
            usable.append(ad)
    return replace(feed, urls=usable), tuple(refused)


def without_unfit_rows(feed: Feed, name: str, limits: Limits) -> tuple[Feed, tuple[Refused, ...]]:
    """The ads of the list called `name` whose addresses can be opened; the other rows are told, and are no ads here."""
    usable: list[UrlAd] = []
    refused: list[Refused] = []
    for ad in feed.urls:
        if fault := _fault_of_row(ad, limits):
            refused.append(Refused(ad.ad_id if ad.ad_id.startswith(name) else f"{name}: {ad.ad_id}", fault))
        else:
            usable.append(ad)
    return replace(feed, urls=usable), tuple(refused)


def _fault_of_row(ad: UrlAd, limits: Limits) -> str | None:
    if ad.url is None:
        return _NO_ADDRESS
    fault = addresses.fault(ad.url, limits)
    return f"{fault} ({addresses.shown(ad.url)})" if fault else None
