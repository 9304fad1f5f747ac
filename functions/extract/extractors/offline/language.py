"""Says which language a text is in, with the model (BSD) that ships inside the py3langid package."""

import threading
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

# Below this many letters in words, names and prices outweigh the language.
MIN_LETTERS = 12
MIN_CONFIDENCE = 0.5

_loading = threading.Lock()


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the text's language; None where the text is too short or unlike any language we know."""
    words = " ".join(word for word in text.split() if any(sign.isalpha() for sign in word))
    if sum(sign.isalpha() for sign in words) < MIN_LETTERS:
        return None
    with _loading:
        ours, all_languages = _identifier(LANGUAGES), _identifier(LANGUAGES + OTHERS)
    language, confidence = ours.classify(words.lower())
    other, certainty = all_languages.classify(words.lower())
    if other in OTHERS:
        return other if certainty >= _SURE and other not in _ALIKE else None
    return language if confidence >= MIN_CONFIDENCE else None


@cache
def _identifier(languages: tuple[str, ...]) -> "LanguageIdentifier":
    """The loaded model, choosing among these languages; called with the lock held, so that it is loaded once."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(languages))
    return identifier
