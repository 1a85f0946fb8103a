"""The simulated sensor as its manual has it, command by command, for clients that nobody has thought of yet."""

from __future__ import annotations

import struct
import sys
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import serial

from drivers_sim.finger import FingerCache, SimulatedSensor, characters, impression
from drivers_sim.finger.engine import SensorEngine, unpacked
from drivers_sim.finger.impression import BARELY_TOUCHED, BLANK
from drivers_sim.finger.models import AS608, FPC, R503, ZFM_20, Flash, SensorModel
from kiosk import weights
from kiosk.devices.finger.codes import Confirmation, Instruction
from kiosk.devices.finger.packets import Packet, PacketKind
from kiosk.records import Image

OK = bytes([Confirmation.OK])
GEN_IMG = bytes([Instruction.GEN_IMG])
MATCH = bytes([Instruction.MATCH])
REG_MODEL = bytes([Instruction.REG_MODEL])
SEARCH_ALL = struct.pack(">BBHH", Instruction.SEARCH, 1, 0, 200)


@pytest.fixture(scope="module")
def presses() -> dict[tuple[int, int], Image]:
    """Six fingers, two presses each."""
    fingers = FingerCache(weights.folder().parent / "simulated")
    return {(seed, number): impression(fingers.finger(seed), number) for seed in range(1, 7) for number in (1, 2)}


class Told:
    """A sensor without a line."""

    def __init__(self, model: SensorModel) -> None:
        self.engine = SensorEngine(model, Flash())

    def ask(self, content: bytes) -> bytes:
        """The acknowledge's content."""
        return self.engine.answer(Packet(PacketKind.COMMAND, content))[0].content

    def take(self, pixels: Image, buffer: int) -> None:
        """GenImg and Img2Tz."""
        self.engine.glass = cut(pixels, self.engine.model)
        assert self.ask(GEN_IMG) == OK
        assert self.ask(bytes([Instruction.IMG_2_TZ, buffer])) == OK


def cut(pixels: Image, model: SensorModel) -> Image:
    top, left = (pixels.shape[0] - model.height) // 2, (pixels.shape[1] - model.width) // 2
    return pixels[top : top + model.height, left : left + model.width]


def test_presses_of_one_finger_score_high_and_those_of_different_fingers_low(presses: dict[tuple[int, int], Image]) -> None:
    files = {press: characters.characters(pixels) or b"" for press, pixels in presses.items()}
    scores = {(a, b): characters.score(files[a], files[b]) for a, b in combinations(files, 2)}
    genuine = [score for ((one, _), (other, _)), score in scores.items() if one == other]
    impostor = [score for ((one, _), (other, _)), score in scores.items() if one != other]
    assert min(genuine) > characters.limit(5)
    assert max(impostor) < characters.limit(1)
    assert all(characters.score(file, file) == characters.PERFECT for file in files.values())


def test_pictures_without_enough_of_a_finger_make_no_characters() -> None:
    finger = FingerCache(weights.folder().parent / "simulated").finger(1)
    for press in (BLANK, BARELY_TOUCHED):
        sensor = Told(R503)
        sensor.engine.glass = cut(impression(finger, 1, press), R503)
        assert sensor.ask(GEN_IMG) == OK
        assert sensor.ask(bytes([Instruction.IMG_2_TZ, 1])) == bytes([Confirmation.TOO_FEW_POINTS])
        assert sensor.ask(bytes([Instruction.GEN_IMG_EXTENDED])) == bytes([Confirmation.TOO_FEW_POINTS])


@pytest.mark.parametrize("model", [ZFM_20, R503, FPC], ids=lambda model: model.name)
def test_a_finger_is_enrolled_by_two_presses_and_found_by_a_third(
    presses: dict[tuple[int, int], Image], model: SensorModel
) -> None:
    sensor = Told(model)
    sensor.take(presses[1, 1], 1)
    sensor.take(presses[1, 2], 2)
    assert sensor.ask(REG_MODEL) == OK
    assert sensor.ask(struct.pack(">BBH", Instruction.STORE, 1, 7)) == OK
    sensor.take(presses[1, 1], 1)
    assert sensor.ask(SEARCH_ALL)[:3] == OK + struct.pack(">H", 7)
    sensor.take(presses[2, 1], 1)
    assert sensor.ask(SEARCH_ALL) == bytes([Confirmation.NOT_FOUND]) + bytes(4)
    sensor.take(presses[1, 1], 2)
    assert sensor.ask(REG_MODEL) == bytes([Confirmation.MERGE_FAILED])


