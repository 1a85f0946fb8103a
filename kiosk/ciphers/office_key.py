"""The office's key: what it signs with, and what it opens packages with that were sealed to it.

One text file, which the `age` program takes as it is (`age -d -i FILE`): its own lines are comments to it. Files of earlier
versions, 32 bytes of Ed25519, sign too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import pyrage

from kiosk.ciphers.signatures import PRIVATE_BYTES, Ed25519
from kiosk.ciphers.suite import INTERNATIONAL, SUITES, SigningKey, Suite
from kiosk.errors import StoreError

_HEAD: Final = "# exam capture kiosk: office key, version 1"
_IDENTITY: Final = "AGE-SECRET-KEY-1"


@dataclass(frozen=True)
class OfficeKey:
    """`identity` is the age identity that packages are opened with; empty in files of earlier versions."""

    signing: SigningKey
    identity: str = field(default="", repr=False)

    @property
    def recipient(self) -> str:
        """What stations seal packages to (age1…)."""
        return str(pyrage.x25519.Identity.from_str(self.identity).to_public()) if self.identity else ""

    def text(self) -> str:
        """What stands in the file."""
        told = {
            "suite": self.signing.suite.name,
            "public key": self.signing.public.hex(),
            "recipient": self.recipient,
            "private key": self.signing.private.hex(),
        }
        return "\n".join([_HEAD, *(f"# {name}: {value}" for name, value in told.items()), self.identity]) + "\n"


def new_office_key(suite: Suite) -> OfficeKey:
    return OfficeKey(suite.new_signing_key(), str(pyrage.x25519.Identity.generate()))


def read_office_key(content: bytes, file: str) -> OfficeKey:
    """Raises StoreError("store.key_damaged") for what is none, or does not fit together."""
    if len(content) == PRIVATE_BYTES:
        return OfficeKey(SigningKey(INTERNATIONAL, content, Ed25519().public(content)))
    try:
        head, *lines = content.decode("ascii").splitlines()
        told = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("# "))
        signing = SigningKey(SUITES[told["suite"]], bytes.fromhex(told["private key"]), bytes.fromhex(told["public key"]))
        found = OfficeKey(signing, next(line for line in lines if line.startswith(_IDENTITY)))
        if head == _HEAD and found.recipient == told["recipient"] and signing.fits():
            return found
    except (ValueError, KeyError, StopIteration, pyrage.IdentityError):
        pass
    raise StoreError("store.key_damaged", file=file)
