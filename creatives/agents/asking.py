"""The questions that an assistant may ask of a dataset: each reads the views, answers little, and changes nothing.

Whatever an ad says stands under `from_ads`: it was written by strangers, and may be meant as an order for who reads it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.cloud import bigquery

from creatives.agents import words as wording
from creatives.agents.meaning import Meanings
from creatives.agents.pictures import NoPictureError, Picture
from creatives.agents.words import Term
from creatives.operations import failures, naming, status
from creatives.operations.tables import Tables
from shared import urls

MOST = 50
"""Rows of an answer, however many are asked for: an assistant reads all of it."""

_TEXT_CHARS = 300
_HASH_BITS = 64
_FRAMES = 8  # of a film, by which others like it are looked for
_FOLDER = Path(__file__).parent
_OF_RESULTS = _FOLDER.parent / "results"

type Row = dict[str, Any]


class NotKnownError(ValueError):
    """What is asked about is not in the dataset."""


@dataclass(frozen=True)
class Questions:
    """A dataset that can be asked.

    Attributes:
        opened: gives the dataset for one question. An assistant asks for hours, and others work with the folder, too.
        meanings: gives what creatives mean, to find them by that as well; None: by words alone.
        kept: whether ads and money are told as `settle` counted them last: to count anew reads all rows.
    """

    opened: Callable[[], AbstractContextManager[Tables]]
    meanings: Callable[[Tables], Meanings] | None = None
    kept: bool = False

    def find(self, words: str, most: int = 10) -> Row:
        """Find creatives by what they show, in any of sixteen languages: text, brand, promotion, product, style.

        Names of files, formats, people's tags and notes are looked through, too. Those that have all of the words come
        first, then those that mean the like, then those with most of the words. Copies of one creative are one result.
        """
        terms = wording.terms(words)
        if not terms:
            return {"words": [], "creatives": []}
        with self.opened() as tables:
            having = with_words(tables.within(_FOLDER), terms, _few(most))
            all_of_them = [row for row in having if row["n_words"] == len(terms)]
            alike = [] if len(all_of_them) == _few(most) else self._alike(tables, words, _few(most))
        found = {row["creative_id"]: row for row in [*having, *alike, *all_of_them]}
        order = dict.fromkeys(row["creative_id"] for row in [*all_of_them, *alike, *having])
        listed = [found[creative_id] for creative_id in order][: _few(most)]
        return {"words": [term.word for term in terms], "creatives": [_found(row) for row in listed]}

    def like(self, creative_id: str, most: int = 10) -> Row:
        """Find creatives that say the like of one, by its id; itself and its copies are not among them."""
        with self.opened() as tables:
            creative_id = _whole(tables, creative_id)
            near = self.meanings(tables).by_creative(creative_id, _few(most)) if self.meanings else None
            if near is None:
                raise NotKnownError(f"no creative with the id {creative_id} was analysed: `find` tells ids")
            return {"creatives": [_found(row) for row in _listed(tables, near)]}

    def like_picture(self, picture: Picture, most: int = 10) -> Row:
        """Find creatives like a picture that the dataset need not know.

        One of its very bytes comes first, or the one that this is a copy of, then what is like that. Of another picture
        those come first that look like it by their hashes, then what means the like.

        Raises:
            NoPictureError: when it is no picture, or nothing can be found by it.
        """
        if self.meanings is None:
            return {"creatives": []}
        own = picture.content_id  # before all that takes time: it may be no picture
        with self.opened() as tables:
            meanings, within = self.meanings(tables), tables.within(_FOLDER)
            known = within.ask("creative", ids=[own])
            own = known[0]["canonical_id"] or own if known else own
            near = meanings.by_creative(own, _few(most) - 1) if known else None
            if near is None:
                near = [*_looking_alike(within, picture, _few(most)), *meanings.by_picture(picture, _few(most))]
            else:
                near = [(own, 1.0), *near]
            if not near:
                raise NoPictureError(f"nothing is like {picture.path}, as it looks or as it says: look by words")
            likeness = dict(reversed(near))
            listed = [(each, likeness[each]) for each in dict.fromkeys(each for each, _ in near)]
            return {"creatives": [_found(row) for row in _listed(tables, listed[: _few(most)])]}

    def _alike(self, tables: Tables, words: str, most: int) -> list[Row]:
        if self.meanings is None:
            return []
        return _listed(tables, self.meanings(tables).by_words(words, most))

    def creative(self, creative_id: str) -> Row:
        """Tell everything that is known of one creative: format, features, whose copy it is, people's tags, cost."""
        with self.opened() as tables:
            rows = tables.within(_FOLDER).ask("creative", ids=[_whole(tables, creative_id)])
        if not rows:
            raise NotKnownError(f"no creative has the id {creative_id}: `find` tells ids")
        return _marked(rows[0], "features", "detail")

    def ads_of(self, creative_id: str, most: int = 20) -> Row:
        """List the ads that show a creative or a copy of it, with how many there are in all."""
        with self.opened() as tables:
            rows = tables.within(_FOLDER).ask("ads_of", ids=[_whole(tables, creative_id)], most=_few(most))
        n_ads = rows[0]["n_ads"] if rows else 0
        listed = [_marked({k: v for k, v in row.items() if k != "n_ads"}, *_OF_AD) for row in rows]
        return {"n_ads": n_ads, "ads": listed}

    def failed(self, most: int = 20) -> Row:
        """Tell how many ads there are of each status, and list those that failed: why, and what can be done."""
        with self.opened() as tables:
            now = status.read(tables, datetime.now(UTC).date(), kept=self.kept)
            listed = [each.shown() for each in failures.read(tables, failures.Choice(most=_few(most)))]
        return {
            "ads_by_status": now.by_status,
            "failed_by_reason": now.failures,
            "failed": [
                {"reason": each.reason, "what": each.sentence, "advice": each.advice}
                | _marked({"ad_id": each.ad_id, "source": each.source}, *_OF_AD)
                for each in listed
            ],
        }

    def money(self) -> Row:
        """Tell what the analysis itself cost, today and in all, and what finding duplicates saved, in US dollars."""
        with self.opened() as tables:
            return status.read(tables, datetime.now(UTC).date(), kept=self.kept).money.model_dump(mode="json")

    def what_works(self, most: int = 20) -> Row:
        """List features that go with better or worse results (not always their cause), and creatives that wear out."""
        with self.opened() as tables:
            of_results = tables.within(_OF_RESULTS)
            lifts = [row for row in of_results.ask("works") if row["verdict"] != "no claim"]
            worn = [row for row in of_results.ask("fatigue") if row["state"] in ("wearing", "worn")]
        return {
            "goes_with_results": [_marked(row, "value") for row in lifts[: _few(most)]],
            "wears_out": [_marked(row) for row in worn[: _few(most)]],
        }

    def all(self) -> Sequence[Callable[..., Row]]:
        """The seven of them."""
        return (self.find, self.like, self.creative, self.ads_of, self.failed, self.money, self.what_works)


