"""What is judged while the student holds still is what the shutter's verdict is made of."""

from __future__ import annotations

import queue
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.pipeline.face import EXAM_PHOTO, FaceLook
from kiosk.pipeline.face.framing import HOLD_STILL
from kiosk.pipeline.face.shutter import Shot
from kiosk.records import Frame, Portrait, Score, Verdict
from kiosk.seeing.ahead import Ahead
from kiosk.seeing.events import GuideSaid, ShotTaken
from kiosk.seeing.framer import Framer
from kiosk.seeing.judges import Judges, Prepared

PORTRAIT = Portrait(b"jpeg", 480, 640, 300)
LOOK = FaceLook(1, (), HOLD_STILL, True, 0.5, None, np.zeros((478, 2), np.float32))


def frame(number: int) -> Frame:
    return Frame(np.zeros((2, 2, 3), np.uint8), number, number / 30)


def seen(quality: float) -> FaceLook:
    return replace(LOOK, quality=quality)


def prepared(of: Frame, look: FaceLook) -> Prepared:
    return Prepared(of, look, b"live", np.eye(128, dtype=np.float32)[of.number], PORTRAIT, ())


class AtOnce:
    """A worker that is done when it is asked."""

    def submit(self, work: Any, *given: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*given))
        except KioskError as error:
            future.set_exception(error)
        return future


def ahead(prepare: Any = prepared) -> Ahead:
    made = Ahead(prepare)
    made._worker = AtOnce()  # type: ignore[assignment]
    return made


def test_the_best_frame_that_was_judged_makes_the_photo() -> None:
    hold = ahead()
    for number, quality in enumerate((0.50, 0.70, 0.60, 0.72), start=1):
        hold.follow(0.0, frame(number), seen(quality), over=False)
    last = Shot(frame(5), seen(0.74), (frame(2),))
    shot = hold.chosen(last, more_time=False)
    assert (shot.best.number, shot.look.quality) == (4, 0.72)
    assert [one.number for one in shot.others] == [2, 1, 5]  # 3 was no better than what was known, and was not judged
    assert {one.frame.number for one in hold.of(shot)} == {1, 2, 4}


def test_a_frame_that_is_clearly_better_is_worth_the_wait() -> None:
    hold = ahead()
    hold.follow(0.0, frame(1), seen(0.50), over=False)
    last = Shot(frame(2), seen(0.60), ())
    assert hold.chosen(last, more_time=False) is last
    assert hold.of(last) == ()
    assert hold.chosen(last, more_time=True) is last  # a challenge follows: it is judged meanwhile
    assert [one.frame.number for one in hold.of(last)] == [2]


def test_nothing_of_an_earlier_hold_counts_and_what_cannot_be_cut_is_judged_again() -> None:
    def uncut(_: Frame, __: FaceLook) -> Prepared:
        raise KioskError("portrait.outside")

    last = Shot(frame(2), seen(0.5), ())
    for hold in (ahead(), ahead(uncut)):
        hold.follow(0.0, frame(1), seen(0.9), over=False)
        if hold._prepare is prepared:
            hold.follow(0.05, frame(2), seen(0.5), over=True)
        assert hold.chosen(last, more_time=False) is last


def test_the_shot_carries_what_was_judged_while_the_student_held_still(monkeypatch: pytest.MonkeyPatch) -> None:
    class Camera:
        """Goes on when what was begun has been judged."""

        def newest(self, after: int = 0, timeout_s: float = 1.0) -> Frame | None:
            wait(future for _, future in framer._ahead._under_way)
            return frame(after + 1)

    class Still:
        def reset(self) -> None: ...

        def analyse(self, _: Frame) -> FaceLook:
            return LOOK

    monkeypatch.setattr("kiosk.seeing.framer.FaceAnalyser", lambda *_: Still())
    told: queue.SimpleQueue[GuideSaid | ShotTaken] = queue.SimpleQueue()
    framer = Framer(Camera(), FaceSettings(hold_s=0.3), EXAM_PHOTO, told.put, liveness=False, prepare=prepared)
    framer.start()
    framer.sit(7)
    try:
        while not isinstance(taken := told.get(timeout=10), ShotTaken):
            pass
    finally:
        framer.stop()
    assert taken.shot.best.number in {one.frame.number for one in taken.ahead}


def test_what_is_known_is_not_computed_again() -> None:
    judges = cast("Any", object.__new__(Judges))
    judges._face = FaceSettings()
    chip: Future[Any] = Future()
    chip.set_result(np.eye(128, dtype=np.float32)[1] + np.eye(128, dtype=np.float32)[2])
    shot = Shot(frame(1), LOOK, (frame(3), frame(2)))
    known = [prepared(frame(1), LOOK), prepared(frame(2), LOOK)]
    judgement = judges.judge_shot(shot, chip, EXAM_PHOTO, ahead=known)
    assert (judgement.portrait, judgement.live_jpeg, judgement.verdict) == (PORTRAIT, b"live", Verdict.PASS)
    assert isinstance(judgement.score, Score)
    assert judgement.score.value == pytest.approx(2**0.5)
