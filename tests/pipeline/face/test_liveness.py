"""Challenges answered by living people, and not by photos and recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from drivers_sim.camera.attacks import PRESENTED, Attack, Moment, attack
from drivers_sim.camera.scene import Act, compose
from kiosk.pipeline.face import NOT_FOLLOWED, Challenge, FaceAnalyser, LivenessCheck, Outcome, ProofOfLife, answerable
from kiosk.records import Frame, Image, Verdict
from kiosk.words import catalogue

FPS = 12
TIMEOUT_S = 2.5
PRESENTED_S = 2.0  # an attack: each of its pictures is rendered ray by ray
ANSWERS = {
    Challenge.BLINK: Act.BLINK,
    Challenge.TURN_LEFT: Act.TURN_LEFT,
    Challenge.TURN_RIGHT: Act.TURN_RIGHT,
    Challenge.OPEN_MOUTH: Act.OPEN_MOUTH,
}
LENGTH_S = {Act.BLINK: 0.5, Act.TURN_LEFT: 1.6, Act.TURN_RIGHT: 1.6, Act.OPEN_MOUTH: 1.2}


def sitting(face: int, seconds: float) -> Iterator[Image]:
    """Somebody who looks into the camera and doesn't blink."""
    for number in range(round(seconds * FPS)):
        yield compose(face, Act.SIT, (number / FPS / 4) % 0.7, number)


def doing(face: int, act: Act) -> Iterator[Image]:
    count = round(LENGTH_S[act] * FPS)
    for number in range(count):
        yield compose(face, act, number / count, number)


def answer(
    analyser: FaceAnalyser, challenge: Challenge, *scenes: Iterator[Image], timeout_s: float = TIMEOUT_S
) -> Outcome | None:
    check = LivenessCheck(challenge, asked_at_s=0.0, timeout_s=timeout_s)
    number = 0
    for scene in scenes:
        for pixels in scene:
            at_s = number / FPS
            number += 1
            if outcome := check.consider(analyser.analyse(Frame(pixels, number, at_s)), at_s):
                return outcome
    return None


def failed(outcome: Outcome | None, *why: str) -> bool:
    return (
        outcome is not None
        and outcome.verdict is Verdict.FAIL
        and outcome.problem is not None
        and outcome.problem.code in {f"problem.liveness.{reason}" for reason in why}
    )


@pytest.mark.parametrize("challenge", Challenge)
@pytest.mark.parametrize("face", [0, 7])
def test_a_student_who_does_what_is_asked_passes(analyser: FaceAnalyser, challenge: Challenge, face: int) -> None:
    outcome = answer(analyser, challenge, sitting(face, 0.6), doing(face, ANSWERS[challenge]), sitting(face, 0.4))
    assert outcome == Outcome(Verdict.PASS)


@pytest.mark.parametrize("challenge", [Challenge.BLINK, Challenge.TURN_LEFT])
def test_a_student_who_only_sits_there_does_not_pass(analyser: FaceAnalyser, challenge: Challenge) -> None:
    assert failed(answer(analyser, challenge, sitting(0, 2.8)), "no_answer")


@pytest.mark.parametrize(
    ("challenge", "act"),
    [
        (Challenge.TURN_LEFT, Act.TURN_RIGHT),
        (Challenge.TURN_RIGHT, Act.TURN_LEFT),
        (Challenge.BLINK, Act.TURN_LEFT),
        (Challenge.BLINK, Act.OPEN_MOUTH),
        (Challenge.OPEN_MOUTH, Act.TURN_RIGHT),
    ],
)
def test_another_answer_than_asked_is_a_recording(analyser: FaceAnalyser, challenge: Challenge, act: Act) -> None:
    assert failed(answer(analyser, challenge, sitting(0, 0.6), doing(0, act), sitting(0, 0.4)), "wrong_answer")


def test_a_blink_while_turning_does_no_harm(analyser: FaceAnalyser) -> None:
    scenes = (sitting(0, 0.4), doing(0, Act.BLINK), sitting(0, 0.2), doing(0, Act.TURN_LEFT), sitting(0, 0.4))
    assert answer(analyser, Challenge.TURN_LEFT, *scenes) == Outcome(Verdict.PASS)


