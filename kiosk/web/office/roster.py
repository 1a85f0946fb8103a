"""Rosters and lists of exam numbers in: looked at first, taken when somebody has seen what would change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.codes import RESIDENT_CARD
from kiosk.errors import KioskError
from kiosk.exchange import RosterReading, RowProblem, left_out, load_profile, profiles
from kiosk.exchange.template import lacking_values, unnamed_columns, write_template
from kiosk.idnumber import masked, problem
from kiosk.office import ExamNumbers, ImportMode
from kiosk.office.jobs import Telling
from kiosk.office.roster_words import elsewhere_in_words
from kiosk.records import Leaving, Student
from kiosk.store import RosterChange
from kiosk.tables.rules import load_rules
from kiosk.web.asking import asked
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work
from kiosk.web.office import job_views
from kiosk.web.office.groups import class_words
from kiosk.web.office.shell import XLSX, attachment, handle, label, page, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_list, say_message, say_parts

views = Blueprint("roster", __name__)

_SUFFIXES: Final = frozenset(
    {".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv", ".txt", ".tsv", ""}
)  # what it is, its content tells
_ROSTER, _NUMBERS = "roster", "numbers"
_MOST_NAMED: Final = 10
_MOST_SHOWN: Final = 500  # cells in the table of problems; the count tells of the rest


@views.get("/records/roster")
def screen() -> ResponseReturnValue:
    """The roster's import, who left it, and who has no resident ID card."""
    office = context().office
    progress = office.looks.students()
    given = {one.student.id_number: one.number for one in office.rosters.substitutes([one.student for one in progress])}
    return page(
        "roster.html",
        "roster",
        count=len(progress),
        numbered=sum(bool(entry.student.exam_number) for entry in progress),
        departures=[(one.student, moment(one.at), one.captured) for one in office.rosters.departures()],
        leavings=office.materials.leavings(),
        causes=tuple(Leaving),
        others=[
            (entry, _document(entry.student), given.get(entry.student.id_number))
            for entry in progress
            if _has_no_card(entry.student)
        ],
        wanting=sum(not number for number in given.values()),
        school_code=office.rosters.substitutes_school() if len(office.rosters.schools()) < 2 else "",
        modes=list(ImportMode),
        schools=[one.name or one.code for one in office.rosters.schools() if any(one)],
        undoable=_undo_words(office.rosters.undoable()),
        profiles=profiles(),
        own_profile=context().settings.station.profile,
        handle=handle,
    )


@views.post("/office/roster/look")
@job_views.may_take_long("read")
def look() -> ResponseReturnValue:
    """What an uploaded file says and what taking it would do; nothing changes."""
    with _uploaded() as path:
        preview = context().office.rosters.preview(path, _columns(), mode=_mode(), **_school())
    reading, change = preview.reading, preview.change
    counts = {
        "read": reading.rows_read,
        "taken": len(reading.students),
        "refused": reading.rows_refused,
        "added": len(change.added),
        "changed": len(change.changed),
        "gone": len(change.gone),
        "repeated": reading.rows_repeated,
        "problems": max(reading.problem_count, len(reading.problems)),
        "warnings": max(reading.warning_count, len(reading.warnings)),
    }
    tongue = language()
    fields = [{"field": rule.field, "name": rule.header} for rule in load_rules("students").columns]
    columns = [
        {"sheet": column.sheet, "column": column.column, "header": column.header, "field": column.field}
        for column in reading.columns
    ]
    return jsonify(
        summary=say(tongue, "ui.roster.summary", **counts),
        gone=say(tongue, "ui.roster.gone", gone=len(change.gone)) if change.gone else "",
        kept=say(tongue, "ui.roster.kept_rows", count=len(preview.kept)) if preview.kept else "",
        modes={mode: say(tongue, "rostermode.gone", gone=count) for mode, count in preview.gone_by.items()},
        elsewhere=bool(preview.elsewhere),
        left=[
            *elsewhere_in_words(tongue, preview.elsewhere),
            *_corrected(tongue, preview.corrected),
            *_unnamed(tongue, reading),
            *_lacking(tongue, reading),
            *(say_message(tongue, line) for line in left_out(reading)),
        ],
        fields=fields,
        columns=columns,
        problems=_told(tongue, reading.problems),
        warnings=_told(tongue, reading.warnings),
        changes=_changes(tongue, change),
        counts=counts,
    )


