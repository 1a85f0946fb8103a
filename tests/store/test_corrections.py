"""更正: one field of a student, in the roster, with the person, the reason, and the value before."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.errors import StoreError
from kiosk.records import CaptureRecord, CardEntry, CardKind, Contact, Person, School
from kiosk.store import Store
from tests.people import card_of
from tests.store.conftest import AT, begin_in, student

Begin = Callable[..., CaptureRecord]
HEAD = Person("负责人", "head")


@pytest.fixture
def school(store: Store) -> Store:
    store.roster.replace_or_update([replace(student(number), sex="女") for number in (1, 2)])
    return store


def correct(store: Store, field: str, value: str, number: int = 1) -> None:
    store.corrections.correct(student(number).id_number, field, value, reason="转班", by=HEAD, at=AT)


def test_a_correction_stands_in_the_roster_and_in_the_record_and_keeps_what_was_there(school: Store, begin: Begin) -> None:
    record = school.captures.finish(begin().id, AT)
    correct(school, "class_name", "6")
    correct(school, "class_name", "7")
    found = school.roster.find(student(1).id_number)
    assert found is not None
    again = school.captures.find(record.id)
    assert again is not None
    assert (found.class_name, again.student, next(school.captures.records()).student.class_name) == ("7", found, "7")
    told = [(one.field, one.before, one.after, one.reason, one.by, one.at) for one in school.corrections.of(found.id_number)]
    assert told == [("class_name", "5", "6", "转班", HEAD, AT), ("class_name", "6", "7", "转班", HEAD, AT)]
    correct(school, "class_name", "7")
    assert len(school.corrections.of(found.id_number)) == 2  # nothing was put right


def test_the_trail_has_who_why_and_what_but_nobodys_name_or_number(school: Store, begin: Begin) -> None:
    record = school.captures.finish(begin().id, AT)
    correct(school, "class_name", "6")
    correct(school, "registration_number", "K9999")
    correct(school, "class_name", "6", number=2)  # nobody has seen this student yet
    entries = [entry for entry in school.audit.entries() if entry.action == "record.correct"]
    assert [(entry.actor, entry.detail["field"]) for entry in entries][:2] == [
        ("负责人", "class_name"),
        ("负责人", "registration_number"),
    ]
    assert entries[0].detail == {"field": "class_name", "reason": "转班", "before": "5", "after": "6"}
    assert "K9999" not in json.dumps([dict(entry.detail) for entry in entries])
    assert [entry.subject for entry in entries[:2]] == [record.id] * 2
    assert entries[2].subject == school.audit.pseudonym(student(2).id_number)
    assert student(2).id_number not in entries[2].subject


def test_a_roster_that_is_filed_anew_is_what_every_record_shows(school: Store, begin: Begin) -> None:
    record = school.captures.finish(begin().id, AT)
    correct(school, "class_name", "6")
    school.roster.replace_or_update([replace(student(1), class_name="8")])
    again = school.captures.find(record.id)
    assert again is not None
    assert again.filed is not None
    assert (again.student.class_name, again.filed.class_name) == ("8", "6")


def test_who_left_the_roster_is_corrected_in_the_record(school: Store, begin: Begin) -> None:
    record = school.captures.finish(begin().id, AT)
    school.roster.replace_or_update([student(2)])
    correct(school, "class_name", "6")
    again = school.captures.find(record.id)
    assert again is not None
    assert again.student.class_name == "6"


def test_what_a_card_said_is_corrected_by_nobody_but_the_roster_may_be_brought_into_line(school: Store) -> None:
    school.captures.finish(begin_in(school, student(1)).id, AT)  # the card says 考生1, and a man's number
    said = card_of(student(1)).sex
    for field, value in (
        ("name", "别人"),
        ("sex", "女" if said == "男" else "男"),
        ("ethnicity", "汉"),
        ("birth_text", "20090101"),
    ):
        with pytest.raises(StoreError, match="card_decides"):
            correct(school, field, value)
    correct(school, "ethnicity", "藏")
    found = school.roster.find(student(1).id_number)
    assert found is not None
    assert found.ethnicity == "藏"


def test_what_was_typed_at_the_desk_is_corrected_with_the_roster(school: Store) -> None:
    typed = card_of(student(1), kind=CardKind.NONE, entry=CardEntry.TYPED, entry_reason="no_mainland_document")
    begun = school.captures.begin(
        student(1), typed, station="采集点", operator="采集员", profile="qinghai-xuekao", profile_hash="0" * 64, at=AT
    )
    school.captures.finish(begun.id, AT)
    for field, value in (("name", "考生壹"), ("ethnicity", "回"), ("sex", "男"), ("birth_text", "20080102")):
        correct(school, field, value)
    record = school.captures.find(begun.id)
    assert record is not None
    assert record.card is not None
    card = record.card
    assert (card.name, card.ethnicity, card.ethnicity_code, card.sex_code) == ("考生壹", "回", "03", "1")
    assert (card.birth_text, f"{card.birth}") == ("20080102", "2008-01-02")
    assert record.student.name == "考生壹"
    assert school.corrections.of(student(1).id_number)[1].before == "藏"  # what was typed, not what the roster lacked


@pytest.mark.parametrize(
    ("field", "value", "reason", "code"),
    [
        ("id_number", "1", "转班", "not_correctable"),
        ("shoe_size", "42", "转班", "not_correctable"),
        ("class_name", "6", " ", "reason_missing"),
        ("registration_number", "K0002", "抄错", "number_taken"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(school: Store, field: str, value: str, reason: str, code: str) -> None:
    with pytest.raises(StoreError, match=code):
        school.corrections.correct(student(1).id_number, field, value, reason=reason, by=HEAD, at=AT)
    assert school.corrections.by_student() == {}


def test_a_stranger_is_not_corrected(school: Store) -> None:
    with pytest.raises(StoreError, match="not_on_roster"):
        correct(school, "class_name", "6", number=9)


def test_the_schools_own_data_are_kept_once_and_the_trail_says_who_changed_what(store: Store) -> None:
    assert store.school.get() == School()
    told = School(name="第一高级中学", code="3663000001", contacts=(Contact("张三", "教务主任", "13800000000"), Contact()))
    store.school.put(told, by=HEAD)
    store.school.put(told, by=HEAD)
    assert store.school.get() == told
    assert told.reachable == "张三 13800000000"
    entries = [entry for entry in store.audit.entries() if entry.action == "school.change"]
    assert [(entry.actor, entry.detail["changed"]) for entry in entries] == [("负责人", ["name", "code", "contacts"])]
