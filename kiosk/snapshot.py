"""What the screens see: immutable snapshots of the station, numbered, and the commands that the operator can give.

Everything that a screen shows is decided here already; web only puts it into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.records import (
    CardData,
    Cue,
    DayCounts,
    DeviceStatus,
    FingerPosition,
    Frame,
    Line,
    Measure,
    Message,
    Person,
    RefusalReason,
    Resemblance,
    Score,
    Statement,
    Step,
    StepResult,
    Student,
    Verdict,
)


class Phase(StrEnum):
    """Where the station stands."""

    WAITING = "waiting"  # for a card
    READING = "reading"  # a card lies there and is being read
    REFUSED = "refused"  # nobody sits: unreadable, not on the roster, captured already, aborted
    STEP = "step"  # at `Snapshot.step`
    DECISION = "decision"  # a person must decide about `Snapshot.step`
    UNSAVED = "unsaved"  # what is finished can't be saved: nothing goes on until it can
    CONFIRM = "confirm"  # the student's data are shown before they are saved
    SAVED = "saved"  # done: next, please
    LINE_OVER = "line_over"  # of a photo run: everybody of the class was called
    TESTING = "testing"  # the devices are being tested: nobody is admitted


class Command(StrEnum):
    """What the operator can ask for. The ones that a snapshot lists are possible now."""

    LOOKED = "looked"  # a person looked for all that the profile wants looked for: what is not marked is not there
    MARK = "mark"  # a person sees one of it, or no more: the order says which
    SHOOT = "shoot"  # take the picture now
    RETRY = "retry"  # this step again; of what could not be saved: try to save it
    REDO = "redo"  # finished steps again, those that the order names
    ACCEPT = "accept"  # a second person lets the step pass, with a reason
    DECLARE_LOOKALIKES = "declare_lookalikes"  # those with this face are other people, as twins are; with a reason
    EXCEPTION = "exception"  # go on without this step, with a reason and a second person
    AGREE = "agree"  # the student agrees by word, and the operator says so
    GUARDIAN = "guardian"  # it is the guardian, by name, who agrees or acts
    DECLINE = "decline"  # student or guardian (by name) says no to biometrics, with a reason
    NEXT_FINGER = "next_finger"  # this finger can't be had: the next one of the hand, with a reason
    OWN_FINGER = "own_finger"  # back to the step's own finger, after the next one was asked for by mistake
    ABORT = "abort"  # stop here, for a cause; finished steps are kept and come back with the card
    HOLD = "hold"  # don't save: the student's press confirms nothing until the operator says more
    SAVE = "save"  # the operator confirms in the student's place
    RECAPTURE = "recapture"  # capture a student again, with a reason
    ADMIT = "admit"  # a second person lets a student in outside the time of the class, with a reason
    TYPE_IN = "type_in"  # a student without a readable card: given through `Station.type_in`
    OPEN_DOCUMENT = "open_document"  # what is printed on a passport: given through `Station.open_document`
    BEGIN_RUN = "begin_run"  # a class by its list, without cards: given through `Station.begin_run`
    NEXT_CHILD = "next_child"  # of the list; whoever's turn it is stays as they are
    PREVIOUS_CHILD = "previous_child"
    SKIP_CHILD = "skip_child"  # pass over, and call the next one who is still to be shot
    ABSENT_CHILD = "absent_child"  # not here today: noted, and on
    PRESENT_CHILD = "present_child"  # was noted as absent by mistake, or has come: to be shot
    FIND_CHILD = "find_child"  # call one by name: given through `Station.call_child`
    RETAKE = "retake"  # of a photo run's photo: another one, with a reason
    END_RUN = "end_run"  # leave the class; begun again it goes on where it was left
    HAND_IN = "hand_in"  # what was done on the step's panel, on either screen: given through `Station.hand_in`


NEEDS_DATA = frozenset({Command.TYPE_IN, Command.OPEN_DOCUMENT, Command.HAND_IN, Command.BEGIN_RUN, Command.FIND_CHILD})
NEEDS_REASON = frozenset(
    {
        Command.ACCEPT,
        Command.DECLARE_LOOKALIKES,
        Command.EXCEPTION,
        Command.DECLINE,
        Command.NEXT_FINGER,
        Command.RECAPTURE,
        Command.RETAKE,
        Command.ADMIT,
    }
)
# Nobody lets a student pass, leaves something out or lets somebody in alone.
NEEDS_SECOND_PERSON = frozenset(
    {Command.ACCEPT, Command.DECLARE_LOOKALIKES, Command.EXCEPTION, Command.RECAPTURE, Command.ADMIT}
)

# Orders about a guardian, by name: those that can't do without it, and all that may have one.
NEEDS_NAME = frozenset({Command.GUARDIAN})
MAY_NAME = NEEDS_NAME | {Command.DECLINE}


@dataclass(frozen=True)
class Order:
    """A command and all that belongs to it. `about`: the `Snapshot.turn` that it was given for; it is carried out only while
    the station is still there.

    `by`: who decides; None is the operator at the station. `steps`: which ones to do again. `cause`: of an abort. `name`: of
    the guardian whom it is about, with `relation` and `phone` as far as they were asked. `given`: of HAND_IN, as JSON gave it
    and not looked at yet: the step does that; of BEGIN_RUN the class, of FIND_CHILD an ID number, of MARK what is seen.
    """

    command: Command
    about: int
    reason: str = ""
    by: Person | None = None
    steps: tuple[Step, ...] = ()
    cause: RefusalReason | None = None
    name: str = ""
    relation: str = ""
    phone: str = ""
    given: object = field(default=None, repr=False)


class StepState(StrEnum):
    TODO = "todo"
    ACTIVE = "active"
    DECISION = "decision"
    DONE = "done"


@dataclass(frozen=True)
class StepView:
    """One step on the operator's screen."""

    step: Step
    state: StepState
    verdict: Verdict | None = None
    attempts: int = 0
    scores: tuple[Score, ...] = ()
    measures: tuple[Measure, ...] = ()
    problems: tuple[Message, ...] = ()
    reason: str = ""  # of the person who decided
    alike: tuple[Resemblance, ...] = ()  # suspected duplicates
    position: FingerPosition | None = None  # the finger that is asked for or was captured
    wanted: FingerPosition | None = None  # the finger that the step begins with; None: the thumb
    answer_s: float | None = None  # seconds for the answer to the challenge that was just given
    presses: tuple[int, int] | None = None  # of this finger: how many came, how many are wanted
    statements: tuple[Statement, ...] = ()  # of student and guardian
    panel: Mapping[str, Message] = field(default_factory=dict)  # what the step's own panel says, part by part; empty: none
    looked: Mapping[str, bool | None] = field(default_factory=dict)  # what a person looks for: seen, not there, or nobody said

    @staticmethod
    def of(result: StepResult, state: StepState) -> "StepView":
        """A step that has a result."""
        return StepView(
            result.step,
            state,
            result.verdict,
            result.attempts,
            result.scores,
            result.measures,
            result.problems,
            result.reason,
            result.alike,
            result.position,
            result.wanted,
            statements=result.statements,
        )


