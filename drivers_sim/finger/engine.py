"""What an EF01 sensor does with a command, without any line: packets in, packets out (ZFM-20 manual v2.0, R503 manual v1.2)."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Final

import numpy as np

from drivers_sim.finger import characters
from drivers_sim.finger.buffers import CharacterBuffers
from drivers_sim.finger.models import Flash, SensorModel
from kiosk.devices.finger.codes import BAUD_UNIT, PACKET_SIZES, Confirmation, Instruction, Parameter
from kiosk.devices.finger.packets import Packet, PacketKind
from kiosk.records import Image

_TABLE_PAGES: Final = 256
_NOTEPAD_PAGES: Final = 16
_NOTEPAD_BYTES: Final = 32
_VERSION_BYTES: Final = 32
_MIDDLE_GREY: Final = 128
_AS608_ONLY: Final = frozenset(
    (
        Instruction.ENROLL,
        Instruction.IDENTIFY,
        Instruction.BURN_CODE,
        Instruction.GEN_BIN_IMAGE,
        Instruction.USER_GPIO,
    )
)


class SensorEngine:
    """The command interpreter. `glass` is what lies on the sensor; `baud` is the speed that counts for the next command.

    Image and buffers are lost with the power.
    """

    def __init__(self, model: SensorModel, flash: Flash) -> None:
        self.model = model
        self.flash = flash
        self.glass: Image | None = None
        self.baud = flash.baud
        self.image: bytes | None = None
        self.buffers = CharacterBuffers(model)
        self._verified = flash.password == 0
        self._restarting = False
        self._passed = False  # whether the last Match or Search found its finger
        self._incoming: Callable[[bytes], None] | None = None
        self._received = bytearray()

    def answer(self, packet: Packet) -> list[Packet]:
        """The acknowledge and what data follow it; nothing for data packets."""
        if packet.kind in (PacketKind.DATA, PacketKind.LAST_DATA):
            self._take_data(packet)
            return []
        if packet.kind is not PacketKind.COMMAND or not packet.content:
            return []
        self._incoming = None  # whoever asks for something else sends no more data
        if not self._verified and packet.content[0] != Instruction.VERIFY_PASSWORD:
            return self._say(Confirmation.PASSWORD_WANTED)
        return self._obey(packet.content[0], packet.content[1:])

    def settle(self) -> None:
        """The answer is out: now a new speed counts."""
        if self.model.changes_at_once or self._restarting:
            self.baud = self.flash.baud
        self._restarting = False

    def _obey(self, instruction: int, parameters: bytes) -> list[Packet]:
        command = self._commands.get(instruction)
        if instruction in _AS608_ONLY and not self.model.is_as608:
            command = None
        if instruction == self.model.handshake[0]:
            return self._say(self.model.handshake[1])
        if command is None:
            return self._say(self.model.unknown)
        try:
            return command(self, parameters)
        except (struct.error, IndexError):  # too few parameters
            return self._say(Confirmation.PACKET_ERROR)

    # -- image

    def _gen_img(self, _: bytes) -> list[Packet]:
        self.buffers.image_taken()
        if self.glass is None:
            return self._say(Confirmation.NO_FINGER)
        self.image = packed(self.glass, self.model.bits)
        return self._say()

    def _gen_img_extended(self, parameters: bytes) -> list[Packet]:
        """GetImageEx: as GenImg, but says so when the picture is of no use."""
        answer = self._gen_img(parameters)
        if self.glass is None or self._characters():
            return answer
        return self._say(Confirmation.TOO_FEW_POINTS)

    def _up_image(self, _: bytes) -> list[Packet]:
        if not self.model.hands_out_images:
            return self._say(self.model.unknown)
        if self.image is None:
            return self._say(Confirmation.IMAGE_UPLOAD)
        return self._say(data=self.image)

    def _down_image(self, _: bytes) -> list[Packet]:
        def keep(data: bytes) -> None:
            self.image = data if len(data) == self.model.image_bytes else None

        return self._await_data(keep)

    # -- character files

    def _img_2_tz(self, parameters: bytes) -> list[Packet]:
        if self.image is None:
            return self._say(Confirmation.NO_IMAGE)
        file = self._characters()
        if file is None:
            return self._say(Confirmation.TOO_FEW_POINTS)
        self.buffers.extract(parameters[0], file)
        return self._say()

    def _characters(self) -> bytes | None:
        file = characters.characters(unpacked(self.image, self.model)) if self.image else None
        return file.ljust(self.model.template_bytes, b"\0") if file else None

    def _match(self, _: bytes) -> list[Packet]:
        found = characters.score(*self.buffers.pair())
        self._passed = found >= characters.limit(self.flash.security)
        code = Confirmation.OK if self._passed else Confirmation.NO_MATCH
        return self._say(code, struct.pack(">H", found if self._passed else 0))

    def _search(self, parameters: bytes) -> list[Packet]:
        buffer, start, count = struct.unpack(">BHH", parameters[:5])
        wanted = self.buffers.wanted(buffer)
        scores = ((characters.score(wanted, self.flash.library[page]), -page) for page in self._pages(start, count))
        best, page = max(scores, default=(0, 0))
        self._passed = best >= characters.limit(self.flash.security)
        if not self._passed:
            return self._say(Confirmation.NOT_FOUND, bytes(4))
        return self._say(Confirmation.OK, struct.pack(">HH", -page, best))

    def _reg_model(self, _: bytes) -> list[Packet]:
        return self._say(Confirmation.OK if self.buffers.merge(self.flash.security) else Confirmation.MERGE_FAILED)

    def _up_char(self, parameters: bytes) -> list[Packet]:
        file = self.buffers.file(parameters[0])
        return self._say(data=file) if file else self._say(Confirmation.TEMPLATE_UPLOAD)

    def _down_char(self, parameters: bytes) -> list[Packet]:
        buffer = parameters[0]
        return self._await_data(lambda data: self.buffers.load(buffer, data))

    # -- library

    def _store(self, parameters: bytes) -> list[Packet]:
        buffer, page = struct.unpack(">BH", parameters[:3])
        if page >= self.model.capacity:
            return self._say(Confirmation.PAGE_OUT_OF_RANGE)
        file = self.buffers.file(buffer)
        if file is None:
            return self._say(Confirmation.FLASH)
        self.flash.library[page] = file
        return self._say()

    def _load_char(self, parameters: bytes) -> list[Packet]:
        buffer, page = struct.unpack(">BH", parameters[:3])
        if page >= self.model.capacity:
            return self._say(Confirmation.PAGE_OUT_OF_RANGE)
        if page not in self.flash.library:
            return self._say(Confirmation.TEMPLATE_READ)
        self.buffers.load(buffer, self.flash.library[page])
        return self._say()

    def _enroll(self, _: bytes) -> list[Packet]:
        """AS608: one look, one template, the first free page."""
        failed = self._taken()
        if failed is not None:
            return self._say(failed, bytes(2))
        page = next((page for page in range(self.model.capacity) if page not in self.flash.library), None)
        file = self.buffers.file(1)
        if page is None or file is None:
            return self._say(Confirmation.LIBRARY_FULL, bytes(2))
        self.flash.library[page] = file
        return self._say(Confirmation.OK, struct.pack(">H", page))

    def _identify(self, _: bytes) -> list[Packet]:
        """AS608: one look, searched for in the whole library."""
        failed = self._taken()
        if failed is not None:
            return self._say(failed, bytes(4))
        return self._search(struct.pack(">BHH", 1, 0, self.model.capacity))

    def _binary_image(self, parameters: bytes) -> list[Packet]:
        """AS608: 0 makes the held picture black and white; 1 and 2, its own drawings of ridges, leave it as it is."""
        if self.image is None:
            return self._say(Confirmation.NO_IMAGE)
        if parameters[0] == 0:
            grey = unpacked(self.image, self.model)
            self.image = packed(np.where(grey < _MIDDLE_GREY, 0, 255).astype(np.uint8), self.model.bits)
        return self._say()

    def _output(self, parameters: bytes) -> list[Packet]:
        """AS608: set one of two outputs; says its level."""
        number, level = struct.unpack(">BB", parameters[:2])
        if number not in (0, 1) or level not in (0, 1):
            return self._say(Confirmation.BAD_REGISTER, b"\0")
        return self._say(values=bytes([level]))

    def _burn_code(self, parameters: bytes) -> list[Packet]:
        """AS608: a new program is taken, and put nowhere."""
        if parameters[0] not in (0, 1):
            return self._say(Confirmation.PACKET_ERROR)
        return self._await_data(lambda _: None)

    def _taken(self) -> Confirmation | None:
        """Look and extract into buffer 1; what went wrong, or None."""
        self.buffers.image_taken()
        if self.glass is None:
            return Confirmation.NO_FINGER
        self.image = packed(self.glass, self.model.bits)
        file = self._characters()
        if file is None:
            return Confirmation.TOO_FEW_POINTS
        self.buffers.extract(1, file)
        return None

    def _delete(self, parameters: bytes) -> list[Packet]:
        start, count = struct.unpack(">HH", parameters[:4])
        if start + count > self.model.capacity:
            return self._say(Confirmation.DELETE_FAILED)
        for page in self._pages(start, count):
            del self.flash.library[page]
        return self._say()

    def _empty(self, _: bytes) -> list[Packet]:
        self.flash.library.clear()
        return self._say()

    def _template_count(self, _: bytes) -> list[Packet]:
        return self._say(values=struct.pack(">H", len(self.flash.library)))

    def _index_table(self, parameters: bytes) -> list[Packet]:
        bits = bytearray(_TABLE_PAGES // 8)
        for page in self._pages(parameters[0] * _TABLE_PAGES, _TABLE_PAGES):
            bits[page % _TABLE_PAGES // 8] |= 1 << page % 8
        return self._say(values=bytes(bits))

    # -- settings

    def _set_parameter(self, parameters: bytes) -> list[Packet]:
        number, value = struct.unpack(">BB", parameters[:2])
        ranges = {Parameter.BAUD: self.model.speeds, Parameter.SECURITY: range(1, 6), Parameter.PACKET_SIZE: range(4)}
        if number not in ranges:
            return self._say(Confirmation.BAD_REGISTER)
        if value not in ranges[Parameter(number)]:
            return self._say(Confirmation.BAD_SETTING)
        if number == Parameter.BAUD:
            self.flash.baud = value * BAUD_UNIT
        elif number == Parameter.SECURITY:
            self.flash.security = value
        else:
            self.flash.packet_bytes = PACKET_SIZES[value]
        return self._say()

    def _read_parameters(self, _: bytes) -> list[Packet]:
        if not self.model.knows_parameters:
            return self._say(Confirmation.PACKET_ERROR)
        status = 2 * self._passed + 4 * self._verified + 8 * (self.image is not None)
        flash, size = self.flash, PACKET_SIZES.index(self.flash.packet_bytes)
        fixed = struct.pack(">HHHH", status, self.model.system_id, self.model.capacity, flash.security)
        size = size if self.model.size_field is None else self.model.size_field
        speed = flash.baud // BAUD_UNIT if self.model.speed_field is None else self.model.speed_field
        return self._say(values=fixed + struct.pack(">IHH", flash.address, size, speed))

    def _verify_password(self, parameters: bytes) -> list[Packet]:
        self._verified = struct.unpack(">I", parameters[:4]) == (self.flash.password,)
        return self._say(Confirmation.OK if self._verified else Confirmation.WRONG_PASSWORD)

    def _set_password(self, parameters: bytes) -> list[Packet]:
        (self.flash.password,) = struct.unpack(">I", parameters[:4])
        return self._say()

    def _set_address(self, parameters: bytes) -> list[Packet]:
        (self.flash.address,) = struct.unpack(">I", parameters[:4])
        return self._say()  # from the new address already

    def _product_info(self, _: bytes) -> list[Packet]:
        return self._say(values=self.model.product) if self.model.product else self._say(self.model.unknown)

    def _info_page(self, _: bytes) -> list[Packet]:
        return self._say(data=self.model.name.encode().ljust(512, b"\0"))

    def _random(self, _: bytes) -> list[Packet]:
        return self._say(values=random.randbytes(4))

    def _write_notepad(self, parameters: bytes) -> list[Packet]:
        page, note = parameters[0], parameters[1 : 1 + _NOTEPAD_BYTES]
        if page >= _NOTEPAD_PAGES:
            return self._say(Confirmation.BAD_NOTEPAD_PAGE)
        self.flash.notepad[page] = note.ljust(_NOTEPAD_BYTES, b"\0")
        return self._say()

    def _read_notepad(self, parameters: bytes) -> list[Packet]:
        page = parameters[0]
        if page >= _NOTEPAD_PAGES:
            return self._say(Confirmation.BAD_NOTEPAD_PAGE)
        return self._say(values=self.flash.notepad.get(page, bytes(_NOTEPAD_BYTES)))

    def _version(self, _: bytes) -> list[Packet]:
        return self._say(values=f"{self.model.name} 1.0".encode().ljust(_VERSION_BYTES, b"\0"))

    def _soft_reset(self, _: bytes) -> list[Packet]:
        self.image = None
        self.buffers = CharacterBuffers(self.model)
        self._restarting = True
        self._verified = self.flash.password == 0
        return self._say()

    def _nothing(self, _: bytes) -> list[Packet]:
        return self._say()

    # -- inside

    def _say(self, code: Confirmation = Confirmation.OK, values: bytes = b"", data: bytes = b"") -> list[Packet]:
        address, size = self.flash.address, self.flash.packet_bytes
        packets = [Packet(PacketKind.ACKNOWLEDGE, bytes([code]) + values, address)]
        for start in range(0, len(data), size):
            last = start + size >= len(data) and self.model.marks_last_packet
            kind = PacketKind.LAST_DATA if last else PacketKind.DATA
            packets.append(Packet(kind, data[start : start + size], address))
        return packets

    def _await_data(self, keep: Callable[[bytes], None]) -> list[Packet]:
        self._incoming = keep
        self._received.clear()
        return self._say()

    def _take_data(self, packet: Packet) -> None:
        if self._incoming is None:
            return
        self._received += packet.content
        if packet.kind is PacketKind.LAST_DATA:
            self._incoming(bytes(self._received))
            self._incoming = None

    def _pages(self, start: int, count: int) -> list[int]:
        return [page for page in sorted(self.flash.library) if start <= page < start + count]

    _commands: Final[dict[int, Callable[[SensorEngine, bytes], list[Packet]]]] = {
        Instruction.GEN_IMG: _gen_img,
        Instruction.IMG_2_TZ: _img_2_tz,
        Instruction.MATCH: _match,
        Instruction.SEARCH: _search,
        Instruction.HIGH_SPEED_SEARCH: _search,
        Instruction.GEN_IMG_EXTENDED: _gen_img_extended,
        Instruction.GEN_IMG_UNLIT: _gen_img,
        Instruction.REG_MODEL: _reg_model,
        Instruction.STORE: _store,
        Instruction.LOAD_CHAR: _load_char,
        Instruction.UP_CHAR: _up_char,
        Instruction.DOWN_CHAR: _down_char,
        Instruction.UP_IMAGE: _up_image,
        Instruction.DOWN_IMAGE: _down_image,
        Instruction.DELETE_CHAR: _delete,
        Instruction.EMPTY: _empty,
        Instruction.SET_SYS_PARA: _set_parameter,
        Instruction.ENROLL: _enroll,
        Instruction.GEN_BIN_IMAGE: _binary_image,
        Instruction.USER_GPIO: _output,
        Instruction.BURN_CODE: _burn_code,
        Instruction.IDENTIFY: _identify,
        Instruction.READ_SYS_PARA: _read_parameters,
        Instruction.SET_PASSWORD: _set_password,
        Instruction.VERIFY_PASSWORD: _verify_password,
        Instruction.RANDOM: _random,
        Instruction.PORT_CONTROL: _nothing,
        Instruction.SET_ADDRESS: _set_address,
        Instruction.READ_INFO_PAGE: _info_page,
        Instruction.WRITE_NOTEPAD: _write_notepad,
        Instruction.READ_NOTEPAD: _read_notepad,
        Instruction.TEMPLATE_COUNT: _template_count,
        Instruction.READ_INDEX_TABLE: _index_table,
        Instruction.AURA_LED: _nothing,
        Instruction.CHECK_SENSOR: _nothing,
        Instruction.PRODUCT_INFO: _product_info,
        Instruction.SOFT_RESET: _soft_reset,
        Instruction.ALGORITHM_VERSION: _version,
        Instruction.FIRMWARE_VERSION: _version,
        Instruction.CANCEL: _nothing,
        Instruction.LED_ON: _nothing,
        Instruction.LED_OFF: _nothing,
    }


def packed(pixels: Image, bits: int = 4) -> bytes:
    """8 bits a pixel, or 4, the left one in the high nibble; rows from top to bottom."""
    if bits == 8:
        return pixels.tobytes()
    return ((pixels[:, 0::2] & 0xF0) | (pixels[:, 1::2] >> 4)).astype(np.uint8).tobytes()


def unpacked(image: bytes, model: SensorModel) -> Image:
    """uint8 (H, W) of what `packed` made, 0–15 spread over 0–255."""
    if model.bits == 8:
        return np.frombuffer(image, np.uint8).reshape(model.height, model.width)
    pairs = np.frombuffer(image, np.uint8).reshape(model.height, model.width // 2)
    return (np.stack([pairs >> 4, pairs & 0x0F], axis=-1).reshape(model.height, model.width) * 17).astype(np.uint8)
