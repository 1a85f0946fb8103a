"""Signed forms: ticked in a list or scanned by the number on them; the records are frozen."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office.plan_words import PlanWords
from kiosk.records import Decision
from kiosk.web.asking import asked
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import who_decides
from kiosk.web.office.groups import class_words, classes_of, looked_for
from kiosk.web.office.shell import page, said
from kiosk.words import say, say_error, say_list

views = Blueprint("signing", __name__)

_MOST_TOLD: Final = 5  # of those whose form could not be noted
_MOST_NAMED: Final = 60  # a class


@views.get("/records/signing")
def screen() -> ResponseReturnValue:
    """A class with who has signed; forms that come back are scanned whatever their class."""
    office = context().office
    everybody = office.looks.students()
    classes = classes_of([entry.student for entry in everybody])
    chosen = request.args.get("class", classes[0]["value"] if classes else "")
    captured = [entry for entry in everybody if entry.captured]
    members = [entry for entry in captured if looked_for(entry.student, chosen)]
    return page(
        "signing.html",
        "signing",
        classes=classes,
        chosen=chosen,
        members=members,
        printed=office.upkeep.printed([entry.record_id for entry in members]),
        signed=sum(entry.signed for entry in captured),
        captured=len(captured),
    )


@views.post("/office/sign/scanned")
def scanned() -> ResponseReturnValue:
    """The form with this number is signed."""
    upkeep, by = context().office.upkeep, who_decides(Decision.SIGN_OFF).name
    record = upkeep.sign(upkeep.find(asked().get("number", "")).id, by=by)
    words = say(language(), "ui.sign.done", name=record.student.name)
    return jsonify(message=words, name=record.student.name, group=class_words(record.student))


@views.post("/office/sign/ticked")
def ticked() -> ResponseReturnValue:
    """The forms of these records are signed: who they are is confirmed first, for nothing can be corrected afterwards."""
    records, by = request.form.getlist("record"), who_decides(Decision.SIGN_OFF).name
    if not records:
        raise KioskError("web.nobody_ticked")
    if (question := to_confirm("ui.confirm.sign", _in_words(records), *sorted(records), by)) is not None:
        return question
    signed, refused = context().office.upkeep.sign_all(records, by=by)
    if not refused:
        return said("ui.sign.done_many", count=signed)
    why = " ".join(say_error(language(), error) for error in refused[:_MOST_TOLD])
    return said("ui.sign.some_not", count=signed, refused=len(refused), why=why)


def _in_words(records: list[str]) -> PlanWords:
    """How many, who, and of how many no form was ever printed."""
    office, tongue = context().office, language()
    ticked = frozenset(records)
    names = [one.student.name for one in office.looks.students() if one.record_id in ticked]
    unprinted = sum(not times for times in office.upkeep.printed(records).values())
    more = "…" if len(names) > _MOST_NAMED else ""
    lines = (
        say(tongue, "ui.sign.plan", count=len(ticked)),
        say_list(language(), names[:_MOST_NAMED]) + more,
        say(tongue, "ui.sign.plan_final"),
    )
    return PlanWords(lines, (say(tongue, "ui.sign.plan_unprinted", count=unprinted),) if unprinted else ())
