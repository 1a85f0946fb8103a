"""What cards and readers speak over APDUs. Each protocol says whether it is spoken, and reads."""

from __future__ import annotations

import threading
from typing import Final, Protocol

from kiosk.devices.card import blocks
from kiosk.devices.card.icao import bac, files
from kiosk.devices.card.icao.document import TravelDocument
from kiosk.devices.card.icao.mrz import AccessKey
from kiosk.devices.card.payload import Payload
from kiosk.devices.card.sam.module import SecurityModule
from kiosk.devices.card.sam.tunnel import ApduTemplate, TunnelStream
from kiosk.devices.card.slot import CardChannel
from kiosk.devices.card.source import Reading
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault
from kiosk.records import Message

SLOW: Final = "card.slow"
_OK: Final = 0x9000


class CardProtocol(Protocol):
    """One way to read what lies in a PC/SC reader."""

    name: str

    def is_spoken(self, channel: CardChannel) -> bool:
        """Whether the card or reader answers in this protocol. Does no harm to any other card."""

    def read(self, channel: CardChannel) -> Reading:
        """Read the card. Raises DeviceError."""


class Blocks:
    """The reader shows its security module's payload as `FF B0` blocks."""

    name = "blocks"

    def is_spoken(self, channel: CardChannel) -> bool:
        """Whether the first block looks like a payload."""
        return blocks.is_spoken(channel)

    def read(self, channel: CardChannel) -> Payload:
        """Text and photo."""
        return blocks.read(channel)


class Tunnel:
    """The reader passes the security module's frames through an APDU. Never guessed: only where it is configured."""

    name = "tunnel"

    def __init__(self, template: ApduTemplate, *, fingerprints: bool, address: bool) -> None:
        self._template = template
        self._fingerprints = fingerprints
        self._address = address

    def is_spoken(self, channel: CardChannel) -> bool:
        """Whether a module answers."""
        try:
            self._module(channel).check()
        except TemporaryFault:
            raise
        except DeviceError:
            return False
        return True

    def read(self, channel: CardChannel) -> Payload:
        """Text, photo and what else was asked for."""
        module = self._module(channel)
        module.find()  # "no card" may mean that this one was found before: selecting it shows
        return module.read(fingerprints=self._fingerprints, address=self._address)

    def _module(self, channel: CardChannel) -> SecurityModule:
        return SecurityModule(TunnelStream(channel, self._template))


class Travel:
    """Passports and other e-documents of ICAO 9303, opened with what is printed on them."""

    name = "travel"

    def __init__(self) -> None:
        self._key: AccessKey | None = None
        self._lock = threading.Lock()

    def use(self, key: AccessKey | None) -> None:
        """Take a key for the document that lies there or comes next; None forgets it. Called from any thread."""
        with self._lock:
            self._key = key

    def is_spoken(self, channel: CardChannel) -> bool:
        """Whether the chip has the application of e-documents."""
        return files.select_application(channel)

    def read(self, channel: CardChannel) -> TravelDocument:
        """The machine-readable zone and the picture.

        Raises DeviceError("card.passport.mrz_needed") without a key, and what `bac.authenticate` says.
        """
        with self._lock:
            key = self._key
        if key is None:
            raise DeviceError("card.passport.mrz_needed")
        if not files.select_application(channel):
            raise DeviceError("card.unsupported")
        try:
            secure = bac.authenticate(channel, key)
        except TemporaryFault:
            raise  # moved: the key is still good when the document lies there again
        except DeviceError:
            self.use(None)  # another document's: tried once, never on the next one
            raise
        zone = files.mrz_of(files.read(secure, files.DG1))
        try:
            document = TravelDocument(zone, files.picture_of(files.read(secure, files.DG2)))
        except (TemporaryFault, PermanentFault):
            raise
        except DeviceError as error:
            if error.code == SLOW:
                raise
            document = TravelDocument(zone, b"", Message("error.card.passport.no_picture", {"details": str(error)}))
        self.use(None)
        return document


class Plain:
    """A contactless reader without a security module: of an ID card it gets the chip's serial number and nothing else."""

    name = "plain"

    def is_spoken(self, channel: CardChannel) -> bool:
        """Whether the chip tells its serial number."""
        return bool(chip_serial(channel))

    def read(self, _channel: CardChannel) -> Reading:
        """Raises DeviceError("card.no_security_module"), always."""
        raise DeviceError("card.no_security_module")


_SERIAL: Final = bytes.fromhex("0036000008")


def chip_serial(channel: CardChannel) -> bytes:
    """The 8 bytes that an ID card's chip gives to anybody; b"" when it is no ID card. No other data come with it."""
    data, status = channel.transmit(_SERIAL)
    return data if status == _OK and len(data) == 8 else b""
