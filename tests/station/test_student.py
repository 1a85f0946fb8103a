"""Students go through the whole station: real adapters, simulated devices at the wire, real store."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from kiosk.assembly import Kiosk
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.records import (
    BiometricKind,
    Cue,
    DeviceKind,
    DeviceState,
    FingerPosition,
    Impression,
    Person,
    Point,
    RefusalReason,
    Step,
    Verdict,
)
from kiosk.rehearsal import Player, all_ready, rehearse, wait_until
from kiosk.seeing.judges import Judges, PressJudgement
from kiosk.simulation import DEMO_OPERATOR, Intent, Simulator
from kiosk.snapshot import Command, Phase, StepState
from kiosk.store import Window
from tests.conftest import StartKiosk, quick
from tests.orders import give

THUMBS = (BiometricKind.RIGHT_THUMB, BiometricKind.LEFT_THUMB)
SECOND_THUMBS = (BiometricKind.RIGHT_THUMB_SECOND, BiometricKind.LEFT_THUMB_SECOND)
SENSOR = "ef01-match 3"


def player_of(kiosk: Kiosk, number: int = 1) -> Player:
    assert kiosk.simulator is not None
    wait_until(kiosk, all_ready)
    return Player(kiosk, kiosk.simulator, kiosk.simulator.people[number - 1])


def begun_at(kiosk: Kiosk, step: Step) -> Player:
    """The first student's card lies there, and the step has begun."""
    player = player_of(kiosk)
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.step is step)
    return player


class BorrowedThumbs:
    """A simulator in which whoever presses does so with one person's thumbs."""

    def __init__(self, simulator: Simulator, owner: int) -> None:
        self._simulator = simulator
        self._owner = owner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._simulator, name)

    def press(self, _: int, position: FingerPosition) -> None:
        self._simulator.press(self._owner, position)


def comparing(by: str) -> Settings:
    """`sensor` or `station` says whether a finger came again."""
    settings = quick()
    return settings.model_copy(update={"finger": settings.finger.model_copy(update={"compared_by": by})})


@pytest.mark.parametrize("by", ["sensor", "station"])
def test_student_without_trouble_needs_no_click(start_kiosk: StartKiosk, by: str) -> None:
    kiosk = start_kiosk(settings=comparing(by))
    player = player_of(kiosk)
    player.lay_card()
    saved = player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)

    assert saved.instruction.code == "station.saved_take_card"
    assert [view.state for view in saved.steps] == [StepState.DONE] * 5
    assert {view.verdict for view in saved.steps} == {Verdict.PASS}
    wait_until(kiosk, lambda snapshot: snapshot.counts.captured == 1)
    assert kiosk.simulator is not None
    student = kiosk.simulator.people[0].student
    record = kiosk.store.captures.latest_complete(student.id_number)
    assert record is not None
    assert record.verdict is Verdict.PASS
    face = record.result(Step.FACE)
    assert face is not None
    assert {"Sharpness", "HeadPoseYaw", "BackgroundUniformity"} <= {measure.name for measure in face.measures}
    for kind in (BiometricKind.CHIP_PHOTO, BiometricKind.PORTRAIT, BiometricKind.LIVE_FACE, *THUMBS):
        assert kiosk.store.captures.biometric(record.id, kind), kind
    seconds = [kiosk.store.captures.biometric(record.id, kind) is not None for kind in SECOND_THUMBS]
    assert seconds == [by == "station"] * 2
    for step in (Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM):
        result = record.result(step)
        assert result is not None
        assert (result.scores[0].scale == SENSOR) is (by == "sensor")
        assert result.presses == () or [press.by_sensor for press in result.presses] == [False, by == "sensor"]
    player.leave()
    assert kiosk.station.snapshot().pictures == {}
    assert kiosk.station.snapshot().card is None


