"""What the screens see: immutable snapshots of the station, numbered, and the commands that the operator can give.

Everything that a screen shows is decided here already; web only puts it into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.records import (
    OWN_FINGER,
    CardData,
    DayCounts,
    DeviceStatus,
    FingerPosition,
    Measure,
    Message,
    Resemblance,
    Score,
    Step,
    StepResult,
    Student,
    Verdict,
)


class Phase(StrEnum):
    """Where the station stands."""

    WAITING = "waiting"  # for a card
    REFUSED = "refused"  # this card can't be captured: unreadable, not on the roster, captured already
    STEP = "step"  # at `Snapshot.step`
    DECISION = "decision"  # a person must decide about `Snapshot.step`
    CONFIRM = "confirm"  # the student's data are shown before they are saved
    SAVED = "saved"  # done: next, please


class Command(StrEnum):
    """What the operator can ask for. The ones that a snapshot lists are possible now."""

    SHOOT = "shoot"  # take the picture now
    RETRY = "retry"  # this step again
    ACCEPT = "accept"  # the supervisor lets the step pass, with a reason
    DECLARE_LOOKALIKES = "declare_lookalikes"  # those with this face are other people, as twins are; with a reason
    EXCEPTION = "exception"  # go on without this step, with a reason; of a finger with a second person's name
    NEXT_FINGER = "next_finger"  # this finger can't be had: the next one of the hand, with a reason
    ABANDON = "abandon"  # stop here; finished steps are kept and come back with the card
    HOLD = "hold"  # don't save yet
    SAVE = "save"  # save now
    RECAPTURE = "recapture"  # capture a student again, with a reason
    TYPE_IN = "type_in"  # a student without a readable card: given through `Station.type_in`
    OPEN_DOCUMENT = "open_document"  # what is printed on a passport: given through `Station.open_document`


NEEDS_DATA = frozenset({Command.TYPE_IN, Command.OPEN_DOCUMENT})
NEEDS_REASON = frozenset(
    {Command.ACCEPT, Command.DECLARE_LOOKALIKES, Command.EXCEPTION, Command.NEXT_FINGER, Command.RECAPTURE}
)


def needs_second_person(command: Command, step: Step | None) -> bool:
    """Whether somebody else than the operator must give the name: nobody leaves out a student's finger alone."""
    return command is Command.EXCEPTION and step in OWN_FINGER


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

    number: int
    phase: Phase
    instruction: Message  # to the student: one sentence
    tone: Tone = Tone.NEUTRAL
    notice: Message | None = None  # to the operator
    step: Step | None = None
    student: Student | None = None
    card: CardData | None = None
    steps: tuple[StepView, ...] = ()
    devices: tuple[DeviceStatus, ...] = ()
    counts: DayCounts = field(default_factory=DayCounts)
    commands: tuple[Command, ...] = ()
    pictures: Mapping[str, str] = field(default_factory=dict)  # BiometricKind -> key for `Station.picture`
    live: bool = False  # the camera's picture matters now
    confirm_s: float | None = None  # seconds from this snapshot until it is saved by itself
    answer_s: float | None = None  # seconds from when the challenge that is the instruction was given
    voice: bool = False  # the student's screen speaks
    resumed: bool = False  # finished steps came back from an earlier, interrupted capture
