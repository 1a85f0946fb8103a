"""What a reading process could be made to do by a file, or by the library that reads it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import IO, Any

from kiosk.errors import KioskError


def echo(file: IO[bytes], **arguments: Any) -> Iterator[object]:
    yield {"said": file.read().decode(), **arguments}
    yield b"\x00\xff" * 3
    sys.stdout.write("a library that prints\n")
    sys.stdout.flush()
    yield [os.nice(0), sys.flags.isolated]


def refuse(_: IO[bytes]) -> Iterator[object]:
    yield 1
    raise KioskError("photo.broken", row=7)


def stumble(_: IO[bytes]) -> Iterator[object]:
    yield int("not a number, but 张三")


class Panic(BaseException):
    """What pyo3 raises when Rust panics."""


def panic(_: IO[bytes]) -> Iterator[object]:
    yield 1
    raise Panic("张三")


def abort(_: IO[bytes]) -> Iterator[object]:
    yield 1
    os.abort()


def hang(_: IO[bytes]) -> Iterator[object]:
    yield 1
    time.sleep(600)


def work_on(_: IO[bytes]) -> Iterator[object]:
    yield 1
    while True:
        sum(range(1000))


def eat(_: IO[bytes]) -> Iterator[object]:
    kept = []
    while True:
        kept.append(bytearray(1 << 20))
        yield len(kept)


def talk(_: IO[bytes]) -> Iterator[object]:
    while True:
        yield b"x" * (1 << 20)


def write(_: IO[bytes], out: str) -> Iterator[object]:
    with open(out, "wb") as file:  # noqa: PTH123
        file.write(b"x")
        file.flush()
    yield 1


def leave(_: IO[bytes]) -> Iterator[object]:
    yield os.getpid()
    time.sleep(600)
