"""A space that the reader held for likely is written; what is likely nowhere stays away."""

import numpy as np
import pytest
from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode

from shared.media import spaces

SIGNS = "ABDEINOPSVY0123456789.,€%"


def read(written: str, likely: float) -> tuple[str, float]:
    """What is read of a line with nothing between its signs, but where there is a "_": so likely a space."""
    decoder = CTCLabelDecode(character=list(SIGNS))
    columns = np.zeros((1, 2 * len(written), len(decoder.character)), np.float32)
    columns[0, :, 0] = 1.0
    for at, sign in enumerate(written):
        column = columns[0, 2 * at]
        if sign == "_":
            column[[0, decoder.dict[" "]]] = 1 - likely, likely
        else:
            column[[0, decoder.dict[sign]]] = 0.0, 0.95
    lines, _ = spaces.Decoder(decoder)(columns)
    [(text, score)] = lines
    return text, score


@pytest.mark.parametrize(
    ("written", "text"),
    [("DAY_1", "DAY 1"), ("DAYS", "DAYS"), ("PAY_IN_5_DAYS", "PAY IN 5 DAYS"), ("20%_OPEN", "20% OPEN")],
)
def test_a_likely_space_is_written_and_makes_a_line_no_less_sure(written: str, text: str) -> None:
    read_text, score = read(written, likely=0.15)

    assert read_text == text
    assert score >= 0.95


@pytest.mark.parametrize("likely", [0.02, 0.0])
def test_an_unlikely_one_is_not(likely: float) -> None:
    assert read("DAY_1", likely)[0] == "DAY1"


@pytest.mark.parametrize("amount", ["29_95", "1_299", "9_.50", "5_€"])
def test_within_an_amount_none_is_added(amount: str) -> None:
    assert read(amount, likely=0.3)[0] == amount.replace("_", "")


def test_one_that_the_reader_wrote_stays_one() -> None:
    assert read("DAY_1", likely=0.9)[0] == "DAY 1"
