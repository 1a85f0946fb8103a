"""Decodes chip photos with the library that came with the reader. Keeps no photo and no picture."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from kiosk.config import PhotoDecoderSettings
from kiosk.devices.card.decoder import child, pixels
from kiosk.devices.card.decoder.pixels import RawFormat
from kiosk.devices.card.photo import NoDecoder, PhotoDecoder
from kiosk.devices.vendor.process import Died, Hung, Process
from kiosk.errors import DeviceError
from kiosk.records import ChipPhoto


def photo_decoder(settings: PhotoDecoderSettings) -> PhotoDecoder:
    """The decoder that the settings name, or one that says that there is none."""
    return NoDecoder() if settings.library is None else LibraryDecoder(settings)


class LibraryDecoder:
    """Calls the library in another process, which is made again after a crash or when the time is over."""

    def __init__(self, settings: PhotoDecoderSettings) -> None:
        self._settings = settings
        self._raw = RawFormat(settings.colours, settings.rows, settings.mirrored)
        self._process: Process | None = None
        self._folder = Path()
        self._lock = threading.Lock()

    def decode(self, photo: bytes, /) -> ChipPhoto:
        """uint8 (126, 102, 3) BGR.

        Raises DeviceError("card.photo.not_loaded"), ("card.photo.refused") with the library's own number,
        ("card.photo.crashed"), ("card.photo.timeout") or ("card.photo.size").
        """
        with self._lock:
            status, content = self._ask(photo)
        if status == child.NOT_LOADED:
            raise DeviceError("card.photo.not_loaded", details=content.decode(errors="replace")[:200])
        if status == child.REFUSED:
            raise DeviceError("card.photo.refused", status=content.decode(errors="replace"))
        return ChipPhoto(pixels.picture(content, self._raw))

    def close(self) -> None:
        """End the process. Idempotent; the next photo starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, photo: bytes) -> tuple[str, bytes]:
        process = self._started()
        try:
            header, content = process.ask({}, photo, deadline_s=self._settings.timeout_s)
        except Hung:
            self.close()
            raise DeviceError("card.photo.timeout") from None
        except Died:
            self.close()
            raise DeviceError("card.photo.crashed") from None
        finally:
            for file in self._folder.glob("*"):  # photo files of libraries that work on files
                file.unlink(missing_ok=True)
        return str(header.get("status")), content

    def _started(self) -> Process:
        if self._process is not None and self._process.lives:
            return self._process
        self.close()
        self._folder = Path(tempfile.mkdtemp(prefix="chip-photo-"))
        chosen = self._settings
        arguments = [str(chosen.library), chosen.call, chosen.symbol, str(chosen.code), str(self._folder)]
        try:
            self._process = Process(Path(child.__file__), arguments, chosen.python)
        except OSError as error:
            raise DeviceError("card.photo.not_loaded", details=str(error)) from None
        return self._process
