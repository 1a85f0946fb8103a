"""The process that loads a vendor's library. It may crash or hang without harm to the station.

Runs by itself, with the standard library alone, so that another Python (a 32-bit one) can run it too:
`python child.py LIBRARY CALL SYMBOL CODE FOLDER`. Messages as `vendor/wire.py` has them: a question is the photo; an answer
says how it went, with the picture as the library made it, or words about what went wrong.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # without the station's packages, which need another Python
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "vendor"))
    import wire  # type: ignore[import-not-found]
else:
    from kiosk.devices.vendor import wire

PICTURE, REFUSED, NOT_LOADED = "picture", "refused", "not_loaded"

_ROOM = 1 << 20  # libraries write more than they say
_UNTOUCHED = b"\xa5"
_OK = 1

Library = Callable[..., int]


def unpack(function: Library, photo: bytes, code: int, _folder: Path) -> tuple[str, bytes]:
    """Bare pixels in `dst`.

    `int unpack(char *src, char *dst, int vendor)` or `int wlt2bmp(const u8 *src, u8 *dst, int code)`.
    """
    room = ctypes.create_string_buffer(_UNTOUCHED * _ROOM, _ROOM)
    result = function(photo, room, code)
    return (PICTURE, _written(room)) if result == _OK else (REFUSED, str(result).encode())


def unpack_file(function: Library, photo: bytes, _code: int, _folder: Path) -> tuple[str, bytes]:
    """A whole BMP file: `int Unpack(char *in, char *out, int size)`. What it returns is told nowhere."""
    room = ctypes.create_string_buffer(_UNTOUCHED * _ROOM, _ROOM)
    result = function(photo, room, len(photo))
    made = _written(room)
    return (PICTURE, made) if made else (REFUSED, str(result).encode())


def unpack_sized(function: Library, photo: bytes, _code: int, _folder: Path) -> tuple[str, bytes]:
    """A whole BMP file: `int _Unpack(u8 *src, int n, u8 *dst, int *cb)`."""
    room = ctypes.create_string_buffer(_UNTOUCHED * _ROOM, _ROOM)
    size = ctypes.c_int(_ROOM)
    result = function(photo, len(photo), room, ctypes.byref(size))
    made = _written(room)
    return (PICTURE, made) if made else (REFUSED, str(result).encode())


def get_bmp(function: Library, photo: bytes, code: int, folder: Path) -> tuple[str, bytes]:
    """A file beside the other: `int __stdcall GetBmp(const char *wlt_file, int intf)`."""
    source = folder / "photo.wlt"
    source.write_bytes(photo)
    result = function(os.fsencode(source), code)
    made = source.with_suffix(".bmp")
    return (PICTURE, made.read_bytes()) if result == _OK and made.exists() else (REFUSED, str(result).encode())


CALLS = {"unpack": unpack, "wlt2bmp": unpack, "Unpack": unpack_file, "_Unpack": unpack_sized, "GetBmp": get_bmp}


def _written(room: ctypes.Array[ctypes.c_char]) -> bytes:
    """What the library wrote, up to the last byte that it touched."""
    return bytes(room.raw).rstrip(_UNTOUCHED)


def _load(library: str, call: str, symbol: str) -> Library:
    os.chdir(Path(library).resolve().parent)  # licence files and helpers lie beside it
    loader: Any = ctypes.CDLL
    if sys.platform == "win32" and call == "GetBmp":
        loader = ctypes.WinDLL
    function = getattr(loader(library), symbol or call)
    function.restype = ctypes.c_int
    return function  # type: ignore[no-any-return]


def _answer(library: str, call: str, symbol: str, code: int, folder: Path) -> Callable[[bytes], tuple[str, bytes]]:
    """What turns a photo into a status and bytes."""
    try:
        function = _load(library, call, symbol)
    except (OSError, AttributeError) as error:
        problem = str(error).encode()
        return lambda _photo: (NOT_LOADED, problem)
    return lambda photo: CALLS[call](function, photo, code, folder)


def main(library: str, call: str, symbol: str, code: str, folder: str) -> None:
    """Decode until the station closes the pipe."""
    answers = wire.answers()
    answer = _answer(library, call, symbol, int(code), Path(folder))
    with contextlib.suppress(EOFError):
        while True:
            _, photo = wire.take(sys.stdin.buffer)
            status, content = answer(photo)
            wire.put(answers, {"status": status}, content)


if __name__ == "__main__":
    main(*sys.argv[1:])
