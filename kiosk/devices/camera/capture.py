"""OpenCV's capture at arm's length: opening and reading may hang for ever when a plug is pulled or a driver dies."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from kiosk.config import CameraSettings
from kiosk.devices.vendor import Hand, Hands
from kiosk.errors import PermanentFault, TemporaryFault
from kiosk.records import Image

# A stream that says nothing for this long is gone. OpenCV waits 30 s by itself.
_OPEN_TIMEOUT_MS: Final = 3000
_READ_TIMEOUT_MS: Final = 2000
_OPENS_S: Final = 20.0  # Media Foundation needs 12 s for some webcams
_HANGS: Final = "camera.hangs"
_BACKENDS: Final = {"dshow": cv2.CAP_DSHOW, "msmf": cv2.CAP_MSMF, "v4l2": cv2.CAP_V4L2}

# The worker says in its own words that a camera is gone; FFmpeg and OpenCV would say it on stderr, again at every try.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)


@dataclass(frozen=True)
class Given:
    """What an opened camera says that it gives. `format`: four letters, empty where it names none; `fps`: 0 likewise."""

    interface: str = ""
    size: tuple[int, int] = (0, 0)
    format: str = ""
    fps: float = 0.0


class Capture:
    """One camera, from `open` to `close`; for one thread."""

    def __init__(self, settings: CameraSettings) -> None:
        self._settings = settings
        self._hands = Hands("camera-calls", _OPENS_S, _HANGS)
        self._hand: Hand | None = None
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Raises TemporaryFault("camera.not_found"), ("camera.busy") or ("camera.not_opened"), PermanentFault("camera.denied"),
        ("camera.no_interface") or ("camera.hangs").
        """
        self._hand = self._hands.take()
        # What comes back too late is still let go of: the hand that hung in opening does that with what it has in hand.
        self._capture = self._hand.do(lambda: _open(self._settings))
        if not self._hand.do(self._capture.isOpened):
            raise _absence(self._settings.source)

    @property
    def asked(self) -> tuple[int, int] | None:
        """The size that a webcam was asked for; None of what isn't asked."""
        return (self._settings.width, self._settings.height) if is_webcam(self._settings.source) else None

    def given(self) -> Given:
        """The interface, and what the camera says that it gives."""
        capture, hand = self._opened()

        def ask() -> Given:
            width, height = (int(capture.get(prop)) for prop in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
            code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
            name = code.to_bytes(4, "little").decode("ascii", "replace")
            rate = float(capture.get(cv2.CAP_PROP_FPS))
            return Given(
                capture.getBackendName(), (width, height), name if name.isalnum() else "", rate if 1 <= rate <= 240 else 0.0
            )

        return hand.do(ask)

    def file_rate(self) -> float:
        """Pictures a second of a video file, which comes as fast as it is read; 0 of what sets its own pace."""
        source = self._settings.source
        if is_webcam(source) or "://" in str(source):
            return 0.0
        capture, hand = self._opened()
        return max(0.0, hand.do(lambda: float(capture.get(cv2.CAP_PROP_FPS))))

    def read(self, patience_s: float) -> Image | None:
        """The next picture, uint8 (H, W, 3) BGR; None for one that could not be decoded.

        Raises PermanentFault("camera.hangs") when none comes in time.
        """
        capture, hand = self._opened()
        found, picture = hand.do(capture.read, patience_s)
        return _in_colours(picture) if found and picture is not None else None

    def close(self) -> None:
        """Let the camera go; when it hangs, that happens as soon as it no longer does."""
        hand, self._hand = self._hand, None
        capture, self._capture = self._capture, None
        if hand is not None:
            hand.let_go(capture.release if capture is not None else lambda: None)

    def _opened(self) -> tuple[Any, Hand]:
        if self._capture is None or self._hand is None:
            raise TemporaryFault("camera.lost")
        return self._capture, self._hand


def _in_colours(picture: Image) -> Image:
    """uint8 (H, W, 3), whatever a driver hands over: one channel of 8 or 16 bits (infrared cameras), or a fourth one."""
    if picture.dtype == np.uint16:
        picture = np.right_shift(picture, 8)
    picture = np.asarray(picture, np.uint8)
    if picture.ndim == 2 or picture.shape[2] == 1:
        picture = np.repeat(picture.reshape(*picture.shape[:2], 1), 3, axis=2)
    return np.ascontiguousarray(picture[:, :, :3])


def is_webcam(source: int | str) -> bool:
    """Whether it is a camera of this machine, by index or by device path (/dev/v4l/by-id/… stays the same at every start)."""
    return isinstance(source, int) or (source.startswith("/dev/") and not Path(source).is_file())  # files lie in /dev/shm


def _open(settings: CameraSettings) -> cv2.VideoCapture:
    source = settings.source
    if not is_webcam(source):
        # One decoding thread: with more of them FFmpeg holds back a picture per thread.
        options = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_TIMEOUT_MS]
        options += [cv2.CAP_PROP_N_THREADS, 1]
        return cv2.VideoCapture(str(source), cv2.CAP_FFMPEG, options)
    capture = cv2.VideoCapture(source, _interface(settings.interface))
    # Uncompressed 1280×720 doesn't fit through USB 2 at 30 fps. The order matters: format, size, rate.
    if settings.format:
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*settings.format))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
    capture.set(cv2.CAP_PROP_FPS, settings.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture


def _interface(wanted: str) -> int:
    """OpenCV's number of the interface to webcams. Raises PermanentFault("camera.no_interface") for one of another system."""
    if wanted == "auto":
        # Media Foundation, OpenCV's first choice on Windows, can take 12 s and more to open a webcam.
        return cv2.CAP_DSHOW if sys.platform == "win32" else cv2.CAP_V4L2
    if _BACKENDS[wanted] not in (there := cv2.videoio_registry.getCameraBackends()):
        known = ", ".join(name for name, number in _BACKENDS.items() if number in there)
        raise PermanentFault("camera.no_interface", interface=wanted, known=known)
    return _BACKENDS[wanted]


def _absence(source: int | str) -> TemporaryFault | PermanentFault:
    """Why a camera could not be opened, as far as the system tells."""
    if is_webcam(source) and sys.platform == "win32":
        return TemporaryFault("camera.not_opened", source=str(source))  # DirectShow says no more than that
    if is_webcam(source) and sys.platform == "linux":
        path = Path(f"/dev/video{source}" if isinstance(source, int) else source)
        try:
            os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                return PermanentFault("camera.denied", source=str(path))
            if error.errno == errno.EBUSY:
                return TemporaryFault("camera.busy", source=str(path))
        else:
            return TemporaryFault("camera.busy", source=str(path))
    return TemporaryFault("camera.not_found", source=str(source))
