"""The words that offers, prices and calls to action are made of, as patterns over folded text.

The words are data: one file a language in lexicon/. Recall grows with them, not with the code.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from shared import yaml_files

FOLDER = Path(__file__).resolve().parent / "lexicon"
LANGUAGES = ("en", "fr", "de", "es", "pt", "it", "nl", "pl", "sv", "da", "no", "tr", "cs", "ja", "zh")

# A sign that words are made of, where words have spaces between: kana and hanzi stand for themselves.
WORD_SIGN = r"[^\W\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"

# Of languages whose words are not known otherwise: what is no price of what is sold, but a deposit or an instalment.
_ELSEWHERE = {
    "no_price_before": [
        "avans", "avans de", "uang muka", "dp", "dp mulai", "dp hanya", "bayaran pendahuluan", "tra truoc",
        "tra truoc tu", "dat coc", "onero", "kezdoreszlet", "kaucio", "foglalo", "kasiraha", "vakuus", "akontacia",
        "predujam", "ucesce", "ucesce od", "sissemakse", "pradinis inasas", "pirma iemaksa", "계약금", "보증금",
    ],
    "instalments": [
        "rata lunara", "rata lunara de la", "rate de", "{n} rate de", "cicilan", "cicilan mulai", "angsuran",
        "angsuran mulai", "ansuran", "tra gop", "tra gop tu", "tra gop chi tu", "torleszto", "torlesztoreszlet",
        "kuukausiera", "kuukausiera alkaen", "mesacna splatka", "mjesecna rata", "mjesecna rata od", "mesecna rata",
        "osamakse", "kuumakse", "menesine imoka", "월 납입금",
    ],
}  # fmt: skip

# What may stand for a word in a phrase: a number, up to three words, the end of a word.
_PLACEHOLDERS = {"{n}": r"\d+", "{n}%": r"(?:\d+(?:[.,]\d+)?\s?%|%\s?\d+)", "{...}": r"(?:[\w-]+\W{1,3}){0,3}?[\w-]*"}


class Words(BaseModel):
    """One language's file.

    In a phrase, `{n}` stands for a number, `{...}` for up to three words, `*` for any part of a word.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    discount_after: list[str] = Field(description="After a percentage: it is a discount.")
    discount_before: list[str] = Field(description="Up to three words before a percentage: it is a discount.")
    leads: list[str] = Field(description="Lead to a percentage or an amount, often on a line of their own: 'up to'.")
    goes_on: list[str] = Field(default=[], description="Ends a line whose sentence goes on in the next: 'on', 'and'.")
    given_back: list[str] = Field(description="After a percentage: it is paid back, or given as points.")
    not_given_back: list[str] = Field(default=[], description="Begins as what is given back does: 'back to school'.")
    half_price: list[str] = Field(description="Says 50 % off in words.")
    promotions: list[str] = Field(description="Offers a deal.")
    free_delivery: list[str] = Field(description="Offers free delivery; a price after it is the least to be spent.")
    delivery: list[str] = Field(description="What a discount is on that is none on what is sold.")
    not_promotions: list[str] = Field(description="Contains a promotion's words and offers nothing.")
    terms: list[str] = Field(description="Says where an offer holds, or what is not in it: offers nothing itself.")
    buttons: list[str] = Field(default=[], description="Leads to a promotion: a call to action that offers nothing.")
    old_price: list[str] = Field(description="Before an amount: what it cost once or costs elsewhere.")
    current_price: list[str] = Field(description="Before an amount: what it costs now.")
    later_price: list[str] = Field(description="Beside an amount: what it costs after a first time, not now.")
    saving_before: list[str] = Field(description="Before an amount: what is saved, given or won.")
    saving_after: list[str] = Field(description="After an amount: what is saved, given or won.")
    threshold: list[str] = Field(description="Before an amount: the least to be spent.")
    threshold_after: list[str] = Field(default=[], description="After an amount: the least to be spent.")
    spent: list[str] = Field(description="Before an amount: the least to be spent where a saving stands beside it.")
    no_price_before: list[str] = Field(description="Before an amount: a wage, cover, prize, gift, fee, postage, limit.")
    no_price_after: list[str] = Field(description="After an amount: the same.")
    goods: list[str] = Field(
        default=[], description="Ends with such a word and is what is sold: 'pizza delivery', 'phone cover'."
    )
    instalments: list[str] = Field(description="Before an amount: it is paid several times.")
    whole_price: list[str] = Field(description="Before an amount: all that is paid, in one sum or in instalments.")
    old_price_after: list[str] = Field(default=[], description="After an amount: what it cost once.")
    negations: list[str] = Field(description="Just before an offer's words: there is none.")
    negations_after: list[str] = Field(default=[], description="Just after an offer's words: there is none.")
    conjunctions: list[str] = Field(description="Between two offers that one negation denies.")
    less: list[str] = Field(description="After a percentage: a discount only where nothing is named that is less.")
    contents: list[str] = Field(description="What there may be less of: sugar, power, noise.")
    shares: list[str] = Field(
        default=[], description="Beside a percentage: what it is a share or a rate of: cotton, cocoa, finance."
    )
    interest: list[str] = Field(description="What a loan costs or savings earn: no percentage near it is a discount.")
    second: list[str] = Field(description="Before a half price: it is the second item's.")
    phones: list[str] = Field(description="Before a telephone number: a call.")
    joins: list[str] = Field(default=[], description="Just before a call's words: they go on with a sentence.")
    asks: list[str] = Field(description="A short line that begins or ends so may be a call.")
    calls: "Calls"


