"""A station that asks for proof of life after the shot."""

from __future__ import annotations

import pytest

from kiosk.assembly import Kiosk
from kiosk.config import Settings
from kiosk.pipeline.face.liveness import Challenge
from kiosk.records import BiometricKind, RefusalReason, Step, Verdict
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.simulation import Scene
from kiosk.snapshot import Command, Phase
from tests.conftest import StartKiosk, quick
from tests.orders import give


def alert() -> Settings:
    """Asks because the profile wants it; one attempt."""
    settings = quick()
    face = settings.face.model_copy(update={"liveness": None, "liveness_s": 4.0, "attempts": 1})
    return settings.model_copy(update={"face": face})


CLEAR = 1  # of the simulated people, one whose blinks and open mouth are plain to see


def started(start_kiosk: StartKiosk, fps: int = 15) -> Kiosk:
    kiosk = start_kiosk(students=CLEAR + 1, settings=alert(), fps=fps)  # fewer would miss a blink, which is then not asked
    wait_until(kiosk, all_ready)
    return kiosk


@pytest.mark.parametrize("challenge", list(Challenge))
def test_a_student_who_does_what_the_screen_asks_passes(
    start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch, challenge: Challenge
) -> None:
    kiosk = started(start_kiosk)
    assert kiosk.simulator is not None
    chosen: list[Challenge] = []
    on_offer: list[list[Challenge]] = []

    def choice(offered: list[Challenge]) -> Challenge:
        on_offer.append(offered)
        chosen.append(challenge if challenge in offered else offered[0])
        return chosen[-1]

    monkeypatch.setattr("kiosk.seeing.framer.secrets.choice", choice)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[CLEAR])
    player.lay_card()
    asked = player.play_until(lambda snapshot: snapshot.instruction.code.startswith("hint.liveness."))
    assert chosen[0] is challenge or challenge not in on_offer[0]  # a machine too slow to see it does not ask
    assert asked.instruction in [one.instruction for one in chosen]  # who blinks by chance is asked the next thing at once
    assert asked.answer_s == 4.0
    later = player.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB or snapshot.phase is Phase.DECISION)
    assert later.step is Step.RIGHT_THUMB


@pytest.mark.parametrize("scene", [Scene.IGNORES, Scene.PRINTED_PHOTO])
def test_a_face_that_answers_nothing_comes_to_a_person_with_its_picture(
    start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch, scene: Scene
) -> None:
    kiosk = started(start_kiosk, fps=8)  # each picture of a print is rendered ray by ray
    assert kiosk.simulator is not None
    monkeypatch.setattr("kiosk.seeing.framer.secrets.choice", lambda _: Challenge.OPEN_MOUTH)
    kiosk.simulator.set_scene(scene)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    undecided = player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION)
    assert undecided.step is Step.FACE
    face = next(view for view in undecided.steps if view.step is Step.FACE)
    assert face.problems[0].code == "problem.liveness.no_answer"
    assert face.verdict is Verdict.FAIL
    record = kiosk.store.captures.unfinished(player.person.student.id_number)
    assert record is not None
    for kind in (BiometricKind.LIVE_FACE, BiometricKind.PORTRAIT, BiometricKind.CHIP_PHOTO):
        assert kiosk.store.captures.biometric(record.id, kind), kind
    give(kiosk, Command.ABORT, cause=RefusalReason.LEFT)
    player.leave()


def test_a_picture_taken_by_hand_comes_to_a_person_at_once(start_kiosk: StartKiosk) -> None:
    settings = alert()
    face = settings.face.model_copy(update={"attempts": 3, "hold_s": 60.0})
    kiosk = start_kiosk(settings=settings.model_copy(update={"face": face}))
    wait_until(kiosk, all_ready)
    assert kiosk.simulator is not None
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.instruction.code == "hint.face.hold_still")
    give(kiosk, Command.SHOOT)
    undecided = player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION)
    view = next(view for view in undecided.steps if view.step is Step.FACE)
    assert (view.verdict, view.attempts) == (Verdict.REVIEW, 1)
    assert [problem.code for problem in view.problems] == ["problem.liveness.not_asked"]


def test_a_student_whose_answer_was_not_seen_is_asked_for_something_else(
    start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = alert()
    face = settings.face.model_copy(update={"liveness_s": 1.0, "attempts": 2})
    kiosk = start_kiosk(settings=settings.model_copy(update={"face": face}))
    wait_until(kiosk, all_ready)
    assert kiosk.simulator is not None
    offered: list[list[Challenge]] = []

    def last(challenges: list[Challenge]) -> Challenge:  # never a blink, which anybody may do by chance
        offered.append(challenges)
        return challenges[-1]

    monkeypatch.setattr("kiosk.seeing.framer.secrets.choice", last)
    kiosk.simulator.set_scene(Scene.IGNORES)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION)
    assert len(offered) >= 2  # a face that is lost from sight for a moment is asked anew
    for at, earlier in enumerate(offered):
        assert all(earlier[-1] not in later for later in offered[at + 1 :])
