"""Who is compared, and who is suspected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kiosk.pipeline.face.verification import Embedding
from kiosk.records import FingerPosition


class Modality(StrEnum):
    """What two subjects are alike in."""

    FACE = "face"
    FINGER = "finger"  # one finger that is alike beyond doubt
    TWO_FINGERS = "two_fingers"  # two fingers, neither of which would say enough by itself


@dataclass(frozen=True)
class Press:
    """One impression's template. `file`: as `kiosk.pipeline.finger.compact` packs it."""

    position: FingerPosition
    file: bytes


@dataclass(frozen=True, eq=False)
class Subject:
    """One captured student. `key`: whatever links them to a record, unlike all others'. `school`: the partition.

    `faces`: float32 (128,) of length 1 each, mostly one. `presses`: mostly up to two of each thumb.
    """

    key: str
    school: str
    faces: tuple[Embedding, ...] = ()
    presses: tuple[Press, ...] = ()


@dataclass(frozen=True, order=True)
class Suspect:
    """Two subjects who may be one person: `a` is the lesser key. `score` has reached `limit`, on the modality's scale.

    `fingers`: of `a` and of `b`, which were alike; of two fingers, the pair that is less alike. None for faces.
    """

    a: str
    b: str
    modality: Modality
    score: float
    limit: float
    fingers: tuple[FingerPosition, FingerPosition] | None = None


def merged(parts: Iterable[Iterable[Suspect]]) -> tuple[Suspect, ...]:
    """All suspects in order, by keys: the same however they came in."""
    return tuple(sorted(suspect for part in parts for suspect in part))
