"""`kiosk accounts`: a school's accounts as a signed list, made by the office and taken by a station."""

from __future__ import annotations

import csv
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from kiosk.cli.common import Opened, by_option, console, existing_file, local_time, on_the_store, words_for_errors, write_whole
from kiosk.cli.day import confirmed, yes_option
from kiosk.cli.office_key import key_option, read_key
from kiosk.cli.spoken import language
from kiosk.clock import moment
from kiosk.errors import KioskError
from kiosk.office import AccountLists, list_in_words
from kiosk.records import AccountList, ListedAccount, Person, Role
from kiosk.store import read_list, verifier_of, write_list
from kiosk.words import say

_COLUMNS: Final = ("id", "name", "role", "pin")
_PIN_DIGITS: Final = 8
_SHORTEST_PIN: Final = 6


@click.group()
def accounts() -> None:
    """Accounts that the office issues as a signed list."""


@accounts.command(name="sign")
@click.argument("people", type=existing_file)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@key_option
@click.option("--school", "school_code", required=True)
@click.option("--until", type=local_time, required=True, metavar="'YYYY-MM-DD HH:MM'")
@click.option("--after", type=existing_file)
@words_for_errors
def sign_list(people: Path, out: Path, key: Path, school_code: str, until: datetime, after: Path | None) -> None:
    """Sign a school's list of accounts: on the office's machine only."""
    office = read_key(key).signing
    before = read_list(after.read_bytes(), office.public) if after is not None else None
    if before is not None and before.school_code != school_code:
        raise KioskError("accountlist.other_school", school=before.school_code, ours=school_code)
    earlier = {one.id: one for one in before.accounts} if before is not None else {}
    listed, told = [], []
    for row in _rows(people):
        name, role, pin = row["name"], _role(row), row["pin"]
        if not pin and row["id"] in earlier:
            listed.append(ListedAccount(row["id"], name, role, earlier[row["id"]].verifier, earlier[row["id"]].once))
            continue
        once = pin or _random_pin()
        listed.append(ListedAccount(row["id"], name, role, verifier_of(once, _SHORTEST_PIN)))
        told.append((name, once))
    version = before.version + 1 if before is not None else 1
    made = AccountList(school_code, version, datetime.now(UTC), until, tuple(listed))
    content = write_list(made, office)
    read_list(content, office.public)  # what can't be read is not given away
    write_whole(out, content)
    console.print(
        say(language(), "cli.accounts.signed", version=version, count=len(listed), until=moment(until)), highlight=False
    )
    for name, once in told:
        console.print(say(language(), "cli.accounts.pin", name=name, pin=once), highlight=False, markup=False)


@accounts.command(name="take")
@click.argument("list_file", type=existing_file)
@click.option("--office-key", default="")
@by_option
@yes_option
@on_the_store
def take(opened: Opened, list_file: Path, office_key: str, by: str, yes: bool) -> None:
    """Take the office's list, told before it is done."""
    lists, content = AccountLists(opened.store), list_file.read_bytes()
    words = list_in_words(opened.language, lists.plan(content, office_key=office_key))
    if confirmed(words, opened.language, yes=yes):
        lists.take(content, office_key=office_key, by=Person(by))
        console.print(say(opened.language, "ui.accounts.list_taken"), highlight=False)


def _rows(people: Path) -> list[dict[str, str]]:
    try:
        with people.open(encoding="utf-8-sig", newline="") as file:
            read = csv.DictReader(file)
            if set(read.fieldnames or ()) not in (set(_COLUMNS), set(_COLUMNS[:3])):
                raise KioskError("cli.accounts.columns", columns="、".join(_COLUMNS))
            return [{name: (row.get(name) or "").strip() for name in _COLUMNS} for row in read]
    except (UnicodeDecodeError, csv.Error):
        raise KioskError("cli.accounts.columns", columns="、".join(_COLUMNS)) from None


def _role(row: dict[str, str]) -> Role:
    try:
        return Role(row["role"])
    except ValueError:
        raise KioskError("cli.accounts.role", name=row["name"], roles="、".join(Role)) from None


def _random_pin() -> str:
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(_PIN_DIGITS))
        if len(set(pin)) > _SHORTEST_PIN // 2:  # nobody is given one that is guessed at once
            return pin
