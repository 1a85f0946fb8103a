"""The camera: keeps the newest picture, notices a frozen one, comes back after a pulled plug."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Final

import cv2
import numpy as np

from kiosk.config import CameraSettings
from kiosk.devices.camera.frozen import FrozenWatch
from kiosk.devices.worker import Emit
from kiosk.errors import TemporaryFault
from kiosk.records import DeviceKind, Frame, Image

# A stream that says nothing for this long is gone. OpenCV waits 30 s by itself.
_OPEN_TIMEOUT_MS: Final = 3000
_READ_TIMEOUT_MS: Final = 2000

# The worker says in its own words that a camera is gone; FFmpeg and OpenCV would say it on stderr, again at every try.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)


class CameraDevice:
    """A webcam by index, a video file or a stream by address, through OpenCV.

    The worker's thread reads without pause, so nothing piles up in the driver; whoever needs a picture asks for `newest`.
    """

    kind = DeviceKind.CAMERA

    def __init__(self, settings: CameraSettings) -> None:
        self._settings = settings
        # Streams are tried in the tests; the system's webcam interfaces (V4L2, DirectShow) need a real camera.
        self.unverified = isinstance(settings.source, int)
        self._capture: cv2.VideoCapture | None = None
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._count = 0
        self._openings = 0

    def open(self) -> str:
        """Open the source; returns its name and size. Raises TemporaryFault("camera.not_found")."""
        self._openings += 1
        capture = _open(self._settings)
        self._capture = capture
        if not capture.isOpened():
            raise TemporaryFault("camera.not_found", source=str(self._settings.source))
        width, height = (int(capture.get(prop)) for prop in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        return f"{capture.getBackendName()} {width}×{height}"

    def serve(self, emit: Emit, stop: threading.Event) -> None:  # noqa: ARG002
        """Read until `stop`. Raises TemporaryFault: camera.lost, camera.frozen or camera.covered."""
        assert self._capture is not None
        try:
            self._read(self._capture, stop)
        finally:
            self._forget()  # before anybody is told that the camera is gone

    def close(self) -> None:
        """Let the camera go; `newest` has no picture until it is back."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
        self._forget()

    def interrupt(self) -> None:
        """`serve` looks at `stop` after every picture, and a read without a picture ends by its timeout."""

    def newest(self, after: int = 0, timeout_s: float = 1.0) -> Frame | None:
        """The newest frame with a number above `after`; waits for it up to `timeout_s`, then None. For any thread."""

        def fresh() -> bool:
            return self._frame is not None and self._frame.number > after

        with self._changed:
            return self._frame if self._changed.wait_for(fresh, timeout_s) else None

    def _read(self, capture: cv2.VideoCapture, stop: threading.Event) -> None:
        watch = FrozenWatch(self._settings.frozen_after_s)
        pause_s = _file_pause_s(capture, self._settings.source)
        while not stop.is_set():
            found, picture = capture.read()
            now_s = time.monotonic()
            if not found or picture is None:
                raise TemporaryFault("camera.lost")
            pixels = np.asarray(picture, np.uint8)
            if problem := watch.look(pixels, now_s):
                raise TemporaryFault(problem)
            self._publish(pixels, now_s)
            if pause_s:
                stop.wait(pause_s)

    def _forget(self) -> None:
        with self._changed:
            self._frame = None

    def _publish(self, pixels: Image, at_s: float) -> None:
        pixels.flags.writeable = False  # shared by every reader
        with self._changed:
            self._count += 1
            self._frame = Frame(pixels, self._count, at_s, self._openings)
            self._changed.notify_all()


def _open(settings: CameraSettings) -> cv2.VideoCapture:
    if isinstance(settings.source, str):
        # One decoding thread: with more of them FFmpeg holds back a picture per thread.
        options = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_TIMEOUT_MS]
        options += [cv2.CAP_PROP_N_THREADS, 1]
        return cv2.VideoCapture(settings.source, cv2.CAP_FFMPEG, options)
    # Media Foundation, OpenCV's first choice on Windows, can take 12 s and more to open a webcam.
    backend = cv2.CAP_DSHOW if sys.platform == "win32" else cv2.CAP_V4L2
    capture = cv2.VideoCapture(settings.source, backend)
    # Uncompressed 1280×720 doesn't fit through USB 2 at 30 fps. The order matters: format, size, rate.
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
    capture.set(cv2.CAP_PROP_FPS, settings.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture


def _file_pause_s(capture: cv2.VideoCapture, source: int | str) -> float:
    """A video file comes as fast as it is read: play it at its own speed. Cameras and streams set the pace themselves."""
    if isinstance(source, int) or "://" in source:
        return 0.0
    fps = capture.get(cv2.CAP_PROP_FPS)
    return 1 / fps if fps > 0 else 0.0
