"""One security module on an open line: find, select, read."""

from __future__ import annotations

import time
from typing import Final

from kiosk.devices.card import payload
from kiosk.devices.card.payload import Payload
from kiosk.devices.card.sam import states
from kiosk.devices.card.sam.frames import Answer, Command, Deframer, request
from kiosk.devices.card.sam.stream import ByteStream
from kiosk.errors import DeviceError, TemporaryFault

# How long a module thinks at most; the line's own time comes on top.
_THINKS_S: Final = {
    Command.READ: 2.5,
    Command.READ_WITH_FINGERPRINTS: 3.0,
    Command.READ_ADDRESS: 2.0,
}
_ANSWERS_S: Final = 1.0
# A frame whose bytes stop coming for this long is lost. Bridges deliver in bursts, at most some tens of milliseconds apart.
_GAP_S: Final = 0.2
_TRANSFER_S: Final = 3.0  # the longest answer, 2321 bytes, at 9600 baud takes 2.4 s
_MOST_STALE_READS: Final = 64
_IDENTITY_SIZE: Final = 16


class SecurityModule:
    """Speaks with the module. Data of a card pass through and are kept nowhere."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def ask(self, command: Command, timeout_s: float | None = None) -> Answer:
        """One command and its answer.

        Raises TemporaryFault("card.sam.silent") when none comes, DeviceError("card.sam.line") when only damaged frames come,
        TemporaryFault when the line is gone.
        """
        self._drain()
        deframer = Deframer()
        self._stream.write(request(command))
        answers_until = time.monotonic() + (_THINKS_S.get(command, _ANSWERS_S) if timeout_s is None else timeout_s)
        while (now := time.monotonic()) < answers_until + _TRANSFER_S:
            wait_s = _GAP_S if deframer.pending else answers_until - now
            if wait_s <= 0:
                break
            data = self._stream.read(wait_s)
            for answer in deframer.feed(data) if data else deframer.give_up():
                return answer
        if deframer.damaged:
            raise DeviceError(states.LINE, command=command.name)
        raise TemporaryFault("card.sam.silent", command=command.name)

    def _drain(self) -> None:
        """Drop late answers to earlier commands; a line that never falls silent is left to the deframer."""
        for _ in range(_MOST_STALE_READS):
            if not self._stream.read(0):
                return

    def check(self, timeout_s: float = _ANSWERS_S) -> None:
        """Ask whether the module is well. Raises PermanentFault("card.sam.self_test") or ("card.sam.faulty") when not."""
        self._expect(self.ask(Command.STATUS, timeout_s), states.OK)

    def identity(self) -> str:
        """The module's number, as printed on readers: `05.03-20240131-0000012345-0000000678`."""
        answer = self._expect(self.ask(Command.IDENTITY), states.OK)
        if len(answer.data) != _IDENTITY_SIZE:
            raise DeviceError(states.LINE, command=Command.IDENTITY.name)
        return format_identity(answer.data)

    def find(self) -> bool:
        """Whether a card has come. A card that was read is not found again before it has left."""
        answer = self.ask(Command.FIND)
        if answer.state == states.NO_CARD:
            return False
        self._expect(answer, states.FOUND)
        return True

    def select(self) -> bool:
        """Whether a card that was found lies there; then it is selected."""
        return self.ask(Command.SELECT).state == states.OK

    def read(self, *, fingerprints: bool = False, address: bool = False) -> Payload:
        """Select the card that was found and read it.

        Raises what `states.problem` says, DeviceError("card.garbled") for a payload that makes no sense.
        """
        self._expect(self.ask(Command.SELECT), states.OK)
        command = Command.READ_WITH_FINGERPRINTS if fingerprints else Command.READ
        content = payload.split(self._expect(self.ask(command), states.OK).data)
        if not address:
            return content
        return Payload(content.text, content.photo, content.fingerprints, self._address())

    def _address(self) -> bytes:
        answer = self.ask(Command.READ_ADDRESS)
        return b"" if answer.state == states.NOT_ON_CARD else self._expect(answer, states.OK).data

    @staticmethod
    def _expect(answer: Answer, state: int) -> Answer:
        if answer.state != state:
            raise states.problem(answer.state)
        return answer


def format_identity(data: bytes) -> str:
    """16 bytes: five little-endian numbers of 2, 2, 4, 4 and 4 bytes."""
    sizes = (2, 2, 4, 4, 4)
    starts = (0, 2, 4, 8, 12)
    parts = [int.from_bytes(data[start : start + size], "little") for start, size in zip(starts, sizes, strict=True)]
    return "{:02d}.{:02d}-{:08d}-{:010d}-{:010d}".format(*parts)
