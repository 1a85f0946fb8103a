"""What the station asks of simulated devices. Implementations register under the entry point group `kiosk.simulators`;
kiosk never imports them, so a station in a school can be installed without."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol

from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.slot import Slot
from kiosk.errors import KioskError
from kiosk.records import CHALLENGES, Cue, DeviceKind, FingerPosition, Student

GROUP: Final = "kiosk.simulators"

_REACTION_S: Final = 0.4  # of a person who reads what is asked
_AGAIN_S: Final = 2.8  # a person whose answer was not seen does it again
_LOOK_S: Final = 0.5


class Intent(StrEnum):
    """What a simulated person is up to, so that a rehearsal knows what should come of it."""

    GENUINE = "genuine"
    IMPOSTOR = "impostor"  # sits down with somebody else's card
    OFF_ROSTER = "off_roster"  # has a card and stands on no roster
    SAME_THUMB = "same_thumb"  # presses the right thumb twice
    REDONE = "redone"  # is not content with the picture: the face is done again before saving
    HELD = "held"  # the operator holds the confirmation, looks, and saves
    CAME_BACK = "came_back"  # goes away in the middle and comes again
    MIXED_UP = "mixed_up"  # presses the left thumb for the right and the right for the left


class Scene(StrEnum):
    """What is before the camera once a simulated person has sat down: the person, an attack, or a room that makes it hard."""

    ANSWERS = "answers"  # the person does what is asked
    IGNORES = "ignores"  # the person does nothing
    PRINTED_PHOTO = "printed_photo"
    TURNED_PHOTO = "turned_photo"
    BENT_PHOTO = "bent_photo"
    CUT_OUT = "cut_out"
    SCREEN_PHOTO = "screen_photo"
    PHONE_REPLAY = "phone_replay"
    RECORDED_ACTS = "recorded_acts"
    STEERED_REPLAY = "steered_replay"
    CLOSE_REPLAY = "close_replay"
    SECOND_PERSON = "second_person"
    FACE_MASK = "face_mask"
    SUNGLASSES = "sunglasses"
    BACK_LIGHT = "back_light"
    DARK_ROOM = "dark_room"


@dataclass(frozen=True)
class SimulatedPerson:
    """Somebody who does not exist."""

    number: int
    student: Student
    intent: Intent
    picture: Callable[[], bytes]  # JPEG, for the demo panel


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
        """Ask whoever is before the camera to blink, turn_left, turn_right or open_mouth, once."""

    @property
    def scene(self) -> Scene:
        """What is before the camera when somebody sits there."""

    def set_scene(self, scene: Scene) -> None:
        """Change it, at once and for everybody who sits down from now on."""

    def press(self, person: int, position: FingerPosition) -> None:
        """Lay a finger on the scanner; it lies there until `lift`."""

    def lift(self) -> None: ...

    def unplug(self, kind: DeviceKind) -> None: ...

    def plug(self, kind: DeviceKind) -> None: ...

    def plugged(self, kind: DeviceKind) -> bool: ...

    def stop(self) -> None: ...


# Who works at a simulated station, with a PIN that everybody may know.
DEMO_PIN: Final = "258036"
DEMO_OFFICER: Final = "模拟考务管理员"
DEMO_OPERATOR: Final = "模拟采集员"


class Asking(Protocol):
    """What a student's screen shows, as far as it asks for an act."""

    @property
    def number(self) -> int: ...

    @property
    def cue(self) -> Cue | None: ...


class Prompter:
    """Reads the student's screen to the simulated person: whatever is asked there is asked of them, until it is answered."""

    def __init__(self, simulator: Simulator, wait: Callable[[int, float], Asking]) -> None:
        """`wait`: the newest snapshot above a number, at the latest after some seconds."""
        self._simulator = simulator
        self._wait = wait
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prompter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Idempotent."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._ending.is_set():
            snapshot = self._wait(number, _LOOK_S)
            number = snapshot.number
            while (asked := _asked(snapshot)) and not self._ending.wait(_REACTION_S):
                self._simulator.perform(asked)
                snapshot = self._same(snapshot, asked)
                number = snapshot.number

    def _same(self, snapshot: Asking, asked: str) -> Asking:
        """Wait until something else is asked, or for as long as a person would before trying again."""
        until_s = time.monotonic() + _AGAIN_S
        while _asked(snapshot) == asked and (left_s := until_s - time.monotonic()) > 0 and not self._ending.is_set():
            snapshot = self._wait(snapshot.number, min(left_s, _LOOK_S))
        return snapshot


def _asked(snapshot: Asking) -> str:
    return snapshot.cue if snapshot.cue is not None and snapshot.cue in CHALLENGES else ""


class SimulatorFactory(Protocol):
    """What an entry point names."""

    def __call__(self, *, students: int, seed: int, realistic: bool, pcsc: bool, cache: Path) -> Simulator: ...


def find_simulator() -> SimulatorFactory:
    """The installed simulator; raises KioskError("simulator.missing") when there is none."""
    for entry in entry_points(group=GROUP):
        factory: SimulatorFactory = entry.load()
        return factory
    raise KioskError("simulator.missing", group=GROUP)
