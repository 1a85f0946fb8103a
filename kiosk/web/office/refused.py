"""拒绝与终止: everybody who was turned away or broken off, with filters, one by one, and as a sheet."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.office import RefusalEntry
from kiosk.records import CaseKind, RefusalReason
from kiosk.surrogate import number_of
from kiosk.web.asking import number, why
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work
from kiosk.web.office.groups import classes_of, looked_for
from kiosk.web.office.paging import paged
from kiosk.web.office.shell import XLSX, attachment, handle, page, said
from kiosk.words import say

views = Blueprint("refused", __name__)

_PER_PAGE: Final = 50
_STRANGERS: Final = "-"  # as a class: those who are not on the roster


@views.get("/records/refused")
def screen() -> ResponseReturnValue:
    """The list; filters come in the address."""
    everything = context().office.refusals.all()
    wanted = _wanted()
    found = [entry for entry in everything if _fits(entry, wanted)]
    shown = paged(found, _PER_PAGE)
    days = dict.fromkeys(entry.refusal.at.astimezone().date().isoformat() for entry in everything)
    reasons = {entry.refusal.reason for entry in everything}
    return page(
        "refused.html",
        "refused",
        entries=shown.rows,
        found=len(found),
        total=len(everything),
        number=shown.number,
        pages=shown.pages,
        wanted=wanted,
        days=list(days),
        reasons=[reason for reason in RefusalReason if reason in reasons],
        classes=classes_of([entry.student for entry in everything if entry.student is not None]),
        strangers=_STRANGERS,
    )


@views.get("/records/refused/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """One entry with its whole number, and who of the roster may have been meant. The look is kept in the audit trail."""
    here = context()
    entry, near = here.office.refusals.look(number, by=at_work().name)
    refusal = entry.refusal
    cases = here.office.cases.of_student(refusal.id_number) if refusal.id_number else ()
    return page(
        "refused_one.html",
        "refused",
        entry=entry,
        refusal=refusal,
        number=number_of(refusal.id_number),
        near=near,
        handle=handle,
        impersonated=refusal.reason is RefusalReason.IMPERSONATION,
        cases=[case for case in cases if case.kind is CaseKind.IMPERSONATION],
    )


@views.post("/office/refused/case")
def open_case() -> ResponseReturnValue:
    """Follow up who came with somebody else's card."""
    office, person = context().office, at_work().person
    entry, _ = office.refusals.look(number("number"), by=person.name)
    return said("ui.cases.opened", number=office.cases.open_refused(entry.refusal, why(), by=person))


@views.get("/records/refused.xlsx")
def sheet() -> ResponseReturnValue:
    """The list as it is filtered."""
    refusals, wanted = context().office.refusals, _wanted()
    entries = [entry for entry in refusals.all() if _fits(entry, wanted)]
    with tempfile.TemporaryDirectory(prefix="kiosk-refused-") as folder:
        path = Path(folder) / "refused.xlsx"
        refusals.write(entries, path, by=at_work().name)
        return attachment(path.read_bytes(), say(language(), "ui.refused.sheet_name"), XLSX)


def _wanted() -> dict[str, str]:
    return {name: request.args.get(name, "") for name in ("day", "reason", "class")}


def _fits(entry: RefusalEntry, wanted: dict[str, str]) -> bool:
    if wanted["day"] and entry.refusal.at.astimezone().date() != _day(wanted["day"]):
        return False
    if wanted["reason"] not in ("", entry.refusal.reason):
        return False
    if wanted["class"] == _STRANGERS or entry.student is None:
        return wanted["class"] in ("", _STRANGERS) and (not wanted["class"] or entry.student is None)
    return looked_for(entry.student, wanted["class"])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
