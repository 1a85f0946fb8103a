"""Passports on the reader: opened with what is printed on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from drivers_sim.card import pcscd
from drivers_sim.card.passport import Dg2, SimulatedPassport, mrz, picture
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import InProcessReader, PcscReader
from kiosk.config import CardSettings
from kiosk.devices.card.icao import document
from kiosk.devices.card.icao.mrz import AccessKey
from kiosk.devices.card.protocols import Travel
from kiosk.devices.card.setup import card_device
from kiosk.errors import DeviceError
from kiosk.records import CardKind
from tests.devices.card.people import TODAY, portrait, resident_payload
from tests.devices.card.watcher import Watcher

ZONE = mrz(number="L898902C", surname="ERIKSSON", given="ANNA MARIA", birth="080806", expiry="330623", sex="F")
KEY = AccessKey("L898902C", "080806", "330623")


@dataclass
class Bench:
    reader: InProcessReader | PcscReader
    travel: Travel
    station: Watcher


@pytest.fixture(params=["in-process", pytest.param("pcscd", marks=pytest.mark.xdist_group("pcscd"))])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "pcscd" and (lack := pcscd.missing()):
        pytest.skip(f"needs {lack}")
    reader = InProcessReader() if request.param == "in-process" else PcscReader()
    slot = reader.start()
    travel = Travel()
    with Watcher(card_device(CardSettings(), SimulatedPhotoDecoder(), travel, slot)) as station:
        yield Bench(reader, travel, station)
    reader.stop()


@pytest.mark.parametrize("file_format", ["JPEG2000", "JPEG"])
def test_passport_is_read_with_its_picture(bench: Bench, file_format: str) -> None:
    bench.travel.use(KEY)
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait(), file_format)))
    card = bench.station.next_card()
    assert (card.kind, card.name, card.id_number) == (CardKind.PASSPORT, "ERIKSSON, ANNA MARIA", "L898902C")
    assert (card.birth, card.sex, card.nationality, card.valid_until_text) == (date(2008, 8, 6), "女", "UTO", "20330623")
    assert card.warnings == ()
    assert card.photo is not None
    assert np.abs(card.photo.pixels.astype(int) - portrait()).mean() < 12


def test_picture_beyond_the_reach_of_a_plain_read_comes_whole(bench: Bench) -> None:
    grain = np.random.default_rng(1).integers(0, 256, (320, 240, 3)).astype(np.uint8)
    file = picture(grain, "JPEG")
    bench.travel.use(KEY)
    passport = SimulatedPassport(ZONE, file)
    assert len(passport.files[1]) > 0x8000 + 0x100
    bench.reader.lay_card(passport)
    photo = bench.station.next_card().photo
    assert photo is not None
    assert np.array_equal(photo.pixels, document.decode(file).pixels)


def test_passport_asks_for_its_printed_data_and_goes_on_when_they_come(bench: Bench) -> None:
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait())))
    assert bench.station.next_refusal() == "card.passport.mrz_needed"
    bench.travel.use(KEY)
    bench.station.interrupt()
    assert bench.station.next_card().id_number == "L898902C"


def test_printed_data_of_another_passport_are_refused(bench: Bench) -> None:
    bench.travel.use(AccessKey("L898902D", "080806", "330623"))
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait())))
    assert bench.station.next_refusal() == "card.passport.wrong_mrz"
    bench.station.interrupt()
    assert bench.station.next_refusal() == "card.passport.mrz_needed"  # a wrong key is never tried twice


def test_printed_data_open_one_passport_only(bench: Bench) -> None:
    bench.travel.use(KEY)
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait())))
    bench.station.next_card()
    bench.reader.take()
    bench.station.next_removal()
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait())))
    assert bench.station.next_refusal() == "card.passport.mrz_needed"


def test_document_that_knows_only_pace_is_refused_clearly(bench: Bench) -> None:
    bench.travel.use(KEY)
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait()), pace_only=True))
    assert bench.station.next_refusal() == "card.passport.pace_only"
    bench.reader.lay(resident_payload())
    bench.station.next_removal()
    assert bench.station.next_card().kind == CardKind.RESIDENT


def test_passport_with_a_damaged_picture_still_reads(bench: Bench) -> None:
    bench.travel.use(KEY)
    bench.reader.lay_card(SimulatedPassport(ZONE, b"no picture at all"))
    card = bench.station.next_card()
    assert card.photo is None
    assert card.photo_problem is not None
    assert card.photo_problem.code == "error.card.photo.damaged"


@pytest.mark.parametrize(
    ("zone", "codes"),
    [
        (ZONE, []),
        (ZONE.replace("0808066", "0808065"), ["mrz_check"]),
        (mrz(number="1", surname="A", given="B", birth="080806", expiry="261121"), ["expired"]),
        (mrz(number="1", surname="A", given="B", birth="080806", expiry="261122"), []),
        (mrz(number="1", surname="A", given="B", birth="<<<<<<", expiry="330101"), ["birth_unreadable"]),
    ],
)
def test_odd_contents_are_warnings(zone: str, codes: list[str]) -> None:
    card = document.to_card(zone, b"", TODAY)
    assert [warning.code.removeprefix("card.warning.") for warning in card.warnings] == codes


def test_birth_lies_in_the_past() -> None:
    assert document.to_card(mrz(number="1", surname="A", given="B", birth="261123", expiry="330101"), b"", TODAY).birth == date(
        1926, 11, 23
    )


def test_picture_of_absurd_size_is_refused() -> None:
    with pytest.raises(DeviceError, match=r"card\.photo\.damaged"):
        document.decode(picture(np.zeros((2001, 2000, 3), np.uint8), "JPEG"))


@pytest.mark.parametrize("dg2", [Dg2.FACE_2011, Dg2.FACE_ASN1])
@pytest.mark.parametrize("file_format", ["JPEG2000", "JPEG"])
def test_passport_of_a_newer_standard_is_read_with_its_picture(bench: Bench, dg2: Dg2, file_format: str) -> None:
    bench.travel.use(KEY)
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait(), file_format), dg2=dg2))
    card = bench.station.next_card()
    assert card.photo_problem is None
    assert card.photo is not None
    assert np.abs(card.photo.pixels.astype(int) - portrait()).mean() < 12


@pytest.mark.parametrize("dg2", [Dg2.ABSENT, Dg2.NO_TEMPLATE])
def test_passport_without_a_picture_is_a_reading_and_says_so(bench: Bench, dg2: Dg2) -> None:
    bench.travel.use(KEY)
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait()), dg2=dg2))
    card = bench.station.next_card()
    assert card.name == "ERIKSSON, ANNA MARIA"
    assert card.photo is None
    assert card.photo_problem is not None
    assert card.photo_problem.code == "error.card.passport.no_picture"


def test_chip_that_warns_of_the_end_of_a_file_has_given_its_data(bench: Bench) -> None:
    bench.travel.use(KEY)
    bench.reader.lay_card(SimulatedPassport(ZONE, picture(portrait()), warns=True))
    assert bench.station.next_card().photo is not None


def test_passport_of_somebody_whose_day_of_birth_nobody_knows_is_opened(bench: Bench) -> None:
    zone = mrz(number="L898902C", surname="ERIKSSON", given="ANNA MARIA", birth="0808<<", expiry="330623", sex="F")
    bench.travel.use(AccessKey("L898902C", "0808<<", "330623"))
    bench.reader.lay_card(SimulatedPassport(zone, picture(portrait())))
    card = bench.station.next_card()
    assert card.birth is None
    assert [warning.code for warning in card.warnings] == ["card.warning.birth_unreadable"]
