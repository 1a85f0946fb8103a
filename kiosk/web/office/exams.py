"""考试与座位: exams with their sessions, seats by the platform's list or by rule, and their papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange.seating import Order, Seat
from kiosk.office import SeatImport, SeatRule
from kiosk.office.jobs import Progress
from kiosk.office.list_words import list_in_words
from kiosk.office.plan_words import PlanWords
from kiosk.records import Exam, ExamSession, Student
from kiosk.web.asking import asked, local_time, number, why
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.groups import classes_of, exam_groups, looked_for, of_group
from kiosk.web.office.printing import PRINT, Printed, folder_of
from kiosk.web.office.shell import page, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_list

views = Blueprint("exams", __name__)

_GROUP: Final = "of-"  # how the fields are called that choose who takes an exam
_MOST_A_ROOM: Final = 500
_MOST_TOLD: Final = 10
_PAPER: Final = "zh-CN"  # papers are Chinese whatever language the screen speaks


@views.get("/records/exams")
def screen() -> ResponseReturnValue:
    """The exams, and one of them with its sessions and rooms."""
    exams = context().office.exams
    listed = exams.all()
    wanted = request.args.get("exam", 0, int)
    chosen = next((one for one in listed if one.number == wanted), listed[0] if listed else None)
    students = context().office.rosters.students()
    return page(
        "exams.html",
        "exams",
        exams=listed,
        chosen=chosen,
        rooms=_rooms(exams.seats(chosen.number)) if chosen else [],
        examined=exam_groups(students),
        classes=classes_of(students),
        unnumbered=sum(not one.exam_number for one in students),
        orders=tuple(Order),
        job=job_views.under_way(PRINT),
    )


@views.post("/office/exam")
def add() -> ResponseReturnValue:
    """Set an exam up."""
    exam = context().office.exams.add(Exam(asked().get("title", ""), asked().get("site", "")), by=at_work().name)
    return said("ui.exams.added", title=exam.title)


@views.post("/office/exam/change")
def change() -> ResponseReturnValue:
    """Another title or site."""
    exams, values = context().office.exams, asked()
    exams.change(replace(_chosen(), title=values.get("title", ""), site=values.get("site", "")), by=at_work().name)
    return said("ui.exams.changed")


@views.post("/office/exam/session")
def add_session() -> ResponseReturnValue:
    """One subject more."""
    exam = _chosen()
    latest = local_time("latest" if asked().get("latest") else "starts")
    session = ExamSession(asked().get("subject", ""), local_time("starts"), local_time("ends"), latest)
    context().office.exams.change(replace(exam, sessions=(*exam.sessions, session)), by=at_work().name)
    return said("ui.exams.session_added", subject=session.subject)


@views.post("/office/exam/session/remove")
def remove_session() -> ResponseReturnValue:
    """One subject less."""
    exam, at = _chosen(), number("at")
    left = tuple(one for place, one in enumerate(exam.sessions) if place != at)
    context().office.exams.change(replace(exam, sessions=left), by=at_work().name)
    return said("ui.exams.changed")


@views.post("/office/exam/seats")
@job_views.may_take_long("read")
def take() -> ResponseReturnValue:
    """The platform's list: what it says is confirmed first; what is wrong is told with its row and column."""
    exams, exam, tongue, by = context().office.exams, _chosen(), language(), at_work().name
    with uploaded("list", "web.seats_missing") as path:
        found = exams.preview(exam.number, path)
        if not found.sound:
            return jsonify(
                code="seating.list_unsound",
                message=" ".join((say(tongue, "error.seating.list_unsound"), *list_in_words(tongue, found))),
            ), 409
        digest = sha256(path.read_bytes()).hexdigest()
        words = _words(exam, found)
        if (question := to_confirm("ui.exams.confirm_list", words, exam.number, digest)) is not None:
            return question
        exams.take(exam.number, path, by=by)
    return said("ui.exams.seated", count=len({one.id_number for one in found.seatings}))


