"""学籍照相 by the class list: who sits down when called is shot, nobody lays a card, no key is pressed for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk import photo_rehearsal
from kiosk.assembly import Kiosk
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.exchange import load_profile
from kiosk.photo_rehearsal import Plan, rehearse_run
from kiosk.records import (
    BiometricKind,
    ChildState,
    ClassKey,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    Message,
    ProgressState,
    Step,
    Verdict,
)
from kiosk.rehearsal import wait_until
from kiosk.snapshot import Command, Phase, Snapshot
from kiosk.station.board import Album
from kiosk.station.state import Waiting
from kiosk.station.view import View, compose
from tests.conftest import StartKiosk, quick
from tests.orders import give


def photo_station(settings: Settings | None = None) -> Settings:
    """A station whose profile wants a photo and nothing else."""
    settings = settings or quick()
    station = settings.station.model_copy(update={"profile": "cmis-photos"})
    return settings.model_copy(update={"station": station})


def begun(kiosk: Kiosk) -> list[int]:
    """The first class of the roster is before the camera; the simulated people of its list, in its order."""
    assert kiosk.simulator is not None
    wait_until(
        kiosk, lambda seen: any(one.kind is DeviceKind.CAMERA and one.state is DeviceState.READY for one in seen.devices)
    )
    wait_until(kiosk, lambda seen: Command.BEGIN_RUN in seen.commands)
    group = kiosk.store.photo_runs.groups()[0].group
    kiosk.station.begin_run(group, kiosk.station.snapshot().turn)
    return people_of(kiosk)


def people_of(kiosk: Kiosk) -> list[int]:
    assert kiosk.simulator is not None
    line = kiosk.station.snapshot().line
    assert line is not None
    numbers = {person.student.id_number: person.number for person in kiosk.simulator.people}
    return [numbers[child.student.id_number] for child in line.children]


def turn_of(place: int) -> Callable[[Snapshot], bool]:
    """That a place of the list is called, to be shot, and the chair was seen to be free."""
    return lambda seen: (
        seen.line is not None and seen.line.at == place and seen.live and seen.instruction.code == "hint.face.nobody"
    )


def states(kiosk: Kiosk) -> list[ChildState]:
    line = kiosk.station.snapshot().line
    assert line is not None
    return [child.state for child in line.children]


def shoot(kiosk: Kiosk, person: int) -> Snapshot:
    """Whoever is called sits down, is shot, and goes."""
    assert kiosk.simulator is not None
    kiosk.simulator.sit_down(person)
    over = wait_until(kiosk, lambda seen: seen.phase in {Phase.SAVED, Phase.DECISION})
    kiosk.simulator.stand_up()
    return over


def test_row_3_13_the_class_is_shot_by_its_list_without_card_or_key_and_goes_on_where_it_stopped(
    start_kiosk: StartKiosk, tmp_path: Path
) -> None:
    kiosk = start_kiosk(students=4, settings=photo_station())
    assert kiosk.simulator is not None
    people = begun(kiosk)
    first = wait_until(kiosk, turn_of(0))
    assert first.line is not None
    assert first.student == first.line.student
    assert shoot(kiosk, people[0]).phase is Phase.SAVED

    second = wait_until(kiosk, turn_of(1))  # called by itself
    assert second.student is not None
    number = first.line.student.id_number
    record = kiosk.store.captures.latest_complete(number)
    assert record is not None
    assert (record.verdict, record.card, [result.step for result in record.steps]) == (Verdict.PASS, None, [Step.FACE])
    assert kiosk.store.captures.biometric(record.id, BiometricKind.PORTRAIT)

    give(kiosk, Command.SKIP_CHILD)
    wait_until(kiosk, turn_of(2))
    assert kiosk.store.captures.unfinished(second.student.id_number) is None  # who is skipped leaves no half record
    kiosk.close()

    again = start_kiosk(students=4, settings=photo_station(), folder=tmp_path)
    wait_until(again, turn_of(2))
    assert states(again) == [ChildState.SHOT, ChildState.SKIPPED, ChildState.TO_SHOOT, ChildState.TO_SHOOT]
    give(again, Command.ABSENT_CHILD)
    wait_until(again, turn_of(3))
    give(again, Command.PREVIOUS_CHILD)  # has come after all, or it was the wrong key
    called = wait_until(again, turn_of(2))
    assert (Command.PRESENT_CHILD in called.commands, Command.ABSENT_CHILD in called.commands) == (True, False)
    give(again, Command.PRESENT_CHILD)
    wait_until(again, turn_of(2))
    assert states(again)[2] is ChildState.TO_SHOOT
    assert again.store.progress.students()[2].state is ProgressState.TO_CAPTURE
    give(again, Command.ABSENT_CHILD)
    wait_until(again, turn_of(3))
    give(again, Command.ABSENT_CHILD)
    over = wait_until(again, lambda seen: seen.phase is Phase.LINE_OVER)
    assert over.line is not None
    assert [over.line.count(state) for state in ChildState] == [0, 1, 1, 2]
    give(again, Command.END_RUN)
    assert again.station.snapshot().phase is Phase.WAITING


def test_row_3_13_two_in_the_wrong_order_are_noticed_and_one_who_was_shot_is_shot_again_for_a_reason(
    start_kiosk: StartKiosk,
) -> None:
    kiosk = start_kiosk(students=4, settings=photo_station())
    assert kiosk.simulator is not None
    people = begun(kiosk)
    wait_until(kiosk, turn_of(0))
    shoot(kiosk, people[0])
    wait_until(kiosk, turn_of(1))
    doubted = shoot(kiosk, people[0])  # sits down once more, for the next one
    assert doubted.phase is Phase.DECISION
    assert doubted.situation is not None
    assert doubted.situation.code == "face.seen_before"
    with pytest.raises(KioskError, match=r"station\.second_person"):
        give(kiosk, Command.ACCEPT, reason="像前一名")
    give(kiosk, Command.RETRY)
    assert shoot(kiosk, people[1]).phase is Phase.SAVED

    wait_until(kiosk, turn_of(2))
    line = kiosk.station.snapshot().line
    assert line is not None
    kiosk.station.call_child(line.children[0].student.id_number, kiosk.station.snapshot().turn)
    shown = kiosk.station.snapshot()
    assert shown.situation is not None
    assert (shown.situation.code, list(shown.pictures)) == ("station.run.shot_already", [BiometricKind.PORTRAIT])
    with pytest.raises(KioskError, match=r"station\.reason_missing"):
        give(kiosk, Command.RETAKE)
    give(kiosk, Command.RETAKE, reason="闭眼")
    wait_until(kiosk, turn_of(0))
    shoot(kiosk, people[0])
    versions = kiosk.store.captures.versions(line.children[0].student.id_number)
    assert [(one.version, one.recapture_reason) for one in versions] == [(2, "闭眼"), (1, "")]
    with pytest.raises(KioskError, match=r"station\.run\.not_in_class"):
        kiosk.station.call_child("X", kiosk.station.snapshot().turn)


def test_row_3_13_the_rehearsal_plants_who_stays_and_who_is_passed_over_and_says_what_came_of_each(
    start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_rehearsal, "_PLANS", {1: Plan.STAYED, 3: Plan.SKIPPED})
    kiosk = start_kiosk(students=4, settings=photo_station())  # the third would send somebody else, and is not there
    turns = list(rehearse_run(kiosk))
    assert [turn.plan for turn in turns] == [Plan.SHOT, Plan.STAYED, Plan.ABSENT, Plan.SKIPPED, Plan.SKIPPED]
    assert [turn.state for turn in turns][2:] == [ChildState.ABSENT, ChildState.SKIPPED, ChildState.SHOT]
    assert all(turn.as_planned for turn in turns)
    assert [turn.own_s > 0 for turn in turns] == [True, True, False, False, True]
    assert kiosk.station.snapshot().phase is Phase.WAITING


def test_row_3_13_a_station_for_photos_asks_for_no_reader_and_no_scanner() -> None:
    settings, profile = photo_station(), load_profile("cmis-photos")
    needed = profile.devices(settings.workflow.steps)
    assert needed == {DeviceKind.CAMERA}
    view = View(Album(), needed)
    for kind in (DeviceKind.CARD, DeviceKind.FINGER):
        view.devices[kind] = DeviceStatus(kind, DeviceState.LOST, problem=Message("device.unexpected"))
    view.devices[DeviceKind.CAMERA] = DeviceStatus(DeviceKind.CAMERA, DeviceState.READY, "UVC")
    waiting = Waiting(photos=True)
    view.say_of(waiting, card_lies=False, attended=True)
    shown = compose(waiting, 1, view, settings)
    assert [one.step for one in shown.steps] == [Step.FACE]
    assert (shown.instruction.code, shown.notice) == ("station.run.wait", None)
    assert [one.kind for one in shown.devices] == [DeviceKind.CAMERA]
    everything = View(Album(), load_profile("qinghai-xuekao").devices(settings.workflow.steps))
    everything.devices |= view.devices
    assert len(compose(Waiting(), 1, everything, settings).devices) == len(DeviceKind)


def test_row_3_13_a_profile_that_wants_more_than_a_photo_has_no_photo_run(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(students=2)
    wait_until(kiosk, lambda seen: Command.TYPE_IN in seen.commands)
    assert Command.BEGIN_RUN not in kiosk.station.snapshot().commands
    with pytest.raises(KioskError, match=r"station\.command_unavailable"):
        kiosk.station.begin_run(ClassKey("", "", ""), kiosk.station.snapshot().turn)