@views.post("/office/roster")
def take() -> ResponseReturnValue:
    """Take an uploaded file's good rows onto the roster."""
    rosters, columns, mode, school, actor = context().office.rosters, _columns(), _mode(), _school(), at_work().name
    with ExitStack() as files:
        path = files.enter_context(_uploaded())

        def work(_: Telling) -> int:
            rosters.take(path, columns, mode=mode, actor=actor, **school)
            return len(rosters.students())

        return job_views.answered(_ROSTER, work, files=files)


@views.post("/office/roster/undo")
@job_views.may_take_long("roster")
def undo() -> ResponseReturnValue:
    """Take the last import back."""
    rosters = context().office.rosters
    change = rosters.undo(actor=at_work().name)
    counts = {"added": len(change.added), "changed": len(change.changed), "gone": len(change.gone)}
    return jsonify(summary=say(language(), "ui.roster.undone", count=len(rosters.students()), **counts))


@views.post("/office/roster/substitutes")
def give_substitutes() -> ResponseReturnValue:
    """Give the numbers of the exam office's rule to everybody who needs one."""
    told, actor = asked(), at_work().name
    given = context().office.rosters.give_substitutes(told.get("school_code", ""), actor=actor, school=told.get("school", ""))
    lacking = sum(not one.number for one in given)
    return jsonify(summary=say(language(), "ui.substitutes.given", count=len(given) - lacking, lacking=lacking))


@views.post("/office/roster/left")
def say_why_left() -> ResponseReturnValue:
    """Why somebody left the roster."""
    told, office = asked(), context().office
    gone = {handle(one.student): one.student for one in office.rosters.departures()}
    if told.get("student") not in gone or told.get("cause") not in set(Leaving):
        raise KioskError("store.nothing_there")
    student = gone[told["student"]]
    office.materials.say_why_left(student, Leaving(told["cause"]), told.get("note", ""), by=at_work().person)
    return said("ui.roster.left_said", name=student.name)


@views.get("/office/roster/template/<name>.xlsx")
def template(name: str) -> ResponseReturnValue:
    """An empty roster with the columns that a profile is filled from."""
    profile = load_profile(name)
    with context().uploads.held("template.xlsx", lambda _: None) as path:
        write_template(profile, path)
        return attachment(path.read_bytes(), say(language(), "ui.roster.template_name", profile=profile.title), XLSX)


@views.post("/office/exam-numbers/look")
@job_views.may_take_long("read")
def look_at_exam_numbers() -> ResponseReturnValue:
    """What a list of exam numbers says about the roster; nothing changes."""
    with _uploaded() as path:
        found = context().office.rosters.preview_exam_numbers(path, _columns())
    return jsonify(_exam_numbers(found))


@views.post("/office/exam-numbers")
def take_exam_numbers() -> ResponseReturnValue:
    """Enter the exam numbers of a list."""
    rosters, columns, actor = context().office.rosters, _columns(), at_work().name
    with ExitStack() as files:
        path = files.enter_context(_uploaded())

        def work(_: Telling) -> int:
            return len(rosters.take_exam_numbers(path, columns, actor=actor).assigned)

        return job_views.answered(_NUMBERS, work, files=files)


@views.post("/office/roster/marked")
def marked() -> ResponseReturnValue:
    """An uploaded file with its bad cells marked and commented, to be mended and filed again."""
    tongue = language()
    with _uploaded() as path:
        out = path.with_name("marked.xlsx")
        context().office.rosters.mark_up(path, out, lambda message: say_message(tongue, message), _columns())
        content = out.read_bytes()
    return Response(content, mimetype=XLSX)


@contextmanager
def _uploaded() -> Iterator[Path]:
    """The uploaded file, gone with its folder afterwards."""
    with uploaded("roster", "web.roster_missing") as path:
        if path.suffix not in _SUFFIXES:
            raise KioskError("web.roster_kind", suffix=path.suffix)
        yield path


def _corrected(tongue: str, students: Sequence[Student]) -> list[str]:
    """Whose corrections the file would undo, and doesn't."""
    names = say_list(language(), (student.name for student in students[:_MOST_NAMED])) + (
        "…" if len(students) > _MOST_NAMED else ""
    )
    return [say(tongue, "ui.roster.corrected", count=len(students), names=names)] if students else []


def _unnamed(tongue: str, reading: RosterReading) -> list[str]:
    """What the station's own profile wants and no column or title tells."""
    profile = load_profile(context().settings.station.profile)
    headers = unnamed_columns(profile, reading.told)
    return [say(tongue, "ui.roster.unnamed", profile=profile.title, headers=say_list(language(), headers))] if headers else []


