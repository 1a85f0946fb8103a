"""Any field content survives the chip, and no input breaks a parser."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers_sim.card import payload as chip
from drivers_sim.card.passport import SimulatedPassport, mrz, picture
from kiosk.devices.card import payload, textblock
from kiosk.devices.card.decoder import pixels
from kiosk.devices.card.icao import document, files
from kiosk.devices.card.sam.frames import Deframer, answer
from kiosk.errors import KioskError
from kiosk.records import CardKind
from tests.devices.card.people import FOREIGNER_2017, FOREIGNER_2023, HMT, RESIDENT, TODAY, portrait, resident_payload

KINDS: Final = {
    CardKind.RESIDENT: (chip.RESIDENT, RESIDENT),
    CardKind.HMT_RESIDENCE: (chip.HMT_RESIDENCE, HMT),
    CardKind.FOREIGNER_2017: (chip.FOREIGNER_2017, FOREIGNER_2017),
    CardKind.FOREIGNER_2023: (chip.FOREIGNER_2023, FOREIGNER_2023),
}
# What CardData calls the fields of a chip.
NAMES: Final = {
    "name": "name",
    "sex": "sex_code",
    "ethnicity": "ethnicity_code",
    "birth": "birth_text",
    "address": "address",
    "number": "id_number",
    "authority": "authority",
    "valid_from": "valid_from_text",
    "valid_until": "valid_until_text",
    "permit_number": "permit_number",
    "issue_count": "issue_count",
    "english_name": "english_name",
    "nationality": "nationality",
    "version": "version",
}
characters = st.characters(exclude_categories=("Cs", "Cc"))


def _texts(size: int) -> st.SearchStrategy[str]:
    """Texts that fit into `size` bytes UTF-16 and don't begin or end with padding."""
    fitting = st.text(characters, min_size=1, max_size=size // 2).filter(lambda text: len(text.encode("utf-16-le")) <= size)
    return fitting.filter(lambda text: text == text.strip(" \u3000"))


@st.composite
def chips(draw: st.DrawFn) -> tuple[CardKind, dict[str, str]]:
    kind = draw(st.sampled_from(list(KINDS)))
    places, _ = KINDS[kind]
    free = {name: draw(_texts(size)) for name, (_, size) in places.items() if name in NAMES and name != "english_name"}
    if "english_name" in places:
        free["english_name"] = draw(_texts(places["english_name"][1]))
    return kind, free | ({"kind": KINDS[kind][1]["kind"]} if "kind" in places else {})


@given(chips())
def test_any_field_content_comes_back_from_the_chip(made: tuple[CardKind, dict[str, str]]) -> None:
    kind, fields = made
    card = textblock.parse(chip.text_block(KINDS[kind][0], **fields), TODAY)
    assert card.kind == kind
    for name, text in fields.items():
        if name in NAMES:
            assert getattr(card, NAMES[name]) == text


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=36, max_size=46).map(str.strip))
def test_english_name_cut_anywhere_comes_back_whole(name: str) -> None:
    fields = FOREIGNER_2023 | {"english_name": name[:35], "english_name_rest": name[35:]}
    assert textblock.parse(chip.text_block(chip.FOREIGNER_2023, **fields), TODAY).english_name == name


@given(st.binary(min_size=256, max_size=256), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_no_block_breaks_the_parser_and_all_can_be_stored(block: bytes, today: date) -> None:
    card = textblock.parse(block, today)
    for name in NAMES.values():
        getattr(card, name).encode("utf-8")


def _mutated(sound: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, taken out or put in; now and then nothing but noise."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(len(sound) + 40))
    data = bytearray(sound)
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[place : place + 1] = chance.randbytes(1)
            case 1:
                del data[place : place + chance.randrange(1, 9)]
            case 2:
                data[place:place] = chance.randbytes(chance.randrange(1, 9))
            case _:
                data[place : place + 2] = bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF))]) * 2
    return bytes(data)


def _deframe(data: bytes) -> None:
    deframer = Deframer()
    half = len(data) // 2
    for part in (data[:half], data[half:]):
        list(deframer.feed(part))
    list(deframer.give_up())


def _travel_files() -> Iterator[tuple[bytes, Callable[[bytes], object]]]:
    passport = SimulatedPassport(mrz(number="1", surname="A", given="B", birth="080806", expiry="330101"), picture(portrait()))
    dg1, dg2 = passport.files
    yield dg1, files.mrz_of
    yield dg2, lambda data: document.decode(files.picture_of(data))


# Together 100,000 inputs.
INPUTS: Final[dict[str, tuple[bytes, Callable[[bytes], object], int]]] = {
    "frames": (answer(0x80) + answer(0x9F, bytes(4)) + answer(0x90, bytes(range(60))), _deframe, 61_200),
    "payload": (resident_payload(), payload.split, 15_000),
    "text": (resident_payload()[4:260], lambda data: textblock.parse(data, TODAY), 10_000),
    "mrz file": (*next(_travel_files()), 10_000),
    "picture file": (*list(_travel_files())[1], 800),
    "pixels": (bytes(126 * 308), lambda data: pixels.picture(data, pixels.RawFormat()), 3_000),
}


@pytest.mark.parametrize("what", INPUTS)
def test_mutated_inputs_are_understood_or_refused(what: str) -> None:
    sound, parse, count = INPUTS[what]
    chance = random.Random(what)
    refused = 0
    for _ in range(count):
        try:
            parse(_mutated(sound, chance))
        except KioskError:
            refused += 1
    assert refused < count
