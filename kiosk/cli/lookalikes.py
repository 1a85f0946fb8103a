"""`kiosk lookalikes`: students who look alike, as twins do, and are not to be suspected of being one person."""

from __future__ import annotations

import click
from rich.table import Table

from kiosk.cli.common import Opened, by_option, console, on_the_store, reason_option
from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.idnumber import masked
from kiosk.store import account_of
from kiosk.words import say


@click.group()
def lookalikes() -> None:
    """Twins and others who look alike."""


@lookalikes.command(name="declare")
@click.argument("id_numbers", nargs=-1, required=True)
@reason_option
@by_option
@on_the_store
def declare(opened: Opened, id_numbers: tuple[str, ...], reason: str, by: str) -> None:
    """Declare that these are different people."""
    for id_number in id_numbers:
        if opened.store.roster.find(id_number) is None:
            raise StoreError("store.not_on_roster")
    opened.store.lookalikes.declare(id_numbers, reason=reason, by=by)
    _show(opened)


@lookalikes.command(name="list")
@on_the_store
def list_declarations(opened: Opened) -> None:
    """The declarations that stand."""
    _show(opened)


@lookalikes.command(name="withdraw")
@click.argument("number", type=int)
@reason_option
@by_option
@on_the_store
def withdraw(opened: Opened, number: int, reason: str, by: str) -> None:
    """Take a declaration back."""
    opened.store.lookalikes.withdraw(number, reason=reason, by=by)


def _show(opened: Opened) -> None:
    table = Table(title=say(opened.language, "cli.lookalikes"), title_justify="left")
    for column in ("number", "students", "reason", "by", "at"):
        table.add_column(say(opened.language, f"cli.lookalikes.{column}"))
    for one in opened.store.lookalikes.declarations():
        students = "\n".join(_named(opened, id_number) for id_number in one.id_numbers)
        table.add_row(str(one.number), students, one.reason, one.by, moment(one.at))
    console.print(table)


def _named(opened: Opened, id_number: str) -> str:
    if (account_id := account_of(id_number)) is not None:
        return next((one.name for one in opened.store.accounts.all() if one.id == account_id), "-")
    student = opened.store.roster.find(id_number)
    return f"{student.name if student else '-'} {masked(id_number)}"