def _whole(tables: Tables, creative_id: str) -> str:
    """The id in full.

    Raises:
        NotKnownError: when several begin so.
    """
    try:
        return naming.whole(tables, [creative_id])[0]
    except naming.SeveralError as error:
        raise NotKnownError(str(error)) from error


def with_words(within: Tables, terms: Sequence[Term], most: int) -> list[Row]:
    """Those that have most of the words, and how many of them each has."""
    words, patterns = ([term.text for term in terms if term.is_pattern is each] for each in (False, True))
    return within.ask("find", words=words, patterns=patterns, most=most)


def _looking_alike(within: Tables, picture: Picture, most: int) -> list[tuple[str, float]]:
    """Those of which the hashes are near, and the share of equal bits; none of what has nothing in it.

    Stills and what moves are looked for among both: a still may be a frame of an animation, and the end card of a film
    be shown as a still, too.
    """
    if picture.is_film:
        return _moving_alike(within, picture.measured_film().frames, most)
    measured = picture.measured()
    if measured.duration_s is not None:
        return _moving_alike(within, measured.frames, most)
    if measured.dhash is None:
        return []
    near = [*_stills_alike(within, [measured.dhash], most), *_films_alike(within, [measured.dhash], most)]
    return sorted(near, key=lambda each: -each[1])


