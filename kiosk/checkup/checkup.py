"""The door to the devices' page: how they are, the guided test, and the file for support.

Looking disturbs nobody. While a student is under way only what the devices know of themselves is told: no picture is looked at,
no card, no press. Nothing here reaches into a device's thread; the scanner is asked by the station, in its own.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.checkup.camera import CameraJudge, CameraLook, NeededProfile
from kiosk.checkup.guide import DEVICE_OF, Guide
from kiosk.checkup.log import DeviceLog, Press
from kiosk.checkup.press import POINTS, Judge, PressLook, look_at
from kiosk.checkup.status import Status
from kiosk.checkup.support import Surroundings, write_support_file
from kiosk.config import Settings
from kiosk.devices.facts import CameraFacts, ReaderFacts, ScannerFacts
from kiosk.errors import KioskError
from kiosk.records import CheckPoint, DeviceKind, DeviceTest, FingerPosition
from kiosk.snapshot import LentStation, Phase
from kiosk.store import Store

_SELDOM_S: Final = 3.0
# Nobody is under way.
_FREE: Final = frozenset({Phase.WAITING, Phase.READING, Phase.REFUSED, Phase.SAVED, Phase.TESTING})


@dataclass(frozen=True)
class Facts:
    """What each device knows of itself."""

    camera: Callable[[], CameraFacts]
    reader: Callable[[], ReaderFacts]
    scanner: Callable[[], ScannerFacts]


class Checkup:
    """One station's. Methods may be called from any thread; looks wait for one another."""

    def __init__(
        self,
        settings: Settings,
        profiles: Sequence[NeededProfile],
        store: Store,
        log: DeviceLog,
        facts: Facts,
        station: LentStation,
        judge: Judge,
        *,
        folder: Path,
        simulated: bool,
        needed: frozenset[DeviceKind] = frozenset(DeviceKind),
    ) -> None:
        """`profiles`: whose photos the station makes, its own first. `folder`: where the station's log lies. `needed`: the
        devices that are tested; without the others the station works too."""
        self.needed = needed
        self._points = tuple(point for point in CheckPoint if DEVICE_OF[point] in needed)
        self._settings = settings
        self._profiles = profiles
        self._store = store
        self._log = log
        self._facts = facts
        self._station = station
        self._judge = judge
        self._around = Surroundings(folder, simulated=simulated)
        self._lock = threading.RLock()
        self._camera_judge: CameraJudge | None = None
        self._guide: Guide | None = None
        self._looked: tuple[float, CameraLook] | None = None
        self._numbers = itertools.count(1)
        self._wanted: tuple[int, FingerPosition] | None = None  # the press that was asked for, and is not there yet
        self._judged: tuple[Press, PressLook] | None = None
        self._latest = store.device_tests.latest()

    @property
    def latest(self) -> DeviceTest | None:
        """The newest finished test, held against what the station needs now."""
        return replace(self._latest, wanted=self._points) if self._latest is not None else None

    def status(self) -> Status:
        """Look at everything that may be looked at now; the guided test goes on by what is seen."""
        with self._lock:
            phase = self._station.snapshot().phase
            if self._guide is not None and phase is not Phase.TESTING:
                self._forget()
            guide, occupied = self._guide, phase not in _FREE
            look = None if occupied else self._look()
            if guide is not None:
                self._station.keep_testing()
                self._go_on(guide, look)
            status = Status(
                occupied=occupied,
                testing=guide is not None,
                devices=self._log.statuses(),
                camera=self._facts.camera(),
                reader=self._facts.reader(),
                scanner=self._facts.scanner(),
                faults=self._log.faults(),
                times=self._log.times(),
                look=look,
                latest=self.latest,
                needed=self.needed,
            )
            if guide is None:
                return status
            return replace(
                status,
                read=self._log.read(),
                card_lies=self._log.card_lies,
                press=self._press_look(),
                finger_on=self._log.finger_on,
                current=guide.current,
                pending=guide.pending,
                findings=guide.findings,
            )

    def begin(self) -> None:
        """Begin a guided test. Raises KioskError("station.occupied") while a student or an enrolment is under way."""
        with self._lock:
            if self._guide is None and self._station.snapshot().phase is Phase.TESTING:
                raise KioskError("station.occupied")  # somebody of the staff is being enrolled
            self._station.begin_test()
            self._log.begin()
            self._wanted = self._judged = None
            self._guide = Guide(self._settings.finger, self._points)

    def leave_point(self) -> None:
        """Go on though the current point is not good. Raises KioskError("station.test_over")."""
        with self._lock:
            self._running().leave()
            self._wanted = None

    def again(self, point: CheckPoint) -> None:
        """Look at a point once more. Raises KioskError("station.test_over")."""
        with self._lock:
            self._running().again(point)
            self._wanted = None

    def finish(self, by: str) -> DeviceTest:
        """Keep what was found, and let students come.

        Raises KioskError("station.test_over"), and StoreError: then the test goes on.
        """
        with self._lock:
            guide = self._running()
            statuses = self._log.statuses()
            devices = {kind: status.model for kind, status in statuses.items()}
            unverified = tuple(kind for kind, status in statuses.items() if status.unverified)
            test = DeviceTest(datetime.now().astimezone(), by, guide.findings, devices, unverified, self._points)
            self._store.device_tests.keep(test)
            self._latest = test
            self.stop()
            return test

    def stop(self) -> None:
        """End the test without keeping anything. Idempotent."""
        with self._lock:
            if self._guide is not None:
                self._forget()
                self._station.end_test()

    def drawn_press(self, request: int) -> bytes | None:
        """The picture of a press of this test, PNG; None when it is over."""
        with self._lock:
            look = self._press_look()
            return look.drawn or None if look is not None and look.request == request else None

    def support_file(self, password: str, out: Path) -> None:
        """Write a sealed file for support; raises ExchangeError("export.password_short")."""
        write_support_file(self.status(), self._settings, self._store, self._around, out, password)

    def _running(self) -> Guide:
        if self._guide is None:
            raise KioskError("station.test_over")
        return self._guide

    def _forget(self) -> None:
        self._guide = self._wanted = self._judged = None
        self._log.end()

    def _look(self) -> CameraLook | None:
        """At the newest picture; seldom while no point of the test is about it: a look takes a tenth of a second of a core."""
        frame = self._station.preview(0, 0.0)
        if frame is None:
            self._looked = None
            return None
        watched = self._guide is not None and self._guide.device is DeviceKind.CAMERA
        if self._looked is not None and not watched and frame.at_s - self._looked[0] < _SELDOM_S:
            return self._looked[1]
        if self._camera_judge is None:
            self._camera_judge = CameraJudge(self._settings.face, self._profiles)
        look = self._camera_judge.look(frame, self._facts.camera())
        self._looked = frame.at_s, look
        return look

    def _go_on(self, guide: Guide, look: CameraLook | None) -> None:
        if not guide.see_status(self._log.statuses()):
            return
        if look is not None:
            guide.see_camera(look)
        if (read := self._log.read()) is not None and self._log.card_lies:
            guide.see_card(read)
        if (press := self._press_look()) is not None and self._wanted is not None and press.request == self._wanted[0]:
            self._wanted = None
            guide.see_press(press)
        point = guide.current
        if point in POINTS and self._wanted is None:
            number = -next(self._numbers)
            self._station.ask_press(number, POINTS[point])
            self._wanted = number, POINTS[point]

    def _press_look(self) -> PressLook | None:
        press = self._log.press()
        if press is None:
            return None
        if self._judged is None or self._judged[0] is not press:
            self._judged = press, look_at(press, self._judge)
        return self._judged[1]
