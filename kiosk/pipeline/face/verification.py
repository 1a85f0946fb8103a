"""Is the live face the chip's? YuNet finds and aligns by five points, SFace embeds, the cosine judges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.records import Image, Score, Verdict

SCALE: Final = "sface-2021dec cosine"
Embedding = NDArray[np.float32]

_DETECT_WIDTH: Final = 320  # enough for a face that fills a photo; a third of the time of 640
_CHIP_ENLARGEMENT: Final = 3  # YuNet misses faces as small as on a chip photo of 102×126
_FOUND_AT: Final = 0.6
_MIDDLE: Final = 0.25  # shares of the picture off its middle, at which a face counts for a third of its size
_EYES_APART: Final = 45.0  # pixels at most, for aligning; the network sees them 35 apart
_SCORE: Final = 14  # YuNet's row: box (4), five points (10), score

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # OpenCV 5 warns about a target that nobody chose


class FaceMatcher:
    """Loads both networks once. Not thread-safe: one matcher per thread.

    An embedding is the mean of the face's and its mirror image's: the network is not symmetric, faces nearly are. `plain`
    leaves that away, for measuring what it brings.
    """

    def __init__(self, detector: Path, embedder: Path, *, plain: bool = False) -> None:
        self._detector = cv2.FaceDetectorYN.create(str(detector), "", (_DETECT_WIDTH, _DETECT_WIDTH), _FOUND_AT)
        self._embedder = cv2.FaceRecognizerSF.create(str(embedder), "")
        self._plain = plain

    def embed(self, pixels: Image) -> Embedding:
        """The most prominent face as float32 (128,) of length 1. Raises KioskError("face.not_found")."""
        return self.embed_at(pixels, self.find(pixels))

    def embed_at(self, pixels: Image, face: NDArray[np.float32]) -> Embedding:
        """As `embed`, of the face that `find` gave."""
        aligned = self._embedder.alignCrop(*_shrunk(pixels, face))
        found = _unit(self._embedder.feature(aligned).ravel())
        if self._plain:
            return found
        return _unit(found + _unit(self._embedder.feature(cv2.flip(aligned, 1)).ravel()))

    def embed_chip(self, pixels: Image) -> Embedding:
        """As `embed`, for a chip photo: uint8 (126, 102, 3), enlarged first. Raises KioskError("face.not_found_on_chip")."""
        large = cv2.resize(pixels, None, fx=_CHIP_ENLARGEMENT, fy=_CHIP_ENLARGEMENT, interpolation=cv2.INTER_CUBIC)
        try:
            return self.embed(np.asarray(large, np.uint8))
        except KioskError:
            raise KioskError("face.not_found_on_chip") from None

    @staticmethod
    def compare(a: Embedding, b: Embedding, limit: float) -> Score:
        """Cosine of two embeddings, -1..1, beside the limit that it is held against."""
        return Score(float(np.dot(a, b)), SCALE, limit)

    def find(self, pixels: Image) -> NDArray[np.float32]:
        """The most prominent face as YuNet's row: box (4), right eye, left eye, nose, mouth's corners (10), score.

        Raises KioskError("face.not_found").
        """
        height, width = pixels.shape[:2]
        shrink = min(1.0, _DETECT_WIDTH / width)
        small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else pixels
        self._detector.setInputSize((small.shape[1], small.shape[0]))
        _, faces = self._detector.detect(small)
        if faces is None or not len(faces):
            raise KioskError("face.not_found")
        face = np.array(max(faces, key=lambda row: _prominence(row, small.shape[1], small.shape[0])), np.float32)
        face[:_SCORE] *= np.tile((width / small.shape[1], height / small.shape[0]), _SCORE // 2)
        return face


def mean_face(faces: Sequence[Embedding]) -> Embedding:
    """One embedding of several pictures of one person; at least one."""
    return _unit(np.sum(faces, axis=0))


def judge(score: Score, settings: FaceSettings) -> Verdict:
    """Pass at `pass_at` and above, review down to `review_at`, fail below."""
    if score.value >= settings.pass_at:
        return Verdict.PASS
    return Verdict.REVIEW if score.value >= settings.review_at else Verdict.FAIL


def _prominence(face: NDArray[Any], width: int, height: int) -> float:
    """Large and in the middle: who looks over the student's shoulder may come nearer to the camera, but not there."""
    left, top, wide, high = (float(value) for value in face[:4])
    off = ((left + wide / 2) / width - 0.5) ** 2 + ((top + high / 2) / height - 0.5) ** 2
    return wide * high * math.exp(-off / _MIDDLE**2)


def _shrunk(pixels: Image, face: NDArray[np.float32]) -> tuple[Image, NDArray[np.float32]]:
    """A large face made smaller, as aligning looks at every second or third pixel only, and would see noise."""
    shrink = _EYES_APART / max(math.dist(face[4:6], face[6:8]), 1.0)
    if shrink >= 1:
        return pixels, face
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    smaller = face.copy()
    smaller[:_SCORE] *= np.tile((small.shape[1] / pixels.shape[1], small.shape[0] / pixels.shape[0]), _SCORE // 2)
    return np.asarray(small, np.uint8), smaller


def _unit(vector: NDArray[Any]) -> Embedding:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)
