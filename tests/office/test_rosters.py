"""A file is added, or replaces its classes or the school: what each would do is known before, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from kiosk.errors import ExchangeError, StoreError
from kiosk.exchange import load_profile
from kiosk.exchange.profile import Column
from kiosk.exchange.template import lacking_values
from kiosk.office import ImportMode, Rosters
from kiosk.records import Student
from kiosk.store import Store
from tests.store.conftest import student

HEADER = ["姓名", "身份证号", "年级", "班级", "考籍号"]
Lists = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three in class 5, two in class 6."""
    with Store.open(tmp_path / "data") as opened:
        opened.roster.replace_or_update([student(number, "5" if number < 4 else "6") for number in range(1, 6)])
        yield opened


@pytest.fixture
def rosters(store: Store) -> Rosters:
    return Rosters(store)


@pytest.fixture
def listed(tmp_path: Path) -> Lists:
    def write(*people: Student | list[str]) -> Path:
        path = tmp_path / "花名册.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet("名单")
            page.write_row(0, 0, HEADER)
            for line, one in enumerate(people, start=1):
                known = (
                    [one.name, one.id_number, one.grade, one.class_name, one.registration_number]
                    if isinstance(one, Student)
                    else one
                )
                for column, text in enumerate(known):
                    page.write_string(line, column, text)
        return path

    return write


def names(store: Store) -> list[str]:
    return [one.name for one in store.roster.students()]


@pytest.mark.parametrize(
    ("mode", "gone", "left"),
    [
        (ImportMode.ADD, 0, ["考生1", "考生2", "考生3", "考生4", "考生5", "考生9"]),
        (ImportMode.GROUPS, 2, ["考生1", "考生4", "考生5", "考生9"]),
        (ImportMode.WHOLE, 4, ["考生1", "考生9"]),
    ],
)
def test_who_leaves_is_chosen_and_known_before(
    rosters: Rosters, store: Store, listed: Lists, mode: ImportMode, gone: int, left: list[str]
) -> None:
    path = listed(student(1), student(9))
    preview = rosters.preview(path, mode=mode)
    assert preview.gone_by == {ImportMode.ADD: 0, ImportMode.GROUPS: 2, ImportMode.WHOLE: 4}
    assert (len(preview.change.gone), len(preview.change.added)) == (gone, 1)
    assert names(store) == [f"考生{number}" for number in range(1, 6)]
    rosters.take(path, mode=mode, actor="采集员")
    assert names(store) == left


@pytest.mark.parametrize(
    "row",
    [
        ["考生2", "6.30103E+17", "高一", "5", ""],  # its number spoiled
        ["", student(2).id_number, "高一", "5", ""],  # its name missing
        ["考生2", student(2).id_number, "高一", "七五", ""],  # its class unreadable
    ],
)
def test_a_row_that_can_t_be_read_never_removes_its_student(
    rosters: Rosters, store: Store, listed: Lists, row: list[str]
) -> None:
    path = listed(student(1), row)
    preview = rosters.preview(path, mode=ImportMode.WHOLE)
    assert [one.name for one in preview.kept] == ["考生2"]
    taken = rosters.take(path, mode=ImportMode.WHOLE, actor="采集员")
    assert (taken.taken, taken.refused, taken.gone) == (1, 1, 3)
    assert names(store) == ["考生1", "考生2"]


def test_a_row_that_names_nobody_keeps_everybody_of_its_class(rosters: Rosters, store: Store, listed: Lists) -> None:
    rosters.take(listed(student(1), ["", "", "高一", "5", "K9"]), mode=ImportMode.WHOLE, actor="采集员")
    assert names(store) == ["考生1", "考生2", "考生3"]


def test_the_last_import_is_taken_back(rosters: Rosters, store: Store, listed: Lists) -> None:
    before = store.roster.students()
    changed = replace(student(1), registration_number="K7777")
    rosters.take(listed(changed, student(9)), mode=ImportMode.WHOLE, actor="采集员")
    assert names(store) == ["考生1", "考生9"]
    store.roster.assign_exam_numbers({student(1).id_number: "26001"}, actor="采集员")  # entered since: stays
    undone = rosters.undo(actor="采集员")
    assert (len(undone.added), len(undone.changed), len(undone.gone)) == (1, 1, 4)
    first, *others = sorted(store.roster.students(), key=lambda one: one.id_number)
    assert first == replace(student(1), exam_number="26001")
    assert others == before[1:]
    with pytest.raises(StoreError, match=r"store\.nothing_to_undo"):
        rosters.undo(actor="采集员")
    assert [entry.action for entry in store.audit.entries()][-1] == "roster.undo"


def test_undoing_goes_back_one_import_only(rosters: Rosters, store: Store, listed: Lists) -> None:
    rosters.take(listed(student(8)), mode=ImportMode.ADD, actor="采集员")
    rosters.take(listed(student(9)), mode=ImportMode.ADD, actor="采集员")
    rosters.undo(actor="采集员")
    assert names(store) == [*(f"考生{number}" for number in range(1, 6)), "考生8"]


def test_rows_3_18_and_4_10_a_number_of_the_register_that_two_have_is_told(rosters: Rosters, tmp_path: Path) -> None:
    path = tmp_path / "花名册.csv"
    one, other = student(1), student(2)
    rows = f"{one.name},{one.id_number},5,G1\n{other.name},{other.id_number},5,g1\n"
    path.write_text(f"姓名,身份证号,班级,学籍号\n{rows}", encoding="utf-8")
    seen = rosters.preview(path).reading
    assert len(seen.students) == 2
    told = [(w.row, w.column, w.message.data["row"]) for w in seen.warnings if w.message.code == "roster.given_twice"]
    assert told == [(2, "D", 3), (3, "D", 2)]
    wanted = load_profile("qinghai-xuekao")
    column = Column(header="学籍号", field="student_number", required=True)
    strict = wanted.model_copy(update={"columns": (*wanted.columns, column)})
    # Row 4.10: only students with a 学籍号, where the profile says so.
    assert {name: [s.name for s in lacking] for name, lacking in lacking_values(strict, [one]).items()} == {
        "学籍号": [one.name]
    }
    assert lacking_values(strict, seen.students).get("学籍号") is None


