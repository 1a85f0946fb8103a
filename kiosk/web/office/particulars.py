"""学生信息: what parents filled in about everybody, what is missing, and one student's items to be looked at and put right."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange import ExportRow
from kiosk.exchange.particulars import ITEMS, value_of
from kiosk.exchange.particulars_sheets import shown
from kiosk.office.particulars import KEY, lacking
from kiosk.office.particulars_standing import Of, Standing, stand
from kiosk.office.particulars_words import change_in_words, difference_in_words, particulars_in_words
from kiosk.office.plan_words import PlanWords
from kiosk.records import Decision, ParticularsEntry, Student, school_words
from kiosk.web.asking import asked, why
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.groups import classes_of, looked_for, of_group, school_choices, schools
from kiosk.web.office.paging import paged
from kiosk.web.office.shell import XLSX, attachment, handle, page, said, student_of
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_list, say_message

views = Blueprint("particulars", __name__)

_PER_PAGE: Final = 50
_MOST_SHOWN: Final = 60  # lines of each kind in the dialog
_MOST_MISSING: Final = 4  # named of one student
_STATES: Final = ("missing", "differing", "empty")


@views.get("/records/particulars")
def screen() -> ResponseReturnValue:
    """Everybody with what is missing; a class, a state, or who is looked for."""
    desk = context().office.particulars
    everybody = desk.standing()
    wanted = {name: request.args.get(name, "") for name in ("class", "state", "query")}
    found = [
        one for one in everybody if looked_for(one.student, wanted["class"], wanted["query"]) and _is(one, wanted["state"])
    ]
    part = paged(found, _PER_PAGE)
    of_class = [one for one in everybody if looked_for(one.student, wanted["class"])]
    return page(
        "particulars.html",
        "particulars",
        classes=classes_of([one.student for one in everybody]),
        states=_STATES,
        wanted=wanted,
        rows=[(one, _named(one.missing), [difference_in_words(language(), two) for two in one.differing]) for one in part.rows],
        found=len(found),
        number=part.number,
        pages=part.pages,
        counts={state: sum(_is(one, state) for one in everybody) for state in _STATES},
        total=len(everybody),
        lacking=[(_item(field), count) for field, count in lacking(of_class).items()],
        last=_last(),
        handle=handle,
        schools=school_choices(),
    )


@views.get("/records/particulars/<wanted>")
def one(wanted: str) -> ResponseReturnValue:
    """One student's items, with who brought them in. The look is kept."""
    office, student = context().office, student_of(wanted).student
    office.looks.student(student.id_number, by=at_work().name)
    row = office.particulars.row(student)
    standing = stand(row)
    differing = {two.field: difference_in_words(language(), two) for two in standing.differing}
    return page(
        "particulars_one.html",
        "particulars",
        student=student,
        handle=wanted,
        groups=[
            (group, [_shown(row, standing, rule.field, differing) for rule in ITEMS.columns if rule.group == group])
            for group in dict.fromkeys(rule.group for rule in ITEMS.columns)
        ],
        differing=list(differing.values()),
        missing=[_item(field) for field in standing.missing],
        history=[_told(entry) for entry in office.particulars.history(student)],
    )


@views.post("/office/particulars")
@job_views.may_take_long("read")
def take() -> ResponseReturnValue:
    """A list that was filled in: first what it would do, then it is done."""
    desk = context().office.particulars
    with uploaded("list", "web.roster_missing") as path:
        school = asked().get("school", "")
        seen = desk.preview(path, school=school)
        if not seen.changes:
            raise KioskError("particulars.nothing_new", problems=seen.reading.problem_count, unmatched=len(seen.unmatched))
        told = particulars_in_words(language(), seen, most=_MOST_SHOWN)
        about = sorted((one.student.id_number, *map(str, one.items.items())) for one in seen.changes)
        question = to_confirm("particulars.confirm", told, about)
        if question is not None:
            return question
        count = desk.take(path, source=path.name, by=at_work().person, school=school)
    return said("particulars.taken", count=count)


@views.post("/office/particulars/undo")
def undo() -> ResponseReturnValue:
    """Take the last list back: the one that the page showed."""
    batch = asked().get("batch", "")
    return said("particulars.undone", count=context().office.particulars.undo(by=at_work().person, batch=batch))


