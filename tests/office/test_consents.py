"""On what basis everybody is captured: entered one by one, for a class, or by a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from kiosk.config import ConsentSettings, Settings
from kiosk.errors import KioskError, StoreError
from kiosk.exchange.consent_file import write_consent_list
from kiosk.office import Office
from kiosk.records import Basis, Consent, Part, Person, is_child
from kiosk.store import Store
from tests.office.test_retention import ASKING, DECIDING
from tests.store.conftest import AT, begin_in, student
from tests.store.within import everything

BY = Person("王主任", "b2")
FATHER = Consent(Basis.GUARDIAN, True, "王大海", "父亲", "13900000000")
CHILD = replace(student(7), birth_text="20150101")
SCAN = b"%PDF-1.7 " + bytes(range(256)) * 30


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data", clock=lambda: AT) as opened:
        opened.roster.replace_or_update([student(1), student(2), CHILD])
        yield opened


def office_of(store: Store, folder: Path, basis: str = "own") -> Office:
    return Office(store, folder / "export", Settings(consent=ConsentSettings(basis=basis)))  # type: ignore[arg-type]


def lacking(office: Office) -> list[str]:
    return [one.student.name for one in office.consents.standing() if one.lacking]


def test_who_lacks_a_consent_depends_on_the_basis_and_the_age(store: Store, tmp_path: Path) -> None:
    assert lacking(office_of(store, tmp_path, "statutory")) == []
    office = office_of(store, tmp_path)
    assert lacking(office) == ["考生1", "考生2", "考生7"]
    with pytest.raises(KioskError, match=r"consent\.child"):
        office.consents.enter([student(1), CHILD], Consent(Basis.OWN, agreed=True), by=BY)
    with pytest.raises(StoreError, match=r"store\.guardian_lacks"):
        office.consents.enter([CHILD], replace(FATHER, phone=""), by=BY)
    assert lacking(office) == ["考生1", "考生2", "考生7"]
    office.consents.enter([student(1)], Consent(Basis.OWN, agreed=True), by=BY)
    office.consents.enter([CHILD], FATHER, by=BY)
    assert lacking(office) == ["考生2"]
    store.consents.withdraw(student(1).id_number, reason="撤回", asked_by=ASKING, by=DECIDING)
    assert lacking(office) == ["考生1", "考生2"]
    assert lacking(office_of(store, tmp_path, "statutory")) == ["考生1"]  # a no stays one
    kept = office.consents.history(student(1).id_number)
    version = office.consents.notice.version
    assert [(one.agreed, one.notice) for one in kept] == [(True, version), (False, version)]


def test_a_class_fills_in_the_list_that_it_was_given(store: Store, tmp_path: Path) -> None:
    office, path = office_of(store, tmp_path), tmp_path / "登记表.xlsx"
    write_consent_list([(one.student, one.consent) for one in office.consents.standing()], path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    at = {name: header.index(name) + 1 for name in ("同意情况", "监护人姓名", "与考生关系", "监护人电话")}
    for row, said in enumerate(("本人同意", "不同意", "监护人同意"), start=2):
        sheet.cell(row, at["同意情况"]).value = said
    book.save(path)
    (problem, *others) = office.consents.read(path).problems
    assert (problem.row, problem.message.code, len(others)) == (4, "roster.guardian_lacks", 2)
    with pytest.raises(KioskError, match=r"consent\.list_refused"):
        office.consents.take(path, by=BY)
    for name, value in (("监护人姓名", "王大海"), ("与考生关系", "父亲"), ("监护人电话", "13900000000")):
        sheet.cell(4, at[name]).value = value
    book.save(path)
    assert office.consents.take(path, by=BY) == (3, [])
    assert [(one.basis, one.said_no) for one in office.consents.standing()] == [
        (Basis.OWN, False),
        (Basis.OWN, True),
        (Basis.GUARDIAN, False),
    ]


def test_a_signed_paper_is_sealed_looked_after_and_goes_with_the_student(store: Store, tmp_path: Path) -> None:
    office = office_of(store, tmp_path)
    office.consents.enter([CHILD], FATHER, by=BY, paper=SCAN)
    ((owner, _),) = office.consents.papers_of(CHILD.id_number)
    assert office.consents.paper(owner, by="王主任") == SCAN
    assert [entry.actor for entry in store.audit.entries() if entry.action == "consent.look"] == ["王主任"]
    assert SCAN not in everything(tmp_path / "data")
    assert store.check().sound
    assert store.check().blobs == 1
    office.retention.delete_of(CHILD.id_number, {Part.IDENTITY}, asked_by=ASKING, decided_by=DECIDING, reason="要求删除")
    assert office.consents.paper(owner, by="王主任") is None
    assert "王大海".encode() not in everything(tmp_path / "data")
    assert b"13900000000" not in everything(tmp_path / "data")
    store.close()
    with Store.open_station(tmp_path / "data") as again:
        assert again.quarantined() == []


def test_the_form_says_why_it_may_be_done(store: Store, tmp_path: Path) -> None:
    office = office_of(store, tmp_path, "statutory")
    record = begin_in(store, student(1))
    assert "法定职责" in office.consents.bases([record])[record.id]
    office.consents.enter([student(1)], Consent(Basis.OWN, agreed=True), by=BY)
    assert "考生本人单独同意" in office.consents.bases([record])[record.id]


def test_everybody_of_the_roster_has_a_standing(store: Store, tmp_path: Path) -> None:
    told = replace(student(9), guardian_consent="是")
    store.roster.replace_or_update([told])
    standing = {one.student.id_number: one for one in office_of(store, tmp_path).consents.standing()}
    assert (standing[told.id_number].basis, standing[told.id_number].lacking) == (Basis.GUARDIAN, False)


def test_a_student_is_a_child_until_the_fourteenth_birthday() -> None:
    born = date(2012, 9, 1)
    assert is_child(born, date(2026, 8, 31))
    assert not is_child(born, date(2026, 9, 1))
    assert is_child(None, date(2026, 9, 1))
