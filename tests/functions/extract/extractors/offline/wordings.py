"""Builders of read words for tests."""

from PIL import ImageFont

from shared.media.ocr import Block, Line


def block(text: str, height: float = 20) -> Block:
    """A block of the lines of `text`, all of one height, as wide as letters of one face are."""
    return sized(*((line, height, height) for line in text.split("\n")))


def sized(*lines: tuple[str, float, float]) -> Block:
    """A block of lines: the words, how tall their box is, and the size of their letters."""
    placed, top = [], 0.0
    for words, height, size in lines:
        width = max(ImageFont.load_default(size).getlength(words), 1.0)
        placed.append(Line(words, 0, top, width, top + height, 0.95))
        top += height
    return Block(tuple(placed))
