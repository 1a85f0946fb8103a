"""考场包 at station and office: made of an exam, taken, deleted, the way to the door, and what came of it at all doors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, request, send_file
from flask.typing import ResponseReturnValue

from kiosk.checkin import Roll, Shelf, Shelved, plan_lines
from kiosk.checkin.admitting import door_name
from kiosk.ciphers.age import Sealing, is_recipient
from kiosk.ciphers.certificates import CertificateRequest
from kiosk.errors import KioskError
from kiosk.exchange.file_names import file_name, free_name, within
from kiosk.exchange.parcel import SUFFIX, sha256_of
from kiosk.office.exam_parcels import ExamParcelPlan
from kiosk.office.jobs import Telling
from kiosk.office.plan_words import PlanWords
from kiosk.records import Right, ThumbWhen, room_totals
from kiosk.web.asking import asked, number, place, why
from kiosk.web.attendance_words import twice_in_words
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work, door, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.restarting import started_anew
from kiosk.web.office.shell import page, said, streamed
from kiosk.web.office.uploads import uploaded, uploads
from kiosk.words import say, say_message

views = Blueprint("checkin", __name__)

_KIND: Final = "checkin"
_NAME: Final = "考场包-"  # what the files' names begin with


@views.get("/records/checkin")
def screen() -> ResponseReturnValue:
    """The packages that lie here, and the forms to make one and to take one."""
    office, here = context().office, _shelf().all()
    packages = [
        {
            "one": one,
            "issued": moment(one.day.issued_at),
            "until": moment(one.day.expires_at),
            "sessions": [(at.subject, moment(at.starts_at)) for at in one.day.sessions],
        }
        for one in here
    ]
    folder = _folder()
    return page(
        "checkin.html",
        "checkin",
        packages=packages,
        exams=[one for one in office.exams.all() if one.candidates and one.sessions],
        written=sorted((one.name for one in folder.glob(f"{_NAME}*{SUFFIX}")), reverse=True) if folder.is_dir() else [],
        thumbs=tuple(ThumbWhen),
        office_known=office.school_parcels.office_known(),
        can_begin=context().exam_day is not None,
        job=job_views.under_way(_KIND),
    )


@views.post("/office/checkin/package")
def package() -> ResponseReturnValue:
    """Make a package of an `exam`: `thumb`, `reentry`, `alive`, and the `requests` of other stations as files. An office signs
    it with its own key, may put the `district` in, and takes it at once: it is who puts the results together."""
    from kiosk.assembly import chip_embedder  # a page that waits for a PIN needs none of what it loads

    here, values, exam, by = context(), asked(), number("exam"), at_work().name
    plan = here.office.exam_parcels.plan(exam)
    stations = [CertificateRequest.read(one.read()) for one in request.files.getlist("requests") if one.filename]
    recipients = [here.office.exam_parcels.recipient(), *(one.recipient for one in stations)]
    if not all(map(is_recipient, recipients)):
        raise KioskError("parcel.no_recipient")
    thumb = ThumbWhen(values["thumb"]) if values.get("thumb") in set(ThumbWhen) else ThumbWhen.UNSURE
    reentry, alive = bool(values.get("reentry")), bool(values.get("alive"))
    settings, parcels, shelf = here.settings, here.office.exam_parcels, _shelf()
    key = here.district.key.signing if here.district is not None else None
    district, own_door = bool(values.get("district")), say(language(), "ui.checkin.office_door")
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = free_name(folder, file_name(f"{_NAME}{plan.exam.title}", SUFFIX))

    def work(progress: Telling) -> ExamParcelPlan:
        made = parcels.write(
            exam,
            path,
            Sealing(recipients=tuple(dict.fromkeys(recipients))),
            chip_embedder(settings),
            key=key,
            stations=[one.public_key for one in stations],
            thumb=thumb,
            reentry=reentry,
            alive=alive,
            district=district,
            by=by,
            progress=progress,
        )
        if key is not None:
            shelf.take(path, door=own_door, by=by)
        return made

    return job_views.answered(_KIND, work)


@views.post("/office/checkin/take")
@door(Right.DECIDE)
def take() -> ResponseReturnValue:
    """Take a package: the `file`, what this `door` is called, the office's `key` the first time, a `password` where it has one.
    Told before."""
    values, shelf = asked(), _shelf()
    key, password = values.get("key", ""), values.get("password", "")
    name = values.get("door", "") or context().settings.station.name
    with uploaded("file", "web.package_missing") as path:
        plan = shelf.plan(path, office_key=key, password=password)
        words = PlanWords(plan_lines(language(), plan.shelved), ())
        if (question := to_confirm("ui.checkin.confirm", words, sha256_of(path), key, name)) is not None:
            return question
        shelf.take(path, office_key=key, password=password, door=name, by=at_work().name)
    return said("cli.checkin.taken", title=plan.shelved.day.title)


@views.post("/office/checkin/begin")
@door(Right.DECIDE)
def begin() -> ResponseReturnValue:
    """Be the door of a `package` from now on, of one `room` or of all."""
    wanted, start = _shelf().get(asked().get("package", "")), context().exam_day
    room = asked().get("room", "")
    return started_anew((lambda: start(wanted.id, room)) if start is not None else None)


@views.post("/office/checkin/delete")
@door(Right.DECIDE)
def delete() -> ResponseReturnValue:
    """Delete a `package` with its key before it runs out: whoever is logged in asks, somebody else decides, with a reason."""
    shelf, reason, deciding = _shelf(), why(), who_decides()
    if deciding.same_as(at_work().person):
        raise KioskError("checkin.two_people")
    shelf.delete(shelf.get(asked().get("package", "")), by=deciding.name, second=at_work().name, reason=reason)
    return said("cli.checkin.deleted")


@views.get("/records/checkin/exam/<package>")
def results(package: str) -> ResponseReturnValue:
    """What came of an exam's `session` at all doors that are known here: counts by room, who was let in twice, who is under
    suspicion, who is absent; and the form for the doors' results."""
    with _opened(package) as (shelved, roll):
        session, tongue = _session(shelved), language()
        of = shelved.day.sessions[session]
        rooms = roll.counts(session)
        found = [
            {"candidate": who, "seat": who.seat_in(of), "presence": there.presence, "at": moment(event.at)}
            for who, event, there in roll.suspicions(session)
        ]
        return page(
            "checkin_results.html",
            "checkin",
            one=shelved,
            session=session,
            sessions=[(place, one.subject, moment(one.starts_at)) for place, one in enumerate(shelved.day.sessions)],
            rooms=rooms,
            totals=room_totals(rooms),
            doors=[door_name(one) for one in roll.register.doors()],
            whole=roll.register.is_whole(),
            closed=roll.is_closed(session),
            twice=[twice_in_words(tongue, one) for one in roll.twice(session)],
            suspicions=found,
            absent=[(who.seat_in(of), who) for who in roll.absent(session)],
        )


