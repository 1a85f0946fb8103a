"""ID cards: readers, blocks, text, chip photo."""

from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.pcsc import PcscSlot
from kiosk.devices.card.photo import NoDecoder, PhotoDecoder
from kiosk.devices.card.slot import Slot

__all__ = ["CardDevice", "NoDecoder", "PcscSlot", "PhotoDecoder", "Slot"]
