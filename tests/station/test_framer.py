"""What the framing thread tells the station."""

from __future__ import annotations

import queue
import threading
import time

import numpy as np
import pytest

from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.pipeline.face import EXAM_PHOTO, NOT_FOLLOWED, Challenge, FaceLook, Outcome
from kiosk.pipeline.face.framing import HOLD_STILL
from kiosk.records import Cue, Frame, Measure, Message, Verdict
from kiosk.seeing.events import GuideSaid, ShotTaken
from kiosk.seeing.framer import Framer
from kiosk.seeing.judges import Prepared

CLOSER = Message("hint.face.closer")


def unprepared(_: Frame, __: FaceLook) -> Prepared:
    """Of which nothing is known before the shutter falls."""
    raise KioskError("face.not_found")


class Camera:
    """A frame as soon as one is asked for."""

    def newest(self, after: int = 0, timeout_s: float = 1.0) -> Frame | None:
        return Frame(np.zeros((2, 2, 3), np.uint8), after + 1, (after + 1) / 30)


class Looks:
    """An analyser that sees what it is told to see, and the last look for ever."""

    def __init__(self, looks: list[FaceLook]) -> None:
        self._looks = looks
        self.seen_all = threading.Event()

    def reset(self) -> None: ...

    def analyse(self, _: Frame) -> FaceLook:
        if len(self._looks) == 1:
            self.seen_all.set()
            return self._looks[0]
        return self._looks.pop(0)


def look(said: Message, good: bool) -> FaceLook:
    return FaceLook(1, (), said, good, float(good), None, None)


def test_colour_and_words_change_together_and_a_blink_changes_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    still = [look(HOLD_STILL, good=number % 3 > 0) for number in range(12)]
    looks = Looks([look(CLOSER, good=False), look(CLOSER, good=True), *still, look(CLOSER, good=False)])
    monkeypatch.setattr("kiosk.seeing.framer.FaceAnalyser", lambda *_: looks)
    said: queue.SimpleQueue[GuideSaid | ShotTaken] = queue.SimpleQueue()
    framer = Framer(Camera(), FaceSettings(hold_s=60.0), EXAM_PHOTO, said.put, liveness=False, prepare=unprepared)
    framer.start()
    framer.sit(7)
    assert looks.seen_all.wait(10)
    heard = [said.get(timeout=10) for _ in range(3)]
    framer.stop()
    closer, still = GuideSaid(7, CLOSER, False, Cue.CLOSER), GuideSaid(7, HOLD_STILL, True, Cue.HOLD_STILL)  # type: ignore[assignment]
    assert heard == [closer, still, closer]
    assert said.empty()


class Script:
    """A camera that gives these frames, one for each question, and then nothing."""

    def __init__(self, *frames: tuple[float, int]) -> None:
        """Each frame: when it was taken, in seconds, and in which opening of the camera."""
        self._frames = [Frame(np.zeros((2, 2, 3), np.uint8), n, at_s, opening) for n, (at_s, opening) in enumerate(frames, 1)]
        self.given = threading.Event()

    def newest(self, after: int = 0, timeout_s: float = 1.0) -> Frame | None:
        if after < len(self._frames):
            return self._frames[after]
        self.given.set()
        threading.Event().wait(0.01)
        return None


class Sitting:
    """An analyser that sees one and the same face, good in every frame."""

    def reset(self) -> None: ...

    def analyse(self, _: Frame) -> FaceLook:
        measures = tuple(
            Measure(name, value, None, None, Verdict.PASS)
            for name, value in (("HeadPoseYaw", 0.0), ("EyesOpen", 0.3), ("MouthClosed", 0.0))
        )
        face = np.random.default_rng(1).uniform(0, 400, (478, 2)).astype(np.float32)
        return FaceLook(1, measures, HOLD_STILL, True, 1.0, None, face)


def sat(monkeypatch: pytest.MonkeyPatch, camera: Script, *, liveness: bool, hold_s: float = 0.3) -> ShotTaken:
    """The shot of one sitting before a camera."""
    monkeypatch.setattr("kiosk.seeing.framer.FaceAnalyser", lambda *_: Sitting())
    said: queue.SimpleQueue[GuideSaid | ShotTaken] = queue.SimpleQueue()
    framer = Framer(
        camera, FaceSettings(hold_s=hold_s, liveness_s=1.0), EXAM_PHOTO, said.put, liveness=liveness, prepare=unprepared
    )
    framer.start()
    framer.sit(7)
    try:
        while not isinstance(told := said.get(timeout=10), ShotTaken):
            pass
        return told
    finally:
        framer.stop()


def test_a_camera_that_was_away_for_a_moment_begins_a_new_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Script((1.0, 1), (1.2, 1), (1.4, 2), (1.5, 2), (1.6, 2), (1.7, 2), (1.8, 2))
    taken = sat(monkeypatch, camera, liveness=False)
    assert {frame.opening for frame in (taken.shot.best, *taken.shot.others)} == {2}


