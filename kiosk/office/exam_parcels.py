"""考场包 out: who sits where in an exam, with the face and thumbs of each latest capture, for the doors of its site."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.ciphers import SigningKey
from kiosk.ciphers.age import Sealing
from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange.exam_parcel import write_exam
from kiosk.office.jobs import Telling
from kiosk.pipeline.face import Embedding
from kiosk.pipeline.face.compact import pack
from kiosk.records import (
    BiometricKind,
    Candidate,
    CaptureRecord,
    ChipPhoto,
    Elsewhere,
    Enrolled,
    Exam,
    ExamDay,
    FingerPosition,
    Seating,
    Student,
    ThumbWhen,
)
from kiosk.store import Store
from kiosk.store.captures import Pictures

EmbedChip = Callable[[ChipPhoto], Embedding]

KEPT_AFTER: Final = timedelta(days=1)  # after the last session, where nobody says how long
_WANTED: Final = (
    BiometricKind.PORTRAIT,
    BiometricKind.FACE_TEMPLATE,
    BiometricKind.CHIP_PHOTO,
    BiometricKind.RIGHT_THUMB_TEMPLATE,
    BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE,
    BiometricKind.LEFT_THUMB_TEMPLATE,
    BiometricKind.LEFT_THUMB_SECOND_TEMPLATE,
)
_WRITTEN: Final = "exam_parcel"
_HANDS: Final = (
    (FingerPosition.RIGHT_THUMB, _WANTED[3:5]),
    (FingerPosition.LEFT_THUMB, _WANTED[5:7]),
)


@dataclass(frozen=True)
class ExamParcelPlan:
    """What a package would hold. Students with a seat and no capture, or whose capture has no face or no thumb, are let in by
    what there is, or by an invigilator's eye."""

    exam: Exam
    expires_at: datetime
    candidates: int
    rooms: int
    uncaptured: tuple[Student, ...]
    without_face: int
    without_thumb: int
    alike: int


@dataclass(frozen=True)
class _Gathered:
    """What the store has of an exam: seats and records by ID number, students in the roster's order."""

    exam: Exam
    seated: Mapping[str, Sequence[Seating]]
    students: Sequence[Student]
    captured: Mapping[str, CaptureRecord]


