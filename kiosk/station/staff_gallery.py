"""The thumbs and faces of the staff: to know who logs in or decides, and that nobody captures himself for a student. The staff
of the school's other stations are told apart from students, and nothing opens to them here.

Both are searched as students' are (`kiosk.pipeline`). All thumbs lie together: a finger may be said to be of the other hand.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Sequence
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
from kiosk.store.elsewhere_rows import STAFF

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
    who: dict[str, tuple[str, str]] = field(default_factory=dict)  # by what they are searched as: account and name
    thumbs: DuplicateIndex = field(default_factory=DuplicateIndex)
    faces: Gallery = field(default_factory=Gallery)

    def put(self, owner: str, account: str, name: str, kind: BiometricKind, file: bytes) -> None:
        try:
            if kind is BiometricKind.FACE_TEMPLATE:
                self.faces.put(owner, face_file.unpack(file))
            else:
                self.thumbs.add(owner, _ANY, make_entry(finger_file.unpack(file)))
            self.who[owner] = account, name
        except ValueError:
            log.warning("a template of the staff can't be read: %s of account %s", kind, account)

    def owners(self, accounts: Collection[str]) -> frozenset[str]:
        return frozenset(owner for owner, (account, _) in self.who.items() if account in accounts)

    def told(self, found: Iterable[tuple[str, Score]]) -> tuple[StaffLikeness, ...]:
        """Each account once, by what is most alike."""
        accounts: dict[str, StaffLikeness] = {}
        for owner, score in found:
            account, name = self.who[owner]
            accounts.setdefault(account, StaffLikeness(account, name, score))
        return tuple(accounts.values())


class StaffGallery:
    """May be used from any thread. What lies in the store is what is known: it is looked at again when that has changed."""

    def __init__(self, store: Store, *, elsewhere_too: bool = False) -> None:
        """`elsewhere_too`: with those who gave their templates at the school's other stations."""
        self._store = store
        self._elsewhere_too = elsewhere_too
        self._lock = threading.Lock()
        self._kept = _Kept()

    def whose_face(self, face: Embedding, limit: float, *, excluding: Collection[str] = ()) -> tuple[StaffLikeness, ...]:
        """Everybody of the staff who reaches the limit with this face, the most alike first. Raises StoreError."""
        with self._lock:
            kept = self._known()
            found = kept.faces.search(face, limit, excluding=kept.owners(excluding))
            return kept.told((one.owner, one.score) for one in found)

    def whose_thumb(self, presses: Sequence[Template], limit: float, *, excluding: str = "") -> tuple[StaffLikeness, ...]:
        """The same for a finger, whichever hand it is said to be of: some 5 ms for two presses, however many work here."""
        with self._lock:
            kept = self._known()
            found = kept.thumbs.search(_ANY, presses, limit, excluding=excluding)
            return kept.told((one.owner, one.score) for one in found)

    def _known(self) -> _Kept:
        """Within the lock."""
        accounts = tuple((one.id, one.name, one.office_id) for one in self._store.accounts.open())
        stamp = self._store.staff.stamp(), accounts, self._store.elsewhere.stamp(STAFF) if self._elsewhere_too else ""
        if stamp != self._kept.stamp:
            self._kept = self._read(stamp)
        return self._kept

    def _read(self, stamp: object) -> _Kept:
        kept = _Kept(stamp)
        for one in self._store.staff.templates():
            kept.put(one.account, one.account, one.name, one.kind, one.data)
        here = {one.office_id: one.id for one in self._store.accounts.open() if one.office_id}
        for other in self._store.elsewhere.people(STAFF) if self._elsewhere_too else ():
            account = here.get(other.office_id, other.id)  # who has an account here decides nothing about himself
            for kind, _, file in other.templates:
                kept.put(f"{other.store}:{other.id}", account, other.name, kind, file)
        return kept
