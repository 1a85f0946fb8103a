"""`kiosk rehearse --photo-run`: simulated classes before the camera, by their lists, and what came of each child held against
what was planted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from kiosk.assembly import Kiosk
from kiosk.errors import KioskError
from kiosk.records import BiometricKind, ChildState, DeviceKind, DeviceState, Line, Student, Verdict
from kiosk.rehearsal import wait_until
from kiosk.simulation import Intent, SimulatedPerson, Simulator
from kiosk.snapshot import Command, Order, Phase, Snapshot
from kiosk.station import SHOT_SHOWN_S

OWN_GOAL_S: Final = 0.2  # what we may take of each child's time


class Plan(StrEnum):
    """What happens at a child's turn."""

    SHOT = "shot"  # sits down when called
    ABSENT = "absent"  # is not there
    SKIPPED = "skipped"  # is passed over, and found by name at the end
    WRONG_CHILD = "wrong_child"  # whoever was before sits down once more
    STAYED = "stayed"  # whoever was before does not get up
    RETAKEN = "retaken"  # shuts the eyes: is shot again at the end


# By place in a group of twenty; everybody else simply sits down.
_PLANS: Final = {3: Plan.ABSENT, 5: Plan.SKIPPED, 8: Plan.WRONG_CHILD, 11: Plan.STAYED, 14: Plan.RETAKEN}
_GROUP: Final = 20
_OF_BEFORE: Final = frozenset({Plan.WRONG_CHILD, Plan.STAYED})
_NOT_SHOT: Final = frozenset({Plan.ABSENT, Plan.SKIPPED})
_AFTER: Final = frozenset({Phase.SAVED, Phase.DECISION, Phase.UNSAVED})  # a shot
_AT_THE_END: Final = frozenset({Plan.SKIPPED, Plan.RETAKEN})


@dataclass(frozen=True)
class Turn:
    """How one child fared. `seconds`: from the call until the next one; `own_s`: of these, waiting for us: from the shot until
    it was kept, and from the thanks until the next one was called. Both 0 where nobody was shot."""

    student: Student
    plan: Plan
    state: ChildState
    seconds: float
    own_s: float
    as_planned: bool


def rehearse_run(kiosk: Kiosk) -> Iterator[Turn]:
    """Take every class of the roster through a started station's photo run, one after the other."""
    if kiosk.simulator is None:
        raise KioskError("simulator.needed")
    wait_until(kiosk, lambda seen: Command.BEGIN_RUN in seen.commands and _camera_ready(seen))
    before = 0
    for count in kiosk.station.classes():
        kiosk.station.begin_run(count.group, kiosk.station.snapshot().turn)
        walk = _Walk(kiosk, kiosk.simulator, before)
        yield from walk.through()
        before += count.children


