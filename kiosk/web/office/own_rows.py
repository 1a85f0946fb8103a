"""What a copy of everything that is kept about a student says of papers, cases, calls and exams."""

from __future__ import annotations

from kiosk.exchange.school_lists import in_words
from kiosk.records import Student
from kiosk.web.context import context, language, moment
from kiosk.words import say, say_parts

Section = tuple[str, list[tuple[str, str]]]


def sections(student: Student) -> list[Section]:
    """Cases about a student, papers that were handed in, when to come, what calls and checks found, numbers and seats."""
    tongue = language()
    return [
        (say(tongue, "officetab.cases"), _cases(student)),
        (say(tongue, "officetab.materials"), _papers(student)),
        (say(tongue, "officetab.lists"), _found(student)),
        (say(tongue, "officetab.exams"), _seats(student)),
    ]


def _cases(student: Student) -> list[tuple[str, str]]:
    tongue = language()
    return [
        (
            f"{say(tongue, 'ui.cases.number', number=case.number)} {say(tongue, f'casekind.{case.kind}')}",
            say_parts(tongue, [say(tongue, f"casestate.{case.state}"), case.text, *(one.title for one in case.papers)]),
        )
        for case in context().office.cases.of_student(student.id_number)
    ]


def _papers(student: Student) -> list[tuple[str, str]]:
    materials = context().office.materials
    there = next((one.there for one in materials.all(lambda one: one.id_number == student.id_number)), {})
    rows = [(kind, " ".join(filter(None, (moment(one.at), one.handed_by, one.by, one.box)))) for kind, one in there.items()]
    if left := materials.leavings().get(student.id_number):
        cause, note = left
        rows.append((say(language(), "ui.own.left"), " ".join(filter(None, (say(language(), f"leaving.{cause}"), note)))))
    return rows


def _found(student: Student) -> list[tuple[str, str]]:
    tongue, whole = language(), context().office.dossiers.planned(student)
    rows = [(say(tongue, "ui.own.slot"), f"{window.round} {in_words(slot)}") for window, slot in whole.slots]
    rows += [(say(tongue, "ui.own.absent"), f"{one.reason} {moment(one.at)}") for one in whole.absences]
    rows += [
        (say(tongue, "ui.own.admitted"), say_parts(tongue, [one.reason, one.by, moment(one.until)])) for one in whole.admissions
    ]
    for code, outcome, found in (
        ("ui.own.roll_call", "rollcall", whole.roll_calls),
        ("ui.own.id_check", "idcheck", whole.id_checks),
    ):
        for one in found:
            told = say_parts(tongue, [say(tongue, f"{outcome}.{one.outcome}"), *filter(None, [one.note]), one.by])
            rows.append((say(tongue, code), f"{told} {moment(one.at)}"))
    return rows


def _seats(student: Student) -> list[tuple[str, str]]:
    tongue, whole = language(), context().office.dossiers.planned(student)
    rows = [(say(tongue, "ui.own.substitute"), whole.substitute)] if whole.substitute else []
    for exam, seat in whole.seats:
        told = say(
            tongue, "ui.own.seat", number=seat.exam_number, room=" ".join(filter(None, (seat.room, seat.place))), seat=seat.seat
        )
        rows.append((" ".join(filter(None, (exam.title, seat.subject))), told))
    return rows
