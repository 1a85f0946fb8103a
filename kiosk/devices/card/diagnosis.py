"""What a person who helps from afar has to know about the card reader. Card data come out masked only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from kiosk import idnumber
from kiosk.config import CardSettings
from kiosk.devices.card import known, pcsc, setup
from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.over_slot import SlotSource
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.protocols import Travel, chip_serial
from kiosk.devices.card.slot import CardChannel, Slot, SlotChange
from kiosk.devices.card.source import CardSource
from kiosk.devices.events import CardPresented, CardUnreadable, DeviceEvent
from kiosk.errors import KioskError
from kiosk.records import CardData


@dataclass(frozen=True)
class ReaderFound:
    """One PC/SC reader. `known` is the protocol that its card is known to speak, empty for an unknown card."""

    name: str
    used: bool
    present: bool
    atr: str
    known: str


@dataclass
class Traffic:
    """What went over the card channel."""

    commands: int = 0
    received: int = 0


@dataclass(frozen=True)
class Diagnosis:
    """Everything that was found out before the first problem."""

    transport: str
    reader: str = ""
    readers: tuple[ReaderFound, ...] = ()
    present: bool = False
    protocol: str = ""
    protocol_known_by: str = ""  # "settings", "atr" or "asking"
    chip_serial: str = ""  # of an ID card on a reader without a security module
    traffic: Traffic = field(default_factory=Traffic)
    seconds: float = 0.0
    card: CardData | None = None  # masked
    problem: KioskError | None = None


def diagnose(settings: CardSettings, decoder: PhotoDecoder, slot: Slot | None = None) -> Diagnosis:
    """Look for the reader, ask what lies on it, and read it once. Never raises KioskError: `problem` has it."""
    transport = ("kit" if settings.source else settings.transport) if slot is None else "simulated"
    diagnosis = Diagnosis(transport)
    listening = _Listening(slot or pcsc.PcscSlot(settings.reader, settings.read_timeout_s))
    source = setup.source(settings, Travel(), listening if transport in ("pcsc", "simulated") else None)
    try:
        if transport == "pcsc":
            diagnosis = replace(diagnosis, readers=_readers(settings.reader))
        diagnosis = replace(diagnosis, reader=source.open())
        change = next(source.changes())
        diagnosis = replace(diagnosis, present=change.present, traffic=listening.traffic)
        if change.present:
            diagnosis = _recognise(diagnosis, source, listening, change)
            diagnosis = _read(diagnosis, CardDevice(source, decoder, settings), change)
    except KioskError as error:
        return replace(diagnosis, problem=error)
    finally:
        source.close()
    return diagnosis


def _readers(wanted: str) -> tuple[ReaderFound, ...]:
    scard = pcsc.load_scard()
    context = pcsc.establish(scard)
    try:
        names = pcsc.readers(scard, context)
        watched = known.suitable(names, wanted)
        return tuple(_reader(name, change, used=name in watched) for name, change in pcsc.fields(scard, context, names))
    finally:
        scard.SCardReleaseContext(context)


def _reader(name: str, change: SlotChange, *, used: bool) -> ReaderFound:
    card = known.card_of(change.atr)
    return ReaderFound(name, used, change.present, change.atr.hex(" ").upper(), card.protocol if card else "")


def _recognise(diagnosis: Diagnosis, source: CardSource, slot: "_Listening", change: SlotChange) -> Diagnosis:
    """Which protocol, and why. A bare security module has but one, and so has a maker's kit."""
    if not isinstance(source, SlotSource):
        spoken = "kit" if diagnosis.transport == "kit" else "sam"
        return replace(diagnosis, protocol=spoken, protocol_known_by="settings")
    with slot.connect() as channel:
        protocol = source.recognise(change.atr, channel)
        serial = chip_serial(channel).hex(" ").upper() if protocol.name == "plain" else ""
    if protocol.name == "tunnel":
        known_by = "settings"
    else:
        card = known.card_of(change.atr)
        known_by = "atr" if card is not None and card.protocol == protocol.name else "asking"
    slot.traffic.commands = slot.traffic.received = 0
    return replace(diagnosis, protocol=protocol.name, protocol_known_by=known_by, chip_serial=serial)


def _read(diagnosis: Diagnosis, device: CardDevice, change: SlotChange) -> Diagnosis:
    event = device.read(change)
    if isinstance(event, CardUnreadable):
        return replace(diagnosis, problem=event.error)
    return replace(diagnosis, seconds=event.seconds, card=masked(event.card))


def masked(card: CardData) -> CardData:
    """The same card with nothing on it that tells who it is."""
    return replace(
        card,
        name=_initial(card.name),
        english_name=_initial(card.english_name),
        id_number=idnumber.masked(card.id_number),
        permit_number=idnumber.masked(card.permit_number),
        former_number=idnumber.masked(card.former_number),
        birth_text=card.birth_text[:4],
        birth=None,
        address=_initial(card.address),
        additional_address=_initial(card.additional_address),
    )


def _initial(text: str) -> str:
    return text[:1] + "*" * (len(text) - 1)


@dataclass(frozen=True)
class Watched:
    """One event of `kiosk devices card --watch`, with its card masked."""

    at_s: float
    event: DeviceEvent


def watched(event: DeviceEvent) -> Watched:
    """An event as it may be shown."""
    if isinstance(event, CardPresented):
        event = replace(event, card=masked(event.card), fingerprints=b"")
    return Watched(time.time(), event)


class _Listening:
    """A slot that counts what goes through."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self.traffic = Traffic()

    def open(self) -> str:
        return self._slot.open()

    def changes(self) -> Iterator[SlotChange]:
        return self._slot.changes()

    @contextmanager
    def connect(self) -> "Iterator[_ListeningChannel]":
        with self._slot.connect() as channel:
            yield _ListeningChannel(channel, self.traffic)

    def interrupt(self) -> None:
        self._slot.interrupt()

    def close(self) -> None:
        self._slot.close()


class _ListeningChannel:
    def __init__(self, channel: CardChannel, traffic: Traffic) -> None:
        self._channel = channel
        self._traffic = traffic

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        data, status = self._channel.transmit(apdu)
        self._traffic.commands += 1
        self._traffic.received += len(data) + 2
        return data, status
