"""The points that a face is aligned by, of Face Mesh's."""

from __future__ import annotations

import math

import numpy as np

from kiosk.pipeline.face.five_points import five_points

FACE = {33: (30, 40), 133: (34, 40), 362: (46, 40), 263: (50, 40), 4: (40, 52), 61: (33, 62), 291: (47, 62)}


def test_they_turn_and_grow_with_the_face() -> None:
    face = np.zeros((478, 3), np.float32)
    for place, at in FACE.items():
        face[place, :2] = at
    found = five_points(face)
    assert np.abs(found - [(32, 40), (48, 40), (40, 52), (33, 62), (47, 62)]).max() < 1
    assert found[0, 1] < 40  # a little above the corners of the eyes
    angle, size = math.radians(25), 3.0
    turn = size * np.array([(math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))])
    turned = face.copy()
    turned[:, :2] = face[:, :2] @ turn + (7, 9)
    np.testing.assert_allclose(five_points(turned), found @ turn + (7, 9), atol=1e-3)