def test_a_class_comes_out_as_intended(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(students=12)
    assert kiosk.simulator is not None
    one_of_each = {person.intent: person for person in kiosk.simulator.people}
    another = kiosk.simulator.people[0]
    passages = list(rehearse(kiosk, [another, *one_of_each.values()]))

    assert another is not one_of_each[another.intent]
    assert [passage.person.intent for passage in passages if not passage.as_intended] == []
    assert {passage.person.intent for passage in passages} == set(Intent)
    stopped = {passage.person.intent: passage.stopped_at for passage in passages if passage.stopped_at is not None}
    assert stopped == {
        Intent.IMPOSTOR: Step.FACE,
        Intent.OFF_ROSTER: Step.CARD,
        Intent.SAME_THUMB: Step.LEFT_THUMB,
    }


def test_refusal_of_a_student_who_is_not_on_the_roster_is_counted(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(students=5)
    player = player_of(kiosk, 5)
    player.lay_card()
    refused = player.play_until(lambda snapshot: snapshot.phase is Phase.REFUSED)

    assert refused.situation is not None
    assert (refused.instruction.code, refused.situation.code) == ("station.ask_teacher", "station.not_on_roster")
    wait_until(kiosk, lambda snapshot: snapshot.counts.turned_away == 1)
    assert refused.card is not None  # for the operator's eyes
    player.leave()


def test_captured_student_comes_again_only_with_a_reason(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    player.leave()

    again = player_of(kiosk)
    again.lay_card()
    refused = again.play_until(lambda snapshot: snapshot.phase is Phase.REFUSED)
    assert refused.instruction.code == "station.captured_take_card"
    with pytest.raises(KioskError, match=r"station\.reason_missing"):
        give(kiosk, Command.RECAPTURE, by="王主任")
    give(kiosk, Command.RECAPTURE, reason="照片闭眼", by="王主任")
    again.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)

    assert kiosk.simulator is not None
    record = kiosk.store.captures.latest_complete(kiosk.simulator.people[0].student.id_number)
    assert record is not None
    assert (record.version, record.recapture_reason) == (2, "照片闭眼")


def test_supervisor_accepts_an_unlike_face_with_a_reason(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(students=3)
    player = player_of(kiosk, 3)  # sends somebody else
    player.lay_card()
    undecided = player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION)
    assert undecided.step is Step.FACE
    assert Command.ACCEPT in undecided.commands

    give(kiosk, Command.ACCEPT, reason="本人，证件照为五年前", by="王主任")
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)

    assert kiosk.simulator is not None
    record = kiosk.store.captures.latest_complete(kiosk.simulator.people[2].student.id_number)
    assert record is not None
    face = record.result(Step.FACE)
    assert face is not None
    assert (face.verdict, face.decided_by, face.reason) == (Verdict.REVIEW, "王主任", "本人，证件照为五年前")
    assert record.verdict is Verdict.REVIEW


def test_thumb_that_cannot_be_captured_is_an_exception_with_a_reason_and_a_second_person(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB)
    for nobody_else in ("", DEMO_OPERATOR):
        with pytest.raises(KioskError, match=r"station\.second_person"):
            give(kiosk, Command.EXCEPTION, reason="右手拇指受伤", by=nobody_else)
    give(kiosk, Command.EXCEPTION, reason="右手拇指受伤", by="王主任")
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)

    assert kiosk.simulator is not None
    record = kiosk.store.captures.latest_complete(kiosk.simulator.people[0].student.id_number)
    assert record is not None
    thumb = record.result(Step.RIGHT_THUMB)
    assert thumb is not None
    assert (thumb.verdict, thumb.reason, thumb.decided_by) == (Verdict.REVIEW, "右手拇指受伤", "王主任")
    assert thumb.position is None
    assert kiosk.store.captures.biometric(record.id, BiometricKind.RIGHT_THUMB) is None


