"""Drives the conductor through sequences that nobody thought of, and holds what must hold at any time.

    python -m bench.sequences --sequences 20000

Cards, shots, presses, tests of the devices, late results, deadlines, orders at the wrong moment, a disk that is full for a
while and pulled plugs, in any order (hypothesis' rule-based machine). What must hold:

1. nothing that was captured lies in another's record, and no order was carried out on another turn than it was given for;
2. nothing that was done once is recorded twice;
3. every state offers a way on, and from anywhere the next student can be captured;
4. nothing of a student stays in memory after they left.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import logging
import sys
import tempfile
import time
import weakref
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from bench.figures import kept, note, option
from bench.played_station import Played
from kiosk import codes, idnumber
from kiosk.config import Settings
from kiosk.devices import CardPresented, CardRemoved, CardSeen, CardUnreadable, PressFailed
from kiosk.errors import DeviceError
from kiosk.records import (
    STEPS,
    BiometricKind,
    CardData,
    CardKind,
    DayCounts,
    DeviceKind,
    FingerPosition,
    RefusalReason,
    Step,
    Student,
)
from kiosk.rehearsal import SIGNATURE
from kiosk.snapshot import NEEDS_DATA, Command
from kiosk.station.events import Check, CheckAsked
from kiosk.station.state import Empty, Saved, Seated, Testing, UnderWay, Unsaved, Waiting
from kiosk.store import Store

_PEOPLE: Final = 3  # the last one is on no roster
_SEQUENCES_A_STORE: Final = 50
_AT_ONCE: Final = 500  # hypothesis remembers what it tried, and gets slower with every sequence
_COMMANDS: Final = [command for command in Command if command not in NEEDS_DATA]
_REDOABLE: Final = [step for step, spec in STEPS.items() if spec.can_be_redone]
_ACTS: Final = 16  # of a student, from the card to the record
_ABORTING: Final = [RefusalReason.LEFT, RefusalReason.IMPERSONATION, RefusalReason.DECLINED]
_people = itertools.count(1)


def person(number: int) -> Student:
    """Somebody who doesn't exist."""
    born = f"{2000 + number // 300_000 % 10:04d}{number // 25_000 % 12 + 1:02d}{number // 900 % 28 + 1:02d}"
    first17 = f"630103{born}{number % 900 + 100:03d}"
    return Student(f"考生{number}", first17 + idnumber.check_character(first17), "高一", "5")


def card_of(student: Student) -> CardData:
    """The card of a student."""
    sex = idnumber.sex_code(student.id_number)
    birth = idnumber.birth_date(student.id_number)
    return CardData(
        kind=CardKind.RESIDENT,
        name=student.name,
        sex_code=sex,
        sex=codes.sex_name(sex),
        ethnicity_code="01",
        ethnicity="汉",
        birth_text=student.id_number[6:14],
        birth=birth,
        address="",
        id_number=student.id_number,
        authority="",
        valid_from_text="20200131",
        valid_until_text="长期",
    )


def _hasty(*, all_steps: bool, by_sensor: bool) -> Settings:
    """A person must decide after one bad shot and two bad presses. `all_steps`: consent and signature too. `by_sensor`: the
    scanner says whether a finger came again."""
    settings = Settings()
    face = settings.face.model_copy(update={"attempts": 1})
    finger = settings.finger.model_copy(update={"attempts": 2, "compared_by": "sensor" if by_sensor else "station"})
    more = (Step.CONSENT, Step.SIGNATURE) if all_steps else ()
    workflow = settings.workflow.with_wishes(more, guardian_always=False)
    return settings.model_copy(update={"face": face, "finger": finger, "workflow": workflow})


