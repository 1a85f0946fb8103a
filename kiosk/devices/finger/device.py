"""The fingerprint scanner as a device: waits for a press that was asked for, says when the finger may leave, hands on the
image.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

from kiosk.config import FingerSettings
from kiosk.devices.events import FingerLifted, ImageHeld, ImpressionReady, PressFailed
from kiosk.devices.finger.ef01 import Ef01Scanner
from kiosk.devices.finger.livescan import SCHEME, LivescanScanner
from kiosk.devices.finger.scanner import Look, Scanner
from kiosk.devices.worker import Emit
from kiosk.errors import DeviceError, KioskError, TemporaryFault
from kiosk.records import DeviceKind, FingerPosition, Impression

_POLL_S: Final = 0.06  # between two looks at the glass; the sensor's own imaging takes longer
_PULSE_S: Final = 0.4  # between two questions whether the scanner is still there
_SILENCES: Final = 2  # unanswered commands in a row after which the scanner counts as gone
_FAILED_LOOKS: Final = 12  # fingers that give no image for so many looks are told to press anew
_CLEAR_LOOKS: Final = 2  # looks that must see no finger before it counts as lifted


@dataclass(frozen=True)
class _Request:
    number: int
    position: FingerPosition
    since_s: float


class FingerDevice:
    """A fingerprint scanner as `kiosk.devices.worker.Device`: an EF01 sensor, or a GA/T 626.1 library for a `livescan:PATH`
    port.

    `request` and `cancel` are called from the station's thread. A request stays until it is answered (ImpressionReady or
    PressFailed), cancelled or replaced, also while the scanner is unplugged.
    """

    kind = DeviceKind.FINGER
    unverified = True

    def __init__(self, settings: FingerSettings) -> None:
        is_library = settings.port.startswith(SCHEME)
        self._scanner: Scanner = LivescanScanner(settings.port) if is_library else Ef01Scanner(settings)
        self._wake = threading.Condition()
        self._request: _Request | None = None
        self._interrupted = False
        self._finger_on = False  # the last press may still lie there

    def request(self, number: int, position: FingerPosition) -> None:
        """Ask for one press of a finger; replaces a request under way."""
        with self._wake:
            self._request = _Request(number, position, time.monotonic())
            self._wake.notify_all()

    def cancel(self) -> None:
        """No press is wanted any more; an image that is being uploaded is dropped."""
        with self._wake:
            self._request = None
            self._wake.notify_all()

    def open(self) -> str:
        """Raises TemporaryFault while there is no scanner, PermanentFault when the operator must act."""
        with self._wake:
            self._interrupted = False
        return self._scanner.open()

    def serve(self, emit: Emit, stop: threading.Event) -> None:
        """Look at the glass while a press is wanted or being lifted, else ask twice a second whether the scanner is there."""
        silences = 0
        while not stop.is_set():
            try:
                self._step(emit)
            except TemporaryFault:
                raise
            except DeviceError as error:
                silences += 1
                if silences >= _SILENCES:
                    raise TemporaryFault("finger.silent") from error
            else:
                silences = 0

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
            self._scanner.pulse()
            self._sleep(_PULSE_S, for_request=True)

    def _await_lift(self, emit: Emit) -> None:
        """Until the finger of the last press is away; a finger left lying is not captured twice."""
        clear = 0
        while clear < _CLEAR_LOOKS:
            clear = clear + 1 if self._look() is Look.NO_FINGER else 0
            if self._sleep(_POLL_S):
                return
        self._finger_on = False
        emit(FingerLifted())

    def _await_press(self, request: _Request, emit: Emit) -> None:
        """Until the sensor holds an image of a wanted press, then hand it on."""
        failed = 0
        while self._request is request:
            try:
                look = self._scanner.look()
            except DeviceError as error:
                if error.code not in {"finger.too_dry", "finger.too_wet"}:
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
        emit(ImageHeld(request.number, request.position))
        try:
            scan = self._scanner.fetch()
        except TemporaryFault:
            raise  # the request stays: it goes on when the scanner is back
        except DeviceError as error:
            self._fail(request, error, emit)
            return
        if self._answered(request):
            impression = Impression(scan.pixels, scan.dpi, request.position, scan.sensor)
            waited_s, transfer_s = held_s - request.since_s, time.monotonic() - held_s
            emit(ImpressionReady(request.number, impression, waited_s, transfer_s))

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

    def _look(self) -> Look:
        """GenImg while no image is wanted: dry and wet fingers are fingers."""
        try:
            return self._scanner.look()
        except DeviceError as error:
            if error.code in {"finger.too_dry", "finger.too_wet"}:
                return Look.FAILED
            raise

    def _sleep(self, seconds: float, *, for_request: bool = False) -> bool:
        """Pause; True when the worker wants to end. With `for_request`, a request ends the pause."""
        with self._wake:
            self._wake.wait_for(lambda: self._interrupted or (for_request and self._request is not None), seconds)
            return self._interrupted
