"""A card slot over PC/SC, with an own loop on SCardGetStatusChange.

pyscard's CardMonitor and ReaderMonitor go silent for ever when pcscd restarts. Here every unexpected answer of the service ends
the loop with a temporary fault, and the worker opens the slot again with a new context.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from kiosk.devices.card import known
from kiosk.devices.card.slot import SlotChange
from kiosk.devices.vendor import Hand, Hands
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault

# Waiting ends at once on every change. Nothing else ends it: SCardCancel hangs where the service does.
_WAIT_MS: Final = 100
_LIST_S: Final = 1.0  # between two looks whether there are other readers
_TRY_AGAIN_S: Final = 0.7  # between two tries at a card that another program holds
_RESET: Final = "card.pcsc.reset"
# Windows' own numbers, which its service hands on: ERROR_ACCESS_DENIED, and ERROR_BROKEN_PIPE in a remote session.
_ACCESS_DENIED: Final = 5
_REMOTE_SESSION: Final = 109

log = logging.getLogger(__name__)


class PcscSlot:
    """All readers that cards are laid on, or those whose name contains `reader`: whichever gets a card is read.

    Survives restarts of the service and unplugging.
    """

    def __init__(self, reader: str = "", patience_s: float = 5.0) -> None:
        """`patience_s`: how long one command may take before the reader is taken for dead."""
        self._wanted = reader
        self._hands = Hands("card-calls", patience_s, "card.pcsc.silent")
        self._hand: Hand | None = None  # for all calls, as every one hangs when the service, a driver or a card does
        self._readers: tuple[str, ...] = ()
        self._reader = ""  # where the card lies that was told of last
        self._context: Any = None
        # The last connection stays open while its card lies there. Nobody is troubled by it (it is shared), and without it the
        # service powers the card down and can then miss a quick swap.
        self._held: Any = None
        self._blocked = False  # another program kept us from the card that lies there
        self._interrupted = threading.Event()

    def open(self) -> str:
        """Connect to the service and look for readers; returns their names.

        Raises PermanentFault("card.pcsc.not_installed") or ("card.pcsc.silent"), TemporaryFault as `_service` says,
        ("card.pcsc.no_reader") or ("card.pcsc.other_reader") when there are readers but not the wanted one.
        """
        scard = load_scard()
        hand = self._hand = self._hands.take()
        self._context = hand.do(lambda: establish(scard))
        self._readers = tuple(hand.do(lambda: suitable_readers(scard, self._context, self._wanted)))
        self._reader, self._blocked = self._readers[0], False
        return " + ".join(self._readers)

    def changes(self) -> Iterator[SlotChange]:
        """The state now, then every change; ends after `interrupt`. Raises TemporaryFault when reader or service are gone.

        With several readers the card that was laid down last counts.
        """
        scard = load_scard()
        field = _Field(scard, self._readers)
        listed_s = tried_s = time.monotonic()
        while not self._interrupted.is_set():
            wanted = field.wanted()
            code, states = self._opened().do(lambda: scard.SCardGetStatusChange(self._context, _WAIT_MS, wanted))  # noqa: B023
            if code == scard.SCARD_S_SUCCESS:
                for change, reader in field.changed(states):
                    if not change.present or change.swapped:
                        self._let_go()
                    self._reader, self._blocked, tried_s = reader, False, time.monotonic()
                    yield replace(change, reader=reader)
            elif code not in (scard.SCARD_E_TIMEOUT, scard.SCARD_E_CANCELLED):
                raise _loss(scard, code)
            now_s = time.monotonic()
            if self._blocked and now_s - tried_s > _TRY_AGAIN_S:
                self._blocked, tried_s = False, now_s
                yield SlotChange(present=True, atr=field.atr(self._reader), again=True)
            if now_s - listed_s > _LIST_S:
                listed_s = now_s
                self._notice_readers(scard)
        self._interrupted.clear()

    @contextmanager
    def connect(self) -> "Iterator[PcscChannel]":
        """Connect to the card in the field.

        Raises TemporaryFault("card.gone") when there is none, DeviceError("card.unreadable") when it does not wake up,
        ("card.pcsc.in_use") or ("card.pcsc.reset") when another program came between: then the card is told of again after a
        while. Raises PermanentFault("card.pcsc.silent") when the reader answers nothing any more.
        """
        scard = load_scard()
        self._let_go()
        self._blocked = False
        hand, shared, protocols = self._opened(), scard.SCARD_SHARE_SHARED, _protocols(scard)
        code, card, protocol = hand.do(lambda: scard.SCardConnect(self._context, self._reader, shared, protocols))
        if code == scard.SCARD_E_SHARING_VIOLATION:
            self._blocked = True
            raise DeviceError("card.pcsc.in_use", status=hex_status(code))
        if code in (scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD, scard.SCARD_E_PROTO_MISMATCH):
            raise DeviceError("card.unreadable", status=hex_status(code))
        if code != scard.SCARD_S_SUCCESS:
            raise TemporaryFault("card.gone", status=hex_status(code))
        self._held = card
        try:
            yield PcscChannel(scard, hand, card, protocol)
        except (TemporaryFault, PermanentFault):
            raise  # a reset of a card that has gone would make pcscd blind to the next one
        except DeviceError as error:
            if error.code == _RESET:
                self._blocked = True
            # A card that answered badly is reset for the next attempt.
            hand.do(lambda: scard.SCardReconnect(card, shared, protocols, scard.SCARD_RESET_CARD))
            raise

    def _notice_readers(self, scard: Any) -> None:
        """Raises TemporaryFault("card.pcsc.readers_changed") when another reader was plugged in: it is watched then too."""
        names = self._opened().do(lambda: suitable_readers(scard, self._context, self._wanted))
        if tuple(names) != self._readers:
            raise TemporaryFault("card.pcsc.readers_changed")

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            scard = load_scard()
            self._opened().do(lambda: scard.SCardDisconnect(held, scard.SCARD_LEAVE_CARD))

    def _opened(self) -> Hand:
        if self._hand is None:
            raise TemporaryFault("card.pcsc.no_reader")
        return self._hand

    def interrupt(self) -> None:
        """End a blocked `changes` within a tenth of a second; called from another thread."""
        self._interrupted.set()

    def close(self) -> None:
        """Let the reader go; when it hangs, that happens as soon as it no longer does."""
        context, self._context = self._context, None
        hand, self._hand = self._hand, None
        held, self._held = self._held, None
        if hand is None:
            return

        def release() -> None:
            scard = load_scard()
            if held is not None:
                scard.SCardDisconnect(held, scard.SCARD_LEAVE_CARD)
            if context is not None:
                scard.SCardReleaseContext(context)

        hand.let_go(release)


class _Field:
    """What lies on several readers, as one field: the card that was laid down last counts."""

    def __init__(self, scard: Any, readers: tuple[str, ...]) -> None:
        self._scard = scard
        self._seen = dict.fromkeys(readers, int(scard.SCARD_STATE_UNAWARE))
        self._atrs = dict.fromkeys(readers, b"")
        self._active: str | None = None  # the reader whose card counts
        self._told = False

    def wanted(self) -> list[tuple[str, int]]:
        """What to ask the service about."""
        return list(self._seen.items())

    def atr(self, reader: str) -> bytes:
        return self._atrs[reader]

    def changed(self, states: list[tuple[str, int, list[int]]]) -> list[tuple[SlotChange, str]]:
        """What is to be told, and on which reader it happened. Raises TemporaryFault("card.pcsc.reader_lost")."""
        scard = self._scard
        told: list[tuple[SlotChange, str]] = []
        for reader, state, raw in states:
            if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE):
                raise TemporaryFault("card.pcsc.reader_lost", status=hex_status(state))
            seen, self._seen[reader], self._atrs[reader] = self._seen[reader], state & ~scard.SCARD_STATE_CHANGED, bytes(raw)
            if change := _difference(scard, seen, state, bytes(raw)):
                told += self._as_one(change, reader)
        if not self._told and not told:
            told = [(SlotChange(present=False), next(iter(self._seen)))]
        self._told = True
        return told

    def _as_one(self, change: SlotChange, reader: str) -> list[tuple[SlotChange, str]]:
        if change.present:
            is_other = self._active not in (None, reader)
            if is_other and not self._told:
                return []  # both lay there from the start: the likelier reader's counts
            self._active = reader
            return [(replace(change, swapped=change.swapped or is_other), reader)]
        if self._active != reader:
            return []
        self._active = None
        return [(change, reader)]


class PcscChannel:
    """An open connection to one card."""

    def __init__(self, scard: Any, hand: Hand, card: int, protocol: int) -> None:
        self._scard = scard
        self._hand = hand
        self._card = card
        self._protocol = protocol

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """Answer data and SW1 SW2.

        Raises TemporaryFault("card.gone") when the card has left or the reader lost it, DeviceError("card.pcsc.reset") when
        another program reset it, PermanentFault("card.pcsc.silent") when no answer comes.
        """
        code, answer = self._hand.do(lambda: self._scard.SCardTransmit(self._card, self._protocol, list(apdu)))
        if code == self._scard.SCARD_W_RESET_CARD:
            raise DeviceError(_RESET, status=hex_status(code))
        if code != self._scard.SCARD_S_SUCCESS or len(answer) < 2:
            raise TemporaryFault("card.gone", status=hex_status(code))
        return bytes(answer[:-2]), answer[-2] << 8 | answer[-1]


def load_scard() -> Any:
    """The thin layer of pyscard over the PC/SC calls, loaded late: stations with another kind of reader go without it."""
    try:
        return importlib.import_module("smartcard.scard")
    except ImportError:
        raise PermanentFault("card.pcsc.not_installed") from None


def establish(scard: Any) -> Any:
    """A new context. Raises what `_service` says."""
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != scard.SCARD_S_SUCCESS:
        raise _service(scard, code)
    return context


def readers(scard: Any, context: Any) -> list[str]:
    """The names of all readers. Raises what `_service` says."""
    code, names = scard.SCardListReaders(context, [])
    if code == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    if code != scard.SCARD_S_SUCCESS:
        raise _service(scard, code)
    return list(names)


def fields(scard: Any, context: Any, names: list[str]) -> Iterator[tuple[str, SlotChange]]:
    """What lies in each reader's field now."""
    code, states = scard.SCardGetStatusChange(context, 0, [(name, scard.SCARD_STATE_UNAWARE) for name in names])
    if code == scard.SCARD_S_SUCCESS:
        for name, state, atr in states:
            yield name, SlotChange(bool(state & scard.SCARD_STATE_PRESENT), bytes(atr))


