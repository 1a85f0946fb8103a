"""Everybody whom this station has captured, and whom the office says the school's others have, so that a face or a thumb that
comes under a second name is noticed; and the staff, so that nobody of them captures himself for a student."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from kiosk.errors import StoreError
from kiosk.idnumber import masked
from kiosk.pipeline.face import compact as face_file
from kiosk.pipeline.face.gallery import Gallery
from kiosk.pipeline.face.verification import Embedding
from kiosk.pipeline.finger import compact as finger_file
from kiosk.pipeline.finger.index import DuplicateIndex, Suspect, make_entry
from kiosk.pipeline.finger.template import Template
from kiosk.records import (
    OWN_FINGER,
    STEPS,
    BiometricKind,
    CaptureRecord,
    FingerPosition,
    Message,
    Resemblance,
    Score,
    Step,
    Student,
)
from kiosk.station.others_gallery import Others, OthersGallery
from kiosk.station.staff_gallery import StaffGallery, StaffLikeness
from kiosk.store import Pictures, Store, account_of

log = logging.getLogger(__name__)

_TEMPLATES: Final = frozenset(template for spec in STEPS.values() for template in spec.templates)
_THUMBS: Final = frozenset(OWN_FINGER.values())
_LOOK_S: Final = 5.0  # between two looks whether a receipt has told of others


class Known:
    """Faces and thumbs by student. May be used from any thread; nothing in it is written anywhere.

    What lies in the store is what is known: templates are learned from there, when their step is done and at every start.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._staff = StaffGallery(store, elsewhere_too=True)
        self._others = OthersGallery(store)
        self._lock = threading.Lock()
        self._thumbs = DuplicateIndex()
        self._faces = Gallery()
        self._learned: set[tuple[str, Step]] = set()  # of whom, and which step: captured since the start
        self._records: dict[str, tuple[str, str]] = {}  # by ID number: record id and name

    def same_face(self, student: Student, face: Embedding, limit: float) -> tuple[Resemblance, ...]:
        """Staff and other students with this face, the most alike first, but no declared lookalikes. Raises StoreError."""
        excluding = self._store.lookalikes.of(student.id_number)
        colleagues = {account for one in excluding if (account := account_of(one)) is not None}
        staff = self._staff.whose_face(face, limit, excluding=colleagues)
        with self._lock:
            found = [one for one in self._faces.search(face, limit, excluding=excluding) if self._is_kept(one.owner)]
            own = tuple(self._resemblance(other.owner, BiometricKind.PORTRAIT, other.score) for other in found)
        elsewhere = self._others.known
        further = elsewhere.faces.search(face, limit, excluding=excluding | {other.owner for other in found})
        others = self._told_of(elsewhere, [(one.owner, BiometricKind.PORTRAIT, one.score) for one in further])
        return (*(_of_staff(one, BiometricKind.PORTRAIT) for one in staff), *own, *others)

    def same_thumb(
        self,
        student: Student,
        position: FingerPosition,
        presses: list[Template],
        limit: float,
        usual: Collection[FingerPosition] = _THUMBS,
    ) -> tuple[Resemblance, ...]:
        """Staff and other students with this finger, the most alike first; lookalikes too, whose fingers are unlike.

        A finger that is `usual` here, a thumb mostly, is looked for among the same fingers. One that stands in may be said to
        be another than it is: it is looked for among all fingers, and all that stand in are looked at when a usual one comes.
        About 0.2 s among 20,000 students, next to nothing on a school's day. Staff are looked for whichever finger it is.
        """
        staff = self._staff.whose_thumb(presses, limit)
        with self._lock:
            found = [
                one
                for one in _nearest(self._thumbs, position, presses, limit, usual, student.id_number)
                if self._is_kept(one.owner)
            ]
            own = tuple(self._resemblance(one.owner, _shown(one.position), one.score) for one in found)
        elsewhere, here = self._others.known, {one.owner for one in found}
        further = _nearest(elsewhere.thumbs, position, presses, limit, usual, student.id_number)
        told = [(one.owner, _shown(one.position), one.score) for one in further if one.owner not in here]
        return (*(_of_staff(one, _shown(position)) for one in staff), *own, *self._told_of(elsewhere, told))

    def learn(self, record: CaptureRecord, step: Step) -> None:
        """From now on what was kept with a settled step is known as this student's. What can't be read costs only itself."""
        if record.is_settled(step):
            with self._lock:
                self._learned.add((record.student.id_number, step))
            self._read(record, step, self._store.captures.pictures(record.id))

    def recall(self, stop: threading.Event) -> None:
        """Learn what lies in the store, until `stop`. What is captured meanwhile is newer, and stays."""
        for record, pictures in self._store.captures.with_pictures(self._all_records(), _TEMPLATES):
            for step in STEPS:
                if stop.is_set():
                    return
                with self._lock:
                    is_newer_known = (record.student.id_number, step) in self._learned
                if record.is_settled(step) and not is_newer_known:
                    self._read(record, step, pictures)
        self._others.refresh(stop)

    def follow(self, stop: threading.Event) -> None:
        """The same, and whom receipts tell of from then on."""
        self.recall(stop)
        while not stop.wait(_LOOK_S):
            try:
                self._others.refresh(stop)
            except StoreError as error:
                log.warning("students of other stations are not known: %s", error)

    def _read(self, record: CaptureRecord, step: Step, pictures: Pictures) -> None:
        for kind in STEPS[step].templates:
            try:
                file = pictures(kind)
                if file is not None:
                    self._put(record, step, file)
            except (StoreError, ValueError):
                log.warning("a stored template can't be read: %s of record %s", kind, record.id)

    def _all_records(self) -> Iterator[CaptureRecord]:
        """The newest last: of a student who is being captured again, the open record counts."""
        captures = self._store.captures
        yield from captures.records()
        yield from captures.unfinished_records()

    def _put(self, record: CaptureRecord, step: Step, file: bytes) -> None:
        number, named = record.student.id_number, (record.id, record.student.name)
        if step is Step.FACE:
            face = face_file.unpack(file)
            with self._lock:
                self._faces.put(number, face)
                self._records[number] = named
            return
        entry, result = make_entry(finger_file.unpack(file)), record.result(step)
        position = (result.position if result else None) or OWN_FINGER[step]
        with self._lock:
            self._thumbs.add(number, position, entry)
            self._records[number] = named

    def _is_kept(self, owner: str) -> bool:
        """Whether the store still has what is known of somebody: who was deleted, by whomever, is forgotten here, too."""
        known = self._records.get(owner)
        if known is not None and self._store.captures.kinds(known[0]) & _TEMPLATES:
            return True
        self._faces.drop(owner)
        self._thumbs.drop(owner)
        self._records.pop(owner, None)
        return False

    def _resemblance(self, owner: str, kind: BiometricKind, score: Score) -> Resemblance:
        record_id, name = self._records[owner]
        return Resemblance(record_id, kind, name, masked(owner), replace(score, below=True))

    def _told_of(self, others: Others, found: Sequence[tuple[str, BiometricKind, Score]]) -> tuple[Resemblance, ...]:
        """Whom other stations captured."""
        return tuple(
            Resemblance(who.id, kind, who.name, masked(number), replace(score, below=True), station=who.station)
            for number, kind, score in found
            if (who := others.people[number]) and self._others.is_kept(number)
        )


