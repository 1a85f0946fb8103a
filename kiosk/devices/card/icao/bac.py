"""Basic Access Control, ICAO 9303-11, 4.3: chip and terminal show each other that they know the machine-readable zone."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from kiosk.devices.card.icao import crypto
from kiosk.devices.card.icao.messaging import SecureChannel
from kiosk.devices.card.icao.mrz import AccessKey
from kiosk.devices.card.slot import CardChannel
from kiosk.errors import DeviceError

_OK: Final = 0x9000
_CHALLENGE: Final = bytes.fromhex("0084000008")
_CRYPTOGRAM: Final = 32
_ANSWER: Final = _CRYPTOGRAM + crypto.BLOCK
# ISO/IEC 7816-4, 5.6: instruction not there, conditions of use not satisfied, security status not satisfied.
_WANTS_PACE: Final = (0x6D00, 0x6985, 0x6982, 0x6A88)


def authenticate(
    channel: CardChannel, key: AccessKey, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> SecureChannel:
    """Authenticate both ways; returns the secure channel.

    Raises DeviceError("card.passport.pace_only") when the chip knows no BAC, DeviceError("card.passport.wrong_mrz") when the
    zone is not this document's.
    """
    keys = crypto.derive(crypto.seed_of(key.information()))
    chip_random, status = channel.transmit(_CHALLENGE)
    if status in _WANTS_PACE:
        raise DeviceError("card.passport.pace_only", status=f"{status:04X}")
    if status != _OK or len(chip_random) != 8:
        raise DeviceError("card.unreadable", status=f"{status:04X}")
    own_random, own_share = random_bytes(8), random_bytes(16)
    secret = crypto.encrypt(keys.encryption, own_random + chip_random + own_share)
    command = bytes.fromhex("0082000028") + secret + crypto.mac(keys.integrity, secret) + bytes([_ANSWER])
    answer, status = channel.transmit(command)
    if status != _OK or len(answer) != _ANSWER:
        raise DeviceError("card.passport.wrong_mrz", status=f"{status:04X}")
    if not crypto.is_mac(keys.integrity, answer[:_CRYPTOGRAM], answer[_CRYPTOGRAM:]):
        raise DeviceError("card.passport.wrong_mrz", status="MAC")
    plain = crypto.decrypt(keys.encryption, answer[:_CRYPTOGRAM])
    if plain[:16] != chip_random + own_random:
        raise DeviceError("card.passport.wrong_mrz", status="RND")
    seed = bytes(own ^ chip for own, chip in zip(own_share, plain[16:], strict=True))
    return SecureChannel(channel, crypto.derive(seed), chip_random[4:] + own_random[4:])
