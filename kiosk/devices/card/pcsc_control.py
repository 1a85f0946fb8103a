"""A line to a security module through SCardControl, for readers whose driver passes the frames so. Off unless configured."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kiosk.devices.card.pcsc import establish, hex_status, load_scard, suitable_readers
from kiosk.devices.card.sam.stream import ByteStream
from kiosk.errors import TemporaryFault


class ControlLine:
    """A direct connection to the reader; no card needs to lie there."""

    def __init__(self, scard: Any, context: Any, handle: Any, code: int) -> None:
        self._scard = scard
        self._context = context
        self._handle = handle
        self._code = scard.SCARD_CTL_CODE(code)
        self._answer = b""

    def write(self, data: bytes, /) -> None:
        """Send a frame and keep the answer for `read`."""
        status, answer = self._scard.SCardControl(self._handle, self._code, list(data))
        if status != self._scard.SCARD_S_SUCCESS:
            raise TemporaryFault("card.pcsc.reader_lost", status=hex_status(status))
        self._answer = bytes(answer)

    def read(self, _timeout_s: float, /) -> bytes:
        """The answer, once."""
        answer, self._answer = self._answer, b""
        return answer

    def close(self) -> None:
        """Let the reader go."""
        with suppress(Exception):  # the binding's own errors: there is nothing left to lose
            self._scard.SCardDisconnect(self._handle, self._scard.SCARD_LEAVE_CARD)
            self._scard.SCardReleaseContext(self._context)


class ControlOpener:
    """Opens the configured reader, or the first that cards are laid on."""

    def __init__(self, reader: str, code: int) -> None:
        self._wanted = reader
        self._code = code

    def __call__(self) -> tuple[ByteStream, str]:
        """The line and the reader's name. Raises as `PcscSlot.open` does."""
        scard = load_scard()
        context = establish(scard)
        try:
            reader = suitable_readers(scard, context, self._wanted)[0]
            status, handle, _ = scard.SCardConnect(context, reader, scard.SCARD_SHARE_DIRECT, 0)
            if status != scard.SCARD_S_SUCCESS:
                raise TemporaryFault("card.pcsc.reader_lost", status=hex_status(status))
        except TemporaryFault:
            scard.SCardReleaseContext(context)
            raise
        return ControlLine(scard, context, handle, self._code), reader
