"""Sealed packages are age files as everybody's age reads and writes them."""

from __future__ import annotations

import base64
import io
import re

import pyrage
import pytest

from kiosk.ciphers.age import Damaged, NoKey, NotAge, Opening, OpeningReader, Sealing, SealingWriter, is_recipient

SIZES = (0, 1, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, 3 << 16, 200_001)
SECRET = "正确的马电池订书钉"
# By pyrage 1.4.0, which can't be asked to do it cheaply.
BY_PYRAGE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBNRGlCdTVJNEIrL2lNK0t0VFhFU293IDE3ClpJZld5WE1vb3E1NHREeDhB"
    "Zkx6YTNKTUFhMEZYYkVjNlVKNEVUQ2tNV3cKLS0tIFNwRWVyemNZdjdxK3MvSCtkRGljZ3RNWGFyV2hUaENUUERIT1lLaXZNdmMK"
    "KaZRx9L4KgoQkxmqomfecTF3GK3nMMJWJp/cxqN+iEl0gnOcGJyJkXkdXQ=="
)


@pytest.fixture
def identity() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


def sealed(data: bytes, to: Sealing) -> bytes:
    out = io.BytesIO()
    writer = SealingWriter(out, to)
    for start in range(0, len(data), 70_000):
        writer.write(data[start : start + 70_000])
    writer.finish()
    return out.getvalue()


def opened(content: bytes, by: Opening) -> bytes:
    reader = OpeningReader(io.BytesIO(content), by)
    return b"".join(iter(lambda: reader.read(50_000), b""))


@pytest.mark.parametrize("size", SIZES)
def test_what_we_seal_others_open_and_the_other_way_round(identity: pyrage.x25519.Identity, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    recipients = (str(pyrage.x25519.Identity.generate().to_public()), str(identity.to_public()))
    ours = Opening(identities=(str(pyrage.x25519.Identity.generate()), str(identity)))
    assert pyrage.decrypt(sealed(data, Sealing(recipients)), [identity]) == data
    assert opened(pyrage.encrypt(data, [identity.to_public()]), ours) == data
    assert pyrage.passphrase.decrypt(sealed(data, Sealing(passphrase=SECRET)), SECRET) == data
    assert opened(sealed(data, Sealing(passphrase=SECRET)), Opening(passphrase=SECRET)) == data


def test_a_passphrase_of_others_opens_at_its_full_cost() -> None:
    assert opened(base64.b64decode(BY_PYRAGE), Opening(passphrase=SECRET)) == b"\xff\xd8 portrait"


def test_nobody_else_opens_it(identity: pyrage.x25519.Identity) -> None:
    stranger = Opening(identities=(str(pyrage.x25519.Identity.generate()),))
    for content in (sealed(b"x", Sealing((str(identity.to_public()),))), sealed(b"x", Sealing(passphrase=SECRET))):
        for by in (stranger, Opening(passphrase="another one"), Opening()):
            with pytest.raises(NoKey):
                opened(content, by)


@pytest.mark.parametrize("to_passphrase", [False, True])
def test_no_byte_can_be_changed_added_or_taken(identity: pyrage.x25519.Identity, to_passphrase: bool) -> None:
    data = b"k" * ((1 << 16) + 100)
    to = Sealing(passphrase=SECRET) if to_passphrase else Sealing((str(identity.to_public()),))
    by = Opening((str(identity),), SECRET)
    content = sealed(data, to)
    assert opened(content, by) == data
    start = content.index(b"--- ") + 48 + 16
    places = [*range(start), start, start + 100, start + (1 << 16) + 15, start + (1 << 16) + 16, len(content) - 1]
    for place in places:
        with pytest.raises((Damaged, NoKey, NotAge)):
            opened(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :], by)
    for spoilt in (content[:-1], content + b"\0", content[: start + (1 << 16) + 16], content[: start - 1], content[:50], b""):
        with pytest.raises((Damaged, NotAge)):
            opened(spoilt, by)


def test_a_foreign_file_costs_no_more_than_a_second_or_two() -> None:
    dear = re.sub(rb"(scrypt \S+) 4", rb"\1 30", sealed(b"x", Sealing(passphrase=SECRET)))
    with pytest.raises(NotAge):
        opened(dear, Opening(passphrase=SECRET))
    with pytest.raises(NotAge):
        opened(b"age-encryption.org/v1\n" + b"-> X\n" * 100_000, Opening())


def test_keys_are_read_to_the_letter(identity: pyrage.x25519.Identity) -> None:
    good = str(identity.to_public())
    assert is_recipient(good)
    assert is_recipient(f" {good}\n")
    for wrong in (
        "",
        "age1",
        good[:-1],
        good[:-1] + ("q" if good[-1] != "q" else "p"),
        str(identity),
        good[:9] + "b" + good[10:],
    ):
        assert not is_recipient(wrong)
    with pytest.raises(ValueError, match="nobody"):
        SealingWriter(io.BytesIO(), Sealing())
