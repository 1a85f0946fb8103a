"""What stands on a card, field by field."""

from datetime import date

import pytest

from drivers_sim.card import payload
from kiosk import words
from kiosk.devices.card import textblock
from kiosk.devices.card.payload import split
from kiosk.errors import DeviceError
from kiosk.records import CardData, CardKind
from tests.devices.card.people import FOREIGNER_2017, FOREIGNER_2023, HMT, RESIDENT, TODAY


def _resident(**changes: str) -> CardData:
    return textblock.parse(payload.text_block(**(RESIDENT | changes)), TODAY)


def _codes(card: CardData) -> list[str]:
    return [warning.code.removeprefix("card.warning.") for warning in card.warnings]


def test_resident_card_gives_every_field() -> None:
    card = _resident()
    assert (card.kind, card.name, card.sex_code, card.sex) == (CardKind.RESIDENT, "张三", "1", "男")
    assert (card.ethnicity_code, card.ethnicity) == ("01", "汉")
    assert (card.birth_text, card.birth) == ("19900101", date(1990, 1, 1))
    assert (card.address, card.authority) == ("北京市东城区测试路1号", "北京市公安局东城分局")
    assert (card.id_number, card.valid_from_text, card.valid_until_text) == ("110101199001011237", "20200101", "长期")
    assert card.warnings == ()


def test_residence_permit_of_hong_kong_macao_and_taiwan_gives_its_pass_number() -> None:
    card = textblock.parse(payload.text_block(payload.HMT_RESIDENCE, **HMT), TODAY)
    assert (card.kind, card.name, card.ethnicity_code, card.ethnicity) == (CardKind.HMT_RESIDENCE, "陈大文", "", "")
    assert (card.permit_number, card.issue_count, card.warnings) == ("H12345678", "01", ())


def test_foreigners_card_of_2017_gives_both_names_and_the_country() -> None:
    card = textblock.parse(payload.text_block(payload.FOREIGNER_2017, **FOREIGNER_2017), TODAY)
    assert (card.kind, card.name, card.english_name) == (CardKind.FOREIGNER_2017, "史密斯", "SMITH, JOHN")
    assert (card.nationality, card.version, card.authority, card.warnings) == ("CAN", "01", "1500", ())


def test_foreigners_card_of_2023_joins_its_english_name_before_stripping() -> None:
    card = textblock.parse(payload.text_block(payload.FOREIGNER_2023, **FOREIGNER_2023), TODAY)
    assert card.kind == CardKind.FOREIGNER_2023
    assert card.english_name == "LI, ANNA VERYLONG NAME OF A PERSON WITH A TAIL"
    assert (card.address, card.former_number, card.warnings) == ("", "CAN110081080310", ())


def test_foreigner_without_a_chinese_name_goes_by_the_english_one() -> None:
    fields = FOREIGNER_2017 | {"name": ""}
    assert textblock.parse(payload.text_block(payload.FOREIGNER_2017, **fields), TODAY).name == "SMITH, JOHN"


@pytest.mark.parametrize("number", ["932682198501010017", "911124198108030024"])
def test_official_specimens_of_the_foreigners_number_pass(number: str) -> None:
    fields = FOREIGNER_2023 | {"number": number, "birth": number[6:14]}
    assert textblock.parse(payload.text_block(payload.FOREIGNER_2023, **fields), TODAY).warnings == ()


def test_nul_at_the_end_of_the_number_is_cut_off() -> None:
    block = bytearray(payload.text_block(**(RESIDENT | {"number": ""})))
    block[122:158] = RESIDENT["number"].encode("utf-16-le")
    assert textblock.parse(bytes(block), TODAY).id_number == "110101199001011237"
    name = "张三\0".encode("utf-16-le")
    block[0 : len(name)] = name
    assert textblock.parse(bytes(block), TODAY).name == "张三"


def test_rare_characters_stay_as_they_are_and_are_marked() -> None:
    for name in ("\U00020bb7田", "\ue863田"):
        card = _resident(name=name)
        assert card.name == name
        assert _codes(card) == ["rare_characters"]


def test_half_a_surrogate_pair_can_be_stored_and_is_marked() -> None:
    block = bytearray(payload.text_block(**RESIDENT))
    block[0:2] = b"\x00\xd8"
    card = textblock.parse(bytes(block), TODAY)
    card.name.encode("utf-8")
    assert _codes(card) == ["broken_characters"]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"number": "110101199001011238"}, ["idnumber.check"]),
        ({"number": "1101011990010112"}, ["idnumber.length"]),
        ({"birth": "19900102"}, ["birth_differs"]),
        ({"birth": "19901332"}, ["birth_unreadable"]),
        ({"sex": "2"}, ["sex_differs"]),
        ({"sex": "7"}, ["sex_unknown"]),
        ({"ethnicity": "60"}, ["ethnicity_unknown"]),
        ({"valid_until": "20261121"}, ["expired"]),
        ({"valid_until": "20261122"}, []),
        ({"valid_from": "20261123"}, ["not_yet_valid"]),
        ({"valid_from": "20261122"}, []),
        ({"valid_until": "永远"}, ["validity_unreadable"]),
    ],
)
def test_odd_contents_are_warnings(changes: dict[str, str], codes: list[str]) -> None:
    card = _resident(**changes)
    assert _codes(card) == codes
    for language in words.LANGUAGES:
        assert not any("{" in words.say_message(language, warning) for warning in card.warnings)


def test_reserved_area_that_is_not_blank_is_a_warning() -> None:
    block = bytearray(payload.text_block(**RESIDENT))
    block[230:232] = "甲".encode("utf-16-le")
    assert _codes(textblock.parse(bytes(block), TODAY)) == ["reserved"]


def test_sex_that_is_not_stated_is_never_taken_for_female() -> None:
    assert [_resident(sex=code).sex for code in "0129"] == ["未知", "男", "女", "未说明"]


def test_payload_is_split_by_its_own_lengths() -> None:
    text, photo = payload.text_block(**RESIDENT), bytes(range(256)) * 4
    plain = split(payload.payload(text, photo))
    assert (plain.text, plain.photo, plain.fingerprints) == (text, photo, b"")
    none = split(payload.payload_with_fingerprints(text, photo))
    assert (none.text, none.photo, none.fingerprints) == (text, photo, b"")
    both = split(payload.payload_with_fingerprints(text, photo, b"\x5a" * 1024))
    assert (both.text, both.photo, both.fingerprints) == (text, photo, b"\x5a" * 1024)


@pytest.mark.parametrize("size", [0, 3, 4, 6, 1283, 1285, 1287])
def test_payload_of_a_wrong_size_is_refused(size: int) -> None:
    data = payload.payload(payload.text_block(**RESIDENT), bytes(1024)) + b"\x01\x02\x03"
    with pytest.raises(DeviceError, match=r"card\.garbled"):
        split(data[:size])


def test_nothing_of_a_card_can_reach_a_log_by_accident() -> None:
    assert "张" not in repr(split(payload.payload(payload.text_block(**RESIDENT), b"")))
