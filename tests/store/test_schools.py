"""Several schools in one store: importing one never touches another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kiosk.records import ClassKey, Person, School, SchoolName, Student
from kiosk.store import Store, tables
from kiosk.store.schools import spelling

GREEN, RED = SchoolName("青山中学", "4205280001"), SchoolName("红旗中学", "4205280002")


def student(number: int, school: SchoolName = GREEN, class_name: str = "1", name: str = "") -> Student:
    return Student(
        name or f"考生{number}", f"4205282011010{number:05d}", "九年级", class_name, school=school.name, school_code=school.code
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as found:
        yield found


def rows_of(store: Store, school: SchoolName) -> list[tuple[object, ...]]:
    with store._opened.identity.read() as connection:
        query = select(tables.students).where(tables.students.c.school_code == school.code)
        return [tuple(row) for row in connection.execute(query.order_by(tables.students.c.id_number))]


filed = st.lists(
    st.builds(student, st.integers(0, 11), st.just(GREEN), st.sampled_from("12"), st.sampled_from(["", "甲", "乙"])),
    unique_by=lambda one: one.id_number,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rosters=st.lists(filed, min_size=1, max_size=2), in_order=st.booleans())
def test_row_2_7_whatever_one_school_files_leaves_the_rows_of_another_byte_for_byte(
    store: Store, rosters: list[list[Student]], in_order: bool
) -> None:
    store.roster.replace_or_update([student(n, RED) for n in range(6)], leaving=lambda one: one.school_code == RED.code)
    before = rows_of(store, RED)
    for roster in rosters:
        store.roster.replace_or_update(roster, leaving=lambda one: one.school_code == GREEN.code, in_order=in_order)
    assert rows_of(store, RED) == before


def test_row_2_7_a_number_of_another_school_is_told_and_comes_over_only_when_somebody_says_so(store: Store) -> None:
    store.roster.replace_or_update([student(1, RED)])

    change = store.roster.replace_or_update([student(1), student(2)])

    assert [(one.before.school, one.after.school) for one in change.elsewhere] == [("红旗中学", "青山中学")]
    assert {one.name: one.school for one in store.roster.students()} == {"考生1": "红旗中学", "考生2": "青山中学"}
    store.roster.replace_or_update([student(1)], transfer=True, leaving=lambda _: False)
    assert store.roster.schools() == [GREEN]
    store.roster.undo(actor="考务")
    assert set(store.roster.schools()) == {GREEN, RED}


def test_row_2_7_a_class_is_a_class_of_its_school(store: Store) -> None:
    store.roster.replace_or_update([student(1), student(2, RED)])
    assert [one.group for one in store.roster.students()] == [
        ClassKey("4205280001", "九年级", "1"),
        ClassKey("4205280002", "九年级", "1"),
    ]


def test_row_2_7_a_school_is_spelt_in_one_way(store: Store) -> None:
    store.roster.replace_or_update([student(1, SchoolName("青山中学"))])
    store.roster.replace_or_update([student(2), student(3, SchoolName(" 青山中学"))], leaving=lambda _: False)
    assert store.roster.schools() == [GREEN]


def test_row_2_7_two_schools_of_one_name_stay_two() -> None:
    one, other = SchoolName("实验小学", "1"), SchoolName("实验小学", "2")
    by = spelling(SchoolName(), [one, other], [SchoolName("实验小学")])
    assert len(set(map(by.__getitem__, (one, other, SchoolName("实验小学"))))) == 3


def test_row_2_7_whoever_has_no_school_is_of_the_stations_own_and_follows_its_name(store: Store) -> None:
    store.roster.replace_or_update([student(1, SchoolName())])
    store.school.put(School(GREEN.name), by=Person("校长"))
    store.roster.replace_or_update([student(2, RED)], leaving=lambda _: False)
    store.school.put(School(*GREEN), by=Person("校长"))
    assert store.roster.schools() == [GREEN, RED]


def test_row_2_7_a_school_that_is_put_right_is_put_right_with_its_code(store: Store) -> None:
    store.roster.replace_or_update([student(1), student(2, RED)])
    by, at = Person("考务"), datetime.now(UTC)
    store.corrections.correct(student(1).id_number, "school", RED.name, reason="报错学校", by=by, at=at)
    assert store.roster.schools() == [RED]


def test_row_2_7_schools_stand_one_after_the_other_as_they_were_filed(store: Store) -> None:
    store.roster.replace_or_update([student(8, RED)])
    store.roster.replace_or_update([student(1), student(2)])
    store.roster.replace_or_update([student(9, RED), student(8, RED)])
    store.roster.replace_or_update([student(7, RED)], leaving=lambda _: False, in_order=False)
    assert [one.name for one in store.roster.students()] == ["考生9", "考生8", "考生7", "考生1", "考生2"]