@views.post("/office/exam/make")
@job_views.may_take_long("seats")
def make() -> ResponseReturnValue:
    """Seats by rule, looked at before they are kept."""
    exams, exam, rule, of = context().office.exams, _chosen(), _rule(), _examined()
    seats = exams.plan(rule, of)
    rooms = _rooms(seats)
    tongue = language()
    lines = (
        say(tongue, "ui.exams.would", rooms=len(rooms), students=len(seats)),
        *(say(tongue, "ui.exams.room_line", **room) for room in rooms[:_MOST_TOLD]),
        *(["…"] if len(rooms) > _MOST_TOLD else []),
    )
    words = PlanWords(lines, _replacing(exam))
    if (question := to_confirm("ui.exams.confirm_make", words, exam.number, rule, len(seats))) is not None:
        return question
    exams.make(exam.number, rule, of, by=at_work().name)
    return said("ui.exams.seated", count=len(seats))


@views.post("/office/exam/undo")
def undo() -> ResponseReturnValue:
    """Take the last change of the seats back."""
    return said("ui.exams.undone", count=context().office.exams.undo(number("exam"), by=at_work().name))


@views.post("/office/exam/withdraw")
def withdraw() -> ResponseReturnValue:
    """Take an exam back."""
    context().office.exams.withdraw(number("exam"), reason=why(), by=who_decides().name)
    return said("ui.exams.withdrawn")


@views.post("/office/exam/print")
def print_papers() -> ResponseReturnValue:
    """准考证, 座次表, 核对表, 桌贴, 汇总表; what they would lack is told first."""
    here, exam, anyway, actor = context(), _chosen(), asked().get("anyway", ""), at_work().name
    seats, group = here.office.exams.seats(exam.number), asked().get("class", "")
    if not seats:
        raise KioskError("seating.no_seats", exam=exam.title)
    of = of_group(group) if group else None
    papers, school = here.office.papers(here.settings.station.profile), here.office.school.current().name
    folder = folder_of(say(_PAPER, "ui.print.exam"))

    def work(progress: Progress) -> Printed:
        doubts = [] if anyway else papers.seat_doubts([seat for seat in seats if of is None or of(seat.student)])
        if doubts:
            return Printed(doubts=tuple(doubts))
        return Printed(tuple(papers.exam(folder, exam, seats, progress, school=school, actor=actor, of=of)))

    return job_views.started(here.office.jobs.start(PRINT, len(seats) * (2 if of is None else 1), work))


def _chosen() -> Exam:
    return context().office.exams.get(number("exam"))


def _rooms(seats: Sequence[Seat]) -> list[dict[str, Any]]:
    """Each room: who sits there, how many, and the numbers from and to."""
    rooms: dict[tuple[str, str], list[Seat]] = defaultdict(list)
    for seat in seats:
        rooms[seat.subject, seat.room].append(seat)
    return [
        {
            "subject": subject,
            "room": room,
            "place": members[0].place,
            "who": say_list(language(), dict.fromkeys(f"{one.grade} {one.stream}".strip() for one in _by_class(members))),
            "count": len(members),
            "first": min(one.student.exam_number for one in members),
            "last": max(one.student.exam_number for one in members),
        }
        for (subject, room), members in rooms.items()
    ]


def _by_class(members: Sequence[Seat]) -> list[Student]:
    return sorted((one.student for one in members), key=lambda student: student.group.order)


def _words(exam: Exam, found: SeatImport) -> PlanWords:
    tongue = language()
    rooms = len({(one.subject, one.room) for one in found.seatings})
    lines = [say(tongue, "ui.exams.would", rooms=rooms, students=len({one.id_number for one in found.seatings}))]
    if found.missing:
        lines.append(say(tongue, "ui.exams.unseated", count=len(found.missing)))
    return PlanWords(tuple(lines), (*_replacing(exam), *list_in_words(tongue, found)))


def _replacing(exam: Exam) -> tuple[str, ...]:
    return (say(language(), "ui.exams.replaces", count=exam.candidates),) if exam.candidates else ()


def _rule() -> SeatRule:
    try:
        per_room, order = number("per_room"), Order(asked().get("order", ""))
    except (KioskError, ValueError):
        raise KioskError("web.room_size", most=_MOST_A_ROOM) from None
    if not 1 <= per_room <= _MOST_A_ROOM:
        raise KioskError("web.room_size", most=_MOST_A_ROOM)
    return SeatRule(per_room, order, asked().get("prefix", ""))


def _examined() -> Callable[[Student], bool]:
    """Those who take the exam: of the groups that are ticked."""
    chosen = [value for name, value in asked().items() if name.startswith(_GROUP)]
    return lambda student: any(looked_for(student, group) for group in chosen)
