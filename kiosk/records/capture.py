"""采集记录: one student's way through the station, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.records.biometrics import BiometricKind
from kiosk.records.card import CardData
from kiosk.records.judgements import Measure, Message, Score, Verdict
from kiosk.records.people import Person, Student
from kiosk.records.statements import Statement
from kiosk.records.steps import OWN_FINGER, STEPS, FingerPosition, Step

NUMBER_DIGITS: Final = 16  # of a record's id that are printed


@dataclass(frozen=True)
class Resemblance:
    """Another student's record with the same face or thumb: which of its pictures shows that, and how alike they are.

    `staff`: it is somebody of the staff, with this account; then there is no record, and no number. `station`: it is somebody
    whom the station of this name has captured; then the record is not here.
    """

    record_id: str
    kind: BiometricKind
    name: str
    number: str  # masked
    score: Score
    staff: str = ""
    station: str = ""


@dataclass(frozen=True)
class Press:
    """One press of a finger: its quality on the scale of the step's measures, None where no image came; `problem`: the code of
    what was wrong with it, empty for nothing."""

    verdict: Verdict
    quality: float | None = None
    problem: str = ""

    @property
    def by_sensor(self) -> bool:
        """Whether the scanner itself found it to be of the finger that was uploaded before: good, and no image came."""
        return self.verdict is Verdict.PASS and self.quality is None


@dataclass(frozen=True)
class StepResult:
    """How a step ended. `decided_by` and `reason` are set when a person decided.

    `position`: the finger that was captured; None where none was. `wanted`: the finger that the hand's step begins with, by the
    order of the day; None: its thumb. FAIL by a person means that this finger was given up and
    the hand's next one is asked for. `redo`: no result, but a person's order to do the step again: what came before it stays
    in the record and counts no more. `statements`: what student and guardian said; of a biometric step that was left out
    because of it, the no. `presses`: every press of a finger step, those that were refused, too; `device`: what the device that
    it was done with calls itself. Both are empty in results of earlier programs.
    """

    step: Step
    verdict: Verdict
    at: datetime
    attempts: int = 1
    scores: tuple[Score, ...] = ()
    measures: tuple[Measure, ...] = ()
    problems: tuple[Message, ...] = ()
    alike: tuple[Resemblance, ...] = ()  # suspected duplicates, the most alike first
    decided_by: str = ""
    reason: str = ""
    device_s: float = 0.0  # waiting for the device and the student
    own_s: float = 0.0  # waiting for our own computing
    position: FingerPosition | None = None
    wanted: FingerPosition | None = None
    redo: bool = False
    statements: tuple[Statement, ...] = ()
    presses: tuple[Press, ...] = ()
    device: str = ""

    @property
    def declined(self) -> bool:
        """Whether student or guardian said no."""
        return any(not statement.agreed for statement in self.statements)

    @property
    def stands_in(self) -> bool:
        """Whether another finger than the one that was wanted was captured."""
        wanted = self.wanted or OWN_FINGER.get(self.step)
        return self.position is not None and wanted is not None and wanted is not self.position


class RecordState(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    SET_ASIDE = "set_aside"  # at an office: it contradicts another, and counts for nothing until two people decide


@dataclass(frozen=True)
class Correction:
    """One field of a student that was put right; the old value stays."""

    field: str
    before: str
    after: str
    reason: str
    by: Person
    at: datetime


@dataclass(frozen=True)
class CaptureRecord:
    """采集记录: one student's way through the station. A re-capture is a new version with a reason, never an overwrite."""

    id: str  # random, links identity and biometrics
    student: Student  # as the roster has it now; of who left it, `filed`
    version: int
    started_at: datetime
    station: str
    operator: str
    profile: str
    profile_hash: str
    state: RecordState = RecordState.OPEN
    finished_at: datetime | None = None
    recapture_reason: str = ""
    card: CardData | None = None  # without its photo, which is in the vault
    steps: tuple[StepResult, ...] = ()
    corrections: tuple[Correction, ...] = ()  # made since it was begun; already applied to `student`, `filed` and typed data
    filed: Student | None = None  # the roster's row of that day, as put right since: for what depends on the day
    signed_at: datetime | None = None  # signed by student and guardian: frozen, changed by re-capture only

    @property
    def number(self) -> str:
        """What stands on its form, as text and as QR code."""
        return f"{self.id[:NUMBER_DIGITS].upper()}-{self.version}"

    @property
    def captured_at(self) -> datetime:
        """When it was finished; of an open record, when it was begun."""
        return self.finished_at or self.started_at

    def results(self, step: Step) -> tuple[StepResult, ...]:
        """What counts of a step, oldest first: all since a person last ordered it to be done again."""
        counting: list[StepResult] = []
        for result in self.steps:
            if result.step is step:
                counting = [] if result.redo else [*counting, result]
        return tuple(counting)

    def result(self, step: Step) -> StepResult | None:
        """The last result of a step, or None while it is not done."""
        for result in reversed(self.steps):
            if result.step is step:
                return None if result.redo else result
        return None

    def superseded(self, step: Step) -> tuple[StepResult, ...]:
        """Results that count no more, because the step was done again, with the orders to do so."""
        all_of_it = tuple(result for result in self.steps if result.step is step)
        return all_of_it[: len(all_of_it) - len(self.results(step))]

    def given_up(self, step: Step) -> tuple[StepResult, ...]:
        """The fingers of a step that a person gave up, in their order."""
        return tuple(one for one in self.results(step) if one.verdict is Verdict.FAIL and one.decided_by)

    def decisions(self, step: Step) -> tuple[StepResult, ...]:
        """What people decided on the way to a step's last result, where that one was decided; each decision once."""
        if (last := self.result(step)) is None or not last.decided_by:
            return ()
        decided = {(one.decided_by, one.reason): one for one in self.results(step) if one.decided_by}
        return tuple(decided.values())

    @property
    def stand_ins(self) -> tuple[FingerPosition, ...]:
        """Fingers that were captured in place of a step's own."""
        last = (self.result(step) for step in OWN_FINGER)
        return tuple(one.position for one in last if one is not None and one.stands_in and one.position is not None)

    @property
    def refusals(self) -> tuple[Statement, ...]:
        """Who did not consent to biometrics; empty where all did, or nobody was asked."""
        asked = (self.result(step) for step, spec in STEPS.items() if spec.consents)
        return tuple(one for result in asked if result is not None for one in result.statements if not one.agreed)

    def is_settled(self, step: Step) -> bool:
        """Whether a step has passed, or was decided by a person; a finger that a person gave up is followed by the next."""
        result = self.result(step)
        if result is None or result.verdict is Verdict.FAIL:
            return False
        return result.verdict is Verdict.PASS or bool(result.decided_by)

    @property
    def verdict(self) -> Verdict:
        """The worst of the steps' last verdicts."""
        last = {result.step: result for result in self.steps}
        return Verdict.worst([result.verdict for result in last.values() if not result.redo])
