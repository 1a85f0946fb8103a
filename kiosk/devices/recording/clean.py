"""Takes out of a recording whatever tells who somebody is. What is not known to be harmless is replaced, length for length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Protocol

from kiosk.devices.card.sam import frames, states
from kiosk.devices.card.sam.frames import Command
from kiosk.devices.finger.codes import Instruction
from kiosk.devices.finger.packets import PacketKind
from kiosk.devices.recording import cut, disguise
from kiosk.devices.recording.cut import EF01, SAM, Framing, Piece
from kiosk.devices.recording.disguise import People
from kiosk.devices.recording.file import FROM, TO, Entry, Wire

_NOISE: Final = b"\xf8"  # what a line at the wrong speed makes of anything
_SHORT_NOISE: Final = 2  # bytes: a stray one after power-on says something, and tells nobody's secret
_WRONG: Final = 0x5A
_SYNTHETIC: Final = {"synthetic": True}


def cleaned(wire: Wire, entries: Sequence[Entry], today: date) -> list[Entry]:
    """The same course of events with nothing of a person in it; `today` decides whether a card had expired."""
    if wire is Wire.CAMERA:
        return [entry for entry in entries if entry.what not in (TO, FROM)]
    if wire is Wire.APDU:
        return list(_apdus(entries, today))
    return list(_line(entries, _Ef01() if wire is Wire.EF01 else _Sam(today, People())))


class _Manner(Protocol):
    """One wire's frames."""

    framing: Framing

    def asked(self, frame: bytes) -> bytes:
        """What of a request may be kept."""

    def contents(self, pieces: Sequence[Piece]) -> Iterator[bytes | None]:
        """Each piece's content, made harmless; None: it is harmless."""


def _line(entries: Sequence[Entry], manner: _Manner) -> Iterator[Entry]:
    came: list[Entry] = []
    for entry in entries:
        if entry.what == FROM:
            came.append(entry)
            continue
        yield from _answers(came, manner)
        came = []
        if entry.what == TO:
            asked = manner.asked(entry.data)
            yield replace(entry, data=asked, told=_SYNTHETIC if asked != entry.data else {})
        else:
            yield entry
    yield from _answers(came, manner)


def _answers(came: Sequence[Entry], manner: _Manner) -> Iterator[Entry]:
    if not came:
        return
    framing = manner.framing
    found = list(cut.pieces(came, framing))
    for piece, content in zip(found, manner.contents(found), strict=True):
        if not piece.head:
            kept = piece.data if len(piece.data) <= _SHORT_NOISE else _NOISE * len(piece.data)
            yield Entry(piece.at_s, FROM, kept, {"noise": True})
        elif piece.whole:
            data = piece.data if content is None else framing.sealed(piece.data[: piece.head], content)
            yield Entry(piece.at_s, FROM, data, {} if content is None else _SYNTHETIC)
        else:
            yield Entry(piece.at_s, FROM, _still_damaged(piece, content, framing), {"damaged": True})


def _still_damaged(piece: Piece, content: bytes | None, framing: Framing) -> bytes:
    """A damaged frame's head, synthetic content and a checksum that is wrong; a torn one is torn at the same place."""
    head, rest = piece.data[: piece.head], len(piece.data) - piece.head
    size = framing.size(head) - piece.head - framing.tail
    made = (content or b"")[:size].ljust(size, _NOISE)
    sealed = framing.sealed(head, made)
    if rest < size + framing.tail:
        return sealed[: piece.head + rest]
    return sealed[:-1] + bytes([sealed[-1] ^ _WRONG])


def _content(piece: Piece, framing: Framing) -> bytes:
    return piece.data[piece.head : len(piece.data) - framing.tail] if piece.whole else piece.data[piece.head :]


class _Sam:
    """Frames of a security module."""

    framing = SAM
    _READS = frozenset((Command.READ.value, Command.READ_WITH_FINGERPRINTS.value))
    _IDENTITY = (Command.IDENTITY.value, 16)  # of the module
    _ADDRESS = (Command.READ_ADDRESS.value, 70)

    def __init__(self, today: date, people: People) -> None:
        self._today = today
        self._people = people
        self._asked = b""

    def asked(self, frame: bytes) -> bytes:
        """No command carries anything of a card."""
        self._asked = frame[7:9]
        return frame

    def contents(self, pieces: Sequence[Piece]) -> Iterator[bytes | None]:
        """An answer may come late, after another question: only what fits the question in its size, too, is taken for it."""
        for piece in pieces:
            content = _content(piece, SAM)
            status, data = content[:3], content[3:]
            if piece.whole and (not data or (self._asked, len(data)) == self._IDENTITY):
                yield None
            elif self._asked in self._READS:
                yield status + disguise.card_payload(data, self._today, self._people)
            elif (self._asked, len(data)) == self._ADDRESS and content[2:3] == bytes([states.OK]):
                yield status + disguise.address(data)
            else:
                yield status + bytes(len(data))  # a chip's serial number, or whatever else