def test_an_r503_merges_six_presses_and_forgets_what_it_extracted_when_it_looks_again(
    presses: dict[tuple[int, int], Image],
) -> None:
    sensor = Told(R503)
    for buffer in range(1, 7):
        sensor.take(presses[1, 1 + buffer % 2], buffer)
    assert sensor.ask(MATCH) == bytes([Confirmation.NO_MATCH]) + bytes(2)  # there is no template yet to match with
    assert sensor.ask(REG_MODEL) == OK
    assert sensor.ask(struct.pack(">BBH", Instruction.STORE, 1, 3)) == OK
    sensor.take(presses[1, 2], 1)
    assert sensor.ask(MATCH)[:1] == OK
    sensor.engine.glass = None
    assert sensor.ask(GEN_IMG) == bytes([Confirmation.NO_FINGER])
    assert sensor.ask(MATCH)[:1] == bytes([Confirmation.NO_MATCH])
    assert sensor.ask(SEARCH_ALL)[:1] == bytes([Confirmation.NOT_FOUND])
    assert sensor.ask(struct.pack(">BBH", Instruction.LOAD_CHAR, 1, 3)) == OK
    assert sensor.ask(SEARCH_ALL)[:3] == OK + struct.pack(">H", 3)
    template = b"".join(packet.content for packet in sensor.engine.answer(Packet(PacketKind.COMMAND, b"\x08\x01"))[1:])
    assert len(template) == 1536


def test_commands_that_a_module_does_not_know_are_refused_in_its_own_words() -> None:
    for command in (0x31, 0x32, 0x34, 0x77, 0xFF):
        assert Told(ZFM_20).ask(bytes([command])) == bytes([Confirmation.PACKET_ERROR])
        assert Told(R503).ask(bytes([command])) == bytes([Confirmation.UNSUPPORTED])


def test_every_command_answers_whatever_its_parameters_are() -> None:
    for command in range(256):
        for parameters in (b"", b"\x01", b"\xff" * 5, bytes(40)):
            answer = Told(R503).engine.answer(Packet(PacketKind.COMMAND, bytes([command]) + parameters))
            assert answer[0].kind is PacketKind.ACKNOWLEDGE
            assert answer[0].content
    for command in (Instruction.SET_SYS_PARA, Instruction.VERIFY_PASSWORD, Instruction.SEARCH, Instruction.STORE):
        assert Told(ZFM_20).ask(bytes([command])) == bytes([Confirmation.PACKET_ERROR])  # with nothing behind it


def test_the_notepad_has_sixteen_pages_of_thirty_two_bytes() -> None:
    sensor = Told(ZFM_20)
    assert sensor.ask(bytes([Instruction.WRITE_NOTEPAD, 15]) + b"hall 3") == OK
    assert sensor.ask(bytes([Instruction.READ_NOTEPAD, 15])) == OK + b"hall 3".ljust(32, b"\0")
    for command in (Instruction.WRITE_NOTEPAD, Instruction.READ_NOTEPAD):
        assert sensor.ask(bytes([command, 16])) == bytes([Confirmation.BAD_NOTEPAD_PAGE])


def test_data_that_break_off_are_no_part_of_the_next_ones() -> None:
    sensor = Told(ZFM_20)
    for data in (b"\1" * 64, b"\2" * 64):
        assert sensor.ask(bytes([Instruction.DOWN_CHAR, 1])) == OK
        sensor.engine.answer(Packet(PacketKind.DATA, data))
    assert sensor.ask(bytes([Instruction.TEMPLATE_COUNT])) == OK + bytes(2)  # the host thinks better of it
    sensor.engine.answer(Packet(PacketKind.LAST_DATA, b"\3"))
    assert sensor.ask(bytes([Instruction.UP_CHAR, 1])) == bytes([Confirmation.TEMPLATE_UPLOAD])
    assert sensor.ask(bytes([Instruction.DOWN_CHAR, 1])) == OK
    sensor.engine.answer(Packet(PacketKind.LAST_DATA, b"\4"))
    assert sensor.engine.answer(Packet(PacketKind.COMMAND, bytes([Instruction.UP_CHAR, 1])))[1].content == b"\4"


