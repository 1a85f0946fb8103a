"""各采集点: all stations of an office on one page, schools by progress, who is captured nowhere, what people decided."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from kiosk.areas import area_name, areas_of
from kiosk.clock import moment as plain_moment
from kiosk.exchange.station_list import write_stations
from kiosk.office import District, SchoolRow, StationRow
from kiosk.plots import Column, Row, columns, lines
from kiosk.store.station_work import TENTHS
from kiosk.web.areas import areas
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


@views.get("/records/stations")
def screen() -> ResponseReturnValue:
    """Filters come in the address: `q` for a school's or a station's name, `only` for those with something to look at, `area`
    for what codes begin with."""
    district, tongue, wanted = office_s_district(), language(), _wanted()
    console = district.console(areas(), wanted["area"])
    rows = [_station(row, district) for row in console.stations]
    found = [row for row in rows if _fits(row, wanted)]
    shown = paged(found, _PER_PAGE)
    nowhere = [entry for school in console.schools for entry in school.nowhere]
    return page(
        "console.html",
        "console",
        rows=shown.rows,
        number=shown.number,
        pages=shown.pages,
        found=len(found),
        all=len(rows),
        wanted=wanted,
        problems=sum(bool(row["problems"]) for row in rows),
        schools=console.schools,
        strangers=console.strangers,
        students=sum(school.students for school in console.schools),
        captured=sum(school.captured for school in console.schools),
        nowhere=nowhere[:_PER_PAGE],
        nowhere_count=len(nowhere),
        of_class=class_words,
        below=console.below,
        path=[(area, area_name(area)) for area in areas_of(wanted["area"])],
        conflicts=sum(one.school_code.startswith(wanted["area"]) for one in district.conflicts(areas(), only_open=True)),
        exceptions=list(console.exceptions.items())[:_PER_PAGE],
        decided=_decided(console.stations)[:_PER_PAGE],
        plots=_plots(tongue, console.stations, console.schools),
    )


@views.get("/records/stations.xlsx")
def sheet() -> ResponseReturnValue:
    """The list as it is filtered."""
    district, wanted = office_s_district(), _wanted()
    console = district.console(areas(), wanted["area"])
    rows = [row for row in (_station(one, district) for one in console.stations) if _fits(row, wanted)]
    with tempfile.TemporaryDirectory(prefix="kiosk-stations-") as folder:
        path = Path(folder) / "stations.xlsx"
        write_stations([row["cells"] for row in rows], path, simulated=context().office.files.simulated)
        return attachment(path.read_bytes(), say(language(), "ui.console.sheet_name"), XLSX)


def _wanted() -> dict[str, str]:
    return {name: request.args.get(name, "") for name in ("q", "only", "area")}


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
            None if row.work.seconds is None else round(row.work.seconds),
            None if row.work.quality is None else round(row.work.quality, 2),
            figures.get("refused"),
            row.missing,
            row.refused,
            round(seen.skew_s),
            None if disk is None else round(disk / 1000, 1),
            faults,
            str(figures.get("program", "")),
        ),
    }


def _fits(row: dict[str, Any], wanted: dict[str, str]) -> bool:
    text = wanted["q"].strip().casefold()
    names = f"{row['seen'].school} {row['seen'].school_code} {row['seen'].name}".casefold()
    return (not text or text in names) and (not wanted["only"] or bool(row["problems"]))


def _decided(stations: Sequence[StationRow]) -> list[tuple[str, str, int]]:
    """Who decided how often, at which station, the most often first."""
    found = [(person, f"{row.seen.school} {row.seen.name}", count) for row in stations for person, count in row.work.decided]
    return sorted(found, key=lambda one: -one[2])


def _plots(tongue: str, stations: Sequence[StationRow], schools: Sequence[SchoolRow]) -> list[tuple[str, str]]:
    """Schools that are furthest behind, the slowest stations, and how thumbs are spread over quality: of
    the stations, and of each kind of scanner."""
    behind = [
        Row(one.school.name or one.school.code or "—", 100 * one.captured / one.students, f"{one.captured}/{one.students}")
        for one in schools[:_MOST_PLOTTED]
    ]
    slow = sorted((one for one in stations if one.work.seconds is not None), key=lambda one: -(one.work.seconds or 0))
    seconds = [
        Row(f"{one.seen.school} {one.seen.name}", one.work.seconds or 0, f"{one.work.seconds:.0f} s")
        for one in slow[:_MOST_PLOTTED]
    ]
    qualities = [one.work.quality for one in stations if one.work.quality is not None]
    counts = [sum(min(int(one * TENTHS), TENTHS - 1) == place for one in qualities) for place in range(TENTHS)]
    titles = {code: say(tongue, f"consoleplot.{code}") for code in ("behind", "seconds", "quality")}
    shown = [(titles["behind"], lines(titles["behind"], behind))] if behind else []
    if seconds:
        shown.append((titles["seconds"], lines(titles["seconds"], seconds)))
    if qualities:
        shown.append((titles["quality"], _by_tenths(titles["quality"], counts)))
    for device, tenths in _pressed(stations)[:_MOST_DEVICES]:
        title = say(tongue, "consoleplot.device", device=device, count=sum(tenths))
        shown.append((title, _by_tenths(title, tenths)))
    return shown


def _by_tenths(title: str, counts: Sequence[int]) -> str:
    return columns(title, [Column(f"{place / TENTHS:.1f}", count) for place, count in enumerate(counts)], gaps=False)


def _pressed(stations: Sequence[StationRow]) -> list[tuple[str, list[int]]]:
    """By what a scanner calls itself how many presses there were in each tenth of quality; the most used first."""
    found: dict[str, list[int]] = {}
    for row in stations:
        for device, tenths in row.work.pressed.items():
            found[device] = [one + more for one, more in zip(found.get(device, [0] * TENTHS), tenths, strict=True)]
    return sorted(found.items(), key=lambda one: -sum(one[1]))
