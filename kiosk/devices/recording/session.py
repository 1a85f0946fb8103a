"""A device that is listened to while somebody uses it, and the recording that comes of it."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

from kiosk.config import Settings
from kiosk.devices.camera import CameraDevice
from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.over_slot import SlotSource
from kiosk.devices.card.pcsc import PcscSlot
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.protocols import Travel
from kiosk.devices.card.sam.source import SamSource
from kiosk.devices.card.setup import line_opener, protocols
from kiosk.devices.card.slot import Slot
from kiosk.devices.finger import FingerDevice
from kiosk.devices.recording.clean import cleaned
from kiosk.devices.recording.file import Recording, Wire
from kiosk.devices.recording.tape import Tape, harmless
from kiosk.devices.recording.taps import TappedCapture, TappedOpener, TappedPorts, TappedSlot
from kiosk.devices.worker import Device
from kiosk.errors import DeviceError
from kiosk.records import DeviceKind


@dataclass(frozen=True)
class Session:
    """A device with a tap on its wire, to be run by a worker."""

    device: Device
    wire: Wire
    tape: Tape

    def recording(self, model: str, today: date) -> Recording:
        """What was heard so far, with nothing of a person in it; `model` is the device's name as it was told."""
        about: dict[str, Any] = {
            "device": harmless(model),
            "kiosk": version("exam-capture-kiosk"),
            "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        }
        return Recording(self.wire, cleaned(self.wire, self.tape.entries, today), about)


def begin(kind: DeviceKind, settings: Settings, decoder: PhotoDecoder, slot: Slot | None = None) -> Session:
    """A device as the settings have it; `slot` stands in for PC/SC.

    Raises DeviceError("recording.kit") for one behind a maker's kit, whose wire nobody can listen to.
    """
    tape = Tape()
    making: dict[DeviceKind, Callable[[], tuple[Device, Wire]]] = {
        DeviceKind.CARD: lambda: _card(settings, decoder, tape, slot),
        DeviceKind.CAMERA: lambda: (
            CameraDevice(settings.camera, capture=TappedCapture(settings.camera, tape)),
            Wire.CAMERA,
        ),
        DeviceKind.FINGER: lambda: _finger(settings, tape),
    }
    device, wire = making[kind]()
    return Session(device, wire, tape)


def _card(settings: Settings, decoder: PhotoDecoder, tape: Tape, slot: Slot | None) -> tuple[Device, Wire]:
    card = settings.card
    if card.source and slot is None:
        raise DeviceError("recording.kit", source=card.source)
    ports = TappedPorts(tape)
    if slot is None and (opener := line_opener(card, ports)):
        tapped = opener if card.transport == "serial" else TappedOpener(opener, tape)
        return CardDevice(SamSource(tapped, address=card.additional_address), decoder, card), Wire.SAM
    way = TappedSlot(slot or PcscSlot(card.reader, card.read_timeout_s), tape)
    return CardDevice(SlotSource(way, protocols(card, Travel())), decoder, card), Wire.APDU


def _finger(settings: Settings, tape: Tape) -> tuple[Device, Wire]:
    finger = settings.finger
    if finger.source or finger.port.startswith("livescan:"):
        raise DeviceError("recording.kit", source=finger.source or harmless(finger.port))
    return FingerDevice(finger, TappedPorts(tape)), Wire.EF01