def test_thumb_that_came_under_another_name_is_shown_to_a_supervisor(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(students=2)
    first = player_of(kiosk, 1)
    first.lay_card()
    first.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    first.leave()
    assert kiosk.simulator is not None
    owner, borrower = kiosk.simulator.people[:2]

    player = Player(kiosk, BorrowedThumbs(kiosk.simulator, owner.number), borrower)
    player.lay_card()
    undecided = player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION)
    assert undecided.step is Step.RIGHT_THUMB
    view = next(view for view in undecided.steps if view.step is Step.RIGHT_THUMB)
    assert view.verdict is Verdict.REVIEW
    (problem,) = view.problems
    assert (problem.code, problem.data["name"]) == ("finger.seen_before", owner.student.name)
    assert owner.student.id_number not in str(problem.data)
    (other,) = view.alike
    earlier = kiosk.store.captures.latest_complete(owner.student.id_number)
    assert earlier is not None
    assert (other.record_id, other.kind, other.name) == (earlier.id, BiometricKind.RIGHT_THUMB, owner.student.name)
    assert other.score.value >= kiosk.settings.finger.seen_before_at
    assert Command.DECLARE_LOOKALIKES not in undecided.commands  # twins' thumbs differ
    give(kiosk, Command.ACCEPT, reason="双胞胎，已核对户口簿", by="王主任")
    player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION and snapshot.step is Step.LEFT_THUMB)


def test_operator_holds_the_confirmation_and_saves_by_hand(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    player.lay_card()
    shown = player.play_until(lambda snapshot: snapshot.phase is Phase.CONFIRM)
    assert shown.finger is FingerPosition.LEFT_THUMB  # whose features the scanner still has
    give(kiosk, Command.HOLD)
    held = kiosk.station.snapshot()
    assert (held.phase, held.finger, held.cue) == (Phase.CONFIRM, None, Cue.READ)
    give(kiosk, Command.SAVE)
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)


def test_abandoned_capture_comes_back_with_the_card(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.step is Step.LEFT_THUMB)
    give(kiosk, Command.ABORT, cause=RefusalReason.LEFT)
    player.play_until(lambda snapshot: snapshot.phase is Phase.REFUSED)
    player.leave()

    again = player_of(kiosk)
    again.lay_card()
    resumed = again.play_until(lambda snapshot: snapshot.step is Step.LEFT_THUMB)
    assert resumed.resumed
    states = {view.step: view.state for view in resumed.steps}
    assert states[Step.FACE] is states[Step.RIGHT_THUMB] is StepState.DONE
    again.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)


def test_presses_that_are_still_being_judged_block_no_screen(start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    judge, go_on = Judges.judge_press, threading.Event()

    def judge_late(judges: Judges, impression: Impression) -> PressJudgement:
        assert go_on.wait(60)
        return judge(judges, impression)

    monkeypatch.setattr(Judges, "judge_press", judge_late)
    kiosk = start_kiosk(settings=comparing("station"))
    try:
        player = player_of(kiosk)
        player.lay_card()
        both = player.play_until(lambda snapshot: any(view.attempts == 2 for view in snapshot.steps))  # neither is judged yet
        assert both.step is Step.RIGHT_THUMB
        began_s = time.monotonic()
        give(kiosk, Command.ABORT, cause=RefusalReason.LEFT)
        wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.REFUSED)
        assert time.monotonic() - began_s < 5
    finally:
        go_on.set()
    player.leave()  # and what is judged now is nobody's


def test_next_finger_is_asked_for_when_the_last_one_is_off_the_glass(start_kiosk: StartKiosk) -> None:
    """However fast it was judged."""
    kiosk = start_kiosk()
    player = player_of(kiosk)
    assert kiosk.simulator is not None
    player.lay_card()
    for step, position, following, asks in (
        (Step.RIGHT_THUMB, FingerPosition.RIGHT_THUMB, Step.LEFT_THUMB, "station.press.left_thumb"),
        (Step.LEFT_THUMB, FingerPosition.LEFT_THUMB, Step.CONFIRM, "station.confirm.left_thumb"),
    ):
        again = f"station.press_again.{step}"
        player.play_until(lambda snapshot, again=again: snapshot.instruction.code == again)  # type: ignore[misc]
        kiosk.simulator.press(1, position)
        still = wait_until(kiosk, lambda snapshot, following=following: snapshot.step is following)  # type: ignore[misc]
        assert (still.cue, still.instruction.code) == (Cue.LIFT, "station.lift_finger")
        kiosk.simulator.lift()
        asked = wait_until(kiosk, lambda snapshot: snapshot.cue is Cue.PRESS)
        assert (asked.step, asked.instruction.code) == (following, asks)