def test_a_plug_that_is_pulled_during_the_challenge_says_nothing_about_the_student(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Script((1.0, 1), (1.2, 1), (1.4, 1), (1.5, 1), (1.6, 2))
    assert sat(monkeypatch, camera, liveness=True).liveness == NOT_FOLLOWED


def test_a_camera_that_stays_away_for_longer_than_the_answer_may_take_says_nothing_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera = Script((1.0, 1), (1.2, 1), (1.4, 1), (60.0, 1))
    assert sat(monkeypatch, camera, liveness=True).liveness == NOT_FOLLOWED


def test_a_student_who_does_nothing_before_a_good_camera_has_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.seeing.framer.secrets.choice", lambda _: Challenge.TURN_LEFT)
    camera = Script(*[(1 + number / 10, 1) for number in range(40)])
    outcome = sat(monkeypatch, camera, liveness=True).liveness
    assert outcome == Outcome(Verdict.FAIL, Message("problem.liveness.no_answer"))


def test_a_computer_that_looks_twice_a_second_asks_for_no_blink(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[Challenge] = []

    def first(challenges: list[Challenge]) -> Challenge:
        offered.extend(challenges)
        return challenges[0]

    monkeypatch.setattr("kiosk.seeing.framer.secrets.choice", first)
    sat(monkeypatch, Script(*[(1 + number / 2, 1) for number in range(20)]), liveness=True)
    assert offered == [Challenge.TURN_LEFT, Challenge.TURN_RIGHT]


def test_the_operator_can_take_the_picture_by_hand_while_the_challenge_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.seeing.framer.FaceAnalyser", lambda *_: Sitting())
    said: queue.SimpleQueue[GuideSaid | ShotTaken] = queue.SimpleQueue()
    framer = Framer(Camera(), FaceSettings(hold_s=0.3, liveness_s=600), EXAM_PHOTO, said.put, liveness=True, prepare=unprepared)
    framer.start()
    framer.sit(7)
    try:
        while not (isinstance(told := said.get(timeout=10), GuideSaid) and told.answer_s):
            pass
        framer.shoot()
        taken = said.get(timeout=10)
        assert isinstance(taken, ShotTaken)
        assert taken.liveness is not None
        assert taken.liveness.verdict is Verdict.REVIEW
    finally:
        framer.stop()


def test_row_2_4_nobody_is_shot_while_something_is_to_be_put_right_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.seeing.framer.FaceAnalyser", lambda *_: Sitting())
    said: queue.SimpleQueue[GuideSaid | ShotTaken] = queue.SimpleQueue()
    framer = Framer(Camera(), FaceSettings(hold_s=0.0), EXAM_PHOTO, said.put, liveness=False, prepare=unprepared)
    take_off = Message("station.mend.earrings")
    framer.start()
    framer.sit(7, held=take_off)
    try:
        assert said.get(timeout=10) == GuideSaid(7, take_off, False, Cue.LOOK)
        framer.hold(None)
        heard = [said.get(timeout=10), said.get(timeout=10)]
        assert {type(one) for one in heard} == {GuideSaid, ShotTaken}
    finally:
        framer.stop()


def test_a_fault_that_comes_with_every_frame_does_not_come_thirty_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = queue.SimpleQueue[float]()

    class Broken(Sitting):
        def analyse(self, _: Frame) -> FaceLook:
            tried.put(time.monotonic())
            raise ValueError

    monkeypatch.setattr("kiosk.seeing.framer.log.exception", lambda *_: None)
    monkeypatch.setattr("kiosk.seeing.framer.FaceAnalyser", lambda *_: Broken())
    framer = Framer(Camera(), FaceSettings(), EXAM_PHOTO, lambda _: None, liveness=False, prepare=unprepared)
    framer.start()
    framer.sit(7)
    first, second = tried.get(timeout=10), tried.get(timeout=10)
    framer.stop()
    assert second - first > 0.9


def test_nobody_is_looked_at_for_a_student_who_got_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Getting up in the moment in which the framing wakes: it looked on behalf of sitting 0, whose shots nobody refuses."""
    monkeypatch.setattr("kiosk.seeing.framer.FaceAnalyser", lambda *_: Sitting())
    said: queue.SimpleQueue[GuideSaid | ShotTaken] = queue.SimpleQueue()
    framer = Framer(Camera(), FaceSettings(hold_s=0.0), EXAM_PHOTO, said.put, liveness=False, prepare=unprepared)
    woken, go_on = threading.Event(), threading.Event()
    wait = framer._wait

    def slow_wait() -> int | None:
        sitting = wait()
        woken.set()
        go_on.wait(10)
        return sitting

    monkeypatch.setattr(framer, "_wait", slow_wait)
    framer.start()
    framer.sit(7)
    assert woken.wait(10)
    framer.rest()
    go_on.set()
    framer.stop()
    assert said.empty()