def _nearest(
    index: DuplicateIndex,
    position: FingerPosition,
    presses: list[Template],
    limit: float,
    usual: Collection[FingerPosition],
    excluding: str,
) -> list[Suspect]:
    """Whose finger it may be, each once, the most alike first."""
    found = [
        suspect
        for where in FingerPosition
        if where is position or position not in usual or where not in usual
        for suspect in index.search(where, presses, limit, excluding=excluding)
    ]
    found.sort(key=lambda other: other.score.value)
    nearest = {other.owner: other for other in found}  # what comes later replaces what is less like
    return sorted(nearest.values(), key=lambda other: -other.score.value)


def _of_staff(likeness: StaffLikeness, kind: BiometricKind) -> Resemblance:
    """`kind`: what of the student's shows it. Of the staff there is no picture: only templates are kept."""
    return Resemblance("", kind, likeness.name, "", replace(likeness.score, below=True), likeness.account)


def _shown(position: FingerPosition) -> BiometricKind:
    """The picture that shows the likeness to a person: fingers are kept under their hand's step."""
    right = position <= FingerPosition.RIGHT_LITTLE
    return STEPS[Step.RIGHT_THUMB if right else Step.LEFT_THUMB].pictures[0]


def seen_before(step: Step, others: tuple[Resemblance, ...]) -> tuple[Message, ...]:
    """What the operator reads about them."""
    family = STEPS[step].family
    return tuple(_seen(family, other) for other in others)


def _seen(family: str, other: Resemblance) -> Message:
    if other.staff:
        return Message(f"{family}.is_staff", {"name": other.name})
    told = {"name": other.name, "number": other.number}
    if other.station:
        return Message(f"{family}.seen_elsewhere", told | {"station": other.station})
    return Message(f"{family}.seen_before", told)