def test_next_students_card_waits_until_this_one_is_done(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(students=2)
    first, second = player_of(kiosk, 1), player_of(kiosk, 2)
    first.lay_card()
    first.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB)
    second.lay_card()
    first.play_until(lambda snapshot: snapshot.notice is not None and snapshot.notice.code == "station.other_card_waits")
    assert kiosk.simulator is not None
    next_student = kiosk.simulator.people[1].student
    first.play_until(lambda snapshot: snapshot.student is not None and snapshot.student == next_student)
    assert kiosk.store.progress.counts(datetime.now().astimezone()).captured == 1


@pytest.mark.parametrize("kind", list(DeviceKind))
def test_plug_pulled_at_every_step_and_put_back_needs_no_click(start_kiosk: StartKiosk, kind: DeviceKind) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    assert kiosk.simulator is not None
    pull_and_put_back(kiosk, kind)
    player.lay_card()
    for step in (Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB):
        player.play_until(lambda snapshot, step=step: snapshot.step is step)  # type: ignore[misc]
        pull_and_put_back(kiosk, kind)
    saved = player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    assert {view.verdict for view in saved.steps} == {Verdict.PASS}


def test_scanner_unplugged_in_the_middle_of_an_upload_asks_for_the_press_again(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.instruction.code == "station.lift_finger")
    player.lift()
    pull_and_put_back(kiosk, DeviceKind.FINGER)
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)


def pull_and_put_back(kiosk: Kiosk, kind: DeviceKind) -> None:
    assert kiosk.simulator is not None
    kiosk.simulator.unplug(kind)
    wait_until(kiosk, lambda snapshot: any(s.kind is kind and s.state is not DeviceState.READY for s in snapshot.devices))
    kiosk.simulator.plug(kind)
    wait_until(kiosk, all_ready)


def test_command_that_is_not_offered_is_refused(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    with pytest.raises(KioskError, match=r"station\.command_unavailable"):
        give(kiosk, Command.SAVE)


def test_outside_the_classs_time_a_student_is_turned_away_until_a_supervisor_lets_him_in(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    assert kiosk.simulator is not None
    student = kiosk.simulator.people[0].student
    now = datetime.now().astimezone()
    kiosk.store.rounds.add(Window("正式采集", now - timedelta(hours=2), now - timedelta(hours=1)), by="负责人")
    player.lay_card()
    refused = wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.REFUSED)
    assert refused.situation is not None
    assert (refused.instruction.code, refused.situation.code) == ("station.ask_teacher", "error.store.window_over")
    wait_until(kiosk, lambda snapshot: snapshot.counts.refused == 1)
    player.leave()
    wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.WAITING)
    kiosk.store.rounds.authorise(student, by="负责人", reason="上午住院", at=now, until=now + timedelta(hours=1))
    player.lay_card()
    wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.STEP)
    assert kiosk.store.captures.unfinished(student.id_number) is not None


def test_row_2_7_a_student_of_another_school_is_captured_at_a_point_by_a_supervisors_word_only(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    assert kiosk.simulator is not None
    student = kiosk.simulator.people[0].student
    kiosk.store.points.put(Point(True, ("社会考生",)), by=Person("考务"))
    elsewhere = replace(student, school="红旗中学", school_code="4205280002")
    kiosk.store.roster.replace_or_update([elsewhere], transfer=True, leaving=lambda _: False)
    player.lay_card()
    refused = wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.REFUSED)
    assert refused.situation is not None
    assert (refused.situation.code, refused.situation.data["school"]) == ("error.store.other_school", "红旗中学")
    assert kiosk.store.captures.unfinished(student.id_number) is None
    give(kiosk, Command.ADMIT, reason="县教育局批准", by="王主任")
    wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.STEP)
    assert kiosk.store.captures.unfinished(student.id_number) is not None
    assert kiosk.store.refusals.all()[0].reason is RefusalReason.OTHER_SCHOOL
