"""Decodes chip photos with the library that came with the reader. Keeps no photo and no picture."""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Final

from kiosk.config import PhotoDecoderSettings
from kiosk.devices.card.decoder import child, pixels
from kiosk.devices.card.decoder.pixels import RawFormat
from kiosk.devices.card.photo import NoDecoder, PhotoDecoder
from kiosk.errors import DeviceError
from kiosk.records import ChipPhoto

_MOST: Final = 1 << 20


def photo_decoder(settings: PhotoDecoderSettings) -> PhotoDecoder:
    """The decoder that the settings name, or one that says that there is none."""
    return NoDecoder() if settings.library is None else LibraryDecoder(settings)


class LibraryDecoder:
    """Calls the library in another process, which is made anew after a crash or when the time is over."""

    def __init__(self, settings: PhotoDecoderSettings) -> None:
        self._settings = settings
        self._raw = RawFormat(settings.colours, settings.rows, settings.mirrored)
        self._process: subprocess.Popen[bytes] | None = None
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
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, photo: bytes) -> tuple[bytes, bytes]:
        process = self._started()
        out_of_time = threading.Event()

        def end() -> None:
            out_of_time.set()
            process.kill()

        timer = threading.Timer(self._settings.timeout_s, end)
        timer.start()
        try:
            return _exchange(process, photo)
        except (OSError, EOFError):
            self.close()
            raise DeviceError("card.photo.timeout" if out_of_time.is_set() else "card.photo.crashed") from None
        finally:
            timer.cancel()
            for file in self._folder.glob("*"):  # photo files of libraries that work on files
                file.unlink(missing_ok=True)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._folder = Path(tempfile.mkdtemp(prefix="chip-photo-"))
        chosen = self._settings
        command = [chosen.python or sys.executable, "-I", str(Path(child.__file__))]
        command += [str(chosen.library), chosen.call, chosen.symbol, str(chosen.code), str(self._folder)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        except OSError as error:
            raise DeviceError("card.photo.not_loaded", details=str(error)) from None
        return self._process


def _exchange(process: subprocess.Popen[bytes], photo: bytes) -> tuple[bytes, bytes]:
    """Send a photo, take the answer. Raises OSError or EOFError when the process ends before."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(struct.pack(">I", len(photo)) + photo)
    status = _take(process.stdout, 1)
    (size,) = struct.unpack(">I", _take(process.stdout, 4))
    if size > _MOST:
        raise EOFError
    return status, _take(process.stdout, size)


def _take(pipe: IO[bytes], size: int) -> bytes:
    data = b""
    while len(data) < size:
        if not (part := pipe.read(size - len(data))):
            raise EOFError
        data += part
    return data