def suitable_readers(scard: Any, context: Any, wanted: str) -> list[str]:
    """The readers to watch, the most likely first. Raises TemporaryFault("card.pcsc.no_reader", "card.pcsc.other_reader")."""
    names = readers(scard, context)
    if not names:
        raise TemporaryFault("card.pcsc.no_reader")
    suitable = known.suitable(names, wanted)
    if not suitable:
        raise TemporaryFault("card.pcsc.other_reader", wanted=wanted, found=", ".join(names))
    return suitable


def _difference(scard: Any, seen: int, state: int, atr: bytes) -> SlotChange | None:
    present, was_present = bool(state & scard.SCARD_STATE_PRESENT), bool(seen & scard.SCARD_STATE_PRESENT)
    if seen == scard.SCARD_STATE_UNAWARE or present != was_present:
        return SlotChange(present, atr)
    # The upper half counts comings and goings: two of them between two looks are another card, or the same one again.
    if present and (state >> 16) - (seen >> 16) & 0xFFFF >= 2:
        return SlotChange(present, atr, swapped=True)
    return None


def _loss(scard: Any, code: int) -> TemporaryFault:
    """Why the wait for cards ended."""
    if code in (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE):
        return TemporaryFault("card.pcsc.reader_lost", status=hex_status(code))
    return _service(scard, code)


def _service(scard: Any, code: int) -> TemporaryFault:
    """What ails the service. Windows starts it with the first reader and stops it with the last; in a remote session, or where
    a policy (polkit) says so, nobody may use it.
    """
    status = hex_status(code)
    if code == scard.SCARD_E_SERVICE_STOPPED:
        return TemporaryFault("card.pcsc.service_stopped", status=status)
    if code in (scard.SCARD_W_SECURITY_VIOLATION, scard.SCARD_E_NO_ACCESS, _ACCESS_DENIED, _REMOTE_SESSION):
        return TemporaryFault("card.pcsc.denied", status=status)
    return TemporaryFault("card.pcsc.no_service", status=status)


def _protocols(scard: Any) -> int:
    return int(scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1)


def hex_status(code: int) -> str:
    """A status as PC/SC documents write it: 8010001D."""
    return f"{code & 0xFFFFFFFF:08X}"
