"""Where the station stands: a closed set of values. Each holds all that it needs and lists the orders that it offers.

    Waiting ──card──► Reading ──► Refused
       ▲                 │
       │                 ▼
       │   ┌──────► Seated ──step over──► Seated at the next step … ──► Saved ──card gone──► Waiting
       │   │           │ ▲ attempts used up, suspicion        ▲
       │   │           ▼ │ decided                            │ saved at last
       │   │        Undecided                              Unsaved (from wherever the store could not)
       │   └─ retry, redo ─┘
       └───────── aborted, with a cause: Refused, until the card is gone

    In a photo run the head of a class list takes the card's place: Called where that one can't be shot now, Seated, Saved, the
    next one, and LineOver at the end of the list.

    While nobody is at the desk the devices can be tested: Testing, from and to Waiting.

The transitions are in `kiosk.station.conductor`; a state itself decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.records import OWN_FINGER, STEPS, CaptureRecord, ChildState, Line, Message, Step, Student
from kiosk.snapshot import Command
from kiosk.station.arrival import Arrival
from kiosk.station.steps.base import Outcome, Sitting, StepRun

_AFTER_A_SHOT: Final = (Command.NEXT_CHILD, Command.PREVIOUS_CHILD, Command.FIND_CHILD, Command.END_RUN)
# Where a class stands before the camera.
_IN_LINE: Final = (
    Command.NEXT_CHILD,
    Command.PREVIOUS_CHILD,
    Command.SKIP_CHILD,
    Command.ABSENT_CHILD,
    Command.PRESENT_CHILD,
    Command.FIND_CHILD,
    Command.END_RUN,
)
_OF_ABSENCE: Final = frozenset({Command.ABSENT_CHILD, Command.PRESENT_CHILD})


@dataclass(frozen=True, eq=False)
class Waiting:
    """For a card. `photos`: or for a class, as photos are all that is wanted."""

    photos: bool = False

    @property
    def orders(self) -> tuple[Command, ...]:
        return (Command.TYPE_IN, *((Command.BEGIN_RUN,) if self.photos else ()))


@dataclass(frozen=True, eq=False)
class Reading:
    """A card lies there and is being read."""

    @property
    def orders(self) -> tuple[Command, ...]:
        return (Command.TYPE_IN,)


@dataclass(frozen=True, eq=False)
class Refused:
    """Nobody sits, and the operator sees why, and who it is where that could be read.

    `to_student`: what he or she is told, which is not why. `until`: the deadline after which the station waits again, where no
    card lies there whose removal would end it.
    """

    reason: Message
    to_student: Message
    arrival: Arrival | None = None
    student: Student | None = None
    near: tuple[Student, ...] = ()  # on the roster, and almost this one
    captured: CaptureRecord | None = None  # the newest complete one of somebody who was captured already
    out_of_time: bool = False  # a second person may let the student in
    document_closed: bool = False  # a passport that opens with what is printed on it
    may_retry: bool = False  # the store failed, not the student
    waits_for_operator: bool = False  # nobody sits at the station
    until: int | None = None

    @property
    def orders(self) -> tuple[Command, ...]:
        offered = {
            Command.RETRY: self.may_retry,
            Command.RECAPTURE: self.captured is not None,
            Command.ADMIT: self.out_of_time,
            Command.OPEN_DOCUMENT: self.document_closed,
            Command.TYPE_IN: True,
        }
        return tuple(command for command, possible in offered.items() if possible)


@dataclass(frozen=True, eq=False)
class Called:
    """Of a photo run: whose turn it is can't be shot now, or was shot already. As of `Refused`."""

    line: Line
    reason: Message
    to_student: Message
    captured: CaptureRecord | None = None
    out_of_time: bool = False
    waits_for_operator: bool = False
    may_retry: bool = False

    @property
    def orders(self) -> tuple[Command, ...]:
        again: tuple[Command, ...] = ()
        if self.captured is not None:
            again = (Command.RETAKE if self.captured.card is None else Command.RECAPTURE,)
        admit = (Command.ADMIT,) if self.out_of_time else ()
        retry = (Command.RETRY,) if self.may_retry else ()
        passing = in_line(self.line)
        if self.captured is not None:  # then nobody asks whether they are here
            passing = tuple(one for one in passing if one not in _OF_ABSENCE)
        return (*retry, *again, *admit, *passing)


@dataclass(frozen=True, eq=False)
class LineOver:
    """Everybody of the class was called."""

    line: Line

    @property
    def orders(self) -> tuple[Command, ...]:
        return (Command.BEGIN_RUN, Command.PREVIOUS_CHILD, Command.FIND_CHILD, Command.END_RUN)


