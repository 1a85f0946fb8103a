"""The module's frames inside APDUs of a PC/SC reader. Vendors keep the wrapping in their kits, so it is a template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kiosk.devices.card.slot import CardChannel
from kiosk.errors import DeviceError

_OK: Final = 0x9000
_FRAME: Final = "{frame}"
_SIZE: Final = "{size}"


@dataclass(frozen=True)
class ApduTemplate:
    """`FF 00 00 00 {size} {frame} 00`: hex bytes, the frame's size in one byte, the frame."""

    parts: tuple[str, ...]

    @staticmethod
    def parse(text: str) -> "ApduTemplate":
        """Raises ValueError for anything but hex bytes, at most one {size} and exactly one {frame}."""
        parts = tuple(text.split())
        plain = [part for part in parts if part not in (_FRAME, _SIZE)]
        is_hex = all(re.fullmatch("[0-9A-Fa-f]{2}", part) for part in plain)
        if not is_hex or parts.count(_FRAME) != 1 or parts.count(_SIZE) > 1:
            raise ValueError("must be hex bytes with {frame} once and {size} at most once, like FF 00 00 00 {size} {frame} 00")
        return ApduTemplate(parts)

    def fill(self, frame: bytes) -> bytes:
        """The APDU for a frame of at most 255 bytes."""
        made = {_FRAME: frame, _SIZE: bytes([len(frame)])}
        return b"".join(made[part] if part in made else bytes.fromhex(part) for part in self.parts)


class TunnelStream:
    """A line to the module through a card channel: what is written is answered at once."""

    def __init__(self, channel: CardChannel, template: ApduTemplate) -> None:
        self._channel = channel
        self._template = template
        self._answer = b""

    def write(self, data: bytes, /) -> None:
        """Send a frame and keep the answer for `read`. Raises DeviceError("card.unreadable") when the reader refuses."""
        self._answer, status = self._channel.transmit(self._template.fill(data))
        if status != _OK:
            raise DeviceError("card.unreadable", status=f"{status:04X}")

    def read(self, _timeout_s: float, /) -> bytes:
        """The answer, once."""
        answer, self._answer = self._answer, b""
        return answer

    def close(self) -> None:
        """The channel is somebody else's."""
