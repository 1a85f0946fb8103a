"""Puts a card device together as the settings say."""

from __future__ import annotations

from kiosk.config import CardSettings
from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.fields import KitSource
from kiosk.devices.card.over_slot import SlotSource
from kiosk.devices.card.pcsc import PcscSlot
from kiosk.devices.card.pcsc_control import ControlOpener
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.protocols import Blocks, CardProtocol, Plain, Travel, Tunnel
from kiosk.devices.card.sam.serial_line import SerialOpener
from kiosk.devices.card.sam.source import SamSource
from kiosk.devices.card.sam.stream import StreamOpener
from kiosk.devices.card.sam.tunnel import ApduTemplate
from kiosk.devices.card.sam.usb_pipe import UsbOpener
from kiosk.devices.card.slot import Slot
from kiosk.devices.card.source import CardSource
from kiosk.devices.serial_line import SerialPorts


def card_device(
    settings: CardSettings,
    decoder: PhotoDecoder,
    travel: Travel | None = None,
    slot: Slot | None = None,
    *,
    fingerprints: bool = False,
    ports: SerialPorts | None = None,
) -> CardDevice:
    """The device for the configured transport; `slot` stands in for PC/SC, `travel` takes what is printed on passports, `ports`
    are shared with the station's other devices.

    With `fingerprints` those on the chip are read too, where the way to the security module can ask for them.
    """
    way = source(settings, travel or Travel(), slot, fingerprints=fingerprints, ports=ports)
    return CardDevice(way, decoder, settings)


def source(
    settings: CardSettings,
    travel: Travel,
    slot: Slot | None = None,
    *,
    fingerprints: bool = False,
    ports: SerialPorts | None = None,
) -> CardSource:
    """The way to the cards."""
    if slot is None and settings.source:
        return KitSource(settings.source, settings.kit)
    if slot is None and (opener := line_opener(settings, ports)):
        return SamSource(opener, fingerprints=fingerprints, address=settings.additional_address)
    return SlotSource(
        slot or PcscSlot(settings.reader, settings.read_timeout_s), protocols(settings, travel, fingerprints=fingerprints)
    )


def line_opener(settings: CardSettings, ports: SerialPorts | None) -> StreamOpener | None:
    """What opens the line to a bare security module; None where cards are read over APDUs."""
    if settings.transport == "serial":
        return SerialOpener(settings.port, None if settings.baud == "auto" else settings.baud, ports)
    if settings.transport == "usb":
        vendor, product = (int(part, 16) for part in settings.usb_id.split(":"))
        return UsbOpener(settings.usb_pipes, vendor, product)
    if settings.tunnel.control is not None:
        return ControlOpener(settings.reader, settings.tunnel.control)
    return None


def protocols(settings: CardSettings, travel: Travel, *, fingerprints: bool = False) -> list[CardProtocol]:
    """What is spoken to cards in a PC/SC reader."""
    if settings.tunnel.apdu:
        template = ApduTemplate.parse(settings.tunnel.apdu)
        return [Tunnel(template, fingerprints=fingerprints, address=settings.additional_address)]
    return [Blocks(), travel, Plain()]
