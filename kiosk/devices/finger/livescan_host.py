"""Runs a vendor's GA/T 626.1 library in a process of its own: if it crashes or hangs, only this process is lost.

Started as a script with the library's path as its only argument; standard library only, so that a 32-bit Python can run it
for a 32-bit library. Messages as `vendor/wire.py` has them: a question is `{"call": name}`. Function names, signatures and
return codes: GA/T 626.1-2010 §5.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # without the station's packages, which need another Python
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vendor"))
    import wire  # type: ignore[import-not-found]
else:
    from kiosk.devices.vendor import wire

SUCCESS = 1
CHANNEL = 0
_REQUIRED = ("Init", "Close", "GetMaxImageSize", "BeginCapture", "GetFPRawData", "EndCapture")
_OPTIONAL = ("GetChannelCount", "GetCaptWindow", "GetVersion", "GetDesc", "GetErrorInfo")
_DESCRIPTION_BYTES = 1024
_ERROR_BYTES = 256


class Library:
    """The functions that a library has, looked up at load."""

    def __init__(self, path: str) -> None:
        """Raises OSError when the library can't be loaded, AttributeError when it lacks a function."""
        # The standard asks for __stdcall on Windows; it exists on 32 bits only, where WinDLL knows it.
        loader: Any = getattr(ctypes, "WinDLL", ctypes.CDLL)
        if sys.platform == "win32":
            os.add_dll_directory(str(Path(path).resolve().parent))  # its own helpers lie beside it
        loaded = loader(path)
        self._functions: dict[str, Any] = {}
        for name in (*_REQUIRED, *_OPTIONAL):
            function = getattr(loaded, f"LIVESCAN_{name}", None)
            if function is None and name in _REQUIRED:
                raise AttributeError(name)
            if function is not None:
                function.restype = ctypes.c_int
                self._functions[name] = function
        self._width = self._height = 0

    def open(self) -> dict[str, Any]:
        """Initialise; returns width, height and the vendor's description."""
        self._check(self._functions["Init"]())
        width, height, x, y = ctypes.c_int(), ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        by_reference = ctypes.byref
        code = 0
        if "GetCaptWindow" in self._functions:
            references = [by_reference(value) for value in (x, y, width, height)]
            code = self._functions["GetCaptWindow"](CHANNEL, *references)
        if code != SUCCESS or width.value <= 0 or height.value <= 0:
            self._check(self._functions["GetMaxImageSize"](CHANNEL, by_reference(width), by_reference(height)))
        self._width, self._height = width.value, height.value
        return {"width": self._width, "height": self._height, "name": self._description()}

    def frame(self) -> bytes:
        """One picture, 8 bits a pixel, rows from top to bottom."""
        # Some libraries write more than they say: room for two pictures.
        room = (ctypes.c_ubyte * (2 * self._width * self._height))()
        self._check(self._functions["BeginCapture"](CHANNEL))
        try:
            self._check(self._functions["GetFPRawData"](CHANNEL, room))
        finally:
            self._functions["EndCapture"](CHANNEL)
        return bytes(room)[: self._width * self._height]

    def close(self) -> None:
        self._functions["Close"]()

    def _description(self) -> str:
        if "GetDesc" not in self._functions:
            return ""
        text = ctypes.create_string_buffer(_DESCRIPTION_BYTES)
        self._functions["GetDesc"](text)
        return text.value.decode("gb18030", "replace").strip()

    def _check(self, code: int) -> None:
        if code != SUCCESS:
            raise LibraryError(code, self._explanation(code))

    def _explanation(self, code: int) -> str:
        if "GetErrorInfo" not in self._functions:
            return ""
        text = ctypes.create_string_buffer(_ERROR_BYTES)
        self._functions["GetErrorInfo"](code, text)
        return text.value.decode("gb18030", "replace").strip()


class LibraryError(Exception):
    """A function said no."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


def main() -> int:
    answers = wire.answers()
    try:
        library = Library(sys.argv[1])
    except AttributeError as error:
        wire.put(answers, {"error": "lacks", "text": str(error)})
        return 1
    except OSError as error:
        wire.put(answers, {"error": "load", "text": str(error)})
        return 1
    with contextlib.suppress(EOFError):
        while (call := wire.take(sys.stdin.buffer)[0]["call"]) != "close":
            try:
                if call == "open":
                    wire.put(answers, library.open())
                else:
                    wire.put(answers, {}, library.frame())
            except LibraryError as error:
                wire.put(answers, {"error": "code", "code": error.code, "text": error.text})
    library.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
