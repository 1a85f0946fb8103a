"""An EF01 sensor on a serial port as a scanner: found by probing, brought to the best pace that its line carries, put back at
the end.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from kiosk.config import FingerSettings
from kiosk.devices.facts import ScannerFacts, Transfer
from kiosk.devices.finger.link import wire_time_s
from kiosk.devices.finger.probe import AUTO, find_sensor, paces, put_back, set_pace
from kiosk.devices.finger.profiles import SensorProfile, profiles, saved_profile
from kiosk.devices.finger.scanner import Begun, Look, Scan
from kiosk.devices.finger.sensor import Arriving, FingerSensor, SensorParameters
from kiosk.devices.serial_line import SerialPorts
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault
from kiosk.records import DeviceKind, Score

_PULSE_ANSWER_S: Final = 0.3
# The sensor keeps its image: a transfer that the line corrupted is asked for again, twice at the same pace, then slower.
_UPLOADS: Final = 4
_UPLOADS_AT_FULL_PACE: Final = 2
_REFUSED: Final = "finger.refused"
_REFUSED_PRESSES: Final = 2  # of a sensor that never handed out an image: it can't
_PACKETS_LOST: Final = 8  # of an image; more missing than that, and it is another size
# The sensor's own match, with its security level behind: what its maker calls a match, from a score that it alone knows.
MATCH_SCALE: Final = "ef01-match"
_LEAST_SECURITY: Final = 3  # ZFM-20 manual v2.0 §3: at level 3 one false match in 100,000
# After which shares of an image's rows somebody may look at them: sooner too little of a finger is there, later little time is
# won. The network that looks takes pictures in cells of so many rows.
_SHARES: Final = (0.67, 0.78)
_ROW_STEP: Final = 32
_KEPT, _FRESH = 1, 2  # character buffers: of the press that was uploaded, and of the one that is held


class Ef01Scanner:
    """`kiosk.devices.finger.scanner.Scanner` for ZFM-20, R30x, AS608, FPM10A, R503 and FPC modules."""

    def __init__(self, settings: FingerSettings, ports: SerialPorts) -> None:
        self._settings = settings
        self._ports = ports
        if settings.port != AUTO:
            ports.assign(settings.port, DeviceKind.FINGER)
        self._profiles = dict(profiles())
        if settings.image is not None:
            saved = saved_profile(settings.image)
            self._profiles[saved.image_bytes] = saved
        self._sensor: FingerSensor | None = None
        self._before: SensorParameters | None = None  # the settings to put back, kept while the scanner is unplugged
        self._left: int | None = None  # the speed that it says since we set it: one that says another is another sensor
        self._paces = paces(settings.baud)
        self._forget()

    @property
    def facts(self) -> ScannerFacts:
        return self._facts

    def _forget(self) -> None:
        """Whatever is plugged in next may be another scanner, on another cable."""
        self._pace = 0
        self._profile: SensorProfile | None = None
        self._marks_end = True
        self._refused_presses = 0
        self._unfit: PermanentFault | None = None
        self._facts = ScannerFacts()

    def open(self) -> str:
        """See `find_sensor` for what it raises; PermanentFault, too, for a scanner that was found to be of no use."""
        try:
            self._sensor = find_sensor(self._settings, self._ports, self._left)
        except TemporaryFault:
            self._forget()
            raise
        if self._unfit is not None:
            raise self._unfit
        self._set_pace()
        name = self._profile.name if self._profile else "EF01"
        return f"{name} · {self._sensor.link.url} · {self._sensor.link.baud}"

    def look(self) -> Look:
        return self._open_sensor.look()

    def fetch(self, begun: Begun | None = None) -> Scan:
        """Upload the image. Its size tells the profile; so `begun` is told no rows of the first.

        Raises PermanentFault("finger.no_upload") for a sensor that hands out no images, ("finger.image_size") or
        ("finger.image_shape") for one whose images no profile knows.
        """
        packed = self._upload(self._rows_told(begun))
        profile = self._profile = self._profiles[len(packed)]
        self._refused_presses = 0
        self._facts = replace(self._facts, profile=profile.name, size=(profile.width, profile.height), dpi=profile.dpi)
        if not profile.is_likely(packed):
            raise self._give_up(PermanentFault("finger.image_shape", size=len(packed), profile=profile.name))
        return Scan(profile.pixels(packed), profile.dpi, profile.name)

    def keep(self) -> bool:
        """Img2Tz of the image just fetched. False for sensors whose Match is another, and where one finds fingers alike more
        readily than its maker's level for one chance in 100,000."""
        profile = self._profile
        if profile is None or not profile.matches or self._facts.security < _LEAST_SECURITY:
            return False
        return self._made_features(_KEPT)

    def compare(self) -> Score | None:
        """Img2Tz and Match. A line fault is no agreement."""
        try:
            if not self._made_features(_FRESH) or (found := self._open_sensor.match()) is None:
                return None
        except (TemporaryFault, PermanentFault):
            raise
        except DeviceError:
            return None
        return Score(float(found), f"{MATCH_SCALE} {self._facts.security}")

    def _made_features(self, buffer: int) -> bool:
        try:
            self._open_sensor.extract(buffer)
        except (TemporaryFault, PermanentFault):
            raise
        except DeviceError:
            return False
        return True

    def pulse(self) -> None:
        self._open_sensor.verify_password(_PULSE_ANSWER_S)

    def close(self) -> None:
        """Put the sensor's settings back and let the port go."""
        sensor, self._sensor = self._sensor, None
        if sensor is None:
            return
        try:
            if self._before is not None:
                put_back(sensor, self._before)
        finally:
            sensor.link.close()

    def _set_pace(self) -> None:
        sensor, wanted = self._open_sensor, self._paces[self._pace]
        before = set_pace(sensor, wanted)
        self._facts = replace(self._facts, port=sensor.link.url, baud=sensor.link.baud, packet_bytes=sensor.packet_bytes)
        if before is None:
            return
        self._facts = replace(self._facts, capacity=before.capacity, security=before.security, address=before.address)
        if before.baud != self._left:
            self._before = before
        self._left = wanted.baud if sensor.link.baud == wanted.baud else before.baud

    def _rows_told(self, begun: Begun | None) -> Arriving:
        """Tells the upper rows of an image of the known profile, once each time that a share of them is there."""
        profile = self._profile
        if begun is None or profile is None:
            return lambda _: None
        left = [int(profile.height * share) // _ROW_STEP * _ROW_STEP for share in _SHARES]

        def told(data: bytes | bytearray) -> None:
            if left and len(data) * 8 // (profile.width * profile.bits) >= left[0]:
                begun(Scan(profile.upper(data, left.pop(0)), profile.dpi, profile.name))

        return told

    def _upload(self, arriving: Arriving) -> bytes:
        """The image's bytes, of a size that a profile knows."""
        odd: list[int] = []  # sizes of images that ended as they should
        refusals = 0
        for number in range(_UPLOADS):
            if number >= _UPLOADS_AT_FULL_PACE:
                self._slow_down()
            begun_s, sensor = time.monotonic(), self._open_sensor
            try:
                data, is_ended = sensor.upload_image(self._end(), arriving)
            except (TemporaryFault, PermanentFault):
                raise
            except DeviceError as error:
                refusals += error.code == _REFUSED
                if number + 1 == _UPLOADS:
                    raise (self._refused(error) if refusals == _UPLOADS else error) from None
                continue
            if len(data) in self._profiles:
                self._marks_end = is_ended
                line_s = wire_time_s(len(data), sensor.packet_bytes, sensor.link.baud)
                self._facts = replace(self._facts, transfer=Transfer(len(data), time.monotonic() - begun_s, line_s))
                return data
            if is_ended and not self._is_cut(len(data)):
                odd.append(len(data))
                if len(odd) >= _UPLOADS_AT_FULL_PACE and len(set(odd)) == 1:
                    raise self._give_up(PermanentFault("finger.image_size", size=len(data)))
        raise DeviceError("finger.image_incomplete", received=len(data))

    def _end(self) -> int | None:
        """After how many bytes an upload is over though no packet says so; None where the last packet is marked."""
        return None if self._marks_end or self._profile is None else self._profile.image_bytes

    def _is_cut(self, size: int) -> bool:
        """Whether some lost packets explain a size."""
        packet = self._open_sensor.packet_bytes
        return any(0 < known - size <= _PACKETS_LOST * packet and (known - size) % packet == 0 for known in self._profiles)

    def _slow_down(self) -> None:
        """Take a slower pace from now on: the line doesn't carry this one."""
        if self._pace + 1 < len(self._paces):
            self._pace += 1
            self._set_pace()

    def _refused(self, error: DeviceError) -> DeviceError:
        self._refused_presses += 1
        if self._profile is not None or self._refused_presses < _REFUSED_PRESSES:
            return error
        return self._give_up(PermanentFault("finger.no_upload", reason=error.data["reason"]))

    def _give_up(self, unfit: PermanentFault) -> PermanentFault:
        self._unfit = unfit
        return unfit

    @property
    def _open_sensor(self) -> FingerSensor:
        if self._sensor is None:
            raise TemporaryFault("finger.not_found")
        return self._sensor
