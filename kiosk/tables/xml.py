"""XML out of a foreign file: parsed as it streams, no entities of its own, no way out of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final
from xml.parsers import expat

from kiosk.tables.errors import BadTable

CHUNK: Final = 1 << 16


def parser(encoding: str | None = None) -> expat.XMLParserType:
    """An expat parser that refuses a document type (ECMA-376 part 2, 8.1.4: a package has none) and with it all entities.

    `encoding`: what the text is in, whatever it says of itself.
    """
    made = expat.ParserCreate(encoding)
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refuse
    return made


def _refuse(*_: object) -> None:
    raise BadTable("table.unreadable", reason="DOCTYPE")


def feed(made: expat.XMLParserType, stream: IO[bytes]) -> Iterator[None]:
    """Feed a stream piece by piece; yields after each, for those who take what was found so far."""
    while chunk := stream.read(CHUNK):
        made.Parse(chunk, False)
        yield
    made.Parse(b"", True)
    yield


def feed_all(made: expat.XMLParserType, stream: IO[bytes]) -> None:
    for _ in feed(made, stream):
        pass


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]
