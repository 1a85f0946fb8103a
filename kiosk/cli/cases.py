"""`kiosk cases`, `kiosk check-proof`: what is being proved to the exam office, and what it decided."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from kiosk.cli.common import (
    Opened,
    at_terminal,
    by_option,
    existing_file,
    on_the_store,
    print_line,
    proven,
    reason_option,
    words_for_errors,
    write_whole,
)
from kiosk.cli.spoken import language
from kiosk.errors import KioskError
from kiosk.exchange.file_names import free_name
from kiosk.exchange.proof_pictures import LEVELS, ProofRule, check_folder
from kiosk.idnumber import masked
from kiosk.office import Cases, Named, Office
from kiosk.records import DECIDED, CaseKind, CaseState, Person, Right
from kiosk.words import say, say_list, say_message

_KINDS: Final = [str(kind) for kind in CaseKind if kind is not CaseKind.DUPLICATE_NUMBER]
_STEPS: Final = [str(state) for state in CaseState if state is not CaseState.OPEN]


@click.group()
def cases() -> None:
    """Cases of proof."""


@cases.command(name="list")
@click.option("--state", type=click.Choice([str(one) for one in CaseState]))
@click.option("--school", default="")
@on_the_store
def show(opened: Opened, state: str | None, school: str) -> None:
    """The cases, the newest first."""
    tongue, key = opened.language, _school(opened, school)
    for one in Cases(opened.store).all():
        if (state is None or one.state == state) and one.is_of(key):
            who = say_list(tongue, [f"{student.name} {masked(student.filed_number)}" for student in one.students])
            told = f"{say(tongue, f'casekind.{one.kind}')} {say(tongue, f'casestate.{one.state}')}"
            _print(f"{one.number} {told}: {who} · {one.text}")


@cases.command()
@click.argument("number")
@click.option("--person", "people", multiple=True, required=True)
@reason_option
@by_option
@on_the_store
def share(opened: Opened, number: str, people: Sequence[str], reason: str, by: str) -> None:
    """Open a case of one number of several people: each `NAME[/SEX/YYYYMMDD/SCHOOL]`."""
    named = []
    for told in people:
        name, sex, birth, school, *_ = [*told.split("/"), "", "", ""]
        named.append(Named(name, sex, birth, _school(opened, school)))
    _opened(opened, Cases(opened.store).open_shared(number, named, reason, by=Person(by)))


@cases.command(name="open")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("student")
@reason_option
@by_option
@on_the_store
def open_one(opened: Opened, kind: str, student: str, reason: str, by: str) -> None:
    """Open a case about a student, by name or number."""
    office = Cases(opened.store)
    _opened(opened, office.open(CaseKind(kind), [office.meant(student)], reason, by=Person(by)))


@cases.command()
@click.argument("number", type=int)
@click.argument("file", type=existing_file)
@click.option("--title", required=True)
@click.option("--about", default="")
@by_option
@on_the_store
def attach(opened: Opened, number: int, file: Path, title: str, about: str, by: str) -> None:
    """Keep a document (JPEG or PDF) with a case."""
    Cases(opened.store).attach(number, file.read_bytes(), title=title, about=about, by=Person(by))
    _print(say(opened.language, "ui.cases.attached", title=title))


@cases.command()
@click.argument("number", type=int)
@click.argument("state", type=click.Choice(_STEPS))
@click.option("--keeps", default="")
@reason_option
@by_option
@on_the_store
def move(opened: Opened, number: int, state: str, keeps: str, reason: str, by: str) -> None:
    """The next step of a case. Whoever enters the office's decision proves with the PIN who they are."""
    step, person = CaseState(state), Person(by)
    if step in DECIDED:
        account = proven(opened, by)
        if not account.may(Right.DECIDE):
            raise KioskError("account.not_allowed")
        person = account.person
    Cases(opened.store).move(number, step, reason=reason, by=person, keeps=keeps)
    _print(say(opened.language, "ui.cases.moved", number=number, state=say(opened.language, f"casestate.{state}")))


@cases.command()
@click.argument("number", type=int)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--year", default="")
@click.option("--level", type=click.Choice(LEVELS), default=None)
@on_the_store
def pictures(opened: Opened, number: int, out: Path, year: str, level: str | None) -> None:
    """The documents of a case as pictures by the naming rule."""
    out.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for one in Cases(opened.store).pictures(number, ProofRule(year, level or ""), by=Person(at_terminal())):
        for problem in one.problems:
            _print(f"{one.student.name}: {say_message(opened.language, problem)}")
        wrong += bool(one.problems)
        if one.content:
            path = free_name(out, one.name)
            write_whole(path, one.content)
            _print(str(path))
    sys.exit(1 if wrong else 0)


@click.command(name="check-proof")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@words_for_errors
def check_proof(folder: Path) -> None:
    """Whether pictures of proof are named by the rule and small enough."""
    wrong = 0
    for name, problems in check_folder(folder):
        for problem in problems:
            _print(f"{name}: {say_message(language(), problem)}")
        wrong += bool(problems)
    _print(say(language(), "cli.proof_checked", wrong=wrong))
    sys.exit(1 if wrong else 0)


def _school(opened: Opened, school: str) -> str:
    return Office(opened.store, opened.export_folder, opened.settings).files.school_key(school)


def _opened(opened: Opened, number: int) -> None:
    _print(say(opened.language, "ui.cases.opened", number=number))


def _print(words: str) -> None:
    print_line(words)
