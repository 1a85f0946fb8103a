"""Pulls plugs of devices at random moments, over real transports: does everything come back, and is nothing lost?

Cards over pcscd with a virtual reader and over security modules on pseudo-terminals, cameras over their streams, scanners on
pseudo-terminals: `python -m bench.plugs --pulls 1000`. Each device has a hand of its own, so plugs are pulled at the same time
too. Every time something is on its way and must arrive: the card that was laid, the press that was asked for, a new picture.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.figures import kept, note, option
from drivers_sim.camera import SimulatedCamera
from drivers_sim.card import pcscd
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import PcscReader
from drivers_sim.card.sam_line import PtyCable, SamReader
from drivers_sim.finger import SimulatedSensor
from drivers_sim.finger.anatomy import grow
from drivers_sim.finger.impression import impression
from kiosk.config import CameraSettings, CardSettings, FingerSettings
from kiosk.devices import CardPresented, DeviceEvent, DeviceWorker, FingerLifted, ImpressionReady, PressFailed, StatusChanged
from kiosk.devices.camera import CameraDevice
from kiosk.devices.card.setup import card_device
from kiosk.devices.finger import FingerDevice
from kiosk.devices.serial_line import SerialPorts
from kiosk.records import DeviceState, FingerPosition
from tests.devices.card.people import resident_payload

_BACK_S: Final = 30.0
_CALM_S: Final = 5.0  # a device that served for so long is well; pulled sooner, it is tried less and less often
_PAUSES_S: Final = (0.0, 0.0, 5.5)  # between two pulls of one plug
_PARTS: Final = 10
_OF_EACH: Final = 4  # devices of a kind; one pcscd is all that a process can have
_ON_THEIR_WAY: Final = 8  # pictures that may still come between the look and the pull
_NAMES: Final = "甲乙丙丁戊己庚辛壬癸"


@dataclass
class Place:
    """One device, its plug, and what it told. `begin` puts something on its way, `arrived` says whether it is there."""

    name: str
    plug: Any
    worker: DeviceWorker | None = None
    begin: Callable[[int], None] = lambda _: None
    arrived: Callable[[int], bool] = lambda _: True
    events: list[DeviceEvent] = field(default_factory=list)  # since the last `begin`
    counts: Counter[str] = field(default_factory=Counter)
    state: DeviceState | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)
    ready_s: float = 0.0
    back_s: list[tuple[bool, float]] = field(default_factory=list)  # whether it was calm before, and how long it was away
    lost: list[str] = field(default_factory=list)

    def hear(self, event: DeviceEvent) -> None:
        with self.changed:
            if isinstance(event, StatusChanged):
                self.state = event.status.state
            self.events.append(event)
            self.counts[type(event).__name__] += 1
            self.changed.notify_all()

    def wait(self, state: DeviceState, within_s: float = _BACK_S) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.state is state, within_s)

    def told(self, is_it: Callable[[DeviceEvent], bool], within_s: float = _BACK_S) -> bool:
        """Whether such an event has come since the last `begin`, or comes."""
        with self.changed:
            return self.changed.wait_for(lambda: any(map(is_it, self.events)), within_s)

    def pull(self, number: int, draw: random.Random) -> None:
        """One plug pulled at a random moment and put back a random while later."""
        self.events.clear()
        self.begin(number)
        time.sleep(draw.choice((0.0, 0.01, 0.05, 0.2)) * draw.random())
        was_calm = time.monotonic() - self.ready_s > _CALM_S
        self.plug.unplug()
        time.sleep(draw.choice((0.0, 0.1, 0.5)) * draw.random())
        self.plug.plug()
        plugged_s = time.monotonic()
        if not self.arrived(number):
            self.lost.append(f"what was under way at pull {number} of the {self.name}")
        if not self.wait(DeviceState.READY):
            self.lost.append(f"the {self.name} at pull {number}")
        self.ready_s = time.monotonic()
        self.back_s.append((was_calm, self.ready_s - plugged_s))
        time.sleep(draw.choice(_PAUSES_S))


def _card(ports: SerialPorts, *, pcsc: bool) -> tuple[Place, Callable[[], None]]:
    reader: PcscReader | SamReader
    if pcsc:
        reader = PcscReader()
        reader.start()
        settings = CardSettings()
    else:
        reader = SamReader(PtyCable())
        settings = CardSettings(transport="serial", port=reader.start())
    place = Place("PC/SC reader" if pcsc else "card module", reader)
    place.worker = DeviceWorker(card_device(settings, SimulatedPhotoDecoder(), ports=ports), place.hear)

    def name(number: int) -> str:
        return f"张{_NAMES[number // 10 % 10]}{_NAMES[number % 10]}"

    def arrived(number: int) -> bool:
        return place.told(lambda event: isinstance(event, CardPresented) and event.card.name == name(number))

    place.begin, place.arrived = lambda number: reader.lay(resident_payload(name=name(number))), arrived
    return place, reader.stop


def _camera() -> tuple[Place, Callable[[], None]]:
    camera = SimulatedCamera(fps=15)
    device = CameraDevice(CameraSettings(source=camera.start()))
    place = Place("camera", camera)
    place.worker = DeviceWorker(device, place.hear)
    newest = [0]

    def begin(_number: int) -> None:
        if (frame := device.newest(0, 0.2)) is not None:
            newest[0] = frame.number + _ON_THEIR_WAY

    def arrived(_number: int) -> bool:
        """A picture that was taken after the pull."""
        until_s = time.monotonic() + _BACK_S
        while time.monotonic() < until_s:
            if device.newest(newest[0], 0.5) is not None:
                return True
        return False

    place.begin, place.arrived = begin, arrived
    return place, camera.stop


def _finger(ports: SerialPorts) -> tuple[Place, Callable[[], None]]:
    sensor = SimulatedSensor(pty=True)
    device = FingerDevice(FingerSettings(port=sensor.start()), ports)
    place = Place("scanner", sensor)
    place.worker = DeviceWorker(device, place.hear)
    thumb = impression(grow(1), 1)

    def begin(number: int) -> None:
        sensor.press(thumb)
        device.request(number, FingerPosition.RIGHT_THUMB)

    def arrived(number: int) -> bool:
        answered = place.told(lambda event: isinstance(event, ImpressionReady | PressFailed) and event.request == number)
        sensor.lift()
        return answered and place.told(lambda event: isinstance(event, FingerLifted))

    place.begin, place.arrived = begin, arrived
    return place, sensor.stop


def _pull_all(places: list[Place], pulls: int, seed: int) -> None:
    """Each device by a hand of its own."""

    def hand(place: Place, share: int, draw: random.Random) -> None:
        for number in range(share):
            place.pull(number, draw)

    shares = [pulls // len(places) + (rank < pulls % len(places)) for rank in range(len(places))]
    hands = [
        threading.Thread(target=hand, args=(place, share, random.Random(seed + rank)), name=f"hand-{place.name}")
        for rank, (place, share) in enumerate(zip(places, shares, strict=True))
    ]
    for thread in hands:
        thread.start()
    for thread in hands:
        thread.join()


def _threads() -> int:
    return sum(not thread.name.startswith(("hand-", "sim-camera-client")) for thread in threading.enumerate())


def _memory_mb() -> float:
    """What this process, simulators included, holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pulls", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    option(parser)
    chosen = parser.parse_args()
    with kept("plugs", chosen.json, "kiosk/devices"):
        return _pull_plugs(chosen)


