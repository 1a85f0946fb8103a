"""What the station asks of simulated devices. Implementations register under the entry point group `kiosk.simulators`;
kiosk never imports them, so a station in a school can be installed without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol

from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.slot import Slot
from kiosk.errors import KioskError
from kiosk.records import DeviceKind, FingerPosition, Student

GROUP: Final = "kiosk.simulators"


class Intent(StrEnum):
    """What a simulated person is up to, so that a rehearsal knows what should come of it."""

    GENUINE = "genuine"
    IMPOSTOR = "impostor"  # sits down with somebody else's card
    OFF_ROSTER = "off_roster"  # has a card and stands on no roster
    SAME_THUMB = "same_thumb"  # presses the right thumb twice


@dataclass(frozen=True)
class SimulatedPerson:
    """Somebody who does not exist."""

    number: int
    student: Student
    intent: Intent
    picture_jpeg: bytes  # for the demo panel


@dataclass(frozen=True)
class SimulatedHardware:
    """Where the station finds the simulated devices."""

    slot: Slot | None  # None: over PC/SC, as a real reader
    photo_decoder: PhotoDecoder
    camera: str  # for cv2.VideoCapture
    finger_port: str  # for serial.serial_for_url


class Simulator(Protocol):
    """A classroom of simulated people and three devices that they use."""

    people: Sequence[SimulatedPerson]

    def start(self) -> SimulatedHardware:
        """Start the devices."""

    def roster(self) -> list[Student]:
        """The students whom the school filed."""

    def lookalikes(self) -> list[tuple[str, ...]]:
        """ID numbers of students who share a face, as twins do: a class may be larger than there are faces."""

    def lay_card(self, person: int) -> None:
        """Lay a person's card on the reader (taking away what lay there)."""

    def take_card(self) -> None: ...

    def sit_down(self, person: int) -> None:
        """Put a person in front of the camera."""

    def stand_up(self) -> None: ...

    def perform(self, challenge: str) -> None:
        """The person before the camera does once what was asked: blink, turn_left, turn_right or open_mouth."""

    def press(self, person: int, position: FingerPosition) -> None:
        """Lay a finger on the scanner; it lies there until `lift`."""

    def lift(self) -> None: ...

    def unplug(self, kind: DeviceKind) -> None: ...

    def plug(self, kind: DeviceKind) -> None: ...

    def plugged(self, kind: DeviceKind) -> bool: ...

    def stop(self) -> None: ...


class SimulatorFactory(Protocol):
    """What an entry point names."""

    def __call__(self, *, students: int, seed: int, realistic: bool, pcsc: bool, cache: Path) -> Simulator: ...


def find_simulator() -> SimulatorFactory:
    """The installed simulator; raises KioskError("simulator.missing") when there is none."""
    for entry in entry_points(group=GROUP):
        factory: SimulatorFactory = entry.load()
        return factory
    raise KioskError("simulator.missing", group=GROUP)
