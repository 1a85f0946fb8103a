"""Contacts beside the school's own, and the duty list; papers of students and their boxes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from kiosk.errors import StoreError
from kiosk.records import (
    SIGNED_FORM,
    USUAL,
    CaptureRecord,
    Duty,
    HelpLine,
    Leaving,
    Material,
    Part,
    Person,
    Subject,
    Task,
    Whose,
    Why,
)
from kiosk.store import Store
from tests.store.conftest import AT, student

BY, OTHER = Person("王主任", "a1"), Person("李老师", "a2")
DAY = date(2026, 10, 12)


def test_row_4_12_who_does_what_on_which_day_is_kept_once(store: Store) -> None:
    operator, chief = Duty(DAY, Task.OPERATOR, "采集员"), Duty(DAY, Task.SUPERVISOR, "王主任", "13800000000", "a1")
    assert store.duties.add_duties([operator, chief, operator], by=BY) == 2
    assert [(one.task, one.name) for one in store.duties.duties()] == [("supervisor", "王主任"), ("operator", "采集员")]
    number = store.duties.duties()[1].number
    store.duties.drop_duty(number, by=BY)
    with pytest.raises(StoreError, match=r"store\.nothing_there"):
        store.duties.drop_duty(number, by=BY)
    assert [entry.action for entry in store.audit.entries()].count("duty.drop") == 1


def test_row_0_14_the_districts_lines_are_kept_once(store: Store) -> None:
    hotline = HelpLine(Whose.DISTRICT, Subject.HOTLINE, "县招办", "值班室", "0971-6303000", "24 小时")
    store.duties.add_line(hotline, by=BY)
    (kept,) = store.duties.lines()
    assert kept.told == "县招办 值班室 0971-6303000"
    store.duties.drop_line(kept.number, by=BY)
    assert store.duties.lines() == []
    with pytest.raises(StoreError, match=r"store\.nothing_there"):
        store.duties.drop_line(kept.number, by=BY)


def test_row_3_19_and_2_14_papers_are_handed_in_boxed_and_go_with_the_student(store: Store) -> None:
    one, two = student(1), student(2)
    store.roster.replace_or_update([one, two])
    assert store.materials.kinds() == USUAL
    store.materials.set_kinds(["户口本复印件", " ", "同意书", "同意书"], by=BY)
    assert store.materials.kinds() == ("户口本复印件", "同意书")
    with pytest.raises(StoreError, match=r"store\.material_kinds"):
        store.materials.set_kinds([" "], by=BY)
    numbers = [one.id_number, two.id_number]
    assert store.materials.hand_in(numbers, ["户口本复印件"], handed_by="班主任", by=BY) == 2
    assert store.materials.hand_in(numbers, ["户口本复印件"], handed_by="本人", by=OTHER) == 0
    kept = store.materials.all()[one.id_number]["户口本复印件"]
    assert (kept.handed_by, kept.by, kept.box) == ("班主任", "王主任", "")
    with pytest.raises(StoreError, match=r"store\.box_missing"):
        store.materials.put_in_box(numbers, ["户口本复印件"], "", by=BY)
    assert store.materials.put_in_box(numbers, ["户口本复印件", "同意书"], "A-01", by=BY) == 2
    assert store.materials.all()[two.id_number]["户口本复印件"].box == "A-01"
    with pytest.raises(StoreError, match=r"store\.nothing_there"):
        store.materials.put_in_box(numbers, ["同意书"], "A-01", by=BY)
    store.materials.give_back(two.id_number, "户口本复印件", by=BY)
    with pytest.raises(StoreError, match=r"store\.nothing_there"):
        store.materials.give_back(two.id_number, "户口本复印件", by=BY)
    store.materials.say_why_left(one.id_number, Leaving.MOVED, "转往西宁二中", by=BY)
    store.erasing.erase(
        {one.id_number: frozenset({Part.IDENTITY})}, asked_by=BY, decided_by=OTHER, why=Why.REQUEST, reason="申请", at=AT
    )
    assert (dict(store.materials.all()), store.materials.leavings()) == ({}, {})


def test_row_2_14_a_form_that_was_signed_is_there_and_finds_its_box(store: Store, begin: Callable[..., CaptureRecord]) -> None:
    record = begin(1)
    store.captures.finish(record.id, AT)
    store.aftercare.sign(record.id, by="采集员", at=AT)
    number = student(1).id_number
    assert store.materials.all()[number][SIGNED_FORM].box == ""
    assert store.materials.put_in_box([number], [SIGNED_FORM], "A-02", by=BY) == 1
    assert store.materials.all()[number][SIGNED_FORM].box == "A-02"
    listed = [
        (number, Material(SIGNED_FORM, "", "", AT, "A-03")),
        (student(2).id_number, Material(SIGNED_FORM, "本人", "", AT)),
    ]
    assert store.materials.take_list(listed, by=BY) == (1, 1)
    assert store.materials.take_list(listed, by=BY) == (0, 0)
    assert store.materials.all()[number][SIGNED_FORM].box == "A-03"
