"""数据包: what goes to the office as a file, and what comes from there."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from kiosk.ciphers.age import Sealing
from kiosk.errors import KioskError
from kiosk.exchange.parcel import Kind, sha256_of
from kiosk.office import Delivering
from kiosk.office.delivery_words import delivery_in_words, word_in_words
from kiosk.office.files import OUR_OFFICE
from kiosk.office.invitation import invitation_in_words
from kiosk.office.jobs import Telling
from kiosk.office.parcel_words import back_in_words, school_in_words
from kiosk.office.parcels import ParcelResult, Which, bytes_of
from kiosk.office.receipts import receipt_in_words
from kiosk.records import Right
from kiosk.web.asking import asked
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office import job_views
from kiosk.web.office.shell import page, said, streamed
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_error, say_size

views = Blueprint("parcels", __name__)

_CAPTURES: Final = "captures"
_DELIVERY: Final = "delivery"
_SIZES: Final = ("2GB", "4GB", "650MB", "100MB")
_MOST_SHOWN: Final = 30
_MOST_WORDS: Final = 200


@views.get("/records/packages")
def screen() -> ResponseReturnValue:
    """What waits for the office, what was written for it, and the form for what it sends."""
    office = context().office
    written = office.parcels.written(_MOST_SHOWN)
    return page(
        "parcels.html",
        "parcels",
        to_office=bool(office.files.recipient()),
        standing=office.parcels.standing(),
        choices=tuple(Which),
        part_sizes=_SIZES,
        written=[
            {"one": one, "size": say_size(language(), one.size), "there": office.parcels.path_of(one.name)} for one in written
        ],
        taking=at_work().may(Right.ACCOUNTS),
        scanning=office.invitations is not None and at_work().may(Right.SETTINGS),
        office_known=office.school_parcels.office_known(),
        versions=office.school_parcels.versions(),
        receipts=office.receipts.taken()[:_MOST_SHOWN],
        words=office.receipts.words()[:_MOST_WORDS],
        today=office.schedule.now().astimezone().date(),
        delivery=(standing := office.delivery.standing()),
        said={digest: word_in_words(language(), word) for digest, word in standing.words.items()},
        failed=say_error(language(), standing.error) if standing.error is not None else "",
    )


@views.post("/office/packages/captures")
def captures() -> ResponseReturnValue:
    """Write what the office has not had yet, as a job."""
    office, told, actor = context().office, asked(), at_work().name
    try:
        which, day = Which(told.get("which", Which.NEW)), date.fromisoformat(told["day"]) if told.get("day") else None
    except ValueError:
        raise KioskError("web.time_missing") from None
    to, part_size = Sealing(recipients=office.files.recipients([OUR_OFFICE])), bytes_of(told.get("part_size") or _SIZES[0])

    def work(progress: Telling) -> ParcelResult:
        plan = office.parcels.plan(which, day=day, part_size=part_size)
        done = office.parcels.write(plan, to, actor=actor, progress=progress)
        office.delivery.written()
        return done

    return job_views.answered(_CAPTURES, work)


@views.post("/office/packages/take")
@door(Right.ACCOUNTS)
@job_views.may_take_long("read")
def take() -> ResponseReturnValue:
    """Take what the office sent: a form with the `file`, the `password` where it has one, and the first time the office's
    public `key`. Told before."""
    with uploaded("file", "web.package_missing") as path:
        return _take(path)[0]


@views.post("/office/packages/back")
@door(Right.ACCOUNTS)
def back() -> ResponseReturnValue:
    """Go back to the list's version before. Told before."""
    parcels = context().office.school_parcels
    plan = parcels.plan_back()
    if (question := to_confirm("ui.parcels.confirm_back", back_in_words(language(), plan), plan.now.digest)) is not None:
        return question
    parcels.go_back(by=at_work().name)
    return said("parcel.gone_back", version=plan.then.version)


@views.get("/records/packages/<name>")
def download(name: str) -> ResponseReturnValue:
    """One that was written, as it is: sealed."""
    path = context().office.parcels.path_of(name) or abort(404)
    context().office.files.note_download(path.name, by=at_work().name)
    return streamed(path)


@views.post("/office/packages/deliver")
def deliver() -> ResponseReturnValue:
    """Write what the office has not had yet, and send it over the network, as a job."""
    office, actor = context().office, at_work().name
    to = Sealing(recipients=office.files.recipients([OUR_OFFICE]))
    return job_views.answered(_DELIVERY, lambda progress: office.delivery.send(to, actor=actor, progress=progress))


@views.post("/office/packages/invitation")
@door(Right.SETTINGS)
def invitation() -> ResponseReturnValue:
    """Take the office's address from its code: a form with what a scanner typed as `code`. Told before."""
    invitations, code = context().office.invitations or abort(404), asked().get("code", "")
    words = invitation_in_words(language(), invitations.plan(code))
    if (question := to_confirm("ui.invitation.confirm", words, code)) is not None:
        return question
    invitations.take(code, by=at_work().person)
    return said("ui.invitation.taken")


@views.post("/office/packages/delivered/<name>")
@door(Right.ACCOUNTS)
def take_delivered(name: str) -> ResponseReturnValue:
    """Take what the office sent over the network. Told before."""
    office = context().office
    path = next((one for one in office.delivery.to_decide() if one.name == name), None) or abort(404)
    answer, taken = _take(path)
    if taken:
        office.delivery.decided(path)
    return answer


def _take(path: Path) -> tuple[ResponseReturnValue, bool]:
    """The answer, and whether it was taken: the first one asks."""
    here, told = context(), asked()
    office, password, key, me = here.office, told.get("password", ""), told.get("key", ""), at_work().person
    digest = sha256_of(path)
    if office.receipts.kind_of(path, password=password) is Kind.RECEIPT:
        words = receipt_in_words(language(), office.receipts.plan(path, password=password))
        if (question := to_confirm("ui.parcels.confirm_receipt", words, digest)) is not None:
            return question, False
        office.receipts.take(path, password=password, by=me.name)
        return said("parcel.receipt_taken"), True
    plan = office.school_parcels.plan(path, office_key=key, password=password)
    if (question := to_confirm("ui.parcels.confirm_school", school_in_words(language(), plan), digest, key)) is not None:
        return question, False
    plan, ended = office.school_parcels.take(path, office_key=key, password=password, by=me)
    for account in ended:
        here.presence.end_all_of(account.id)
    return said("parcel.school_taken", version=plan.head.version), True


def _delivered(done: Delivering) -> dict[str, Any]:
    return {"message": " ".join(delivery_in_words(language(), done))}


def _told(done: ParcelResult) -> dict[str, Any]:
    tongue = language()
    words = say(tongue, "ui.parcels.written", files=len(done.written), records=done.records)
    return {"message": words + (say(tongue, "parcel.hurt", count=len(done.hurt)) if done.hurt else "")}


job_views.TELLERS[_CAPTURES] = _told
job_views.TELLERS[_DELIVERY] = _delivered