class Sequences(RuleBasedStateMachine):
    """One sequence is one class of three, two of whom are on the roster."""

    folder: ClassVar[Path]
    store: ClassVar[Store | None] = None
    used: ClassVar[int] = 0
    seen: ClassVar[Counter[str]] = Counter()

    @initialize(all_steps=st.booleans(), by_sensor=st.booleans())
    def open_station(self, all_steps: bool, by_sensor: bool) -> None:
        cls = type(self)
        if cls.store is None or cls.used >= _SEQUENCES_A_STORE:
            cls.close_store()
            cls.store, cls.used = Store.open(Path(tempfile.mkdtemp(dir=cls.folder))), 0
            cls.store.progress.counts = lambda _: DayCounts()  # type: ignore[method-assign, assignment] # no part of this, and slow
        cls.used += 1
        self.people = [person(next(_people)) for _ in range(_PEOPLE)]
        cls.store.roster.replace_or_update(self.people[:-1])
        self.room = Played(cls.store, _hasty(all_steps=all_steps, by_sensor=by_sensor))
        self.faults = self.room.faults()
        self.faults.__enter__()
        self.given = itertools.count(1)
        self.turns: dict[int, tuple[str, Step | None]] = {}  # who and what each turn was about
        self.sittings: list[weakref.ref[Any]] = []
        self.lying: int | None = None
        self.obeyed: dict[str, tuple[Command, tuple[str, Step | None]]] = {}

    @classmethod
    def close_store(cls) -> None:
        if cls.store is not None:
            assert cls.store.audit.first_broken() is None
            cls.store.close()
            cls.store = None

    # -- cards

    @rule(who=st.integers(0, _PEOPLE - 1), seen=st.booleans())
    def lay_card(self, who: int, seen: bool) -> None:
        if self.lying is not None:
            self.room.happen(CardRemoved())
        self.lying = who
        if seen:
            self.room.happen(CardSeen())
        self.room.happen(CardPresented(card_of(self.people[who]), 0.1))

    @precondition(lambda self: isinstance(self.room.conductor.state, Empty))
    @rule(who=st.sampled_from([0, 0, 1]))
    def student_comes(self, who: int) -> None:
        self.lay_card(who, seen=True)

    @rule()
    def card_is_seen(self) -> None:
        self.lying = _PEOPLE
        self.room.happen(CardSeen())

    @precondition(lambda self: self.room.look)
    @rule(passes=st.booleans(), who=st.integers(0, _PEOPLE - 1))
    def is_shot_and_judged(self, passes: bool, who: int) -> None:
        self.room.shot(who, passes=passes)
        self.room.settle()

    @precondition(lambda self: self.room.press is not None)
    @rule(who=st.integers(0, _PEOPLE - 1), finger=st.sampled_from([None, FingerPosition.RIGHT_THUMB]))
    def presses_twice_and_is_judged(self, who: int, finger: FingerPosition | None) -> None:
        for _ in range(2):
            self.room.press_finger(who, finger)
        self.room.settle()

    @rule()
    def lay_unreadable_card(self) -> None:
        self.lying = _PEOPLE
        self.room.happen(CardUnreadable(DeviceError("card.unreadable")))

    @rule()
    def take_card(self) -> None:
        self.lying = None
        self.room.happen(CardRemoved())

    # -- camera and scanner

    @precondition(lambda self: self.room.look)
    @rule(who=st.integers(0, _PEOPLE - 1), passes=st.booleans(), late=st.sampled_from([False, False, False, True]))
    def shoot(self, who: int, passes: bool, late: bool) -> None:
        self.room.shot(who, passes=passes, late=late)

    @precondition(lambda self: isinstance(self.room.conductor.state, Seated))
    @rule()
    def does_what_is_asked(self) -> None:
        self.do_what_is_asked()

    @precondition(lambda self: isinstance(self.room.conductor.state, Seated))
    @rule()
    def does_all_that_is_asked(self) -> None:
        """As a good student, to the end of the step."""
        step = self.room.board.newest().step
        for _ in range(4):
            self.room.settle()
            if self.room.board.newest().step is step:
                self.do_what_is_asked()

    def do_what_is_asked(self) -> None:
        """The student who sits there does it well."""
        who = next((n for n, student in enumerate(self.people) if student == self.room.board.newest().student), 0)
        match self.room.board.newest().step:
            case Step.FACE:
                self.room.shot(who)
            case Step.SIGNATURE:
                self.room.order(Command.HAND_IN, given=SIGNATURE)
            case Step.CONSENT if self.room.press is None:
                while self.room.press is None and self.room.deadlines:
                    self.room.time_up()  # it has been read
            case _:
                self.room.press_finger(who)
        self.room.deliver()

    @precondition(lambda self: isinstance(self.room.conductor.state, Seated))
    @rule()
    def does_everything(self) -> None:
        """As a good student, to the end."""
        self.go_through()

    def go_through(self) -> None:
        for _ in range(_ACTS):
            self.room.settle()
            if isinstance(self.room.conductor.state, Saved):
                break
            self.do_what_is_asked()

    @precondition(lambda self: self.room.press is not None)
    @rule(who=st.integers(0, _PEOPLE - 1), finger=st.sampled_from([None, None, *FingerPosition]))
    def press(self, who: int, finger: FingerPosition | None) -> None:
        self.room.press_finger(who, finger)

    @precondition(lambda self: self.room.press is not None)
    @rule()
    def press_badly(self) -> None:
        if self.room.press is not None:
            self.room.happen(PressFailed(*self.room.press, DeviceError("finger.too_dry")))

    @precondition(lambda self: bool(self.room.jobs))
    @rule(which=st.integers(0, 5))
    def result_arrives(self, which: int) -> None:
        self.room.deliver(which)

    @precondition(lambda self: bool(self.room.jobs))
    @rule()
    def results_arrive(self) -> None:
        self.room.settle()

    @precondition(lambda self: bool(self.room.deadlines))
    @rule(which=st.integers(0, 5))
    def time_is_up(self, which: int) -> None:
        self.room.time_up(which)

    # -- faults

    @rule(kind=st.sampled_from(list(DeviceKind)))
    def unplug(self, kind: DeviceKind) -> None:
        if kind is DeviceKind.CARD:
            self.lying = None
        self.room.unplug(kind)

    @rule(kind=st.sampled_from(list(DeviceKind)))
    def plug(self, kind: DeviceKind) -> None:
        self.room.plug(kind)

    @rule(full=st.sampled_from([True, False, False]))
    def fill_the_disk(self, full: bool) -> None:
        self.room.disk_full = full

    # -- the operator

    @rule(
        command=st.sampled_from(_COMMANDS),
        age=st.sampled_from([0, 0, 0, 0, 1, 2]),
        by=st.sampled_from(["", "王主任", "采集员"]),
        steps=st.lists(st.sampled_from(_REDOABLE), max_size=3, unique=True),
        cause=st.sampled_from([None, *_ABORTING]),
    )
    def order(self, command: Command, age: int, by: str, steps: list[Step], cause: RefusalReason | None) -> None:
        self._order(command, age=age, by=by, steps=tuple(steps), cause=cause)

    @rule(call=st.sampled_from([Check.BEGIN, *Check]))
    def test_the_devices(self, call: Check) -> None:
        """While nobody is under way, and over by itself; its presses are nobody's."""
        under_way, press = isinstance(self.room.conductor.state, UnderWay), self.room.press
        asked = CheckAsked(call, -1, FingerPosition.RIGHT_THUMB if call is Check.PRESS else None)
        self.room.happen(asked)
        if under_way:
            assert (isinstance(self.room.conductor.state, UnderWay), self.room.press) == (True, press)
            assert call is Check.KEEP or call is Check.END or asked.answer.exception(0) is not None

    @precondition(lambda self: bool(self.room.conductor.state.orders))
    @rule(which=st.integers(0, 10))
    def order_what_is_offered(self, which: int) -> None:
        offered = [command for command in self.room.conductor.state.orders if command not in NEEDS_DATA]
        if offered:
            redoable = self.room.board.newest().redoable
            cause = _ABORTING[which % len(_ABORTING)]
            self._order(offered[which % len(offered)], age=0, by="王主任", steps=redoable, cause=cause)

    def _order(self, command: Command, *, age: int, by: str, steps: tuple[Step, ...], cause: RefusalReason | None) -> None:
        turn = self.room.board.newest().turn
        about = turn - age
        reason = f"命令{next(self.given)}"
        target = self.turns.get(about, ("", None))
        error = self.room.order(command, about=about, by=by, reason=reason, steps=steps, cause=cause, name="王大海")
        type(self).seen["refused" if error else command.value] += 1
        if error is None:
            assert age == 0, "an order about another turn was carried out"
            self.obeyed[reason] = (command, target)

    # -- what must hold

    @invariant()
    def holds(self) -> None:
        room = self.room
        state, shown = room.conductor.state, room.board.newest()
        type(self).seen[type(state).__name__] += 1
        record_id = room.record_id()
        self.turns[shown.turn] = (record_id, shown.step)
        sitting = getattr(state, "sitting", None)
        if sitting is not None and not any(ref() is sitting for ref in self.sittings):
            self.sittings.append(weakref.ref(sitting))
            stored = room.store.captures.find(record_id)
            assert stored is not None
            assert stored.steps == sitting.record.steps, "what is shown is not what is kept"
        assert state.orders or self._ends_by_itself(state), f"no way on from {state}"
        if isinstance(state, Waiting):
            assert (shown.student, shown.card, shown.near, dict(shown.pictures)) == (None, None, (), {})
            of_devices = {status.problem.code for status in shown.devices if status.problem is not None}
            assert shown.notice is None or shown.notice.code in of_devices, "something of a student is still told"
        assert list(shown.commands) == list(state.orders)

    def _ends_by_itself(self, state: object) -> bool:
        return isinstance(state, Testing) or (isinstance(state, Saved) and (self.lying is not None or state.until is not None))

    def teardown(self) -> None:
        if not hasattr(self, "room"):
            return
        try:
            self._the_next_student_can_be_captured()
            self._every_record_is_its_students_own()
            self._nothing_stays()
        finally:
            self.faults.__exit__(None, None, None)

    def _the_next_student_can_be_captured(self) -> None:
        room = self.room
        room.disk_full = False
        for kind in DeviceKind:
            room.plug(kind)
        if isinstance(room.conductor.state, Unsaved):
            assert room.order(Command.RETRY) is None
        room.happen(CardRemoved())
        room.settle()
        if Command.ABORT in room.conductor.state.orders:
            assert room.order(Command.ABORT, cause=RefusalReason.LEFT) is None
        room.happen(CardRemoved())
        while room.deadlines:
            room.time_up()
        assert isinstance(room.conductor.state, Waiting), room.conductor.state
        newcomer = person(next(_people))
        assert room.store is not None
        room.store.roster.replace_or_update([*self.people[:-1], newcomer])
        self.people.append(newcomer)
        room.happen(CardPresented(card_of(newcomer), 0.1))
        self.go_through()
        assert isinstance(room.conductor.state, Saved), (room.conductor.state, room.board.newest())
        room.happen(CardRemoved())
        room.settle()
        assert isinstance(room.conductor.state, Waiting)

    def _every_record_is_its_students_own(self) -> None:
        store = self.room.store
        marks: Counter[bytes] = Counter()
        orders: Counter[tuple[str, Step]] = Counter()
        for student in self.people:
            for record in _records_of(store, student):
                confirmed = [
                    one for one in record.steps if one.step is Step.CONFIRM and one.decided_by == "" and one.verdict == "pass"
                ]
                assert len(confirmed) <= 1, "confirmed twice"
                for result in record.steps:
                    if result.reason in self.obeyed and not result.stands_in:  # a stand-in repeats why the thumb was given up
                        command, (about, step) = self.obeyed[result.reason]
                        assert about == record.id, f"{command} was carried out in another's record"
                        if command is Command.DECLINE and (result.redo or STEPS[result.step].biometric):
                            continue  # what follows from a no: the steps that are left out, as often as that is asked
                        assert command is Command.REDO or step is result.step, f"{command} was carried out on another step"
                        orders[result.reason, result.step] += 1
                for kind in (kind for spec in STEPS.values() if spec.biometric for kind in spec.pictures):
                    data = _all_of(store, record.id, kind)
                    for mark in data:
                        assert mark.startswith(record.id.encode() + b":"), "another student's picture"
                        marks[mark] += 1
        assert not [mark for mark, times in marks.items() if times > 1], "recorded twice"
        assert not [order for order, times in orders.items() if times > 1], "carried out twice"

    def _nothing_stays(self) -> None:
        self.room.jobs.clear()
        gc.collect()
        left = [ref() for ref in self.sittings if ref() is not None]
        assert left == [], "a student is still in memory"


