"""Five public drivers, unmodified, against the simulated sensor: it must be a sensor to those who never heard of us."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import serial
from PIL import Image as Pillow

from drivers_sim.finger import FingerCache, SimulatedSensor, impression
from drivers_sim.finger.models import AS608, R503
from kiosk import weights
from kiosk.records import Image

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the drivers want a serial port: a pseudo-terminal")


@pytest.fixture(scope="module")
def presses() -> dict[tuple[int, int], Image]:
    """Two fingers, two presses each."""
    fingers = FingerCache(weights.folder().parent / "simulated")
    return {(seed, number): impression(fingers.finger(seed), number) for seed in (1, 2) for number in (1, 2)}


def test_pyfingerprint_captures_compares_and_searches(
    simulated: SimulatedSensor, presses: dict[tuple[int, int], Image], tmp_path: Path
) -> None:
    pyfingerprint = pytest.importorskip("pyfingerprint.pyfingerprint")
    driver = pyfingerprint.PyFingerprint(simulated.port, 57_600)
    assert driver.verifyPassword()
    assert driver.getStorageCapacity() == 1000
    assert driver.getSecurityLevel() == 3
    assert driver.getMaxPacketSize() == 128
    assert driver.getBaudRate() == 57_600
    assert 0 <= driver.generateRandomNumber() < 2**32

    assert not driver.readImage()
    simulated.press(presses[1, 1])
    assert driver.readImage()
    driver.downloadImage(str(tmp_path / "finger.bmp"))
    assert np.array_equal(np.asarray(Pillow.open(tmp_path / "finger.bmp")), presses[1, 1])

    driver.convertImage(1)
    simulated.press(presses[1, 2])
    assert driver.readImage()
    driver.convertImage(2)
    assert driver.compareCharacteristics() > 0
    assert driver.createTemplate()
    assert driver.storeTemplate(7) == 7
    assert driver.getTemplateCount() == 1
    assert driver.getTemplateIndex(0)[:9] == [False] * 7 + [True, False]

    simulated.press(presses[2, 1])
    driver.readImage()
    driver.convertImage(1)
    assert driver.searchTemplate()[0] == -1
    driver.loadTemplate(7, 2)
    assert driver.compareCharacteristics() == 0
    characters = driver.downloadCharacteristics(2)
    assert len(characters) == 512
    assert driver.uploadCharacteristics(1, characters)
    page, score = driver.searchTemplate()
    assert page == 7
    assert score > 100
    driver.setSecurityLevel(5)
    assert driver.getSecurityLevel() == 5
    driver.setMaxPacketSize(256)
    assert driver.getMaxPacketSize() == 256
    assert driver.deleteTemplate(7)
    assert driver.getTemplateCount() == 0
    assert driver.clearDatabase()
    assert driver.setPassword(1234)
    assert driver.setAddress(0x0000_0001)
    assert driver.verifyPassword()


def test_the_circuitpython_driver_captures_compares_and_searches(
    simulated: SimulatedSensor, presses: dict[tuple[int, int], Image]
) -> None:
    adafruit = pytest.importorskip("adafruit_fingerprint")
    with serial.Serial(simulated.port, 57_600, timeout=2) as port:
        driver = adafruit.Adafruit_Fingerprint(port)
        driver.check_module()
        assert (driver.library_size, driver.data_packet_size, driver.baudrate) == (1000, 2, 6)

        assert driver.get_image() == adafruit.NOFINGER
        simulated.press(presses[1, 1])
        assert driver.get_image() == adafruit.OK
        packed = np.array(driver.get_fpdata("image"), np.uint8)
        assert np.array_equal(np.stack([packed >> 4, packed & 15], axis=1).reshape(288, 256) * 17, presses[1, 1])

        assert driver.image_2_tz(1) == adafruit.OK
        simulated.press(presses[1, 2])
        assert driver.get_image() == adafruit.OK
        assert driver.image_2_tz(2) == adafruit.OK
        assert driver.compare_templates() == adafruit.OK
        assert driver.create_model() == adafruit.OK
        assert driver.store_model(300) == adafruit.OK
        assert driver.count_templates() == adafruit.OK
        assert driver.template_count == 1
        assert driver.read_templates() == adafruit.OK
        assert driver.templates == [300]

        assert driver.get_image() == adafruit.OK
        assert driver.image_2_tz(1) == adafruit.OK
        assert driver.finger_search() == adafruit.OK
        assert driver.finger_id == 300
        assert driver.finger_fast_search() == adafruit.OK
        assert driver.finger_id == 300

        simulated.press(presses[2, 1])
        driver.get_image()
        driver.image_2_tz(1)
        assert driver.finger_search() == adafruit.NOTFOUND
        assert driver.load_model(300, 2) == adafruit.OK
        assert driver.compare_templates() == adafruit.NOMATCH
        characters = driver.get_fpdata("char", 2)
        assert driver.send_fpdata(characters, "char", 1)
        assert driver.get_fpdata("char", 1) == characters
        assert driver.compare_templates() == adafruit.OK
        assert driver.set_sysparam(6, 3) == adafruit.OK
        assert driver.delete_model(300) == adafruit.OK
        assert driver.empty_library() == adafruit.OK
        assert driver.read_templates() == adafruit.OK
        assert driver.templates == []


def test_the_circuitpython_driver_resets_an_r503_and_lights_its_ring() -> None:
    adafruit = pytest.importorskip("adafruit_fingerprint")
    simulated = SimulatedSensor(pty=True, model=R503)
    try:
        with serial.Serial(simulated.start(), 57_600, timeout=2) as port:
            driver = adafruit.Adafruit_Fingerprint(port)
            driver.soft_reset()
            assert driver.set_led(color=2, mode=1) == adafruit.OK
            assert driver.library_size == 200
    finally:
        simulated.stop()


def test_afrik_fingerprint_enrols_finds_and_deletes_on_an_as608(presses: dict[tuple[int, int], Image]) -> None:
    afrik = pytest.importorskip("afrik_fingerprint.sensors")
    simulated = SimulatedSensor(pty=True, model=AS608)
    driver = afrik.AS608(simulated.start())
    try:
        driver.connect()
        with pytest.raises(afrik.SensorCommandError, match="No finger detected"):
            driver.capture_image()
        simulated.press(presses[1, 1])
        driver.enroll(5, lambda step: simulated.press(presses[1, 2]) if step == "place_finger_again" else None)
        page, score = driver.identify()
        assert page == 5
        assert score > 0
        driver.load_model(5, 2)
        simulated.press(presses[2, 1])
        with pytest.raises(afrik.SensorCommandError, match="No matching fingerprint"):
            driver.identify()
        driver.delete_template(5)
        simulated.press(presses[1, 1])
        with pytest.raises(afrik.SensorCommandError, match="No matching fingerprint"):
            driver.identify()
        driver.empty_library()
        with pytest.raises(afrik.SensorCommandError, match="Incorrect handshake password"):
            driver.verify_password(1)
    finally:
        driver.disconnect()
        simulated.stop()


def test_fingerreader_registers_checks_and_erases(simulated: SimulatedSensor, presses: dict[tuple[int, int], Image]) -> None:
    library = pytest.importorskip("FingerReader")
    driver = library.FingerReader(simulated.port)
    try:
        assert driver.count_fingers() == 0
        simulated.press(presses[1, 1])
        assert driver.register(position=3, timeout=2) == 3
        assert driver.count_fingers() == 1
        simulated.press(presses[1, 2])
        assert driver.check_finger(timeout=2)[0] == 3
        driver.delete(3)
        assert driver.count_fingers() == 0
        driver.erase_fingers()
    finally:
        driver._close_serial_connection()


def test_r503_captures_compares_and_searches_on_an_r503(
    presses: dict[tuple[int, int], Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = pytest.importorskip("r503")
    simulated = SimulatedSensor(pty=True, model=R503)
    simulated.start()
    # It opens /dev/ttyUSB with a number only.
    ports = SimpleNamespace(Serial=lambda _, **settings: serial.Serial(simulated.port, **settings))
    monkeypatch.setattr(library, "serial", ports)
    driver = library.R503(0, recv_size=12)  # it waits for so many bytes: an acknowledge has twelve
    try:
        driver.ser.reset_input_buffer()  # the 0x55 that the sensor says when it is up
        assert (driver.verify_pw(), driver.handshake(), driver.check_sensor()) == (0, 0, 0)
        assert driver.get_img() == 2
        for buffer, press in ((1, (1, 1)), (2, (1, 2))):
            simulated.press(presses[press])
            assert driver.get_img() == 0
            assert driver.img2tz(buffer) == 0
        assert driver.reg_model() == 0
        assert driver.store(1, 9) == 0
        packets = driver.up_image(timeout=0.3)
        assert sum(map(len, packets)) == R503.image_bytes
        driver.recv_size = 28
        assert driver.read_sys_para_decode()["finger_library_size"] == 200
        driver.recv_size = 16
        assert driver.search()[:2] == (0, 9)
        driver.recv_size = 44
        assert driver.read_index_table() == [9]
        driver.recv_size = 58
        assert driver.read_prod_info()[0].rstrip(b"\0") == b"R503"
        driver.recv_size = 14
        assert driver.read_valid_template_num() == 1
        driver.recv_size = 12
        assert driver.empty_finger_lib() == 0
    finally:
        driver.ser_close()
        simulated.stop()
