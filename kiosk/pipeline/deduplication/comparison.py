"""Two partitions against each other, or one against itself: all modalities."""

from __future__ import annotations

from kiosk.pipeline.deduplication.faces import alike_faces
from kiosk.pipeline.deduplication.fingers import suspected_by_fingers
from kiosk.pipeline.deduplication.limits import Limits
from kiosk.pipeline.deduplication.shelf import Shelf
from kiosk.pipeline.deduplication.subject import Modality, Suspect, merged
from kiosk.records import FingerPosition


def compare_shelves(a: Shelf, b: Shelf, limits: Limits, *, crossed: bool = False) -> tuple[Suspect, ...]:
    """All suspected pairs of one of `a` and one of `b`, in order; within a shelf when both are the same one.

    `crossed`: right thumbs are held against left ones too. A key that is on both shelves is one subject, and no suspect.
    """
    same = a is b
    found = [
        _suspect(a, b, (one, other), (Modality.FACE, score, limits.face), None)
        for one, other, score in alike_faces(a, b, limits.face, same=same)
    ]
    for alike, takes_two in suspected_by_fingers(a, b, limits, same=same, crossed=crossed):
        told = (Modality.TWO_FINGERS, alike.score, limits.both) if takes_two else (Modality.FINGER, alike.score, limits.finger)
        found.append(_suspect(a, b, (alike.one, alike.other), told, alike.fingers))
    return merged([[suspect for suspect in found if suspect.a != suspect.b]])


def _suspect(
    a: Shelf,
    b: Shelf,
    who: tuple[int, int],
    told: tuple[Modality, float, float],
    fingers: tuple[FingerPosition, FingerPosition] | None,
) -> Suspect:
    one, other = str(a.keys[who[0]]), str(b.keys[who[1]])
    if one > other:
        one, other, fingers = other, one, fingers and (fingers[1], fingers[0])
    return Suspect(one, other, *told, fingers)
