"""A file is added, or replaces its classes or the school: what each would do is known before, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from kiosk.errors import StoreError
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


def test_row_3_18_a_number_of_the_register_that_two_have_is_told(rosters: Rosters, tmp_path: Path) -> None:
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
