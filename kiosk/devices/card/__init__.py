"""ID cards: readers, blocks, text, chip photo, passports."""

from kiosk.devices.card.decoder.library import photo_decoder
from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.icao.mrz import AccessKey
from kiosk.devices.card.icao.mrz import parse as parse_mrz
from kiosk.devices.card.photo import NoDecoder, PhotoDecoder
from kiosk.devices.card.protocols import Travel
from kiosk.devices.card.setup import card_device
from kiosk.devices.card.slot import Slot

__all__ = [
    "AccessKey",
    "CardDevice",
    "NoDecoder",
    "PhotoDecoder",
    "Slot",
    "Travel",
    "card_device",
    "parse_mrz",
    "photo_decoder",
]
