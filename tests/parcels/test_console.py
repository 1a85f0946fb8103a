"""What an office's console says of its stations and schools: added up by the database, and the same as one by one."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import openpyxl

from kiosk.exchange.station_list import write_stations
from kiosk.office import District
from kiosk.office.spans import Unit, parts_of
from kiosk.records import Biometric, BiometricKind, Press, ProgressState, RefusalReason, Step, StepResult, Verdict
from tests.exchange.photographs import jpeg
from tests.parcels.conftest import OFFICE, WANG
from tests.parcels.offices import Centre, Site, office, one, stations, two, urls
from tests.postgresql import server
from tests.store.conftest import AT, begin_in, student

__all__ = ["office", "one", "server", "stations", "two", "urls"]  # fixtures

DAY = timedelta(days=1)


def captured(site: Site, number: int, device: str, *worth: float, days: int = 0, decided: str = "") -> None:
    """Once more, a while later, by a scanner."""
    record = begin_in(site.store, student(number), "照片模糊")
    at = AT + days * DAY + timedelta(seconds=30)
    site.store.captures.save_step(
        record.id, StepResult(Step.FACE, Verdict.PASS, at), [Biometric(BiometricKind.PORTRAIT, jpeg())]
    )
    presses = tuple(Press(Verdict.PASS, one) for one in worth)
    told = {"presses": presses, "device": device, "decided_by": decided, "reason": "手指破损" if decided else ""}
    site.store.captures.save_step(record.id, StepResult(Step.RIGHT_THUMB, Verdict.PASS, at, **told))  # type: ignore[arg-type]
    site.store.captures.finish(record.id, at)


def district(office: Centre, folder: Path) -> District:
    return District(office.store, SimpleNamespace(), OFFICE, folder / "receipts")  # type: ignore[arg-type]


def test_the_console_adds_up_what_each_student_s_state_says(one: Site, two: Site, office: Centre, tmp_path: Path) -> None:
    captured(one, 1, "ZFM-20", 0.5, 0.7, 0.9)
    captured(two, 3, "R503", 0.35, days=1, decided="王主任")
    for reason in (RefusalReason.IMPERSONATION, RefusalReason.LEFT):
        one.store.refusals.add(reason, by=WANG, at=AT, name="某人")
    office.take(one.send(), two.send())
    here = district(office, tmp_path)
    console = here.console()
    states = office.store.progress.students()
    (school,) = [row for row in console.schools if row.students]
    assert (school.students, school.captured) == (len(states), sum(entry.captured for entry in states))
    assert school.review == sum(entry.state is ProgressState.REVIEW for entry in states) == 1
    assert (school.nowhere, console.nowhere) == (0, ())
    first, second = console.stations
    assert (console.parts.unit, console.parts.first) == (Unit.HOUR, AT.astimezone().date())
    assert (first.work.students, sum(first.work.captured)) == (2, 3)
    assert first.work.seconds == 0
    assert first.work.quality == 0.705
    assert first.work.pressed == {"ZFM-20": (0, 0, 0, 0, 0, 1, 0, 1, 0, 1)}
    assert second.work.decided == (("王主任", 1),)
    assert console.exceptions == {(Step.RIGHT_THUMB, "手指破损"): 1}
    assert sum(first.turned_away) == 2
    assert first.turned_away[AT.astimezone().hour] == 2
    counts = {device: sum(one.count for one in when if one is not None) for device, when in console.scanners.items()}
    assert counts == {"ZFM-20": 3, "R503": 1}


def test_a_span_of_days_and_a_station_are_all_that_is_looked_at(one: Site, two: Site, office: Centre, tmp_path: Path) -> None:
    captured(one, 1, "ZFM-20", 0.5)
    captured(two, 3, "R503", 0.35, days=1)
    office.take(one.send(), two.send())
    here, tomorrow = district(office, tmp_path), (AT + DAY).astimezone().date()
    console = here.console(first=tomorrow, last=tomorrow)
    assert [sum(row.work.captured) for row in console.stations] == [0, 1]
    assert set(console.scanners) == {"R503"}
    only = here.console(working=lambda seen: seen.name.endswith("one"))
    assert [sum(row.work.captured) for row in only.stations] == [3, 0]
    assert set(only.scanners) == {"ZFM-20"}
    office.store.roster.replace_or_update([student(number) for number in (1, 2, 3, 4)])
    assert [entry.name for entry in here.console().nowhere] == ["考生4"]  # what changed is not missed


def test_spans_are_cut_into_hours_days_and_weeks() -> None:
    first = AT.astimezone().date()
    units = {days: parts_of(first, first + (days - 1) * DAY) for days in (1, 2, 3, 31, 32, 400)}
    assert [len(parts.labels) for parts in units.values()] == [24, 48, 3, 31, 5, 29]
    assert Counter(parts.unit for parts in units.values()) == {Unit.HOUR: 2, Unit.DAY: 2, Unit.WEEKS: 2}
    assert all(sorted(set(parts.cuts)) == list(parts.cuts) for parts in units.values())


def test_the_sheet_has_a_column_for_each_figure(tmp_path: Path) -> None:
    write_stations([("学校", *range(18))], tmp_path / "stations.xlsx")
    header, row = openpyxl.load_workbook(tmp_path / "stations.xlsx").active.values
    assert len([cell for cell in header if cell]) == len(row) == 19
