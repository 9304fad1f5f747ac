"""Can a person still read that two pictures say something else?"""

import cv2
import numpy as np
from PIL import Image

LEAST_LEVELS = 30
LEAST_COLOUR = 10.0
"""Delta E of 1976: the distance in CIE Lab."""

LEAST_PIXELS = 8


def differs(one: Image.Image, other: Image.Image) -> bool:
    """Whether enough pixels of two pictures of one size are told apart by their levels, or by their colour.

    It is asked of what was saved, both by the same tool: words that a tool has smeared over are read by nobody.
    """
    pictures = [np.asarray(each.convert("RGB")) for each in (one, other)]
    if pictures[0].shape != pictures[1].shape:
        return True
    levels = np.abs(pictures[0].astype(np.int16) - pictures[1]).max(axis=2)
    lab = [cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_RGB2Lab) for each in pictures]
    colour = np.linalg.norm(lab[0] - lab[1], axis=2)
    return int(np.count_nonzero((levels >= LEAST_LEVELS) | (colour >= LEAST_COLOUR))) >= LEAST_PIXELS
