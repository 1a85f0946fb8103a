"""A vendor's passive liveness check, written to a file as a vendor would and loaded by its name."""

from __future__ import annotations

import importlib
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from kiosk.assembly import Kiosk
from kiosk.cli.common import load as load_for_a_command
from kiosk.cli.running import greeting
from kiosk.config import Settings, load
from kiosk.errors import ConfigError, KioskError
from kiosk.pipeline.face.liveness import Challenge
from kiosk.records import CaptureRecord, Frame, Score, Step, Verdict
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.simulation import Scene
from kiosk.snapshot import Command, Phase, Snapshot, StepView
from kiosk.station.passive import PassiveGuard
from kiosk.words import LANGUAGES, say_error, say_message
from tests.conftest import StartKiosk, quick
from tests.orders import give

VENDOR = """
    import threading
    from kiosk.records import Score

    answers = []  # what `score` gives, the last one for ever; exceptions are raised
    shots = []  # frames of each question
    threads = set()
    closed = threading.Event()
    free = threading.Event()  # `score` waits for it
    free.set()

    class AcmeLive:
        name, version = "acme-live", "2.1"

        def score(self, frames):
            shots.append(frames)
            threads.add(threading.current_thread())
            free.wait()
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, BaseException):
                raise answer
            return answer

        def close(self):
            threads.add(threading.current_thread())
            closed.set()

    def make():
        threads.add(threading.current_thread())
        return AcmeLive()
"""
LIVE = Score(0.93, "probability", 0.5)
ATTACK = Score(0.08, "probability", 0.5)
_names = itertools.count(1)

Write = Callable[[str], str]
Vendor = tuple[str, Any]  # what is configured, and the vendor's module


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Puts a vendor's module where Python finds it; gives its name."""
    monkeypatch.syspath_prepend(tmp_path)
    written = []

    def module(source: str) -> str:
        name = f"vendor_{next(_names)}"
        (tmp_path / f"{name}.py").write_text(dedent(source), encoding="utf-8")
        importlib.invalidate_caches()
        written.append(name)
        return name

    yield module
    for name in written:
        sys.modules.pop(name, None)


@pytest.fixture
def vendor(write: Write) -> Iterator[Vendor]:
    name = write(VENDOR)
    module: ModuleType = importlib.import_module(name)
    yield f"{name}:make", module
    module.free.set()


def frames() -> list[Frame]:
    return [Frame(np.zeros((2, 2, 3), np.uint8), number, number / 10) for number in (1, 2)]


def answered(guard: PassiveGuard) -> tuple[Verdict, str, Score | None]:
    found = guard.answer(guard.ask(frames()))
    return found.outcome.verdict, found.outcome.problem.code if found.outcome.problem else "", found.score


def test_a_live_face_passes_and_its_score_is_kept_under_the_products_name_and_version(vendor: Vendor) -> None:
    configured, module = vendor
    guard = PassiveGuard(configured, 5.0)
    assert guard.name == "acme-live 2.1"
    module.answers[:] = [Score(np.float32(0.75), "probability", 0.5)]  # type: ignore[arg-type]
    kept = Score(0.75, "acme-live 2.1 probability", 0.5)
    assert answered(guard) == (Verdict.PASS, "", kept)
    guard.close()
    guard.close()
    assert module.closed.is_set()
    (thread,) = module.threads  # loaded, asked and closed in one thread, which is not the caller's
    assert thread is not threading.current_thread()
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("score", "verdict"),
    [
        (Score(0.5, "probability", 0.5), Verdict.PASS),
        (Score(0.49, "probability", 0.5), Verdict.FAIL),
        (Score(0.49, "attack", 0.5, below=True), Verdict.PASS),
        (Score(0.5, "attack", 0.5, below=True), Verdict.FAIL),
    ],
)
def test_limits_hold_in_both_directions(vendor: Vendor, score: Score, verdict: Verdict) -> None:
    configured, module = vendor
    guard = PassiveGuard(configured, 5.0)
    module.answers[:] = [score]
    said, problem, kept = answered(guard)
    assert said is verdict
    assert (problem == "problem.passive.refused") is (verdict is Verdict.FAIL)
    assert kept is not None
    guard.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        ValueError("licence expired"),
        SystemExit(1),
        TimeoutError(),
        None,
        0.93,
        Score(0.93, "probability"),
        Score(float("nan"), "probability", 0.5),
        Score("high", "probability", 0.5),  # type: ignore[arg-type]
    ],
)
def test_a_check_that_fails_or_talks_nonsense_asks_a_person_and_goes_on(vendor: Vendor, nonsense: object) -> None:
    configured, module = vendor
    guard = PassiveGuard(configured, 5.0)
    module.answers[:] = [nonsense, LIVE]
    assert answered(guard) == (Verdict.REVIEW, "problem.passive.failed", None)
    assert answered(guard)[0] is Verdict.PASS
    guard.close()


