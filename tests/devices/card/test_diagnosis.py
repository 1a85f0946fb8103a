"""`kiosk devices card`: what it says, and what it never says."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from drivers_sim.card import pcscd
from drivers_sim.card.card import CardFaults
from drivers_sim.card.passport import SimulatedPassport, mrz
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import InProcessReader, PcscReader
from drivers_sim.card.sam_line import SamReader
from kiosk.cli import main
from kiosk.cli.devices import report, told
from kiosk.config import CardSettings
from kiosk.devices.card.diagnosis import diagnose, watched
from kiosk.devices.card.setup import card_device
from kiosk.records import DeviceState
from tests.devices.card.people import RESIDENT, resident_payload
from tests.devices.card.watcher import Watcher


@pytest.fixture
def reader() -> InProcessReader:
    return InProcessReader()


def _report(reader: InProcessReader) -> str:
    return report(diagnose(CardSettings(), SimulatedPhotoDecoder(), reader.start()), "en")


def test_card_is_read_timed_and_masked(reader: InProcessReader) -> None:
    reader.lay(resident_payload(sex="2"))
    text = _report(reader)
    assert "Protocol: blocks (known by the ATR)" in text
    assert "6 commands, 1296 bytes received" in text
    assert "Resident identity card · 张* · 110101**********37" in text
    assert "The card's sex is not the one in its number." in text
    assert "Chip photo 102×126" in text
    for secret in (RESIDENT["number"], RESIDENT["address"], RESIDENT["birth"], RESIDENT["name"]):
        assert secret not in text


def test_empty_field_is_said(reader: InProcessReader) -> None:
    assert "Field: empty" in _report(reader)


def test_card_that_cannot_be_read_is_said_with_its_code(reader: InProcessReader) -> None:
    reader.lay(resident_payload(), CardFaults(refuses=True))
    assert "(card.unreadable)" in _report(reader)


def test_passport_is_recognised_by_asking(reader: InProcessReader) -> None:
    passport = SimulatedPassport(mrz(number="1", surname="A", given="B", birth="080806", expiry="330101"), b"")
    reader.lay_card(passport)
    text = _report(reader)
    assert "Protocol: travel (found by asking)" in text
    assert "(card.passport.mrz_needed)" in text


def test_security_module_is_named() -> None:
    reader = SamReader()
    try:
        settings = CardSettings(transport="serial", port=reader.start())
        reader.lay(resident_payload())
        text = report(diagnose(settings, SimulatedPhotoDecoder()), "en")
    finally:
        reader.stop()
    assert "SAM 05.03-" in text
    assert "Protocol: sam" in text
    assert "张*" in text


@pytest.mark.xdist_group("pcscd")
@pytest.mark.skipif(bool(pcscd.missing()), reason=f"needs {pcscd.missing()}")
class TestOverPcsc:
    @pytest.fixture
    def reader(self) -> Iterator[PcscReader]:
        reader = PcscReader()
        reader.start()
        yield reader
        reader.stop()

    def test_every_reader_is_listed_and_those_that_are_watched_marked(self, reader: PcscReader) -> None:
        reader.lay(resident_payload())
        with Watcher(card_device(CardSettings(), SimulatedPhotoDecoder())) as station:
            station.next_card()
        text = report(diagnose(CardSettings(), SimulatedPhotoDecoder()), "zh-CN")
        assert "  * Virtual PCD 00 00: 有证件，ATR 3B 8F" in text

        assert "  * Virtual PCD 00 01: 感应区：无证件" in text

    def test_service_that_does_not_run_is_said(self, reader: PcscReader, tmp_path: Path) -> None:
        reader.stop()
        config = tmp_path / "config.toml"
        config.write_text('[station]\nlanguage = "en"\n')
        done = CliRunner().invoke(main, ["--config", str(config), "devices", "card"])
        assert done.exit_code == 0
        assert "(card.pcsc.no_service)" in done.output


def test_watching_ends_with_ctrl_c_and_without_noise(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[station]\nlanguage = "en"\n[card]\ntransport = "serial"\nport = "/dev/ttyNOWHERE"\n')
    command = [sys.executable, "-m", "kiosk", "--config", str(config), "devices", "card", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert "Looking for the reader" in watching.stdout.readline()
        assert "can't be opened" in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        _, errors = watching.communicate(timeout=10)
    assert (watching.returncode, errors) == (0, "")


def test_wrong_settings_are_told_in_words(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[card]\ntransport = "pigeon"\n')
    done = CliRunner().invoke(main, ["--config", str(config), "devices", "card"])
    assert done.exit_code == 2
    assert "card.transport" in done.output


def test_watching_tells_every_event_masked(reader: InProcessReader) -> None:
    lines = []
    with Watcher(card_device(CardSettings(), SimulatedPhotoDecoder(), slot=reader.start())) as station:
        station.wait_for(DeviceState.READY)
        reader.lay(resident_payload(valid_until="20200102"))
        lines.append(told(watched(station.next()), "en"))
        reader.take()
        lines.append(told(watched(station.next()), "en"))
        reader.lay(resident_payload(), CardFaults(other_kind=True))
        lines.append(told(watched(station.next()), "en"))
    text = "\n".join(lines)
    assert "Card on: Resident identity card · 张* · 110101**********37" in text
    assert "The card expired on 2020-01-02." in text
    assert "Card off" in text
    assert "This is not a card that the station can read." in text
    assert RESIDENT["number"] not in text