class Calls(BaseModel):
    """How a language asks the viewer to do something."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    phrases: list[str] = Field(description="Calls as they are; `buttons` are others.")
    verbs: list[str] = Field(description="Alone on a line, or followed within two words by a tail, a call.")
    tails: list[str] = Field(description="Where or when to do it.")
    heads: list[str] = Field(default=[], description="Followed by a verb, within two words, they are a call.")
    openers: list[str] = Field(description="A line of up to five words without a number that begins so is a call.")
    acts: list[str] = Field(
        default=[], description="Verbs that are other words as well: a call with a head or tail only."
    )
    closers: list[str] = Field(default=[], description="A line of two or three words that ends so is a call.")
    articles: list[str] = Field(
        default=[], description="Lead from an opener to what is asked for: OCR may have lost the space before them."
    )


@dataclass(frozen=True)
class Phrases:
    """Alternatives to look for in folded text; the longest that fits is found."""

    alternatives: str

    @classmethod
    def of(cls, phrases: Sequence[str]) -> "Phrases":
        """Any of these phrases, written as in the files."""
        ordered = sorted(set(phrases), key=len, reverse=True)
        return cls("|".join(_pattern(phrase) for phrase in ordered) or "(?!)")

    def then(self, other: "Phrases") -> "Phrases":
        """These, and after up to two words those; OCR may have lost the space between two."""
        gap = r"(?:\W{0,3}|\W{1,3}(?:[\w-]+\W{1,3}){1,2}?)"
        return Phrases(rf"(?:{self.alternatives}){gap}(?:{other.alternatives})")

    def either(self, other: "Phrases") -> "Phrases":
        """These or those."""
        return Phrases(f"{self.alternatives}|{other.alternatives}")

    def spans(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where they stand in the text, as whole words."""
        for match in self._anywhere.finditer(folded):
            yield match.span()

    def fill(self, folded: str) -> bool:
        """Whether the text is one of them, apart from arrows and punctuation around it."""
        return bool(self._whole.fullmatch(folded))

    def begin(self, folded: str) -> int:
        """How far one of them reaches with which the text begins; 0 if it begins with none."""
        match = self._start.match(folded)
        return match.end() if match else 0

    def strip_end(self, folded: str) -> str:
        """The text without those with which its last line ends."""
        while match := self._last.search(folded):
            folded = folded[: match.start()]
        return folded

    def start_at_end(self, folded: str) -> int:
        """Where the one begins with which the text ends; its length where it ends with none."""
        match = self._at_end(0).search(folded)
        return match.start() if match else len(folded)

    def end(self, folded: str, *, words_after: int = 0) -> bool:
        """Whether the text ends with one of them and no more than this many words."""
        return bool(self._at_end(words_after).search(folded))

    @cached_property
    def _anywhere(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!{WORD_SIGN})(?:{self.alternatives})(?!{WORD_SIGN})")

    @cached_property
    def _ends(self) -> dict[int, re.Pattern[str]]:
        return {}

    def _at_end(self, words_after: int) -> re.Pattern[str]:
        if words_after not in self._ends:
            words = rf"(?:\W*\w+){{0,{words_after}}}" if words_after else ""
            pattern = rf"(?<!{WORD_SIGN})(?:{self.alternatives})(?!{WORD_SIGN}){words}\W*$"
            self._ends[words_after] = re.compile(pattern)
        return self._ends[words_after]

    @cached_property
    def _last(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!{WORD_SIGN})(?:{self.alternatives})[^\w\n]*$")

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile(rf"\W*(?:{self.alternatives})\W*")

    @cached_property
    def _start(self) -> re.Pattern[str]:
        return re.compile(rf"\W*(?:{self.alternatives})(?!{WORD_SIGN})")


