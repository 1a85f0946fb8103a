"""The camera: keeps the newest picture, notices a frozen one and one that never comes, comes back after a pulled plug."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from kiosk.config import CameraSettings
from kiosk.devices.camera import judge
from kiosk.devices.camera.capture import Capture, Given, is_webcam
from kiosk.devices.camera.frozen import FrozenWatch
from kiosk.devices.facts import CameraFacts
from kiosk.devices.worker import Emit
from kiosk.errors import PermanentFault, TemporaryFault
from kiosk.records import DeviceKind, Frame, Image

# How long a hanging read is waited for beyond the time after which a picture counts as frozen.
_SLACK_S: Final = 0.5
# Pictures in a row that can't be decoded: some cameras send a torn one now and then.
_MOST_TORN: Final = 5
_TORN_PAUSE_S: Final = 0.02
# Before the first student: so many pictures are judged, and exposure and white balance have so long to settle.
_JUDGED: Final = 4
_SETTLE_S: Final = 1.5
_PACE_S: Final = 2.0  # over which the rate is measured
_TURNS: Final = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class CameraDevice:
    """A webcam by index or device path, a video file or a stream by address, through OpenCV.

    The worker's thread reads without pause, so nothing piles up in the driver; whoever needs a picture asks for `newest`.
    """

    kind = DeviceKind.CAMERA

    def __init__(self, settings: CameraSettings, least: tuple[int, int] = (1, 1), capture: Capture | None = None) -> None:
        """`least`: width and height in pixels below which no photo can be cut from a picture; `capture`: the settings' camera,
        listened to.
        """
        self._settings = settings
        self._least = least
        # Streams are tried in the tests; the system's webcam interfaces (V4L2, DirectShow) need a real camera.
        self.unverified = is_webcam(settings.source)
        self._capture = capture or Capture(settings)
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._count = 0
        self._openings = 0
        self._given = Given()
        self._came_s: deque[float] = deque(maxlen=256)  # when the newest pictures came

    @property
    def facts(self) -> CameraFacts:
        """What the camera gives, and how fast its pictures come. For any thread."""
        with self._changed:
            given, frame = self._given, self._frame
            now_s = time.monotonic()
            recent = [came_s for came_s in self._came_s if now_s - came_s <= _PACE_S]
        rate = (len(recent) - 1) / (recent[-1] - recent[0]) if len(recent) > 2 else 0.0
        facts = CameraFacts(given.interface, given.format, given.size, self._capture.asked, given.fps, rate)
        return facts if frame is None else replace(facts, size=(frame.pixels.shape[1], frame.pixels.shape[0]))

    def open(self) -> str:
        """Open the source and judge its first pictures; returns its name, size, format and rate.

        Raises what `Capture.open` does, TemporaryFault("camera.lost") when no picture comes, and PermanentFault
        ("camera.too_small") or ("camera.grey") for a camera that makes no photos.
        """
        self._openings += 1
        self._capture.open()
        self._judge()
        self._given = given = self._capture.given()
        (width, height), asked = given.size, self._capture.asked
        other = f" (≠ {asked[0]}×{asked[1]})" if asked is not None and asked != given.size else ""
        said = (f"{given.interface} {width}×{height}{other}", given.format, f"{given.fps:g} fps" if given.fps else "")
        return " ".join(part for part in said if part)

    def serve(self, emit: Emit, stop: threading.Event) -> None:  # noqa: ARG002
        """Read until `stop`. Raises TemporaryFault: camera.lost, .frozen or .covered, PermanentFault: camera.hangs."""
        try:
            self._read(stop)
        finally:
            self._forget()  # before anybody is told that the camera is gone

    def close(self) -> None:
        """Let the camera go; `newest` has no picture until it is back."""
        self._capture.close()
        self._forget()

    def interrupt(self) -> None:
        """`serve` looks at `stop` after every picture, and a read without a picture ends by its timeout."""

    def newest(self, after: int = 0, timeout_s: float = 1.0) -> Frame | None:
        """The newest frame with a number above `after`; waits for it up to `timeout_s`, then None. For any thread."""

        def fresh() -> bool:
            return self._frame is not None and self._frame.number > after

        with self._changed:
            return self._frame if self._changed.wait_for(fresh, timeout_s) else None

    def _judge(self) -> None:
        """Look at the first pictures: is it a camera for photos, and has its exposure settled?"""
        settling, grey, until_s = judge.Settling(), 0, time.monotonic() + _SETTLE_S
        is_file = self._capture.file_rate() > 0
        wanted = 1 if is_file else _JUDGED
        for number in range(1, 10_000):
            pixels = self._next()
            if fault := judge.too_small(pixels, self._least):
                raise fault
            grey += judge.is_grey(pixels)
            is_settled = settling.is_over(pixels) or is_file
            if number >= wanted and (is_settled or time.monotonic() > until_s):
                if grey == number:
                    raise PermanentFault("camera.grey", source=str(self._settings.source))
                return

    def _next(self) -> Image:
        """The next picture as it is used; raises TemporaryFault("camera.lost") when several in a row can't be decoded."""
        patience_s = self._settings.frozen_after_s + _SLACK_S
        for _ in range(_MOST_TORN):
            if (pixels := self._capture.read(patience_s)) is not None:
                return self._turned(pixels)
            time.sleep(_TORN_PAUSE_S)
        raise TemporaryFault("camera.lost")

    def _turned(self, pixels: Image) -> Image:
        """As the settings say: some cameras hang upside down or on their side, some mirror their picture."""
        if self._settings.turn:
            pixels = np.asarray(cv2.rotate(pixels, _TURNS[self._settings.turn]), np.uint8)
        return np.asarray(cv2.flip(pixels, 1), np.uint8) if self._settings.mirrored else pixels

    def _read(self, stop: threading.Event) -> None:
        watch = FrozenWatch(self._settings.frozen_after_s)
        rate = self._capture.file_rate()
        while not stop.is_set():
            pixels = self._next()
            now_s = time.monotonic()
            if problem := watch.look(pixels, now_s):
                raise TemporaryFault(problem)
            self._publish(pixels, now_s)
            if rate:
                stop.wait(1 / rate)

    def _forget(self) -> None:
        with self._changed:
            self._frame = None
            self._came_s.clear()

    def _publish(self, pixels: Image, at_s: float) -> None:
        pixels.flags.writeable = False  # shared by every reader
        with self._changed:
            self._count += 1
            self._came_s.append(at_s)
            self._frame = Frame(pixels, self._count, at_s, self._openings)
            self._changed.notify_all()
