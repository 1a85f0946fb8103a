"""材料与存档 of several schools, and lists of what came in as classes keep them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from pypdf import PdfReader

from kiosk.errors import KioskError
from kiosk.office.materials import MaterialPaper, Materials
from kiosk.records import Person, School, Student
from kiosk.store import Store
from tests.store.conftest import student

BY = Person("王主任", "a1")
GREEN, RED = {"school": "青山中学", "school_code": "4205280001"}, {"school": "红旗中学", "school_code": "4205280002"}
KINDS = ("户口本复印件", "同意书")
NEWCOMER = Student("安娜", "无号0123456789AB", "高一", "5", sex="女", birth_text="20080304", document_type="A", **RED)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two schools, each with a class 5 of 高一; 考生3 of both have one name."""
    with Store.open(tmp_path / "data") as opened:
        opened.school.put(School("青山中学", "4205280001", principal="赵校长", phone="0717-1"), by=BY)
        green = [replace(student(at), grade="高一", class_name="5", **GREEN) for at in (1, 2, 3)]
        red = [replace(student(at), grade="高一", class_name="5", **RED) for at in (4, 5)]
        namesake = replace(student(6), name="考生3", grade="高一", class_name="5", **RED)
        opened.roster.replace_or_update([*green, *red, namesake, NEWCOMER])
        opened.materials.set_kinds(KINDS, by=BY)
        yield opened


def sheet(path: Path, *rows: Sequence[object]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
    return path


def words_of(path: Path) -> list[str]:
    return [page.extract_text().replace(" ", "") for page in PdfReader(path).pages]


def test_row_2_7_and_3_19_a_list_of_a_class_is_taken_from_excel_as_it_is_kept(store: Store, tmp_path: Path) -> None:
    office = Materials(store)
    wrong = sheet(tmp_path / "a.xlsx", ("姓名", "身份证号", "户口本复印件"), ("考生1", student(1).id_number, "再问"))
    assert [(one.row, one.column, one.message.code) for one in office.read(wrong).problems] == [(2, "C", "material.cell")]
    with pytest.raises(KioskError, match=r"material\.list_refused"):
        office.take(office.read(wrong), by=BY)
    listed = sheet(
        tmp_path / "b.xlsx",
        ("红旗中学 高一（5）班 交件登记", "", ""),
        ("考生姓名", "学校", "年级", "班级", "户口本 复印件", "同意书", "交件人", "档案盒号"),
        ("考生4", "红旗中学", "高一", "5班", "√", "缺", "班主任", "B-01"),
        ("考 生5", "红旗中学", "高一", 5, 46266, "", "本人", ""),
        ("考生3", "红旗中学", "高一", "5", 1, "已交", "", ""),
        ("无此人", "红旗中学", "高一", "5", "√", "√", "", ""),
        ("考生3", "", "高一", "5", "√", "√", "", ""),  # of which school?
    )
    done = office.take(office.read(listed), by=BY)
    assert (done.new, done.boxed, done.unknown) == (4, 0, ("无此人", "考生3"))
    there = store.materials.all()
    assert {number: sorted(papers) for number, papers in there.items()} == {
        student(4).id_number: ["户口本复印件"],
        student(5).id_number: ["户口本复印件"],
        student(6).id_number: ["同意书", "户口本复印件"],
    }
    assert (there[student(4).id_number]["户口本复印件"].handed_by, there[student(4).id_number]["户口本复印件"].box) == (
        "班主任",
        "B-01",
    )
    one_a_line = sheet(
        tmp_path / "c.xlsx",
        ("盒号", "姓名", "身份证号", "材料"),
        ("A-01", "考生1", student(1).id_number, "户口本复印件、同意书"),
        ("B-02", "考生5", student(5).id_number, "户口本复印件"),
    )
    done = office.take(office.read(one_a_line), by=BY)
    assert (done.new, done.boxed, done.unknown) == (2, 1, ())
    unknown = sheet(tmp_path / "d.xlsx", ("姓名", "材料"), ("考生1", "毕业证"))
    assert [one.message.code for one in office.read(unknown).problems] == ["material.unknown"]


def test_row_2_7_and_3_19_what_was_exported_can_be_taken_again_and_names_the_school(store: Store, tmp_path: Path) -> None:
    office, out = Materials(store), tmp_path / "out.xlsx"
    office.hand_in([NEWCOMER], ["同意书"], handed_by="本人", by=BY)
    office.hand_in([student(1)], KINDS, handed_by="班主任", by=BY)
    office.write(out)
    before = store.materials.all()
    assert office.read(out).problems == ()
    done = office.take(office.read(out), by=BY)
    assert (done.new, done.boxed, done.unknown, store.materials.all()) == (0, 0, (), before)
    book = openpyxl.load_workbook(out)
    classes = [[cell.value for cell in row] for row in book["按班缺件"].iter_rows()]
    assert classes == [
        ["学校", "年级", "班级", "人数", *KINDS],
        ["青山中学", "高一", "5", "3", "2", "2"],
        ["红旗中学", "高一", "5", "4", "4", "3"],
    ]
    for number in before:
        for kind in before[number]:
            store.materials.give_back(number, kind, by=BY)
    assert office.take(office.read(out), by=BY).new == sum(map(len, before.values()))
    again = store.materials.all()
    assert {(n, k): (p.handed_by, p.box) for n, papers in again.items() for k, p in papers.items()} == {
        (n, k): (p.handed_by, p.box) for n, papers in before.items() for k, p in papers.items()
    }


def test_row_2_7_papers_never_mix_two_schools_classes(store: Store, tmp_path: Path) -> None:
    office, told = Materials(store), []

    def tell(done: int, total: int = 0) -> None:
        told.append((done, total))

    (listed,) = office.papers(MaterialPaper.LIST, tmp_path, tell, by="王主任")
    pages = words_of(listed)
    assert [("青山中学" in page.split("材料清单")[1][:40], "红旗中学" in page) for page in pages] == [
        (True, False),
        (False, True),
    ]
    assert ("考生4" in pages[0], "考生4" in pages[1], told) == (False, True, [(7, 7)])
    (alone,) = office.papers(MaterialPaper.LIST, tmp_path, tell, of=lambda one: one.group.school == "4205280002", by="王主任")
    assert alone.name == "材料清单-2.pdf"
    assert ("考生1" in "".join(words_of(alone)), len(words_of(alone))) == (False, 1)
    (certificate,) = office.papers(MaterialPaper.CERTIFICATES, tmp_path, tell, by="王主任")
    (words,) = words_of(certificate)
    assert ("红旗中学" in words, "4205280002" in words, "青山中学" in words, "0717-1" in words) == (True, True, False, False)
    assert {file.people for file in store.written.all()} == {7, 4, 1}
