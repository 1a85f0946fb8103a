"""A simulated EF01 fingerprint sensor: a device at the other end of a real line, with fingers to press and faults to play."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from enum import Enum
from typing import Final

import numpy as np

from drivers_sim.finger.engine import SensorEngine
from drivers_sim.finger.line import Line, PtyLine, TcpLine
from drivers_sim.finger.models import ZFM_20, Flash, SensorModel
from kiosk.devices.finger.codes import Confirmation, Instruction
from kiosk.devices.finger.packets import ANY_ADDRESS, Packet, PacketKind, PacketParser
from kiosk.records import Image

_IDLE_S: Final = 0.02
_CHUNK: Final = 32  # bytes that leave a throttled line at once: 2.8 ms at 115200 baud
_BITS_PER_BYTE: Final = 10
# What a real module takes to expose and check an image, and to look at an empty glass (ZFM-20: imaging < 0.5 s).
IMAGING_S: Final = 0.20
EMPTY_LOOK_S: Final = 0.06
_EXTRACTION_S: Final = 0.30
_STRAY: Final = b"\x55"  # what an R503 says unasked
_TORN_S: Final = 0.5  # silence after which a command that began is given up


class Fault(Enum):
    """What goes wrong with one answer. Faults of data strike in the middle of the transfer that follows the acknowledge."""

    NOISE = "noise before the answer"
    TRUNCATED = "half an answer"
    SILENT = "no answer"
    BAD_CHECKSUM = "an answer with a wrong checksum"
    WRONG_LENGTH = "an answer whose length field lies"
    FOREIGN_ADDRESS = "an answer of another device"
    BUSY = "an answer that comes too late"
    DATA_LOST = "one data packet never arrives"
    DATA_DAMAGED = "one data packet has a wrong checksum"
    DATA_TRUNCATED = "the line goes silent in the middle of the data"
    LAST_PACKET_MISSING = "the last data packet never arrives"


class SimulatedSensor:
    """A sensor that fingers are pressed on.

    `realistic` keeps the line at its speed and takes a real module's time for imaging. `pty` hangs it on a pseudo-terminal,
    else on a TCP port. Everything may be called from any thread.
    """

    def __init__(
        self,
        *,
        realistic: bool = False,
        pty: bool = False,
        model: SensorModel = ZFM_20,
        flash: Flash | None = None,
        carries: int | None = None,
        wakes_s: float = 0.0,
    ) -> None:
        """`carries`: the fastest speed that its cable is good for; above, every fifth data packet arrives damaged.

        `wakes_s`: how long it hears nothing after its port was opened, as a bridge that opening resets; on a TCP port only.
        """
        self.model = model
        self.flash = flash or Flash()
        self._realistic = realistic
        self._line: Line = PtyLine(self.flash.baud) if pty else TcpLine()
        self._engine = SensorEngine(model, self.flash)
        self._lock = threading.RLock()
        self._carries = carries
        self._wakes_s = wakes_s
        self._asleep_until_s = 0.0
        self._opened = 0
        self._look_codes: deque[int] = deque()
        self._faults: deque[tuple[Fault, int | None]] = deque()
        self._plugged = False
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated-sensor", daemon=True)
        self._glass: Image | None = None
        self._line_free_s = 0.0
        self._served = threading.Condition()
        self._commands = 0
        self.port = ""

    def start(self) -> str:
        """Switch on; returns the port for `serial.serial_for_url`."""
        port = self.plug()
        self._running.set()
        self._thread.start()
        return port

    def stop(self) -> None:
        """Switch off for good. Idempotent."""
        self._running.clear()
        if self._thread.is_alive():
            self._thread.join(5)
        with self._lock:
            self._plugged = False
            self._line.close()

    def press(self, pixels: Image) -> None:
        """Lay a finger on the glass, uint8 (H, W) at the sensor's resolution; cut or padded with white to its size."""
        self._glass = _fitted(pixels, self.model)

    def lift(self) -> None:
        self._glass = None

    def plug(self) -> str:
        """Connect the cable: the sensor starts with empty buffers. Returns the port."""
        with self._lock:
            if not self._plugged:
                self._engine = SensorEngine(self.model, self.flash)
                self.port = self._line.plug()
                if self.model.stray_byte:
                    self._line.send(_STRAY)  # before anybody can open the port: whoever opens it finds a sensor that is up
                self._plugged = True
            return self.port

    def unplug(self) -> None:
        """Pull the cable."""
        with self._lock:
            if self._plugged:
                self._plugged = False
                self._line.unplug()

    @property
    def plugged(self) -> bool:
        return self._plugged

    def fail(self, *faults: Fault, on: Instruction | None = None) -> None:
        """Play faults on the next answers, one each; with `on`, on answers to that instruction only."""
        self._faults.extend((fault, on) for fault in faults)

    def say_to_looks(self, *codes: int) -> None:
        """Answer the next looks at the glass with these confirmation codes, one each."""
        self._look_codes.extend(codes)

    @property
    def opened(self) -> int:
        """How often its port was opened; 0 where that can't be seen."""
        return self._line.opened

    @property
    def commands(self) -> int:
        """How many packets have been answered."""
        return self._commands

    def wait_commands(self, count: int, within_s: float = 10.0) -> bool:
        """Wait until so many more packets have been answered; False when they don't come."""
        with self._served:
            wanted = self._commands + count
            return self._served.wait_for(lambda: self._commands >= wanted, within_s)

    # -- inside

    def _run(self) -> None:
        parser, heard_s = PacketParser(self.flash.address), time.monotonic()
        while self._running.is_set():
            try:
                if not self._plugged:
                    parser = PacketParser(self.flash.address)
                    time.sleep(_IDLE_S)
                    continue
                data = self._receive()
                if data:
                    heard_s = time.monotonic()
                elif time.monotonic() - heard_s > _TORN_S:
                    parser = PacketParser(self.flash.address)
                parser.feed(data)
                parser.address = self.flash.address
                damaged = parser.damaged
                while packet := parser.next():
                    self._serve(packet)
                    parser.address = self.flash.address
                if parser.damaged > damaged:
                    self._send([Packet(PacketKind.ACKNOWLEDGE, bytes([Confirmation.PACKET_ERROR]), self.flash.address)], None)
            except (OSError, ValueError):  # unplugged between two calls, or nobody listens any more
                time.sleep(_IDLE_S)

    def _receive(self) -> bytes:
        data = self._line.receive(_IDLE_S)
        if self._line.opened != self._opened:
            self._opened, self._asleep_until_s = self._line.opened, time.monotonic() + self._wakes_s
        if data and time.monotonic() < self._asleep_until_s:
            return b""
        if data and self._line.speed() not in (None, self._engine.baud):
            return b"\xf8" * len(data)  # what a line at the wrong speed makes of it
        if data and self._realistic:
            time.sleep(len(data) * _BITS_PER_BYTE / self._engine.baud)
        return data

    def _serve(self, packet: Packet) -> None:
        instruction = packet.content[0] if packet.kind is PacketKind.COMMAND and packet.content else None
        self._engine.glass = self._glass
        if self._realistic and instruction == Instruction.GEN_IMG:
            time.sleep(IMAGING_S if self._glass is not None else EMPTY_LOOK_S)
        begun_s = time.monotonic()
        answer = self._engine.answer(packet)
        if self._realistic and instruction == Instruction.IMG_2_TZ:  # what it takes here is no more than a real one takes
            time.sleep(max(0.0, begun_s + _EXTRACTION_S - time.monotonic()))
        if instruction == Instruction.GEN_IMG and self._look_codes:
            answer = [Packet(PacketKind.ACKNOWLEDGE, bytes([self._look_codes.popleft()]), self.flash.address)]
        try:
            self._send(answer, instruction)
        finally:
            self._engine.settle()
        if instruction == Instruction.SOFT_RESET and self.model.stray_byte:
            self._line.send(_STRAY)
        with self._served:
            self._commands += 1
            self._served.notify_all()

    def _send(self, packets: list[Packet], instruction: int | None) -> None:
        fault = self._next_fault(instruction) if packets else None
        if fault is Fault.BUSY:
            time.sleep(1.5)
        # From here on the line has its own clock: a late wake-up of this thread delays no bit, as a UART would not.
        self._line_free_s = max(self._line_free_s, time.monotonic())
        for number, part in enumerate(_spoilt([packet.encoded() for packet in packets], packets, fault)):
            is_damaged = self._carries is not None and self._engine.baud > self._carries and number % 5 == 4
            self._write(_flipped(part) if is_damaged else part)

    def _next_fault(self, instruction: int | None) -> Fault | None:
        if self._faults and self._faults[0][1] in (None, instruction):
            return self._faults.popleft()[0]
        return None

    def _write(self, data: bytes) -> None:
        if not self._realistic:
            self._line.send(data)
            return
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            self._line_free_s += len(chunk) * _BITS_PER_BYTE / self._engine.baud
            with contextlib.suppress(ValueError):
                time.sleep(self._line_free_s - time.monotonic())
            self._line.send(chunk)


