"""ID-card fingerprint collectors behind a vendor's GA/T 626.1 library (`LIVESCAN_*`), as a scanner.

The library runs in a process of its own (`livescan_host.py`). Unverified: nobody here has such a collector.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import numpy as np

from kiosk.devices.finger.scanner import Look, Scan
from kiosk.errors import PermanentFault, TemporaryFault
from kiosk.records import Image

SCHEME: Final = "livescan:"
_HOST: Final = Path(__file__).with_name("livescan_host.py")
_DPI: Final = 500  # GA/T 1011 collectors
_OPEN_S: Final = 10.0  # some libraries load firmware into the collector
_FRAME_S: Final = 3.0
_NO_DEVICE: Final = -4  # GA/T 626.1, table of return codes
_BLOCK: Final = 16  # pixels
_RIDGE_SPREAD: Final = 18.0  # grey levels of standard deviation that a block with ridges has
_FINGER_SHARE: Final = 0.18  # of the blocks: a fingertip that can be judged
_SETTLED: Final = 1.06  # the contact grows by no more from one frame to the next


class LivescanScanner:
    """`kiosk.devices.finger.scanner.Scanner` for a `livescan:PATH` port."""

    def __init__(self, port: str, interpreter: str = sys.executable) -> None:
        self._library = port.removeprefix(SCHEME)
        self._interpreter = interpreter
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[tuple[dict[str, Any], bytes]] = queue.Queue()
        self._name = ""
        self._size = (0, 0)
        self._held: Image | None = None
        self._contact = 0.0

    def open(self) -> str:
        """Raises PermanentFault("finger.library_missing") or ("finger.library_wrong"), TemporaryFault("finger.not_found")."""
        if not Path(self._library).is_file():
            raise PermanentFault("finger.library_missing", path=self._library)
        self._answers = queue.Queue()
        self._process = subprocess.Popen(
            [self._interpreter, str(_HOST), self._library], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        threading.Thread(target=_listen, args=(self._process, self._answers), name="livescan", daemon=True).start()
        header, _ = self._ask("open", _OPEN_S)
        self._size = (int(header["height"]), int(header["width"]))
        self._name = header["name"] or Path(self._library).stem
        self._held, self._contact = None, 0.0
        return f"{self._name} · {self._size[1]}×{self._size[0]}"

    def look(self) -> Look:
        """Takes a frame. The standard knows no question for a finger: ridges in the picture that have stopped growing are
        one.
        """
        pixels = self._frame()
        contact, before = _contact_share(pixels), self._contact
        self._contact = contact
        if contact < _FINGER_SHARE:
            self._held = None
            return Look.NO_FINGER
        if contact > before * _SETTLED:
            return Look.FAILED  # the finger is still coming down
        self._held = pixels
        return Look.HELD

    def fetch(self) -> Scan:
        if self._held is None:
            raise TemporaryFault("finger.not_found")
        return Scan(self._held, _DPI, self._name)

    def pulse(self) -> None:
        self._frame()

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError, ValueError):
            _say(process, "close")
        try:
            process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _frame(self) -> Image:
        _, data = self._ask("frame", _FRAME_S)
        return np.frombuffer(data, np.uint8).reshape(self._size)

    def _ask(self, call: str, deadline_s: float) -> tuple[dict[str, Any], bytes]:
        if self._process is None:
            raise TemporaryFault("finger.not_found")
        with contextlib.suppress(OSError, ValueError):  # it died: the listener says so
            _say(self._process, call)
        try:
            header, data = self._answers.get(timeout=deadline_s)
        except queue.Empty:
            self._process.kill()  # it hangs inside the library
            raise TemporaryFault("finger.library_hangs", path=self._library) from None
        match header.get("error"):
            case None:
                return header, data
            case "code" if header["code"] == _NO_DEVICE:
                raise TemporaryFault("finger.not_found")
            case "code":
                raise TemporaryFault("finger.library_refused", reason=header["text"] or str(header["code"]))
            case "died":
                raise TemporaryFault("finger.library_died", path=self._library)
            case _:
                raise PermanentFault("finger.library_wrong", path=self._library, reason=header["text"])


def _say(process: subprocess.Popen[bytes], call: str) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps({"call": call}).encode() + b"\n")
    process.stdin.flush()


def _listen(process: subprocess.Popen[bytes], answers: queue.Queue[tuple[dict[str, Any], bytes]]) -> None:
    """Reads answers until the process ends, and says that it has."""
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError):
        while line := process.stdout.readline():
            header = json.loads(line)
            wanted = header.get("bytes", 0)
            data = process.stdout.read(wanted)
            if len(data) < wanted:
                break
            answers.put((header, data))
    answers.put(({"error": "died"}, b""))


def _contact_share(pixels: Image) -> float:
    """Share of the picture's blocks that hold ridges, 0–1."""
    rows, columns = pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK
    blocks = pixels[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    return float((blocks.std(axis=(1, 3)) > _RIDGE_SPREAD).mean())
