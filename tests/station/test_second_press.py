"""Who compares the second press, and what is kept of it: every way of a finger step whose scanner can compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from bench.played_station import Played
from bench.sequences import card_of, person
from kiosk.config import Settings
from kiosk.devices import CardPresented, CardRemoved, ImageHeld, PressAgreed
from kiosk.exchange import load_profile
from kiosk.records import BiometricKind, CaptureRecord, FingerPosition, RefusalReason, Score, Step, Verdict
from kiosk.snapshot import Command, Phase
from kiosk.store import Store

RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
OURS, SENSOR = "leader-mcc-relax v5", "ef01-match 3"
STUDENT = person(71)
Sit = Callable[..., Played]


@pytest.fixture
def sit(tmp_path: Path) -> Iterator[Sit]:
    """A student at the right thumb."""
    with Store.open(tmp_path) as store:
        store.roster.replace_or_update([STUDENT])

        def start(*, wanted: BiometricKind | None = None, **finger: Any) -> Played:
            settings = Settings()
            settings = settings.model_copy(update={"finger": settings.finger.model_copy(update=finger)})
            profile = load_profile(settings.station.profile)
            more = [profile.pictures[0].model_copy(update={"kind": wanted})] if wanted else []
            room = Played(store, settings, profile.model_copy(update={"pictures": (*profile.pictures, *more)}))
            room.happen(CardPresented(card_of(STUDENT), 0.1))
            room.shot(0)
            room.settle()
            assert room.board.newest().step is Step.RIGHT_THUMB
            return room

        yield start


def presses(room: Played, *fingers: FingerPosition | None) -> None:
    """One after the other, each judged before the next; None: what is asked for."""
    for finger in fingers:
        room.press_finger(0, finger)
        room.settle()


def record_of(room: Played) -> CaptureRecord:
    found = room.store.captures.unfinished(STUDENT.id_number) or room.store.captures.latest_complete(STUDENT.id_number)
    assert found is not None
    return found


def how(room: Played, step: Step = Step.RIGHT_THUMB) -> tuple[Verdict, list[bool], str, int]:
    """The verdict, which presses the sensor compared, whose score counts, and how many images were kept."""
    record = record_of(room)
    result = record.result(step)
    assert result is not None
    pictures = (BiometricKind.RIGHT_THUMB, BiometricKind.RIGHT_THUMB_SECOND)
    kept = sum(room.store.captures.biometric(record.id, kind) is not None for kind in pictures)
    return result.verdict, [press.by_sensor for press in result.presses], result.scores[0].scale, kept


def test_one_good_image_and_the_sensors_word_are_enough(sit: Sit) -> None:
    room = sit()
    presses(room, None, None)
    assert how(room) == (Verdict.PASS, [False, True], SENSOR, 1)
    presses(room, None, None)
    assert (room.board.newest().phase, room.board.newest().finger) == (Phase.CONFIRM, LEFT)
    presses(room, None)
    assert room.board.newest().phase is Phase.SAVED
    confirmed = record_of(room).result(Step.CONFIRM)
    assert confirmed is not None
    assert (confirmed.position, confirmed.scores[0].scale) == (LEFT, SENSOR)


def test_the_second_press_is_not_asked_for_before_the_first_is_judged(sit: Sit) -> None:
    room = sit()
    first = room.press
    assert first is not None
    room.press_finger(0)
    assert room.press == first
    room.settle()
    assert room.press != first
    assert room.asks[1] == first[0]


@pytest.mark.parametrize(
    "asked",
    [
        {"compared_by": "station"},
        {"single_image_from": 0.95},
        {"wanted": BiometricKind.RIGHT_THUMB_SECOND},
    ],
    ids=["the setting", "a first image that leaves room", "a profile that wants two"],
)
def test_both_are_uploaded_and_ours_is_the_comparison(sit: Sit, asked: dict[str, Any]) -> None:
    room = sit(**asked)
    presses(room, None, None)
    assert how(room) == (Verdict.PASS, [False, False], OURS, 2)


def test_where_the_sensor_finds_another_finger_ours_judges_the_uploaded_image(sit: Sit) -> None:
    room = sit()
    presses(room, None)
    room.kept = (room.kept[0], 99, RIGHT) if room.kept else None  # a sensor that does not know its own finger again
    presses(room, None)
    assert how(room) == (Verdict.PASS, [False, False], OURS, 2)


def test_two_fingers_are_told_apart_as_ever(sit: Sit) -> None:
    room = sit()
    presses(room, None, FingerPosition.RIGHT_INDEX)
    view = next(view for view in room.board.newest().steps if view.step is Step.RIGHT_THUMB)
    assert [problem.code for problem in view.problems] == ["finger.presses_differ"]
    assert (view.scores[0].scale, view.scores[0].met) == (OURS, False)
    assert room.asks[1] is None  # which of the two it was is for our own matcher to say
    presses(room, None)
    assert how(room) == (Verdict.PASS, [False, False, False], OURS, 2)


def test_a_word_of_the_sensor_about_another_press_changes_nothing(sit: Sit) -> None:
    room = sit()
    presses(room, None)
    assert room.press is not None
    late, attempts = room.press[0] - 1, view_of(room).attempts
    room.happen(ImageHeld(late, RIGHT))
    room.happen(PressAgreed(late, RIGHT, Score(200, SENSOR), 0.1, 0.1))
    assert (view_of(room).attempts, record_of(room).result(Step.RIGHT_THUMB)) == (attempts, None)


def test_the_other_hand_at_the_confirmation_is_no_confirmation(sit: Sit) -> None:
    room = sit()
    presses(room, None, None, None, None)
    assert room.board.newest().phase is Phase.CONFIRM
    presses(room, RIGHT)
    shown = room.board.newest()
    assert shown.phase is Phase.DECISION
    assert shown.situation is not None
    assert shown.situation.code == "finger.hands_mixed_up"


def view_of(room: Played) -> Any:
    return next(view for view in room.board.newest().steps if view.step is Step.RIGHT_THUMB)


def test_a_record_goes_on_at_once_while_its_templates_are_still_being_made(sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    room = sit()
    presses(room, None, None, None, None)
    assert room.order(Command.ABORT, cause=RefusalReason.LEFT) is None
    room.happen(CardRemoved())
    waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def begin(work: Callable[[], Any]) -> Future[Any]:
        waiting.append((Future(), work))
        return waiting[-1][0]

    monkeypatch.setattr(room, "begin", begin)
    room.happen(CardPresented(card_of(STUDENT), 0.1))
    assert (room.board.newest().phase, room.board.newest().finger) == (Phase.CONFIRM, RIGHT)
    for future, work in waiting:
        future.set_result(work())
    presses(room, None)
    assert room.board.newest().phase is Phase.SAVED
