"""Where the person is in a photo, by MediaPipe's selfie segmentation (its model is inside the package)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.face.mediapipe import close_with, solutions
from kiosk.pipeline.face.mesh import without_greeting
from kiosk.records import Image

Mask = NDArray[np.float32]


class PersonMask:
    """For one thread; loading takes a tenth of a second, a photo 5 ms."""

    def __init__(self) -> None:
        _, segmentation = solutions()
        with without_greeting():
            self._network = segmentation(model_selection=0)
            close_with(self, self._network)
            self._network.process(np.zeros((256, 256, 3), np.uint8))

    def find(self, pixels: Image) -> Mask:
        """float32 (H, W): 1 person, 0 background. It looks twice, to forget the photo before."""
        rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
        for _ in range(2):
            found = self._network.process(rgb).segmentation_mask
        return np.asarray(found, np.float32)
