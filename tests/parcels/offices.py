"""Stations in their schools and the office that they send to, on SQLite or a PostgreSQL server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kiosk.ciphers import read_office_key
from kiosk.ciphers.certificates import CertificateRequest, issue
from kiosk.office import Office
from kiosk.office.intake import Intake
from kiosk.records import Biometric, BiometricKind, Person, ReceivedParcel, School, Step, StepResult, Student, Verdict
from kiosk.store import Store
from tests.exchange.photographs import jpeg, png
from tests.parcels.conftest import OFFICE, SEALED, WANG, YEAR
from tests.postgresql import new_urls
from tests.store.conftest import AT, begin_in, student

NUMBERS = (1, 2, 3)
LI = Person("李主任", "0" * 32)
ZHAO = Person("赵主任", "1" * 32)


@dataclass
class Site:
    """A station, open; what it writes lies in `stick`."""

    store: Store
    office: Office
    stick: Path
    records: dict[int, str] = field(default_factory=dict)

    def capture(self, number: int, reason: str = "", *, as_who: Student | None = None) -> str:
        who = as_who or student(number)
        record = begin_in(self.store, who, reason)
        pictures = [Biometric(BiometricKind.PORTRAIT, jpeg()), Biometric(BiometricKind.RIGHT_THUMB, png())]
        self.store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), pictures)
        self.store.captures.finish(record.id, AT)
        self.records[number] = record.id
        return record.id

    def send(self, **more: Any) -> Path:
        """One 采集包 with what is new."""
        done = self.office.parcels.write(self.office.parcels.plan(**more), SEALED, self.stick, actor="王主任")
        return self.stick / done.written[0].name


@contextmanager
def site(folder: Path, name: str = "", *captured: int) -> Iterator[Site]:
    """A station with a certificate of the office's, whose roster has everybody; or one whose data are there already."""
    fresh = not (folder / "data").exists()
    with Store.open(folder / "data", clock=lambda: AT) as store:
        if fresh:
            store.roster.replace_or_update([student(number) for number in NUMBERS])
            store.school.put(School("西宁第一中学", "6301001"), by=WANG)
            asked = CertificateRequest.read(store.signing.request(station=name, school=store.school.get()))
            found = issue(OFFICE, asked, valid_from=AT - YEAR, valid_until=AT + YEAR)
            store.signing.take_certificate(found.content, office_key=OFFICE.signing.public, school_code="", by="王主任")
        made = Site(store, Office(store, folder / "export"), folder / "stick")
        made.records = {int(one.student.name.removeprefix("考生")): one.id for one in store.captures.records()}
        for number in captured:
            made.capture(number)
        yield made
        made.office.close()


@dataclass
class Centre:
    """The office, open."""

    store: Store
    intake: Intake

    def take(self, *files: Path) -> list[ReceivedParcel]:
        """Lay files in and work them off."""
        return [self.intake.take(self.intake.lay(file, by="李主任").number) for file in files]

    def counting(self) -> dict[str, str]:
        """By name, the record that counts for each student."""
        return {one.filed.name: one.id for one in self.store.captures.records()}


@contextmanager
def centre(folder: Path, urls: dict[str, Any], *, fresh: bool = True) -> Iterator[Centre]:
    with Store.open_station(folder / "office", clock=lambda: AT, **urls) as store:
        if fresh:
            store.roster.replace_or_update([student(number) for number in NUMBERS])
        yield Centre(store, Intake(store, OFFICE, folder / "revoked.json" if (folder / "revoked.json").exists() else None))


def be_of(key: str) -> None:
    """In another process, which has made an office of its own: be of this one."""
    globals()["OFFICE"] = read_office_key(key.encode(), "")


def copied(source: Path, folder: Path) -> Path:
    """A station's data as a backup or a cloned disk has them."""
    shutil.copytree(source, folder)
    return folder


@pytest.fixture(scope="module")
def stations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stations of one school; both have captured the second student. Made once: each test has copies."""
    folder = tmp_path_factory.mktemp("stations")
    for name, captured in (("one", (1, 2)), ("two", (2, 3))):
        with site(folder / name, f"采集点-{name}", *captured):
            pass
    return folder


@pytest.fixture
def one(stations: Path, tmp_path: Path) -> Iterator[Site]:
    with site(copied(stations / "one", tmp_path / "one")) as found:
        yield found


@pytest.fixture
def two(stations: Path, tmp_path: Path) -> Iterator[Site]:
    with site(copied(stations / "two", tmp_path / "two")) as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest) -> dict[str, Any]:
    return new_urls(request.getfixturevalue("server")) if request.param == "postgresql" else {}


@pytest.fixture
def office(tmp_path: Path, urls: dict[str, Any]) -> Iterator[Centre]:
    with centre(tmp_path, urls) as found:
        yield found
