"""The fingerprint scanner as a device: waits for a press that was asked for, says when the finger may leave, hands on the
image.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from kiosk.config import FingerSettings
from kiosk.devices.events import (
    FingerLifted,
    ImageHeld,
    ImpressionComing,
    ImpressionReady,
    PressAgreed,
    PressFailed,
    StatusChanged,
)
from kiosk.devices.facts import ScannerFacts
from kiosk.devices.finger.ef01 import Ef01Scanner
from kiosk.devices.finger.livescan import SCHEME, FrameScanner, KitFrames, LivescanLibrary
from kiosk.devices.finger.scanner import Look, Scan, Scanner
from kiosk.devices.serial_line import SerialPorts
from kiosk.devices.worker import Emit
from kiosk.errors import DeviceError, KioskError, PermanentFault, TemporaryFault
from kiosk.records import DeviceKind, DeviceState, DeviceStatus, FingerPosition, Impression, Message

_POLL_S: Final = 0.06  # between two looks at the glass; the sensor's own imaging takes longer
_PULSE_S: Final = 0.4  # between two questions whether the scanner is still there
_SILENCES: Final = 2  # unanswered commands in a row after which the scanner counts as gone
_NEVER_CLEAR_S: Final = 8.0  # nobody leaves a finger there for so long: what the scanner sees is dirt or the sun
_FAILED_LOOKS: Final = 12  # fingers that give no image for so many looks are told to press again
_CLEAR_LOOKS: Final = 2  # looks that must see no finger before it counts as lifted
_TOO_DRY_OR_WET: Final = frozenset(("finger.too_dry", "finger.too_wet"))
_ANSWERS: Final = _TOO_DRY_OR_WET | {"finger.refused"}  # the scanner is there, whatever it says


@dataclass(frozen=True)
class _Request:
    number: int
    position: FingerPosition
    since_s: float
    keep: bool
    like: int | None
    begun: bool


def _scanner(settings: FingerSettings, ports: SerialPorts) -> Scanner:
    if settings.source:
        return FrameScanner(KitFrames(settings.source, settings.kit))
    if settings.port.startswith(SCHEME):
        return FrameScanner(LivescanLibrary(settings.port))
    return Ef01Scanner(settings, ports)


class FingerDevice:
    """A fingerprint scanner as `kiosk.devices.worker.Device`: an EF01 sensor, or a GA/T 626.1 library for a `livescan:PATH`
    port.

    `request` and `cancel` are called from the station's thread. A request stays until it is answered (ImpressionReady,
    PressAgreed or PressFailed), cancelled or replaced, also while the scanner is unplugged.
    """

    kind = DeviceKind.FINGER
    unverified = True

    def __init__(self, settings: FingerSettings, ports: SerialPorts | None = None) -> None:
        """`ports`: the serial ports that this device shares with the station's others."""
        self._scanner = _scanner(settings, ports or SerialPorts())
        self._model = ""
        self._silences = 0
        self._wake = threading.Condition()
        self._request: _Request | None = None
        self._interrupted = False
        self._finger_on = False  # the last press may still lie there
        self._kept: int | None = None  # the press whose features the scanner has

    @property
    def facts(self) -> ScannerFacts:
        """What is known of the scanner and its wire. For any thread."""
        return self._scanner.facts

    def request(
        self, number: int, position: FingerPosition, *, keep: bool = False, like: int | None = None, begun: bool = False
    ) -> None:
        """Ask for one press of a finger; replaces a request under way.

        `keep`: have the scanner keep its features, where it can. `like`: the number of an earlier press: where the scanner has
        kept just that one's and finds this press to be of the same finger, PressAgreed comes, and no image. `begun`: tell its
        upper rows as they come (ImpressionComing).
        """
        with self._wake:
            self._request = _Request(number, position, time.monotonic(), keep, like, begun)
            self._wake.notify_all()

    def cancel(self) -> None:
        """No press is wanted any more; an image that is being uploaded is dropped."""
        with self._wake:
            self._request = None
            self._wake.notify_all()

    @property
    def finger_lies(self) -> bool:
        """Whether the finger of the last press may still lie there. For any thread; FingerLifted follows when it is gone."""
        return self._finger_on

    def open(self) -> str:
        """Raises TemporaryFault while there is no scanner, PermanentFault when the operator must act."""
        with self._wake:
            self._interrupted = False
        self._silences = 0
        self._kept = None
        self._model = self._scanner.open()
        return self._model

    def serve(self, emit: Emit, stop: threading.Event) -> None:
        """Look at the glass while a press is wanted or being lifted, else ask twice a second whether the scanner is there."""
        while not stop.is_set():
            self._step(emit)

    def close(self) -> None:
        self._scanner.close()

    def interrupt(self) -> None:
        with self._wake:
            self._interrupted = True
            self._wake.notify_all()

    def _step(self, emit: Emit) -> None:
        if self._finger_on:
            self._await_lift(emit)
        elif request := self._request:
            self._await_press(request, emit)
        else:
            try:
                with self._answering():
                    self._scanner.pulse()
            except DeviceError as error:
                if error.code not in _ANSWERS:
                    raise
            self._sleep(_PULSE_S, for_request=True)

    def _await_lift(self, emit: Emit) -> None:
        """Until the finger of the last press is away; a finger left lying is not captured twice."""
        clear, since_s, is_told = 0, time.monotonic(), False
        while clear < _CLEAR_LOOKS:
            if (look := self._look()) is not None:
                clear = clear + 1 if look is Look.NO_FINGER else 0
            if not clear and not is_told and time.monotonic() - since_s > _NEVER_CLEAR_S:
                is_told = True
                self._tell(emit, Message("error.finger.never_clear"))
            if self._sleep(_POLL_S):
                return
        self._finger_on = False
        if is_told:
            self._tell(emit, None)
        emit(FingerLifted())

    def _tell(self, emit: Emit, problem: Message | None) -> None:
        """The scanner works, and the operator should do something about it; or no longer."""
        emit(StatusChanged(DeviceStatus(self.kind, DeviceState.READY, self._model, problem, self.unverified)))

    def _await_press(self, request: _Request, emit: Emit) -> None:
        """Until the sensor holds an image of a wanted press, then hand it on."""
        failed = 0
        while self._request is request:
            look: Look | None = None
            try:
                with self._answering():
                    look = self._scanner.look()
            except DeviceError as error:
                if error.code not in _TOO_DRY_OR_WET:
                    raise
                self._fail(request, error, emit)
                return
            if look is Look.HELD:
                self._hand_on(request, emit)
                return
            failed = failed + 1 if look is Look.FAILED else 0
            if failed >= _FAILED_LOOKS:
                self._fail(request, DeviceError("finger.unclear"), emit)
                return
            if self._sleep(_POLL_S):
                return

    def _hand_on(self, request: _Request, emit: Emit) -> None:
        held_s = time.monotonic()
        waited_s = held_s - request.since_s
        emit(ImageHeld(request.number, request.position))
        compares = request.like is not None and request.like == self._kept
        if compares and (score := self._scanner.compare()) is not None:
            if self._answered(request):
                emit(PressAgreed(request.number, request.position, score, waited_s, time.monotonic() - held_s))
            return
        fetched_s = time.monotonic()

        def told(upper: Scan) -> None:
            if self._request is request:
                emit(ImpressionComing(request.number, Impression(upper.pixels, upper.dpi, request.position, upper.sensor)))

        try:
            scan = self._scanner.fetch(told if request.begun else None)
        except (TemporaryFault, PermanentFault):
            raise  # the request stays: it goes on when the scanner is back
        except DeviceError as error:
            self._fail(request, error, emit)
            return
        if self._answered(request):
            impression = Impression(scan.pixels, scan.dpi, request.position, scan.sensor)
            emit(ImpressionReady(request.number, impression, waited_s, time.monotonic() - fetched_s, compares))
            if request.keep and not compares:
                self._kept = None  # while it is being made anew
                self._kept = request.number if self._scanner.keep() else None

    def _fail(self, request: _Request, error: KioskError, emit: Emit) -> None:
        if self._answered(request):
            emit(PressFailed(request.number, request.position, error))

    def _answered(self, request: _Request) -> bool:
        """Ends a request; False when it was cancelled or replaced meanwhile. The finger lies there either way."""
        self._finger_on = True
        with self._wake:
            if self._request is not request:
                return False
            self._request = None
            return True

    def _look(self) -> Look | None:
        """A look while no image is wanted: dry and wet fingers are fingers. None when the answer was lost."""
        look: Look | None = None
        try:
            with self._answering():
                look = self._scanner.look()
        except DeviceError as error:
            if error.code not in _TOO_DRY_OR_WET:
                raise
            look = Look.FAILED
        return look

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Around a question to the scanner: one lost answer is forgiven, several in a row mean that it is gone.

        Raises TemporaryFault("finger.silent") then, and whatever else is no silence.
        """
        try:
            yield
        except (TemporaryFault, PermanentFault):
            raise
        except DeviceError as error:
            if error.code in _ANSWERS:
                self._silences = 0
                raise
            self._silences += 1
            if self._silences >= _SILENCES:
                raise TemporaryFault("finger.silent") from error
        else:
            self._silences = 0

    def _sleep(self, seconds: float, *, for_request: bool = False) -> bool:
        """Pause; True when the worker wants to end. With `for_request`, a request ends the pause."""
        with self._wake:
            self._wake.wait_for(lambda: self._interrupted or (for_request and self._request is not None), seconds)
            return self._interrupted