class ExamParcels:
    """Writes 考场包."""

    def __init__(self, store: Store, folder: Path) -> None:
        """`folder` is where they lie that are written from a page."""
        self._store = store
        self.folder = folder

    def recipient(self) -> str:
        """Whom packages for this station are sealed to."""
        return self._store.signing.recipient()

    def plan(self, number: int, *, expires_at: datetime | None = None) -> ExamParcelPlan:
        """What would go in; nothing is written. Raises StoreError for an unknown exam, ExchangeError("checkin.no_sessions"),
        ("checkin.no_seats"), ("checkin.expires_early")."""
        return self._plan(self._gathered(number), expires_at)

    def write(
        self,
        number: int,
        target: Path,
        to: Sealing,
        embed_chip: EmbedChip,
        *,
        key: SigningKey | None = None,
        stations: Sequence[bytes] = (),
        thumb: ThumbWhen = ThumbWhen.UNSURE,
        reentry: bool = False,
        alive: bool = False,
        district: bool = False,
        expires_at: datetime | None = None,
        by: str,
        progress: Telling = lambda _done, _of=0: None,
    ) -> ExamParcelPlan:
        """Write it, signed by the office's `key`, or by this station's without one. `embed_chip` is what a chip photo is to the
        network; `stations` are the public keys of those that may send results. `alive`: doors ask for a proof of life;
        `district`: the faces of everybody without a seat go in, too, which only an office may have: ExchangeError
        ("checkin.district_office") without its key. Raises as `plan` does, and as `write_parcel`."""
        if district and key is None:
            raise ExchangeError("checkin.district_office")
        gathered = self._gathered(number)
        plan, exam, seated = self._plan(gathered, expires_at), gathered.exam, gathered.seated
        signing = key if key is not None else self._store.signing.key()
        own = self._store.signing.key().public
        day = ExamDay(
            exam.title,
            exam.site,
            exam.sessions,
            self._store.audit.now(),
            plan.expires_at,
            thumb,
            reentry,
            tuple(sorted({one.hex() for one in (*stations, own)})),
            alive,
        )
        enrolled: list[Enrolled] = []
        pictures, alike = dict[str, Enrolled](), self._alike(seated)
        for record, of in self._store.captures.with_pictures(gathered.captured.values(), _WANTED):
            pictures[record.student.id_number] = _compared(of, embed_chip)
            progress(len(pictures), len(gathered.captured))
        for place, student in enumerate(gathered.students, start=1):
            seats = seated[student.id_number]
            who = _candidate(place, student, seats, alike=student.id_number in alike)
            known = pictures.get(student.id_number)
            if known is None:
                enrolled.append(Enrolled(replace(who, faced=False, thumbed=False)))
                continue
            who = replace(who, faced=bool(known.face or known.chip), thumbed=bool(known.thumbs))
            enrolled.append(replace(known, candidate=who))
        others = self._elsewhere(seated) if district else []
        by_office, simulated = key is not None, self._store.simulated
        digest = write_exam(target, to, signing, day, enrolled, district=others, by_office=by_office, simulated=simulated)
        self._store.written.note(_WRITTEN, target, seated, by=by)
        self._store.audit.record("checkin.package", actor=by, exam=number, candidates=len(enrolled), package=digest[:16])
        return plan

    def _plan(self, gathered: _Gathered, expires_at: datetime | None) -> ExamParcelPlan:
        seated, students = gathered.seated, {one.id_number: one for one in gathered.students}
        of = {number: self._store.captures.kinds(record.id) for number, record in gathered.captured.items()}
        return ExamParcelPlan(
            gathered.exam,
            _expiry(gathered.exam, expires_at),
            len(students),
            len({seat.room for seats in seated.values() for seat in seats}),
            tuple(one for number, one in students.items() if number not in of),
            sum(BiometricKind.FACE_TEMPLATE not in of.get(one, ()) for one in students),
            sum(not {kind for _, kinds in _HANDS for kind in kinds} & set(of.get(one, ())) for one in students),
            len(self._alike(students)),
        )

    def _gathered(self, number: int) -> _Gathered:
        exam = self._store.exams.get(number)
        if not exam.sessions:
            raise ExchangeError("checkin.no_sessions", title=exam.title)
        seated: dict[str, list[Seating]] = {}
        for seat in self._store.exams.seatings(number):
            seated.setdefault(seat.id_number, []).append(seat)
        if not seated:
            raise ExchangeError("checkin.no_seats", title=exam.title)
        latest = self._store.captures.latest()
        ids = [record_id for id_number, (record_id, _) in latest.items() if id_number in seated]
        students = [one for one in self._store.roster.ever() if one.id_number in seated]
        captured = {one.student.id_number: one for one in self._store.captures.without_steps(ids)}
        return _Gathered(exam, seated, students, captured)

    def _elsewhere(self, seated: Collection[str]) -> list[Elsewhere]:
        """Everybody whose face is kept and who has no seat, by the latest capture."""
        latest = self._store.captures.latest()
        ids = [record_id for id_number, (record_id, _) in latest.items() if id_number not in seated]
        found, records = list[Elsewhere](), self._store.captures.without_steps(ids)
        for record, pictures in self._store.captures.with_pictures(records, (BiometricKind.FACE_TEMPLATE,)):
            if face := pictures(BiometricKind.FACE_TEMPLATE):
                found.append(Elsewhere(record.student.name, record.student.school, face))
        return found

    def _alike(self, seated: Collection[str]) -> frozenset[str]:
        """Who was declared to look like somebody else of these."""
        declared = (set(one.id_numbers) & set(seated) for one in self._store.lookalikes.declarations())
        return frozenset(number for group in declared if len(group) > 1 for number in group)


def _expiry(exam: Exam, wanted: datetime | None) -> datetime:
    last = max(one.ends_at for one in exam.sessions)
    if wanted is not None and wanted < last:
        raise ExchangeError("checkin.expires_early", title=exam.title)
    return wanted or last + KEPT_AFTER


def _candidate(place: int, student: Student, seats: Sequence[Seating], *, alike: bool) -> Candidate:
    return Candidate(
        place,
        student.id_number,
        seats[0].exam_number,
        student.name,
        tuple(seats),
        student.sex,
        student.school,
        student.class_name,
        alike=alike,
    )


_NOBODY: Final = Candidate(0, "", "", "", ())


def _compared(pictures: Pictures, embed_chip: EmbedChip) -> Enrolled:
    """What a candidate is compared with; a finger that stands in for a thumb lies under the thumb of its hand."""
    chip = pictures(BiometricKind.CHIP_PHOTO)
    thumbs = [(position, file) for position, kinds in _HANDS for kind in kinds if (file := pictures(kind))]
    portrait, face = pictures(BiometricKind.PORTRAIT) or b"", pictures(BiometricKind.FACE_TEMPLATE) or b""
    return Enrolled(_NOBODY, portrait, face, _embedded(chip, embed_chip), tuple(thumbs))


def _embedded(png: bytes | None, embed_chip: EmbedChip) -> bytes:
    if not png:
        return b""
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    try:
        return pack(embed_chip(ChipPhoto(np.asarray(pixels, np.uint8))))
    except KioskError:  # a chip photo without a face that can be found
        return b""
