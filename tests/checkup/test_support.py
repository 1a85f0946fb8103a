"""The file for support says everything of the machine and nothing of anybody."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest

from bench.played_station import finger_of
from kiosk.checkup import Status
from kiosk.checkup.log import Fault, Read, Times
from kiosk.checkup.press import PressLook
from kiosk.checkup.scrub import Scrubber
from kiosk.checkup.support import Surroundings, write_support_file
from kiosk.config import FingerSettings, Settings, StationSettings
from kiosk.devices.card.diagnosis import masked
from kiosk.devices.facts import CameraFacts, ReaderFacts, ScannerFacts, Transfer, Way
from kiosk.errors import ExchangeError
from kiosk.records import (
    Biometric,
    BiometricKind,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    DeviceTest,
    FingerPosition,
    Message,
    Verdict,
)
from kiosk.store import Store
from tests.every_state import STATES, fill, somebody
from tests.people import card_of

PASSWORD = "打电话告知的密码"
PORTRAIT, THUMB = b"\xff\xd8\xff portrait of nobody " * 20, b"\x89PNG thumb of nobody " * 20
TESTER = replace(somebody(1), name="张检测", id_number="632801198003124426")
SETTINGS = Settings(station=StationSettings(contact="王老师 0971-8230000"), finger=FingerSettings(password=0xC0FFEE42))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        pictures = [Biometric(BiometricKind.PORTRAIT, PORTRAIT), Biometric(BiometricKind.RIGHT_THUMB, THUMB)]
        fill(opened, datetime.now(UTC), lambda _: pictures)
        yield opened


def status() -> Status:
    """In the middle of a test, with a card and a press there."""
    press = PressLook(
        -1, FingerPosition.RIGHT_THUMB, Verdict.PASS, drawn=THUMB, template=finger_of(1, FingerPosition.RIGHT_THUMB)[1]
    )
    return Status(
        False,
        True,
        {DeviceKind.CARD: DeviceStatus(DeviceKind.CARD, DeviceState.READY, "华视电子 CVR-100")},
        CameraFacts("DSHOW", "MJPG", (640, 480), (1280, 720), 30.0, 14.8),
        ReaderFacts(Way.PCSC, "", bytes.fromhex("3B8F8001"), "blocks", 12, 1),
        ScannerFacts("COM3", 57_600, 128, 1000, 3, 0xFFFFFFFF, "ZFM-20", (256, 288), 500, Transfer(36_864, 7.1, 6.7)),
        (Fault(DeviceKind.FINGER, Message("error.finger.too_dry"), 3, datetime(2026, 11, 28, 8, tzinfo=UTC)),),
        Times((0.8,), (2.0,), (7.1,)),
        read=Read(0.8, masked(card_of(TESTER))),
        press=press,
        latest=DeviceTest(datetime(2026, 11, 28, 7, tzinfo=UTC), TESTER.name, ()),
    )


def opened(path: Path, password: str) -> dict[str, bytes]:
    """By an age that is not ours."""
    with tarfile.open(fileobj=io.BytesIO(pyrage.passphrase.decrypt(path.read_bytes(), password))) as inside:
        return {name.removeprefix("support/"): inside.extractfile(name).read() for name in inside.getnames()}  # type: ignore[union-attr]


def everything_of(store: Store) -> set[str]:
    """Names, numbers and addresses, of those captured and of those turned away."""
    known = {TESTER.name, TESTER.id_number, "0971-8230000", "考生99"}
    for number in STATES:
        student, card = somebody(number), card_of(somebody(number))
        known |= {student.name, student.id_number, student.registration_number, card.address, card.birth_text}
    return known


def test_whoever_opens_it_learns_the_machine_and_nothing_of_anybody(store: Store, tmp_path: Path) -> None:
    who = somebody(1)
    lines = [
        "2026-11-28 08:00:01 INFO kiosk.devices.worker: camera: lost camera.frozen",
        f"2026-11-28 08:00:02 ERROR kiosk.web: /记录/{who.name}/{who.id_number}.jpg: FileNotFoundError",
        f"2026-11-28 08:00:03 INFO kiosk.store: {who.registration_number} 632801********4426 E12345678 20080101",
        f"2026-11-28 08:00:04 INFO kiosk.store: caf\\xe9 {TESTER.id_number.lower()} 13997250000",
    ]
    (tmp_path / "kiosk.log").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "kiosk.log.1").write_text(lines[1], encoding="utf-8")
    write_support_file(status(), SETTINGS, store, Surroundings(tmp_path, simulated=False), tmp_path / "out.age", PASSWORD)
    files = opened(tmp_path / "out.age", PASSWORD)
    whole = b"\n".join(files.values())
    text = whole.decode("utf-8")
    assert sorted(one for one in everything_of(store) if one in text) == []
    assert "4426" not in text
    assert "13997250000" not in text
    assert str(0xC0FFEE42) not in text
    assert not any(picture[:12] in whole for picture in (PORTRAIT, THUMB))
    assert "camera: lost camera.frozen" in files["kiosk.log"].decode()
    assert "FileNotFoundError" in files["kiosk.log.1"].decode()
    devices = json.loads(files["devices.json"])
    assert (devices["camera"]["size"], devices["reader"]["atr"]) == ([640, 480], "3B 8F 80 01")
    assert (devices["faults"][0]["count"], devices["scanner"]["transfer"]["seconds"]) == (3, 7.1)
    assert json.loads(files["settings.json"])["finger"]["password"] == "***"
    assert json.loads(files["store.json"])["roster"] == len(STATES)
    assert json.loads(files["versions.json"])["packages"]["flask"]


def test_a_password_that_protects_nothing_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError) as refused:
        write_support_file(status(), SETTINGS, store, Surroundings(tmp_path, simulated=False), tmp_path / "out.age", "1234567")
    assert refused.value.code == "export.password_short"
    assert not (tmp_path / "out.age").exists()


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("card not read: card.gone (8010000B)", "card not read: card.gone (8010000B)"),
        ("roster 卓玛·才让.xlsx", "roster ***.xlsx"),
        ("phone 13997250000, born 20080806", "phone ***, born ***"),
        ("63280120080312442X and 6328*****42X", "*** and ***"),
        ("passport L898902C3 of ERIKSSON, ANNA", "passport *** of ***, ***"),
        ("camera: ready V4L2 1280×720 MJPG 30 fps", "camera: ready V4L2 1280×720 MJPG 30 fps"),
    ],
)
def test_a_line_loses_whoever_it_is_about_and_keeps_what_happened(line: str, clean: str) -> None:
    assert Scrubber(["Eriksson Anna", "卓玛"]).clean(line) == clean
