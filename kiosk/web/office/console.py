"""各采集点: all stations of an office on one page, schools by progress, who is captured nowhere, what people decided."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from kiosk.areas import area_name, areas_of
from kiosk.clock import moment as plain_moment
from kiosk.exchange.station_list import write_stations
from kiosk.office import Console, District, StationRow
from kiosk.office.spans import Parts, Unit
from kiosk.plots import Column, Row, columns, lines, strip
from kiosk.records import SeenStation
from kiosk.store.station_work import TENTHS
from kiosk.web.areas import areas
from kiosk.web.asking import date_of
from kiosk.web.context import context, language
from kiosk.web.office.groups import class_words
from kiosk.web.office.paging import paged
from kiosk.web.office.shell import XLSX, attachment, page
from kiosk.words import say

views = Blueprint("console", __name__)

_PER_PAGE: Final = 50
_MOST_PLOTTED: Final = 12
_SKEW_S: Final = 300.0  # a clock that is further off is told
_OLD_DAYS: Final = 2  # without a package
_FULL_MB: Final = 5000
_MOST_DEVICES: Final = 6


@dataclass(frozen=True)
class _Asked:
    """What the address asks for: `q`, a school's or a station's name, `only` those with something to look at, `area`, what
    codes begin with, `device`, what a scanner calls itself, and the days `from` and `to`."""

    district: District
    wanted: dict[str, str]
    console: Console
    rows: list[dict[str, Any]]
    found: list[dict[str, Any]]

    @property
    def stations(self) -> list[StationRow]:
        """Those that are shown."""
        return [row["row"] for row in self.found]


@views.get("/records/stations")
def screen() -> ResponseReturnValue:
    """All stations, as they are filtered."""
    here = _look()
    console, wanted, tongue = here.console, here.wanted, language()
    shown = paged(here.found, _PER_PAGE)
    highest = max((max(row["row"].work.captured, default=0) for row in shown.rows), default=0)
    return page(
        "console.html",
        "console",
        rows=[row | {"strip": _strip(tongue, row["row"], highest)} for row in shown.rows],
        number=shown.number,
        pages=shown.pages,
        found=len(here.found),
        all=len(here.rows),
        wanted=wanted,
        span=console.parts,
        devices=sorted({device for row in console.stations for device in row.work.pressed} | ({wanted["device"]} - {""})),
        problems=sum(bool(row["problems"]) for row in here.rows),
        schools=console.schools,
        strangers=console.strangers,
        students=sum(school.students for school in console.schools),
        captured=sum(school.captured for school in console.schools),
        nowhere=console.nowhere,
        nowhere_count=sum(school.nowhere for school in console.schools),
        of_class=class_words,
        below=console.below,
        path=[(area, area_name(area)) for area in areas_of(wanted["area"])],
        conflicts=sum(one.school_code.startswith(wanted["area"]) for one in here.district.conflicts(areas(), only_open=True)),
        exceptions=list(console.exceptions.items())[:_PER_PAGE],
        decided=_decided(here.stations)[:_PER_PAGE],
        plots=_plots(tongue, here),
    )


@views.get("/records/stations.xlsx")
def sheet() -> ResponseReturnValue:
    """The list as it is filtered."""
    here = _look()
    with tempfile.TemporaryDirectory(prefix="kiosk-stations-") as folder:
        path = Path(folder) / "stations.xlsx"
        write_stations([row["cells"] for row in here.found], path, simulated=context().office.files.simulated)
        return attachment(path.read_bytes(), say(language(), "ui.console.sheet_name"), XLSX)


def _look() -> _Asked:
    district = office_s_district()
    wanted = {name: request.args.get(name, "") for name in ("q", "only", "area", "device", "from", "to")}
    console = district.console(
        areas(),
        wanted["area"],
        first=date_of(wanted["from"]),
        last=date_of(wanted["to"]),
        working=lambda seen: _is_called(seen, wanted["q"]),
        most=_PER_PAGE,
    )
    rows = [_station(row, district) for row in console.stations]
    return _Asked(district, wanted, console, rows, [row for row in rows if _fits(row, wanted)])


def office_s_district() -> District:
    """What an office has and a station lacks; ends the request at a station."""
    return context().district or abort(404)


def _station(row: StationRow, district: District) -> dict[str, Any]:
    """What is shown of a station, what there is to look at, and its line of the sheet."""
    seen, figures = row.seen, row.seen.figures
    disk, faults = figures.get("disk_free_mb"), figures.get("test_faults")
    age_days = (district.now() - seen.made_at).days
    told = {
        "late": age_days if age_days > _OLD_DAYS else 0,
        "missing": row.missing,
        "refused": row.refused,
        "clock": round(seen.skew_s / 60) if abs(seen.skew_s) > _SKEW_S else 0,
        "disk": round(disk / 1000, 1) if disk is not None and disk < _FULL_MB else 0,
        "devices": faults or 0,
    }
    tongue = language()
    return {
        "row": row,
        "seen": seen,
        "work": row.work,
        "figures": figures,
        "disk_gb": None if disk is None else round(disk / 1000, 1),
        "problems": [say(tongue, f"consoleproblem.{name}", count=count) for name, count in told.items() if count],
        "cells": (
            seen.school,
            seen.school_code,
            seen.name,
            plain_moment(seen.made_at),
            plain_moment(seen.seen_at),
            figures.get("roster"),
            row.work.students,
            sum(row.work.captured),
            None if row.work.seconds is None else round(row.work.seconds),
            None if row.work.quality is None else round(row.work.quality, 2),
            "、".join(sorted(row.work.pressed)),
            figures.get("refused"),
            sum(row.turned_away),
            row.missing,
            row.refused,
            round(seen.skew_s),
            None if disk is None else round(disk / 1000, 1),
            faults,
            str(figures.get("program", "")),
        ),
    }


def _fits(row: dict[str, Any], wanted: dict[str, str]) -> bool:
    if not _is_called(row["seen"], wanted["q"]) or (wanted["only"] and not row["problems"]):
        return False
    return not wanted["device"] or wanted["device"] in row["work"].pressed


def _is_called(seen: SeenStation, text: str) -> bool:
    return text.strip().casefold() in f"{seen.school} {seen.school_code} {seen.name}".casefold()


def _strip(tongue: str, row: StationRow, highest: int) -> str:
    """How many a station captured in each part of the span, in a cell of the table."""
    if not (count := sum(row.work.captured)):
        return ""
    return strip(say(tongue, "consoleplot.station", station=row.seen.name, count=count), row.work.captured, highest)


def _decided(stations: Sequence[StationRow]) -> list[tuple[str, str, int]]:
    """Who decided how often, at which station, the most often first."""
    found = [(person, f"{row.seen.school} {row.seen.name}", count) for row in stations for person, count in row.work.decided]
    return sorted(found, key=lambda one: -one[2])


def _plots(tongue: str, here: _Asked) -> list[tuple[str, str]]:
    """Who was captured when, and turned away; schools that are furthest behind, the slowest stations; and how thumbs are spread
    over quality, and how good they were when: of the stations, and of each kind of scanner."""
    parts, stations = here.console.parts, here.stations
    unit = say(tongue, f"consoleunit.{parts.unit}")
    shown = []
    for code, counts in (
        ("captured", [one.work.captured for one in stations]),
        ("turned_away", [one.turned_away for one in stations]),
    ):
        title, sums = say(tongue, f"consoleplot.{code}", unit=unit), _sums(counts, len(parts.labels))
        shown += [(title, _over_time(title, parts, sums))] if any(sums) else []
    behind = [
        Row(one.school.name or one.school.code or "—", 100 * one.captured / one.students, f"{one.captured}/{one.students}")
        for one in here.console.schools[:_MOST_PLOTTED]
    ]
    slow = sorted((one for one in stations if one.work.seconds is not None), key=lambda one: -(one.work.seconds or 0))
    seconds = [
        Row(f"{one.seen.school} {one.seen.name}", one.work.seconds or 0, f"{one.work.seconds:.0f} s")
        for one in slow[:_MOST_PLOTTED]
    ]
    qualities = [one.work.quality for one in stations if one.work.quality is not None]
    spread = [sum(min(int(one * TENTHS), TENTHS - 1) == place for one in qualities) for place in range(TENTHS)]
    titles = {code: say(tongue, f"consoleplot.{code}") for code in ("behind", "seconds", "quality")}
    if behind:
        shown.append((titles["behind"], lines(titles["behind"], behind)))
    if seconds:
        shown.append((titles["seconds"], lines(titles["seconds"], seconds)))
    if qualities:
        shown.append((titles["quality"], _by_tenths(titles["quality"], spread)))
    pressed = [one for one in _pressed(stations) if here.wanted["device"] in ("", one[0])]
    for device, tenths in pressed[:_MOST_DEVICES]:
        title = say(tongue, "consoleplot.device", device=device, count=sum(tenths))
        shown.append((title, _by_tenths(title, tenths)))
        title = say(tongue, "consoleplot.device_when", device=device, unit=unit)
        when = here.console.scanners.get(device, ())
        shown.append((title, _over_time(title, parts, [0 if one is None else one.quality for one in when])))
    return shown


def _sums(rows: Sequence[Sequence[int]], parts: int) -> list[int]:
    """Of several stations together, part by part; one that has no work has no parts."""
    return [sum(row[place] for row in rows if row) for place in range(parts)]


def _over_time(title: str, parts: Parts, values: Sequence[float]) -> str:
    """Of hours those from the first to the last that had any."""
    shown = [Column(label, value) for label, value in zip(parts.labels, values, strict=True)]
    if parts.unit is Unit.HOUR:
        first = next((place for place, one in enumerate(shown) if one.value), 0)
        last = next((place for place, one in reversed(list(enumerate(shown))) if one.value), 0)
        shown = shown[first : last + 1]
    return columns(title, shown)


def _by_tenths(title: str, counts: Sequence[int]) -> str:
    return columns(title, [Column(f"{place / TENTHS:.1f}", count) for place, count in enumerate(counts)], gaps=False)


def _pressed(stations: Sequence[StationRow]) -> list[tuple[str, list[int]]]:
    """By what a scanner calls itself how many presses there were in each tenth of quality; the most used first."""
    found: dict[str, list[int]] = {}
    for row in stations:
        for device, tenths in row.work.pressed.items():
            found[device] = [one + more for one, more in zip(found.get(device, [0] * TENTHS), tenths, strict=True)]
    return sorted(found.items(), key=lambda one: -sum(one[1]))
