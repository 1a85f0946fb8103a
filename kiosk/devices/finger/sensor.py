"""The commands of an EF01 sensor, typed. Each call is one command with its own deadline; after any error the next one works."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from kiosk.devices.finger.codes import BAUD_UNIT, PACKET_SIZES, Confirmation, Instruction, Parameter
from kiosk.devices.finger.link import Link, wire_time_s
from kiosk.devices.finger.packets import Packet, PacketKind
from kiosk.devices.finger.scanner import Look
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault

_ANSWER_S: Final = 1.0  # what a sensor may take for anything but imaging, matching and erasing
_IMAGING_S: Final = 2.0  # GenImg: exposure and checks; a ZFM-20 is done in under 0.5 s
_SEARCH_S: Final = 3.0  # the whole library
_PACKET_GAP_S: Final = 0.3  # silence between two data packets
_TEMPLATE_BYTES: Final = 2048  # no sensor's template is larger
_INFO_PAGE_BYTES: Final = 512
_NOTEPAD_BYTES: Final = 32
_MOST_IMAGE_BYTES: Final = 131_072  # the largest known collector gives 256 × 360 pixels of a byte each
_SPEEDS: Final = range(1, 13)  # in units of 9600 baud


Arriving = Callable[[bytes | bytearray], None]


@dataclass(frozen=True)
class SensorParameters:
    """ReadSysPara, decoded."""

    status: int
    system_id: int
    capacity: int  # templates
    security: int
    address: int
    packet_bytes: int
    baud: int


@dataclass(frozen=True)
class ProductInfo:
    """ReadProdInfo of an R503, decoded."""

    module: str
    batch: str
    serial: str
    hardware: str
    sensor: str
    width: int
    height: int
    template_bytes: int
    capacity: int


@dataclass(frozen=True)
class Found:
    """What Search found: the page and its score on the sensor's own scale."""

    page: int
    score: int


