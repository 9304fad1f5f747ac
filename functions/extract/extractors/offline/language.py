"""Says which language a text is in, with the model (BSD) that ships inside the py3langid package."""

import re
import threading
from copy import copy
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# The languages whose wording we know, and one that is easily taken for German. Among these, 41 of 41 drawn ads were
# told right from their whole text and 39 from the headline alone (November 2026); among all 97, fewer.
LANGUAGES = ("en", "fr", "de", "es", "pt", "it", "nl")

# Others that ads are written in: a text that is rather one of these is none of ours.
OTHERS = (
    "sv", "da", "no", "fi", "et", "lv", "lt", "pl", "cs", "sk", "sl", "hr", "bs", "sr", "hu", "ro", "tr", "vi", "id",
    "ms", "tl", "sw", "af", "sq", "is", "cy", "el", "ru", "uk", "bg", "ar", "fa", "he", "hi", "th", "ko", "ja", "zh",
    "ca", "eu",
)  # fmt: skip
# Told apart by a few words, which a headline need not have.
_ALIKE = frozenset(("hr", "bs", "sr", "da", "no", "id", "ms"))
_SURE = 0.8

# The model takes Danish and Norwegian for each other. These words are of one of the two alone, as are letters:
# Danish has no 'kj', 'gj' or 'sjon' and ends no word in two k or t; Norwegian has 'æ' before r alone, and no '-tionen'.
# Of 30 headlines of ours 26 were told, of 12 that were written afterwards 4, and none wrong; before, none was told.
_DANISH = re.compile(
    r"\b(?:af|nu|køb|mere|bliv|efter|hvad|uger?|dig|mig|os|sig|rabat|butik|bestil|udsalg|udvalg|fragt|gør|tøj|ud|uden|også"
    r"|nyhed|billigt|hurtigt|prøv|afhent|penge|dage|sprog|skab|skift|nyd|meget|noget|nogle|åbent|åbner|søg|følg|besøg"
    r"|forsikringer|chance|vej|jer|jeres|vores|køkken|uddannelse|arbejde|tilbuddet|cykel|børnene|weekenden)\b"
    r"|\w+tion(?:en|er|erne)\b|\w*æ(?!r)\w+|\b(?:ud|køb)\w+"
)
_NORWEGIAN = re.compile(
    r"\b(?:av|nå|mer|bli|etter|hva|uker?|deg|meg|oss|seg|bestill|salg|utvalg|frakt|ut|uten|nyhet|billig|raskt|hent|penger"
    r"|dager|språk|bytt|mye|noe|noen|åpent|åpner|søk|besøk|sjanse|vei|dere|deres|våre|vår|utdanning|arbeid"
    r"|tilbudet|sykkel|barna|helgen|opptil|les|lengre|finn)\b|\w*(?:kj|gj|sjon)\w*|\w+(?:kk|tt)\b"
)

# No other language has these letters; one 'の' is in Chinese ads, too, and OCR takes boxes for 'ロ'.
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_LEAST_KANA, _SHARE_OF_KANA = 2, 0.2

# Short Spanish and Portuguese are taken for each other: of phrases of 12 to 32 letters that Debian's programs show, 64
# of 1,513 and 65 of 1,458. Left as it is: telling neither below .6 of the two leaves 40 and 35, and loses 52 and 41
# right ones; words and endings that only one of them has change one of each.
# Below this many letters in words, names and prices outweigh the language.
MIN_LETTERS = 12
MIN_CONFIDENCE = 0.5

_loading = threading.Lock()


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the text's language; None where the text is too short or unlike any language we know."""
    words = " ".join(word for word in text.split() if any(sign.isalpha() for sign in word))
    letters, kana = sum(sign.isalpha() for sign in words), len(_KANA.findall(words))
    if kana >= max(_LEAST_KANA, _SHARE_OF_KANA * letters):
        return "ja"
    if letters < MIN_LETTERS:
        return None
    with _loading:
        ours, all_languages = _identifier(LANGUAGES), _identifier(LANGUAGES + OTHERS)
    language, confidence = ours.classify(words.lower())
    other, certainty = all_languages.classify(words.lower())
    if other in ("da", "no"):
        return _danish_or_norwegian(words.lower(), all_languages)
    if other in OTHERS:
        return other if certainty >= _SURE and other not in _ALIKE else None
    return language if confidence >= MIN_CONFIDENCE else None


def _danish_or_norwegian(words: str, model: "LanguageIdentifier") -> str | None:
    """Which of the two a text is in that is surely one of them, by the words that only one of them has."""
    likely = dict(model.rank(words))
    if likely["da"] + likely["no"] < _SURE:
        return None
    danish, norwegian = len(_DANISH.findall(words)), len(_NORWEGIAN.findall(words))
    return None if danish == norwegian else "da" if danish > norwegian else "no"


@cache
def _identifier(languages: tuple[str, ...]) -> "LanguageIdentifier":
    """The loaded model, choosing among these languages; called with the lock held, so that it is loaded once."""
    identifier = copy(_model())
    identifier.set_languages(list(languages))
    return identifier


@cache
def _model() -> "LanguageIdentifier":
    """The model as it is loaded, which takes half a second; choosing among its languages changes no number of it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
