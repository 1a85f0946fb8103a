"""Minutiae by the LEADER network (pyfing, University of Bologna): one pass over the picture, no filters, no thresholds of
ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from kiosk.pipeline.finger.leader import quicker
from kiosk.records import Image

NETWORK_DPI: Final = 500  # what LEADER was trained at
_CELL: Final = 32  # the network halves its input five times
_LEAST_SCORE: Final = 0.25
_MOST: Final = 255  # what an ISO/IEC 19794-2 record can count
_WHITE: Final = 255
_CUT_PX: Final = 12  # a ridge and its valley: so near to where a picture was cut every ridge ends


@dataclass(frozen=True, eq=False)
class Minutiae:
    """细节点 of one impression, the surest first.

    `xy`: float32 (N, 2), pixels at 500 dpi from the upper left corner, y downwards. `direction`: float32 (N,), radians
    counter-clockwise from +x with y upwards, as ISO/IEC 19794-2 §6.4. `ending`: bool (N,), False for bifurcations. `score`:
    float32 (N,), 0–1.
    `width`, `height`: of the picture, pixels at 500 dpi.
    """

    xy: NDArray[np.float32]
    direction: NDArray[np.float32]
    ending: NDArray[np.bool_]
    score: NDArray[np.float32]
    width: int
    height: int

    def __len__(self) -> int:
        return len(self.score)

    def kept(self, which: NDArray[np.intp]) -> Minutiae:
        """Some of them."""
        return Minutiae(self.xy[which], self.direction[which], self.ending[which], self.score[which], self.width, self.height)

    def above_cut(self) -> Minutiae:
        """Without those at the lower edge: of the upper rows of a picture, where ridges end because the rows do."""
        return self.kept(np.flatnonzero(self.xy[:, 1] < self.height - _CUT_PX))


class MinutiaeExtractor:
    """LEADER in an onnxruntime session. Thread-safe: one extractor serves all threads."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        """Loads the network, about 0.2 s; raises ValueError for a file that is not LEADER."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._run = onnxruntime.RunOptions()
        # What the layers take goes back after each picture: to have it anew costs a twentieth of the time.
        self._run.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._session = onnxruntime.InferenceSession(quicker(model.read_bytes()), options, providers=["CPUExecutionProvider"])
        self._input: str = self._session.get_inputs()[0].name

    def extract(self, pixels: Image, dpi: int = NETWORK_DPI) -> Minutiae:
        """Minutiae of uint8 (H, W), dark ridges on light ground; some 0.14 s for 256x288."""
        if dpi != NETWORK_DPI:
            scale = NETWORK_DPI / dpi
            method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=method), np.uint8)
        height, width = pixels.shape
        top, bottom = _margins(height)
        left, right = _margins(width)
        padded = np.pad(pixels, ((top, bottom), (left, right)), constant_values=_WHITE)
        outputs: Sequence[NDArray[np.float32]] = self._session.run(
            None, {self._input: padded.astype(np.float32)[None, :, :, None]}, self._run
        )
        x, y, kind, score = np.moveaxis(outputs[0][0, top : top + height, left : left + width], -1, 0)
        rows, columns = np.nonzero(score >= _LEAST_SCORE)
        surest = np.argsort(-score[rows, columns], kind="stable")[:_MOST]
        rows, columns = rows[surest], columns[surest]
        return Minutiae(
            np.stack([columns, rows], axis=1).astype(np.float32),
            np.arctan2(y[rows, columns], x[rows, columns]),
            kind[rows, columns] >= 0.5,
            score[rows, columns],
            width,
            height,
        )


def _margins(length: int) -> tuple[int, int]:
    """How much to add on either side to reach whole cells."""
    lack = -length % _CELL
    return lack // 2, lack - lack // 2
