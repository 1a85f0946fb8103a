"""The modules that the simulated sensor can be, and what each keeps without power (ZFM-20 manual v2.0, R503 manual v1.2.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from kiosk.devices.finger.codes import Confirmation, Instruction
from kiosk.devices.finger.packets import ANY_ADDRESS


@dataclass(frozen=True)
class SensorModel:
    """What differs between modules."""

    name: str = "ZFM-20"
    width: int = 256
    height: int = 288
    capacity: int = 1000
    system_id: int = 0x0009
    buffers: int = 2  # for character files
    template_bytes: int = 512
    speeds: tuple[int, ...] = tuple(range(1, 13))  # in units of 9600 baud
    knows_parameters: bool = True
    marks_last_packet: bool = True
    bits: int = 4  # a pixel of an uploaded image
    hands_out_images: bool = True  # UpImage is known
    # What ReadSysPara says in its speed and packet size fields, instead of the truth: some modules have anything there.
    speed_field: int | None = None
    size_field: int | None = None
    is_as608: bool = False  # knows what only that chip does: enrolling in one command, binary pictures, its two outputs
    stray_byte: bool = False  # R503: 0x55 after power-on and soft reset
    changes_at_once: bool = True  # a new speed counts from the next command on; else from the next start on
    # R503: Match holds what was extracted last against the template that was merged or loaded last; another GenImg, with or
    # without a finger, makes what was extracted unfit for Match and Search, though not for RegModel.
    compares_latest: bool = False
    unknown: Confirmation = Confirmation.PACKET_ERROR  # what it says to commands that it doesn't know
    product: bytes = b""  # ReadProdInfo
    handshake: tuple[Instruction, Confirmation] = (Instruction.HANDSHAKE_ZFM, Confirmation.HANDSHAKE_ZFM_OK)

    @property
    def image_bytes(self) -> int:
        return self.width * self.height * self.bits // 8


ZFM_20: Final = SensorModel()
R503: Final = SensorModel(
    "R503",
    192,
    192,
    200,
    0x0000,
    buffers=6,
    template_bytes=1536,
    speeds=(1, 2, 4, 6, 12),
    stray_byte=True,
    compares_latest=True,
    unknown=Confirmation.UNSUPPORTED,
    product=struct.pack(">16s4s8s2s8sHHHH", b"R503", b"0001", b"SIM00001", b"\x01\x02", b"GR192RGB", 192, 192, 1536, 200),
    handshake=(Instruction.HANDSHAKE_R503, Confirmation.OK),
)
AS608: Final = SensorModel("AS608", capacity=300, is_as608=True)
FPC: Final = SensorModel("FPC", 208, 288, 500, 0x0000)


@dataclass
class Flash:
    """What survives losing power."""

    address: int = ANY_ADDRESS
    password: int = 0
    baud: int = 57_600
    packet_bytes: int = 128
    security: int = 3
    library: dict[int, bytes] = field(default_factory=dict)
    notepad: dict[int, bytes] = field(default_factory=dict)
