"""`kiosk retention`: what is kept until when, and deletion by two people, each with a PIN."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import click

from kiosk.checkin import Shelf
from kiosk.cli.common import Opened, on_the_store, print_line, proven, reason_option, watched
from kiosk.clock import moment
from kiosk.config import TermSettings
from kiosk.errors import KioskError
from kiosk.exchange import load_profile
from kiosk.office import Office
from kiosk.office.retention import Group
from kiosk.records import Decision, Part, is_enough
from kiosk.words import say

_PARTS: Final = [str(part) for part in Part]


@click.group()
def retention() -> None:
    """Terms, and deletion."""


@retention.command()
@on_the_store
def show(opened: Opened) -> None:
    """What is due, files that were written, what was deleted."""
    kept, language = _office(opened).retention, opened.language
    for plan in kept.plan():
        group = " ".join(filter(None, plan.group)) or say(language, "ui.law.off_roster")
        _print(say(language, "cli.retention.group", group=group, people=plan.people))
        for part, found in plan.parts.items():
            if found.pieces:
                told = {"pieces": found.pieces, "due": found.due, "term": _term(language, getattr(kept.terms, part))}
                _print(say(language, "cli.retention.part", part=say(language, f"part.{part}"), **told))
    for file, state, where in kept.files():
        kind, stands = say(language, f"writtenkind.{file.kind}"), say(language, f"filestate.{state}")
        told = {"number": file.number, "at": moment(file.at), "kind": kind, "people": file.people, "state": stands}
        _print(say(language, "cli.retention.file", path=where, **told))
    for one in kept.deletions():
        told = {"at": moment(one.at), "why": say(language, f"auditwhy.{one.why}"), "students": one.students}
        who = {"asked": one.asked_by.name, "decided": one.decided_by.name}
        _print(say(language, "cli.retention.deletion", pieces=one.pieces, **told, **who))
    _print(say(language, "ui.law.quarantine", count=len(kept.quarantined())))


@retention.command()
@click.option("--asked-by", required=True)
@click.option("--by", required=True)
@click.option("--class", "classes", multiple=True)
@click.option("--school", default="")
@click.option("--part", "parts", multiple=True, type=click.Choice(_PARTS))
@click.option("--file", "files", multiple=True, type=int)
@reason_option
@on_the_store
def delete(
    opened: Opened,
    asked_by: str,
    by: str,
    classes: Sequence[str],
    school: str,
    parts: Sequence[str],
    files: Sequence[int],
    reason: str,
) -> None:
    """Delete what is due, or files that were written. Asks both people for their PINs."""
    kept, language = _office(opened).retention, opened.language
    asking, deciding = proven(opened, asked_by), proven(opened, by)
    demanded = load_profile(opened.settings.station.profile).decision_rules[Decision.DELETE]
    if not is_enough(deciding.role, demanded.role):
        raise KioskError("account.officer_needed")
    if files:
        count, left = kept.delete_files(set(files), asked_by=asking.person, decided_by=deciding.person)
        _print(say(language, "ui.law.files_deleted", count=count))
        for file in left:
            _print(f"{say(language, 'filestate.gone')} {file.path}")
        return
    chosen = frozenset(map(Part, parts)) or frozenset(Part)
    key = _office(opened).files.school_key(school)
    groups = [plan.group for plan in kept.plan() if key in ("", plan.group.school)]
    wanted = [_group(name, groups) for name in classes] or groups
    who, people = {"asked_by": asking.person, "decided_by": deciding.person}, sum(plan.people for plan in kept.plan())
    with watched(language, "cli.bar.delete") as tell:
        done, path = kept.delete_due(wanted, chosen, **who, reason=reason, progress=lambda done: tell(done, people))
    code = "ui.law.deleted" if done.cleaned else "ui.law.deleted_unclean"
    _print(say(language, code, students=done.students, pieces=done.pieces, file=path))
    if count := Shelf(opened.store).forget_erased():
        _print(say(language, "ui.law.forgotten", count=count))


def _office(opened: Opened) -> Office:
    return Office(opened.store, opened.export_folder, opened.settings, notice=opened.notice())


def _group(name: str, groups: Sequence[Group]) -> Group:
    """Raises KioskError where none of these is called so, or classes of several schools are."""
    found = [group for group in groups if group[1:] == tuple(name.rsplit("/", 1))]
    if len(found) != 1:
        raise KioskError("retention.group", group=name)
    return found[0]


def _term(language: str, term: TermSettings) -> str:
    start = "day" if isinstance(term.start, date) else term.start
    return say(language, f"termstart.{start}", days=term.days, on=term.start)


def _print(words: str) -> None:
    print_line(words)
