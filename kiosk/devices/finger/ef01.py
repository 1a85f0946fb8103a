"""An EF01 sensor on a serial port as a scanner: found by probing, raised to its best, put back at the end."""

from __future__ import annotations

from typing import Final

from kiosk.config import FingerSettings
from kiosk.devices.finger.probe import find_sensor, put_back, raise_speed
from kiosk.devices.finger.profiles import SensorProfile, profiles
from kiosk.devices.finger.scanner import Look, Scan
from kiosk.devices.finger.sensor import FingerSensor, SensorParameters
from kiosk.errors import DeviceError, TemporaryFault

_PULSE_ANSWER_S: Final = 0.3
_UPLOADS: Final = 3  # the sensor keeps its image, so a transfer that the line spoilt is asked for again


class Ef01Scanner:
    """`kiosk.devices.finger.scanner.Scanner` for ZFM-20, R30x, AS608, FPM10A, R503 and FPC modules."""

    def __init__(self, settings: FingerSettings) -> None:
        self._settings = settings
        self._sensor: FingerSensor | None = None
        self._before: SensorParameters | None = None  # the settings to put back, kept while the scanner is unplugged
        self._profile: SensorProfile | None = None

    def open(self) -> str:
        """See `find_sensor` for what it raises."""
        self._sensor = find_sensor(self._settings)
        before = raise_speed(self._sensor)
        self._before = self._before or before
        name = self._profile.name if self._profile else "EF01"
        return f"{name} · {self._sensor.link.url} · {self._sensor.link.baud}"

    def look(self) -> Look:
        return self._open_sensor.look()

    def fetch(self) -> Scan:
        """Upload the image. Its size tells the profile; from then on an image of that size ends the upload at once."""
        sizes = {self._profile.image_bytes} if self._profile else set(profiles())
        packed = b""
        for tries_left in reversed(range(_UPLOADS)):
            try:
                packed = self._open_sensor.upload_image(sizes)
                break
            except TemporaryFault:
                raise
            except DeviceError:
                if not tries_left:
                    raise
                sizes = set(profiles())  # another scanner may have been plugged in
        self._profile = profiles()[len(packed)]
        return Scan(self._profile.pixels(packed), self._profile.dpi, self._profile.name)

    def pulse(self) -> None:
        self._open_sensor.verify_password(_PULSE_ANSWER_S)

    def close(self) -> None:
        """Put the sensor's settings back and let the port go."""
        sensor, self._sensor = self._sensor, None
        if sensor is None:
            return
        if self._before is not None:
            put_back(sensor, self._before)
        sensor.link.close()

    @property
    def _open_sensor(self) -> FingerSensor:
        if self._sensor is None:
            raise TemporaryFault("finger.not_found")
        return self._sensor
