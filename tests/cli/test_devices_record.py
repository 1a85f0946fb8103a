"""`kiosk devices record` at a scanner and a card reader, and what a program reads from the recording."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from drivers_sim.card.sam_line import SamReader
from drivers_sim.finger import SimulatedSensor
from drivers_sim.finger.anatomy import grow
from drivers_sim.finger.impression import impression
from drivers_sim.finger.models import R503
from kiosk.cli import main
from kiosk.devices.finger.link import Link
from kiosk.devices.finger.sensor import FingerSensor
from kiosk.devices.serial_line import SerialLine
from tests.devices.card.people import RESIDENT, resident_payload
from tests.drivers_sim.test_alone import alone


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def recorded(settings: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["--config", str(settings), "devices", "record", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_card_is_recorded_while_the_operator_is_told_what_to_do(settings: Path, tmp_path: Path) -> None:
    reader, out = SamReader(), tmp_path / "card.jsonl"
    settings.write_text(f'[card]\ntransport = "serial"\nport = "{reader.start()}"\n', encoding="utf-8")
    reader.lay(resident_payload())
    try:
        said = recorded(settings, "card", "--out", str(out), "--seconds", "1")
    finally:
        reader.stop()
    assert "开始录制 1 秒" in said
    assert "读卡器就绪" in said
    assert "证件已读" in said
    assert "已写入" in said
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert lines[0]["wire"] == "sam"
    assert RESIDENT["name"] not in said + out.read_text("utf-8")
    again = CliRunner().invoke(main, ["--config", str(settings), "devices", "record", "card", "--out", str(out)])
    assert (again.exit_code, "已经存在" in again.output) == (2, True)
    nowhere = ["--config", str(settings), "devices", "record", "card", "--out", str(tmp_path / "none" / "a.jsonl")]
    assert "无法写入" in CliRunner().invoke(main, nowhere).output


def test_a_scanner_is_recorded_press_by_press_and_answers_another_program(settings: Path, tmp_path: Path) -> None:
    sensor, out = SimulatedSensor(model=R503), tmp_path / "scanner.jsonl"
    settings.write_text(f'[station]\nlanguage = "en"\n[finger]\nport = "{sensor.start()}"\n', encoding="utf-8")
    sensor.press(impression(grow(1), 1))
    lifting = threading.Timer(1.0, sensor.lift)
    lifting.start()
    try:
        said = recorded(settings, "finger", "--out", str(out), "--seconds", "2")
    finally:
        lifting.join()
        sensor.stop()
    assert "Press a finger" in said
    assert "The picture of press 1 has come" in said
    assert "Away" in said
    with alone("replay", str(out)) as device:
        link = Link(SerialLine(device.address, 57_600), 0xFFFFFFFF)
        scanner = FingerSensor(link)
        scanner.verify_password()
        assert scanner.read_parameters().capacity == 200
        assert device.do("check") == "ok"
        with pytest.raises(Exception, match=r"finger\.no_answer"):
            scanner.empty()
        assert "no answer to EF 01" in device.do("check")
        link.close()
