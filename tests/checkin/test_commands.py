"""`kiosk package exam`, `kiosk checkin …` at the terminal, from the exam to the deleted package."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import main
from kiosk.office.parcel_look import look_here
from kiosk.office.verifying import Tone
from kiosk.records import Exam, ExamSession, Role, Seating
from kiosk.store import Store
from tests.store.conftest import student

PINS = ("24681357", "97531864")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A station with an exam that is entered now, and two people."""
    now = datetime.now(UTC).replace(microsecond=0)
    with Store.open(tmp_path / "data") as store:
        people = [student(number) for number in (1, 2)]
        store.roster.replace_or_update(people)
        maths = ExamSession("数学", now - timedelta(hours=1), now + timedelta(hours=1), now - timedelta(minutes=30))
        exam = store.exams.add(Exam("期末考试", "第一中学考点", (maths,)), by="考务")
        seats = [Seating(one.id_number, f"2027{place}", "1", place) for place, one in enumerate(people, start=1)]
        store.exams.seat(exam.number, seats, how="made", by="考务")
        officer = store.accounts.issue("考务主任", Role.OFFICER, PINS[0], by=None)
        second = store.accounts.issue("监考甲", Role.SUPERVISOR, f"{PINS[1]}0", by=officer.person)
        store.accounts.change_pin(second.id, f"{PINS[1]}0", PINS[1])
    file = tmp_path / "config.toml"
    file.write_text('[store]\nfolder = "data"\n', encoding="utf-8")
    return file


def run(config: Path, *told: str, entered: str = "", code: int = 0) -> str:
    done: Result = CliRunner().invoke(main, ["--config", str(config), *told], input=entered, env={"COLUMNS": "200"})
    assert done.exit_code == code, done.output
    return done.output


def test_from_the_exam_to_the_deleted_package(config: Path, tmp_path: Path) -> None:
    package, results = tmp_path / "考场包.age", tmp_path / "结果.age"
    assert "2" in run(config, "package", "exam", str(package), "--exam", "1", "--by", "考务")
    with Store.open(tmp_path / "data") as store:
        assert {line.tone for line in look_here(store, package).lines} == {Tone.GOOD}
    run(config, "checkin", "take", str(package), "--door", "东门", "--by", "考务", "--yes")
    assert "期末考试" in run(config, "checkin", "list")
    closed = run(config, "checkin", "close", "--by", "监考甲")
    assert "考生1" in closed
    assert "考生2" in closed
    run(config, "checkin", "results", str(results), "--by", "考务")
    run(config, "checkin", "merge", str(results), "--by", "考务")
    folder = tmp_path / "sheets"
    run(config, "checkin", "sheets", str(folder))
    made = next(folder.iterdir())
    assert {one.suffix for one in made.iterdir()} == {".xlsx", ".pdf", ".json"}
    told = run(config, "verify", str(made))  # whole, and the trail knows it
    assert "全部 2 个文件与写出时一致" in told
    assert "不可信" not in told
    shelved = next((tmp_path / "data" / "checkin").iterdir()).name
    both = ("checkin", "delete", shelved, "--asked-by", "考务主任", "--by", "监考甲", "--reason", "演练结束")
    run(config, *both, entered=f"{PINS[0]}\n{PINS[1]}\n")
    assert list((tmp_path / "data" / "checkin").iterdir()) == []
