"""`kiosk school`: the school's own data and its contacts, and the sheet of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from kiosk.cli.common import Opened, console, on_the_store
from kiosk.errors import KioskError
from kiosk.office import Schools
from kiosk.records import CONTACTS, Contact, Person
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
@click.option("--by", default="")
@on_the_store
def school(
    opened: Opened, values: tuple[str, ...], contacts: tuple[tuple[str, str, str], ...], sheet: Path | None, by: str
) -> None:
    """The school's data and its contacts."""
    schools, language = Schools(opened.store), opened.language
    told = dict(part.split("=", 1) for part in values if "=" in part)
    if told.keys() - set(_FIELDS):
        raise KioskError("cli.school_field", fields="、".join(_FIELDS))
    if told or contacts:
        if not by:
            raise KioskError("web.name_missing")
        named = tuple(Contact(*one) for one in contacts[:CONTACTS]) or schools.current().contacts
        schools.change(replace(schools.current(), contacts=named, **told), by=Person(by))
    known = schools.current()
    for field in _FIELDS:
        console.print(f"{say(language, f'schoolfield.{field}')}: {getattr(known, field) or '—'}", highlight=False, markup=False)
    for one in known.contacts:
        line = " ".join(filter(None, (one.name, one.duty, one.mobile, one.phone))) or "—"
        console.print(f"{say(language, 'schoolfield.contacts')}: {line}", highlight=False, markup=False)
    if sheet is not None:
        schools.write(sheet)