def _records_of(store: Store, student: Student) -> list[Any]:
    number = student.id_number
    found = [store.captures.unfinished(number), store.captures.latest_complete(number)]
    return [record for record in found if record is not None]


def _all_of(store: Store, record_id: str, kind: BiometricKind) -> list[bytes]:
    """Every picture of a kind that was ever kept for a record, superseded ones too."""
    pieces = (store.captures.piece(record_id, one.number) for one in store.captures.kept(record_id) if one.kind is kind)
    return [piece[1] for piece in pieces if piece is not None]


def run(sequences: int, steps: int, folder: Path, *, same: bool = False) -> Counter[str]:
    """Play so many sequences; raises AssertionError for the first one that does not hold, as short as it can be made.

    `same`: the same sequences every time. Returns how often each state was stood in and each order carried out.
    """
    Sequences.folder = folder
    Sequences.seen = Counter()
    gc.collect()
    gc.freeze()  # of what lives for ever nothing need be looked through again and again
    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    checks = list(HealthCheck)
    try:
        run_state_machine_as_test(
            Sequences,
            settings=settings(
                max_examples=sequences,
                stateful_step_count=steps,
                deadline=None,
                derandomize=same,
                database=None,
                phases=phases,
                suppress_health_check=checks,
            ),
        )
    finally:
        Sequences.close_store()
    return Sequences.seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=40, help="events of a sequence, at most")
    parser.add_argument("--folder", type=Path, help="where the stores lie; memory is quickest")
    option(parser)
    asked = parser.parse_args()
    logging.disable()
    with kept("sequences", asked.json, "kiosk/station"):
        _play(asked)
    return 0


def _play(asked: argparse.Namespace) -> None:
    before_s = time.perf_counter()
    seen: Counter[str] = Counter()
    for done in range(0, asked.sequences, _AT_ONCE):
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            seen += run(min(_AT_ONCE, asked.sequences - done), asked.steps, Path(folder))
        print(f"{min(done + _AT_ONCE, asked.sequences):,}", end=" ", flush=True)
    print()
    seconds = time.perf_counter() - before_s
    print(f"{asked.sequences:,} sequences, {sum(seen.values()):,} states and orders, {seconds:.0f} s, no fault")
    note("sequences without a fault", asked.sequences, "", f"of at most {asked.steps} events; {seconds:.0f} s")
    note("states stood in, orders carried out and refused", sum(seen.values()))
    for what, times in seen.most_common():
        print(f"  {what:20} {times:10,}")


if __name__ == "__main__":
    sys.exit(main())
