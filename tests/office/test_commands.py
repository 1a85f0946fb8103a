"""The office's commands, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from kiosk.cli import main
from kiosk.exchange.profile import read_profile
from kiosk.records import Role, Step, StepResult, Verdict
from kiosk.store import Store
from tests.exchange.photographs import jpeg
from tests.exchange.test_teacher_file import HEADER, teacher
from tests.staff import PIN
from tests.store.conftest import AT, begin_in, student

Kiosk = Callable[..., Result]
PLAIN = """
title = "名单"
[[column]]
header = "姓名"
field = "name"
[[column]]
header = "学校"
field = "school"
required = true
"""


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    config = tmp_path / "config.toml"
    config.write_text('[station]\nschool = "西宁市某中学"\n', encoding="utf-8")

    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(main, ["--config", str(config), *arguments], catch_exceptions=False, **options)

    return run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(tmp_path / "data")) as opened:
        opened.roster.replace_or_update([replace(student(number), exam_number=f"26{number}") for number in (1, 2)])
        record = begin_in(opened, student(1))
        opened.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT))
        opened.captures.finish(record.id, AT)
        yield opened


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "花名册.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("名单")
        for line, row in enumerate([["姓名", "身份证号", "行政班"], ["张三", student(1).id_number, "5"], ["李四", "123", "5"]]):
            sheet.write_row(line, 0, row)
    return path


def test_a_roster_is_previewed_marked_up_and_taken(kiosk: Kiosk, roster: Path, tmp_path: Path) -> None:
    seen = kiosk(
        "import-roster", str(roster), "--preview", "--column", "行政班=class_name", "--marked-up", str(tmp_path / "m.xlsx")
    )
    assert seen.exit_code == 1
    for told in ("身份证号应为 18 位", "读取 2 行：接受 1，拒绝 1；新增 1", "仅为预览", "班级"):
        assert told in seen.output
    assert openpyxl.load_workbook(tmp_path / "m.xlsx")["名单"]["B3"].comment is not None
    with Store.open(tmp_path / "data") as store:
        assert store.roster.count() == 0
    assert kiosk("import-roster", str(roster)).exit_code == 1
    with Store.open(tmp_path / "data") as store:
        assert store.roster.students()[0].name == "张三"


def test_a_day_s_report_is_of_a_class_and_a_person_that_there_were(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    out = tmp_path / "当日.pdf"
    for wrong, told in (
        (("--class", "高一5班"), "高一/5"),  # and not a signed paper of a class with nobody in it
        (("--class", "高一/6"), "高一/5"),
        (("--school", "别的学校"), "别的学校"),
        (("--operator", "采集"), "在岗的有：采集员"),
        (("--date", "0001-01-01"), "日期不对"),
        (("--date", "9999-12-31"), "日期不对"),
        (("--date", "2026-09-02", "--to", "2026-09-01"), "日期不对"),
    ):
        refused = kiosk("day", "--date", "2026-09-01", *wrong, "--out", str(out))
        assert (refused.exit_code, told in refused.output) == (2, True), wrong
    assert not out.exists()
    done = kiosk("day", "--date", "2026-09-01", "--class", "高一/5", "--operator", "采集员", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"%PDF")


def test_the_report_says_what_is_missing_and_the_export_leaves_it_out(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    report = kiosk("report")
    assert report.exit_code == 1
    assert "没有考生照片，请补采" in report.output
    assert student(1).id_number not in report.output
    export = kiosk("export", "--out", str(tmp_path / "out"), "--only-good")
    assert export.exit_code == 1
    assert "有问题的 1 名没有导出" in export.output
    assert "没有可导出的考生" in export.output


@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize("faulty", [0, 1])
@pytest.mark.parametrize("only_good", [False, True])
def test_an_export_says_all_that_is_not_well_and_ends_accordingly(
    kiosk: Kiosk, tmp_path: Path, only_good: bool, faulty: int, missing: int
) -> None:
    (tmp_path / "plain.toml").write_text(PLAIN, encoding="utf-8")
    with Store.open(tmp_path / "data") as store:
        for number in range(1, 3 + missing):
            known = replace(student(number), school="" if number == 2 and faulty else "西宁市某中学")
            store.roster.replace_or_update([known])
            if number < 3:
                record = begin_in(store, known)
                store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT))
                store.captures.finish(record.id, AT)
        profile = read_profile(tmp_path / "plain.toml")
        expected = {
            "没有可导出的考生": False,
            "其中 1 名有问题": bool(faulty and not only_good),
            "有问题的 1 名没有导出": bool(faulty and only_good),
            "花名册中另有 1 名没有采集完成": bool(missing),
        }
        with pytest.MonkeyPatch.context() as patched:
            for place in ("kiosk.office.files.load_profile", "kiosk.cli.files.load_profile"):
                patched.setattr(place, lambda _: profile)
            done = kiosk("export", "--out", str(tmp_path / "out"), *(["--only-good"] if only_good else []))
            report = kiosk("report")
    assert {words: words in done.output for words in expected} == expected
    assert done.exit_code == int(any(expected.values()))
    assert report.exit_code == int(bool(faulty or missing))


def test_an_export_of_nobody_is_not_well(kiosk: Kiosk, tmp_path: Path) -> None:
    done = kiosk("export", "--out", str(tmp_path / "out"))
    assert (done.exit_code, "没有可导出的考生" in done.output) == (1, True)
    assert kiosk("report").exit_code == 1
    assert kiosk("report", "--profile", "zhengzhou-qimo-teachers").exit_code == 2


def test_a_simulated_export_can_not_be_taken_for_a_real_one(kiosk: Kiosk, tmp_path: Path) -> None:
    with Store.open(tmp_path / "data" / "simulated") as store:
        store.roster.replace_or_update([replace(student(1), exam_number="261", stream="文科")])
        record = begin_in(store, student(1))
        store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT))
        store.captures.finish(record.id, AT)
    out = tmp_path / "out"
    for password in ("", "long enough"):
        asked = ["--lock"] if password else []
        kiosk("export", "--simulate", "--out", str(out), *asked, input=f"{password}\n{password}\n")
    assert {path.name for path in out.iterdir()} == {"模拟"}
    made = list((out / "模拟").iterdir())
    assert len(made) == 2
    assert all(path.name.startswith("模拟-") for path in made)
    (plain,) = (path for path in made if path.is_dir())
    assert json.loads((plain / "manifest.json").read_text("utf-8"))["simulated"]
    (sheet,) = plain.glob("*.xlsx")
    page = openpyxl.load_workbook(sheet).worksheets[0]
    assert (sheet.name[:3], page.title[:3], page["A1"].value) == ("模拟-", "模拟-", "模拟数据，不可用于报名")
    kiosk("forms", "--simulate", "--out", str(out / "forms"))
    kiosk("class-list", "--simulate", "--out", str(out / "list.pdf"))
    kiosk("exam", "add", "--simulate", "--title", "期末考试", "--session", "语文,2027-06-07 09:00,2027-06-07 11:30")
    kiosk("exam", "make", "--simulate", "1")
    kiosk("exam", "print", "--simulate", "1", "--out", str(out / "exam"))
    kiosk("progress", "--simulate", "--xlsx", str(out / "progress.xlsx"), "--pdf", str(out / "progress.pdf"))
    papers = [path for path in out.rglob("*") if path.suffix in (".pdf", ".xlsx")]
    assert len(papers) == 10
    assert all(path.name.startswith("模拟-") for path in papers)


def test_a_locked_export_asks_for_its_password(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    done = kiosk("export", "--out", str(tmp_path / "out"), "--lock", input="long enough\nlong enough\n")
    assert done.exit_code == 1  # a student without a photo, another not captured
    assert "long enough" not in done.output
    (package,) = (tmp_path / "out").iterdir()
    assert (package.suffix, package.name[:16]) == (".age", "qinghai-xuekao-2")


def test_a_certified_station_seals_to_its_office_which_says_who_wrote_it(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    """The office's machine has another store, and only its key file."""
    key, asked, issued, out = (str(tmp_path / name) for name in ("office.key", "asked.json", "issued.json", "out"))
    public = made(kiosk, key)
    assert "学校名称" in kiosk("certificate", "request", "--out", asked).output
    kiosk("school", "--set", "name=第一高级中学", "--set", "code=3663000001", "--by", "校长")
    assert (done := kiosk("certificate", "request", "--out", asked)).exit_code == 0, done.output
    certified = kiosk("office-key", "certify", "--key", key, asked, "--until", "2099-01-01 00:00", "--out", issued).output
    assert "第一高级中学（3663000001）" in certified
    assert kiosk("export", "--out", out, "--profile", "cmis-5", "--to", "office").exit_code == 2  # no certificate yet
    assert kiosk("certificate", "take", issued, "--by", "考务").exit_code == 2  # of an office that nobody has entered
    assert kiosk("certificate", "take", issued, "--office-key", public, "--by", "考务").exit_code == 0
    assert "证书有效" in kiosk("certificate", "show").output
    kiosk("export", "--out", out, "--profile", "cmis-5", "--to", "office")
    (package,) = Path(out).iterdir()
    here = kiosk("verify", str(package), "--key", key)
    assert (here.exit_code, "证书有效" in here.output, "本站操作日志仍有" in here.output) == (0, True, True)
    office = ("verify", "--simulate", str(package), "--key", key)
    assert (kiosk(*office).exit_code, "不认识的机关" in kiosk(*office).output) == (1, True)
    assert kiosk(*office, "--office-key", public).exit_code == 0
    assert kiosk(*office[:-2], input="guessed it\n").exit_code == 2
    serial = json.loads(Path(issued).read_text("utf-8"))["serial"]
    listed = str(tmp_path / "revoked.json")
    kiosk("office-key", "revoke", "--key", key, serial, "--reason", "电脑被盗", "--list", listed)
    kiosk("certificate", "revocations", listed, "--by", "考务")
    revoked = kiosk("verify", str(package), "--key", key)
    assert (revoked.exit_code, "电脑被盗" in revoked.output) == (1, True)
    opening = ("package", "open", str(package), "--out", str(tmp_path / "opened"))
    assert kiosk(*opening, "--key", key).exit_code == 0
    (opened,) = (tmp_path / "opened").iterdir()
    assert [path.name for path in opened.glob("*.xlsx")] == ["学籍五项信息.xlsx"]


