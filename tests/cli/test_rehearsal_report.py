"""The table that a rehearsal ends with."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from kiosk.cli.rehearsal_report import report, run_report
from kiosk.photo_rehearsal import Plan, Turn
from kiosk.records import ChildState, FingerPosition, Step, StepResult, Verdict
from kiosk.rehearsal import Passage
from kiosk.simulation import Intent, SimulatedPerson
from tests.store.conftest import AT, student


@pytest.mark.parametrize(("wanted", "title"), [(None, "右拇指"), (FingerPosition.RIGHT_INDEX, "右手食指")])
def test_the_fingers_are_those_that_the_settings_begin_with(wanted: FingerPosition | None, title: str) -> None:
    pressed = StepResult(Step.RIGHT_THUMB, Verdict.PASS, AT, position=wanted or FingerPosition.RIGHT_THUMB, wanted=wanted)
    person = SimulatedPerson(1, student(1), Intent.GENUINE, bytes)
    console = Console(width=120, file=io.StringIO())
    console.print(report([Passage(person, None, Verdict.PASS, (pressed,), 3.0, as_intended=True)], "zh-CN"))
    table = console.file.getvalue()  # type: ignore[attr-defined]
    assert title in table
    assert ("右拇指" in table, "右手拇指" in table) == (wanted is None, wanted is None)


def test_row_3_13_of_a_photo_run_the_table_says_how_long_a_child_takes_and_what_was_not_as_planned() -> None:
    planned = Turn(student(1), Plan.SHOT, ChildState.SHOT, 2.61, 0.12, as_planned=True)
    turns = [planned, Turn(student(2), Plan.ABSENT, ChildState.ABSENT, 0.0, 0.0, as_planned=True)]
    wrong = Turn(student(3), Plan.WRONG_CHILD, ChildState.SHOT, 2.4, 0.31, as_planned=False)
    for told, of_all in ((turns, "不符合预期 0 次"), ([*turns, wrong], "不符合预期 1 次")):
        console = Console(width=160, file=io.StringIO())
        console.print(run_report(told, "zh-CN"))
        table = console.file.getvalue()  # type: ignore[attr-defined]
        assert of_all in table
        assert "不在" in table
    assert ("前一名又坐下" in table, "中位 2.50 秒" in table, "未达到" in table) == (True, True, True)
