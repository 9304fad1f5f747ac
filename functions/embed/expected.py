"""What a vector is made of and will take, known before it is made: from the creative's kind and duration alone."""

import math
from collections.abc import Sequence

from shared.events import Kind
from shared.media import showing
from shared.models import embedding
from shared.models.embedding import CHARACTERS_PER_TOKEN, MOST_PICTURES
from shared.models.usage import Usage

MOST_CHARACTERS = 4000
"""Of words: a model reads 8,192 tokens, pictures included."""


def seconds(duration_s: float) -> Sequence[float]:
    """Where in a film the pictures are that its vector is made of."""
    looks = showing.looks(duration_s)
    return looks[:: math.ceil(len(looks) / MOST_PICTURES)]


def usage(kind: Kind, duration_s: float | None, answer_tokens: int) -> Usage:
    """Tokens of the call, at most: `answer_tokens` has what is said of the creative, of which the words are told."""
    pictures = 1 if kind is Kind.IMAGE else len(seconds(duration_s or 0.0))
    return embedding.expected_usage(pictures, min(answer_tokens, MOST_CHARACTERS // CHARACTERS_PER_TOKEN))
