"""A station with two captures, and the office that it sends them to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st

from kiosk.ciphers import INTERNATIONAL, OfficeKey, new_office_key
from kiosk.ciphers.age import Opening, Sealing
from kiosk.ciphers.certificates import CertificateRequest, issue
from kiosk.office import Office
from kiosk.records import Biometric, BiometricKind, Person, School, Step, StepResult, Verdict
from kiosk.store import Store
from tests.exchange.photographs import jpeg, png
from tests.store.conftest import AT, begin_in, student

OFFICE, STRANGER = new_office_key(INTERNATIONAL), new_office_key(INTERNATIONAL)
SEALED = Sealing(recipients=(OFFICE.recipient,))
BY_OFFICE = Opening(identities=(OFFICE.identity,))
WANG = Person("王主任")
SCHOOL = School("西宁第一中学", "6301001")
YEAR = timedelta(days=365)


def capture(store: Store, number: int, reason: str = "") -> str:
    record = begin_in(store, student(number), reason)
    pictures = [Biometric(BiometricKind.PORTRAIT, jpeg()), Biometric(BiometricKind.RIGHT_THUMB, png())]
    store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), pictures)
    store.captures.finish(record.id, AT)
    return record.id


def certify(store: Store, office: OfficeKey = OFFICE) -> None:
    asked = CertificateRequest.read(store.signing.request(station="采集点-01", school=store.school.get()))
    found = issue(office, asked, valid_from=AT - YEAR, valid_until=AT + YEAR)
    store.signing.take_certificate(found.content, office_key=office.signing.public, school_code="", by="王主任")


def spoilt(whole: bytes, data: st.DataObject) -> bytes:
    """Cut somewhere, or with one bit changed."""
    at = data.draw(st.integers(0, len(whole) - 1))
    cut, bit = data.draw(st.booleans()), data.draw(st.integers(0, 7))
    return whole[:at] if cut else whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]


@dataclass
class Station:
    """A school's station; `records` by student."""

    store: Store
    office: Office
    folder: Path
    records: dict[int, str] = field(default_factory=dict)

    def send(self, **more: object) -> list[Path]:
        """The files of a 采集包, as they lie on the stick."""
        plan = self.office.parcels.plan(**more)  # type: ignore[arg-type]
        done = self.office.parcels.write(plan, SEALED, self.folder / "stick", actor="王主任")
        return [self.folder / "stick" / one.name for one in done.written]


@pytest.fixture(scope="session")
def captured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, str]]:
    """Made once, never opened again: each test has a copy."""
    folder = tmp_path_factory.mktemp("captured") / "data"
    with Store.open(folder, clock=lambda: AT) as store:
        store.roster.replace_or_update([student(number) for number in (1, 2, 3)])
        store.school.put(SCHOOL, by=WANG)
        certify(store)
        return folder, {number: capture(store, number) for number in (1, 2)}


@pytest.fixture
def station(tmp_path: Path, captured: tuple[Path, dict[int, str]]) -> Iterator[Station]:
    folder, records = captured
    shutil.copytree(folder, tmp_path / "data")
    with Store.open(tmp_path / "data", clock=lambda: AT) as store:
        found = Station(store, Office(store, tmp_path / "export"), tmp_path, dict(records))
        yield found
        found.office.close()
