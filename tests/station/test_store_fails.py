"""The disk is full: nothing goes on until what is finished is saved, and the student does nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.errors import StoreError
from kiosk.records import Step, StepResult, Verdict
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.snapshot import Command, Phase, StepState
from tests.conftest import StartKiosk
from tests.orders import give


def test_step_that_cannot_be_saved_waits_and_is_saved_on_retry(
    start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = start_kiosk()
    assert kiosk.simulator is not None
    save, full = kiosk.store.captures.save_step, [True]

    def save_unless_full(record_id: str, result: StepResult, *rest: Any) -> Any:
        if full and result.step is Step.FACE:
            raise StoreError("store.disk_full")
        return save(record_id, result, *rest)

    monkeypatch.setattr(kiosk.store.captures, "save_step", save_unless_full)
    wait_until(kiosk, all_ready)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    stopped = player.play_until(lambda snapshot: snapshot.phase is Phase.UNSAVED)
    assert stopped.notice is not None
    assert stopped.notice.code == "error.store.disk_full"
    assert stopped.commands == (Command.RETRY, Command.ABORT)

    full.clear()
    give(kiosk, Command.RETRY)
    going_on = player.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB)
    face = next(view for view in going_on.steps if view.step is Step.FACE)
    assert (face.state, face.verdict, face.attempts) == (StepState.DONE, Verdict.PASS, 1)


def test_student_whose_record_cannot_be_begun_is_told_so_and_comes_again(
    start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = start_kiosk()
    assert kiosk.simulator is not None
    begin, full = kiosk.store.captures.begin, [True]

    def begin_unless_full(*args: Any, **kwargs: Any) -> Any:
        if full:
            raise StoreError("store.disk_full")
        return begin(*args, **kwargs)

    monkeypatch.setattr(kiosk.store.captures, "begin", begin_unless_full)
    wait_until(kiosk, all_ready)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    refused = player.play_until(lambda snapshot: snapshot.phase is Phase.REFUSED)
    assert refused.situation is not None
    assert refused.situation.code == "error.store.disk_full"
    player.leave()

    full.clear()
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.step is Step.FACE)