def _spoilt(encoded: list[bytes], packets: list[Packet], fault: Fault | None) -> list[bytes]:
    """The bytes of an answer with a fault played on it."""
    if fault is None or fault is Fault.BUSY:
        return encoded
    first, rest, middle = encoded[0], encoded[1:], len(encoded) // 2
    foreign = Packet(packets[0].kind, packets[0].content, ANY_ADDRESS - 1).encoded()
    return {
        Fault.NOISE: [b"\x00\x37\xef\xef\x01\x55\xfe", *encoded],
        Fault.TRUNCATED: [first[: len(first) // 2]],
        Fault.SILENT: [],
        Fault.BAD_CHECKSUM: [_flipped(first), *rest],
        Fault.WRONG_LENGTH: [first[:7] + b"\x00\xf0" + first[9:], *rest],
        Fault.FOREIGN_ADDRESS: [foreign, *rest],
        Fault.DATA_LOST: encoded[:middle] + encoded[middle + 1 :],
        Fault.DATA_DAMAGED: [*encoded[:middle], _flipped(encoded[middle]), *encoded[middle + 1 :]],
        Fault.DATA_TRUNCATED: [*encoded[:middle], encoded[middle][:20]],
        Fault.LAST_PACKET_MISSING: encoded[:-1],
    }[fault]


def _flipped(packet: bytes) -> bytes:
    return packet[:-1] + bytes([packet[-1] ^ 0x5A])


def _fitted(pixels: Image, model: SensorModel) -> Image:
    """Cut in the middle, or padded with white, to the sensor's size."""
    fitted = np.full((model.height, model.width), 255, np.uint8)
    height, width = min(model.height, pixels.shape[0]), min(model.width, pixels.shape[1])
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    down, right = (model.height - height) // 2, (model.width - width) // 2
    fitted[down : down + height, right : right + width] = pixels[top : top + height, left : left + width]
    return fitted
