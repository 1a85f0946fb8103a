"""The five points that SFace aligns a face by, of Face Mesh's landmarks: where YuNet would put them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.face.geometry import LEFT_EYE, RIGHT_EYE

Points = NDArray[np.float64]  # (5, 2): right eye, left eye, nose, right and left corner of the mouth

_NOSE: Final = 4
_CORNERS: Final = (61, 291)
# Where SFace wants the points in its 112×112 pixels, as OpenCV's `FaceRecognizerSF` puts them.
WANTED: Final = np.array([(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)])
# What YuNet's points are off from those of the mesh in these pixels: medians of 328 chip photos of half A of LFW's
# development people, squeezed by JPEG 2000, made symmetric.
_OFF: Final = np.array([(0.1, -1.15), (-0.1, -1.15), (0.0, 0.35), (-1.1, -1.75), (1.1, -1.75)])


def five_points(landmarks: NDArray[np.float32]) -> Points:
    """Of landmarks (478, 3) in pixels, in the same pixels."""
    flat = landmarks[:, :2].astype(np.float64)
    eyes = [flat[list(eye)].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE)]
    found = np.array([*eyes, flat[_NOSE], *flat[list(_CORNERS)]])
    return found + _OFF @ similarity(WANTED, found).T


def similarity(source: Points, target: Points) -> NDArray[np.float64]:
    """(2, 2): how `source` is to be turned and scaled about its middle to fit `target` about its own best, by least squares."""
    here, there = source - source.mean(axis=0), target - target.mean(axis=0)
    size = float(np.sum(here**2))
    along = float(np.sum(here * there)) / size
    across = float(np.sum(here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0])) / size
    return np.array([(along, -across), (across, along)])
