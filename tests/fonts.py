"""The font that tests draw with: Roboto, from a wheel, so that a machine without fonts runs them too."""

from importlib.resources import files

from PIL import ImageFont


def bold(size: float) -> ImageFont.FreeTypeFont:
    """Roboto Bold, with every Latin accent and currency sign."""
    return ImageFont.truetype(str(files("font_roboto") / "files" / "Roboto-Bold.ttf"), size)
