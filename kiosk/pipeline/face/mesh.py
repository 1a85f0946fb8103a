"""Face landmarks by MediaPipe Face Mesh, kept quiet."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.face.mediapipe import close_with, solutions
from kiosk.records import Image

# Pictures are analysed at this width: framing needs no more, and the time for a frame stays the same for every camera.
ANALYSIS_WIDTH: Final = 640
_NOISE: Final = b"Created TensorFlow Lite XNNPACK delegate"
_turn: Final = threading.RLock()  # two threads that load at a time would lose stderr to each other's file


class FaceMesh:
    """Finds up to two faces and follows them from frame to frame; for one thread. Loading takes about a second."""

    def __init__(self, *, tracking: bool = True) -> None:
        face_mesh, _ = solutions()
        with without_greeting():
            self._mesh = face_mesh(
                static_image_mode=not tracking,
                max_num_faces=2,
                refine_landmarks=True,
                min_detection_confidence=0.5,
                min_tracking_confidence=0.5,
            )
            close_with(self, self._mesh)
            # The first picture loads the rest of the network.
            self._mesh.process(np.zeros((360, ANALYSIS_WIDTH, 3), np.uint8))

    def find(self, pixels: Image) -> list[NDArray[np.float32]]:
        """The faces, largest first: float32 (478, 3) each, in pixels of the picture; z in the same unit, smaller is nearer."""
        height, width = pixels.shape[:2]
        small = pixels
        if width > ANALYSIS_WIDTH:
            size = (ANALYSIS_WIDTH, round(height * ANALYSIS_WIDTH / width))
            small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        found = self._mesh.process(cv2.cvtColor(small, cv2.COLOR_BGR2RGB)).multi_face_landmarks or []
        scale = np.array([width, height, width], np.float32)
        faces = [np.array([(p.x, p.y, p.z) for p in face.landmark], np.float32) * scale for face in found]
        return sorted(faces, key=lambda face: -float(np.ptp(face[:, 1])))


@contextmanager
def without_greeting() -> Iterator[None]:
    """Keep TensorFlow Lite's greeting, which no switch turns off, out of stderr; everything else is passed on."""
    sys.stderr.flush()
    with _turn, tempfile.TemporaryFile() as held:
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held:
                if _NOISE not in line:
                    os.write(2, line)
