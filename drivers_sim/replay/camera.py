"""A recorded camera: sends pictures when the real one did, of its size, as bright and coloured, torn, frozen or missing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import cv2
import numpy as np

from drivers_sim.camera.scene import Act, compose
from drivers_sim.camera.stream import Streaming
from kiosk.devices.recording.file import Entry, Recording, Wire
from kiosk.records import Image

_TORN_AT: Final = 400  # bytes
_QUALITY: Final = 85
_GRAIN: Final = 6.0  # grey levels; a living picture has noise
_KINDS: Final = 4  # pictures that differ, over and over


class ReplayedCamera(Streaming):
    """Plays a `camera` recording once through its stream, with a simulated person before it; then it goes on as it began."""

    def __init__(self, recording: Recording) -> None:
        """Raises ValueError for the recording of another wire, or one without a picture."""
        if recording.wire is not Wire.CAMERA:
            raise ValueError(f"a recording of {recording.wire} has no pictures")
        self._entries = list(recording.entries)
        if not any(entry.what == "picture" for entry in self._entries):
            raise ValueError("no picture came in this recording")
        super().__init__("replayed-camera")
        self._drawn: dict[tuple[object, ...], bytes] = {}
        self.rounds = 0

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._play()
            self.rounds += 1

    def _play(self) -> None:
        began_s, first_s = time.monotonic(), self._entries[0].at_s
        number, last = 0, b""
        for entry in self._entries:
            if self._stopped.wait(max(0.0, entry.at_s - first_s - (time.monotonic() - began_s))):
                return
            if entry.what == "fault":
                self._server.unplug()
            elif entry.what == "open":
                self._server.plug()
            elif entry.what == "torn":
                self._server.send(last[:_TORN_AT])
            elif entry.what == "picture":
                number += not entry.told.get("same")
                last = self._jpeg(entry, number % _KINDS)
                self._server.send(last)
        self._server.plug()

    def _jpeg(self, entry: Entry, kind: int) -> bytes:
        means = tuple(round(mean / 4) for mean in entry.told["mean"])  # finer steps would only be drawn anew
        key = (tuple(entry.told["shape"]), means, kind)
        if key not in self._drawn:
            encoded = cv2.imencode(".jpg", drawn(entry.told, kind), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
            self._drawn[key] = encoded.tobytes()
        return self._drawn[key]


def drawn(told: Mapping[str, Any], kind: int) -> Image:
    """A simulated person, uint8 BGR of the recorded height and width, with the recorded mean of each colour."""
    height, width = (int(side) for side in told["shape"][:2])
    picture = cv2.resize(np.asarray(compose(0, Act.SIT, 0.2, kind)), (width, height)).astype(np.float32)
    means = [float(mean) for mean in told["mean"]]
    if len(means) == 1:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    wanted = np.array((means * 3)[:3] if len(means) == 1 else means[:3], np.float32)
    noise = np.random.default_rng(kind).normal(0, _GRAIN, picture.shape[:2])[:, :, None]
    scaled = picture * (wanted / np.maximum(picture.reshape(-1, 3).mean(axis=0), 1.0)) + noise
    return np.asarray(np.clip(scaled, 0, 255), np.uint8)
