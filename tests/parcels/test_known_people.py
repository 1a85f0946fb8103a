"""Whom a station knows by templates alone: the staff of the school's other stations, and students who were captured there."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.ciphers.age import Sealing
from kiosk.config import AccountSettings, FaceSettings, Settings
from kiosk.exchange.school_parcel import SchoolHead, SchoolParcel, write_school
from kiosk.office import Office
from kiosk.office.answers import answer_to, seal_answer
from kiosk.office.known_people import others_stamp, staff_here, staff_of_school
from kiosk.office.parcel_words import school_in_words
from kiosk.office.receipts import receipt_in_words
from kiosk.pipeline.face.compact import pack
from kiosk.pipeline.face.verification import Embedding
from kiosk.records import (
    Biometric,
    BiometricKind,
    Part,
    Person,
    Role,
    SchoolName,
    SeenStation,
    Step,
    StepResult,
    Verdict,
    Why,
)
from kiosk.station.known import Known
from kiosk.station.staff_gallery import StaffGallery
from kiosk.store import Store
from kiosk.store.elsewhere_rows import KEPT, STAFF, STUDENTS
from tests.parcels.conftest import OFFICE, SEALED, WANG
from tests.parcels.offices import NUMBERS, Centre, Site, office, one, site, stations, two, urls
from tests.postgresql import server
from tests.store.conftest import AT, begin_in, student

__all__ = ["office", "one", "server", "stations", "two", "urls"]  # fixtures
SCHOOL = SchoolName("西宁第一中学", "6301001")
LIMIT = FaceSettings().seen_before_at
PIN = "204816"
TWO_PEOPLE: dict[str, Any] = {"asked_by": Person("采集员", "a"), "decided_by": Person("王主任", "b")}


def face(seed: int) -> Embedding:
    found = np.random.default_rng(seed).normal(size=128)
    return np.asarray(found / np.linalg.norm(found), np.float32)


def template(seed: int) -> Biometric:
    return Biometric(BiometricKind.FACE_TEMPLATE, pack(face(seed)))


def who_is(store: Store, number: int, seed: int) -> list[tuple[str, str, str]]:
    """Whom a station takes a student for, after what it has been told."""
    known = Known(store)
    known.recall(threading.Event())
    found = known.same_face(student(number), face(seed), LIMIT)
    return [(other.name, other.staff, other.station) for other in found]


def capture(at: Site, number: int, seed: int) -> str:
    record = begin_in(at.store, student(number), "再采" if at.store.captures.versions(student(number).id_number) else "")
    at.store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), [template(seed)])
    at.store.captures.finish(record.id, AT)
    return record.id


def enrol(store: Store, name: str, seed: int) -> str:
    account = store.accounts.issue(name, Role.OFFICER, PIN, by=None)
    store.staff.keep(account.id, card=None, templates=[template(seed)], by=account.person)
    return account.id


def its_row(at: Site, office: Centre) -> SeenStation:
    return next(seen for seen in office.store.inbox.stations() if seen.store == at.store.id())


def sending_staff(at: Site, folder: Path) -> Path:
    """A 采集包 of a station that was told to send them."""
    sender = Office(at.store, folder, Settings(accounts=AccountSettings(likenesses_to_office=True)))
    done = sender.parcels.write(sender.parcels.plan(), SEALED, folder, actor="王主任")
    sender.close()
    return folder / done.written[0].name


def test_staff_of_one_station_are_told_apart_from_students_at_another_and_open_nothing_there(
    one: Site, two: Site, office: Centre, tmp_path: Path
) -> None:
    wang = enrol(one.store, "王主任", 8)
    enrol(two.store, "赵老师", 9)
    office.take(one.send())
    assert staff_of_school(office.store, SCHOOL.code) == ()  # nobody said that they may go
    office.take(sending_staff(one, tmp_path / "stick"), sending_staff(two, tmp_path / "stick"))
    people = staff_of_school(office.store, SCHOOL.code)
    assert {(told.name, told.store) for told in people} == {("王主任", one.store.id()), ("赵老师", two.store.id())}

    def given(version: int) -> Path:
        head = SchoolHead(SCHOOL, version, AT, frozenset({"name", "id_number"}))
        students = tuple(replace(student(number), school=SCHOOL.name, school_code=SCHOOL.code) for number in NUMBERS)
        told = SchoolParcel(head, students, staff=staff_of_school(office.store, SCHOOL.code))
        path = tmp_path / f"school-{version}.age"
        write_school(path, Sealing(recipients=(two.store.signing.recipient(),)), OFFICE, told)
        return path

    plan, _ = two.office.school_parcels.take(given(1), by=WANG)
    assert any("1 人" in line and "不能登录" in line for line in school_in_words("zh-CN", plan).lines)
    assert who_is(two.store, 1, 8) == [("王主任", wang, "")]
    assert [told.name for told in StaffGallery(two.store).whose_face(face(8), LIMIT)] == []  # of the log-in and enrolment
    assert [told.name for told in two.store.elsewhere.people(STAFF)] == ["王主任"]  # one's own come from nobody's word

    one.store.staff.erase(wang, by=one.store.accounts.open()[0].person, reason="本人要求")
    office.take(sending_staff(one, tmp_path / "stick"))
    two.office.school_parcels.take(given(2), by=WANG)
    assert who_is(two.store, 1, 8) == []
    assert two.store.check().sound


def test_the_second_station_says_that_somebody_was_captured_at_the_first_under_another_name(
    one: Site, two: Site, office: Centre, tmp_path: Path
) -> None:
    office.store.roster.replace_or_update(
        [replace(student(number), school=SCHOOL.name, school_code=SCHOOL.code) for number in NUMBERS]
    )
    capture(one, 1, 5)
    office.take(one.send(), two.send())
    receipts = iter(range(10))

    def receipt(hours: int = 0, *, with_templates: bool = True) -> Path:
        path, station = tmp_path / f"receipt-{next(receipts)}.age", its_row(two, office)
        parcel = answer_to(office.store, station, AT + timedelta(hours=hours), language="zh-CN")
        seal_answer(office.store, parcel, path, station, OFFICE, with_templates=with_templates)
        return path

    early, before = receipt(), others_stamp(office.store, its_row(two, office))
    two.office.receipts.take(receipt(1, with_templates=False), by="王主任")
    assert who_is(two.store, 3, 5) == []
    two.office.receipts.take(early, by="王主任")  # late: the office said since that nobody is to be known
    assert who_is(two.store, 3, 5) == []
    told = receipt(2)
    words = receipt_in_words("zh-CN", two.office.receipts.plan(told)).lines
    assert any("其他采集点" in line for line in words)
    two.office.receipts.take(told, by="王主任")
    assert who_is(two.store, 3, 5) == [("考生1", "", "采集点-one")]
    assert who_is(two.store, 1, 5) == []  # that one is herself
    two.store.lookalikes.declare([student(1).id_number, student(3).id_number], reason="双胞胎", by="王主任")
    assert who_is(two.store, 3, 5) == []
    assert two.store.retention.faces() == 3  # two were captured here

    known = Known(two.store)
    known.recall(threading.Event())
    gone = {student(1).id_number: frozenset({Part.IDENTITY})}
    two.store.erasing.erase(gone, why=Why.REQUEST, reason="本人要求", at=AT, **TWO_PEOPLE)
    assert known.same_face(student(2), face(5), LIMIT) == ()  # without a new start
    assert two.store.elsewhere.people(STUDENTS) == ()
    capture(one, 1, 6)
    office.take(one.send())
    assert others_stamp(office.store, its_row(two, office)) != before
    two.office.receipts.take(receipt(3), by="王主任")
    assert two.store.elsewhere.people(STUDENTS) == ()  # nobody who was deleted here comes back


def test_what_was_told_half_a_year_ago_is_forgotten_at_the_next_start(tmp_path: Path) -> None:
    with site(tmp_path / "one", "采集点-one") as at:
        enrol(at.store, "王主任", 8)
        at.store.elsewhere.take(STAFF, staff_here(at.store), AT - KEPT + timedelta(days=1))
        assert len(at.store.elsewhere.people(STAFF)) == 1
    with Store.open_station(tmp_path / "one" / "data", clock=lambda: AT + timedelta(days=1)) as store:
        assert store.elsewhere.people(STAFF) == ()
        assert store.retention.faces() == 0
        assert store.quarantined() == []
