"""The how-to's worked example around a stand-in for a maker's kit, compiled here; crashes, hangs and odd fields included."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.config import CardSettings, KitSettings
from kiosk.devices.card.diagnosis import diagnose
from kiosk.devices.card.fields import CardFields
from kiosk.devices.card.photo import NoDecoder
from kiosk.devices.card.setup import card_device
from kiosk.errors import DeviceError
from kiosk.records import CardKind, DeviceState
from tests.devices.card.people import portrait
from tests.devices.card.watcher import Watcher

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
TODAY = date(2026, 6, 1)
needs_compiler = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("cc"), reason="a C compiler makes the stub")


class Reader:
    """The folder that tells the stub what to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lay(self, name: str) -> None:
        fresh = self.folder / "fresh"
        fresh.write_bytes(name.encode("gb18030"))
        fresh.replace(self.folder / "card")

    def take(self) -> None:
        (self.folder / "card").unlink()

    def set(self, what: str, *, on: bool) -> None:
        (self.folder / what).touch() if on else (self.folder / what).unlink()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("termb") / "libtermb.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", made, Path(__file__).with_name("termb_stub.c")], check=True)
    return made


@pytest.fixture
def reader(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setenv("TERMB_STUB", str(tmp_path))
    monkeypatch.setenv("TERMB_LIBRARY", str(library))
    return Reader(tmp_path)


@pytest.fixture
def station(reader: Reader) -> Iterator[Watcher]:
    kit = KitSettings(folder=EXAMPLES, timeout_s=1.0)
    with Watcher(card_device(CardSettings(source="termb_reader:make", kit=kit), NoDecoder())) as watcher:
        yield watcher


@needs_compiler
def test_a_card_is_read_through_the_kit_with_its_photo_and_nothing_is_left_on_the_disk(
    reader: Reader, station: Watcher, library: Path
) -> None:
    cv2.imwrite(str(reader.folder / "photo.bmp"), portrait())
    station.wait_for(DeviceState.READY, within_s=30)
    assert station.model == "termb · USB"
    reader.lay("张三")
    card = station.next_card()
    assert (card.kind, card.name, card.id_number, card.sex_code) == (CardKind.RESIDENT, "张三", "110101199001011237", "1")
    assert (card.ethnicity, card.ethnicity_code, card.birth, card.address) == ("藏", "04", date(1990, 1, 1), "青海")
    assert (card.valid_from_text, card.valid_until_text, card.warnings) == ("20200101", "长期", ())
    assert card.photo is not None
    assert np.array_equal(card.photo.pixels, portrait())
    assert not (library.parent / "zp.bmp").exists()


@needs_compiler
def test_a_kit_that_finds_a_lying_card_again_and_again_tells_it_once_and_the_next_one_too(
    reader: Reader, station: Watcher
) -> None:
    reader.lay("张三")
    assert station.next_card().name == "张三"
    reader.lay("李四")
    station.next_removal()
    assert station.next_card().name == "李四"
    assert station.nothing_more()


@needs_compiler
@pytest.mark.parametrize(("fault", "code"), [("crash", "error.device.kit.died"), ("hang", "error.device.kit.hangs")])
def test_a_kit_that_crashes_or_hangs_is_told_and_started_afresh(
    reader: Reader, station: Watcher, fault: str, code: str
) -> None:
    station.wait_for(DeviceState.READY, within_s=30)
    reader.set(fault, on=True)
    station.wait_for(DeviceState.LOST)
    assert station.problem == code
    reader.set(fault, on=False)
    station.wait_for(DeviceState.READY, within_s=30)
    reader.lay("张三")
    assert station.next_card().name == "张三"


@needs_compiler
def test_a_reader_that_is_not_there_is_asked_for_again(reader: Reader) -> None:
    reader.set("absent", on=True)
    kit = KitSettings(folder=EXAMPLES)
    with Watcher(card_device(CardSettings(source="termb_reader:make", kit=kit), NoDecoder())) as station:
        station.wait_for(DeviceState.LOST, within_s=30)
        assert station.problem == "error.device.kit.raised"
        reader.set("absent", on=False)
        station.wait_for(DeviceState.READY, within_s=30)


@needs_compiler
def test_the_diagnosis_says_what_comes_of_the_kit(reader: Reader) -> None:
    reader.lay("张三")
    found = diagnose(CardSettings(source="termb_reader:make", kit=KitSettings(folder=EXAMPLES)), NoDecoder())
    assert found.problem is None
    assert (found.transport, found.reader, found.protocol, found.present) == ("kit", "termb · USB", "kit", True)
    assert found.card is not None
    assert found.card.name == "张*"


@needs_compiler
def test_a_card_that_the_kit_can_not_read_is_told(reader: Reader, station: Watcher) -> None:
    reader.lay("?")
    assert station.next_refusal() == "device.kit.raised"


def test_a_module_that_is_not_there_is_for_the_operator(tmp_path: Path) -> None:
    kit = KitSettings(folder=tmp_path)
    with Watcher(card_device(CardSettings(source="nowhere:make", kit=kit), NoDecoder())) as station:
        station.wait_for(DeviceState.FAULT, within_s=30)
        assert station.problem == "error.device.kit.load"


def card_of(**texts: str) -> object:
    return CardFields({"name": "张三", "number": "110101199001011237", **texts}).understand(TODAY, NoDecoder())


@pytest.mark.parametrize("birth", ["19900101", "1990-1-1", "1990.01.01", "1990年1月1日", "1990年01月01日\0\0", " 1990/01/01 "])
@pytest.mark.parametrize(("sex", "ethnicity"), [("男", "汉"), ("1", "01"), ("男\0", "汉族"), (" 男", "汉　")])
def test_fields_are_understood_however_a_kit_writes_them(birth: str, sex: str, ethnicity: str) -> None:
    card = card_of(birth=birth, sex=sex, ethnicity=ethnicity, valid_from="2020.01.01", valid_until="20400101")
    assert (card.birth, card.sex_code, card.ethnicity_code, card.warnings) == (date(1990, 1, 1), "1", "01", ())  # type: ignore[attr-defined]


def test_a_number_with_what_kits_leave_behind_it_is_the_number() -> None:
    card = card_of(number="11010119900101123x\0\x01garbage")
    assert card.id_number == "11010119900101123X"  # type: ignore[attr-defined]


def test_odd_fields_are_warnings_and_no_failures() -> None:
    card = card_of(birth="?", sex="?", valid_until="")
    codes = {warning.code for warning in card.warnings}  # type: ignore[attr-defined]
    assert {"card.warning.birth_unreadable", "card.warning.sex_unknown", "card.warning.validity_unreadable"} <= codes


def test_no_card_at_all_is_garbled() -> None:
    with pytest.raises(DeviceError, match=r"card\.garbled"):
        CardFields({"address": "青海"}).understand(TODAY, NoDecoder())


def test_nothing_of_a_card_is_shown_where_an_object_is_logged() -> None:
    assert "张三" not in repr(CardFields({"name": "张三"}))
