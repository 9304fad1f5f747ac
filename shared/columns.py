"""Which columns of a list hold an ad's id and the addresses of its creatives, and what a cell of theirs says.

The names are those that ad managers' exports and APIs, product feeds and people use (docs/lists.md). They are compared
without case, accents, spaces, dashes, underscores and a number at the end: `Image URL 2` is `image_url`.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self

from shared import urls

# In order of preference: of `Ad ID` and `Creative ID` the first names the ad.
AD_ID_NAMES = (
    "ad_id", "advert_id", "ad_group_ad.ad.id", "ad_group_ad.ad_id", "ad.id", "youtube ad id", "ad_key",
    "creative_id", "creative_key", "asset_id", "item_id", "offer_id", "product_id",
    "id",
    "Anzeigen-ID", "ID der Anzeige", "ID de la publicité", "identifiant de la publicité", "ID de annonce",
    "ID del anuncio", "identificador del anuncio", "ID inserzione", "ID annuncio", "ID do anúncio",
    "identificação do anúncio", "advertentie-ID", "ID reklamy", "identyfikator reklamy", "annons-ID", "annonce-ID",
    "annonse-ID", "ID объявления", "ID рекламы", "reklam kimliği", "reklam ID", "広告ID", "广告ID", "廣告ID", "광고 ID",
    "ID iklan", "ID quảng cáo", "ID anunț", "ref", "key", "sku",
)  # fmt: skip

URL_NAMES = (
    # people's own lists
    "url", "urls", "uri", "creative", "creative_url", "creative_urls", "creative_link", "creative_uri", "creative_file",
    "creative_asset_url", "asset", "asset_url", "asset_urls", "asset_link", "ad_url", "ad_creative_url", "ad_image",
    "ad_image_url", "ad_video_url", "banner_url", "media_url", "media_urls", "media_link", "file_url", "file_link",
    "download_url", "download_link", "source_url", "gcs_uri", "gs_uri", "gcs_url", "cdn_url", "s3_url", "src",
    # pictures
    "image", "image_url", "image_urls", "images_url", "image_uri", "image_src", "image_source", "image_asset_url",
    "image_ad_url", "image_creative_url", "picture", "picture_url", "photo_url", "img", "img_url", "img_src",
    "full_picture", "full_size_image_url", "permalink_image_url", "image_permalink_url", "original_image_url",
    "display_url_image", "media_image_url", "card_image_url", "carousel_image_url", "square_image_url",
    "landscape_image_url", "portrait_image_url", "marketing_image_url", "square_marketing_image_url", "logo_image_url",
    # product feeds
    "image_link", "additional_image_link", "additional_image_url", "variant_image", "lifestyle_image_link",
    # films
    "video", "video_url", "video_urls", "video_uri", "video_link", "video_src", "video_source", "video_source_url",
    "video_asset_url", "video_ad_url", "video_creative_url", "video_file_url", "video_download_url", "media_video_url",
    "youtube_url", "youtube_video_url", "youtube_link", "mp4_url",
    # small pictures
    "thumbnail", "thumbnail_url", "thumbnail_link", "thumb_url", "video_thumbnail_url", "video_cover_url", "cover_url",
    "cover_image_url", "poster_url", "preview_image_url", "preview_image",
    # other languages
    "Bild", "Bild-URL", "Video-URL", "Creative-URL", "Anzeigen-URL", "Miniaturbild", "Miniaturbild-URL", "Bildlink",
    "URL de l'image", "URL image", "lien image", "URL de la vidéo", "URL vidéo", "URL de la miniature",
    "URL de la imagen", "URL imagen", "enlace de imagen", "URL del vídeo", "URL de la miniatura", "URL immagine",
    "URL dell'immagine", "URL del video", "URL da imagem", "URL imagem", "link da imagem", "URL do vídeo",
    "Vorschaubild", "enlace de la imagen", "URL изображения", "ссылка на изображение", "ссылка на видео",
    "görsel URL'si", "resim URL'si", "bildadress", "이미지 URL", "동영상 URL", "video thumbnail",
    "afbeeldings-URL", "afbeelding URL", "adres URL obrazu", "URL obrazu", "画像URL", "動画URL", "图片链接", "视频链接",
)  # fmt: skip

_PLACES_TO_GO = re.compile(
    r"final|landing|destination|ziel|website|webseite|homepage|click|tracking|tracker|utm|display(?!urlimage)|product(?!image)"
    r"|store|shop|app|page|callout|link(?:url)?$|href|permalink|report|redirect"
)
_SAYS_ADDRESS = re.compile(r"url|uri|link|lien|src|enlace|source|链接")
_SAYS_ID = re.compile(r"(?<![^\W_])id(?![^\W_])", re.IGNORECASE)
_SAYS_OTHER_ID = re.compile(
    r"campa|kampa|account|konto|group|gruppe|set|page|user|client|customer|video|image", re.IGNORECASE
)
_LINKED = re.compile(
    r"""=(?:HYPERLINK|IMAGE)\(\s*"([^"]+)".*\)|!?\[[^\]]*\]\(<?(\S+?)>?(?:\s+["'][^"']*["'])?\)|<\w+\s[^>]*?\b(?:src|href)=["']?([^"'>\s]+).*>""",
    re.IGNORECASE | re.DOTALL,
)
_SHOWN_IN_HTML = re.compile(
    r"""<(?:img|video|source|amp-img)\s(?:[^<>"']|"[^"]*"|'[^']*')*?\bsrc=["']?([^"'>\s]+)""", re.IGNORECASE
)
_LONGEST_LINK = 20_000
_ENDS_AS_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?|heic|svg|mp4|m4v|mov|webm|zip)(?P<rest>[,;|]\s.*|\s[^./?]*\Z"
    r"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af][^./?]*\Z)?",  # words of scripts that part none by spaces
    re.IGNORECASE | re.DOTALL,
)
_QUERY = re.compile("[?#].*", re.DOTALL)
_SEPARATES = re.compile("[/?]")  # parts of an address
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
_ANOTHER_URL = re.compile(
    r"""(?<![\s,;|、，；])[\s,;|、，；]++(?=["'(<\[“„«「]{0,2}(?:https?:[/\\]{2}|gs://|data:(?:image|video)/))""",
    re.IGNORECASE,
)
_LINKS = {
    "](": re.compile(r"\[[^\]]{0,300}\]\(<?((?:https?|gs)://[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)", re.IGNORECASE),
    "</a>": re.compile(r"""<a\s[^<>]{0,300}?\bhref=["']?((?:https?|gs)://[^"'<>\s]+)""", re.IGNORECASE),
}
"""Of Markdown and HTML, by what each has."""

_ARRAY = re.compile(r"""\[\s*["']?(?:https?:|gs:).*\]|\{\s*["']?(?:https?:|gs:).*\}""", re.IGNORECASE | re.DOTALL)
_OPENING = "\"'`*“”„‟‚‘‹›«»<({[（［｛【〔〈《「『"
_CLOSING = "\"'`*“”„’‘›‹»«>,;|、，；。）］｝】〕〉》」』"
BRACKETS = {")": "(", "]": "[", "}": "{"}
"""How each is opened that may be of an address."""

STOPS = ".!?…"
"""Of sentences."""

_QUOTES = re.compile(r"""["'](?=\s*,)|(?<=[,\s])["'](?=\S)""")
_SAYS_NOTHING = frozenset(
    ("", "na", "none", "null", "nil", "nan", "notset", "undefined", "notavailable", "notapplicable")
)
_LONGEST_NOTHING = 200  # characters: what is written behind so many dashes is something

MOST_MARKS = 100
"""Marks behind an address: nobody writes more, and each is held against all that stands before it."""

type DayOrder = Literal["dmy", "mdy"]
"""Whether 03/04/2026 is in April or in March."""


@dataclass(frozen=True)
class Choice:
    """What the user says about the columns; the table of names holds for what is left open.

    Attributes:
        ad_id: the column with the ads' ids.
        urls: the columns with addresses.
        of_results: whether the list is read for its results, and needs no addresses.
        day_order: whether 03/04/2026 is in April (`dmy`) or in March, where nothing in the list tells.
    """

    ad_id: str | None = None
    urls: tuple[str, ...] = ()
    of_results: bool = False
    day_order: DayOrder | None = None


BY_NAME = Choice()


class Linked(str):
    """What a cell of a spreadsheet shows, where it leads to an address.

    Attributes:
        address: that it leads to.
    """

    __slots__ = ("address",)
    address: str

    def __new__(cls, shown: str, address: str) -> Self:
        """A cell that shows `shown` and leads to `address`."""
        cell = super().__new__(cls, shown)
        cell.address = address
        return cell


class Exact(str):
    """A number of a spreadsheet as text: its point is the one before a fraction, whatever the list's other numbers."""

    __slots__ = ()


@dataclass(frozen=True)
class Columns:
    """Places of columns, from 0.

    Attributes:
        ad_id: None where no column has the ad's id.
        urls: those with addresses of creatives; none where the names tell of none.
        named: those of `urls` that say they hold addresses; `Video` may also hold a name, which is then no address.
    """

    ad_id: int | None
    urls: tuple[int, ...]
    named: tuple[int, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a row says.

    Attributes:
        ad_id: as it stands there, whatever its type.
        urls: the addresses as they stand there, one each; where there is none, what stands in their place.
        extra: all other columns.
    """

    ad_id: object
    urls: tuple[str, ...]
    extra: Mapping[str, object]


@lru_cache(maxsize=1000)
def columns(names: tuple[str, ...], choice: Choice = BY_NAME) -> Columns:
    """Where the id and the addresses are among columns of these names."""
    keys = [key(name) for name in names]
    wanted = [key(choice.ad_id)] if choice.ad_id else _ID_KEYS
    ad_id = next((keys.index(each) for each in wanted if each in keys), None)
    if ad_id is None and not choice.ad_id:
        ad_id = _only_id(names)
    chosen = {key(name) for name in choice.urls}
    known = chosen or _URL_KEYS
    places = [
        at for at, each in enumerate(keys) if each in known or (not chosen and each.rstrip("0123456789") in known)
    ]
    named = tuple(at for at in places if chosen or _SAYS_ADDRESS.search(keys[at]))
    return Columns(ad_id, tuple(at for at in places if at != ad_id), named)


def _only_id(names: Sequence[str]) -> int | None:
    """The one column that says it holds ids, in whatever language, where it is not of what ads are kept in."""
    found = [at for at, name in enumerate(names) if _SAYS_ID.search(name) and not _SAYS_OTHER_ID.search(name)]
    return found[0] if len(found) == 1 else None


def lacking(names: Sequence[str], choice: Choice) -> list[str]:
    """Which of the columns that the user named are not there."""
    keys = {key(name) for name in names}
    return [name for name in (*((choice.ad_id,) if choice.ad_id else ()), *choice.urls) if key(name) not in keys]


def says_id(name: str) -> bool:
    """Whether a column of this name holds ids, of ads or of others."""
    return bool(_SAYS_ID.search(name))


def is_known(name: str) -> bool:
    """Whether it is one of the table's names, of ids or of addresses."""
    return key(name) in _URL_KEYS or key(name) in _ID_KEYS


def leads_elsewhere(name: str) -> bool:
    """Whether a column of this name holds addresses that people are sent to, not creatives."""
    return bool(_PLACES_TO_GO.search(key(name)))


def read(row: Iterable[tuple[str, object]], choice: Choice = BY_NAME) -> Found:
    """The ad's id, the addresses and the rest of a row of named cells."""
    cells = list(row)
    inner = [] if _has_address(cells, choice) else [part for name, cell in cells for part in _parts(cell, name)]
    told = {name for name, _ in cells}
    cells += [(name, cell) for name, cell in inner if name not in told and is_known(name)]
    return split(cells, columns(tuple(name for name, _ in cells), choice))


def _has_address(cells: Sequence[tuple[str, object]], choice: Choice) -> bool:
    places = columns(tuple(name for name, _ in cells), choice).urls
    return any(urls.looks_like_url(text) for at in places for text in urls_in(cells[at][1]))


def _parts(cell: object, path: str, depth: int = 6) -> Iterator[tuple[str, object]]:
    """What an object within a row holds, as the answers of ad platforms nest an ad's creative.

    An ad's id is told by all names on the way to it, too: Google's `adGroupAd.ad.id` is one, `campaign.id` is none.
    """
    if isinstance(cell, Mapping) and depth:
        for name, inner in cell.items():
            whole = f"{path}.{name}"
            yield str(name), inner
            if key(whole) in _IDS_OF_ADS:
                yield whole, inner
            yield from _parts(inner, whole, depth - 1)
    elif isinstance(cell, list) and depth:
        for inner in cell:
            yield from _parts(inner, path, depth - 1)


def split(cells: Sequence[tuple[str, object]], places: Columns) -> Found:
    """As `read`, where it is known which columns are which."""
    ad_id = cells[places.ad_id][1] if places.ad_id is not None and places.ad_id < len(cells) else None
    held = [(at, text) for at in places.urls if at < len(cells) for text in urls_in(cells[at][1])]
    texts = [text for at, text in held if at in places.named or urls.looks_like_url(text)]
    texts = texts or [text for _, text in held if ends_as_file(text)]  # a path is no address: it fails by its name
    addresses = [text for text in texts if not says_nothing(text)] or texts[:1]
    extra = {name: value for at, (name, value) in enumerate(cells) if at != places.ad_id and at not in places.urls}
    return Found(ad_id, tuple(dict.fromkeys(addresses)), extra)


def urls_in(cell: object) -> Iterator[str]:
    """The addresses in a cell: one, several with spaces, commas, semicolons or bars between, or an array of them."""
    if isinstance(cell, list):
        for each in cell:
            yield from urls_in(each)
    elif isinstance(cell, str):
        text = unlinked(cell)
        listed = _shown_in_html(cell) or _array(text) or _links(cell)
        if listed is not None:
            yield from urls_in(listed)
        else:
            told = _ANOTHER_URL.split(text)
            yield from filter(None, (trimmed(_without_remark(each, alone=len(told) == 1)) for each in told))


def _links(cell: str) -> list[str] | None:
    """The addresses of several links."""
    return next((link.findall(cell) or None for sign, link in _LINKS.items() if cell.count(sign) > 1), None)


def unlinked(cell: str) -> str:
    """The address of a link or a picture that a cell makes of it, by a formula, Markdown, HTML or its spreadsheet."""
    text = trimmed(cell)
    if isinstance(cell, Linked) and not urls.looks_like_url(text):
        return trimmed(cell.address)
    shown = _shown_in_html(text)
    if shown:
        return trimmed(shown[0])
    linked = _LINKED.fullmatch(text.rstrip(STOPS)) if len(text) <= _LONGEST_LINK else None
    return trimmed(linked[1] or linked[2] or linked[3]) if linked else text


def _shown_in_html(cell: str) -> list[str] | None:
    """What HTML in a cell shows; it may stand within a link to somewhere else."""
    text = trimmed(cell)
    return _SHOWN_IN_HTML.findall(text[:_LONGEST_LINK]) or None if text.startswith("<") else None


def ends_as_file(address: str) -> bool:
    """Whether an address ends as names of pictures and films do: what follows a comma is no part of it."""
    return any(found.end() == len(address) for found in _ENDS_AS_FILE.finditer(address))


def _without_remark(address: str, *, alone: bool) -> str:
    """An address without what is said after it: `https://…/1.jpg, missing`. A space is of a file's name, or of an
    address that stands alone.
    """
    if not urls.looks_like_url(address):
        return address
    found = _ENDS_AS_FILE.search(address)
    if found and found["rest"]:
        return address[: found.start("rest")]
    first, *said = address.split(maxsplit=1)
    if not said or _names_file(address.rsplit(maxsplit=1)[-1]):
        return address
    is_remark = _names_file(first) and not _SEPARATES.search(said[0])
    return first if is_remark or not alone else address


def _names_file(address: str) -> bool:
    """Whether an address, or its end, names a picture or a film, whatever it asks of it."""
    return ends_as_file(_QUERY.sub("", trimmed(address)))


def trimmed(text: str) -> str:
    """Without the spaces and invisible characters around it; an address also without quotes and brackets."""
    bare = as_shown(text.strip(urls.UNSEEN))
    inner = bare.lstrip(_OPENING)
    return _without_marks(inner) if urls.looks_like_url(inner) else bare


def bare(text: str) -> str:
    """What stands within the quotes and brackets around it, whatever it is."""
    return as_shown(text.strip(urls.UNSEEN)).lstrip(_OPENING)


def _without_marks(address: str) -> str:
    """An address without what people put around it and behind it: quotes, brackets, the stop of a sentence."""
    for _ in range(MOST_MARKS):
        bare = address
        address = address.rstrip(_CLOSING).strip(urls.UNSEEN)
        before_stop = address.rstrip(STOPS)
        if ends_unopened(before_stop):
            address = before_stop[:-1]
        elif before_stop != address and ends_as_file(before_stop):
            address = before_stop
        if address == bare:
            break
    return address


def ends_unopened(text: str) -> bool:
    """Whether it ends with a bracket that was opened before it began."""
    last = text[-1:]
    return last in BRACKETS and text.count(BRACKETS[last]) < text.count(last)


def as_shown(cell: str) -> str:
    """What a spreadsheet shows of a cell that is text for certain: of `="0012"` the digits."""
    found = _AS_TEXT.fullmatch(cell) if cell[:1] == "=" else None
    return found[1].replace('""', '"') if found else cell


def says_nothing(text: str) -> bool:
    """Whether a cell is blank, or holds what tables write for 'nothing': `--`, `N/A`, `null`."""
    told, rest = text[:_LONGEST_NOTHING], text[_LONGEST_NOTHING:]
    return not "0" <= text[:1] <= "9" and key(told) in _SAYS_NOTHING and not any(map(str.isalnum, rest))


def key(name: str) -> str:
    """A name as it is compared: letters and digits only, without case and accents."""
    if name.isascii() and name.isalnum():
        return name.lower()
    folded = unicodedata.normalize("NFKD", name).casefold().removeprefix("g:")  # as product feeds write them
    return "".join(sign for sign in folded if sign.isalnum())


def _array(text: str) -> list[str] | None:
    """The texts of an array as JSON, Python or PostgreSQL writes it; None where it is none."""
    if text.startswith("[") and text.endswith("]"):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            listed = None
        if isinstance(listed, list) and all(isinstance(each, str) for each in listed):
            return listed
    if not _ARRAY.fullmatch(text):
        return None
    return [part.strip(" '\"") for part in _ANOTHER_URL.split(_QUOTES.sub("", text[1:-1]))]


_ID_KEYS = tuple(key(name) for name in AD_ID_NAMES)
_IDS_OF_ADS = frozenset(map(key, ("ad.id", "ad_group_ad.ad.id")))
_URL_KEYS = frozenset(key(name) for name in URL_NAMES)
