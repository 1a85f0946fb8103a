"""What the module's state (SW3) means, and what a person is to be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.errors import DeviceError, PermanentFault, TemporaryFault

OK: Final = 0x90
FOUND: Final = 0x9F
NO_CARD: Final = 0x80
NOT_ON_CARD: Final = 0x91

LINE: Final = "card.sam.line"  # the error of a frame that was damaged on its way

# Which error a state is; all others mean that the card could not be read.
_PROBLEMS: Final[Mapping[int, tuple[type[DeviceError], str]]] = {
    NO_CARD: (TemporaryFault, "card.gone"),
    0x40: (DeviceError, "card.unsupported"),  # unknown or wrong card
    0x60: (PermanentFault, "card.sam.self_test"),
    0x21: (PermanentFault, "card.sam.faulty"),  # command unknown
    0x23: (PermanentFault, "card.sam.faulty"),  # not permitted
    0x66: (PermanentFault, "card.sam.faulty"),  # module not authorised
    0x10: (DeviceError, LINE),  # checksum: our request was damaged on its way
    0x11: (DeviceError, LINE),  # length
    0x3F: (DeviceError, LINE),  # length of the information
}
# 81 select failed, 31 card refused module, 32 module refused card, 33 information check, 37 fingerprint check, 41 read failed,
# 47 random number failed, and what is not known: the card is to be laid down again.
_LAY_AGAIN: Final = (DeviceError, "card.unreadable")


def problem(state: int) -> DeviceError:
    """The error that a state other than success stands for."""
    error, code = _PROBLEMS.get(state, _LAY_AGAIN)
    return error(code, status=f"{state:02X}")