def _pull_plugs(chosen: argparse.Namespace) -> int:
    ports = SerialPorts()
    made = [make() for make in (_camera, partial(_finger, ports)) for _ in range(_OF_EACH)]
    made += [_card(ports, pcsc=number == 0 and not pcscd.missing()) for number in range(_OF_EACH)]
    places = [place for place, _ in made]
    for place in places:
        assert place.worker is not None
        place.worker.start()
        place.ready_s = time.monotonic()
    lost = [f"the {place.name} at the start" for place in places if not place.wait(DeviceState.READY)]
    began_s, course = time.monotonic(), []
    for part in range(_PARTS):
        _pull_all(places, chosen.pulls // _PARTS, chosen.seed + 100 * part)
        course.append((_threads(), _memory_mb()))
    lost += [what for place in places for what in place.lost]
    for name in dict.fromkeys(place.name for place in places):
        kind = [place for place in places if place.name == name]
        events = sum((place.counts for place in kind), Counter[str]())
        print(f"{name}: {sum(len(place.back_s) for place in kind)} pulls; {dict(events)}")
        for is_calm, when in ((True, "calm before"), (False, "pulled again soon")):
            back = sorted(back_s for place in kind for was_calm, back_s in place.back_s if was_calm == is_calm)
            if back:
                note(f"{name}, {when}: ready again", median(back), "s", f"longest {back[-1]:.2f} s of {len(back)} pulls")
                print(
                    f"  {when}: {len(back)}, ready and nothing lost after median {median(back):.2f} s, longest {back[-1]:.2f} s"
                )
    print(f"{sum(len(place.back_s) for place in places)} pulls in {time.monotonic() - began_s:.0f} s")
    print("threads after each tenth: " + " ".join(str(threads) for threads, _ in course))
    print("MB after each tenth: " + " ".join(f"{memory_mb:.0f}" for _, memory_mb in course))
    note("lost", len(lost), "", f"of {sum(len(place.back_s) for place in places)} pulls")
    print(f"lost: {lost or 'nothing'}")
    for place, stop in made:
        if place.worker is not None:
            place.worker.stop()
        stop()
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
