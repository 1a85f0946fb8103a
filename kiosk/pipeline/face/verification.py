"""Is the live face the chip's? YuNet finds and aligns by five points, SFace embeds, the cosine judges."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.pipeline.face.embedding import FaceEmbedder, align
from kiosk.pipeline.face.five_points import Points, five_points
from kiosk.pipeline.face.mesh import FaceMesh
from kiosk.records import Image, Score, Verdict

SCALE: Final = "sface-2021dec cosine"
Embedding = NDArray[np.float32]

_DETECT_WIDTH: Final = 320  # enough for a face that fills a photo; a third of the time of 640
_CHIP_ENLARGEMENT: Final = 3  # YuNet misses faces as small as on a chip photo of 102×126
# A chip photo that was squeezed misleads each finder of points in its own way; these sizes, and their mirror images, are asked.
_YUNET_SIZES: Final = (2, 3, 4)
_MESH_SIZE: Final = 4
_FOUND_AT: Final = 0.6
_MIDDLE: Final = 0.25  # shares of the picture off its middle, at which a face counts for a third of its size
_EYES_APART: Final = 45.0  # pixels at most, for aligning; the network sees them 35 apart
_MIRRORED: Final = [1, 0, 2, 4, 3]  # of five points, those that change places
_SCORE: Final = 14  # YuNet's row: box (4), five points (10), score
_POINTS: Final = slice(4, _SCORE)

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # OpenCV 5 warns about a target that nobody chose


class FaceMatcher:
    """Loads both networks once. Not thread-safe: one matcher per thread.

    An embedding is the mean of the face's and its mirror image's: the network is not symmetric, faces nearly are. `plain`
    leaves that away, for measuring what it brings.
    """

    def __init__(self, detector: Path, embedder: Path, *, plain: bool = False) -> None:
        self._detector = cv2.FaceDetectorYN.create(str(detector), "", (_DETECT_WIDTH, _DETECT_WIDTH), _FOUND_AT)
        self._embedder = FaceEmbedder(embedder)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="mirrored-face")
        self._plain = plain

    def load_for_chips(self) -> None:
        """Load what only chip photos need, half a second, before the first comes; may run beside everything else."""
        _ = self._mesh

    @cached_property
    def _mesh(self) -> FaceMesh:
        return FaceMesh(tracking=False)

    def embed(self, pixels: Image) -> Embedding:
        """The most prominent face as float32 (128,) of length 1. Raises KioskError("face.not_found")."""
        return self.embed_at(pixels, self.find(pixels))

    def embed_at(self, pixels: Image, face: NDArray[np.float32]) -> Embedding:
        """As `embed`, of the face that `find` gave."""
        small, points = _shrunk(pixels, face[_POINTS].reshape(5, 2).astype(np.float64))
        aligned = align(small, points)
        if self._plain:
            return _unit(self._embedder.embed(aligned))
        mirrored = self._beside.submit(self._embedder.embed, np.asarray(cv2.flip(aligned, 1), np.uint8))
        return _unit(_unit(self._embedder.embed(aligned)) + _unit(mirrored.result()))

    def embed_chip(self, pixels: Image) -> Embedding:
        """As `embed`, for a chip photo: uint8 (126, 102, 3), enlarged first, and aligned by what several looks at it agree on.
        The face is compared with live ones as before: its points are found better, the network is the same. Raises
        KioskError("face.not_found_on_chip")."""
        large = _enlarged(pixels, _CHIP_ENLARGEMENT)
        try:
            face = self.find(large)
        except KioskError:
            raise KioskError("face.not_found_on_chip") from None
        if not self._plain:
            face[_POINTS] = _CHIP_ENLARGEMENT * self._agreed_points(pixels).ravel()
        return self.embed_at(large, face)

    def _agreed_points(self, chip: Image) -> Points:
        """Five points in a chip photo's pixels, as YuNet orders them: the mean of what YuNet finds and of what Face Mesh does,
        each of which errs less on the average of its looks. YuNet's alone where Face Mesh finds no face."""
        yunet, mesh = list[Points](), list[Points]()
        for size in _YUNET_SIZES:
            for picture, place in _both_ways(_enlarged(chip, size)):
                with suppress(KioskError):
                    yunet.append(place(self.find(picture)[_POINTS].reshape(5, 2).astype(np.float64)) / size)
        for picture, place in _both_ways(_enlarged(chip, _MESH_SIZE)):
            mesh += [place(five_points(found)) / _MESH_SIZE for found in self._mesh.find(picture)[:1]]
        return np.asarray(np.mean([np.mean(points, axis=0) for points in (yunet, mesh) if points], axis=0))

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


def _enlarged(pixels: Image, times: int) -> Image:
    return np.asarray(cv2.resize(pixels, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC), np.uint8)


def _both_ways(pixels: Image) -> Iterator[tuple[Image, Callable[[Points], Points]]]:
    """A picture and its mirror image, each with what brings points found in it to where they are in the picture."""
    yield pixels, lambda points: points
    across = pixels.shape[1] - 1
    yield np.asarray(cv2.flip(pixels, 1), np.uint8), lambda points: (points * (-1, 1) + (across, 0))[_MIRRORED]


def _prominence(face: NDArray[Any], width: int, height: int) -> float:
    """Large and in the middle: who looks over the student's shoulder may come nearer to the camera, but not there."""
    left, top, wide, high = (float(value) for value in face[:4])
    off = ((left + wide / 2) / width - 0.5) ** 2 + ((top + high / 2) / height - 0.5) ** 2
    return wide * high * math.exp(-off / _MIDDLE**2)


def _shrunk(pixels: Image, points: Points) -> tuple[Image, Points]:
    """A large face made smaller, as aligning looks at every second or third pixel only, and would see noise."""
    shrink = _EYES_APART / max(math.dist(points[0], points[1]), 1.0)
    if shrink >= 1:
        return pixels, points
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), points * (small.shape[1] / pixels.shape[1], small.shape[0] / pixels.shape[0])


def _unit(vector: NDArray[Any]) -> Embedding:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)
