"""A person who is made of numbers: a face as SFace gives it, a thumb whose minutiae move, some of them lost, at each press."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.face import Embedding
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.pipeline.face.compact import unpack as unpack_face
from kiosk.pipeline.finger import Minutiae, Template, make_template
from kiosk.pipeline.finger.compact import pack as pack_finger


class Body:
    """Somebody's face and thumb, in numbers."""

    def __init__(self, rng: np.random.Generator, like: Body | None = None) -> None:
        """`like`: a sibling whose face this one's is, as far as anybody can tell."""
        self._rng = rng
        trunk: NDArray[np.float64] = _unit(rng.normal(size=128)) if like is None else like.trunk
        self.trunk: NDArray[np.float64] = trunk
        self.face, self.chip = (self._near(trunk, noise) for noise in (0.5, 0.9))
        self._thumb = _minutiae(rng)

    def again(self, rng: np.random.Generator) -> Body:
        """The same person at another capture."""
        other = Body(rng, self)
        other._thumb = self._thumb
        return other

    def live(self, fused: float) -> Embedding:
        """A look at the face that scores as told against its own captured face and chip."""
        captured, chip = unpack_face(pack_face(self.face)), unpack_face(pack_face(self.chip))
        middle = (captured + chip) / 2
        share = fused / float(np.linalg.norm(middle))
        axis = _unit(middle)
        across = self._rng.normal(size=128)
        across = _unit(across - (across @ axis) * axis)
        return np.asarray(share * axis + np.sqrt(1 - share**2) * across, np.float32)

    def enrolled_thumb(self) -> bytes:
        return pack_finger(self._pressed())

    def press(self) -> Template:
        """Turned and moved a little, some of the minutiae missing."""
        return make_template(self._pressed())

    def _pressed(self) -> Minutiae:
        rng, one = self._rng, self._thumb
        kept = rng.random(len(one)) > 0.12
        turn, shift = rng.uniform(-0.12, 0.12), rng.uniform(-10, 10, size=2)
        middle = np.array([128.0, 144.0])
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        xy = (one.xy - middle) @ turned.T + middle + shift + rng.normal(0, 0.8, one.xy.shape)
        direction = one.direction - turn + rng.normal(0, 0.04, len(one))
        moved = Minutiae(xy.astype(np.float32), direction.astype(np.float32), one.ending, one.score, 256, 288)
        return moved.kept(np.flatnonzero(kept & (xy >= 0).all(axis=1) & (xy[:, 0] < 256) & (xy[:, 1] < 288)))

    def _near(self, trunk: NDArray[np.float64], noise: float) -> Embedding:
        return np.asarray(_unit(trunk + noise * _unit(self._rng.normal(size=128))), np.float32)


def _minutiae(rng: np.random.Generator) -> Minutiae:
    """Some forty, as a thumb has them: not nearer to each other than ridges are."""
    xy: list[NDArray[np.float64]] = []
    while len(xy) < 42:
        one = rng.uniform((20, 20), (236, 268))
        if all(np.hypot(*(one - other)) > 13 for other in xy):
            xy.append(one)
    number = len(xy)
    direction = rng.uniform(-np.pi, np.pi, number)
    ending, score = rng.random(number) > 0.5, np.full(number, 0.9, np.float32)
    return Minutiae(np.array(xy, np.float32), direction.astype(np.float32), ending, score, 256, 288)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector))