def test_a_check_that_hangs_is_not_waited_for_and_keeps_no_more_than_one_shot(vendor: Vendor) -> None:
    configured, module = vendor
    guard = PassiveGuard(configured, 0.2)
    module.answers[:] = [LIVE]
    module.free.clear()
    for _ in range(3):
        assert answered(guard) == (Verdict.REVIEW, "problem.passive.slow", None)
    module.free.set()
    patient = PassiveGuard(configured, 5.0)
    assert answered(patient)[0] is Verdict.PASS
    guard.close()
    patient.close()
    assert len(module.shots) == 2  # the two later ones were forgotten before anybody looked at them


REFUSED = {
    "passive.module": ("raise OSError('no such device')", "make", "no such device"),
    "passive.factory": ("make = 3", "make", "make"),
    "passive.start": ("def make():\n    raise RuntimeError('no licence')", "make", "no licence"),
    "passive.shape": ("class Make:\n    name = 'acme'\n    def score(self): ...", "Make", "version, score(frames), close()"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_check_that_can_not_be_had_is_a_clear_error_at_the_start(write: Write, code: str) -> None:
    source, factory, told = REFUSED[code]
    with pytest.raises(KioskError) as caught:
        PassiveGuard(f"{write(source)}:{factory}", 5.0)
    assert caught.value.code == code
    for language in LANGUAGES:
        words = say_error(language, caught.value)
        assert told in words
        assert "{" not in words


@pytest.mark.parametrize("source", ["import sys\nsys.exit(3)", "import surely_not_installed"])
def test_a_module_that_ends_the_program_or_lacks_another_is_a_clear_error_too(write: Write, source: str) -> None:
    with pytest.raises(KioskError, match=r"passive\.module"):
        PassiveGuard(f"{write(source)}:make", 5.0)
    with pytest.raises(KioskError, match=r"passive\.module"):
        PassiveGuard("surely_not_installed:make", 5.0)


def test_a_check_that_never_gets_ready_is_a_clear_error_and_is_closed_when_it_does(write: Write) -> None:
    name = write(VENDOR.replace("def make():", "def make():\n        free.wait()"))
    module = importlib.import_module(name)
    module.free.clear()
    with pytest.raises(KioskError, match=r"passive\.slow_start"):
        PassiveGuard(f"{name}:make", 5.0, load_s=0.1)
    module.free.set()
    assert module.closed.wait(10)


@pytest.mark.parametrize("wrong", ["acme", "acme:", ":make", "acme.py:make()", "acme/live:make", "a..b:make"])
def test_a_name_that_is_none_is_found_with_the_other_faults_of_the_settings(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[face]\npassive_check = "{wrong}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"face\.passive_check"):
        load(file)


def test_a_command_finds_the_module_beside_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "beside_the_settings.py").write_text(dedent(VENDOR), encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text('[face]\npassive_check = "beside_the_settings:make"\n', encoding="utf-8")
    settings, _ = load_for_a_command(config)
    guard = PassiveGuard(settings.face.passive_check, settings.face.passive_s)
    assert guard.name == "acme-live 2.1"
    guard.close()


# -- a student at the station


def settings(check: str, **face: object) -> Settings:
    values = {"passive_check": check, "liveness": False, "attempts": 1, **face}
    plain = quick()
    return plain.model_copy(update={"face": plain.face.model_copy(update=values)})


def come(kiosk: Kiosk) -> Player:
    wait_until(kiosk, all_ready)
    assert kiosk.simulator is not None
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    return player


def judged(snapshot: Snapshot) -> bool:
    return snapshot.step is Step.RIGHT_THUMB or snapshot.phase is Phase.DECISION


def face_of(snapshot: Snapshot) -> StepView:
    return next(view for view in snapshot.steps if view.step is Step.FACE)


def record_of(kiosk: Kiosk, player: Player) -> CaptureRecord:
    record = kiosk.store.captures.unfinished(player.person.student.id_number)
    assert record is not None
    return record


def test_a_students_record_keeps_what_the_check_said_beside_the_likeness(start_kiosk: StartKiosk, vendor: Vendor) -> None:
    configured, module = vendor
    module.answers[:] = [LIVE]
    kiosk = start_kiosk(settings=settings(configured))
    assert "静默活体检测：acme-live 2.1（未经验证" in "".join(greeting(kiosk, "zh-CN", "http://127.0.0.1:8210"))
    player = come(kiosk)
    assert player.play_until(judged).step is Step.RIGHT_THUMB
    result = record_of(kiosk, player).result(Step.FACE)
    assert result is not None
    assert result.verdict is Verdict.PASS
    likeness, passive = result.scores
    assert likeness.scale == "sface-2021dec cosine"
    assert passive == Score(0.93, "acme-live 2.1 probability", 0.5)
    (shot,) = module.shots
    assert shot[0].pixels.shape == (720, 1280, 3)
    assert not shot[0].pixels.flags.writeable
    assert [frame.at_s for frame in shot] == sorted(frame.at_s for frame in shot)
    kiosk.close()
    assert module.closed.is_set()


def test_an_attack_that_the_check_sees_is_as_a_challenge_that_failed(
    start_kiosk: StartKiosk, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another shot with another challenge, then a person; the answer's frames are shown to the check too."""
    configured, module = vendor
    module.answers[:] = [ATTACK]
    offered: list[list[Challenge]] = []

    def last(challenges: list[Challenge]) -> Challenge:  # never a blink, which anybody may do by chance
        offered.append(challenges)
        return challenges[-1]

    monkeypatch.setattr("kiosk.seeing.framer.secrets.choice", last)
    kiosk = start_kiosk(settings=settings(configured, liveness=True, liveness_s=1.0, attempts=2))
    assert kiosk.simulator is not None
    kiosk.simulator.set_scene(Scene.IGNORES)
    player = come(kiosk)
    view = face_of(player.play_until(judged))
    assert (view.verdict, view.attempts) == (Verdict.FAIL, 2)
    assert [problem.code for problem in view.problems] == ["problem.liveness.no_answer", "problem.passive.refused"]
    for language in LANGUAGES:
        assert "acme-live 2.1" in say_message(language, view.problems[1])
    assert view.scores[1] == Score(0.08, "acme-live 2.1 probability", 0.5)
    assert offered[0][-1] not in offered[-1]
    assert all(shot[-1].at_s - shot[0].at_s >= 0.7 for shot in module.shots)  # through the second that the answer was given


def test_a_refusal_alone_is_enough_and_a_second_shot_may_pass(start_kiosk: StartKiosk, vendor: Vendor) -> None:
    configured, module = vendor
    module.answers[:] = [ATTACK, LIVE]
    kiosk = start_kiosk(settings=settings(configured, attempts=2))
    player = come(kiosk)
    assert player.play_until(judged).step is Step.RIGHT_THUMB
    result = record_of(kiosk, player).result(Step.FACE)
    assert result is not None
    assert (result.verdict, result.attempts, result.problems) == (Verdict.PASS, 2, ())
    assert result.scores[1].value == 0.93


def test_a_check_that_gives_no_answer_brings_the_student_to_a_person_at_once(start_kiosk: StartKiosk, vendor: Vendor) -> None:
    configured, module = vendor
    module.answers[:] = [LIVE]
    module.free.clear()
    kiosk = start_kiosk(settings=settings(configured, attempts=3, passive_s=0.2))
    player = come(kiosk)
    undecided = player.play_until(judged)
    view = face_of(undecided)
    assert (undecided.phase, view.verdict, view.attempts) == (Phase.DECISION, Verdict.REVIEW, 1)
    assert [problem.code for problem in view.problems] == ["problem.passive.slow"]
    assert [score.scale for score in view.scores] == ["sface-2021dec cosine"]
    module.free.set()
    give(kiosk, Command.ACCEPT, reason="已当面核对", by="王主任")
    player.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB)
    result = record_of(kiosk, player).result(Step.FACE)
    assert result is not None
    assert (result.verdict, result.decided_by) == (Verdict.REVIEW, "王主任")
