"""The commands over a real line, and every fault that the line may have."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from drivers_sim.finger import Fault, SimulatedSensor
from drivers_sim.finger.anatomy import grow
from drivers_sim.finger.engine import SensorEngine
from drivers_sim.finger.impression import impression
from drivers_sim.finger.models import FPC, R503, SensorModel
from kiosk.devices.finger.codes import Confirmation, Instruction
from kiosk.devices.finger.link import Link
from kiosk.devices.finger.packets import Packet, PacketKind
from kiosk.devices.finger.profiles import profiles
from kiosk.devices.finger.scanner import Look
from kiosk.devices.finger.sensor import FingerSensor, Found
from kiosk.devices.serial_line import SerialLine
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault
from kiosk.records import Image

IMAGE_BYTES = 36_864


def test_an_uploaded_image_is_exact_to_the_pixel(simulated: SimulatedSensor, sensor: FingerSensor, picture: Image) -> None:
    assert sensor.look() is Look.NO_FINGER
    simulated.press(picture)
    assert sensor.look() is Look.HELD
    packed, _ = sensor.upload_image()
    assert np.array_equal(profiles()[len(packed)].pixels(packed), picture)


def test_every_packet_size_and_speed_carries_the_image(
    simulated: SimulatedSensor, sensor: FingerSensor, picture: Image
) -> None:
    simulated.press(picture)
    for size in (32, 64, 128, 256):
        for baud in (9600, 115_200):
            sensor.set_packet_bytes(size)
            sensor.set_baud(baud)
            assert sensor.look() is Look.HELD
            assert len(sensor.upload_image()[0]) == IMAGE_BYTES
    parameters = sensor.read_parameters()
    assert (parameters.packet_bytes, parameters.baud, parameters.address) == (256, 115_200, 0xFFFFFFFF)


def test_the_library_keeps_finds_and_forgets_fingers(simulated: SimulatedSensor, sensor: FingerSensor) -> None:
    mine, other = grow(1), grow(2)
    for finger, page in ((mine, 3), (other, 260)):
        simulated.press(impression(finger, 1))
        assert sensor.look() is Look.HELD
        sensor.extract(1)
        simulated.press(impression(finger, 1))
        sensor.look()
        sensor.extract(2)
        assert sensor.match()
        assert sensor.merge()
        sensor.store(1, page)
    assert sensor.template_count() == 2
    assert sensor.stored_pages(0) == (3,)
    assert sensor.stored_pages(1) == (260,)

    simulated.press(impression(mine, 2))
    sensor.look()
    sensor.extract(1)
    found = sensor.search(1, 0, 1000)
    assert isinstance(found, Found)
    assert found.page == 3
    sensor.load(2, 260)
    assert sensor.match() is None
    assert not sensor.merge()

    template = sensor.upload_template(1)
    sensor.download_template(2, template)
    assert sensor.upload_template(2) == template
    assert sensor.match() == 200
    sensor.delete(3)
    assert sensor.search(1, 0, 200) is None
    sensor.empty()
    assert sensor.template_count() == 0


def test_an_image_goes_down_and_comes_up_again(sensor: FingerSensor, picture: Image) -> None:
    packed = ((picture[:, 0::2] & 0xF0) | (picture[:, 1::2] >> 4)).tobytes()
    sensor.read_parameters()
    sensor.download_image(packed)
    assert sensor.upload_image() == (packed, True)


def test_small_commands_are_answered(sensor: FingerSensor) -> None:
    sensor.verify_password()
    assert sensor.handshake(zfm=True)
    assert not sensor.handshake(zfm=False)
    assert sensor.check_hardware()
    assert len(sensor.read_info_page()) == 512
    sensor.write_notepad(2, b"exam hall 3")
    assert sensor.read_notepad(2).rstrip(b"\0") == b"exam hall 3"
    assert 0 <= sensor.random() < 2**32
    sensor.set_security(4)
    assert sensor.read_parameters().security == 4
    with pytest.raises(DeviceError) as refusal:
        sensor.load(1, 5)
    assert refusal.value.data["reason"] == "template_read"


def test_a_changed_address_and_password_are_kept(simulated: SimulatedSensor, sensor: FingerSensor) -> None:
    sensor.set_address(0x01020304)
    sensor.set_password(4711)
    sensor.verify_password()
    simulated.unplug()
    simulated.plug()
    link = Link(SerialLine(simulated.port, simulated.flash.baud), 0x01020304)
    try:
        with pytest.raises(PermanentFault, match=r"finger\.wrong_password"):
            FingerSensor(link, password=1).verify_password()
        with pytest.raises(DeviceError, match=r"finger\.restarted"):
            FingerSensor(link).look()
        FingerSensor(link, password=4711).verify_password()
    finally:
        link.close()


ACKNOWLEDGE_FAULTS = {
    Fault.TRUNCATED: "finger.no_answer",
    Fault.SILENT: "finger.no_answer",
    Fault.BAD_CHECKSUM: "finger.line_damaged",
    Fault.WRONG_LENGTH: "finger.no_answer",
    Fault.FOREIGN_ADDRESS: "finger.no_answer",
    Fault.BUSY: "finger.no_answer",
}


@pytest.mark.parametrize("fault", ACKNOWLEDGE_FAULTS, ids=lambda fault: fault.name.lower())
def test_a_spoilt_answer_ends_in_time_and_the_next_command_works(
    simulated: SimulatedSensor, sensor: FingerSensor, fault: Fault
) -> None:
    simulated.fail(fault)
    began_s = time.monotonic()
    with pytest.raises(DeviceError) as error:
        sensor.verify_password(deadline_s=0.4)
    assert time.monotonic() - began_s < 0.8
    assert error.value.code == ACKNOWLEDGE_FAULTS[fault]
    if fault is Fault.BUSY:  # the late answer comes while nobody asks
        assert simulated.wait_commands(1)
    assert sensor.read_parameters().capacity == 1000


TYPED: dict[str, Callable[[FingerSensor], object]] = {
    "parameters": FingerSensor.read_parameters,
    "product": FingerSensor.product_info,
    "match": FingerSensor.match,
    "search": lambda sensor: sensor.search(1, 0, 10),
    "count": FingerSensor.template_count,
    "pages": FingerSensor.stored_pages,
    "random": FingerSensor.random,
    "notepad": lambda sensor: sensor.read_notepad(1),
}


@pytest.mark.parametrize("command", TYPED)
def test_an_answer_too_short_for_its_command_is_a_damaged_one(
    simulated: SimulatedSensor, sensor: FingerSensor, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as curt:  # a whole packet, but with nothing behind its confirmation code
        curt.setattr(SensorEngine, "answer", lambda *_: [Packet(PacketKind.ACKNOWLEDGE, bytes([Confirmation.OK]))])
        with pytest.raises(DeviceError, match=r"finger\.line_damaged"):
            TYPED[command](sensor)
    assert sensor.read_parameters().capacity == simulated.model.capacity


def test_noise_before_an_answer_does_no_harm(simulated: SimulatedSensor, sensor: FingerSensor) -> None:
    for _ in range(3):
        simulated.fail(Fault.NOISE)
        assert sensor.read_parameters().packet_bytes == 128


DATA_FAULTS = (Fault.DATA_LOST, Fault.DATA_DAMAGED, Fault.DATA_TRUNCATED)


@pytest.mark.parametrize("fault", DATA_FAULTS, ids=lambda fault: fault.name.lower())
def test_a_spoilt_image_is_known_as_such_and_can_be_asked_for_again(
    simulated: SimulatedSensor, sensor: FingerSensor, picture: Image, fault: Fault
) -> None:
    simulated.press(picture)
    sensor.look()
    simulated.fail(fault)
    if fault is Fault.DATA_DAMAGED:
        with pytest.raises(DeviceError, match=r"finger\.line_damaged"):
            sensor.upload_image()
    else:
        data, is_ended = sensor.upload_image()
        assert len(data) < IMAGE_BYTES
        assert is_ended is (fault is Fault.DATA_LOST)
    assert np.array_equal(profiles()[IMAGE_BYTES].pixels(sensor.upload_image()[0]), picture)


def test_a_sensor_that_marks_no_last_packet_is_read(picture: Image) -> None:
    _, packed = upload_from(SensorModel(marks_last_packet=False), picture)
    assert len(packed) == IMAGE_BYTES


@pytest.mark.parametrize("model", [R503, FPC], ids=lambda model: model.name)
def test_other_image_sizes_are_recognised(model: SensorModel, picture: Image) -> None:
    name, packed = upload_from(model, picture)
    profile = profiles()[len(packed)]
    assert (profile.name, profile.width, profile.height) == (model.name, model.width, model.height)
    assert name == ("R503" if model is R503 else None)


def upload_from(model: SensorModel, picture: Image) -> tuple[str | None, bytes]:
    simulated = SimulatedSensor(model=model)
    link = Link(SerialLine(simulated.start(), 57_600), 0xFFFFFFFF)
    try:
        sensor = FingerSensor(link)
        sensor.verify_password()
        try:
            name = sensor.product_info().module
        except DeviceError:
            name = None
        simulated.press(picture)
        assert sensor.look() is Look.HELD
        return name, sensor.upload_image()[0]
    finally:
        link.close()
        simulated.stop()


def test_a_pulled_plug_is_noticed_mid_command(simulated: SimulatedSensor, sensor: FingerSensor) -> None:
    sensor.verify_password()
    simulated.unplug()
    with pytest.raises(TemporaryFault, match=r"finger\.unplugged"):
        sensor.link.ask(bytes([Instruction.GEN_IMG]), 0.3)
