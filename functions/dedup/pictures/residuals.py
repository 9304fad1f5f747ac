"""What is left of the difference of two pictures that lie over each other, and what it is judged by.

Planes (height x width) are of levels, as floats, where nothing else is said.
"""

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray

from shared.media.images import Colour

_NOISE_WINDOW = 31  # pixels: wider than a letter's stroke, so that letters are not taken for noise
_NOISE_FACTOR = 2.0
_MOST_NOISE = 8.0


def most_apart(one: Colour, other: Colour) -> NDArray[np.uint8]:
    """In levels of that of red, green and blue that differs most."""
    return most_of(np.asarray(cv2.absdiff(one, other), np.uint8))


def most_of(picture: Colour) -> NDArray[np.uint8]:
    """The most of red, green and blue: channel by channel, which takes a twentieth of what numpy takes across them."""
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def least_of(picture: Colour) -> NDArray[np.uint8]:
    """The least of them."""
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)


def smooth(plane: Plane) -> Plane:
    """Without what is finer than any drawing, as noise is."""
    return cv2.GaussianBlur(plane, (0, 0), 1.0)


def gradient(plane: Plane) -> Plane:
    """Levels a pixel."""
    across = cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=1 / 8)
    return cv2.magnitude(across, down)


def deviation(plane: Plane, around: int) -> Plane:
    """The standard deviation within so many pixels: how much is drawn there."""
    mean, square = (cv2.blur(each, (around, around)) for each in (plane, plane * plane))
    return np.sqrt(np.maximum(0.0, square - mean * mean))


def beyond_noise(residual: Plane) -> Plane:
    """What exceeds the noise around it, which an encoder spreads evenly (a palette's dither), but no edit does."""
    levels = np.clip(residual * 8, 0, 255).astype(np.uint8)
    noise = cv2.medianBlur(levels, _NOISE_WINDOW).astype(np.float32) / 8
    beyond: Plane = np.maximum(0, residual - np.minimum(_NOISE_FACTOR * noise, _MOST_NOISE))
    return beyond
