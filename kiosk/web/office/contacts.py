"""联系人与值班: whom to call for what, who is there on which day, and what is still to be arranged."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.records import SUBJECTS, Gap, HelpLine, Subject, Task, Whose
from kiosk.web.asking import asked, number
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work
from kiosk.web.office.printing import PDF_POLICY
from kiosk.web.office.shell import XLSX, attachment, page, said
from kiosk.words import say, say_day, say_list

views = Blueprint("contacts", __name__)

_MOST_GAPS: Final = 12


@views.get("/records/contacts")
def screen() -> ResponseReturnValue:
    """Everything that is known."""
    office = context().office
    gaps = office.duties.gaps()
    return page(
        "contacts.html",
        "contacts",
        school=[one for one in office.school.current().contacts if one.name],
        lines=office.duties.lines(),
        subjects=[(whose, subject) for whose, subjects in SUBJECTS.items() for subject in subjects],
        duties=office.duties.duties(),
        tasks=tuple(Task),
        names=list(dict.fromkeys(one.name for one in office.accounts.open())),
        gaps=[_in_words(gap) for gap in gaps[:_MOST_GAPS]],
        more_gaps=max(0, len(gaps) - _MOST_GAPS),
        today=office.schedule.now().astimezone().date(),
    )


@views.post("/office/contacts")
def add() -> ResponseReturnValue:
    """Enter a contact of a vendor or of the district."""
    told = asked()
    try:
        whose, subject = (part(value) for part, value in zip((Whose, Subject), told.get("about", "").split("/"), strict=True))
    except ValueError:
        raise KioskError("contact.subject") from None
    assert isinstance(whose, Whose)
    assert isinstance(subject, Subject)
    name, person, phone, note = (told.get(field, "") for field in ("name", "person", "phone", "note"))
    line = HelpLine(whose, subject, name, person, phone, note)
    context().office.duties.add_line(line, by=at_work().person)
    return said("ui.contacts.added", name=line.name)


@views.post("/office/contacts/drop")
def drop() -> ResponseReturnValue:
    """Take a contact off."""
    context().office.duties.drop_line(number("number"), by=at_work().person)
    return said("ui.contacts.dropped")


@views.post("/office/duties")
def assign() -> ResponseReturnValue:
    """Somebody does something from a day to a day."""
    told = asked()
    first = _day(told.get("first", ""))
    last = _day(told.get("last", "")) if told.get("last") else first
    try:
        task = Task(told.get("task", ""))
    except ValueError:
        raise KioskError("duty.name") from None
    name, phone = told.get("name", ""), told.get("phone", "")
    count = context().office.duties.assign(first, last, task, name, phone, by=at_work().person)
    return said("ui.duties.added", name=name, count=count)


@views.post("/office/duties/drop")
def drop_duty() -> ResponseReturnValue:
    """Take somebody off the list."""
    context().office.duties.drop(number("number"), by=at_work().person)
    return said("ui.contacts.dropped")


@views.get("/records/contacts.pdf")
def paper() -> ResponseReturnValue:
    """The sheet to hang up."""
    content = context().office.duties.paper()
    return Response(content, mimetype="application/pdf", headers={"Content-Security-Policy": PDF_POLICY})


@views.get("/records/contacts.xlsx")
def sheet() -> ResponseReturnValue:
    """The same as a workbook."""
    with context().uploads.held("contacts.xlsx", lambda _: None) as path:
        context().office.duties.write(path)
        return attachment(path.read_bytes(), say(language(), "ui.contacts.sheet_name"), XLSX)


def _in_words(gap: Gap) -> str:
    tongue = language()
    return say(
        tongue,
        "ui.duties.gap",
        day=say_day(tongue, gap.day),
        tasks=say_list(tongue, [say(tongue, f"dutytask.{one}") for one in gap.tasks]),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise KioskError("web.day_missing") from None