@views.post("/office/particulars/correct")
def correct() -> ResponseReturnValue:
    """Items of one student put right; what they were is kept."""
    values, student = asked(), student_of(asked().get("student", "")).student
    by, reason = who_decides(Decision.CORRECT), why()
    told = {rule.field: values[rule.field] for rule in ITEMS.columns if rule.field in values and rule.field != KEY}
    now = context().office.particulars.row(student).particulars
    changed = {field: text for field, text in told.items() if text != _written(field, now.get(field, ""))}
    doubts = context().office.particulars.doubts(changed)
    lines = tuple(say(language(), "particulars.open_item", item=_item(field), told=changed[field]) for field in doubts)
    warnings = tuple(say_message(language(), doubt) for doubt in doubts.values())
    if doubts and (question := to_confirm("particulars.confirm_open", PlanWords(lines, warnings), student.id_number, lines)):
        return question
    done = context().office.particulars.correct(student, changed, reason=reason, by=by)
    return said("particulars.corrected" if done else "particulars.unchanged", name=student.name)


@views.get("/records/particulars.xlsx")
def sheet() -> ResponseReturnValue:
    """The list of a class to be filled in, with what is known."""
    with tempfile.TemporaryDirectory(prefix="kiosk-particulars-") as folder:
        path = Path(folder) / "list.xlsx"
        context().office.particulars.write_list(path, of_group(request.args.get("class", "")), actor=at_work().name)
        return attachment(path.read_bytes(), f"{ITEMS.title}.xlsx", XLSX)


@views.get("/records/particulars.pdf")
def printed() -> ResponseReturnValue:
    """The sheets of a class or a student, to be checked and signed."""
    group, wanted = request.args.get("class", ""), request.args.get("student", "")
    if not group and not wanted:
        raise KioskError("particulars.class_first")
    whose = student_of(wanted).student.id_number if wanted else ""
    of: Of = (lambda student: student.id_number == whose) if wanted else of_group(group)
    content = context().office.particulars.sheets(of, actor=at_work().name)
    return attachment(content, f"{say('zh-CN', 'particulars.sheet_name')}.pdf", "application/pdf")


def _last() -> dict[str, str] | None:
    """The import that can be taken back, in words."""
    desk = context().office.particulars
    taken = desk.last_import()
    if taken is None:
        return None
    names = say_list(language(), (school_words(one, schools()) for one in desk.schools_of(taken)))
    told = {"count": len(taken.id_numbers), "file": taken.source, "at": moment(taken.at), "by": taken.by.name}
    words = say(language(), "ui.particulars.undoable", **told)
    return {"batch": taken.batch, "words": words, "schools": names if len(schools()) > 1 else ""}


def particulars_rows(student: Student) -> list[tuple[str, str]]:
    """What was filled in of a student, for the copy that they may have."""
    told = context().office.particulars.row(student).particulars
    return [(_item(rule.field), shown(rule, told[rule.field])) for rule in ITEMS.columns if told.get(rule.field)]


def _is(one: Standing, state: str) -> bool:
    return {"missing": bool(one.missing), "differing": bool(one.differing), "empty": not one.filled}.get(state, True)


def _item(field: str) -> str:
    return say(language(), f"item.{field}")


def _named(fields: tuple[str, ...]) -> str:
    return say_list(language(), map(_item, fields[:_MOST_MISSING])) + ("…" if len(fields) > _MOST_MISSING else "")


def _written(field: str, value: str) -> str:
    return ITEMS.column(field).code_and_word(value)


def _shown(row: ExportRow, standing: Standing, field: str, differing: dict[str, str]) -> dict[str, Any]:
    rule = ITEMS.column(field)
    filled_in = row.particulars.get(field, "")
    return {
        "field": field,
        "name": _item(field),
        "starred": rule.starred,
        "written": _written(field, filled_in),
        "counts": shown(rule, value_of(row, rule)) if rule.answered_by or rule.kind == "area" else "",
        "choices": [rule.code_and_word(value) for value in rule.kept] if len(rule.kept) else [],
        "differs": differing.get(field, ""),
        "missing": field in standing.missing,
        "key": field == KEY,
        "hint": rule.hint,
        "open": rule.open,
    }


def _told(entry: ParticularsEntry) -> dict[str, Any]:
    items = [change_in_words(language(), field, (entry.before[field], value)) for field, value in entry.told.items()]
    return {
        "at": moment(entry.at),
        "by": entry.by.name,
        "how": entry.source or entry.reason,
        "undone": entry.undone,
        "items": items,
    }