def test_profiles_and_progress_are_listed(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    assert "zhengzhou-qimo-teachers" in kiosk("profiles").output
    progress = kiosk("progress", "--xlsx", str(tmp_path / "p.xlsx"), "--pdf", str(tmp_path / "p.pdf"))
    assert "高一（5）班" in progress.output
    assert (tmp_path / "p.xlsx").exists()
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")


def test_papers_are_printed(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    assert kiosk("forms", "--out", str(tmp_path / "forms")).exit_code == 0
    assert kiosk("class-list", "--out", str(tmp_path / "list.pdf")).exit_code == 0
    assert kiosk("exam", "add", "--title", "期末考试", "--session", "语文").exit_code == 2
    told = kiosk("exam", "add", "--title", "期末", "--site", "一中", "--session", "语文,2027-06-07 09:00,2027-06-07 11:30")
    assert "语文" in told.output
    assert "2 名考生" in kiosk("exam", "make", "1", "--preview").output
    assert kiosk("exam", "print", "1", "--out", str(tmp_path / "exam")).exit_code == 2  # no seats yet
    assert kiosk("exam", "make", "1").exit_code == 0
    assert kiosk("exam", "print", "1", "--out", str(tmp_path / "exam")).exit_code == 0
    assert kiosk("exam", "print", "1", "--out", str(tmp_path / "no"), "--school", "无此校").exit_code == 2
    assert "现在 0 名考生有座位" in kiosk("exam", "undo", "1").output
    assert len(list(tmp_path.rglob("*.pdf"))) == 7


def test_row_0_13_the_platform_s_seats_are_taken_on_the_command_line(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "考场.csv"
    one = student(1)
    file.write_text(f"姓名,身份证号,考号,考场,座位号\n{one.name},{one.id_number},777,1,x\n", encoding="utf-8")
    kiosk("exam", "add", "--title", "期末")
    wrong = kiosk("exam", "seats", "1", str(file))
    assert wrong.exit_code == 1
    assert "座位号应为正整数" in wrong.output
    file.write_text(f"姓名,身份证号,考号,考场,座位号\n{one.name},{one.id_number},777,1,5\n", encoding="utf-8")
    assert "可导入 1 人" in kiosk("exam", "seats", "1", str(file), "--preview").output
    assert store.exams.seatings(1) == []
    assert kiosk("exam", "seats", "1", str(file)).exit_code == 0
    assert [(seat.exam_number, seat.room, seat.seat) for seat in store.exams.seatings(1)] == [("777", "1", 5)]
    assert kiosk("exam", "withdraw", "1", "--reason", "取消", "--by", "考务").exit_code == 0
    assert "还没有考试" in kiosk("exam", "list").output


def made(kiosk: Kiosk, key: str) -> str:
    """The public key of an office that makes its own."""
    return kiosk("office-key", "make", key).output.splitlines()[0].partition("：")[2]


def test_row_3_2_and_3_19_cases_are_decided_and_papers_taken_and_printed_by_command(
    kiosk: Kiosk, store: Store, tmp_path: Path
) -> None:
    store.accounts.issue("考务办", Role.OFFICER, PIN, by=None)
    number, by = student(5).id_number, ("--reason", "两人同号", "--by", "王主任")
    called = kiosk("contacts", "--add", "指纹仪", "厂家", "陈工", "13700000000", "--by", "王主任")
    assert (called.exit_code, "陈工" in called.output) == (0, True)
    assert "采集员、技术保障" in kiosk("contacts", "--duty", "2026-11-01", "门卫", "王", "--by", "王主任").output
    opened = kiosk("cases", "share", number, "--person", "张伟", "--person", "张玮/男/20080105", *by)
    assert (opened.exit_code, "第 1 号" in opened.output) == (0, True)
    (tmp_path / "a.jpg").write_bytes(jpeg())
    assert kiosk("cases", "attach", "1", str(tmp_path / "a.jpg"), "--title", "户口本", "--by", "王主任").exit_code == 0
    moved = kiosk("cases", "move", "1", "submitted", *by)
    assert moved.exit_code == 0, moved.output
    decided = ("cases", "move", "1", "accepted", "--keeps", "张伟", "--reason", "材料齐", "--by", "考务办")
    assert kiosk(*decided, input="000000\n").exit_code == 2
    assert kiosk(*decided, input=f"{PIN}\n").exit_code == 0
    listed = kiosk("cases", "list", "--state", "accepted").output
    assert ("张伟" in listed, number in listed) == (True, False)
    made = kiosk("cases", "pictures", "1", "--out", str(tmp_path / "proof"), "--year", "2025", "--level", "GZ")
    assert (made.exit_code, [path.name for path in (tmp_path / "proof").iterdir()]) == (1, [f"{number}-2025-GZ.jpg"])
    with xlsxwriter.Workbook(tmp_path / "list.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ("姓名", "身份证号", "户口本复印件", "盒号", "出生证明"))
        page.write_row(1, 0, (student(1).name, student(1).id_number, "√", "A-01", "√"))
    papers = ("--paper", "boxes", "--out", str(tmp_path / "papers"))
    told = kiosk("materials", "--list", str(tmp_path / "list.xlsx"), "--by", "王主任", *papers)
    assert (told.exit_code, "新登记 1 份" in told.output, "存档清单.pdf" in told.output) == (0, True, True)
    assert "“出生证明”未使用（1 个单元格）" in told.output  # not one of the papers that are asked for


def test_the_districts_code_unlocks_the_school(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    key = str(tmp_path / "office.key")
    public = made(kiosk, key)
    assert made(kiosk, key) == public  # never overwritten
    assert (
        kiosk(
            "deadline", "set", "2020-01-01 18:00", "--school", "S1", "--office-key", public, "--by", "负责人", "--yes"
        ).exit_code
        == 0
    )
    locked = kiosk("correct", student(1).id_number, "class_name", "6", "--reason", "转班", "--by", "负责人")
    assert locked.exit_code == 2
    assert "2020-01-01 18:00" in locked.output
    tomorrow = f"{datetime.now() + timedelta(days=1):%Y-%m-%d %H:%M}"
    code = kiosk("authorise", "--key", key, "--school", "S1", "--until", tomorrow).output.strip()
    assert tomorrow in kiosk("deadline", "unlock", code, "--by", "负责人").output
    assert kiosk("correct", student(1).id_number, "class_name", "6", "--reason", "转班", "--by", "负责人").exit_code == 0
    assert kiosk("sign", student(1).id_number, "--by", "采集员").exit_code == 0
    assert kiosk("correct", student(1).id_number, "class_name", "7", "--reason", "转班", "--by", "负责人").exit_code == 2
    assert kiosk("deadline", "set", "2020-01-01 18:00", "--school", "S1", "--office-key", "zz", "--by", "x").exit_code == 2


def test_windows_are_set_and_a_student_let_in(kiosk: Kiosk, store: Store) -> None:
    times = ("--opens", "2020-01-01 08:00", "--closes", "2020-01-01 18:00")
    added = kiosk("window", "add", "--grade", "高一", *times, "--by", "负责人", "--yes")
    assert "1. 正式采集　高一　2020-01-01 08:00 至 2020-01-01 18:00" in added.output
    until = ("--until", "2099-01-01 00:00")
    assert kiosk("window", "admit", student(2).id_number, "--reason", "住院", *until, "--by", "负责人").exit_code == 0
    assert kiosk("window", "admit", "nobody", "--reason", "住院", *until, "--by", "负责人").exit_code == 2
    store.rounds.require_open(student(2), datetime.now().astimezone())
    assert kiosk("window", "withdraw", "1", "--reason", "改期", "--by", "负责人").exit_code == 0
    assert kiosk("window", "list").output == ""
    assert kiosk("window", "add", "--opens", "tomorrow", "--closes", "2020-01-01 18:00", "--by", "x").exit_code == 2
    assert kiosk("absent", student(2).id_number, "--reason", "住院", "--by", "班主任").exit_code == 0


def test_twins_are_declared_listed_with_masked_numbers_and_taken_back(kiosk: Kiosk, store: Store) -> None:
    numbers = [student(number).id_number for number in (1, 2)]
    declared = kiosk("lookalikes", "declare", *numbers, "--reason", "双胞胎", "--by", "王主任")
    assert declared.exit_code == 0
    assert "双胞胎" in declared.output
    assert store.lookalikes.of(numbers[0]) == set(numbers)
    listed = kiosk("lookalikes", "list").output
    assert "王主任" in listed
    assert not any(number in listed for number in numbers)
    assert kiosk("lookalikes", "withdraw", "1", "--reason", "点错", "--by", "王主任").exit_code == 0
    assert store.lookalikes.of(numbers[0]) == {numbers[0]}


def test_only_students_of_the_roster_are_declared_twins(kiosk: Kiosk, store: Store) -> None:
    stranger = student(9).id_number
    assert kiosk("lookalikes", "declare", student(1).id_number, stranger, "--reason", "双胞胎", "--by", "王主任").exit_code == 2
    assert store.lookalikes.declarations() == []


def test_a_deadline_is_read_out_before_it_is_set_and_can_be_taken_back(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    key = str(tmp_path / "office.key")
    public = made(kiosk, key)
    asked = ("deadline", "set", "2020-01-01 18:00", "--school", "S1", "--office-key", public, "--by", "负责人")
    refused = kiosk(*asked, input="n\n")
    for told in ("2020年1月1日星期三 18:00", "年前", "学校标识码：S1", "还有 1 名考生未采集", "已经过去", "没有做任何事"):
        assert told in refused.output
    assert store.deadline.state().deadline is None
    assert kiosk(*asked).exit_code == 1  # nobody there to answer
    assert kiosk(*asked, input="y\n").exit_code == 0
    assert store.deadline.state().deadline is not None
    assert "已撤销" in kiosk("deadline", "withdraw", "--reason", "日期打错", "--by", "负责人").output
    assert store.deadline.state().deadline is None
    assert kiosk("deadline", "withdraw", "--reason", "再撤", "--by", "负责人").exit_code == 2


def test_what_the_office_has_signed_stands(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    key = str(tmp_path / "office.key")
    public = made(kiosk, key)
    set_it = ("deadline", "set", "2099-01-01 18:00", "--school", "S1", "--office-key", public, "--by", "负责人", "--yes")
    assert kiosk(*set_it).exit_code == 0
    assert kiosk("authorise", "--key", key, "--school", "S1").exit_code == 2
    other = kiosk("authorise", "--key", key, "--school", "S1", "--deadline", "2098-01-01 18:00").output.strip()
    code = kiosk("authorise", "--key", key, "--school", "S1", "--deadline", "2099-01-01 18:00").output.strip()
    unlocking = kiosk("authorise", "--key", key, "--school", "S1", "--until", "2099-01-01 18:00").output.strip()
    for wrong in (other, unlocking):
        assert kiosk("deadline", "sign", wrong, "--by", "负责人").exit_code == 2
    assert "2099-01-01 18:00" in kiosk("deadline", "sign", code, "--by", "负责人").output
    assert kiosk("deadline", "withdraw", "--reason", "反悔", "--by", "负责人").exit_code == 2
    assert store.deadline.state().signed_at is not None


def test_a_window_for_a_mistyped_class_names_the_near_ones_and_a_good_one_is_read_out(kiosk: Kiosk, store: Store) -> None:
    times = ("--opens", "2099-01-01 08:00", "--closes", "2099-01-01 18:00", "--by", "负责人")
    mistyped = kiosk("window", "add", "--grade", "高一", "--class", "55", *times)
    assert mistyped.exit_code == 2
    assert "没有“高一 55”" in mistyped.output
    assert "高一 5" in mistyped.output
    read_out = kiosk("window", "add", "--grade", "高一", "--class", "5", *times, input="n\n").output
    for told in ("高一5，2 名考生", "2099年1月1日星期四 08:00", "一年以后"):
        assert told in read_out
    assert store.rounds.windows() == []
    assert kiosk("window", "add", "--round", "正式\n采集", *times, "--yes").exit_code == 2
    assert kiosk("window", "add", "--opens", "0001-01-01 00:00", "--closes", "2020-01-01 18:00", "--by", "x").exit_code == 2


def test_whoever_answers_for_the_clock_is_named(kiosk: Kiosk, store: Store) -> None:
    assert kiosk("confirm-clock", "--reason", "换了电池", "--by", "负责人").exit_code == 0
    assert [(entry.actor, entry.detail["reason"]) for entry in store.audit.entries() if entry.action == "clock.confirm"] == [
        ("负责人", "换了电池")
    ]


@pytest.fixture
def teachers(tmp_path: Path) -> Callable[..., Path]:
    def write(**changes: object) -> Path:
        path = tmp_path / "教师.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("教师")
            for line, row in enumerate([HEADER, teacher(1, 任教班级="5"), teacher(2, **{"任教班级": "5", **changes})]):
                sheet.write_row(line, 0, row)
        return path

    return write


def test_a_locked_teachers_sheet_opens_with_the_password_only(
    kiosk: Kiosk, store: Store, teachers: Callable[..., Path], tmp_path: Path
) -> None:
    order = ("export", "--profile", "zhengzhou-qimo-teachers", "--teachers", str(teachers()), "--out", str(tmp_path / "out"))
    told = kiosk(*order, "--lock", input="correct horse\ncorrect horse\n")
    assert told.exit_code == 0
    (package,) = (tmp_path / "out").iterdir()
    opening = ("package", "open", str(package), "--out", str(tmp_path / "opened"))
    assert kiosk(*opening, input="another one\n").exit_code == 2
    assert not (tmp_path / "opened").exists() or not list((tmp_path / "opened").iterdir())
    assert kiosk(*opening, input="correct horse\n").exit_code == 0
    assert len(list((tmp_path / "opened").rglob("*.xlsx"))) == 1


def test_a_teachers_sheet_with_a_fault_is_not_exported_in_part(
    kiosk: Kiosk, store: Store, teachers: Callable[..., Path], tmp_path: Path
) -> None:
    faulty = teachers(性别="不知道")
    told = kiosk("export", "--profile", "zhengzhou-qimo-teachers", "--teachers", str(faulty), "--out", str(tmp_path / "out"))
    assert told.exit_code == 1
    assert "没有导出" in told.output
    assert not list((tmp_path / "out").rglob("*.xlsx"))


def test_what_parents_filled_in_goes_out_and_comes_in_by_commands(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    blank = tmp_path / "list.xlsx"
    assert kiosk("particulars", "template", str(blank), "--class", "高一/5").exit_code == 0
    book = openpyxl.load_workbook(blank)
    page = book["学生信息"]
    at = [cell.value for cell in page[1]].index("联系电话*") + 1
    page.cell(2, at).value, page.cell(3, at).value = "13900001111", "12"
    book.save(blank)
    looked = kiosk("particulars", "import", str(blank), "--preview")
    assert (looked.exit_code, "第 3 行" in looked.output, store.particulars.all()) == (1, True, {})
    assert "已导入 1 名学生的信息" in kiosk("particulars", "import", str(blank)).output
    assert store.particulars.of(student(1).id_number) == {"phone": "13900001111"}
    missing = kiosk("particulars", "missing")
    assert (missing.exit_code, "联系电话：1 名学生没有填" in missing.output) == (1, True)
    assert kiosk("particulars", "sheets", str(tmp_path / "sheets")).exit_code == 0
    assert [path.name for path in (tmp_path / "sheets").iterdir()] == ["学生信息核对表-高一（5）班.pdf"]
    assert kiosk("particulars", "undo").exit_code == 0
    assert store.particulars.all() == {}


def test_rows_4_2_to_4_19_the_school_s_lists_on_the_command_line(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    assert "第 1 版" not in kiosk("lists", "show").output
    assert kiosk("lists", "file", "--by", "考务", "--note", "上报").exit_code == 0
    assert "第 1 版" in kiosk("lists", "show").output
    for command, name in (
        ("roster", "花名册.pdf"),
        ("roll-call", "点名.xlsx"),
        ("unseen", "空挂.xlsx"),
    ):
        assert kiosk("lists", command, "--out", str(tmp_path / name)).exit_code == 0, command
        assert (tmp_path / name).exists(), command
    assert kiosk("lists", "public", "--out", str(tmp_path / "x"), "--school", "无此校").exit_code == 2
    file = tmp_path / "结果.csv"
    one = student(2)
    file.write_text(f"姓名,身份证号,点名结果\n{one.name},{one.id_number},蓝\n", encoding="utf-8")
    assert kiosk("lists", "take-roll-call", str(file)).exit_code == 1
    file.write_text(f"姓名,身份证号,点名结果\n{one.name},{one.id_number},不在校\n", encoding="utf-8")
    assert kiosk("lists", "take-roll-call", str(file)).exit_code == 0
    file.write_text(f"姓名,身份证号,验证结果\n{one.name},{one.id_number},不匹配\n", encoding="utf-8")
    assert kiosk("lists", "take-checks", str(file)).exit_code == 0
    assert "未通过（1 人）" in kiosk("lists", "show").output
    kiosk("window", "add", "--opens", "2026-10-28 09:00", "--closes", "2026-10-30 18:00", "--by", "考务", "--yes")
    assert kiosk("slots", "plan", "1", "--yes", "--seconds", "60").exit_code == 0
    assert kiosk("slots", "plan", "1", "--yes", "--day", "8").exit_code == 2
    assert len(store.queue.slots()) == 1  # the other one is captured
    assert kiosk("slots", "print", "--out", str(tmp_path / "notices"), "--place", "报告厅").exit_code == 0
    window = ("--opens", "2026-11-11 08:00", "--closes", "2026-11-22 18:00", "--by", "考务")
    assert kiosk("registration", "set", *window).exit_code == 0
    assert "2026-11-22" in kiosk("registration", "show").output
    assert kiosk("registration", "set", *window, "--grade", "高九").exit_code == 2  # nobody is of it
    assert kiosk("registration", "withdraw", "--reason", "改期", "--by", "考务").exit_code == 0
