"""`kiosk school`: the school's own data and its contacts, and the sheet of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from kiosk.cli.common import Opened, console, on_the_store
from kiosk.errors import KioskError
from kiosk.office import Schools
from kiosk.records import CATEGORIES, CONTACTS, Contact, Person, Point, SchoolName, Served
from kiosk.words import say

_FIELDS = ("name", "code", "district", "principal", "address", "postcode", "phone")


@click.command()
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE")
@click.option(
    "--contact",
    "contacts",
    type=(str, str, str),
    multiple=True,
)
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--point/--no-point", "active", default=None)
@click.option("--category", "categories", multiple=True, type=click.Choice(CATEGORIES))
@click.option("--serve", "served", type=(str, str, str, str), multiple=True)
@click.option("--point-sheet", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--by", default="")
@on_the_store
def school(
    opened: Opened,
    values: tuple[str, ...],
    contacts: tuple[tuple[str, str, str], ...],
    sheet: Path | None,
    active: bool | None,
    categories: tuple[str, ...],
    served: tuple[tuple[str, str, str, str], ...],
    point_sheet: Path | None,
    by: str,
) -> None:
    """The school's data and its contacts."""
    schools, language = Schools(opened.store), opened.language
    told = dict(part.split("=", 1) for part in values if "=" in part)
    if told.keys() - set(_FIELDS):
        raise KioskError("cli.school_field", fields="、".join(_FIELDS))
    points = active is not None or categories or served
    if (told or contacts or points) and not by:
        raise KioskError("web.name_missing")
    if points:
        known = schools.point()
        permitted = tuple(Served(SchoolName(name, code), who, on) for name, code, who, on in served) or known.schools
        active = known.active if active is None else active
        schools.change_point(Point(active, categories or known.categories, permitted), by=Person(by))
    if told or contacts:
        named = tuple(Contact(*one) for one in contacts[:CONTACTS]) or schools.current().contacts
        schools.change(replace(schools.current(), contacts=named, **told), by=Person(by))
    _show(schools, language)
    if sheet is not None:
        schools.write(sheet)
    if point_sheet is not None:
        schools.write_point(point_sheet)


def _show(schools: Schools, language: str) -> None:
    known, point = schools.current(), schools.point()
    for field in _FIELDS:
        console.print(f"{say(language, f'schoolfield.{field}')}: {getattr(known, field) or '—'}", highlight=False, markup=False)
    for one in known.contacts:
        line = " ".join(filter(None, (one.name, one.duty, one.mobile, one.phone))) or "—"
        console.print(f"{say(language, 'schoolfield.contacts')}: {line}", highlight=False, markup=False)
    if point.active:
        console.print(f"{say(language, 'cli.point')}: {'、'.join(point.categories) or '—'}", highlight=False, markup=False)
        for permitted in point.schools:
            parts = (*permitted.school, permitted.permitted_by, permitted.permitted_on)
            console.print(f"  {' '.join(filter(None, parts))}", highlight=False, markup=False)
