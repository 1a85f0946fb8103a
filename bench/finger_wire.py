"""How close the upload of a fingerprint comes to what the line itself allows, and what two public drivers take for the same.

    python -m bench.finger_wire

A simulated sensor on a pseudo-terminal keeps its line at its speed. The limit is the time that the bits need on the line.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import serial

from bench.figures import kept, note, option
from drivers_sim.finger import SimulatedSensor
from kiosk.devices.finger.link import Link, wire_time_s
from kiosk.devices.finger.profiles import profiles
from kiosk.devices.finger.sensor import FingerSensor
from kiosk.devices.serial_line import SerialLine
from kiosk.records import Image

IMAGE_BYTES: Final = 36_864
SETTINGS: Final = ((57_600, 128), (115_200, 128), (115_200, 256))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    option(parser)
    with kept("finger_wire", parser.parse_args().json, "kiosk/devices/finger"):
        _compare()
    return 0


def _compare() -> None:
    picture = (np.random.default_rng(1).integers(0, 16, (288, 256)) * 17).astype(np.uint8)
    drivers: dict[str, Callable[[str, int, Path], _Driver]] = {
        "kiosk": _kiosk,
        "pyfingerprint": _pyfingerprint,
        "circuitpython": _circuitpython,
    }
    print(f"{'line':>17s}  {'limit':>7s}  {'driver':14s} {'capture':>8s} {'upload':>8s}  {'upload / limit':>14s}  exact")
    for baud, packet_bytes in SETTINGS:
        limit_s = wire_time_s(IMAGE_BYTES, packet_bytes, baud)
        for name, driver in drivers.items():
            try:
                capture_s, upload_s, exact = _timed(driver, picture, baud, packet_bytes)
            except ImportError:
                print(f"{baud:>9d} / {packet_bytes:3d} B  {limit_s:6.2f}s  {name:14s} not installed")
                continue
            except Exception as error:  # a driver that can't do it is a result too
                print(f"{baud:>9d} / {packet_bytes:3d} B  {limit_s:6.2f}s  {name:14s} failed: {type(error).__name__}: {error}")
                continue
            note(f"{name}: upload at {baud} baud, {packet_bytes} B packets", upload_s / limit_s, "×", "of what the wire takes")
            figures = f"{capture_s:7.2f}s {upload_s:7.2f}s  {upload_s / limit_s:13.3f}x"
            print(f"{baud:>9d} / {packet_bytes:3d} B  {limit_s:6.2f}s  {name:14s} {figures}  {'yes' if exact else 'NO'}")


class _Driver:
    """Capture and upload, as one driver does them."""

    def __init__(self, capture: Callable[[], object], upload: Callable[[], Image], close: Callable[[], object]) -> None:
        self.capture = capture
        self.upload = upload
        self.close = close


def _timed(
    make: Callable[[str, int, Path], _Driver], picture: Image, baud: int, packet_bytes: int
) -> tuple[float, float, bool]:
    with _sensor(picture, baud, packet_bytes) as port, tempfile.TemporaryDirectory() as folder:
        driver = make(port, baud, Path(folder))
        try:
            began_s = time.perf_counter()
            driver.capture()
            captured_s = time.perf_counter()
            pixels = driver.upload()
            uploaded_s = time.perf_counter()
        finally:
            driver.close()
    return captured_s - began_s, uploaded_s - captured_s, np.array_equal(pixels, picture)


@contextlib.contextmanager
def _sensor(picture: Image, baud: int, packet_bytes: int) -> Iterator[str]:
    sensor = SimulatedSensor(realistic=True, pty=True)
    sensor.flash.baud, sensor.flash.packet_bytes = baud, packet_bytes
    sensor.press(picture)
    try:
        yield sensor.start()
    finally:
        sensor.stop()


def _kiosk(port: str, baud: int, _: Path) -> _Driver:
    link = Link(SerialLine(port, baud), 0xFFFFFFFF)
    sensor = FingerSensor(link)
    sensor.read_parameters()
    return _Driver(sensor.look, lambda: profiles()[IMAGE_BYTES].pixels(sensor.upload_image()[0]), link.close)


def _pyfingerprint(port: str, baud: int, folder: Path) -> _Driver:
    module: Any = importlib.import_module("pyfingerprint.pyfingerprint")
    driver = module.PyFingerprint(port, baud)
    driver.verifyPassword()

    def upload() -> Image:
        from PIL import Image as Pillow

        driver.downloadImage(str(folder / "finger.bmp"))
        return np.asarray(Pillow.open(folder / "finger.bmp"), np.uint8)

    return _Driver(driver.readImage, upload, lambda: None)


def _circuitpython(port: str, baud: int, _: Path) -> _Driver:
    module: Any = importlib.import_module("adafruit_fingerprint")
    line = serial.Serial(port, baud, timeout=2)
    driver = module.Adafruit_Fingerprint(line)

    def upload() -> Image:
        packed = np.array(driver.get_fpdata("image"), np.uint8)
        return np.asarray(np.stack([packed >> 4, packed & 15], axis=1).reshape(288, 256) * 17, np.uint8)

    return _Driver(driver.get_image, upload, line.close)


if __name__ == "__main__":
    sys.exit(main())
