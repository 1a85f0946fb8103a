"""The live picture on its way to the screens."""

from __future__ import annotations

import threading

from kiosk.config import WebSettings
from kiosk.pipeline.pictures import jpeg, no_wider
from kiosk.records import Frame


class Encoder:
    """Encodes each camera frame once, however many screens show it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._jpeg = b""
        self.encoded = 0  # frames so far

    def jpeg(self, frame: Frame, settings: WebSettings) -> tuple[int, bytes]:
        """The frame as JPEG, or a newer one when that is there already; with its number."""
        with self._lock:
            if frame.number > self._number or not self._jpeg:
                shown = no_wider(frame.pixels, settings.preview_width)
                self._number, self._jpeg = frame.number, jpeg(shown, settings.preview_jpeg_quality)
                self.encoded += 1
            return self._number, self._jpeg