def test_what_was_under_way_before_the_challenge_does_not_count(analyser: FaceAnalyser) -> None:
    assert answer(analyser, Challenge.BLINK, doing(0, Act.BLINK), sitting(0, 1.0)) is None


def scene(kind: Attack, act: Act = Act.SIT, *, seconds: float = PRESENTED_S + 0.2, seed: int = 0) -> Iterator[Image]:
    """An attack by somebody who sees what is asked, and does what can be done with it."""
    for number in range(round(seconds * FPS)):
        share = (number / FPS - 0.3) / LENGTH_S.get(act, 1.0)
        acts = act is not Act.SIT and 0 <= share < 1
        moment = Moment(number / FPS, number, act, share) if acts else Moment(number / FPS, number)
        yield attack(kind, 0, 4, moment, seed)


# What each kind of instrument is refused for (bench/attacks.py says how often which is).
HELD = {
    Attack.PRINTED_PHOTO: (Challenge.BLINK, {"no_answer", "face_lost"}),
    Attack.TURNED_PHOTO: (Challenge.TURN_LEFT, {"flat", "face_lost", "face_changed", "no_answer"}),
    Attack.BENT_PHOTO: (Challenge.BLINK, {"no_answer", "face_lost"}),
    Attack.CUT_OUT: (Challenge.TURN_RIGHT, {"flat", "face_lost", "face_changed", "no_answer", "wrong_answer"}),
    Attack.SCREEN_PHOTO: (Challenge.OPEN_MOUTH, {"no_answer", "face_lost"}),
    Attack.PHONE_REPLAY: (Challenge.TURN_LEFT, {"no_answer", "face_lost"}),
    Attack.RECORDED_ACTS: (Challenge.TURN_RIGHT, {"wrong_answer"}),
}


@pytest.mark.parametrize("kind", HELD)
def test_paper_and_recordings_that_show_something_else_do_not_pass(analyser: FaceAnalyser, kind: Attack) -> None:
    challenge, why = HELD[kind]
    assert failed(answer(analyser, challenge, scene(kind, ANSWERS[challenge]), timeout_s=PRESENTED_S), *why)


@pytest.mark.parametrize("kind", sorted(set(PRESENTED) - set(HELD)))
def test_a_recording_that_is_steered_passes_as_is_said_everywhere(analyser: FaceAnalyser, kind: Attack) -> None:
    assert answer(analyser, Challenge.TURN_LEFT, scene(kind, Act.TURN_LEFT)) == Outcome(Verdict.PASS)


def test_whoever_did_what_paper_can_do_is_asked_to_turn_the_head_as_well(analyser: FaceAnalyser) -> None:
    proof = ProofOfLife(Challenge.OPEN_MOUTH, lambda turns: turns[-1], 0.0, TIMEOUT_S)
    asked, outcome = [proof.challenge], None
    scenes = (sitting(0, 0.4), doing(0, Act.OPEN_MOUTH), sitting(0, 0.3), doing(0, Act.TURN_RIGHT), sitting(0, 0.4))
    for number, pixels in enumerate(chain(*scenes), 1):
        outcome = proof.consider(analyser.analyse(Frame(pixels, number, number / FPS)), number / FPS)
        if proof.challenge is not asked[-1]:
            asked.append(proof.challenge)
        if outcome:
            break
    assert (asked, outcome) == ([Challenge.OPEN_MOUTH, Challenge.TURN_RIGHT], Outcome(Verdict.PASS))


def watched(check: LivenessCheck, analyser: FaceAnalyser, pictures: Iterator[Image], *, every_s: float) -> Outcome | None:
    """As `answer`, by a computer that looks only so often."""
    for number, pixels in enumerate(pictures, 1):
        at_s = number * every_s
        if outcome := check.consider(analyser.analyse(Frame(pixels, number, at_s)), at_s):
            return outcome
    return None


