"""The process that loads a vendor's library. It may crash or hang without harm to the station.

Runs by itself, with the standard library alone, so that another Python (a 32-bit one) can run it too:
`python child.py LIBRARY CALL SYMBOL CODE FOLDER`. A request is a length (4 bytes, big endian) and the photo; an answer a status
byte, a length and bytes: the picture as the library made it, or words about what went wrong.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PICTURE, REFUSED, NOT_LOADED = b"\x00", b"\x01", b"\x02"

_ROOM = 1 << 20  # libraries write more than they say
_UNTOUCHED = b"\xa5"
_OK = 1
_SEM_QUIET = 0x0001 | 0x0002 | 0x8000  # Windows: no dialogue about a crash or a missing file, which nobody would see

Library = Callable[..., int]


def unpack(function: Library, photo: bytes, code: int, _folder: Path) -> tuple[bytes, bytes]:
    """Bare pixels in `dst`.

    `int unpack(char *src, char *dst, int vendor)` or `int wlt2bmp(const u8 *src, u8 *dst, int code)`.
    """
    room = ctypes.create_string_buffer(_UNTOUCHED * _ROOM, _ROOM)
    result = function(photo, room, code)
    return (PICTURE, _written(room)) if result == _OK else (REFUSED, str(result).encode())


def unpack_file(function: Library, photo: bytes, _code: int, _folder: Path) -> tuple[bytes, bytes]:
    """A whole BMP file: `int Unpack(char *in, char *out, int size)`. What it returns is told nowhere."""
    room = ctypes.create_string_buffer(_UNTOUCHED * _ROOM, _ROOM)
    result = function(photo, room, len(photo))
    made = _written(room)
    return (PICTURE, made) if made else (REFUSED, str(result).encode())


def unpack_sized(function: Library, photo: bytes, _code: int, _folder: Path) -> tuple[bytes, bytes]:
    """A whole BMP file: `int _Unpack(u8 *src, int n, u8 *dst, int *cb)`."""
    room = ctypes.create_string_buffer(_UNTOUCHED * _ROOM, _ROOM)
    size = ctypes.c_int(_ROOM)
    result = function(photo, len(photo), room, ctypes.byref(size))
    made = _written(room)
    return (PICTURE, made) if made else (REFUSED, str(result).encode())


def get_bmp(function: Library, photo: bytes, code: int, folder: Path) -> tuple[bytes, bytes]:
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


def _calm() -> None:
    """No core file with somebody's photo in it, and no dialogue."""
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetErrorMode(_SEM_QUIET)
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _load(library: str, call: str, symbol: str) -> Library:
    os.chdir(Path(library).resolve().parent)  # licence files and helpers lie beside it
    loader: Any = ctypes.CDLL
    if sys.platform == "win32" and call == "GetBmp":
        loader = ctypes.WinDLL
    function = getattr(loader(library), symbol or call)
    function.restype = ctypes.c_int
    return function  # type: ignore[no-any-return]


def _answer(library: str, call: str, symbol: str, code: int, folder: Path) -> Callable[[bytes], tuple[bytes, bytes]]:
    """What turns a photo into a status and bytes."""
    try:
        function = _load(library, call, symbol)
    except (OSError, AttributeError) as error:
        problem = str(error).encode()
        return lambda _photo: (NOT_LOADED, problem)
    return lambda photo: CALLS[call](function, photo, code, folder)


def main(library: str, call: str, symbol: str, code: str, folder: str) -> None:
    """Decode until the station closes the pipe."""
    _calm()
    # Libraries print: the pipe is kept for answers, standard output leads nowhere.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    answer = _answer(library, call, symbol, int(code), Path(folder))
    requests = sys.stdin.buffer
    while len(head := requests.read(4)) == 4:
        status, content = answer(requests.read(*struct.unpack(">I", head)))
        answers.write(status + struct.pack(">I", len(content)) + content)
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
