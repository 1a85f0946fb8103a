"""佐证: one number of two real people, from the roster that keeps both out to an export that has both; pictures of proof."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from PIL import Image as Pictures

from kiosk.errors import KioskError
from kiosk.exchange.fields import FIELDS, ExportRow
from kiosk.exchange.proof_pictures import ProofRule, check_folder, proof_file
from kiosk.office.cases import Cases, Named
from kiosk.office.rosters import ImportMode, Rosters
from kiosk.records import CaseKind, CaseState, Person, Student
from kiosk.store import Store
from kiosk.surrogate import is_surrogate, surrogate
from kiosk.words import say_error
from tests.people import card_of
from tests.store.conftest import AT, begin_in, student

BY, CHIEF = Person("王主任", "a1"), Person("李局长", "a2")
NUMBER = student(1).id_number


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("list") / "名单.xlsx"
    rows = (("姓名", "身份证号", "年级", "班级"), ("张伟", NUMBER, "高一", "1"), ("张 玮", NUMBER, "高一", "2"))
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
    return path


@pytest.fixture
def decided(store: Store, listed: Path) -> Store:
    """It was accepted that 张伟 goes on with the number of two."""
    cases = Cases(store)
    case = cases.open_shared(NUMBER, [Named("张伟"), Named("张玮")], "两人同号，均不改号。", by=BY)
    cases.attach(case, scan(2400, 1600), title="户口本", about="张伟", by=BY)
    cases.attach(case, scan(800, 1200, 2, "PDF"), title="派出所证明", by=BY)
    cases.move(case, CaseState.SUBMITTED, reason="材料齐", by=BY)
    cases.move(case, CaseState.ACCEPTED, reason="张伟保留号码，张玮用代用号码", by=CHIEF, keeps="张伟")
    Rosters(store).take(listed)
    return store


def scan(width: int, height: int, seed: int = 1, kind: str = "JPEG") -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (height // 50, width // 50, 3), np.uint8)
    file = io.BytesIO()
    Pictures.fromarray(noise).resize((width, height)).save(file, kind, quality=95)
    return file.getvalue()


def test_row_3_2_two_of_one_number_and_one_name_are_told_why_a_case_is_no_way_and_what_is(store: Store) -> None:
    people = [Named("张伟", sex="男"), Named("张 伟", sex="女")]
    with pytest.raises(KioskError) as refused:
        Cases(store).open_shared(NUMBER, people, "两人同号同名", by=BY)
    told = say_error("zh-CN", refused.value)
    assert all(words in told for words in ("刷身份证时分不出", "由谁使用这个号码", "“其他”", "手工录入"))


def test_row_3_2_two_real_people_of_one_number_are_both_captured_as_was_decided(store: Store, listed: Path) -> None:
    rosters, cases = Rosters(store), Cases(store)
    assert [len(rosters.preview(listed).reading.students), rosters.preview(listed).reading.rows_refused] == [0, 2]
    for number, people, code in (
        ("63010320080101001", ["张伟", "张玮"], "case.number"),
        (NUMBER, ["张伟", "张 伟"], "case.same_name"),
        (NUMBER, ["张伟"], "store.case_two_people"),
    ):
        with pytest.raises(KioskError, match=code):
            cases.open_shared(number, [Named(name) for name in people], "两人同号", by=BY)
    case = cases.open_shared(NUMBER, [Named("张伟"), Named("张玮"), Named(" ")], "两人同号，均不改号。", by=BY)
    assert (store.cases.pending(NUMBER), store.cases.key_of(NUMBER, "张玮")) == (case, NUMBER)
    with pytest.raises(KioskError, match=r"web\.scan_kind"):
        cases.attach(case, b"PK\3\4", title="户口本", by=BY)
    cases.attach(case, scan(2400, 1600), title="户口本", about="张伟", by=BY)
    with pytest.raises(KioskError, match=r"pdf\.broken"):
        cases.attach(case, b"%PDF-1.7", title="户口本", by=BY)
    cases.attach(case, scan(800, 1200, 2, "PDF"), title="派出所证明", by=BY)
    cases.move(case, CaseState.SUBMITTED, reason="材料齐", by=BY)
    cases.move(case, CaseState.ACCEPTED, reason="张伟保留号码，张玮用代用号码", by=CHIEF, keeps="张伟")
    assert store.cases.pending(NUMBER) is None
    rosters.take(listed)
    keeper, other = rosters.students()
    assert (keeper.name, keeper.id_number) == ("张伟", NUMBER)
    assert (other.class_name, other.sex, other.birth_text, is_surrogate(other.id_number)) == ("2", "男", "20080101", True)
    assert store.cases.key_of(NUMBER, "张玮") == other.id_number  # whichever of the two lays the card down
    assert store.cases.key_of(NUMBER, "张伟") == NUMBER
    (given,) = rosters.give_substitutes("0104", actor="王主任")
    row = ExportRow(student=other, substitute=given.number)
    assert (FIELDS["id_number"](row), FIELDS["exam_id_number"](row)) == (None, given.number)
    begun = {"station": "一", "operator": "采集员", "profile": "cee-signup", "profile_hash": "0", "at": datetime.now(UTC)}
    card = card_of(Student(other.name, NUMBER))
    record = store.captures.begin(other, card, **begun)  # type: ignore[arg-type]
    assert FIELDS["id_number"](ExportRow(record)) is None  # the number goes to the one who keeps it
    rosters.take(listed)
    assert [one.id_number for one in rosters.students()] == [keeper.id_number, other.id_number]


def test_row_3_14_proof_is_named_by_the_rule_and_within_100_kb(decided: Store, tmp_path: Path) -> None:
    cases, folder = Cases(decided), tmp_path / "pictures"
    folder.mkdir()
    (case,) = [one.number for one in cases.all()]
    made = {one.student.name: one for one in cases.pictures(case, ProofRule(year="2025", level="GZ"), by=BY)}
    file = made["张伟"]
    assert (file.name, file.problems) == (f"{NUMBER}-2025-GZ.jpg", ())
    assert 50_000 < len(file.content) <= 100_000
    assert [problem.code for problem in made["张玮"].problems] == ["proof.no_code"]  # the number is the other one's now
    (folder / file.name).write_bytes(file.content)
    (folder / "张伟户口本.jpg").write_bytes(scan(2400, 1600))
    (folder / f"{NUMBER}-2025-XX.jpg").write_bytes(b"%PDF-1.7")
    wrong = {name: [problem.code for problem in problems] for name, problems in check_folder(folder)}
    assert wrong == {
        file.name: [],
        "张伟户口本.jpg": ["proof.name", "proof.too_large"],
        f"{NUMBER}-2025-XX.jpg": ["proof.not_jpeg"],
    }


def test_row_3_14_what_keeps_a_picture_from_being_made_is_told() -> None:
    on, page = datetime(2026, 9, 1, tzinfo=UTC), np.zeros((40, 900, 3), np.uint8)
    first = Student("小明", "无号ABC", "二年级", "1", student_number="G420528201801011234")
    file = proof_file(first, "", [page], ProofRule(), on)
    assert (file.name, file.problems) == ("420528201801011234-2025-XX.jpg", ())
    bare = proof_file(Student("小红", "无号DEF"), "", [], ProofRule(), on)
    assert [problem.code for problem in bare.problems] == ["proof.no_code", "proof.no_entry", "proof.no_picture"]
    noisy = np.random.default_rng(3).integers(0, 255, (4000, 900, 3), np.uint8)
    assert [one.code for one in proof_file(first, "", [noisy], ProofRule(), on).problems] == ["proof.too_much"]


def test_row_2_7_and_3_2_who_loses_a_number_gets_a_key_that_nobody_of_another_school_has(tmp_path: Path) -> None:
    green, red = {"school": "青山中学", "school_code": "1"}, {"school": "红旗中学", "school_code": "2"}
    keeper = Student("张伟", NUMBER, "高一", "1", **green)
    without = Student("张玮", surrogate("张玮", "男", "20080101"), "高一", "1", sex="男", birth_text="20080101", **green)
    with Store.open(tmp_path / "data") as store:
        store.roster.replace_or_update([keeper, without, Student("李四", student(2).id_number, "高一", "1", **red)])
        cases, rosters = Cases(store), Rosters(store)
        with pytest.raises(KioskError, match=r"case\.school.*张玮"):
            cases.open_shared(NUMBER, [Named("张伟"), Named("张玮")], "两校同号", by=BY)
        case = cases.open_shared(NUMBER, [Named("张伟"), Named("张玮", school="2")], "两校同号", by=BY)
        cases.move(case, CaseState.SUBMITTED, reason="材料齐", by=BY)
        cases.move(case, CaseState.ACCEPTED, reason="张伟保留号码", by=CHIEF, keeps="张伟")
        listed = tmp_path / "红旗.xlsx"
        with xlsxwriter.Workbook(listed) as book:
            page = book.add_worksheet()
            page.write_row(0, 0, ("姓名", "身份证号", "年级", "班级", "学校", "学校标识码"))
            page.write_row(1, 0, ("张玮", NUMBER, "高一", "1", "红旗中学", "2"))
        rosters.take(listed, mode=ImportMode.ADD)
        found = {(one.name, one.school): one.id_number for one in rosters.students()}
        assert found["张伟", "青山中学"] == NUMBER
        assert found["张玮", "青山中学"] == without.id_number
        assert found["张玮", "红旗中学"] == store.cases.key_of(NUMBER, "张玮") != without.id_number
        (known,) = cases.all()
        assert (known.is_of("1"), known.is_of("2"), known.is_of("3")) == (True, True, False)


def test_row_3_2_a_number_never_goes_on_with_another_than_whom_it_was_captured_of(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data") as store:
        captured = replace(student(1), name="张玮")
        store.roster.replace_or_update([captured])
        store.captures.finish(begin_in(store, captured).id, AT)
        cases = Cases(store)
        case = cases.open_shared(NUMBER, [Named("张伟"), Named("张玮")], "两人同号", by=BY)
        cases.move(case, CaseState.SUBMITTED, reason="材料齐", by=BY)
        with pytest.raises(KioskError, match=r"case\.captured"):
            cases.move(case, CaseState.ACCEPTED, reason="张伟保留号码", by=CHIEF, keeps="张伟")
        cases.move(case, CaseState.ACCEPTED, reason="张玮保留号码", by=CHIEF, keeps="张玮")


def test_row_3_8_a_case_about_somebody_of_the_roster_knows_them(decided: Store) -> None:
    cases = Cases(decided)
    other = next(one for one in decided.roster.students() if one.name == "张玮")
    number = cases.open(CaseKind.NO_NUMBER, [other], "正在补办", by=BY)
    assert [one.number for one in cases.of_student(other.id_number)] == [number, number - 1]
    with pytest.raises(KioskError, match=r"case\.no_papers"):
        cases.pictures(number, ProofRule(), by=BY)
