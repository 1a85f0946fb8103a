"""Terms, and what two people delete: data, exports and papers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.config import RetentionSettings, Settings, TermSettings
from kiosk.errors import KioskError
from kiosk.exchange.fields import FIELDS
from kiosk.office import Office
from kiosk.office.verifying import Tone
from kiosk.records import BODILY, Biometric, BiometricKind, ClassKey, FileState, Part, Person, Step, StepResult, Verdict
from kiosk.store import Store
from tests.exchange.photographs import jpeg, png
from tests.staff import PIN, operator_of
from tests.store.conftest import AT, begin_in, student

ASKING, DECIDING = Person("采集员", "a1"), Person("王主任", "b2")
CLASS = ClassKey("", "高一", "5")
PICTURES = (BiometricKind.PORTRAIT, BiometricKind.LIVE_FACE, BiometricKind.RIGHT_THUMB, BiometricKind.LEFT_THUMB)
TODAY = AT.astimezone().date()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three students on the roster, two of them captured."""
    with Store.open(tmp_path / "data", clock=lambda: AT) as opened:
        opened.roster.replace_or_update([student(number) for number in (1, 2, 3)])
        for number in (1, 2):
            record = begin_in(opened, student(number))
            pictures = [Biometric(kind, png() if "thumb" in kind else jpeg()) for kind in PICTURES]
            opened.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), pictures)
            opened.captures.finish(record.id, AT)
        yield opened


def office_of(store: Store, folder: Path, **terms: TermSettings) -> Office:
    return Office(store, folder / "export", Settings(retention=RetentionSettings(**terms)))


def test_a_term_begins_with_the_export_and_the_identity_outlasts_the_rest(store: Store, tmp_path: Path) -> None:
    office = office_of(store, tmp_path, raw=TermSettings(days=30), identity=TermSettings(days=10))
    assert {part: one.due for part, one in office.retention.plan()[0].parts.items()} == dict.fromkeys(Part, 0)
    assert office.retention.plan()[0].parts[Part.RAW].next_on is None
    office.files.export("qinghai-xuekao", actor="王主任")
    raw = office.retention.plan()[0].parts[Part.RAW]
    assert (raw.pieces, raw.due, raw.next_on) == (2, 0, TODAY + timedelta(days=30))
    later = TODAY + timedelta(days=31)
    assert office.retention.plan(later)[0].parts[Part.RAW].due == 2
    assert office.retention.plan(later)[0].parts[Part.IDENTITY].due == 0  # the pictures stay for a year
    assert office.retention.plan(TODAY + timedelta(days=366))[0].parts[Part.IDENTITY].due == 2
    assert set(office.retention.due([CLASS], [Part.RAW], later)) == {student(1).id_number, student(2).id_number}


def test_a_receipt_or_a_day_begins_it_too(store: Store, tmp_path: Path) -> None:
    begun = {"raw": TermSettings(days=0, start="receipt"), "pictures": TermSettings(days=5, start=date(2026, 8, 1))}
    office = office_of(store, tmp_path, **begun)
    assert office.retention.plan()[0].parts[Part.PICTURES].due == 6
    assert office.retention.plan()[0].parts[Part.RAW].due == 0
    with pytest.raises(KioskError, match=r"retention\.future"):
        office.retention.note_receipt(TODAY + timedelta(days=1), CLASS, note="", by=ASKING)
    office.retention.note_receipt(TODAY, ClassKey("", "高一", "6"), note="", by=ASKING)
    assert office.retention.plan()[0].parts[Part.RAW].due == 0
    office.retention.note_receipt(TODAY, CLASS, note="青考函〔2026〕8号", by=ASKING)
    assert office.retention.plan()[0].parts[Part.RAW].due == 2


def test_a_term_that_would_end_after_the_last_day_of_the_calendar_is_not_over(store: Store, tmp_path: Path) -> None:
    office = office_of(store, tmp_path, raw=TermSettings(days=30, start=date.max))
    raw = office.retention.plan()[0].parts[Part.RAW]
    assert (raw.due, raw.next_on) == (0, date.max)


def test_what_is_due_goes_with_a_list_that_names_nobody_and_exports_say_so(store: Store, tmp_path: Path) -> None:
    office = office_of(store, tmp_path, raw=TermSettings(days=0), pictures=TermSettings(days=0))
    office.files.export("qinghai-xuekao", actor="王主任")
    parts = [Part.RAW, Part.PICTURES]
    done, path = office.retention.delete_due([CLASS], parts, asked_by=ASKING, decided_by=DECIDING, reason="考生1期满")
    assert (done.students, done.pieces, done.cleaned) == (2, 8, True)
    text = path.read_text(encoding="utf-8")
    for number in (1, 2):
        assert student(number).name not in text
        assert student(number).id_number not in text
    assert json.loads(text)["deletions"][0]["decided_by"]["name"] == "王主任"
    assert office.verifying.verify(path.parent).tone is not Tone.BAD  # signed; nobody certified this station
    path.write_text(text.replace("王主任", "别人"), encoding="utf-8")
    assert office.verifying.verify(path.parent).tone is Tone.BAD
    entries = list(office.files.report("qinghai-xuekao"))
    codes = {problem.code for entry in entries for problem in entry.problems}
    assert "report.erased" in codes
    assert not codes & {"report.no_portrait", "report.no_right_thumb"}
    on = f"{TODAY:%Y-%m-%d}"
    assert f"现场原图、照片与指纹图像已于{on}删除（保存期限届满，王主任）" in str(FIELDS["remarks"](entries[0].row))