@dataclass(frozen=True, eq=False)
class Seated:
    """At a step."""

    sitting: Sitting
    run: StepRun

    @property
    def orders(self) -> tuple[Command, ...]:
        step = self.run.step
        if self.sitting.line is not None:
            return (*self.run.orders(), *in_line(self.sitting.line))
        if step is Step.CONFIRM:
            return (*self.run.orders(), *_redo(self), Command.ABORT)
        leave_out = (Command.EXCEPTION,) if STEPS[step].may_be_left_out else ()
        return (*self.run.orders(), Command.RETRY, *_fingers(self, step), *leave_out, *_redo(self), Command.ABORT)


@dataclass(frozen=True, eq=False)
class Undecided:
    """The step is over and a person must say what comes of it. What there is is kept already."""

    sitting: Sitting
    outcome: Outcome

    @property
    def step(self) -> Step:
        return self.outcome.result.step

    @property
    def orders(self) -> tuple[Command, ...]:
        result, spec = self.outcome.result, STEPS[self.step]
        accept = (Command.ACCEPT,) if self.outcome.acceptable else ()
        twins = (Command.DECLARE_LOOKALIKES,) if self.step is Step.FACE and result.alike else ()
        # A suspicion must be decided about first: giving another finger is no way round it.
        fingers = () if result.alike else _fingers(self, self.step)
        if self.sitting.line is not None:
            return (Command.RETRY, *accept, *twins, *in_line(self.sitting.line))
        leave_out = (Command.EXCEPTION,) if spec.may_be_left_out else ()
        save = (Command.SAVE,) if self.step is Step.CONFIRM else ()
        return (Command.RETRY, *save, *_redo(self), *accept, *twins, *fingers, *leave_out, Command.ABORT)

    @property
    def advised(self) -> Command:
        """Never to let somebody pass: the refusing order where there is a suspicion, else to try again."""
        result = self.outcome.result
        if self.sitting.line is not None:
            return Command.RETRY
        suspicious = bool(result.alike) or any(not score.met for score in result.scores)
        return Command.ABORT if suspicious and self.step is Step.FACE else Command.RETRY


@dataclass(frozen=True, eq=False)
class Unsaved:
    """The store could not keep what was done. It is kept here until it can; nothing goes on meanwhile.

    `outcome`: of the step that is over; None: all steps are saved, and the record is to be closed.
    """

    sitting: Sitting
    outcome: Outcome | None
    problem: Message

    @property
    def orders(self) -> tuple[Command, ...]:
        if self.sitting.line is not None:
            return (Command.RETRY, Command.NEXT_CHILD, Command.PREVIOUS_CHILD, Command.FIND_CHILD, Command.END_RUN)
        return (Command.RETRY, Command.ABORT)


@dataclass(frozen=True, eq=False)
class Saved:
    """The record is complete; the student may go. `until`: as of `Refused`; in a photo run the next one is called then."""

    sitting: Sitting
    until: int | None = None

    @property
    def orders(self) -> tuple[Command, ...]:
        return _AFTER_A_SHOT if self.sitting.line is not None else ()


@dataclass(frozen=True, eq=False)
class Testing:
    """The devices are being tested: nobody is admitted meanwhile. `until`: the deadline at which it is over unless somebody
    still looks at it.
    """

    until: int

    @property
    def orders(self) -> tuple[Command, ...]:
        return ()


Empty = Waiting | Reading | Refused | Saved  # nobody is under way: the next one may come
UnderWay = Seated | Undecided | Unsaved
State = Empty | UnderWay | Testing | Called | LineOver


def in_line(line: Line) -> tuple[Command, ...]:
    """What can become of whose turn it is: who is noted as absent can only be noted as here again."""
    wrong = Command.ABSENT_CHILD if line.child.state is ChildState.ABSENT else Command.PRESENT_CHILD
    return tuple(command for command in _IN_LINE if command is not wrong)


def line_of(state: State) -> Line | None:
    """The class that stands before the camera; None where students come with cards."""
    match state:
        case Called(line) | LineOver(line):
            return line
        case Seated(sitting) | Undecided(sitting) | Unsaved(sitting) | Saved(sitting):
            return sitting.line
    return None


def lends_scanner(state: State) -> bool:
    """Whether nobody but the staff may be wanted to press now: never while a student's step, or a test, has the scanner."""
    return not isinstance(state, Testing) and not (isinstance(state, Seated) and STEPS[state.run.step].presses)


def redoable(state: State) -> tuple[Step, ...]:
    """The finished steps that can be done again now."""
    if not isinstance(state, Seated | Undecided) or state.sitting.line is not None:
        return ()
    record = state.sitting.record
    return tuple(step for step, spec in STEPS.items() if spec.can_be_redone and record.is_settled(step))


def _redo(state: Seated | Undecided) -> tuple[Command, ...]:
    return (Command.REDO,) if redoable(state) else ()


def _fingers(state: Seated | Undecided, step: Step) -> tuple[Command, ...]:
    """On to the hand's next finger, and back to its own."""
    if step not in OWN_FINGER:
        return ()
    back = (Command.OWN_FINGER,) if state.sitting.record.given_up(step) else ()
    return (Command.NEXT_FINGER, *back)