@views.post("/office/checkin/merge")
def merge() -> ResponseReturnValue:
    """Results of doors, one or more `file`, for a `package`: each is taken once, however often it comes."""
    shelf, password, by = _shelf(), asked().get("password", ""), at_work().name
    with _opened(asked().get("package", "")) as (shelved, roll):
        files = uploads("file", "web.package_missing")
        new = sum(shelf.merge(shelved, roll.register, path, password=password, by=by) for path in files)
    return said("ui.door.merged", count=new)


@views.post("/office/checkin/sheets")
def sheets() -> ResponseReturnValue:
    """考场情况记录表 of a `session` of a `package`, of all doors: written, signed, and answered as PDF."""
    here, shelf = context(), _shelf()
    with _opened(asked().get("package", "")) as (shelved, roll):
        words, stamp, now = partial(say_message, "zh-CN"), here.office.stamp(), here.office.schedule.now()
        session, by = _session(shelved), at_work().name
        folder = shelf.write_sheets(shelved, roll, session, _folder(), stamp, words, now, by=by)
    return send_file(next(folder.glob("*.pdf")), mimetype="application/pdf")


@views.get("/records/checkin/<name>")
def download(name: str) -> ResponseReturnValue:
    """One that was made, as it is: sealed."""
    path = within(_folder(), name)
    if not path.is_file():
        abort(404)
    context().office.files.note_download(path.name, by=at_work().name)
    return streamed(path)


@contextmanager
def _opened(package: str) -> Iterator[tuple[Shelved, Roll]]:
    """A package that lies here."""
    shelf = _shelf()
    shelved = next((one for one in shelf.all() if one.id == package), None) or abort(404)
    with closing(shelf.open(shelved)) as register:
        yield shelved, Roll(register)


def _session(shelved: Shelved) -> int:
    """The session that is meant; the first without a word."""
    return place("session", len(shelved.day.sessions)) or 0


def _shelf() -> Shelf:
    """Of a machine where packages can lie."""
    return context().shelf or abort(404)


def _folder() -> Path:
    return context().office.exam_parcels.folder


def _told(plan: ExamParcelPlan) -> dict[str, Any]:
    lacking = {"uncaptured": len(plan.uncaptured), "face": plan.without_face, "thumb": plan.without_thumb}
    words = say(language(), "ui.checkin.made", candidates=plan.candidates, rooms=plan.rooms)
    return {"message": words + (" " + say(language(), "cli.checkin.lacking", **lacking) if any(lacking.values()) else "")}


job_views.TELLERS[_KIND] = _told