class FingerSensor:
    """One sensor on a link. Raises what `Link` raises, and DeviceError("finger.refused", code=…) when the sensor says no."""

    def __init__(self, link: Link, password: int = 0) -> None:
        self.link = link
        self.password = password
        self.packet_bytes = 128  # until the parameters have been read

    # -- who are you

    def verify_password(self, deadline_s: float = _ANSWER_S) -> None:
        """Raises PermanentFault("finger.wrong_password")."""
        content = struct.pack(">BI", Instruction.VERIFY_PASSWORD, self.password)
        code = self._ask(content, deadline_s, Confirmation.OK, Confirmation.WRONG_PASSWORD)[0]
        if code == Confirmation.WRONG_PASSWORD:
            raise PermanentFault("finger.wrong_password", port=self.link.url)

    def handshake(self, *, zfm: bool) -> bool:
        """Whether the sensor knows this handshake (R503: 0x40 answered 00, ZFM: 0x53 answered 55)."""
        instruction = Instruction.HANDSHAKE_ZFM if zfm else Instruction.HANDSHAKE_R503
        wanted = Confirmation.HANDSHAKE_ZFM_OK if zfm else Confirmation.OK
        return self.link.ask(bytes([instruction]), _ANSWER_S)[:1] == bytes([wanted])

    def read_parameters(self) -> SensorParameters:
        """What the sensor is set to. A speed or packet size that is none counts as what it was heard with: some modules say
        anything there.
        """
        answer = self._ask(bytes([Instruction.READ_SYS_PARA]))
        status, system_id, capacity, security, address, size, baud = self._values(">HHHHIHH", answer)
        if size < len(PACKET_SIZES):
            self.packet_bytes = PACKET_SIZES[size]
        speed = baud * BAUD_UNIT if baud in _SPEEDS else self.link.baud
        return SensorParameters(status, system_id, capacity, security, address, self.packet_bytes, speed)

    def product_info(self) -> ProductInfo:
        """ReadProdInfo; sensors other than the R503 refuse it."""
        answer = self._ask(bytes([Instruction.PRODUCT_INFO]))
        fields = self._values(">16s4s8s2s8sHHHH", answer)
        texts = [text.rstrip(b"\0 ").decode("ascii", "replace") for text in (*fields[:3], fields[4])]
        major, minor = fields[3]
        module, batch, serial, sensor = texts
        width, height, template_bytes, capacity = fields[5:]
        return ProductInfo(module, batch, serial, f"{major}.{minor}", sensor, width, height, template_bytes, capacity)

    def read_info_page(self) -> bytes:
        """512 bytes of flash that describe the module."""
        self._ask(bytes([Instruction.READ_INFO_PAGE]))
        return self._receive_data({_INFO_PAGE_BYTES}, _INFO_PAGE_BYTES)

    def check_hardware(self) -> bool:
        """Whether the sensor finds its own optics in order."""
        content = bytes([Instruction.CHECK_SENSOR])
        return self._ask(content, _ANSWER_S, Confirmation.OK, Confirmation.SENSOR_HARDWARE)[0] == Confirmation.OK

    # -- settings

    def set_packet_bytes(self, size: int) -> None:
        """32, 64, 128 or 256."""
        self._set(Parameter.PACKET_SIZE, PACKET_SIZES.index(size))
        self.packet_bytes = size

    def set_baud(self, baud: int) -> None:
        """A multiple of 9600 up to 115200. The acknowledge still comes at the old speed; then the link changes too."""
        self._set(Parameter.BAUD, baud // BAUD_UNIT)
        self.link.baud = baud

    def set_security(self, level: int) -> None:
        """1 (few false refusals) to 5 (few false matches)."""
        self._set(Parameter.SECURITY, level)

    def set_password(self, password: int) -> None:
        self._ask(struct.pack(">BI", Instruction.SET_PASSWORD, password))
        self.password = password

    def set_address(self, address: int) -> None:
        """The acknowledge already comes from the new address."""
        content = struct.pack(">BI", Instruction.SET_ADDRESS, address)
        self._confirm(self.link.ask(content, _ANSWER_S, answer_address=address), (Confirmation.OK,))
        self.link.address = address

    def soft_reset(self) -> None:
        """R503: start afresh; the stray 0x55 that follows is skipped like any noise."""
        self._ask(bytes([Instruction.SOFT_RESET]))

    def led(self, control: int, speed: int, colour: int, count: int) -> None:
        """R503 ring light: control 1 breathing, 2 flashing, 3 on, 4 off, 5/6 gradually on/off; colour 1 red, 2 blue, 3
        purple.
        """
        self._ask(bytes([Instruction.AURA_LED, control, speed, colour, count]))

    # -- images

    def look(self) -> Look:
        """GenImg. Any code that no table has is a look that failed: modules have codes of their own.

        Raises DeviceError("finger.too_dry") or ("finger.too_wet") when the sensor says so, PermanentFault("finger.hardware")
        when it finds itself broken, TemporaryFault("finger.restarted") when it forgot the password.
        """
        answer = self.link.ask(bytes([Instruction.GEN_IMG]), _IMAGING_S)
        match self._confirm(answer, None)[0]:
            case Confirmation.OK:
                return Look.HELD
            case Confirmation.NO_FINGER:
                return Look.NO_FINGER
            case Confirmation.TOO_DRY:
                raise DeviceError("finger.too_dry")
            case Confirmation.TOO_WET:
                raise DeviceError("finger.too_wet")
            case Confirmation.SENSOR_HARDWARE:
                raise PermanentFault("finger.hardware", port=self.link.url)
            case Confirmation.PASSWORD_WANTED:
                raise TemporaryFault("finger.restarted", port=self.link.url)
        return Look.FAILED

    def upload_image(self, ends_at: int | None = None, arriving: Arriving = lambda _: None) -> tuple[bytes, bool]:
        """UpImage: the image that the sensor holds, two pixels a byte, and whether its last packet was marked as such.

        Where none is, the line falls silent after it, or `ends_at` tells after how many bytes it is over. `arriving` is told
        all that has come, after each packet.
        """
        self._ask(bytes([Instruction.UP_IMAGE]))
        data = bytearray()
        for packet in self._data_packets(ends_at or _MOST_IMAGE_BYTES):
            data += packet.content
            arriving(data)
            if packet.kind is PacketKind.LAST_DATA:
                return bytes(data), True
            if len(data) == ends_at:
                break
        return bytes(data), False

    def download_image(self, image: bytes) -> None:
        """DownImage: put an image of the sensor's own size into its buffer."""
        self._ask(bytes([Instruction.DOWN_IMAGE]))
        self.link.send_data(image, self.packet_bytes)

    # -- templates

    def extract(self, buffer: int) -> None:
        """Img2Tz: make a character file of the image in buffer 1 or 2."""
        self._ask(bytes([Instruction.IMG_2_TZ, buffer]), _IMAGING_S)

    def match(self) -> int | None:
        """Match the two buffers: the sensor's score, or None when they differ."""
        answer = self._ask(bytes([Instruction.MATCH]), _SEARCH_S, Confirmation.OK, Confirmation.NO_MATCH)
        return int(self._values(">H", answer)[0]) if answer[0] == Confirmation.OK else None

    def search(self, buffer: int, start: int, count: int) -> Found | None:
        """Search the library for a buffer's finger."""
        content = struct.pack(">BBHH", Instruction.SEARCH, buffer, start, count)
        answer = self._ask(content, _SEARCH_S, Confirmation.OK, Confirmation.NOT_FOUND, Confirmation.LIBRARY_EMPTY)
        return Found(*self._values(">HH", answer)) if answer[0] == Confirmation.OK else None

    def merge(self) -> bool:
        """RegModel: one template of both buffers; False when they are of two fingers."""
        answer = self._ask(bytes([Instruction.REG_MODEL]), _IMAGING_S, Confirmation.OK, Confirmation.MERGE_FAILED)
        return answer[0] == Confirmation.OK

    def upload_template(self, buffer: int) -> bytes:
        """UpChar: a buffer's character file, in the sensor's own format."""
        self._ask(bytes([Instruction.UP_CHAR, buffer]))
        return self._receive_data(range(1, _TEMPLATE_BYTES + 1), _TEMPLATE_BYTES)

    def download_template(self, buffer: int, template: bytes) -> None:
        """DownChar: put a character file into a buffer."""
        self._ask(bytes([Instruction.DOWN_CHAR, buffer]))
        self.link.send_data(template, self.packet_bytes)

    # -- library

    def store(self, buffer: int, page: int) -> None:
        self._ask(struct.pack(">BBH", Instruction.STORE, buffer, page))

    def load(self, buffer: int, page: int) -> None:
        self._ask(struct.pack(">BBH", Instruction.LOAD_CHAR, buffer, page))

    def delete(self, page: int, count: int = 1) -> None:
        self._ask(struct.pack(">BHH", Instruction.DELETE_CHAR, page, count), _SEARCH_S)

    def empty(self) -> None:
        """Delete the whole library."""
        self._ask(bytes([Instruction.EMPTY]), _SEARCH_S)

    def template_count(self) -> int:
        return int(self._values(">H", self._ask(bytes([Instruction.TEMPLATE_COUNT])))[0])

    def stored_pages(self, table: int = 0) -> tuple[int, ...]:
        """ReadIndexTable: which of the 256 pages of a table (0–3) hold a template."""
        (bits,) = self._values(">32s", self._ask(bytes([Instruction.READ_INDEX_TABLE, table])))
        return tuple(256 * table + page for page in range(8 * len(bits)) if bits[page // 8] >> page % 8 & 1)

    # -- odds and ends

    def random(self) -> int:
        """32 random bits of the sensor."""
        return int(self._values(">I", self._ask(bytes([Instruction.RANDOM])))[0])

    def write_notepad(self, page: int, note: bytes) -> None:
        """32 bytes on page 0–15."""
        self._ask(bytes([Instruction.WRITE_NOTEPAD, page]) + note.ljust(_NOTEPAD_BYTES, b"\0"))

    def read_notepad(self, page: int) -> bytes:
        return bytes(self._values(f">{_NOTEPAD_BYTES}s", self._ask(bytes([Instruction.READ_NOTEPAD, page])))[0])

    # -- inside

    def _set(self, parameter: Parameter, value: int) -> None:
        self._ask(bytes([Instruction.SET_SYS_PARA, parameter, value]))

    def _ask(self, content: bytes, deadline_s: float = _ANSWER_S, *expected: Confirmation) -> bytes:
        return self._confirm(self.link.ask(content, deadline_s), expected or (Confirmation.OK,))

    def _confirm(self, answer: bytes, expected: Collection[Confirmation] | None) -> bytes:
        """`expected`: the codes that are no refusal; None: all."""
        if not answer:
            raise DeviceError("finger.line_damaged", port=self.link.url)
        if expected is not None and answer[0] not in expected:
            raise DeviceError("finger.refused", reason=_reason(answer[0]))
        return answer

    def _values(self, layout: str, answer: bytes) -> tuple[Any, ...]:
        """What follows the confirmation code; an answer that is too short is a damaged one."""
        try:
            return struct.unpack_from(layout, answer, 1)
        except struct.error:
            raise DeviceError("finger.line_damaged", port=self.link.url) from None

    def _receive_data(self, sizes: Collection[int], largest: int) -> bytes:
        """Data packets until the last one, `largest` bytes, or silence after a count that is in `sizes`."""
        data = bytearray()
        for packet in self._data_packets(largest):
            data += packet.content
            if packet.kind is PacketKind.LAST_DATA or len(data) >= largest:
                break
        if len(data) not in sizes:
            raise DeviceError("finger.image_incomplete", received=len(data))
        return bytes(data)

    def _data_packets(self, most_bytes: int) -> Iterator[Packet]:
        """Data packets as they come, until the line falls silent behind one or has had time for `most_bytes`."""
        until_s = time.monotonic() + 1.5 * wire_time_s(most_bytes, self.packet_bytes, self.link.baud) + _ANSWER_S
        gap_s = _PACKET_GAP_S + wire_time_s(self.packet_bytes, self.packet_bytes, self.link.baud)
        patience_s = _ANSWER_S
        while True:
            try:
                packet = self.link.receive(min(until_s, time.monotonic() + patience_s), PacketKind.DATA, PacketKind.LAST_DATA)
            except DeviceError as error:
                if error.code == "finger.no_answer" and patience_s == gap_s:
                    return
                raise
            yield packet
            patience_s = gap_s


def _reason(code: int) -> str:
    return Confirmation(code).name.lower() if code in set(Confirmation) else f"{code:#04x}"
