"""学籍照相: calls the children of a class one after the other. The head of the list does what a card does in the usual flow."""

from __future__ import annotations

from typing import Final

from kiosk.errors import KioskError, StoreError
from kiosk.records import CaptureRecord, ChildState, ClassKey, Line, Message, Person
from kiosk.station.crew import Crew
from kiosk.station.state import Called
from kiosk.station.steps.base import Sitting

_ASK: Final = Message("station.ask_teacher")
_WAIT: Final = Message("station.run.wait")  # the operator looks at something
_OUT_OF_TIME: Final = frozenset({"store.window_not_yet", "store.window_over", "store.other_school"})
_ABSENT: Final = "学籍照相时不在"


class Caller:
    """Answers with whoever is called, as a sitting, or with why that one can't be shot now. Raises StoreError where the store
    fails."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._store = crew.store
        self._shot_last = ""  # who may still sit before the camera

    @property
    def possible(self) -> bool:
        """Whether the station's profile wants nothing but a photo: what it doesn't want isn't asked for."""
        return self._crew.profile.photos_only

    def begin(self, group: ClassKey) -> Line:
        """A class, at the place where it was left. Raises KioskError("station.run.profile"), StoreError."""
        crew = self._crew
        if not self.possible:
            raise KioskError("station.run.profile", profile=crew.profile.title)
        return self._store.photo_runs.begin(group, by=crew.duty.operator.name, at=crew.now())

    def interrupted(self) -> Line | None:
        """The run that was under way when the station ended."""
        return self._store.photo_runs.current() if self.possible else None

    def call(self, line: Line) -> Sitting | Called:  # noqa: PLR0911 - one for each of the ways that it can go
        """Whose turn it is."""
        self._store.photo_runs.stand_at(line)
        number, captures = line.student.id_number, self._store.captures
        if self._store.roster.find(number) is None:
            return Called(line, Message("station.not_on_roster"), _ASK)
        if not self._crew.duty.present:
            return Called(line, Message("station.nobody_on_duty"), _ASK, waits_for_operator=True)
        if (unfinished := captures.unfinished(number)) is not None:
            if unfinished.card is not None:
                return Called(line, Message("station.run.begun_by_card"), _ASK)
            return self._seated(line, unfinished, resumed=True)
        if (review := self._store.reviews.sent_back(number)) is not None:
            return self.begun(line, review.reason, review.by)
        if (captured := captures.latest_complete(number)) is not None:
            by, shot = self._crew.duty.operator.name, Message("station.run.shot_already")
            self._store.audit.record("record.look", actor=by, subject=captured.id, why="photo_run")
            return Called(line, shot, _WAIT, captured=captured)
        return self.begun(line)

    def begun(self, line: Line, reason: str = "", by: Person | None = None) -> Sitting | Called:
        """The next version of whose turn it is; kept once there is something to keep. `reason`, `by`: of another one."""
        crew, now = self._crew, self._crew.now()
        try:
            self._store.photo_runs.require_open(line.student, now)
        except StoreError as error:
            if error.code not in _OUT_OF_TIME | {"store.locked"}:
                raise
            return Called(line, error.message, _ASK, out_of_time=error.code in _OUT_OF_TIME)
        record = CaptureRecord(
            id="",
            student=line.student,
            version=0,
            started_at=now,
            station=crew.settings.station.name,
            operator=crew.duty.operator.name,
            profile=crew.profile.name,
            profile_hash=crew.profile.hash,
            recapture_reason=reason,
        )
        return self._seated(line, record, by=by)

    def shot(self, student: str) -> None:
        """Whoever was shot, by ID number, may still sit there."""
        self._shot_last = student

    def skip(self, line: Line) -> Line:
        """Pass over whose turn it is."""
        return self._store.photo_runs.skip(line, by=self._crew.duty.operator.name, at=self._crew.now())

    def absent(self, line: Line) -> Line:
        """Note that whose turn it is is not here."""
        crew = self._crew
        self._store.progress.report_absent(line.student, reason=_ABSENT, by=crew.duty.operator.name, at=crew.now())
        return line.marked(ChildState.ABSENT)

    def present(self, line: Line) -> Line:
        """Take back that whose turn it is is not here."""
        crew = self._crew
        self._store.progress.withdraw_absence(line.student, by=crew.duty.operator.name)
        return line.marked(ChildState.TO_SHOOT)

    def end(self, line: Line) -> None:
        """Leave the class."""
        self._shot_last = ""
        self._store.photo_runs.end(line, by=self._crew.duty.operator.name, at=self._crew.now())

    def _seated(self, line: Line, record: CaptureRecord, *, resumed: bool = False, by: Person | None = None) -> Sitting:
        behind = self._shot_last not in ("", line.student.id_number)
        return Sitting(record, None, resumed=resumed, line=line, behind=behind, again_by=by.name if by else "")
