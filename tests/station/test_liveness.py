"""A station that asks for proof of life after the shot."""

from __future__ import annotations

import pytest

from kiosk.assembly import Kiosk
from kiosk.config import Settings
from kiosk.pipeline.face.liveness import Challenge
from kiosk.records import Step, Verdict
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.snapshot import Command, Phase
from tests.conftest import StartKiosk, quick

pytestmark = pytest.mark.timeout(180)


def alert() -> Settings:
    settings = quick()
    return settings.model_copy(
        update={"face": settings.face.model_copy(update={"liveness": True, "liveness_s": 4.0, "attempts": 1})}
    )


def started(start_kiosk: StartKiosk) -> Kiosk:
    kiosk = start_kiosk(settings=alert())
    wait_until(kiosk, all_ready)
    return kiosk


@pytest.mark.parametrize("challenge", list(Challenge))
def test_a_student_who_does_what_the_screen_asks_passes(
    start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch, challenge: Challenge
) -> None:
    kiosk = started(start_kiosk)
    assert kiosk.simulator is not None
    monkeypatch.setattr("kiosk.station.framer.secrets.choice", lambda _: challenge)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    asked = player.play_until(lambda snapshot: snapshot.instruction.code.startswith("hint.liveness."))
    assert asked.instruction == challenge.instruction
    later = player.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB or snapshot.phase is Phase.DECISION)
    assert later.step is Step.RIGHT_THUMB


def test_a_face_that_answers_nothing_comes_to_a_person(start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk = started(start_kiosk)
    assert kiosk.simulator is not None
    monkeypatch.setattr("kiosk.station.framer.secrets.choice", lambda _: Challenge.TURN_LEFT)
    monkeypatch.setattr(kiosk.simulator, "perform", lambda challenge: None)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    undecided = player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION)
    assert undecided.step is Step.FACE
    face = next(view for view in undecided.steps if view.step is Step.FACE)
    assert [problem.code for problem in face.problems] == ["problem.liveness.no_answer"]
    assert face.verdict is Verdict.FAIL
    kiosk.station.command(Command.ABANDON)
    player.leave()
