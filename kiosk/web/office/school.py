"""The school's own data and 考试联系人, entered once; and the sheet of them."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.records import CATEGORIES, CONTACTS, Contact, Point, School, SchoolName, Served
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import who_decides
from kiosk.web.office.shell import XLSX, attachment, page, said
from kiosk.words import say, say_message

views = Blueprint("school", __name__)

SCHOOL_FIELDS: Final = ("name", "code", "district", "principal", "address", "postcode", "phone")
CONTACT_FIELDS: Final = ("name", "duty", "mobile", "phone")
_PARTS: Final = 4  # of a school that is captured here: its name, its code, who approved it, on which day


@views.get("/records/school")
def screen() -> ResponseReturnValue:
    """What is known, to be changed."""
    school = context().office.school.current()
    contacts = contacts_of(school)
    missing = sum(not one.name for one in contacts[:CONTACTS])
    return page(
        "school.html",
        "school",
        known=school,
        fields=SCHOOL_FIELDS,
        of_contact=CONTACT_FIELDS,
        contacts=contacts,
        missing=missing,
        point=context().office.school.point(),
        categories=CATEGORIES,
        certificate=[say_message(language(), one) for one in context().office.certificates.told()],
    )


def contacts_of(school: School) -> list[Contact]:
    """Those that are known, and empty ones for those that are wanted."""
    return [*school.contacts, *[Contact()] * CONTACTS][: max(CONTACTS, len(school.contacts))]


@views.post("/office/school")
def change() -> ResponseReturnValue:
    """Enter it anew."""
    told, by = asked(), who_decides()
    contacts = tuple(
        Contact(**{field: told.get(f"contact{number}_{field}", "") for field in CONTACT_FIELDS})
        for number in range(1, CONTACTS + 1)
    )
    school = School(**{field: told.get(field, "") for field in SCHOOL_FIELDS}, contacts=contacts)
    context().office.school.change(school, by=by)
    return said("ui.school.done")


@views.post("/office/point")
def change_point() -> ResponseReturnValue:
    """Enter anew what is captured here: a line a school, its parts between commas."""
    told, by = asked(), who_decides()
    lines = enumerate(told.get("schools", "").splitlines(), 1)
    served = tuple(_served(line, number) for number, line in lines if line.strip())
    categories = tuple(one for number, one in enumerate(CATEGORIES) if told.get(f"category{number}"))
    context().office.school.change_point(Point(bool(told.get("active")), categories, served), by=by)
    return said("ui.school.done")


def _served(line: str, number: int) -> Served:
    parts = [part.strip() for part in line.replace("，", ",").split(",")]
    if any(parts[_PARTS:]):
        raise KioskError("school.served_parts", number=number)
    name, code, by, on = (*parts, "", "", "")[:_PARTS]
    return Served(SchoolName(name, code), by, on)


@views.get("/records/point.<kind>")
def point_sheet(kind: str) -> ResponseReturnValue:
    """报名点信息表, as a sheet or on paper."""
    if kind not in ("xlsx", "pdf"):
        abort(404)
    with context().uploads.held(f"point.{kind}", lambda _: None) as path:
        context().office.school.write_point(path)
        name = say(language(), "ui.point.sheet_name")
        return attachment(path.read_bytes(), f"{name}.{kind}", XLSX if kind == "xlsx" else "application/pdf")


@views.get("/records/school.xlsx")
def sheet() -> ResponseReturnValue:
    """学校信息表."""
    with context().uploads.held("school.xlsx", lambda _: None) as path:
        context().office.school.write(path)
        return attachment(path.read_bytes(), say(language(), "ui.school.sheet_name"), XLSX)
