"""SFace, from a face's five points to 128 numbers, in onnxruntime: OpenCV's own `FaceRecognizerSF` gives the same numbers, but
holds 86 instead of 49 MB for them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from kiosk.pipeline.face.five_points import WANTED, Points, similarity
from kiosk.pipeline.onnx_graph import Graph
from kiosk.records import Image

_SIZE: Final = 112  # pixels


class FaceEmbedder:
    """Thread-safe: one embedder serves all threads."""

    def __init__(self, model: Path) -> None:
        """Loads the network, 0.2 s; raises ValueError for a file that is none."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # who wants several at a time asks in several threads
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        self._session = _session(Graph(model.read_bytes()).encoded(), options)
        self._input: str = self._session.get_inputs()[0].name

    def embed(self, aligned: Image) -> NDArray[np.float32]:
        """float32 (128,), of any length, of an aligned face; 20 ms."""
        pixels = aligned[np.newaxis, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)  # RGB, 0–255
        (found,) = self._session.run(None, {self._input: pixels})
        return np.asarray(found, np.float32).ravel()


def _session(model: bytes, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    """Of a file: of bytes, it would keep those as well. A full disk keeps no station from starting."""
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-network-") as folder:
            file = Path(folder) / "sface.onnx"
            file.write_bytes(model)
            return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except OSError:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def align(pixels: Image, points: Points) -> Image:
    """The face as the network wants it, uint8 (112, 112, 3): turned, scaled and moved so that its points come to lie where they
    should, by least squares."""
    turn = similarity(points, WANTED)
    moved = WANTED.mean(axis=0) - turn @ points.mean(axis=0)
    return np.asarray(cv2.warpAffine(pixels, np.column_stack([turn, moved]), (_SIZE, _SIZE), flags=cv2.INTER_LINEAR), np.uint8)
