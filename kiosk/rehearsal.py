"""`kiosk rehearse`: a simulated class goes through the whole station, without a browser, and is held against its intentions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sin
from typing import Any, Final

from kiosk.assembly import Kiosk
from kiosk.errors import KioskError
from kiosk.records import (
    OWN_FINGER,
    CaptureRecord,
    Cue,
    DeviceKind,
    DeviceState,
    FingerPosition,
    RefusalReason,
    Step,
    StepResult,
    Verdict,
)
from kiosk.simulation import Intent, SimulatedPerson, Simulator
from kiosk.snapshot import Command, Order, Phase, Snapshot

# A student who takes longer than this is stuck: at the slowest serial line eight uploads take under a minute.
_STUCK_AFTER_S: Final = 180.0


# What somebody draws who has no name: a wave.
SIGNATURE: Final = {
    "party": "student",
    "width": 600,
    "height": 240,
    "strokes": [[[60 + 5 * n, 120 + 60 * sin(n / 5), 12 * n, 0.5] for n in range(96)]],
}


@dataclass(frozen=True)
class Passage:
    """How one simulated person fared. `stopped_at` is the step that the person did not get past; None: captured."""

    person: SimulatedPerson
    stopped_at: Step | None
    verdict: Verdict | None
    results: tuple[StepResult, ...]
    seconds: float
    as_intended: bool

    @property
    def device_s(self) -> float:
        return sum(result.device_s for result in self.results)

    @property
    def own_s(self) -> float:
        return sum(result.own_s for result in self.results)


_OTHER_HAND: Final = {
    FingerPosition.RIGHT_THUMB: FingerPosition.LEFT_THUMB,
    FingerPosition.LEFT_THUMB: FingerPosition.RIGHT_THUMB,
}
# Where each intention must come to an end, where it does not end well.
_MUST_STOP_AT: Final = {
    Intent.IMPOSTOR: Step.FACE,
    Intent.OFF_ROSTER: Step.CARD,
    Intent.SAME_THUMB: Step.LEFT_THUMB,
}


def rehearse(kiosk: Kiosk, people: Sequence[SimulatedPerson] = ()) -> Iterator[Passage]:
    """Take simulated people through a started station, one after the other: these, or everybody."""
    if kiosk.simulator is None:
        raise KioskError("simulator.needed")
    wait_until(kiosk, all_ready)
    for person in people or kiosk.simulator.people:
        yield _pass_through(kiosk, kiosk.simulator, person)


def _pass_through(kiosk: Kiosk, simulator: Simulator, person: SimulatedPerson) -> Passage:
    """One person's way, with an operator who helps the honest, and a supervisor who lets nobody pass."""
    player = Player(kiosk, simulator, person)
    wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.WAITING)
    started_s = time.monotonic()
    player.lay_card()
    if (help_them := _OPERATOR.get(person.intent)) is not None:
        help_them(player)
    snapshot = player.play_until(lambda snapshot: snapshot.phase in {Phase.REFUSED, Phase.SAVED, Phase.DECISION})
    seconds = time.monotonic() - started_s
    stopped_at = {Phase.REFUSED: Step.CARD, Phase.DECISION: snapshot.step}.get(snapshot.phase)
    if snapshot.phase is Phase.DECISION:
        cause = RefusalReason.IMPERSONATION if person.intent is Intent.IMPOSTOR else RefusalReason.OTHER
        player.order(Command.ABORT, cause=cause, reason="" if cause is RefusalReason.IMPERSONATION else "演练")
    player.leave()
    captures, number = kiosk.store.captures, person.student.id_number
    record = captures.latest_complete(number) or captures.unfinished(number)
    verdict = record.verdict if record else None
    must_stop_at = _MUST_STOP_AT.get(person.intent)
    as_intended = stopped_at is must_stop_at and (verdict is Verdict.PASS) is (must_stop_at is None)
    if record is not None and (trace := _TRACES.get(person.intent)) is not None:
        as_intended = as_intended and trace(kiosk, record)
    return Passage(person, stopped_at, verdict, _last_results(record), seconds, as_intended)


def _redo_the_face(player: Player) -> None:
    player.play_until(lambda snapshot: snapshot.phase is Phase.CONFIRM)
    player.order(Command.REDO, steps=(Step.FACE,), reason="闭眼")


def _hold_and_save(player: Player) -> None:
    player.play_until(lambda snapshot: snapshot.phase is Phase.CONFIRM)
    player.order(Command.HOLD)
    player.order(Command.SAVE)


def _go_and_come_back(player: Player) -> None:
    player.play_until(lambda snapshot: snapshot.step is Step.LEFT_THUMB)
    player.order(Command.ABORT, cause=RefusalReason.LEFT)
    player.leave()
    player.lay_card()


