"""The files of an e-document, ICAO 9303-10: the machine-readable zone in DG1, the face picture in DG2."""

from __future__ import annotations

import time
from typing import Final

from kiosk.devices.card.icao import tlv
from kiosk.devices.card.slot import CardChannel
from kiosk.errors import DeviceError

APPLICATION: Final = bytes.fromhex("A0000002471001")
DG1: Final = 0x0101
DG2: Final = 0x0102
_OK: Final = 0x9000
_END_OF_FILE: Final = 0x6282  # a warning: the file ended before as many bytes as were asked for; those that came are good
_CHUNK: Final = 0xDF  # with its protection still a short answer
_FAR: Final = 0x7FFF  # the last offset that plain READ BINARY reaches; beyond, the offset goes as data, ISO/IEC 7816-4, 7.2.3
_OFFSET: Final = 0x54  # data objects of that command and its answer
_CONTENT: Final = 0x53
_LARGEST: Final = 1 << 18  # ten times a usual picture: what claims more is damaged
_SPARE_PARTS: Final = 32  # answers beyond four times what a file needs: chips may give less than they are asked for
_LONGEST_S: Final = 60.0  # for one file; a slow chip takes 15 for a large picture


def select_application(channel: CardChannel) -> bool:
    """Whether the chip has the application of e-documents; then it is selected."""
    command = bytes.fromhex("00A4040C") + bytes([len(APPLICATION)]) + APPLICATION
    return channel.transmit(command)[1] == _OK


def read(channel: CardChannel, name: int) -> bytes:
    """A whole file. Raises DeviceError("card.unreadable"), and DeviceError("card.garbled") when its length makes no sense or
    the card hands it out in crumbs: nobody's card may hold the reader for long."""
    _, status = channel.transmit(bytes.fromhex("00A4020C02") + name.to_bytes(2, "big"))
    if status != _OK:
        raise DeviceError("card.unreadable", file=f"{name:04X}", status=f"{status:04X}")
    data = _part(channel, name, 0, 8)
    _, size, start = tlv.header(data)
    if size > _LARGEST:
        raise DeviceError("card.garbled", file=f"{name:04X}", size=size)
    most, until_s = 4 * (size // _CHUNK) + _SPARE_PARTS, time.monotonic() + _LONGEST_S
    parts = 0
    while len(data) < start + size:
        parts += 1
        if parts > most or time.monotonic() > until_s:
            raise DeviceError("card.garbled", file=f"{name:04X}", size=size)
        data += _part(channel, name, len(data), min(_CHUNK, start + size - len(data)))
    return data[: start + size]


def _part(channel: CardChannel, name: int, offset: int, size: int) -> bytes:
    far = offset > _FAR
    if far:
        where = tlv.encode(_OFFSET, offset.to_bytes(3, "big"))
        around = len(tlv.encode(_CONTENT, bytes(size))) - size
        command = bytes.fromhex("00B10000") + bytes([len(where)]) + where + bytes([size + around])
    else:
        command = bytes.fromhex("00B0") + offset.to_bytes(2, "big") + bytes([size])
    data, status = channel.transmit(command)
    if status not in (_OK, _END_OF_FILE) or not data:
        raise DeviceError("card.unreadable", file=f"{name:04X}", status=f"{status:04X}")
    return tlv.find(data, _CONTENT) if far else data


def mrz_of(dg1: bytes) -> str:
    """The zone, 9303-10, 4.7.1. Raises DeviceError("card.garbled")."""
    try:
        return tlv.find(dg1, 0x61, 0x5F1F).decode("ascii")
    except UnicodeDecodeError:
        raise DeviceError("card.garbled", file="0101") from None


# ISO/IEC 19794-5:2005: record header 14 bytes, facial information 20, each feature point 8, image information 12.
_RECORD: Final = b"FAC\x00010\x00"
_RECORD_HEADER: Final = 14
_INFORMATION: Final = 20
_POINT: Final = 8
_IMAGE: Final = 12
# How the files of a picture begin: JPEG, JPEG 2000 as a file, JPEG 2000 as a bare stream.
_PICTURES: Final = (b"\xff\xd8\xff", b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51")


def picture_of(dg2: bytes) -> bytes:
    """The first face picture's file, JPEG 2000 or JPEG, 9303-10, 4.7.2.

    Records of ISO/IEC 19794-5:2005 are read as they are laid out. Of others (19794-5:2011, the ASN.1 of 39794-5) the picture is
    found by how its file begins. Raises DeviceError("card.garbled").
    """
    template = tlv.find(dg2, 0x75, 0x7F61, 0x7F60)
    record = next((value for tag, value in tlv.objects(template) if tag in (0x5F2E, 0x7F2E)), b"")
    starts = [start for kind in _PICTURES if (start := record.find(kind)) >= 0]
    if record.startswith(_RECORD) and len(record) >= _RECORD_HEADER + _INFORMATION + _IMAGE:
        face = record[_RECORD_HEADER:]
        size, points = int.from_bytes(face[:4], "big"), int.from_bytes(face[4:6], "big")
        picture = face[_INFORMATION + points * _POINT + _IMAGE : size]
        if picture.startswith(_PICTURES) or not starts:
            return picture
    if not starts:
        raise DeviceError("card.garbled", file="0102")
    return record[min(starts) :]  # what may stand behind it, no decoder looks at
