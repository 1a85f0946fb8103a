"""Signed texts: JSON whose last line but one is a signature over every byte before it.

What is signed are the bytes as they were written, so nobody has to write anything again in order to check it, and not one of
them can change unnoticed. A text says its kind, the version of its form and the suite; the domain of the signature is the
kind's. Without this program: the digest of `head -n -2 FILE` is what was signed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kiosk.ciphers.signatures import SIGNATURE_BYTES
from kiosk.ciphers.suite import SUITES, Digest, Domain, SigningKey, Suite

_HALF_OF_A_PAIR: Final = re.compile(rb"\\u[dD][89a-fA-F]")  # maybe: it can neither be shown nor written
_END: Final = '\n "signature": "%s"\n}\n'
_END_SIZE: Final = len(_END % ("0" * 2 * SIGNATURE_BYTES)) - 1  # the line before ends with what is signed
_END_FORM: Final = re.compile(rb' "signature": "([0-9a-f]{%d})"\n}\n' % (2 * SIGNATURE_BYTES))


class NotSigned(ValueError):
    """It is no signed text: not JSON, not of this form, or it has no signature."""


@dataclass(frozen=True)
class SignedText:
    """What a text says, and what its signature is over. It proves nothing before `is_signed_by`."""

    told: Mapping[str, Any]
    suite: Suite
    digest: str
    signature: bytes

    def is_signed_by(self, public_key: bytes, domain: Domain) -> bool:
        return self.suite.verify(public_key, domain, self.digest.encode(), self.signature)


def sign_text(key: SigningKey, domain: Domain, told: Mapping[str, Any]) -> bytes:
    """The whole text."""
    body = json.dumps({**told, "suite": key.suite.name}, ensure_ascii=False, indent=1, sort_keys=True)
    start = body.removesuffix("\n}") + ",\n"
    digest = key.suite.hasher()
    digest.update(start.encode())
    return (start + signature_line(key, domain, digest)).encode()


def signature_line(key: SigningKey, domain: Domain, digest: Digest) -> str:
    """The end of a text whose start went through the digest."""
    return (_END % key.sign(domain, digest.hexdigest().encode()).hex()).removeprefix("\n")


def read_signed(content: bytes) -> SignedText:
    """Raises NotSigned."""
    told = read_json(content)
    end = _END_FORM.fullmatch(content[-_END_SIZE:])
    suite = SUITES.get(str(told.get("suite")))
    if end is None or suite is None:
        raise NotSigned("no signature")
    return SignedText(told, suite, suite.digest(content[:-_END_SIZE]), bytes.fromhex(end[1].decode()))


def read_json(content: bytes) -> dict[str, Any]:
    """An object that says nothing twice; raises NotSigned."""
    try:
        told = json.loads(content.decode("utf-8"), object_pairs_hook=_once)
        if _HALF_OF_A_PAIR.search(content):
            json.dumps(told, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise NotSigned("no JSON") from None
    if not isinstance(told, dict):
        raise NotSigned("no object")
    return told


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name stands twice")
    return told
