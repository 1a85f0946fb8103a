"""The simulation's chip photos, and what the station does when a photo can't be decoded."""

from typing import Any

import numpy as np
import pytest

from drivers_sim.card import payload, photo
from drivers_sim.card.reader import InProcessReader
from kiosk.config import CardSettings
from kiosk.devices.card.photo import NoDecoder
from kiosk.devices.card.setup import card_device
from kiosk.errors import DeviceError
from tests.devices.card.people import RESIDENT, portrait
from tests.devices.card.watcher import Watcher


def test_chip_photo_comes_back_in_the_same_colours_and_the_same_way_round() -> None:
    pixels = np.full((126, 102, 3), 255, np.uint8)
    pixels[:40, :30] = (200, 40, 20)  # blue, top left
    pixels[90:, 70:] = (20, 40, 200)  # red, bottom right
    decoded = photo.SimulatedPhotoDecoder().decode(photo.encode(pixels)).pixels
    assert np.abs(decoded.astype(int) - pixels).mean() < 6
    assert decoded[10, 10, 0] > 150 > decoded[10, 10, 2]
    assert decoded[115, 95, 2] > 150 > decoded[115, 95, 0]


def test_chip_photo_fills_a_chip_and_is_no_wlt() -> None:
    data = photo.encode(portrait())
    assert len(data) == 1024
    assert not data.startswith(b"WL")


@pytest.mark.parametrize("data", [b"", bytes(1024), b"WL\x66\x00\x7e\x00".ljust(1024, b"\x11")])
def test_simulated_decoder_refuses_what_is_not_simulated(data: bytes) -> None:
    with pytest.raises(DeviceError, match=r"card\.photo\.format"):
        photo.SimulatedPhotoDecoder().decode(data)


def test_damaged_chip_photo_is_told() -> None:
    data = photo.encode(portrait())
    with pytest.raises(DeviceError, match=r"card\.photo\.damaged"):
        photo.SimulatedPhotoDecoder().decode(data[:40].ljust(1024, b"\x33"))


@pytest.mark.parametrize("decoder", [NoDecoder(), photo.SimulatedPhotoDecoder()])
def test_card_whose_photo_cannot_be_decoded_still_reads(decoder: Any) -> None:
    reader = InProcessReader()
    with Watcher(card_device(CardSettings(), decoder, slot=reader.start())) as station:
        reader.lay(payload.payload(payload.text_block(**RESIDENT), b"WL\x66\x00\x7e\x00"))
        card = station.next_card()
    assert card.name == "张三"
    assert card.photo is None
    assert card.photo_problem is not None
    assert card.photo_problem.code.startswith("error.card.photo.")