@dataclass(frozen=True)
class Lexicon:
    """The words of one or more languages; the fields are those of `Words`."""

    discount_after: Phrases
    discount_before: Phrases
    leads: Phrases
    goes_on: Phrases
    given_back: Phrases
    not_given_back: Phrases
    half_price: Phrases
    promotions: Phrases
    free_delivery: Phrases
    delivery: Phrases
    not_promotions: Phrases
    terms: Phrases
    old_price: Phrases
    current_price: Phrases
    later_price: Phrases
    saving_before: Phrases
    saving_after: Phrases
    threshold: Phrases
    threshold_after: Phrases
    spent: Phrases
    no_price_before: Phrases
    no_price_after: Phrases
    goods: Phrases
    instalments: Phrases
    whole_price: Phrases
    old_price_after: Phrases
    less: Phrases
    contents: Phrases
    shares: Phrases
    interest: Phrases
    second: Phrases
    phones: Phrases
    joins: Phrases
    asks: Phrases
    denied: Phrases
    calls: Phrases
    verbs: Phrases
    commands: Phrases
    openers: Phrases
    closers: Phrases


@cache
def lexicon_for(language: str | None) -> Lexicon:
    """The lexicon of a text: its language's and English, which ads everywhere mix in; all where it is not known."""
    languages = dict.fromkeys([language, "en"]) if language in LANGUAGES else LANGUAGES
    words = [words_of(str(language)) for language in languages]
    lists = {
        name: Phrases.of([*_ELSEWHERE.get(name, ()), *(phrase for one in words for phrase in getattr(one, name))])
        for name in Words.model_fields
        if name in Lexicon.__dataclass_fields__ and name not in ("calls", "not_promotions")
    }
    return Lexicon(
        **lists,
        not_promotions=Phrases.of([phrase for one in words for phrase in (*one.not_promotions, *one.buttons)]),
        denied=_denied(words[:1] if language == "pt" else words),  # 'no' is 'in the' there
        calls=Phrases("|".join(_calls(one).alternatives for one in words)),
        verbs=Phrases.of([verb for one in words for verb in one.calls.verbs]),
        commands=Phrases.of([verb for one in words for verb in (*one.calls.verbs, *one.calls.acts)]),
        openers=Phrases("|".join(_openers(one).alternatives for one in words)),
        closers=Phrases.of([verb for one in words for verb in one.calls.closers]),
    )


