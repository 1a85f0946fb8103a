"""Basic Access Control and secure messaging against the worked example of ICAO Doc 9303-11, appendix D."""

from collections.abc import Iterator

import pytest

from kiosk.devices.card.icao import bac, crypto, files, mrz
from kiosk.devices.card.icao.messaging import SecureChannel
from kiosk.devices.card.icao.mrz import AccessKey
from kiosk.errors import DeviceError

KEY = AccessKey("L898902C", "690806", "940623")


class Script:
    """A card channel that expects commands and gives the answers of the example."""

    def __init__(self, *exchanges: tuple[str, str]) -> None:
        self._exchanges = iter(exchanges)

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        command, answer = next(self._exchanges)
        assert apdu.hex().upper() == command
        raw = bytes.fromhex(answer)
        return raw[:-2], int.from_bytes(raw[-2:], "big")


def test_basic_access_keys() -> None:
    assert KEY.information() == b"L898902C<369080619406236"
    seed = crypto.seed_of(KEY.information())
    assert seed.hex().upper() == "239AB9CB282DAF66231DC5A4DF6BFBAE"
    keys = crypto.derive(seed)
    assert keys.encryption.hex().upper() == "AB94FDECF2674FDFB9B391F85D7F76F2"
    assert keys.integrity.hex().upper() == "7962D9ECE03D1ACD4C76089DCE131543"


def test_authentication_and_secure_messaging() -> None:
    given: Iterator[bytes] = iter([bytes.fromhex("781723860C06C226"), bytes.fromhex("0B795240CB7049B01C19B33E32804F0B")])
    card = Script(
        ("0084000008", "4608F919887022129000"),
        (
            "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
            "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000",
        ),
        ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000"),
        ("0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"),
        (
            "0CB000040D9701128E082EA28A70F3C7B53500",
            "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
        ),
    )
    secure = bac.authenticate(card, KEY, lambda size: next(given))
    assert secure.transmit(bytes.fromhex("00A4020C02011E")) == (b"", 0x9000)
    assert secure.transmit(bytes.fromhex("00B0000004")) == (bytes.fromhex("60145F01"), 0x9000)
    data, _ = secure.transmit(bytes.fromhex("00B0000412"))
    assert data.hex().upper() == "04303130365F36063034303030305C026175"


def test_answer_that_was_tampered_with_is_refused() -> None:
    keys = crypto.Keys(bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5"), bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8"))
    card = Script(("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8EE9000"))
    with pytest.raises(DeviceError, match=r"card\.passport\.messaging"):
        SecureChannel(card, keys, bytes.fromhex("887022120C06C226")).transmit(bytes.fromhex("00A4020C02011E"))


# The specimen zones of 9303-4, -5 and -6.
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"


@pytest.mark.parametrize(("zone", "number"), [(TD3, "L898902C3"), (TD1, "D23145890"), (TD2, "D23145890")])
def test_specimen_zones_are_understood(zone: str, number: str) -> None:
    fields = mrz.parse(zone)
    assert (fields.surname, fields.given_names, fields.issuer, fields.nationality) == ("ERIKSSON", "ANNA MARIA", "UTO", "UTO")
    assert (fields.number, fields.birth, fields.sex, fields.expiry, fields.sound) == (number, "740812", "F", "120415", True)


def test_long_number_goes_on_in_the_optional_data() -> None:
    # 9303-11, appendix D.2: a TD1 document whose number has more than nine characters.
    zone = "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<"
    fields = mrz.parse(zone)
    assert (fields.number, fields.sound) == ("D23145890734", True)
    assert fields.key.information() == b"D23145890734934071279507122"


def test_zone_with_a_wrong_check_digit_is_unsound() -> None:
    assert not mrz.parse(TD3.replace("7408122", "7408123")).sound


@pytest.mark.parametrize("zone", ["", "P<UTO", TD3[:-1]])
def test_zone_of_no_known_format_is_refused(zone: str) -> None:
    with pytest.raises(DeviceError, match=r"card\.passport\.mrz"):
        mrz.parse(zone)


@pytest.mark.parametrize("key", [AccessKey("L898902C", "69080", "940623"), AccessKey("L898-902", "690806", "940623")])
def test_key_that_no_document_has_is_refused(key: AccessKey) -> None:
    with pytest.raises(DeviceError, match=r"card\.passport\.mrz"):
        key.information()


@pytest.mark.parametrize("number", ["l898902c", "L898902C<"])
def test_a_key_is_the_same_however_it_is_typed_but_for_an_o_that_should_be_a_nought(number: str) -> None:
    assert AccessKey(number, "690806", "940623").information() == KEY.information()
    assert AccessKey("L8989O2C", "690806", "940623").information() != KEY.information()


@pytest.mark.parametrize("dg1", [b"", b"\x61\x05\x5f\x1f", b"\x61\x84\xff\xff\xff\xff", b"\x75\x00"])
def test_file_that_is_cut_off_is_garbled(dg1: bytes) -> None:
    with pytest.raises(DeviceError, match=r"card\.garbled"):
        files.mrz_of(dg1)