class _Ef01:
    """Packets of a fingerprint scanner."""

    framing = EF01
    _SECRETS = frozenset((Instruction.VERIFY_PASSWORD, Instruction.SET_PASSWORD, Instruction.WRITE_NOTEPAD))
    _WRITERS = frozenset((Instruction.DOWN_CHAR, Instruction.DOWN_IMAGE))
    _OPEN = frozenset(Instruction) - {Instruction.READ_NOTEPAD}
    _LONGEST_OPEN = 47  # bytes of the longest answer that says something of the scanner: ReadProdInfo

    def __init__(self) -> None:
        self._asked = -1

    def asked(self, frame: bytes) -> bytes:
        """Passwords, notes, and what is written to the scanner go."""
        head, content = frame[:9], frame[9:-2]
        if frame[6:7] != bytes([PacketKind.COMMAND]):
            return EF01.sealed(head, disguise.filler(len(content), "template"))
        self._asked = content[0] if content else -1
        if self._asked in self._SECRETS:
            return EF01.sealed(head, content[:1] + bytes(len(content) - 1))
        return frame

    def contents(self, pieces: Sequence[Piece]) -> Iterator[bytes | None]:
        data_bytes = sum(len(_content(piece, EF01)) for piece in pieces if _is_data(piece))
        source = (
            disguise.print_image(data_bytes) if self._asked == Instruction.UP_IMAGE else disguise.filler(data_bytes, "template")
        )
        at = 0
        for piece in pieces:
            content = _content(piece, EF01)
            if _is_data(piece):
                yield source[at : at + len(content)]
                at += len(content)
            elif piece.whole and self._asked in self._OPEN and len(content) <= self._LONGEST_OPEN:
                yield None
            else:
                yield content[:1] + bytes(max(0, len(content) - 1))


def _is_data(piece: Piece) -> bool:
    return piece.head > 6 and piece.data[6] in (PacketKind.DATA, PacketKind.LAST_DATA)


_BLOCK: Final = bytes.fromhex("FFB0")
_CHIP_SERIAL: Final = bytes.fromhex("0036000008")
_SELECT: Final = bytes.fromhex("00A4")


def _apdus(entries: Sequence[Entry], today: date) -> Iterator[Entry]:
    """Commands and answers, connection by connection."""
    connection: list[Entry] = []
    people = People()
    for entry in entries:
        if entry.what in (TO, FROM):
            connection.append(entry)
            continue
        yield from _connection(connection, today, people)
        connection = []
        yield entry
    yield from _connection(connection, today, people)


def _connection(entries: Sequence[Entry], today: date, people: People) -> Iterator[Entry]:
    blocks = _Blocks(entries, today, people)
    sam = _Sam(today, people)
    asked = b""
    for number, entry in enumerate(entries):
        if entry.what == TO:
            asked = entry.data
            kept = _kept_command(asked)
            yield replace(entry, data=kept, told=_SYNTHETIC if kept != asked else {})
            continue
        data, status = entry.data[:-2], entry.data[-2:]
        if number in blocks.made:
            made = blocks.made[number]
        elif frames.PREAMBLE in asked:
            start = asked.find(frames.PREAMBLE)
            sam.asked(asked[start:])
            made = b"".join(piece.data for piece in _answers([replace(entry, data=data)], sam))
        elif asked == _CHIP_SERIAL:
            made = disguise.filler(len(data), "chip")
        else:
            made = bytes(len(data))
        yield replace(entry, data=made + status, told=_SYNTHETIC if made != data else {})


def _kept_command(apdu: bytes) -> bytes:
    """A command that the station sends as it is to everybody's card; of any other only its head."""
    if apdu[:2] in (_BLOCK, _SELECT) or apdu == _CHIP_SERIAL or frames.PREAMBLE in apdu:
        return apdu
    return apdu[:5] + bytes(max(0, len(apdu) - 5))


class _Blocks:
    """The blocks of a payload, which only make sense together: the answers by their number, made harmless."""

    def __init__(self, entries: Sequence[Entry], today: date, people: People) -> None:
        self.made: dict[int, bytes] = {}
        self._today = today
        self._people = people
        reading: dict[int, tuple[int, bytes]] = {}  # by block: which entry, and its data
        last = -1
        for number, (asked, answer) in _pairs(entries):
            if asked[:2] != _BLOCK or len(asked) < 3:
                continue
            if asked[2] <= last:
                self._finish(reading)
                reading = {}
            last = asked[2]
            reading[last] = (number, answer[:-2])
        self._finish(reading)

    def _finish(self, reading: dict[int, tuple[int, bytes]]) -> None:
        if not reading:
            return
        whole = bytearray()
        for block, (_, data) in sorted(reading.items()):
            whole[block * 256 :] = bytes(max(0, block * 256 - len(whole))) + data
        made = disguise.card_payload(bytes(whole), self._today, self._people)
        for block, (number, data) in reading.items():
            start = block * 256
            self.made[number] = made[start : start + len(data)].ljust(len(data), b"\0")


def _pairs(entries: Iterable[Entry]) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    """Each answer's number among the entries, with the command before it."""
    asked = b""
    for number, entry in enumerate(entries):
        if entry.what == TO:
            asked = entry.data
        else:
            yield number, (asked, entry.data)