@cache
def words_of(language: str) -> Words:
    """One language's file.

    Raises:
        pydantic.ValidationError: when a list is missing or unknown, or holds anything but text.
    """
    return Words.model_validate(yaml_files.read(FOLDER / f"{language}.yaml"))


def fold(text: str) -> str:
    """The text in lower case, without accents and full-width forms; each sign stays where it was."""
    return "".join(_fold_sign(sign) for sign in text)


# Letters of which Unicode does not say that they are others with a stroke, or without a dot.
_STROKED = {"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "ı": "i"}


def _fold_sign(sign: str) -> str:
    if "\uff01" <= sign <= "\uff5e":
        sign = chr(ord(sign) - 0xFEE0)
    if sign in "’‘`´":
        return "'"
    if "\uac00" <= sign <= "\ud7a3":
        return sign  # of a Korean syllable its first letter would be left
    plain = _STROKED.get(sign) or unicodedata.normalize("NFD", sign)[0].lower()
    return plain if len(plain) == 1 else sign


def _calls(words: Words) -> Phrases:
    calls = words.calls
    verbs, acts = Phrases.of(calls.verbs), Phrases.of(calls.acts).alternatives
    heads, tails = Phrases.of(calls.heads), Phrases.of(calls.tails)
    beside = Phrases(rf"(?:{acts})\W{{1,3}}(?:{tails.alternatives})|(?:{heads.alternatives})\W{{1,3}}(?:{acts})")
    whole = Phrases.of([*calls.phrases, *words.buttons])
    return whole.either(verbs.then(tails)).either(heads.then(verbs)).either(beside)


def _openers(words: Words) -> Phrases:
    """What calls begin with, also where it runs into the word after it: 'Booka drive'."""
    openers, articles = Phrases.of(words.calls.openers), Phrases.of(words.calls.articles)
    return Phrases(rf"(?:{openers.alternatives})(?:{articles.alternatives})?")


def _denied(words: Sequence[Words]) -> Phrases:
    """Offers with a negation of their language, and others denied by it as well: 'no discounts or sales'."""
    joined = Phrases.of([word for one in words for word in one.conjunctions]).alternatives
    offers = Phrases.of([phrase for one in words for phrase in one.promotions]).alternatives
    others = rf"(?:,?\s{{0,2}}(?:{joined})\s{{0,2}}(?:{offers})(?!{WORD_SIGN}))*"
    before = "|".join(_denied_before(one) for one in words)
    after = "|".join(_denied_after(one) for one in words if one.negations_after)
    return Phrases(rf"(?:{before}){others}" + (f"|{after}" if after else ""))


def _denied_before(words: Words) -> str:
    lists = (words.negations, words.conjunctions, words.promotions)
    negation, joined, offer = (Phrases.of(phrases).alternatives for phrases in lists)
    return rf"(?:{negation})\s{{0,2}}(?:{WORD_SIGN}+,?\s(?:{joined})\s)?(?:{offer})(?!{WORD_SIGN})"


def _denied_after(words: Words) -> str:
    offer, negation = Phrases.of(words.promotions).alternatives, Phrases.of(words.negations_after).alternatives
    return rf"(?:{offer})\s{{0,2}}(?:{negation})"


def _pattern(phrase: str) -> str:
    """A phrase as a pattern: between its words anything that is no word, or, as OCR loses spaces, nothing."""
    words = [_PLACEHOLDERS.get(word) or re.escape(word).replace(r"\*", r"\w*") for word in fold(phrase).split()]
    return r"\W{0,3}".join(re.sub(r"\\\{n\\\}", r"\\d+", _with_sharp_s(word)) for word in words)


def _with_sharp_s(word: str) -> str:
    """A word with its ss also written ß, which is one sign of a folded text: 'abschließen', 'Grösse'."""
    return word.replace("ß", "ss").replace("ss", "(?:ss|ß)")
