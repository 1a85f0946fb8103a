"""A webcam with a person before it, served as a stream that cv2.VideoCapture opens."""

from __future__ import annotations

import threading
import time
from functools import lru_cache
from typing import Final

import cv2

from drivers_sim.camera.attacks import LOOP_S, Attack, Moment, attack
from drivers_sim.camera.lens import Lens, through
from drivers_sim.camera.scene import SIT_S, Act, compose
from drivers_sim.camera.stream import Streaming
from kiosk.records import Image

_JPEG_QUALITY: Final = 85
_ARRIVE_S: Final = 0.9
_LEAVE_S: Final = 0.7
_EMPTY_S: Final = 0.5
_PERFORM_S: Final = {Act.BLINK: 0.8, Act.TURN_LEFT: 2.2, Act.TURN_RIGHT: 2.2, Act.OPEN_MOUTH: 1.4}
_TORN_AT: Final = 300  # bytes: in the middle of its tables, nothing can be made of it
_KEPT: Final = 220  # pictures, about 19 MB: of who sits there and who did before, or of an attack


class SimulatedCamera(Streaming):
    """Shows one face at a time. Encoded pictures are kept, so that who sits there, or comes again, costs next to nothing."""

    def __init__(self, fps: int = 30) -> None:
        super().__init__("sim-camera")
        self._fps = fps
        self._lock = threading.Lock()
        self._face: int | None = None
        self._leaving: int | None = None
        self._since_s = time.monotonic()
        self._scene: tuple[Attack, int] | None = None
        self._asked: tuple[Act, float] | None = None
        self._frozen = False
        self._stalled = False
        self._lens = Lens.GOOD
        self._torn_every = 0

    def show(self, face: int) -> None:
        """A person comes in, sits down and looks into the camera; who sits there already stays sitting."""
        self._set(face)

    def show_nobody(self) -> None:
        self._set(None)

    def perform(self, act: Act) -> None:
        """The person who sits there does something once: blinks, turns, opens the mouth."""
        with self._lock:
            self._asked = (act, time.monotonic())

    def show_attack(self, kind: Attack, face: int, other: int = 0) -> None:
        """Somebody tries to fool the station, or the room makes it hard (`attacks`), until something else is shown. Who tries
        sees what is asked, too: `perform`."""
        with self._lock:
            self._scene, self._face, self._since_s = (kind, other), face, time.monotonic()

    def freeze(self) -> None:
        """Go on sending the same picture, as drivers do after the cable was pulled; plugging in anew ends it."""
        self._frozen = True

    def stall(self) -> None:
        """Send nothing any more and keep the line open; plugging in anew ends it."""
        self._stalled = True

    def change_lens(self, lens: Lens) -> None:
        """Be another camera from now on."""
        self._lens = lens

    def tear(self, every: int) -> None:
        """Cut off one picture in so many, so that it can't be decoded; 0: none."""
        self._torn_every = every

    def unplug(self) -> None:
        self._server.unplug()

    def plug(self) -> None:
        self._frozen = self._stalled = False
        self._server.plug()

    @property
    def plugged(self) -> bool:
        return self._server.plugged

    def _set(self, face: int | None) -> None:
        with self._lock:
            if face != self._face or self._scene:
                self._leaving = None if self._scene else self._face
                self._face, self._scene, self._since_s = face, None, time.monotonic()

    def _run(self) -> None:
        due_s = time.monotonic()
        jpeg, sent = b"", 0
        while not self._stopped.is_set():
            if not (self._frozen and jpeg):
                jpeg = self._picture()
            sent += 1
            is_torn = self._torn_every and sent % self._torn_every == 0
            if not self._stalled:
                self._server.send(jpeg[:_TORN_AT] if is_torn else jpeg)
            now_s = time.monotonic()
            due_s = max(due_s + 1 / self._fps, now_s)  # what came too late is not caught up
            self._stopped.wait(due_s - now_s)

    def _picture(self) -> bytes:
        with self._lock:
            now_s = time.monotonic()
            scene, (face, act, length_s, seconds), since_s = self._scene, self._act(now_s), now_s - self._since_s
        count = max(1, round(length_s * self._fps))
        share = int(seconds * self._fps) % count / count
        if scene is None:
            return _seen(face or 0, act, share, round(share * count), self._lens)
        number = int(since_s * self._fps) % round(LOOP_S * self._fps)
        return _seen_attack(*scene, face or 0, Moment(number / self._fps, number, act, share), self._lens)

    def _act(self, now_s: float) -> tuple[int | None, Act, float, float]:
        """Who is there, what is going on, how long it takes, and how long it has been going on."""
        seconds = now_s - self._since_s
        if self._face is None:
            if self._leaving is not None and seconds < _LEAVE_S:
                return self._leaving, Act.LEAVE, _LEAVE_S, seconds
            return None, Act.EMPTY, _EMPTY_S, seconds
        if seconds < _ARRIVE_S and self._scene is None:
            return self._face, Act.ARRIVE, _ARRIVE_S, seconds
        if self._asked and now_s - self._asked[1] < _PERFORM_S[self._asked[0]]:
            return self._face, self._asked[0], _PERFORM_S[self._asked[0]], now_s - self._asked[1]
        return self._face, Act.SIT, SIT_S, seconds - _ARRIVE_S


# All cameras share the pictures, as JPEG.
@lru_cache(maxsize=_KEPT)
def _seen(face: int, act: Act, share: float, number: int, lens: Lens) -> bytes:
    return _encoded(compose(face, act, share, number), lens)


@lru_cache(maxsize=_KEPT)
def _seen_attack(kind: Attack, other: int, face: int, moment: Moment, lens: Lens) -> bytes:
    return _encoded(attack(kind, face, other, moment, face), lens)


def _encoded(picture: Image, lens: Lens) -> bytes:
    return cv2.imencode(".jpg", through(lens, picture), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
