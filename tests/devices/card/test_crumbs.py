"""A hostile card can't hold the reader for long."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from kiosk.devices.card.icao import files, tlv
from kiosk.errors import DeviceError

SIZE = 20_000


@dataclass
class Crumbs:
    """A chip that gives at most so many bytes an answer."""

    most: int
    asked: int = 0
    file: bytes = tlv.encode(0x75, bytes(SIZE))

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self.asked += 1
        if command[1] == 0xA4:
            return b"", 0x9000
        offset, size = int.from_bytes(command[2:4], "big"), command[4]
        return self.file[offset : offset + (size if self.asked == 2 else min(size, self.most))], 0x9000


def test_a_file_in_crumbs_is_given_up_early() -> None:
    card = Crumbs(most=1)
    with pytest.raises(DeviceError, match=r"card\.garbled"):
        files.read(card, files.DG2)  # type: ignore[arg-type]
    assert card.asked < 500


def test_a_chip_that_gives_less_than_it_is_asked_for_is_read_all_the_same() -> None:
    card = Crumbs(most=64)
    assert files.read(card, files.DG2) == card.file  # type: ignore[arg-type]


def test_a_file_that_takes_minutes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    card, now = Crumbs(most=200), [0.0]

    def slow() -> float:
        now[0] += 2.0
        return now[0]

    monkeypatch.setattr(time, "monotonic", slow)
    with pytest.raises(DeviceError, match=r"card\.garbled"):
        files.read(card, files.DG2)  # type: ignore[arg-type]
    assert card.asked < 40