VERIFY = Packet(PacketKind.COMMAND, bytes([Instruction.VERIFY_PASSWORD, 0, 0, 0, 0])).encoded()
VERIFIED = Packet(PacketKind.ACKNOWLEDGE, OK).encoded()
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")


@on_posix
def test_a_command_that_breaks_off_does_not_swallow_the_next_one(simulated: SimulatedSensor) -> None:
    with serial.Serial(simulated.port, 57_600, timeout=2) as port:
        port.write(VERIFY[:6] + b"\x01\x00\xf0")  # claims 238 bytes more
        time.sleep(0.7)  # the silence is what the sensor goes by
        port.write(VERIFY)
        assert port.read(len(VERIFIED)) == VERIFIED


@on_posix
def test_a_program_that_leaves_the_speed_as_it_finds_it_is_answered(simulated: SimulatedSensor) -> None:
    with Path(simulated.port).open("r+b", buffering=0) as port:
        port.write(VERIFY)
        assert port.read(len(VERIFIED)) == VERIFIED


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="TCSETS2 is Linux's")
def test_a_program_that_sets_the_speed_by_number_is_answered(simulated: SimulatedSensor) -> None:
    import fcntl  # not on Windows

    get, put, no_preset, presets = 0x802C542A, 0x402C542B, 0o10000, 0o10017
    with serial.Serial(simulated.port, 9600, timeout=2) as port:
        words = list(struct.unpack("4I20s2I", fcntl.ioctl(port, get, bytes(44))))
        words[2] = words[2] & ~presets | no_preset
        words[5] = words[6] = 57_600
        fcntl.ioctl(port, put, struct.pack("4I20s2I", *words))
        port.write(VERIFY)
        assert port.read(len(VERIFIED)) == VERIFIED


def test_an_as608_enrols_and_identifies_in_one_command_and_others_refuse(presses: dict[tuple[int, int], Image]) -> None:
    told = Told(AS608)
    enrol, identify = bytes([Instruction.ENROLL]), bytes([Instruction.IDENTIFY])
    assert told.ask(enrol) == bytes([Confirmation.NO_FINGER, 0, 0])
    for seed in (1, 2):
        told.engine.glass = cut(presses[seed, 1], AS608)
        assert told.ask(enrol) == OK + struct.pack(">H", seed - 1)
    told.engine.glass = cut(presses[2, 2], AS608)
    code, page, score = struct.unpack(">BHH", told.ask(identify))
    assert (code, page) == (Confirmation.OK, 1)
    assert score > 0
    told.engine.glass = cut(presses[5, 1], AS608)
    assert told.ask(identify)[0] == Confirmation.NOT_FOUND
    assert Told(ZFM_20).ask(enrol) == bytes([ZFM_20.unknown])


def test_an_as608_takes_every_command_of_its_own_as_its_public_driver_sends_them_and_others_refuse_them(
    presses: dict[tuple[int, int], Image],
) -> None:
    told = Told(AS608)
    binary, outputs = bytes([0x1C, 0]), [bytes([0x1E, number, level]) for number in (0, 1) for level in (0, 1)]
    assert told.ask(binary) == bytes([Confirmation.NO_IMAGE])
    told.engine.glass = cut(presses[1, 1], AS608)
    assert told.ask(bytes([Instruction.GEN_IMG])) == OK
    assert told.ask(binary) == OK
    assert set(np.unique(unpacked(told.engine.image or b"", AS608))) == {0, 255}
    assert [told.ask(output) for output in outputs] == [OK + b"\0", OK + b"\1"] * 2
    assert told.ask(bytes([0x1E, 2, 0]))[0] == Confirmation.BAD_REGISTER
    assert told.ask(bytes([0x1A, 1])) == OK
    for command in (binary, *outputs, bytes([0x1A, 0]), b"\x10", b"\x11"):
        assert Told(ZFM_20).ask(command) == bytes([ZFM_20.unknown])
