"""Who is it, and may he or she be captured now? From an arrival to a sitting with its card step done, or to a refusal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from kiosk.errors import StoreError
from kiosk.pipeline.finger import compact as finger_file
from kiosk.pipeline.finger.minutiae import Minutiae
from kiosk.records import (
    OWN_FINGER,
    STEPS,
    Account,
    Biometric,
    CaptureRecord,
    Message,
    Person,
    RefusalReason,
    StepSpec,
    Student,
)
from kiosk.station.agreed import is_asked
from kiosk.station.arrival import Arrival, of_chip, open_record
from kiosk.station.crew import Crew
from kiosk.station.state import Refused
from kiosk.station.steps.base import Sitting
from kiosk.store import DAMAGED, AdmissionKind

log = logging.getLogger(__name__)

_CALL_TEACHER: Final = Message("station.ask_teacher")
# Somebody who was let in has come to the desk already.
_LET_IN_FOR: Final = timedelta(hours=1)
# Why there is another version of somebody of whom the class's photo run brought a photo and nothing else.
_PHOTO_ALONE: Final = "此前只有学籍照相的照片"
# Of another school: for this exam.
_PERMITTED_FOR: Final = timedelta(days=366)
# Why nobody is captured at this time or place: by the rules of the day, not by a fault.
_OUT_OF_TIME: Final = {
    "store.locked": RefusalReason.AFTER_DEADLINE,
    "store.window_not_yet": RefusalReason.WINDOW_NOT_YET,
    "store.window_over": RefusalReason.WINDOW_OVER,
    "store.other_school": RefusalReason.OTHER_SCHOOL,
}


class Admission:
    """Asks the store. Raises StoreError where that fails: then nothing was begun."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._store = crew.store

    def admit(self, arrival: Arrival) -> Sitting | Refused:
        """The student with an open record goes on; a new one begins; others are turned away, and that is kept."""
        student = self._store.roster.find(self._key(arrival))
        if student is None and (colleague := self.colleague(arrival.card.id_number)) is not None:
            return Refused(Message("station.staff_card", {"name": colleague.name}), Message("station.take_card"))
        if not self._crew.duty.present:
            return Refused(Message("station.nobody_on_duty"), _CALL_TEACHER, arrival, waits_for_operator=True)
        if (case := self._store.cases.pending(arrival.card.id_number)) is not None:
            self._note(arrival, RefusalReason.CASE_PENDING)
            return Refused(Message("station.case_pending", {"number": case}), _CALL_TEACHER, arrival)
        return self._unknown(arrival) if student is None else self._on_roster(student, arrival)

    def _unknown(self, arrival: Arrival) -> Refused:
        near = self._store.roster.near(arrival.card.id_number, arrival.card.name)
        self._note(arrival, RefusalReason.NOT_ON_ROSTER)
        return Refused(Message("station.not_on_roster"), _CALL_TEACHER, arrival, near=tuple(near))

    def _key(self, arrival: Arrival) -> str:
        """By what the roster knows whoever comes: the number, or the key of whoever lost theirs to a namesake of it."""
        card = arrival.card
        return self._store.cases.key_of(card.id_number, card.name)

    def _on_roster(self, student: Student, arrival: Arrival) -> Sitting | Refused:
        number = student.id_number
        if (unfinished := self._store.captures.unfinished(number)) is not None:
            return self._resumed(unfinished, arrival)
        if (review := self._store.reviews.sent_back(number)) is not None:
            return self._begun(arrival, student, review.reason, review.by)
        captured = self._store.captures.latest_complete(number)
        if captured is not None and captured.card is None and not self._crew.profile.photos_only:
            return self._begun(arrival, student, _PHOTO_ALONE)
        if captured is not None:
            return self._captured_already(arrival, student, captured)
        return self._begun(arrival, student)

    def colleague(self, number: str) -> Account | None:
        """Whoever of the staff has the card with this number."""
        account_id = self._store.staff.of_card(number)
        return self._store.accounts.find(account_id) if account_id is not None else None

    def recapture(self, refused: Refused, *, by: Person, reason: str) -> Sitting | Refused:
        """Begin the next version of somebody who was captured already, as a second person says."""
        assert refused.arrival is not None
        assert refused.student is not None
        return self._begun(refused.arrival, refused.student, reason, by)

    def let_in(self, refused: Refused, *, by: Person, reason: str) -> Sitting | Refused:
        """Begin outside the time of the class, or somebody of another school, as a second person says."""
        assert refused.arrival is not None
        assert refused.student is not None
        self.authorise(refused.student, refused.reason, by=by, reason=reason)
        return self._begun(refused.arrival, refused.student)

    def authorise(self, student: Student, refusal: Message, *, by: Person, reason: str) -> None:
        """Lift a refusal: let a student in for a while outside the time of the class, or one of another school."""
        now, elsewhere = self._crew.now(), refusal.code == "error.store.other_school"
        until = now + (_PERMITTED_FOR if elsewhere else _LET_IN_FOR)
        kind: AdmissionKind = "school" if elsewhere else "window"
        self._store.rounds.authorise(student, by=by.name, reason=reason, at=now, until=until, kind=kind)

    def _begun(
        self, arrival: Arrival, student: Student, recapture_reason: str = "", recapture_by: Person | None = None
    ) -> Sitting | Refused:
        crew = self._crew
        try:
            record = open_record(arrival, student, crew, recapture_reason, recapture_by.name if recapture_by else "")
        except StoreError as error:
            reason = _OUT_OF_TIME.get(error.code)
            if reason is None:
                raise
            self._note(arrival, reason)
            late = reason is RefusalReason.AFTER_DEADLINE  # only the district's code helps then
            return Refused(error.message, _CALL_TEACHER, arrival, student, out_of_time=not late)
        return Sitting(record, arrival.card, held=self._held(record, arrival))

    def _captured_already(self, arrival: Arrival, student: Student, captured: CaptureRecord) -> Refused:
        by, reason = self._crew.duty.operator.name, Message("station.already_captured")
        self._store.audit.record("record.look", actor=by, subject=captured.id, why="already_captured")
        return Refused(reason, Message("station.captured_take_card"), arrival, student, captured=captured)

    def _resumed(self, record: CaptureRecord, arrival: Arrival) -> Sitting:
        """With the fingers of the steps that were finished before the interruption."""
        recalled = {}
        for step in OWN_FINGER:
            result = record.result(step)
            if result is not None and result.position is not None and record.is_settled(step):
                recalled[result.position] = tuple(self._minutiae(record, STEPS[step]))
        return Sitting(record, arrival.card, held=self._held(record, arrival), recalled=recalled, resumed=True)

    def _held(self, record: CaptureRecord, arrival: Arrival) -> tuple[Biometric, ...]:
        """What of the card may be kept only after the student has consented."""
        waits = is_asked(record, self._crew.settings.workflow.steps)
        return of_chip(arrival, self._crew.profile) if waits else ()

    def _minutiae(self, record: CaptureRecord, spec: StepSpec) -> Iterator[Minutiae]:
        """What is damaged is left out: the report names it, and the student need not wait for that."""
        for kind in spec.templates:
            try:
                file = self._store.captures.biometric(record.id, kind)
                if file is not None:
                    yield finger_file.unpack(file)
            except (StoreError, ValueError) as error:
                if isinstance(error, StoreError) and error.code not in DAMAGED:
                    raise
                log.warning("a stored template can't be read: %s of record %s", kind, record.id)

    def _note(self, arrival: Arrival, reason: RefusalReason) -> None:
        card = arrival.card
        self._store.refusals.add(
            reason, by=self._crew.duty.operator, at=self._crew.now(), name=card.name, id_number=card.id_number
        )
