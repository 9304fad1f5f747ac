"""Reads the words in a picture, with the PP-OCRv6 models that ship inside the rapidocr package.

The model files are named by their paths in that package: nothing is ever downloaded, and an update of the package that
replaces them fails at start instead of reading other than what was measured. They know all Latin accents, currency
signs, Greek and kana, and no Cyrillic, Arabic, Korean, Hindi or Thai.
"""

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image
    from rapidocr import RapidOCR
    from rapidocr.utils.output import RapidOCROutput

MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}

# Longest side, in pixels, at which text is looked for; it is then read at full size. At 736 an ad takes half the time
# of the default, and word recall is .977 instead of .98 (45 drawn ads in four languages, November 2026).
SIDE = 736

# Below this confidence, a line is more often a texture than words (see benchmarks/offline.py).
MIN_SCORE = 0.6

# One picture at a time, on all cores: as fast as several at once, and memory does not grow with the requests.
_reading = threading.Lock()


@dataclass(frozen=True)
class Line:
    """Words on one line of a picture.

    Attributes:
        left, top, right, bottom: the upright box around them, in pixels.
        score: the reader's mean confidence in their letters, 0 to 1.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    score: float

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Block:
    """Lines that stand together, as one sentence or one button does, from top to bottom."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Its words, line breaks as spaces."""
        return " ".join(line.text for line in self.lines)


def read(picture: "Image.Image") -> list[Block]:
    """The words of an upright RGB picture, in reading order; none where there is no text."""
    pixels = np.asarray(picture)[:, :, ::-1]  # the models were trained on BGR
    with _reading:
        found = cast("RapidOCROutput", _reader()(pixels))
    if found.txts is None or found.boxes is None or found.scores is None:
        return []
    lines = [
        _line(text.strip(), box, float(score))
        for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
    ]
    return [block for block in blocks(line for line in lines if line.score >= MIN_SCORE) if _is_wording(block.text)]


def blocks(lines: Iterable[Line]) -> list[Block]:
    """Lines grouped by where they stand: blocks from the top, the lines of each from the top and from the left."""
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top):
        joined = [group for group in groups if any(_together(other, line) for other in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([*(member for group in joined for member in group), line])
    ordered = sorted(groups, key=lambda group: (min(line.top for line in group), min(line.left for line in group)))
    return [Block(tuple(_rows(group))) for group in ordered]


def _line(text: str, corners: "NDArray[np.float32]", score: float) -> Line:
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return Line(text, left, top, right, bottom, score)


def _rows(lines: list[Line]) -> list[Line]:
    """The lines in reading order: those that share a row by more than half their height are read left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top):
        if rows and _shared(rows[-1][0].top, rows[-1][0].bottom, line.top, line.bottom) > 0.5:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.left)]


def _together(one: Line, other: Line) -> bool:
    """Whether two lines stand under or beside each other as lines of one sentence do."""
    low, high = sorted((one.height, other.height))
    if high > 2.5 * low:
        return False
    under = _shared(one.left, one.right, other.left, other.right) > 0.3 and _gap(one, other) < 0.6 * low
    beside = _shared(one.top, one.bottom, other.top, other.bottom) > 0.5 and (
        max(one.left, other.left) - min(one.right, other.right) < 0.8 * low
    )
    return under or beside


def _gap(one: Line, other: Line) -> float:
    return max(one.top, other.top) - min(one.bottom, other.bottom)


def _shared(start: float, end: float, other_start: float, other_end: float) -> float:
    """How much of the shorter of two spans lies in the other, 0 to 1."""
    shorter = min(end - start, other_end - other_start)
    return max(0.0, min(end, other_end) - max(start, other_start)) / shorter if shorter > 0 else 0.0


def _is_wording(text: str) -> bool:
    """Whether it is more than a stray sign, for which textures are mistaken: two letters or digits at least."""
    return sum(sign.isalnum() for sign in text) >= 2


@cache
def _reader() -> "RapidOCR":
    """The loaded models; called with the lock held, so that they are loaded once."""
    from rapidocr import RapidOCR

    folder = files("rapidocr") / "models"
    paths = {f"{task}.model_path": str(folder / name) for task, name in MODELS.items()}
    return RapidOCR(
        params=paths
        | {
            "Global.log_level": "critical",
            "Global.use_cls": False,  # it looks for words upside down, and turns '99' to '66' where there are none
            "Det.limit_side_len": SIDE,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": os.process_cpu_count() or 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
