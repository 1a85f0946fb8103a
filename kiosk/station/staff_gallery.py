"""The thumbs and faces of the staff: to know who logs in or decides, and that nobody captures himself for a student.

They are few: everybody is looked at, with the matcher itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from kiosk.pipeline.face import compact as face_file
from kiosk.pipeline.face.verification import SCALE, Embedding
from kiosk.pipeline.finger import compact as finger_file
from kiosk.pipeline.finger.template import Template, compare, make_template
from kiosk.records import BiometricKind, Score
from kiosk.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StaffLikeness:
    """Somebody of the staff who is like the one looked for. `kind`: which template said so."""

    account: str
    name: str
    kind: BiometricKind
    score: Score


@dataclass(frozen=True, eq=False)
class _Kept:
    account: str
    name: str
    kind: BiometricKind


@dataclass(frozen=True, eq=False)
class _Thumb(_Kept):
    template: Template


@dataclass(frozen=True, eq=False)
class _Face(_Kept):
    face: Embedding


class StaffGallery:
    """May be used from any thread. What lies in the store is what is known: it is looked at anew when that has changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._stamp: object = None
        self._thumbs: list[_Thumb] = []
        self._faces: list[_Face] = []

    def whose_face(self, face: Embedding, limit: float, *, besides: Collection[str] = ()) -> tuple[StaffLikeness, ...]:
        """Everybody of the staff who reaches the limit with this face, the likest first. Raises StoreError."""
        _, faces = self._known()
        scored = ((one, Score(float(one.face @ face), SCALE, limit)) for one in faces if one.account not in besides)
        return _likest(scored, limit)

    def whose_thumb(
        self, presses: Sequence[Template], limit: float, *, besides: Collection[str] = ()
    ) -> tuple[StaffLikeness, ...]:
        """The same for a finger, whichever hand it is said to be of. A third of a millisecond a pair. Raises StoreError."""
        thumbs, _ = self._known()
        scored = (
            (one, replace(compare(press, one.template), limit=limit))
            for one in thumbs
            for press in presses
            if one.account not in besides and len(press)
        )
        return _likest(scored, limit)

    def _known(self) -> tuple[list[_Thumb], list[_Face]]:
        stamp = self._store.staff.stamp(), tuple((one.id, one.name) for one in self._store.accounts.open())
        with self._lock:
            if stamp != self._stamp:
                self._thumbs, self._faces = self._read()
                self._stamp = stamp
            return self._thumbs, self._faces

    def _read(self) -> tuple[list[_Thumb], list[_Face]]:
        thumbs: list[_Thumb] = []
        faces: list[_Face] = []
        for kept in self._store.staff.templates():
            try:
                if kept.kind is BiometricKind.FACE_TEMPLATE:
                    faces.append(_Face(kept.account, kept.name, kept.kind, face_file.unpack(kept.data)))
                else:
                    template = make_template(finger_file.unpack(kept.data))
                    thumbs.append(_Thumb(kept.account, kept.name, kept.kind, template))
            except ValueError:
                log.warning("a template of the staff can't be read: %s of account %s", kept.kind, kept.account)
        return thumbs, faces


def _likest(scored: Iterable[tuple[_Kept, Score]], limit: float) -> tuple[StaffLikeness, ...]:
    """Each account once, with its best score, where that reaches the limit."""
    best: dict[str, StaffLikeness] = {}
    for one, score in scored:
        before = best.get(one.account)
        if score.value >= limit and (before is None or score.value > before.score.value):
            best[one.account] = StaffLikeness(one.account, one.name, one.kind, score)
    return tuple(sorted(best.values(), key=lambda likeness: -likeness.score.value))
