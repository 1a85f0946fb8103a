"""The table that a rehearsal ends with."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from kiosk.cli.rehearsal_report import report
from kiosk.records import FingerPosition, Step, StepResult, Verdict
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
