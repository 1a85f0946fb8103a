"""Faults that were seen once: a result in another's record, an order on another step, a step recorded twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.played_station import Played
from bench.sequences import card_of
from kiosk.devices import CardPresented, CardRemoved, CardSeen
from kiosk.errors import KioskError
from kiosk.records import BiometricKind, CaptureRecord, Cue, FingerPosition, RefusalReason, Step, Student, Verdict
from kiosk.snapshot import Command
from kiosk.station.state import Refused, Saved, Seated, Undecided, Unsaved, Waiting
from kiosk.store import Store
from tests.store.conftest import student

A, B, C = student(1), student(2), student(3)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Played]:
    with Store.open(tmp_path) as store:
        store.roster.replace_or_update([A, B, C])
        played = Played(store)
        with played.faults():
            yield played


def lay(room: Played, who: Student) -> None:
    room.happen(CardSeen())
    room.happen(CardPresented(card_of(who), 0.1))


def do(room: Played, person: int = 1, until: Step | None = None) -> None:
    """The student does what is asked, up to a step or until nothing more is asked."""
    for _ in range(12):
        room.settle()
        shown = room.board.newest()
        if not isinstance(room.conductor.state, Seated) or (until is not None and shown.step is until):
            return
        if shown.step is Step.FACE:
            room.shot(person)
        else:
            room.press_finger(person)


def code(error: KioskError | None) -> str:
    return error.code if error else ""


def record_of(room: Played, who: Student) -> CaptureRecord:
    record = room.store.captures.unfinished(who.id_number) or room.store.captures.latest_complete(who.id_number)
    assert record is not None
    return record


def steps_of(room: Played, who: Student) -> list[Step]:
    return [result.step for result in record_of(room, who).steps]


def test_a_student_whose_finish_failed_is_never_confirmed_in_the_next_ones_record(room: Played) -> None:
    lay(room, A)
    do(room, until=Step.CONFIRM)
    lay(room, B)  # waits
    room.disk_full = True
    do(room)
    assert isinstance(room.conductor.state, Unsaved)
    assert room.board.newest().student == A
    room.disk_full = False
    assert room.order(Command.RETRY) is None
    assert isinstance(room.conductor.state, Seated)
    assert room.board.newest().student == B
    assert steps_of(room, A) == [Step.CARD, Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM]
    assert steps_of(room, B) == [Step.CARD]


def test_a_waiting_student_who_cannot_be_admitted_is_refused_and_the_one_before_is_saved(
    room: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(room, A)
    do(room, until=Step.CONFIRM)
    lay(room, B)
    finish = room.store.captures.finish

    def finish_and_fill_the_disk(*args: object) -> CaptureRecord:
        record = finish(*args)  # type: ignore[arg-type]
        room.disk_full = True
        return record

    monkeypatch.setattr(room.store.captures, "finish", finish_and_fill_the_disk)
    do(room)
    state = room.conductor.state
    assert isinstance(state, Refused)
    assert (state.reason.code, room.board.newest().card) == ("error.store.disk_full", card_like(B, room))
    assert record_of(room, A).finished_at is not None
    room.disk_full = False
    assert room.order(Command.RETRY) is None
    assert room.board.newest().student == B


def card_like(who: Student, room: Played) -> object:
    shown = room.board.newest().card
    assert shown is not None
    assert shown.id_number == who.id_number
    return shown


def test_a_finish_that_fails_records_the_confirmation_once(room: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(room, A)
    do(room, until=Step.CONFIRM)
    finish = room.store.captures.finish

    def fail(*_: object) -> CaptureRecord:
        monkeypatch.setattr(room.store.captures, "finish", finish)
        raise KioskError("store.disk_full")

    monkeypatch.setattr(room.store.captures, "finish", fail)
    do(room)
    assert isinstance(room.conductor.state, Unsaved)
    assert room.order(Command.RETRY) is None
    assert isinstance(room.conductor.state, Saved)
    assert steps_of(room, A).count(Step.CONFIRM) == 1


@pytest.mark.parametrize("command", [Command.EXCEPTION, Command.NEXT_FINGER, Command.ABORT, Command.RETRY])
def test_an_order_for_one_step_is_not_carried_out_on_the_next(room: Played, command: Command) -> None:
    lay(room, A)
    do(room, until=Step.RIGHT_THUMB)
    about = room.board.newest().turn
    do(room, until=Step.LEFT_THUMB)
    error = room.order(command, about=about, reason="手指受伤", by="王主任", cause=RefusalReason.LEFT)
    assert code(error) == "station.order_late"
    assert room.board.newest().step is Step.LEFT_THUMB
    assert steps_of(room, A) == [Step.CARD, Step.FACE, Step.RIGHT_THUMB]


def test_the_second_person_is_asked_for_however_quickly_the_step_changes(room: Played) -> None:
    lay(room, A)
    about = room.board.newest().turn
    assert code(room.order(Command.EXCEPTION, about=about, reason="照片无法采集")) == "station.second_person"
    do(room, until=Step.RIGHT_THUMB)
    assert code(room.order(Command.EXCEPTION, about=about, reason="照片无法采集", by="王主任")) == "station.order_late"
    assert code(room.order(Command.EXCEPTION, reason="照片无法采集", by=" 采集员 ")) == "station.second_person"


def test_a_suspected_duplicate_cannot_be_escaped_by_giving_another_finger(room: Played) -> None:
    lay(room, A)
    do(room, person=1)
    room.happen(CardRemoved())
    lay(room, B)
    do(room, person=2, until=Step.RIGHT_THUMB)
    about = room.board.newest().turn
    do(room, person=1)  # the thumb of A
    state = room.conductor.state
    assert isinstance(state, Undecided)
    assert state.outcome.result.alike
    assert Command.NEXT_FINGER not in state.orders
    for turn in (about, room.board.newest().turn):
        assert room.order(Command.NEXT_FINGER, about=turn, reason="手指受伤") is not None
    assert record_of(room, B).result(Step.RIGHT_THUMB) == state.outcome.result


def test_a_card_that_was_laid_down_meanwhile_comes_next_after_an_abort(room: Played) -> None:
    lay(room, A)
    do(room, until=Step.RIGHT_THUMB)
    lay(room, B)
    assert room.order(Command.ABORT, cause=RefusalReason.LEFT) is None
    assert room.board.newest().student == B
    assert [(one.reason, one.record_id) for one in room.store.refusals.all()] == [(RefusalReason.LEFT, record_of(room, A).id)]


def test_what_was_held_or_aborted_at_the_confirmation_is_never_saved_by_time(room: Played) -> None:
    lay(room, A)
    do(room, until=Step.CONFIRM)
    assert room.order(Command.HOLD) is None
    while room.deadlines:
        room.time_up()
    room.press_finger(1)
    room.settle()
    assert room.board.newest().cue is Cue.READ
    assert room.order(Command.ABORT, cause=RefusalReason.LEFT) is None
    room.happen(CardRemoved())
    lay(room, A)  # an empty chair
    while room.deadlines:
        room.time_up()
    room.settle()
    assert room.board.newest().step is Step.CONFIRM
    assert room.store.captures.latest_complete(A.id_number) is None
    do(room)
    assert isinstance(room.conductor.state, Saved)


def test_only_the_students_own_finger_confirms(room: Played) -> None:
    lay(room, A)
    do(room, person=1, until=Step.CONFIRM)
    for _ in range(3):
        room.press_finger(2)  # somebody else's
        room.settle()
    assert isinstance(room.conductor.state, Seated)
    assert room.board.newest().finger is None  # the operator must look
    assert room.order(Command.SAVE) is None
    assert isinstance(room.conductor.state, Saved)


def test_a_finished_step_is_done_again_and_its_old_result_stays(room: Played) -> None:
    lay(room, A)
    do(room, until=Step.CONFIRM)
    before = record_of(room, A)
    old = room.store.captures.biometric(before.id, BiometricKind.PORTRAIT)
    assert room.order(Command.REDO, steps=(Step.FACE,), reason="闭眼") is None
    assert room.board.newest().step is Step.FACE
    assert room.store.captures.biometric(before.id, BiometricKind.PORTRAIT) is None
    room.happen(CardRemoved())  # and after a power cut it is asked for again
    do(room, until=Step.CONFIRM)
    record = record_of(room, A)
    first, order = record.superseded(Step.FACE)
    assert (first.verdict, order.redo, order.reason) == (Verdict.PASS, True, "闭眼")
    new = room.store.captures.biometric(record.id, BiometricKind.PORTRAIT)
    assert new is not None
    assert new != old
    do(room)
    assert isinstance(room.conductor.state, Saved)


def test_steps_that_are_not_finished_cannot_be_redone(room: Played) -> None:
    lay(room, A)
    do(room, until=Step.RIGHT_THUMB)
    for steps in ((), (Step.LEFT_THUMB,), (Step.CARD,), (Step.FACE, Step.LEFT_THUMB)):
        assert code(room.order(Command.REDO, steps=steps)) == "station.steps_missing"


def test_the_left_thumb_on_right_is_noticed_when_the_left_comes_and_both_are_redone_in_one_order(room: Played) -> None:
    lay(room, A)
    do(room, until=Step.RIGHT_THUMB)
    for _ in range(2):
        room.press_finger(1, FingerPosition.LEFT_THUMB)
        room.settle()
    do(room, until=Step.LEFT_THUMB)
    for _ in range(2):
        room.press_finger(1, FingerPosition.LEFT_THUMB)  # the child does what the screen says
        room.settle()
    shown = room.board.newest()
    assert shown.situation is not None
    assert (shown.situation.code, shown.instruction.code) == ("finger.hands_mixed_up", "station.call_operator")
    assert room.order(Command.REDO, steps=(Step.RIGHT_THUMB,)) is None
    assert room.board.newest().step is Step.RIGHT_THUMB
    do(room)
    assert isinstance(room.conductor.state, Saved)


def test_hands_that_were_swapped_are_noticed_at_the_confirmation(room: Played) -> None:
    lay(room, A)
    do(room, until=Step.RIGHT_THUMB)
    for finger in (FingerPosition.LEFT_THUMB, FingerPosition.RIGHT_THUMB):
        for _ in range(2):
            room.press_finger(1, finger)
            room.settle()
    assert room.board.newest().finger is FingerPosition.LEFT_THUMB  # pressed once more to confirm
    room.press_finger(1)
    room.settle()
    state = room.conductor.state
    assert isinstance(state, Undecided)
    assert state.outcome.result.problems[0].code == "finger.hands_mixed_up"
    assert room.order(Command.REDO, steps=(Step.RIGHT_THUMB, Step.LEFT_THUMB), reason="两手按反") is None
    do(room)
    assert isinstance(room.conductor.state, Saved)


def test_after_the_next_finger_there_is_a_way_back_to_the_thumb(room: Played) -> None:
    lay(room, A)
    do(room, until=Step.RIGHT_THUMB)
    assert room.order(Command.NEXT_FINGER, reason="看错了") is None
    assert room.board.newest().finger is FingerPosition.RIGHT_INDEX
    assert room.order(Command.OWN_FINGER) is None
    assert room.board.newest().finger is FingerPosition.RIGHT_THUMB
    do(room)
    record = record_of(room, A)
    assert record.verdict is Verdict.PASS
    assert record.stand_ins == ()


def test_a_second_person_lets_a_student_in_on_the_spot(room: Played) -> None:
    from datetime import timedelta

    from kiosk.store import Window

    closed = room.moment - timedelta(hours=1)
    room.store.rounds.add(Window("正式采集", closed - timedelta(hours=1), closed), by="负责人")
    lay(room, A)
    shown = room.board.newest()
    assert isinstance(room.conductor.state, Refused)
    assert (shown.student, Command.ADMIT in shown.commands) == (A, True)
    assert code(room.order(Command.ADMIT, reason="上午住院")) == "station.second_person"
    assert room.order(Command.ADMIT, reason="上午住院", by="王主任") is None
    assert room.board.newest().step is Step.FACE


def test_an_order_that_nobody_waits_for_any_more_is_not_carried_out_later(room: Played) -> None:
    from kiosk.snapshot import Order
    from kiosk.station.events import OrderGiven

    lay(room, A)
    given = OrderGiven(Order(Command.ABORT, room.board.newest().turn, cause=RefusalReason.LEFT))
    assert given.answer.cancel()
    room.happen(given)
    assert isinstance(room.conductor.state, Seated)


def test_the_card_is_being_read_is_said_before_it_is_read(room: Played) -> None:
    shown = room.happen(CardSeen())
    assert (shown.phase.value, shown.instruction.code) == ("reading", "station.reading_card")
    room.happen(CardRemoved())
    assert isinstance(room.conductor.state, Waiting)
