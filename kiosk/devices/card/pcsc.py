"""A card slot over PC/SC, with an own loop on SCardGetStatusChange.

pyscard's CardMonitor and ReaderMonitor go silent for ever when pcscd restarts. Here every unexpected answer of the service ends
the loop with a temporary fault, and the worker opens the slot again with a new context.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from kiosk.devices.card import known
from kiosk.devices.card.hand import Hand
from kiosk.devices.card.slot import SlotChange
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault

# Waiting ends at once on every change and on SCardCancel; the limit only guards against a lost cancel.
_WAIT_MS: Final = 200

log = logging.getLogger(__name__)


class PcscSlot:
    """The reader whose name contains `reader`, or the first that cards are laid on. Survives restarts and unplugging."""

    def __init__(self, reader: str = "", patience_s: float = 5.0) -> None:
        """`patience_s`: how long one command may take before the reader is taken for dead."""
        self._wanted = reader
        self._patience_s = patience_s
        self._hand: Hand | None = None  # for the calls that hang when a card or driver does
        self._reader = ""
        self._context: Any = None
        # The last connection stays open while its card lies there. Nobody is troubled by it (it is shared), and without it the
        # service powers the card down and can then miss a quick swap.
        self._held: Any = None
        self._lock = threading.Lock()  # guards the context against `interrupt` from another thread
        self._interrupted = threading.Event()

    def open(self) -> str:
        """Connect to the service and choose a reader; returns its name.

        Raises PermanentFault("card.pcsc.not_installed"), TemporaryFault("card.pcsc.no_service"), ("card.pcsc.no_reader") or
        ("card.pcsc.other_reader") when there are readers but not the wanted one.
        """
        scard = load_scard()
        context = establish(scard)
        with self._lock:
            self._context = context
        self._reader = choose_reader(scard, context, self._wanted)
        self._hand = Hand(self._patience_s)
        return self._reader

    def changes(self) -> Iterator[SlotChange]:
        """The state now, then every change; ends after `interrupt`. Raises TemporaryFault when reader or service are gone."""
        scard = load_scard()
        seen = scard.SCARD_STATE_UNAWARE
        while True:
            if self._interrupted.is_set():
                self._interrupted.clear()
                return
            code, states = scard.SCardGetStatusChange(self._context, _WAIT_MS, [(self._reader, seen)])
            if code in (scard.SCARD_E_TIMEOUT, scard.SCARD_E_CANCELLED):
                continue
            if code != scard.SCARD_S_SUCCESS:
                raise TemporaryFault(_loss(scard, code), status=hex_status(code))
            _, state, atr = states[0]
            if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE):
                raise TemporaryFault("card.pcsc.reader_lost", status=hex_status(state))
            if not state & scard.SCARD_STATE_PRESENT:
                self._let_go()
            if change := _difference(scard, seen, state, bytes(atr)):
                yield change
            seen = state & ~scard.SCARD_STATE_CHANGED

    @contextmanager
    def connect(self) -> "Iterator[PcscChannel]":
        """Connect to the card in the field.

        Raises TemporaryFault("card.gone") when there is none, DeviceError("card.unreadable") when it does not wake up,
        PermanentFault("card.pcsc.silent") when the reader answers nothing any more.
        """
        scard = load_scard()
        self._let_go()
        hand, shared, protocols = self._opened(), scard.SCARD_SHARE_SHARED, _protocols(scard)
        code, card, protocol = hand.do(lambda: scard.SCardConnect(self._context, self._reader, shared, protocols))
        if code in (scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD, scard.SCARD_E_PROTO_MISMATCH):
            raise DeviceError("card.unreadable", status=hex_status(code))
        if code != scard.SCARD_S_SUCCESS:
            raise TemporaryFault("card.gone", status=hex_status(code))
        self._held = card
        try:
            yield PcscChannel(scard, hand, card, protocol)
        except (TemporaryFault, PermanentFault):
            raise  # a reset of a card that has gone would make pcscd blind to the next one
        except DeviceError:
            # A card that answered badly is reset for the next attempt.
            hand.do(lambda: scard.SCardReconnect(card, shared, protocols, scard.SCARD_RESET_CARD))
            raise

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
        """End a blocked `changes` at once; called from another thread."""
        self._interrupted.set()
        with self._lock:
            if self._context is not None:
                load_scard().SCardCancel(self._context)

    def close(self) -> None:
        """Let the reader go; when it hangs, that happens as soon as it no longer does."""
        with self._lock:
            context, self._context = self._context, None
        hand, self._hand = self._hand, None
        held, self._held = self._held, None
        if context is None:
            return
        scard = load_scard()

        def release() -> None:
            if held is not None:
                scard.SCardDisconnect(held, scard.SCARD_LEAVE_CARD)
            scard.SCardReleaseContext(context)

        if hand is None:
            release()
        else:
            hand.let_go(release)


class PcscChannel:
    """An open connection to one card."""

    def __init__(self, scard: Any, hand: Hand, card: int, protocol: int) -> None:
        self._scard = scard
        self._hand = hand
        self._card = card
        self._protocol = protocol

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """Answer data and SW1 SW2.

        Raises TemporaryFault("card.gone") when the card has left or the reader lost it, PermanentFault("card.pcsc.silent")
        when no answer comes.
        """
        code, answer = self._hand.do(lambda: self._scard.SCardTransmit(self._card, self._protocol, list(apdu)))
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
    """A new context. Raises TemporaryFault("card.pcsc.no_service")."""
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != scard.SCARD_S_SUCCESS:
        raise TemporaryFault("card.pcsc.no_service", status=hex_status(code))
    return context


def readers(scard: Any, context: Any) -> list[str]:
    """The names of all readers. Raises TemporaryFault("card.pcsc.no_service")."""
    code, names = scard.SCardListReaders(context, [])
    if code == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    if code != scard.SCARD_S_SUCCESS:
        raise TemporaryFault("card.pcsc.no_service", status=hex_status(code))
    return list(names)


def fields(scard: Any, context: Any, names: list[str]) -> Iterator[tuple[str, SlotChange]]:
    """What lies in each reader's field now."""
    code, states = scard.SCardGetStatusChange(context, 0, [(name, scard.SCARD_STATE_UNAWARE) for name in names])
    if code == scard.SCARD_S_SUCCESS:
        for name, state, atr in states:
            yield name, SlotChange(bool(state & scard.SCARD_STATE_PRESENT), bytes(atr))


