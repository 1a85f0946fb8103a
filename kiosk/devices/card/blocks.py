"""The block protocol: the reader has run its security module by itself and shows the payload as 256-byte blocks.

Pseudo READ BINARY with the block number in P1: `FF B0 00 00 00` answers 256 bytes, the sixth block the last 4.
"""

from __future__ import annotations

from typing import Final

from kiosk.devices.card import payload
from kiosk.devices.card.slot import CardChannel
from kiosk.errors import DeviceError

_BLOCK: Final = 256
_OK: Final = 0x9000
# ISO/IEC 7816-4, table 6: wrong length, not allowed, function or file not there, wrong P1-P2, instruction or class unknown.
_UNKNOWN: Final = (0x6700, 0x6981, 0x6982, 0x6986, 0x6A81, 0x6A82, 0x6A86, 0x6B00, 0x6D00, 0x6E00)


def is_spoken(channel: CardChannel) -> bool:
    """Whether the first block looks like the payload of an ID card. Harmless on other cards."""
    data, status = _block(channel, 0)
    return status == _OK and len(data) == _BLOCK and data.startswith(payload.SIGNATURE)


def read(channel: CardChannel) -> payload.Payload:
    """The whole payload: six blocks, 1284 bytes.

    Raises DeviceError("card.unsupported") when card or reader don't know the command, DeviceError("card.unreadable") when an
    answer is wrong or cut off, DeviceError("card.garbled") when the lengths make no sense, TemporaryFault("card.gone").
    """
    data, status = _block(channel, 0)
    if status in _UNKNOWN:
        raise DeviceError("card.unsupported", status=f"{status:04X}")
    if status != _OK or len(data) != _BLOCK or not data.startswith(payload.SIGNATURE):
        raise DeviceError("card.unreadable", block=0, status=f"{status:04X}", size=len(data))
    wanted = payload.size(data)
    while len(data) < wanted:
        number = len(data) // _BLOCK
        block, status = _block(channel, number)
        if status != _OK or len(block) != min(_BLOCK, wanted - len(data)):
            raise DeviceError("card.unreadable", block=number, status=f"{status:04X}", size=len(block))
        data += block
    return payload.split(data)


def _block(channel: CardChannel, number: int) -> tuple[bytes, int]:
    return channel.transmit(bytes((0xFF, 0xB0, number, 0, 0)))