def _lacking(tongue: str, reading: RosterReading) -> list[str]:
    """Who has no 学籍号, say, where the station's own profile may not lack it."""
    profile = load_profile(context().settings.station.profile)
    return [
        say(
            tongue,
            "ui.roster.lacking",
            profile=profile.title,
            header=header,
            count=len(students),
            names=say_list(tongue, (one.name for one in students[:_MOST_NAMED])) + ("…" if len(students) > _MOST_NAMED else ""),
        )
        for header, students in lacking_values(profile, reading.students).items()
    ]


def _mode() -> ImportMode:
    """Who leaves, as the operator chose; without a word the file is the whole school's, as it was before there was a choice."""
    try:
        return ImportMode(request.form.get("mode", ImportMode.WHOLE))
    except ValueError:
        raise KioskError("web.roster_mode") from None


def _school() -> dict[str, Any]:
    """Which school a file is of that names none, and whether those of another school come over."""
    return {"school": request.form.get("school", "").strip(), "transfer": bool(request.form.get("transfer"))}


def _undo_words(change: RosterChange) -> str:
    counts = {"added": len(change.added), "changed": len(change.changed), "gone": len(change.gone)}
    return say(language(), "ui.roster.undoable", **counts) if any(counts.values()) else ""


def _columns() -> dict[str, str]:
    """The operator's corrections: header to field, or to nothing."""
    try:
        wanted = json.loads(request.form.get("columns") or "{}")
        known = {rule.field for rule in load_rules("students").columns} | {""}
        columns = {str(header): str(field) for header, field in wanted.items()}
    except (ValueError, AttributeError, RecursionError):
        raise KioskError("web.columns") from None
    if not set(columns.values()) <= known:
        raise KioskError("web.columns")
    return columns


def _told(tongue: str, problems: Sequence[RowProblem]) -> list[dict[str, Any]]:
    return [
        {
            "sheet": problem.sheet,
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "message": say_message(tongue, problem.message),
        }
        for problem in problems[:_MOST_SHOWN]
    ]


def _changes(tongue: str, change: RosterChange) -> list[dict[str, str]]:
    """Everybody who comes, changes or leaves, with what changes from what."""

    def told(student: Student, kind: str, words: str = "") -> dict[str, str]:
        number, group = masked(student.id_number), class_words(student)
        return {
            "kind": kind,
            "kindName": say(tongue, f"rosterchange.{kind}"),
            "name": student.name,
            "number": number,
            "group": group,
            "words": words,
        }

    found = [told(student, "gone") for student in change.gone]
    for one in change.changed:
        before, after = vars(one.before), vars(one.after)
        differing = [field for field in after if after[field] != before[field]]
        words = say_parts(
            language(), (f"{label(field)}：{before[field] or '—'} → {after[field] or '—'}" for field in differing)
        )
        found.append(told(one.after, "changed", words))
    return (found + [told(student, "added") for student in change.added])[:_MOST_SHOWN]


def _exam_numbers(found: ExamNumbers) -> dict[str, Any]:
    tongue = language()
    lists = {"differing": found.differing, "twice": found.twice, "unknown": found.unknown, "missing": found.missing}
    counts = {name: len(students) for name, students in lists.items()}
    return {
        "sound": found.sound,
        "summary": say(tongue, "ui.exam_numbers.summary", assigned=len(found.assigned), refused=found.refused, **counts),
        "rows": [
            [say(tongue, f"examnumbers.{name}"), student.name, masked(student.id_number), getattr(student, found.field)]
            for name, students in lists.items()
            for student in students
        ][:_MOST_SHOWN],
    }


def _has_no_card(student: Student) -> bool:
    """Whether another document than the resident ID card, or none, is what the roster knows this student by."""
    return student.document_type not in ("", RESIDENT_CARD) or problem(student.id_number) is not None


def _document(student: Student) -> str:
    rule = load_rules("students").column("document_type")
    return rule.name_of(student.document_type) if student.document_type else say(language(), "ui.roster.no_document")


job_views.TELLERS[_ROSTER] = lambda count: {"summary": say(language(), "ui.roster.taken", count=count)}
job_views.TELLERS[_NUMBERS] = lambda count: {"summary": say(language(), "ui.exam_numbers.taken", count=count)}
