"""What a palette lacks follows from it and from the picture: a little light of whole places, nothing that is drawn."""

import numpy as np
import pytest
from PIL import Image

from functions.dedup.pictures import palettes
from tests import pictures

AROUND = 33


def with_patch(colour: tuple[int, int, int]) -> Image.Image:
    """A picture of many colours, with a plain patch."""
    image = pictures.draw(300, 200, seed=5)
    image.paste(colour, (100, 50, 200, 150))
    return image


def reduced(image: Image.Image, palette: Image.Image) -> Image.Image:
    return image.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")


@pytest.mark.parametrize("missing", [(255, 255, 255), (40, 200, 90)])
def test_a_patch_of_a_colour_that_a_palette_lacks_is_darker_by_eight_levels_at_most(
    missing: tuple[int, int, int],
) -> None:
    palette = with_patch((248, 248, 248)).quantize(64, method=Image.Quantize.MAXCOVERAGE)
    drawn = with_patch(missing)
    given = reduced(drawn, palette)

    found = palettes.lacking(np.asarray(drawn), np.asarray(given), AROUND)
    turned = palettes.lacking(np.asarray(given), np.asarray(drawn), AROUND)

    assert found is not None
    assert turned is not None
    assert np.array_equal(found, -turned)
    apart = float(np.mean(np.asarray(drawn.convert("L"))[90:110, 140:160].astype(int))) - float(
        np.mean(np.asarray(given.convert("L"))[90:110, 140:160].astype(int))
    )
    assert found[100, 150] == pytest.approx(np.clip(apart, -8, 8), abs=0.6)


def test_where_neither_has_a_palette_or_both_have_one_nothing_is_lacking() -> None:
    drawn = with_patch((255, 255, 255))
    given = drawn.quantize(64).convert("RGB")

    assert palettes.lacking(np.asarray(drawn), np.asarray(drawn), AROUND) is None
    assert palettes.lacking(np.asarray(given), np.asarray(given), AROUND) is None
