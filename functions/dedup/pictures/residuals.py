"""What is left of the difference of two pictures that lie over each other, and what it is judged by.

All are planes (height x width) of levels, as floats.
"""

import cv2
import numpy as np
from cv2.typing import MatLike as Plane

_NOISE_WINDOW = 31  # pixels: wider than a letter's stroke, so that letters are not taken for noise
_NOISE_FACTOR = 2.0
_MOST_NOISE = 8.0


def smooth(plane: Plane) -> Plane:
    """Without what is finer than any drawing, as noise is."""
    return cv2.GaussianBlur(plane, (0, 0), 1.0)


def gradient(plane: Plane) -> Plane:
    """Levels a pixel."""
    across = cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=1 / 8)
    return cv2.magnitude(across, down)


def beyond_noise(residual: Plane) -> Plane:
    """What exceeds the noise around it, which an encoder spreads evenly (a palette's dither), but no edit does."""
    levels = np.clip(residual * 8, 0, 255).astype(np.uint8)
    noise = cv2.medianBlur(levels, _NOISE_WINDOW).astype(np.float32) / 8
    beyond: Plane = np.maximum(0, residual - np.minimum(_NOISE_FACTOR * noise, _MOST_NOISE))
    return beyond
