"""A line to a security module through SCardControl, for readers whose driver passes the frames so. Off unless configured."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from kiosk.devices.card.pcsc import establish, hex_status, load_scard, suitable_readers
from kiosk.devices.card.sam.stream import ByteStream
from kiosk.devices.vendor import Hand, Hands
from kiosk.errors import KioskError, TemporaryFault

_PATIENCE_S: Final = 5.0


class ControlLine:
    """A direct connection to the reader; no card needs to lie there."""

    def __init__(self, scard: Any, hand: Hand, context: Any, handle: Any, code: int) -> None:
        self._scard = scard
        self._hand = hand
        self._context = context
        self._handle = handle
        self._code = scard.SCARD_CTL_CODE(code)
        self._answer = b""

    def write(self, data: bytes, /) -> None:
        """Send a frame and keep the answer for `read`. Raises PermanentFault("card.pcsc.silent") when none comes back."""
        status, answer = self._hand.do(lambda: self._scard.SCardControl(self._handle, self._code, list(data)))
        if status != self._scard.SCARD_S_SUCCESS:
            raise TemporaryFault("card.pcsc.reader_lost", status=hex_status(status))
        self._answer = bytes(answer)

    def read(self, _timeout_s: float, /) -> bytes:
        """The answer, once."""
        answer, self._answer = self._answer, b""
        return answer

    def close(self) -> None:
        """Let the reader go."""

        def release() -> None:
            with suppress(Exception):  # the binding's own errors: there is nothing left to lose
                self._scard.SCardDisconnect(self._handle, self._scard.SCARD_LEAVE_CARD)
                self._scard.SCardReleaseContext(self._context)

        self._hand.let_go(release)


class ControlOpener:
    """Opens the configured reader, or the most likely that cards are laid on."""

    def __init__(self, reader: str, code: int) -> None:
        self._wanted = reader
        self._code = code
        self._hands = Hands("card-calls", _PATIENCE_S, "card.pcsc.silent")

    def __call__(self) -> tuple[ByteStream, str]:
        """The line and the reader's name. Raises as `PcscSlot.open` does."""
        scard, hand = load_scard(), self._hands.take()
        context: Any = None
        try:
            context = hand.do(lambda: establish(scard))
            reader = hand.do(lambda: suitable_readers(scard, context, self._wanted))[0]
            status, handle, _ = hand.do(lambda: scard.SCardConnect(context, reader, scard.SCARD_SHARE_DIRECT, 0))
            if status != scard.SCARD_S_SUCCESS:
                raise TemporaryFault("card.pcsc.reader_lost", status=hex_status(status))
        except KioskError:
            hand.let_go(lambda: None if context is None else scard.SCardReleaseContext(context))
            raise
        return ControlLine(scard, hand, context, handle, self._code), reader
