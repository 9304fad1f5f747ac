"""Builders of read words for tests."""

from shared.media.ocr import Block, Line


def block(text: str, height: float = 20) -> Block:
    """A block of the lines of `text`, all of one height."""
    lines = enumerate(text.split("\n"))
    return Block(tuple(Line(line, 0, row * height, 300, (row + 1) * height, 0.95) for row, line in lines))
