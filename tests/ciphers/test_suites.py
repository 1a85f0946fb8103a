"""Both suites against the answers that the standards print: facts, from nobody's code."""

from __future__ import annotations

import pytest

from kiosk.ciphers import (
    INTERNATIONAL,
    SM,
    SUITES,
    Domain,
    SigningKey,
    Suite,
    Unsound,
    check_value,
    is_key_of,
    suite_of_check,
    suite_of_public_key,
)
from kiosk.ciphers.signatures import Ed25519, Sm2
from kiosk.ciphers.suite import _Sm4Gcm

BOTH = pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
KEY = bytes(range(32))

# GB/T 32918.5-2017, annex A.2: the curve recommended, the signer 1234567812345678.
PRIVATE = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
PUBLIC = (
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SIGNED = (
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)


def test_sm3_gives_the_standard_s_digests() -> None:
    """GB/T 32905-2016, annex A."""
    assert SM.digest(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert SM.digest(b"abcd" * 16) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    pieces = SM.hasher()
    for _ in range(16):
        pieces.update(b"abcd")
    assert pieces.hexdigest() == pieces.hexdigest() == SM.digest(b"abcd" * 16)


def test_sm4_gcm_seals_as_rfc_8998_has_it() -> None:
    """Appendix A.1."""
    sealed = _Sm4Gcm(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")).encrypt(
        bytes.fromhex("00001234567800000000ABCD"),
        bytes.fromhex("".join(pair * 8 for pair in ("AA", "BB", "CC", "DD", "EE", "FF", "EE", "AA"))),
        bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"),
    )
    assert sealed.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15"
        "A56834CBCF98C397B4024A2691233B8D83DE3541E4C2B58177E065A9BF7B62EC"
    )


def test_sm2_takes_the_standard_s_signature_and_no_other() -> None:
    public, signed = bytes.fromhex(PUBLIC), bytes.fromhex(SIGNED)
    assert Sm2().verify(public, b"message digest", signed)
    assert not Sm2().verify(public, b"message digesu", signed)
    for place in range(0, 64, 7):
        assert not Sm2().verify(public, b"message digest", _flipped(signed, place))
    own = Sm2().sign(bytes.fromhex(PRIVATE), public, b"message digest")
    assert own != signed  # a fresh k
    assert Sm2().verify(public, b"message digest", own)


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, bytes.fromhex(SIGNED)[:-1], bytes.fromhex(SIGNED) + b"\0"])
@pytest.mark.parametrize("public", [b"", bytes(64), bytes.fromhex(PUBLIC), bytes(32)])
def test_what_is_no_signature_or_key_is_a_no(public: bytes, signature: bytes) -> None:
    for suite in SUITES.values():
        assert not suite.verify(public, Domain.MANIFEST, b"", signature)


def test_ed25519_signs_as_rfc_8032_has_it() -> None:
    """7.1, test 2."""
    private = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = Ed25519().public(private)
    assert public.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert Ed25519().sign(private, public, b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_the_international_suite_digests_macs_and_derives_as_the_rfcs_have_it() -> None:
    """FIPS 180-4's abc; RFC 4231, test case 2; HKDF without a salt and of our own information, RFC 5869 by hand."""
    assert INTERNATIONAL.digest(b"abc").startswith("ba7816bf8f01cfea414140de5dae2223")
    assert INTERNATIONAL.mac(b"Jefe", b"what do ya want for nothing?").startswith("5bdcc146bf60754e6a042426089575c7")
    extracted = INTERNATIONAL.mac(bytes(32), KEY)
    assert INTERNATIONAL.derive(KEY, "x").hex() == INTERNATIONAL.mac(bytes.fromhex(extracted), b"exam capture kiosk: x\x01")
    extracted = SM.mac(bytes(32), KEY)
    assert SM.derive(KEY, "x").hex() == SM.mac(bytes.fromhex(extracted), b"exam capture kiosk: x\x01")


@BOTH
def test_what_is_sealed_opens_with_its_key_purpose_and_owner_only(suite: Suite) -> None:
    sealer = suite.sealer(KEY, "test")
    nonce, sealed = sealer.seal(b"a child's thumb", b"record 1")
    assert sealer.open(nonce, sealed, b"record 1") == b"a child's thumb"
    assert sealer.seal(b"a child's thumb", b"record 1")[0] != nonce
    others = [suite.sealer(KEY, "other"), suite.sealer(bytes(32), "test"), *(o.sealer(KEY, "test") for o in _others(suite))]
    for other in others:
        with pytest.raises(Unsound):
            other.open(nonce, sealed, b"record 1")
    for changed in ((nonce, sealed, b"record 2"), (_flipped(nonce, 0), sealed, b"record 1"), (b"", sealed, b"record 1")):
        with pytest.raises(Unsound):
            sealer.open(*changed)
    for place in range(len(sealed)):
        with pytest.raises(Unsound):
            sealer.open(nonce, _flipped(sealed, place), b"record 1")
    with pytest.raises(Unsound):
        sealer.open(nonce, sealed[:8], b"record 1")


@BOTH
def test_a_signature_is_for_one_thing_of_one_owner(suite: Suite) -> None:
    key, other = suite.new_signing_key(), suite.new_signing_key()
    signature = key.sign(Domain.MANIFEST, b"files")
    assert len(signature) == 64
    assert suite.verify(key.public, Domain.MANIFEST, b"files", signature)
    assert not suite.verify(key.public, Domain.CERTIFICATE, b"files", signature)
    assert not suite.verify(key.public, Domain.MANIFEST, b"filez", signature)
    assert not suite.verify(other.public, Domain.MANIFEST, b"files", signature)
    assert suite_of_public_key(key.public) is suite
    assert key.fits()
    assert not SigningKey(suite, key.private, other.public).fits()


def test_a_store_tells_its_suite_by_its_key_s_check_value() -> None:
    for suite in SUITES.values():
        check = check_value(suite, KEY)
        assert suite_of_check(check) is suite
        assert is_key_of(check, KEY)
        assert not is_key_of(check, bytes(32))
    renamed = b"sm:" + check_value(INTERNATIONAL, KEY)
    assert suite_of_check(renamed) is SM
    assert not is_key_of(renamed, KEY)
    assert len(check_value(INTERNATIONAL, KEY)) == 32  # as the first stores have it
    assert not is_key_of(b"", KEY)


def test_signatures_of_sm2_are_of_any_r_and_s() -> None:
    """One that begins with zeros is as long as others."""
    key = SM.new_signing_key()
    assert {len(key.sign(Domain.MANIFEST, bytes([n]))) for n in range(64)} == {64}


def _others(suite: Suite) -> list[Suite]:
    return [one for one in SUITES.values() if one is not suite]


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
