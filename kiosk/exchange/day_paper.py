"""采集日报: the statistics of a day as a paper to sign and file. Names of students have no place in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.exchange import paper

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class DayPlot:
    """A plot with its title, and what it says in one sentence."""

    title: str
    svg: str
    summary: str = ""


@dataclass(frozen=True)
class DayTable:
    """Numbers under a title."""

    title: str
    headers: Sequence[str]
    rows: Rows


@dataclass(frozen=True)
class DayPaper:
    """What is told, in words. `facts` and `figures` are names with what they are; `devices`, `tests`, `people` have a row of
    headers of their own."""

    under: str  # the school, the exam
    note: str  # the days
    facts: Rows
    figures: Rows
    devices: DayTable
    tests: DayTable
    people: DayTable
    plots: Sequence[DayPlot]
    tables: Sequence[DayTable]
    remark: str
    footer: str
    no_tests: str


def print_day(told: DayPaper, *, title: str, simulated: bool = False) -> bytes:
    """A PDF of some pages; raises ExchangeError when it can't be set."""
    return paper.typeset(
        "day",
        {
            "title": title,
            "under": told.under,
            "note": told.note,
            "facts": _lists(told.facts),
            "figures": _lists(told.figures),
            "device_headers": list(told.devices.headers),
            "devices": _lists(told.devices.rows),
            "test_headers": list(told.tests.headers),
            "tests": _lists(told.tests.rows),
            "people_headers": list(told.people.headers),
            "people": _lists(told.people.rows),
            "plots": [{"title": one.title, "svg": paper.Drawing(one.svg), "summary": one.summary} for one in told.plots],
            "tables": [{"title": one.title, "headers": list(one.headers), "rows": _lists(one.rows)} for one in told.tables],
            "remark": told.remark,
            "footer": told.footer,
            "no_tests": told.no_tests,
        },
        simulated=simulated,
    )


def _lists(rows: Rows) -> list[list[str]]:
    return [list(row) for row in rows]