def slowly(face: int, act: Act, *, fps: float, after_s: float) -> Iterator[Image]:
    """Somebody who sits still, does something once after a while, and sits still for ever; so often looked at."""
    for number in range(round(60 * fps)):
        share = (number / fps - after_s) / LENGTH_S[act]
        yield compose(face, act, share, number) if 0 <= share < 1 else compose(face, Act.SIT, 0.2, number)


def test_on_a_slow_computer_the_time_for_the_answer_is_the_time_that_was_looked_at(analyser: FaceAnalyser) -> None:
    check = LivenessCheck(Challenge.TURN_LEFT, asked_at_s=0.0, timeout_s=TIMEOUT_S)
    late = slowly(0, Act.TURN_LEFT, fps=2, after_s=TIMEOUT_S + 0.5)
    assert watched(check, analyser, late, every_s=0.5) == Outcome(Verdict.PASS)


def test_an_answer_that_a_slow_computer_missed_is_not_held_against_the_student(analyser: FaceAnalyser) -> None:
    check = LivenessCheck(Challenge.BLINK, asked_at_s=0.0, timeout_s=TIMEOUT_S)
    still = slowly(0, Act.BLINK, fps=2, after_s=100)
    assert watched(check, analyser, still, every_s=0.5) == NOT_FOLLOWED
    assert not NOT_FOLLOWED.counts


def test_one_look_without_a_face_is_no_loss_of_the_student_however_seldom_is_looked(analyser: FaceAnalyser) -> None:
    check = LivenessCheck(Challenge.TURN_LEFT, asked_at_s=0.0, timeout_s=TIMEOUT_S)
    pictures = list(slowly(0, Act.TURN_LEFT, fps=2, after_s=2.0))
    pictures[2] = compose(0, Act.EMPTY, 0, 0)
    assert watched(check, analyser, iter(pictures), every_s=0.5) == Outcome(Verdict.PASS)


def test_nobody_is_followed_through_a_second_in_which_nothing_was_seen(analyser: FaceAnalyser) -> None:
    check = LivenessCheck(Challenge.OPEN_MOUTH, asked_at_s=0.0, timeout_s=TIMEOUT_S)
    for number, at_s in enumerate((0.1, 0.2, 0.3)):
        assert check.consider(analyser.analyse(Frame(compose(0, Act.SIT, 0.2, number), number, at_s)), at_s) is None
    assert check.consider(analyser.analyse(Frame(compose(0, Act.SIT, 0.2, 9), 9, 1.4)), 1.4) == NOT_FOLLOWED


def test_what_a_slow_computer_would_miss_is_not_asked() -> None:
    assert all(answerable(challenge, 1 / FPS) for challenge in Challenge)
    assert [one for one in Challenge if answerable(one, 0.4)] == [Challenge.TURN_LEFT, Challenge.TURN_RIGHT]


def test_a_second_person_ends_the_check(analyser: FaceAnalyser) -> None:
    outcome = answer(analyser, Challenge.TURN_LEFT, sitting(0, 0.5), scene(Attack.SECOND_PERSON))
    assert failed(outcome, "second_face")


def test_changing_places_ends_the_check(analyser: FaceAnalyser) -> None:
    def moved(pictures: Iterator[Image], by: int) -> Iterator[Image]:
        for picture in pictures:
            yield picture[:, list(range(by, 1280)) + [1279] * by].copy()

    outcome = answer(analyser, Challenge.BLINK, sitting(0, 0.5), moved(sitting(1, 1.0), 260))
    assert failed(outcome, "face_changed", "face_lost")


def test_every_challenge_and_problem_has_words() -> None:
    wanted: Callable[[str], bool] = lambda code: code in catalogue("zh-CN") and code in catalogue("en")  # noqa: E731
    assert all(wanted(challenge.instruction.code) for challenge in Challenge)
    for problem in ("no_answer", "second_face", "face_lost", "face_changed", "wrong_answer", "flat", "not_followed"):
        assert wanted(f"problem.liveness.{problem}")