class _Walk:
    """One class, with an operator who does what the screen says."""

    def __init__(self, kiosk: Kiosk, simulator: Simulator, before: int) -> None:
        self._kiosk, self._simulator = kiosk, simulator
        people = {person.student.id_number: person for person in simulator.people}
        children = self._line().children
        self._people = [people[child.student.id_number] for child in children]
        self._plans = [_plan(person, before + place) for place, person in enumerate(self._people)]
        for place, plan in enumerate(self._plans):
            if plan in _OF_BEFORE and (place == 0 or self._plans[place - 1] in _NOT_SHOT):
                self._plans[place] = Plan.SHOT  # nobody was before
        self._last: SimulatedPerson | None = None  # who was shot

    def through(self) -> Iterator[Turn]:
        """Every turn of the class, and those who come once more."""
        while wait_until(self._kiosk, lambda seen: _called(seen) or seen.phase is Phase.LINE_OVER).phase is not Phase.LINE_OVER:
            yield self._turn(self._line().at)
        for place, plan in enumerate(self._plans):
            if plan in _AT_THE_END:
                yield self._once_more(place, plan)
        self._order(Command.END_RUN)

    def _turn(self, place: int) -> Turn:
        plan = self._plans[place]
        if plan is Plan.ABSENT:
            return self._passed_over(place, plan, Command.ABSENT_CHILD)
        if plan is Plan.SKIPPED:
            return self._passed_over(place, plan, Command.SKIP_CHILD)
        noticed = True
        if plan is Plan.STAYED and self._last is not None:
            wait_until(self._kiosk, lambda seen: seen.instruction.code == "station.run.next_comes")
            self._simulator.stand_up()
        elif plan is Plan.WRONG_CHILD and self._last is not None:
            self._simulator.sit_down(self._last.number)
            stopped = wait_until(self._kiosk, lambda seen: seen.phase in {Phase.DECISION, Phase.SAVED})
            noticed = stopped.situation is not None and stopped.situation.code == "face.seen_before"
            self._simulator.stand_up()
            if stopped.phase is Phase.DECISION:
                self._order(Command.RETRY)
        return self._shot(place, plan, versions=1, noticed=noticed)

    def _once_more(self, place: int, plan: Plan) -> Turn:
        """Found by name; of somebody who was shot already another photo is taken, for a reason."""
        student = self._people[place].student
        self._kiosk.station.call_child(student.id_number, self._kiosk.station.snapshot().turn)
        if plan is Plan.RETAKEN:
            self._order(Command.RETAKE, reason="闭眼")
        return self._shot(place, plan, versions=2 if plan is Plan.RETAKEN else 1)

    def _shot(self, place: int, plan: Plan, *, versions: int, noticed: bool = True) -> Turn:
        person = self._people[place]
        wait_until(self._kiosk, lambda seen: _called(seen) and seen.line is not None and seen.line.at == place)
        called_s = time.monotonic()
        self._simulator.sit_down(person.number)
        wait_until(self._kiosk, lambda seen: seen.instruction.code == "station.shot_taken" or seen.phase in _AFTER)
        taken_s = time.monotonic()
        over = wait_until(self._kiosk, lambda seen: seen.phase in _AFTER)
        kept_s = time.monotonic()
        following = place + 1 < len(self._plans) and self._plans[place + 1] is Plan.STAYED
        if not (following and versions == 1):
            self._simulator.stand_up()
        self._last = person
        if over.phase is Phase.SAVED:
            wait_until(self._kiosk, lambda seen: seen.phase is not Phase.SAVED)
        next_s = time.monotonic()
        own_s = (kept_s - taken_s) + max(next_s - kept_s - SHOT_SHOWN_S, 0.0)
        right = noticed and over.phase is Phase.SAVED and self._is_kept(person.student, versions)
        return Turn(person.student, plan, self._state(place), next_s - called_s, own_s, right)

    def _passed_over(self, place: int, plan: Plan, command: Command) -> Turn:
        student, wanted = self._people[place].student, ChildState(plan)
        self._order(command)
        captures = self._kiosk.store.captures
        traceless = captures.latest_complete(student.id_number) is None and captures.unfinished(student.id_number) is None
        state = self._state(place)
        return Turn(student, plan, state, 0.0, 0.0, traceless and state is wanted)

    def _is_kept(self, student: Student, versions: int) -> bool:
        captures = self._kiosk.store.captures
        known = captures.versions(student.id_number)
        newest = known[0] if known else None
        whole = newest is not None and newest.student == student and newest.verdict is Verdict.PASS
        return whole and len(known) == versions and bool(captures.biometric(known[0].id, BiometricKind.PORTRAIT))

    def _line(self) -> Line:
        line = self._kiosk.station.snapshot().line
        assert line is not None
        return line

    def _state(self, place: int) -> ChildState:
        return self._line().children[place].state

    def _order(self, command: Command, **more: Any) -> None:
        self._kiosk.station.give(Order(command, self._kiosk.station.snapshot().turn, **more))


def _called(seen: Snapshot) -> bool:
    """Whether somebody of the class is waited for."""
    return seen.live and seen.line is not None


def _plan(person: SimulatedPerson, number: int) -> Plan:
    """What is planted; who would send somebody else is not there."""
    return Plan.ABSENT if person.intent is Intent.IMPOSTOR else _PLANS.get(number % _GROUP, Plan.SHOT)


def _camera_ready(seen: Snapshot) -> bool:
    return any(one.kind is DeviceKind.CAMERA and one.state is DeviceState.READY for one in seen.devices)