class Tone(StrEnum):
    """The colour of the student's instruction and of the framing guide."""

    NEUTRAL = "neutral"
    GOOD = "good"
    MEND = "mend"  # the student can put it right
    STOP = "stop"  # the operator is needed


@dataclass(frozen=True)
class Snapshot:
    """The station at one moment."""

    number: int  # of the snapshot
    phase: Phase
    instruction: Message  # to the student: one sentence
    turn: int = 0  # of the state, for `Order.about`: rises when another person, step or question is at hand
    cue: Cue = Cue.WAIT  # what the instruction asks for
    tone: Tone = Tone.NEUTRAL
    situation: Message | None = None  # to the operator, where it is not what the student is told
    notice: Message | None = None  # to the operator, beside it
    step: Step | None = None
    student: Student | None = None
    near: tuple[Student, ...] = ()  # on the roster, almost the refused person's number or name
    card: CardData | None = None
    steps: tuple[StepView, ...] = ()
    devices: tuple[DeviceStatus, ...] = ()
    counts: DayCounts = field(default_factory=DayCounts)
    commands: tuple[Command, ...] = ()
    advised: Command | None = None  # what Enter or the coloured button stands for, if anything
    redoable: tuple[Step, ...] = ()  # finished steps that can be done again now
    pictures: Mapping[str, str] = field(default_factory=dict)  # BiometricKind -> key for `Station.picture`
    panel: Mapping[str, Message] = field(default_factory=dict)  # of `step`: what its panel says, part by part
    live: bool = False  # the camera's picture matters now
    presses: tuple[int, int] | None = None  # of the finger that is asked for: how many came, how many are wanted
    answer_s: float | None = None  # seconds from when the challenge that is the instruction was given
    voice: bool = False  # the student's screen speaks
    line: Line | None = None  # of a photo run: the class, and whose turn it is
    resumed: bool = False  # finished steps came back from an earlier, interrupted capture

    @property
    def finger(self) -> FingerPosition | None:
        """The finger that is asked for."""
        return next((view.position for view in self.steps if view.step is self.step), None)


class LentStation(Protocol):
    """The station as those see it who borrow its devices: the test of the devices, and the enrolment of staff."""

    def snapshot(self) -> Snapshot: ...

    def preview(self, after: int, timeout_s: float) -> Frame | None: ...

    def begin_test(self) -> None: ...

    def keep_testing(self) -> None: ...

    def ask_press(self, number: int, position: FingerPosition) -> None: ...

    def end_test(self) -> None: ...
