"""Subjects of no real person: scattered minutiae, pressed again and again, and faces in all directions."""

from __future__ import annotations

import numpy as np

from kiosk.pipeline.deduplication import Press, Subject
from kiosk.pipeline.face.verification import Embedding
from kiosk.pipeline.finger import Minutiae
from kiosk.pipeline.finger.compact import pack
from kiosk.records import FingerPosition

RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
Fingers = dict[FingerPosition, Minutiae]


class People:
    """Draws people, and captures of them; the same ones for a seed."""

    def __init__(self, seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)

    def finger(self, count: int = 45) -> Minutiae:
        place = self._rng.uniform((20, 20), (236, 268), (count, 2)).astype(np.float32)
        direction = self._rng.uniform(-np.pi, np.pi, count).astype(np.float32)
        score = np.sort(self._rng.uniform(0.6, 1, count).astype(np.float32))[::-1]
        return Minutiae(place, direction, self._rng.random(count) < 0.5, score, 256, 288)

    def press(self, finger: Minutiae, shaken_px: float = 1.5) -> bytes:
        """A template's file: everything a little off, a minutia in twelve missing, turned."""
        kept = finger.kept(np.flatnonzero(self._rng.random(len(finger)) < 11 / 12))
        turn = self._rng.normal(0, 0.08)
        middle = np.array([128, 144])
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        place = (kept.xy - middle) @ spin + middle + self._rng.normal(0, shaken_px, kept.xy.shape)
        turned = kept.direction - turn + self._rng.normal(0, 0.06, len(kept))
        on_sensor = np.clip(place, 0, [255, 287]).astype(np.float32)
        return pack(Minutiae(on_sensor, turned.astype(np.float32), kept.ending, kept.score, 256, 288))

    def face(self) -> Embedding:
        return unit(self._rng.normal(size=128))

    def alike(self, face: Embedding, cosine: float) -> Embedding:
        """Another face, so alike."""
        other = self._rng.normal(size=128)
        away = unit(other - face * float(face @ other))
        return unit(cosine * face + np.sqrt(1 - cosine**2) * away)

    def captured(
        self,
        key: str,
        school: str,
        fingers: Fingers,
        face: Embedding | None = None,
        *,
        shaken_px: float = 1.5,
        presses: int = 2,
    ) -> Subject:
        pressed = tuple(Press(where, self.press(one, shaken_px)) for where, one in fingers.items() for _ in range(presses))
        return Subject(key, school, () if face is None else (face,), pressed)

    def hands(self) -> Fingers:
        return {RIGHT: self.finger(), LEFT: self.finger()}


def unit(vector: np.ndarray) -> Embedding:  # type: ignore[type-arg]
    return np.asarray(vector / np.linalg.norm(vector), np.float32)
