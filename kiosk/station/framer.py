"""The framing thread: looks at the newest camera frame, tells the student what to do, fires the shutter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from kiosk.config import FaceSettings
from kiosk.pipeline.face.framing import FaceAnalyser, FaceLook
from kiosk.pipeline.face.shutter import Shot, Shutter
from kiosk.records import Frame, Message, PhotoSpec
from kiosk.station.events import GuideSaid, ShotTaken

log = logging.getLogger(__name__)


class FrameSource(Protocol):
    """The camera, as the framing sees it."""

    def newest(self, after: int = 0, timeout_s: float = 1.0) -> Frame | None:
        """The newest frame with a number above `after`, or None when none came in time."""


class Framer:
    """Runs while a student sits for the picture; costs nothing otherwise."""

    def __init__(
        self, camera: FrameSource, settings: FaceSettings, photo: PhotoSpec, emit: Callable[[GuideSaid | ShotTaken], None]
    ) -> None:
        self._camera = camera
        self._settings = settings
        self._photo = photo
        self._emit = emit
        self._wanted = threading.Condition()
        self._sitting = 0  # 0: nobody sits
        self._by_hand = False
        self._quit = False
        self.ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="framing", daemon=True)

    def start(self) -> None:
        """Load the networks in the framing's own thread; `ready` is set when that is done."""
        self._thread.start()

    def stop(self) -> None:
        with self._wanted:
            self._quit = True
            self._wanted.notify()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def sit(self, sitting: int) -> None:
        """Begin to look, on behalf of a sitting (a number above 0); what is emitted carries it."""
        with self._wanted:
            self._sitting = sitting
            self._by_hand = False
            self._wanted.notify()

    def rest(self) -> None:
        """Stop looking."""
        with self._wanted:
            self._sitting = 0

    def shoot(self) -> None:
        """Take the next frame that shows one face, good or not: the operator wants it."""
        with self._wanted:
            self._by_hand = True

    def _run(self) -> None:
        analyser = FaceAnalyser(self._settings, self._photo)
        self.ready.set()
        while self._wait():
            try:
                self._look_at(analyser)
            except Exception:
                log.exception("framing: unexpected error")

    def _wait(self) -> bool:
        with self._wanted:
            self._wanted.wait_for(lambda: self._quit or self._sitting)
            return not self._quit

    def _look_at(self, analyser: FaceAnalyser) -> None:
        """One sitting, until the shot is taken or nobody wants it any more."""
        sitting = self._sitting
        analyser.reset()
        shutter = Shutter(self._settings.hold_s)
        said: tuple[Message, bool] | None = None
        number = 0
        while self._sitting == sitting and not self._quit:
            frame = self._camera.newest(number, 0.5)
            if frame is None:
                continue
            number = frame.number
            look = analyser.analyse(frame)
            shot = self._hand_shot(frame, look) or shutter.consider(frame, look)
            if (look.instruction, look.good) != said:
                said = (look.instruction, look.good)
                self._emit(GuideSaid(sitting, look.instruction, look.good))
            if shot is not None:
                with self._wanted:
                    if self._sitting != sitting:
                        return
                    self._sitting = 0
                self._emit(ShotTaken(sitting, shot))
                return

    def _hand_shot(self, frame: Frame, look: FaceLook) -> Shot | None:
        with self._wanted:
            if not self._by_hand or look.faces != 1 or look.landmarks is None:
                return None
            self._by_hand = False
        return Shot(frame, look, ())