def test_row_0_3_a_grade_that_stands_in_the_class_counts_for_who_is_known_too(
    rosters: Rosters, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "升级.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("6班")
        page.write_row(0, 0, ["姓名", "身份证号", "班级"])
        page.write_row(1, 0, ["考生1", student(1).id_number, "高二（3）班"])
    rosters.take(path, mode=ImportMode.ADD)
    found = store.roster.find(student(1).id_number)
    assert found is not None
    assert (found.grade, found.class_name, found.registration_number) == ("高二", "3", "K0001")


def test_row_3_18_and_4_10_a_student_number_is_one_student_s_alone_and_whoever_has_none_is_told(
    rosters: Rosters, store: Store, tmp_path: Path
) -> None:
    store.roster.replace_or_update([replace(student(1), student_number="G1", school="青山中学")])
    path = tmp_path / "6班.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("6班")
        page.write_row(0, 0, ["姓名", "身份证号", "年级", "班级", "学籍号", "学校"])
        for line, (number, told) in enumerate(((7, "g1"), (8, ""), (9, "G9")), start=1):
            page.write_row(line, 0, [f"考生{number}", student(number).id_number, "高一", "6", told, "红旗中学"])
    warned = {(one.row, one.column): one.message for one in rosters.preview(path).reading.warnings}
    assert warned[2, "E"].code == "roster.given_before"
    assert (warned[2, "E"].data["name"], warned[2, "E"].data["school"]) == ("考生1", "青山中学")
    assert warned[3, "E"].code == "roster.not_enrolled"
    rosters.take(path, mode=ImportMode.ADD)
    assert [one.message.code for one in rosters.preview(path).reading.warnings if (one.row, one.column) == (4, "E")] == []


SCHOOLS = [*HEADER, "学校", "学校标识码"]
GREEN, RED = ("青山中学", "4205280001"), ("红旗中学", "4205280002")


def of_school(tmp_path: Path, *people: tuple[Student, tuple[str, ...]]) -> Path:
    path = tmp_path / "学校名单.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("名单")
        page.write_row(0, 0, SCHOOLS)
        for line, (one, school) in enumerate(people, start=1):
            page.write_row(line, 0, [one.name, one.id_number, one.grade, one.class_name, one.registration_number, *school])
    return path


def test_row_2_7_the_whole_school_is_the_schools_in_the_file(rosters: Rosters, store: Store, tmp_path: Path) -> None:
    rosters.take(of_school(tmp_path, *((student(n), GREEN) for n in (1, 2))), mode=ImportMode.WHOLE)  # names the school
    rosters.take(of_school(tmp_path, *((student(n), RED) for n in (7, 8))), mode=ImportMode.WHOLE)
    preview = rosters.preview(of_school(tmp_path, (student(8), RED)), mode=ImportMode.WHOLE)
    assert [one.name for one in preview.change.gone] == ["考生7"]
    rosters.take(of_school(tmp_path, (student(8, "6"), RED)), mode=ImportMode.GROUPS)
    assert names(store) == ["考生1", "考生2", "考生7", "考生8"]


def test_row_2_7_who_stands_under_another_school_is_shown_with_the_row(rosters: Rosters, store: Store, tmp_path: Path) -> None:
    rosters.take(of_school(tmp_path, *((student(n), GREEN) for n in (1, 2))), mode=ImportMode.WHOLE)
    path = of_school(tmp_path, (student(7), RED), (student(2), RED))

    (one,) = rosters.preview(path, mode=ImportMode.WHOLE).elsewhere
    assert (one.sheet, one.row, one.before.school, one.after.school) == ("名单", 3, GREEN[0], RED[0])
    assert rosters.take(path, mode=ImportMode.WHOLE).elsewhere == 1
    assert [one.school for one in store.roster.students()] == [GREEN[0], GREEN[0], RED[0]]
    rosters.take(path, mode=ImportMode.ADD, transfer=True)
    assert [one.school for one in store.roster.students()] == [GREEN[0], RED[0], RED[0]]
    rosters.undo(actor="考务")
    assert [one.school for one in store.roster.students()] == [GREEN[0], GREEN[0], RED[0]]


def test_row_2_7_a_file_that_names_no_school_is_of_the_one_that_is_chosen(
    rosters: Rosters, store: Store, listed: Lists, tmp_path: Path
) -> None:
    rosters.take(of_school(tmp_path, *((student(n), GREEN) for n in range(1, 6))), mode=ImportMode.WHOLE)
    rosters.take(listed(student(9)), mode=ImportMode.ADD)  # there is only one
    assert {one.school for one in store.roster.students()} == {GREEN[0]}
    rosters.take(of_school(tmp_path, (student(7), RED)), mode=ImportMode.WHOLE)
    with pytest.raises(ExchangeError, match="which_school"):
        rosters.preview(listed(student(8)), mode=ImportMode.WHOLE)
    rosters.take(listed(student(8)), mode=ImportMode.WHOLE, school=RED[1])
    assert [one.name for one in store.roster.students() if one.school == RED[0]] == ["考生8"]
    assert store.roster.count() == 7
