"""Pulls every device's plug at random moments, over real transports, and looks whether everything comes back.

Cards over pcscd with a virtual reader (a module on a pseudo-terminal where there is none), the camera over its stream, the
scanner on a pseudo-terminal: `python -m bench.plugs --pulls 1000`.
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
from typing import Any

from drivers_sim.camera import SimulatedCamera
from drivers_sim.card import pcscd
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import PcscReader
from drivers_sim.card.sam_line import PtyCable, SamReader
from drivers_sim.finger import SimulatedSensor
from drivers_sim.finger.anatomy import grow
from drivers_sim.finger.impression import impression
from kiosk.config import CameraSettings, CardSettings, FingerSettings
from kiosk.devices import DeviceEvent, DeviceWorker, StatusChanged
from kiosk.devices.camera import CameraDevice
from kiosk.devices.card.setup import card_device
from kiosk.devices.finger import FingerDevice
from kiosk.devices.serial_line import SerialPorts
from kiosk.records import DeviceState, FingerPosition
from tests.devices.card.people import resident_payload

_BACK_S = 30.0


@dataclass
class Place:
    """One device, its plug, and what it told."""

    name: str
    unplug: Callable[[], Any]
    plug: Callable[[], Any]
    use: Callable[[int], None]
    worker: DeviceWorker | None = None
    states: list[DeviceState] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    changed: threading.Condition = field(default_factory=threading.Condition)
    back_s: list[float] = field(default_factory=list)

    def hear(self, event: DeviceEvent) -> None:
        with self.changed:
            if isinstance(event, StatusChanged):
                self.states.append(event.status.state)
            self.events[type(event).__name__] += 1
            self.changed.notify_all()

    def wait(self, state: DeviceState, within_s: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: bool(self.states) and self.states[-1] is state, within_s)


def places() -> tuple[list[Place], list[Callable[[], None]]]:
    """The three devices, running, and what ends their simulators."""
    ports = SerialPorts()
    reader: PcscReader | SamReader
    if pcscd.missing():
        reader = SamReader(PtyCable())
        settings = CardSettings(transport="serial", port=reader.start())
    else:
        reader = PcscReader()
        reader.start()
        settings = CardSettings()
    camera, sensor = SimulatedCamera(fps=15), SimulatedSensor(pty=True)
    card = card_device(settings, SimulatedPhotoDecoder(), ports=ports)
    eye = CameraDevice(CameraSettings(source=camera.start()))
    finger = FingerDevice(FingerSettings(port=sensor.start()), ports)
    thumb = impression(grow(1), 1)

    def lay(number: int) -> None:
        reader.lay(resident_payload(name=f"张{number % 10}"))

    def press(number: int) -> None:
        sensor.press(thumb)
        finger.request(number, FingerPosition.RIGHT_THUMB)
        threading.Timer(0.5, sensor.lift).start()

    def look(_number: int) -> None:
        eye.newest(0, 0.2)

    made: list[Place] = []

    def place(name: str, device: Any, plug: Any, use: Callable[[int], None]) -> None:
        here = Place(name, plug.unplug, plug.plug, use)
        here.worker = DeviceWorker(device, here.hear)
        made.append(here)
        here.worker.start()

    place("card", card, reader, lay)
    place("camera", eye, camera, look)
    place("finger", finger, sensor, press)
    return made, [reader.stop, camera.stop, sensor.stop]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pulls", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    draw = random.Random(chosen.seed)
    made, stops = places()
    lost = [place.name for place in made if not place.wait(DeviceState.READY, _BACK_S)]
    threads = most = threading.active_count()
    memory = 0
    for number in range(chosen.pulls):
        place = draw.choice(made)
        place.use(number)
        time.sleep(draw.choice((0.0, 0.01, 0.05, 0.2)) * draw.random())
        place.unplug()
        time.sleep(draw.choice((0.0, 0.1, 0.5)) * draw.random())
        began_s = time.monotonic()
        place.plug()
        # A plug that was back before anybody looked is no loss: the device is then asked whether it still serves.
        time.sleep(0.05)
        if not place.wait(DeviceState.READY, _BACK_S):
            lost.append(f"{place.name} {number}")
        place.back_s.append(time.monotonic() - began_s)
        if number == chosen.pulls // 10:
            memory, threads = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, threading.active_count()
        most = max(most, threading.active_count())
    for place in made:
        if not place.wait(DeviceState.READY, _BACK_S):
            lost.append(place.name)
        back = sorted(place.back_s)
        shown = f"median {back[len(back) // 2]:.2f} s, longest {back[-1]:.2f} s" if back else "never pulled"
        print(f"{place.name}: {len(back)} pulls, back after {shown}; {dict(place.events)}")
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    print(f"threads: {threads} after a tenth, {most} at most, {threading.active_count()} at the end")
    print(f"memory: +{grown_kb / 1024:.0f} MB since then")
    print(f"not back: {lost or 'none'}")
    for place in made:
        if place.worker is not None:
            place.worker.stop()
    for stop in stops:
        stop()
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
