"""What a person types to prove who they are, and what is made of it: Argon2id (RFC 9106), slow on purpose."""

from __future__ import annotations

import os
import unicodedata
from itertools import pairwise
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kiosk.errors import StoreError

LONGEST: Final = 64
SALT_BYTES: Final = 16
# The cost of one try: RFC 9106's second recommendation, on one lane.
MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
_KEY_BYTES: Final = 32


def require_good(pin: str, shortest: int) -> None:
    """Raises StoreError for a new PIN that is too short, too long or guessed at once."""
    secret = normal(pin)
    if not shortest <= len(secret) <= LONGEST:
        raise StoreError("account.pin_length", shortest=shortest, longest=LONGEST)
    if _is_guessed_at_once(secret):
        raise StoreError("account.pin_easy")


def verifier(pin: str) -> str:
    """What a PIN is tried against, in PHC notation, so that its cost can be raised later."""
    return _kdf(os.urandom(SALT_BYTES), *cost()).derive_phc_encoded(_secret(pin))


def fits(pin: str, verifier: str) -> bool:
    """Whether this is the PIN of a verifier."""
    try:
        Argon2id.verify_phc_encoded(_secret(pin), verifier)
    except InvalidKey:
        return False
    return True


def cost() -> tuple[int, int]:
    """What a try costs from now on, to be kept with what is made of it: KiB, and passes over them."""
    return MEMORY_KIB, PASSES


def key_of(pin: str, salt: bytes, memory_kib: int, passes: int) -> bytes:
    """32 bytes that only whoever knows the PIN gets, at this cost."""
    return _kdf(salt, memory_kib, passes).derive(_secret(pin))


def _kdf(salt: bytes, memory_kib: int, passes: int) -> Argon2id:
    return Argon2id(salt=salt, length=_KEY_BYTES, iterations=passes, lanes=1, memory_cost=memory_kib)


def normal(typed: str) -> str:
    """Full-width digits of an input method are the digits that they look like."""
    return unicodedata.normalize("NFKC", typed)


def _secret(pin: str) -> bytes:
    return normal(pin).encode(errors="replace")


def _is_guessed_at_once(pin: str) -> bool:
    """One character all over, or a run up or down: 000000, 123456, 987654."""
    steps = {ord(after) - ord(before) for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {-1, 0, 1}