def _redo_both_hands(player: Player) -> None:
    player.mixed_up = True
    player.play_until(lambda snapshot: snapshot.phase is Phase.CONFIRM)
    player.mixed_up = False  # asked for the right thumb, and nothing else, everybody gets it right
    player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION)
    player.order(Command.REDO, steps=(Step.RIGHT_THUMB, Step.LEFT_THUMB), reason="两手按反")


# What the operator does for whom, and what must be left of it.
_OPERATOR: Final[Mapping[Intent, Callable[[Player], None]]] = {
    Intent.REDONE: _redo_the_face,
    Intent.HELD: _hold_and_save,
    Intent.CAME_BACK: _go_and_come_back,
    Intent.MIXED_UP: _redo_both_hands,
}
_TRACES: Final[Mapping[Intent, Callable[[Kiosk, CaptureRecord], bool]]] = {
    Intent.IMPOSTOR: lambda kiosk, record: _aborted(kiosk, record, RefusalReason.IMPERSONATION),
    Intent.REDONE: lambda _, record: bool(record.superseded(Step.FACE)),
    Intent.CAME_BACK: lambda kiosk, record: _aborted(kiosk, record, RefusalReason.LEFT),
    Intent.MIXED_UP: lambda _, record: all(record.superseded(step) for step in OWN_FINGER),
}


def _aborted(kiosk: Kiosk, record: CaptureRecord, reason: RefusalReason) -> bool:
    return any((one.record_id, one.reason) == (record.id, reason) for one in kiosk.store.refusals.all())


class Player:
    """A simulated student who does what the student's screen says."""

    def __init__(self, kiosk: Kiosk, simulator: Simulator, person: SimulatedPerson) -> None:
        self._kiosk = kiosk
        self._simulator = simulator
        self.person = person
        self._number = 0
        self._finger_lies = False
        self._seated = False
        self.mixed_up = False  # the hands

    def lay_card(self) -> None:
        self._number = self._kiosk.station.snapshot().number
        self._simulator.lay_card(self.person.number)

    def play_until(self, enough: Callable[[Snapshot], bool]) -> Snapshot:
        """Go along with the station until a snapshot, newer than the last one seen here, says enough."""
        if (seen := self._kiosk.station.snapshot()).number == self._number:
            self._act(seen)
        while True:
            snapshot = wait_until(self._kiosk, lambda _: True, after=self._number)
            self._number = snapshot.number
            if enough(snapshot):
                return snapshot
            self._act(snapshot)

    def order(self, command: Command, **more: Any) -> None:
        """The operator, who sees the newest snapshot, gives an order about it."""
        self._kiosk.station.give(Order(command, self._kiosk.station.snapshot().turn, **more))

    def leave(self) -> None:
        """Get up and take the card; comes back when the station waits for the next."""
        self.lift()
        self._seated = False
        self._simulator.stand_up()
        self._simulator.take_card()
        wait_until(self._kiosk, lambda snapshot: snapshot.phase is Phase.WAITING)

    def _act(self, snapshot: Snapshot) -> None:
        if snapshot.cue is not Cue.PRESS:
            self.lift()
        if snapshot.cue is Cue.CALL and Command.GUARDIAN in snapshot.commands:
            self.order(Command.GUARDIAN, name="王某")
        elif snapshot.cue is Cue.SIGN:
            self._kiosk.station.hand_in(SIGNATURE, snapshot.turn)
        elif snapshot.cue is Cue.LOOK and not self._seated:
            self._seated = True
            self._simulator.sit_down(self.person.number)
        elif snapshot.cue is Cue.PRESS and snapshot.finger is not None and not self._finger_lies:
            self._finger_lies = True
            finger = _OTHER_HAND[snapshot.finger] if self.mixed_up and snapshot.finger in _OTHER_HAND else snapshot.finger
            self._simulator.press(self.person.number, finger)

    def lift(self) -> None:
        """Take the finger away, if it lies there."""
        if self._finger_lies:
            self._finger_lies = False
            self._simulator.lift()


def _last_results(record: CaptureRecord | None) -> tuple[StepResult, ...]:
    if record is None:
        return ()
    return tuple(result for step in Step if (result := record.result(step)) is not None)


def all_ready(snapshot: Snapshot) -> bool:
    """Whether all devices are there."""
    return len(snapshot.devices) == len(DeviceKind) and all(status.state is DeviceState.READY for status in snapshot.devices)


def wait_until(kiosk: Kiosk, fulfilled: Callable[[Snapshot], bool], *, after: int = 0) -> Snapshot:
    """The first snapshot above a number that fulfils a condition; raises KioskError("rehearsal.stuck")."""
    deadline_s = time.monotonic() + _STUCK_AFTER_S
    snapshot = kiosk.station.wait(after, _STUCK_AFTER_S)
    while not (snapshot.number > after and fulfilled(snapshot)):
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            said = snapshot.instruction.code
            raise KioskError("rehearsal.stuck", phase=snapshot.phase.value, step=str(snapshot.step), said=said)
        snapshot = kiosk.station.wait(snapshot.number, left_s)
    return snapshot
