"""The thumbs and faces of the staff: to know who logs in or decides, and that nobody captures himself for a student.

Both are searched as students' are (`kiosk.pipeline`). All thumbs lie together: a finger may be said to be of the other hand.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from kiosk.pipeline.face import compact as face_file
from kiosk.pipeline.face.gallery import Gallery
from kiosk.pipeline.face.verification import Embedding
from kiosk.pipeline.finger import compact as finger_file
from kiosk.pipeline.finger.index import DuplicateIndex, make_entry
from kiosk.pipeline.finger.template import Template
from kiosk.records import BiometricKind, FingerPosition, Score
from kiosk.store import Store

log = logging.getLogger(__name__)

_ANY: Final = FingerPosition.RIGHT_THUMB  # where all thumbs lie, of either hand


@dataclass(frozen=True)
class StaffLikeness:
    """Somebody of the staff who is like the one looked for."""

    account: str
    name: str
    score: Score


@dataclass
class _Kept:
    stamp: object = None
    names: dict[str, str] = field(default_factory=dict)
    thumbs: DuplicateIndex = field(default_factory=DuplicateIndex)
    faces: Gallery = field(default_factory=Gallery)


class StaffGallery:
    """May be used from any thread. What lies in the store is what is known: it is looked at again when that has changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept = _Kept()

    def whose_face(self, face: Embedding, limit: float, *, excluding: Collection[str] = ()) -> tuple[StaffLikeness, ...]:
        """Everybody of the staff who reaches the limit with this face, the most alike first. Raises StoreError."""
        with self._lock:
            kept = self._known()
            found = kept.faces.search(face, limit, excluding=excluding)
            return tuple(StaffLikeness(one.owner, kept.names[one.owner], one.score) for one in found)

    def whose_thumb(self, presses: Sequence[Template], limit: float, *, excluding: str = "") -> tuple[StaffLikeness, ...]:
        """The same for a finger, whichever hand it is said to be of: some 5 ms for two presses, however many work here."""
        with self._lock:
            kept = self._known()
            found = kept.thumbs.search(_ANY, presses, limit, excluding=excluding)
            return tuple(StaffLikeness(one.owner, kept.names[one.owner], one.score) for one in found)

    def _known(self) -> _Kept:
        """Within the lock."""
        stamp = self._store.staff.stamp(), tuple((one.id, one.name) for one in self._store.accounts.open())
        if stamp != self._kept.stamp:
            self._kept = self._read(stamp)
        return self._kept

    def _read(self, stamp: object) -> _Kept:
        kept = _Kept(stamp)
        for one in self._store.staff.templates():
            try:
                if one.kind is BiometricKind.FACE_TEMPLATE:
                    kept.faces.put(one.account, face_file.unpack(one.data))
                else:
                    kept.thumbs.add(one.account, _ANY, make_entry(finger_file.unpack(one.data)))
                kept.names[one.account] = one.name
            except ValueError:
                log.warning("a template of the staff can't be read: %s of account %s", one.kind, one.account)
        return kept