def choose_reader(scard: Any, context: Any, wanted: str) -> str:
    """The reader to use. Raises TemporaryFault("card.pcsc.no_reader") or ("card.pcsc.other_reader")."""
    names = readers(scard, context)
    if not names:
        raise TemporaryFault("card.pcsc.no_reader")
    chosen = known.choose(names, wanted)
    if chosen is None:
        raise TemporaryFault("card.pcsc.other_reader", wanted=wanted, found=", ".join(names))
    if len(names) > 1:
        log.info("reader %s taken of %s", chosen, ", ".join(names))
    return chosen


def _difference(scard: Any, seen: int, state: int, atr: bytes) -> SlotChange | None:
    present, was_present = bool(state & scard.SCARD_STATE_PRESENT), bool(seen & scard.SCARD_STATE_PRESENT)
    if seen == scard.SCARD_STATE_UNAWARE or present != was_present:
        return SlotChange(present, atr)
    # The upper half counts comings and goings: two of them between two looks are another card, or the same one again.
    if present and (state >> 16) - (seen >> 16) & 0xFFFF >= 2:
        return SlotChange(present, atr, swapped=True)
    return None


def _loss(scard: Any, code: int) -> str:
    lost_reader = (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE)
    return "card.pcsc.reader_lost" if code in lost_reader else "card.pcsc.no_service"


def _protocols(scard: Any) -> int:
    return int(scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1)


def hex_status(code: int) -> str:
    """A status as PC/SC documents write it: 8010001D."""
    return f"{code & 0xFFFFFFFF:08X}"
