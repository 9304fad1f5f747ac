"""What a creative asks for: the words of its button, of a sentence, or a telephone number to call."""

import re
from collections.abc import Iterator, Sequence

from functions.extract.extractors.offline import prices
from functions.extract.extractors.offline.lexicon import Lexicon, fold
from shared.media.ocr import Block, Line

# A telephone number, with what may stand between it and the verb.
_PHONE = re.compile(r"\W{0,3}(?:\w{1,6}\W{1,3})?\+?\(?\d(?:[ ()/.\-\u00a0]{0,2}\d){6,14}(?!\d)")
_BADGE = re.compile(r"[^\W\d_a-zß-öø-ÿ]{3,}\W{0,2}\s+(?=\w*[^\W\d_A-ZÀ-ÖØ-Þ])")
_SHORT = 4  # words of a line that may be a call in words we do not know
_CLOSED = 3  # words of a line that a verb at its end makes a call
_WITHIN = 2  # how sure a call within a sentence is
_GOES_ON = (",", "，", "、")
_ADDRESS = re.compile(r"\w@\w|www\.|://|\w\.(?:com|net|org|[a-z]{2})\b", re.IGNORECASE)
_BUTTON = 40  # signs that a line may have to be a call, whether or not there are spaces in it


def call_to_action(blocks: Sequence[Block], lexicon: Lexicon) -> str | None:
    """The main call: one that fills its line before one within a sentence before a bare verb; of equals, the last."""
    found = [call for block in blocks for text in _utterances(block) if (call := _call(text, lexicon))]
    return max(enumerate(found), key=lambda ranked: (ranked[1][0], ranked[0]))[1][1] if found else None


def may_call(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether there may be a call in words that we do not know: '… today', 'Plan your visit', a telephone number."""
    texts = [fold(text) for block in blocks for text in _utterances(block)]
    return call_to_action(blocks, lexicon) is not None or any(
        _PHONE.search(text) or _asks(text, lexicon) for text in texts
    )


def _asks(folded: str, lexicon: Lexicon) -> bool:
    """Whether a text is so short, and begins or ends so, that it may ask for something: 'Plan your visit'."""
    words = re.findall(r"\w+", folded)
    if not 2 <= len(words) <= _SHORT or any(sign.isdigit() for sign in folded):
        return False
    return lexicon.asks.end(folded) or bool(lexicon.asks.begin(folded) or lexicon.commands.begin(folded))


def _utterances(block: Block) -> Iterator[str]:
    """The texts in which a call may stand: each line, and a short block as a whole, as a button of two lines is.

    A line that ends in a comma asks for nothing yet ('Buy two jackets,'); an address below a button is none of it.
    """
    yield from (line.text for line in block.lines if not line.text.rstrip().endswith(_GOES_ON))
    if len(block.lines) > 1 and len(block.text.split()) <= 5 and not _ADDRESS.search(block.text):
        yield block.text


def _call(text: str, lexicon: Lexicon) -> tuple[int, str] | None:
    """A call in a text, and how surely it is one."""
    text = _without_badge(text, lexicon)
    folded = fold(text)
    if lexicon.calls.fill(folded):
        return 3, _trimmed(text)
    if phone := _phone_call(folded, lexicon):
        return _WITHIN, text[phone[0] : phone[1]]
    if span := next(lexicon.calls.spans(folded), None):
        whole = len(text.split()) <= 4 and not prices.find(text[span[1] :])
        return _WITHIN, _trimmed(text) if whole else text[span[0] : span[1]]
    short = len(text.split()) <= 5 and len(text) <= _BUTTON and not any(sign.isdigit() for sign in text)
    closes = 2 <= len(text.split()) <= _CLOSED and lexicon.closers.end(folded)
    offer = lexicon.promotions.begin(folded) > lexicon.openers.begin(folded)  # 'Buy one, get one'
    asks = lexicon.verbs.fill(folded) or (short and not offer and (lexicon.openers.begin(folded) or closes))
    return (1, _trimmed(text)) if asks else None


def _without_badge(text: str, lexicon: Lexicon) -> str:
    """A button without the badge beside it that OCR read in its line: 'SOFORT Jetzt buchen', 'NEW Shop now'.

    A badge is in capitals, the button is none and asks by its first word: 'JETZT Tickets sichern' is one.
    """
    badge = _BADGE.match(text)
    if badge is None:
        return text
    button = text[badge.end() :]
    asks = (lexicon.asks, lexicon.verbs, lexicon.openers)
    folded = fold(button)
    return button if lexicon.calls.fill(folded) and any(each.begin(folded) for each in asks) else text


def _phone_call(folded: str, lexicon: Lexicon) -> tuple[int, int] | None:
    """Where one is asked to call a telephone number."""
    for start, end in lexicon.phones.spans(folded):
        if number := _PHONE.match(folded, end):
            return start, number.end()
    return None


def _trimmed(text: str) -> str:
    """A button's words without the arrows beside them."""
    return re.sub(r"^[\W_]+|[^\w!?.+]+$", "", text)


def button_lines(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that are a button by their words; one in small letters goes on with a sentence."""
    return frozenset(
        line
        for line in block.lines
        if not line.text[:1].islower() and (call := _call(line.text, lexicon)) and call[0] != _WITHIN
    )