def _moving_alike(within: Tables, frames: Sequence[int], most: int) -> list[tuple[str, float]]:
    """The films that show what these frames do, and the stills that are one of them, or the last."""
    some = _some(frames)
    near = [*_films_alike(within, some, most), *_stills_alike(within, {*some, *frames[-1:]}, most)]
    return sorted(near, key=lambda each: -each[1])


def _some(frames: Sequence[int]) -> list[int]:
    """A few different ones, evenly over all of it: a card that stands still has one hash all the time."""
    distinct = list(dict.fromkeys(frames))
    step = max(1.0, len(distinct) / _FRAMES)
    return [distinct[int((number + 0.5) * step)] for number in range(min(_FRAMES, len(distinct)))]


def _stills_alike(within: Tables, dhashes: Collection[int], most: int) -> list[tuple[str, float]]:
    """The stills that look like one of these."""
    from functions.dedup.gate import IMAGE_RADIUS  # whoever asks in words does not wait for it
    from shared.media import images

    rows = within.ask(
        "looking_alike",
        dhashes=bigquery.ArrayQueryParameter("dhashes", "INT64", sorted(dhashes)),
        hash_version=bigquery.ScalarQueryParameter("hash_version", "STRING", images.HASH_VERSION),
        bits=IMAGE_RADIUS,
        most=most,
    )
    return [(row["creative_id"], 1 - row["bits"] / _HASH_BITS) for row in rows]


def _films_alike(within: Tables, frames: Sequence[int], most: int) -> list[tuple[str, float]]:
    """The films that show what half of these frames do, and the share of those."""
    from functions.dedup.gate import ANCHOR_RADIUS  # as above
    from shared.media import videos

    rows = within.ask(
        "looking_alike_film",
        frames=bigquery.ArrayQueryParameter("frames", "INT64", frames),
        hash_version=bigquery.ScalarQueryParameter("hash_version", "STRING", videos.HASH_VERSION),
        bits=int(ANCHOR_RADIUS),
        least=-(-len(frames) // 2),
        most=most,
    )
    return [(row["creative_id"], row["n_frames"] / len(frames)) for row in rows if frames]


_OF_AD = ("ad_id", "source")


def _listed(tables: Tables, near: Sequence[tuple[str, float]]) -> list[Row]:
    """Creatives as `find` lists them, in this order, each with how much it is like what is asked for."""
    rows = {row["creative_id"]: row for row in tables.within(_FOLDER).ask("listed", ids=[one for one, _ in near])}
    return [rows[one] | {"likeness": round(likeness, 3)} for one, likeness in near if one in rows]


def _found(row: Mapping[str, Any]) -> Row:
    """A creative as `find` lists it, called by its file; one of the ads that show it is told, too."""
    name = naming.name_of(row["uri"], (row["source"] or "",), row["creative_id"])
    return _marked({**row, "name": name, "uri": None}, "name", "features", *_OF_AD)


def _few(most: int) -> int:
    return max(1, min(most, MOST))


def _marked(row: Mapping[str, Any], *of_ads: str) -> Row:
    """The row as JSON has it, without what is not known; what comes out of ads apart from the rest, and shortened."""
    known = {name: _plain(value) for name, value in row.items() if value is not None}
    said = {name: known.pop(name) for name in of_ads if name in known}
    return known | ({"from_ads": said} if said else {})


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """As JSON has it: without what nobody could tell, without secrets of URLs, long texts cut."""
    if isinstance(value, str):
        value = urls.redacted(value) if urls.is_url(value) else value
        return value if len(value) <= _TEXT_CHARS else f"{value[:_TEXT_CHARS]}…"
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if each not in (None, "", [], {})}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
