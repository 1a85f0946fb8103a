"""What a door does with whoever comes: values in, values out, no device and no disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kiosk.checkin import Looking, Order, Policy, Post, Pressing, Searching, Seated, State, Suspected, Turned, Waiting, Watched
from kiosk.checkin.admitting import sessions_on
from kiosk.checkin.machine import Asked, Came, CardGone, CardUnread, Compared, Event, Machine, Move, NotFound, TimeOver
from kiosk.checkin.state import Note, Unsaved
from kiosk.records import Attendance, Candidate, DoorAct, FoundBy, Message, Presence, Verdict
from tests.checkin.conftest import DAY, EARLY, ENGLISH, MATHS, NINE, PHYSICS, candidate

WANG = candidate(1)
WET = Message("hint.finger.wipe")


def machine(**policy: Any) -> Machine:
    return Machine(DAY, Policy(**policy))


def play(*events: Event, who: Candidate = WANG, state: State | None = None, **policy: Any) -> tuple[State, list[Note]]:
    """Where the door stands after a card and these events, and all that was noted."""
    door, notes = machine(**policy), list[Note]()
    now: State = state or Waiting()
    for event in (Came(who, EARLY, card_name=who.name), *events) if state is None else events:
        move: Move = door.follow(now, event, Post())
        now = move.state
        notes += move.notes
    return now, notes


def face(verdict: Verdict | None, **more: Any) -> Compared:
    return Compared(verdict, picture=b"jpeg", **more)


def thumb(verdict: Verdict | None, **more: Any) -> Compared:
    return Compared(verdict, thumb=True, **more)


def test_a_card_in_traditional_characters_is_nobody_else_s() -> None:
    who = replace(candidate(1), name="张伟")
    state, _ = play(Came(who, EARLY, card_name="張偉"), state=Waiting())
    assert isinstance(state, Looking)


def test_a_good_face_is_let_in_and_the_next_one_can_come() -> None:
    state, notes = play(face(Verdict.PASS))
    assert isinstance(state, Seated)
    assert [(one.act, one.candidate, one.session, one.picture) for one in notes] == [(DoorAct.ARRIVED, 1, 0, b"")]
    assert state.visit.seat.room == "1"
    assert machine().follow(state, TimeOver(), Post()).state == Waiting()
    assert isinstance(machine().follow(state, Came(candidate(2), EARLY), Post()).state, Looking)


@pytest.mark.parametrize(
    ("came", "post", "code"),
    [
        ({"candidate": None}, Post(), "checkin.not_registered"),
        ({"card_name": "另有其人"}, Post(), "checkin.other_name"),
        ({"candidate": candidate(1, subject="英语")}, Post(), "checkin.wrong_session"),
        ({"candidate": candidate(1, subject="化学")}, Post(), "checkin.no_session"),
        ({"at": MATHS.latest_entry + timedelta(seconds=1)}, Post(), "checkin.too_late"),
        ({"found": Attendance(Presence.ABSENT)}, Post(), "checkin.too_late"),
        ({"found": Attendance(Presence.IN, EARLY, "1号门 aa")}, Post(), "checkin.already_in"),
        ({"found": Attendance(Presence.SUSPECTED, EARLY)}, Post(), "checkin.already_in"),
        ({"found": Attendance(Presence.SUBSTITUTE)}, Post(), "checkin.decided_substitute"),
        ({"found": Attendance(Presence.OUT, EARLY)}, Post(), "checkin.left_already"),
        ({}, Post(room="2"), "checkin.wrong_room"),
        ({}, Post(session=2), "checkin.wrong_session"),
        ({"at": NINE + timedelta(days=2)}, Post(session=0), "checkin.expired"),
    ],
)
def test_each_no_has_its_own_red_which_is_kept(came: dict[str, Any], post: Post, code: str) -> None:
    event = replace(Came(WANG, EARLY, card_name=WANG.name), **came)
    event = replace(event, card_name=came.get("card_name", event.candidate.name if event.candidate else "无名氏"))
    move = machine().follow(Waiting(), event, post)
    assert isinstance(move.state, Turned)
    assert move.state.reason.code == code
    assert [(one.act, one.code) for one in move.notes] == [(DoorAct.TURNED, code)]
    assert machine().follow(move.state, CardGone(), post).state == Waiting()


def test_the_latest_entry_itself_is_in_time_and_a_room_s_own_candidates_come_in() -> None:
    move = machine().follow(Waiting(), Came(WANG, MATHS.latest_entry), Post(room="1"))
    assert isinstance(move.state, Looking)
    assert not move.notes


def test_whoever_left_may_come_back_where_the_rules_let_them_after_the_latest_entry_too() -> None:
    out, late = Attendance(Presence.OUT, EARLY), MATHS.latest_entry + timedelta(minutes=30)
    door = Machine(replace(DAY, reentry=True), Policy())
    back = door.follow(Waiting(), Came(WANG, late, found=out), Post()).state
    assert isinstance(back, Looking)
    assert door.follow(back, face(Verdict.PASS), Post()).notes[0].act is DoorAct.RETURNED


def test_subjects_that_are_written_side_by_side_are_checked_in_together() -> None:
    assert sessions_on(DAY, EARLY) == (0, 1)
    assert sessions_on(DAY, PHYSICS.ends_at) == (0,)
    assert sessions_on(DAY, ENGLISH.starts_at) == (2,)
    state, notes = play(face(Verdict.PASS), who=candidate(3, subject="物理"))
    assert isinstance(state, Seated)
    assert notes[0].session == 1


def test_an_unsure_face_is_decided_by_the_thumb() -> None:
    state, _ = play(face(Verdict.REVIEW))
    assert isinstance(state, Pressing)
    state, notes = play(face(Verdict.REVIEW), thumb(Verdict.PASS))
    assert isinstance(state, Seated)
    assert notes[-1].act is DoorAct.ARRIVED


@pytest.mark.parametrize(("who", "policy"), [(WANG, {"thumb_always": True}), (candidate(1, alike=True), {})])
def test_both_are_wanted_by_the_policy_and_of_twins(who: Candidate, policy: dict[str, Any]) -> None:
    state, notes = play(face(Verdict.PASS), who=who, **policy)
    assert isinstance(state, Pressing)
    assert not notes
    assert isinstance(play(face(Verdict.PASS), thumb(Verdict.PASS), who=who, **policy)[0], Seated)


@pytest.mark.parametrize("who", [WANG, candidate(1, alike=True)])
def test_where_both_are_wanted_the_thumb_may_be_pressed_while_the_face_is_looked_at(who: Candidate) -> None:
    policy: dict[str, Any] = {"thumb_always": not who.alike}
    state, _ = play(who=who, **policy)
    assert isinstance(state, Looking)
    assert state.thumb
    state, notes = play(thumb(Verdict.PASS), who=who, **policy)
    assert isinstance(state, Looking)
    assert not state.thumb  # it was good, and the face is still to come
    assert not notes
    assert isinstance(play(face(Verdict.PASS), state=state, **policy)[0], Seated)
    assert isinstance(play(face(Verdict.REVIEW), state=state, **policy)[0], Seated)
    assert play(thumb(Verdict.PASS))[0] == play()[0]  # where the face is enough, nobody asked for it


def test_a_good_thumb_never_lets_in_a_face_that_failed() -> None:
    state, notes = play(face(Verdict.FAIL), thumb(Verdict.PASS), thumb_always=True)
    assert isinstance(state, Looking)
    assert (state.visit.failures, state.again, notes) == (1, Message("checkin.face_failed"), [])
    state, notes = play(thumb(Verdict.PASS), *[face(Verdict.FAIL)] * 3, thumb_always=True)
    assert isinstance(state, Suspected)


def test_poor_and_strange_thumbs_beside_the_face_count_as_after_it() -> None:
    state, _ = play(thumb(None, problem=WET), thumb_always=True)
    assert isinstance(state, Looking)
    assert (state.again, state.thumb, state.visit.failures) == (WET, True, 0)
    assert isinstance(play(*[thumb(Verdict.FAIL)] * 3, thumb_always=True)[0], Suspected)
    assert isinstance(play(thumb(Verdict.FAIL), face(Verdict.PASS), thumb_always=True)[0], Pressing)


def test_whoever_came_in_at_another_door_meanwhile_is_sent_away_at_the_last_moment() -> None:
    there = Attendance(Presence.IN, EARLY, "2号门 aa")
    state, notes = play(face(Verdict.PASS, found=there))
    assert isinstance(state, Turned)
    assert [(one.act, one.code, one.candidate) for one in notes] == [(DoorAct.TURNED, "checkin.already_in", 1)]


def test_three_failures_are_a_suspicion_with_the_photograph_and_whose_face_it_is() -> None:
    failed = face(Verdict.FAIL, like=(4,))
    state, notes = play(failed, failed)
    assert isinstance(state, Looking)
    assert state.again is not None
    assert not notes
    state, notes = play(failed, failed, failed)
    assert isinstance(state, Suspected)
    assert [(one.act, one.picture, one.like) for one in notes] == [(DoorAct.SUSPECTED, b"jpeg", (4,))]


def test_failures_of_face_and_thumb_count_together() -> None:
    state, notes = play(face(Verdict.FAIL), face(Verdict.REVIEW), thumb(Verdict.FAIL), thumb(Verdict.FAIL))
    assert isinstance(state, Suspected)
    assert notes[0].picture == b"jpeg"


def test_a_wet_thumb_is_dried_and_three_poor_presses_count_as_one_failure() -> None:
    poor = thumb(None, problem=WET)
    state, _ = play(face(Verdict.REVIEW), poor)
    assert isinstance(state, Pressing)
    assert (state.again, state.visit.failures) == (WET, 0)
    state, _ = play(face(Verdict.REVIEW), poor, poor, poor)
    assert isinstance(state, Pressing)
    assert state.visit.failures == 1
    assert isinstance(play(face(Verdict.REVIEW), *[poor] * 9)[0], Suspected)


def test_an_unsure_face_without_a_thumb_is_looked_at_again() -> None:
    state, _ = play(face(Verdict.REVIEW), who=candidate(1, thumbed=False))
    assert isinstance(state, Looking)
    assert state.visit.failures == 1


def test_where_there_is_nothing_to_compare_with_an_invigilator_looks_and_is_named() -> None:
    nothing = candidate(1, faced=False, thumbed=False)
    state, _ = play(who=nothing)
    assert isinstance(state, Watched)
    assert play(Asked(Order.LET_IN), state=state)[0] is state  # nobody stands behind it
    state, notes = play(Asked(Order.LET_IN, "监考甲"), state=state)
    assert isinstance(state, Seated)
    assert (notes[0].by, notes[0].code) == (("监考甲",), "checkin.seen")


def test_twins_whose_thumbs_nobody_took_are_looked_at_by_a_person() -> None:
    assert isinstance(play(face(Verdict.PASS), who=candidate(1, alike=True, thumbed=False))[0], Watched)


def test_a_thumb_instead_of_the_face_where_the_camera_is_away() -> None:
    state, _ = play(Asked(Order.THUMB))
    assert isinstance(state, Pressing)
    assert isinstance(play(thumb(Verdict.PASS), state=state)[0], Seated)


def test_a_search_ends_with_somebody_or_with_nobody() -> None:
    searching, _ = play(Asked(Order.SEARCH_FACE), state=Waiting())
    assert searching == Searching(FoundBy.FACE)
    found = Came(WANG, EARLY, FoundBy.FACE, face=Verdict.PASS)
    state, notes = play(found, state=searching)
    assert isinstance(state, Seated)
    assert notes[0].found_by is FoundBy.FACE
    nobody, _ = play(NotFound(), state=searching)
    assert isinstance(nobody, Waiting)
    assert nobody.said is not None


def test_by_the_thumb_alone_the_face_is_looked_at_then() -> None:
    searching, _ = play(Asked(Order.SEARCH_THUMB), state=Waiting())
    state, _ = play(Came(WANG, EARLY, FoundBy.THUMB, thumb=Verdict.PASS), state=searching)
    assert isinstance(state, Looking)
    assert isinstance(play(face(Verdict.REVIEW), state=state)[0], Seated)


def test_whoever_is_under_way_is_not_pushed_aside_by_the_next_card() -> None:
    looking, _ = play()
    assert play(Came(candidate(2), EARLY), state=looking) == (looking, [])
    assert play(CardGone(), state=looking) == (looking, [])
    assert play(TimeOver(), state=looking) == (Waiting(), [])


def test_a_card_that_cannot_be_read_is_told_and_an_order_that_is_not_offered_changes_nothing() -> None:
    state, _ = play(CardUnread(Message("card.unreadable")), state=Waiting())
    assert isinstance(state, Turned)
    assert play(Asked(Order.LET_IN, "监考甲"), state=state)[0] is state
    kept = Unsaved(Waiting(), (), Message("store.disk_full"))
    assert play(Came(WANG, EARLY), Asked(Order.NEXT), state=kept)[0] is kept


def test_an_invigilator_s_own_suspicion_names_who_had_it() -> None:
    state, notes = play(Asked(Order.SUSPECT, "监考甲"))
    assert isinstance(state, Suspected)
    assert (notes[0].code, notes[0].by) == ("checkin.suspicion.told", ("监考甲",))
