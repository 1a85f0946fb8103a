"""What the framing thread tells the station."""

from __future__ import annotations

import queue
import threading

import numpy as np
import pytest

from kiosk.config import FaceSettings
from kiosk.pipeline.face import EXAM_PHOTO, FaceLook
from kiosk.pipeline.face.framing import HOLD_STILL
from kiosk.records import Frame, Message
from kiosk.station.events import GuideSaid, ShotTaken
from kiosk.station.framer import Framer

CLOSER = Message("hint.face.closer")


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
    monkeypatch.setattr("kiosk.station.framer.FaceAnalyser", lambda *_: looks)
    said: queue.SimpleQueue[GuideSaid | ShotTaken] = queue.SimpleQueue()
    framer = Framer(Camera(), FaceSettings(hold_s=60.0), EXAM_PHOTO, said.put, liveness=False)
    framer.start()
    framer.sit(7)
    assert looks.seen_all.wait(10)
    told = [said.get(timeout=10) for _ in range(3)]
    framer.stop()
    assert told == [GuideSaid(7, CLOSER, False), GuideSaid(7, HOLD_STILL, True), GuideSaid(7, CLOSER, False)]
    assert said.empty()
