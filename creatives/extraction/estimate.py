"""What analysing creatives will cost, before anything is paid: from kinds, durations and bytes that are the same.

Nothing is sent anywhere. It is an upper bound but for the length of the answers: duplicates that only look alike are
found later, and those are paid for that show more than a copy which was analysed before they came.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import av
from pydantic import BaseModel

from creatives.analysis import addresses
from functions.embed.settings import EmbedSettings
from functions.extract.money import cost
from functions.extract.settings import ExtractSettings
from functions.fetch.settings import FetchSettings
from functions.fetch.storing import recognise
from shared import features, identity, prices, urls, youtube
from shared.events import Kind
from shared.media import banners, images, sniffing
from shared.media.sandbox import InFile
from shared.models.usage import Usage
from shared.reasons import Reason, Rejected

_MOST_PIXELS = 200_000_000


@dataclass(frozen=True)
class Measured:
    """A creative, as far as its price depends on it.

    Attributes:
        creative_id: of its bytes; `None` for one that is only known by its URL.
        duration_s: seconds; `None` for an image.
        size: width and height in pixels, as coded.
    """

    creative_id: str | None
    kind: Kind
    duration_s: float | None = None
    size: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Vectors:
    """Tokens and money for the vectors of what creatives mean.

    Attributes:
        model: that makes them.
        usage: tokens in all.
        usd: `None` when the price of the model is not known.
    """

    model: str
    usage: Usage
    usd: Decimal | None


@dataclass(frozen=True)
class Estimate:
    """Tokens and money for a set of creatives.

    Attributes:
        images: to be analysed, those behind URLs included.
        videos: to be analysed.
        video_s: seconds of video in all.
        same_bytes: creatives that need no call, because another one has the same bytes.
        unseen: those of `images` that are only known by their URL, and may turn out to be videos.
        usage: tokens in all; no input where it is not known how the model counts pictures.
        usd: with the vectors; `None` when a price is not known.
        vectors: `None` where none are made.
        extractor: who would answer.
        model: the model asked.
        mode: standard, flex or batch.
        warning: what to know of the model: that it ends, or how little is known.
    """

    images: int
    videos: int
    video_s: float
    same_bytes: int
    unseen: int
    usage: Usage
    usd: Decimal | None
    vectors: Vectors | None
    extractor: str
    model: str
    mode: prices.Mode
    warning: str | None


def measure(path: Path) -> Measured:
    """A file's kind and duration, from its header.

    Raises:
        Rejected: for what cannot be analysed, with the reason that `fetch` has for it.
    """
    content_hash = identity.ContentHash()
    with path.open("rb") as file:
        head = file.read(sniffing.HEAD_BYTES)
        media = recognise(head, path.name)
        content_hash.update(head)
        while chunk := file.read(2**20):
            content_hash.update(chunk)
    if media.kind is Kind.IMAGE:
        return _measured_image(path, media.content_type, content_hash.creative_id)
    if media.kind is Kind.VIDEO:
        return _measured_video(path, content_hash.creative_id)
    return _measured_banner(path, content_hash.creative_id)


def behind(written: Iterable[str]) -> list[Measured | str]:
    """What is behind addresses: a picture until it is fetched, or a video on YouTube for as long as it is shown; of one
    that will not be opened, why not: nothing is paid for it.

    Raises:
        SettingsError: when a setting of `fetch` in the environment is unusable.
    """
    fetching = FetchSettings.load(**dict.fromkeys(_NAMES, "nobody is asked"))
    limits = addresses.limits(fetching)
    return [addresses.fault(each, limits) or _behind(each, fetching.youtube_seconds) for each in written]


def _behind(address: str, youtube_seconds: int) -> Measured:
    video = youtube.address_of(urls.repaired(address))
    if video is None:
        return Measured(None, Kind.IMAGE)
    return Measured(youtube.creative_id(video), Kind.VIDEO, youtube_seconds)


def settings(extractor: str = "auto", model: str | None = None, **changed: object) -> ExtractSettings:
    """The settings of the environment with these changed, without what only who is really asked needs.

    Args:
        extractor: who would answer; `auto` is Gemini, also where nothing is configured yet.
        model: instead of the environment's.
        changed: other settings.

    Raises:
        SettingsError: naming what is unusable.
    """
    chosen = "gemini" if extractor == "auto" else extractor
    unasked = dict.fromkeys((*_NAMES, *_UNASKED.get(chosen, ())), "nobody is asked")
    named = {_MODEL_SETTINGS[chosen]: model} if model and chosen in _MODEL_SETTINGS else {}
    return ExtractSettings.load(**{**unasked, "extractor": chosen, **named, **changed})


_NAMES = ("google_cloud_project", "creatives_bucket", "results_bucket", "staging_bucket")
_MODEL_SETTINGS = {"gemini": "gemini_model", "azure": "azure_openai_model", "openai": "openai_model"}
_UNASKED = {
    "gemini": ("gemini_api_key",),
    "azure": ("azure_openai_endpoint", "azure_openai_api_key", "azure_openai_deployment"),
    "openai": ("openai_base_url",),
}


def embedding_settings(**changed: object) -> EmbedSettings:
    """Whether vectors are made, as the environment says with these changed.

    Raises:
        SettingsError: naming what is unusable.
    """
    return EmbedSettings.load(**{**dict.fromkeys(_NAMES, "nobody is asked"), **changed})


def estimate(
    measured: Sequence[Measured], chosen: ExtractSettings, on: date, embedding_model: str | None = None
) -> Estimate:
    """What it will take to analyse all of `measured` with the chosen extractor, on the day `on`."""
    distinct = list({each.creative_id or number: each for number, each in enumerate(measured)}.values())
    model = features.load(chosen.features)
    vectors = _vectors(distinct, embedding_model, model, on) if embedding_model else None
    usages = [cost.expected_usage(each.kind, each.duration_s, each.size, model, chosen) for each in distinct]
    return Estimate(
        images=sum(each.kind is Kind.IMAGE for each in distinct),
        videos=sum(each.kind is Kind.VIDEO for each in distinct),
        video_s=sum(each.duration_s or 0.0 for each in distinct),
        same_bytes=len(measured) - len(distinct),
        unseen=sum(each.creative_id is None for each in distinct),
        usage=_total(usages),
        usd=_sum([_usd(usages, chosen, on), vectors.usd if vectors else Decimal(0)]),
        vectors=vectors,
        extractor=chosen.chosen_extractor,
        model=chosen.chosen_model or "none",
        mode=chosen.extraction_mode,
        warning=_warning(chosen, on),
    )


def _usd(usages: Sequence[Usage], chosen: ExtractSettings, on: date) -> Decimal | None:
    if chosen.chosen_model is None:
        return Decimal(0)
    return prices.total(chosen.chosen_model, chosen.extraction_mode, usages, on)


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _vectors(distinct: Sequence[Measured], model: str, asked: type[BaseModel], on: date) -> Vectors:
    from functions.embed import expected  # Google's client of models takes a second to import

    usages = [expected.usage(e.kind, e.duration_s, cost.answer_tokens(e.kind, asked)) for e in distinct]
    return Vectors(model, _total(usages), prices.total(model, "standard", usages, on))


def _warning(chosen: ExtractSettings, on: date) -> str | None:
    if chosen.chosen_extractor == "offline":
        return "Offline nothing is asked of anybody: text, prices, offers, colours and faces only."
    if chosen.chosen_extractor == "gemini":
        service: prices.Service = "vertex" if chosen.google_genai_use_vertexai else "developer"
        return prices.end_of_life(chosen.gemini_model, service, on)
    known = prices.known(chosen.chosen_model or "")
    if known is None or known.pictures is None:
        return f"How many tokens {chosen.chosen_model} counts for a picture is not known before it answers."
    return None


def _total(usages: Iterable[Usage]) -> Usage:
    listed = list(usages)
    summed = {f.name: [getattr(usage, f.name) for usage in listed] for f in fields(Usage)}
    unknown = any(usage.input_tokens is None and usage.text_tokens for usage in listed)
    total = Usage(**{name: sum(each or 0 for each in counts) for name, counts in summed.items()})
    return replace(total, input_tokens=None) if unknown else total


def _measured_banner(path: Path, creative_id: str) -> Measured:
    """An HTML5 banner as the film that it may become."""
    banners.require_banner(InFile(path, path.stat().st_size), path.name)
    return Measured(creative_id, Kind.VIDEO, banners.LONGEST_S)


def _measured_image(path: Path, content_type: str, creative_id: str) -> Measured:
    with images.open_image(path.read_bytes(), content_type, max_pixels=_MOST_PIXELS) as image:
        return Measured(creative_id, Kind.IMAGE, size=image.size)


def _measured_video(path: Path, creative_id: str) -> Measured:
    try:
        with av.open(str(path)) as video:
            if not video.duration or not video.streams.video:
                raise Rejected(Reason.BROKEN_VIDEO, "it has no length, or no pictures")
            stream = video.streams.video[0]
            return Measured(creative_id, Kind.VIDEO, video.duration / av.time_base, (stream.width, stream.height))
    except (av.FFmpegError, OSError) as error:
        raise Rejected(Reason.BROKEN_VIDEO, str(error)) from error
