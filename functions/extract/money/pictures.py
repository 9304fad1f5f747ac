"""How many tokens a picture takes at services that count by its size: OpenAI's models, by tiles or by patches.

Source: https://platform.openai.com/docs/guides/images-vision#calculating-costs, and what the service billed in
https://community.openai.com/t/1230130 (gpt-4.1: 85 and 170 a tile; -mini: 1,452 patches of 2400x1800 by 1.62), read in
November 2026. Which model counts how stands in shared/prices.yaml.
"""

import math

from shared.prices import Pictures

_TILED_SIDE, _TILED_SHORT_SIDE, _TILE = 2048, 768, 512
_PATCH = 32


def tokens(rule: Pictures, width: int, height: int, *, closely: bool) -> int:
    """Tokens of a picture of so many pixels; `closely` is detail `high`, which tells tiles from the base alone."""
    if rule.patch_factor is None:
        return rule.base + (rule.tile * _tiles(width, height) if closely else 0)
    return math.ceil(_patches(width, height, rule.most_patches) * rule.patch_factor)


def _tiles(width: int, height: int) -> int:
    """Squares that cover the picture, once it is reduced to fit."""
    fitting = min(1.0, _TILED_SIDE / max(width, height))
    scale = fitting * min(1.0, _TILED_SHORT_SIDE / (min(width, height) * fitting))
    return _covering(width * scale, _TILE) * _covering(height * scale, _TILE)


def _patches(width: int, height: int, most: int) -> int:
    """Patches that cover the picture; a larger one is reduced to as many as are counted, in whole ones a side."""
    patches = _covering(width, _PATCH) * _covering(height, _PATCH)
    if patches <= most:
        return patches
    scale = math.sqrt(_PATCH**2 * most / (width * height))
    across, down = width * scale / _PATCH, height * scale / _PATCH
    scale *= min(math.floor(across) / across, math.floor(down) / down)
    return _covering(width * scale, _PATCH) * _covering(height * scale, _PATCH)


def _covering(length: float, side: int) -> int:
    return max(1, math.ceil(round(length / side, 6)))