def test_files_that_the_station_wrote_are_found_under_another_name_and_deleted(store: Store, tmp_path: Path) -> None:
    office = office_of(store, tmp_path)
    done = office.files.export("qinghai-xuekao", actor="王主任")
    forms = office.papers("qinghai-xuekao").forms(tmp_path / "export" / "打印", title="登记表", actor="采集员")
    gone = office.files.export("cmis-5", actor="王主任")
    done.folder.rename(tmp_path / "export" / "已上报")
    (gone.folder / "manifest.json").write_text("{}", encoding="utf-8")
    found = {(file.kind, file.people): (state, where) for file, state, where in office.retention.files()}
    assert found["export", 2] == (FileState.MOVED, tmp_path / "export" / "已上报")
    assert found["forms", 2] == (FileState.THERE, forms[0])
    assert found["export", 3][0] is FileState.CHANGED
    numbers = {file.number for file, _, _ in office.retention.files()}
    with pytest.raises(KioskError, match=r"retention\.same_person"):
        office.retention.delete_files(numbers, asked_by=ASKING, decided_by=ASKING)
    count, left = office.retention.delete_files(numbers, asked_by=ASKING, decided_by=DECIDING)
    assert (count, [Path(file.path) for file in left]) == (2, [gone.folder])
    assert not (tmp_path / "export" / "已上报").exists()
    assert not forms[0].exists()
    assert {state for _, state, _ in office.retention.files()} == {FileState.DELETED, FileState.CHANGED}


def test_a_consent_that_is_taken_back_takes_the_body_and_leaves_the_fact(store: Store, tmp_path: Path) -> None:
    office = office_of(store, tmp_path)
    number = student(1).id_number
    taken = office.retention.withdraw(number, asked_by=ASKING, decided_by=DECIDING, reason="监护人撤回")
    assert taken is not None
    record = store.captures.latest_complete(number)
    assert record is not None
    assert store.captures.kinds(record.id) == frozenset()
    assert office.retention.faces() == 1
    assert {one.part for one in office.retention.of_record(record.id)} <= BODILY
    assert office.consents.of(record.student).said_no
    assert office.retention.withdraw(number, asked_by=ASKING, decided_by=DECIDING, reason="再次") is None


def test_the_command_asks_both_people_for_their_pins(store: Store, tmp_path: Path) -> None:
    operator_of(store.accounts)
    config = tmp_path / "config.toml"
    config.write_text("[retention]\nraw = { days = 0, start = 2026-09-01 }\n", encoding="utf-8")

    def run(*arguments: str, pins: str = "") -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--config", str(config), "retention", *arguments], input=pins)
        return done.exit_code, done.output

    code, told = run("show")
    assert (code, "现场原图：2 件，到期 2 件" in told) == (0, True)
    order = ("delete", "--asked-by", "采集员", "--by", "考务管理员", "--class", "高一/5", "--part", "raw", "--reason", "期满")
    assert run(*order, pins=f"{PIN}\n000000\n")[0] == 2
    assert run("delete", "--asked-by", "考务管理员", "--by", "采集员", "--reason", "期满", pins=f"{PIN}\n{PIN}\n")[0] == 2
    code, told = run(*order, pins=f"{PIN}\n{PIN}\n")
    assert (code, "已删除 2 名考生的 2 件数据" in told) == (0, True)
    assert store.retention.deletions()[0].decided_by.name == "考务管理员"


def test_the_year_s_report_counts_looks_decisions_and_deletions_by_person(store: Store, tmp_path: Path) -> None:
    office = office_of(store, tmp_path, raw=TermSettings(days=0, start=date(2026, 1, 1)))
    for number in (1, 2):
        record = store.captures.latest_complete(student(number).id_number)
        assert record is not None
        office.looks.record(record.id, by="李主任")
    store.progress.report_absent(student(3), reason="生病", by="王主任", at=AT)
    office.retention.delete_due([CLASS], [Part.RAW], asked_by=ASKING, decided_by=DECIDING, reason="期满")
    out = tmp_path / "年报.xlsx"
    office.trail.write_year(2026, out, by="审计员")
    sheets = {page.title: list(page.iter_rows(min_row=2, values_only=True)) for page in openpyxl.load_workbook(out).worksheets}
    assert ("李主任", "查看记录", 2, 2) in sheets["查看"]
    assert ("王主任", "登记缺席", 1, 1) in sheets["操作与决定"]
    assert [row[1:] for row in sheets["删除"]] == [("保存期限届满", 2, 2, "现场原图", "采集员", "王主任")]
    assert ("操作日志", "完整") in sheets["概况"]
    assert ("本年采集", "2") in sheets["概况"]
    office.trail.write_year(2025, out, by="审计员")
    assert list(openpyxl.load_workbook(out)["查看"].iter_rows(min_row=2)) == []
