"""A thumb that can't be had is replaced by the hand's next finger, and everybody is told which one it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.config import FingerSettings
from kiosk.exchange.fields import step_name, wanted_finger
from kiosk.exchange.profile import read_profile
from kiosk.records import (
    OWN_FINGER,
    BiometricKind,
    CaptureRecord,
    DeviceKind,
    FingerPosition,
    ProgressState,
    RecordState,
    RefusalReason,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.simulation import DEMO_OPERATOR
from kiosk.snapshot import Command, Phase, StepState
from kiosk.station.steps.finger_order import wanted
from kiosk.store.codec import dump_detail, load_detail
from kiosk.web.operator_words import for_operator
from kiosk.web.student_words import for_student
from tests.conftest import StartKiosk
from tests.orders import give
from tests.station.test_student import player_of

AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
SETTINGS = FingerSettings()
RIGHT = Step.RIGHT_THUMB


def test_a_bandaged_thumb_is_replaced_by_the_index_finger_and_comes_back_after_an_interruption(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    player = player_of(kiosk)
    player.lay_card()
    asked = player.play_until(lambda snapshot: snapshot.instruction.code == "station.press.right_thumb")
    assert Command.NEXT_FINGER in asked.commands
    give(kiosk, Command.NEXT_FINGER, reason="拇指包扎")
    asked = player.play_until(lambda snapshot: snapshot.instruction.code == "station.press.right_index")
    assert BiometricKind.RIGHT_THUMB not in asked.pictures
    give(kiosk, Command.ABORT, cause=RefusalReason.LEFT)
    player.play_until(lambda snapshot: snapshot.phase is Phase.REFUSED)
    player.leave()

    again = player_of(kiosk)
    again.lay_card()
    resumed = again.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB)
    assert resumed.instruction.code == "station.press.right_index"
    saved = again.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    view = next(view for view in saved.steps if view.step is RIGHT)
    assert (view.state, view.position, view.verdict) == (StepState.DONE, FingerPosition.RIGHT_INDEX, Verdict.REVIEW)

    (captured,) = [entry for entry in kiosk.store.progress.students() if entry.record_id]
    record = kiosk.store.captures.latest_complete(captured.student.id_number)
    assert record is not None
    assert (captured.state, captured.stand_ins) == (ProgressState.REVIEW, (FingerPosition.RIGHT_INDEX,))
    result = record.result(RIGHT)
    assert result is not None
    assert (result.decided_by, result.reason) == (DEMO_OPERATOR, "拇指包扎")
    assert result.stands_in
    left = record.result(Step.LEFT_THUMB)
    assert left is not None
    assert (left.position, left.verdict) == (FingerPosition.LEFT_THUMB, Verdict.PASS)
    assert kiosk.store.captures.biometric(record.id, BiometricKind.RIGHT_THUMB) is not None
    assert record.given_up(RIGHT)[0].device_s > 0  # the time that went into the bandaged one is kept, too
    for found in (result, left):  # and every press, with the scanner's name
        assert (len(found.presses), found.device) == (found.attempts, kiosk.checkup.status().devices[DeviceKind.FINGER].model)
        assert all(press.quality or press.by_sensor for press in found.presses if press.verdict is Verdict.PASS)


def record_of(*steps: StepResult) -> CaptureRecord:
    return CaptureRecord("1", Student("张三", "1"), 1, AT, "", "", "", "", RecordState.OPEN, steps=steps)


def given_up(position: FingerPosition) -> StepResult:
    return StepResult(RIGHT, Verdict.FAIL, AT, decided_by="采集员", reason="受伤", position=position)


def test_fingers_come_in_the_configured_order_and_after_the_last_the_thumb_comes_again() -> None:
    settings = FingerSettings(right_order=("thumb", "middle", "index"))
    thumb, middle, index = FingerPosition.RIGHT_THUMB, FingerPosition.RIGHT_MIDDLE, FingerPosition.RIGHT_INDEX
    for gone, asked in (((), thumb), ((thumb,), middle), ((thumb, middle), index), ((thumb, middle, index), thumb)):
        assert wanted(record_of(*map(given_up, gone)), RIGHT, settings) is asked
    assert wanted(record_of(given_up(thumb)), Step.LEFT_THUMB, settings) is FingerPosition.LEFT_THUMB


def test_a_finger_that_the_order_no_longer_knows_is_followed_by_the_first() -> None:
    settings = FingerSettings(right_order=("thumb", "index"))
    assert wanted(record_of(given_up(FingerPosition.RIGHT_RING)), RIGHT, settings) is FingerPosition.RIGHT_THUMB


def test_a_finger_that_was_given_up_settles_nothing() -> None:
    gone = given_up(FingerPosition.RIGHT_THUMB)
    assert not record_of(gone).is_settled(RIGHT)
    assert record_of(gone, replace(gone, verdict=Verdict.REVIEW, position=FingerPosition.RIGHT_INDEX)).is_settled(RIGHT)


@pytest.mark.parametrize("order", [(), ("thumb", "index", "index"), ("toe",)])
def test_an_order_names_fingers_and_none_twice(order: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="right_order"):
        FingerSettings.model_validate({"right_order": order})


INDEX_FIRST = """
title = "食指优先"
[fingers]
right = ["index", "middle", "thumb"]
left = ["index", "middle", "thumb"]
[[picture]]
kind = "right_thumb"
file = "{id_number}_R"
suffix = "png"
[[column]]
header = "右手食指"
picture = "right_thumb"
"""


def test_a_province_that_wants_index_fingers_first_gets_them_and_says_so_everywhere(
    start_kiosk: StartKiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is the profile's: flow, screens, record and sheet follow it, and a thumb stands in for an index finger."""
    path = tmp_path / "index-first.toml"
    path.write_text(INDEX_FIRST, encoding="utf-8")
    profile = read_profile(path)
    monkeypatch.setattr("kiosk.assembly.load_profile", lambda _: profile)
    kiosk = start_kiosk()
    player = player_of(kiosk)
    player.lay_card()
    asked = player.play_until(lambda snapshot: snapshot.instruction.code == "station.press.right_index")
    names = [step["name"] for step in for_operator(asked, kiosk.settings.workflow.steps, "zh-CN")["steps"]]
    assert [name for name in names if "手" in name] == ["右手食指", "左手食指"]
    assert "左手食指" in [step["name"] for step in for_student(asked, kiosk.settings.workflow.steps, ("zh-CN",))["progress"]]
    saved = player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    assert {view.verdict for view in saved.steps if view.step in OWN_FINGER} == {Verdict.PASS}
    (captured,) = [entry for entry in kiosk.store.progress.students() if entry.record_id]
    record = kiosk.store.captures.latest_complete(captured.student.id_number)
    assert record is not None
    assert (captured.state, record.stand_ins) == (ProgressState.CAPTURED, ())
    assert [wanted_finger(record, step) for step in OWN_FINGER] == ["右手食指", "左手食指"]


def test_where_index_fingers_are_wanted_a_thumb_stands_in_for_one() -> None:
    settings = FingerSettings(right_order=("index", "thumb"))
    index, thumb = FingerPosition.RIGHT_INDEX, FingerPosition.RIGHT_THUMB
    assert wanted(record_of(), RIGHT, settings) is index
    gone = replace(given_up(index), wanted=index)
    assert wanted(record_of(gone), RIGHT, settings) is thumb
    stands_in = record_of(gone, replace(gone, verdict=Verdict.REVIEW, position=thumb))
    assert stands_in.stand_ins == (thumb,)
    assert step_name(stands_in, RIGHT) == "右手食指改采右手拇指"
    assert load_detail(dump_detail(gone), RIGHT)["wanted"] is index
