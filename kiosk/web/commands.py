"""What the operator asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk import codes
from kiosk.devices.card import AccessKey, parse_mrz
from kiosk.errors import KioskError
from kiosk.idnumber import masked
from kiosk.manual import EntryReason, TypedIn
from kiosk.records import Decision, Person, RefusalReason, Right, Step, Student
from kiosk.snapshot import NEEDS_DATA, NEEDS_REASON, NEEDS_SECOND_PERSON, Command, Order
from kiosk.web.asking import asked, flag, why
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door, who_decides
from kiosk.web.wording import class_in_words
from kiosk.words import say

views = Blueprint("commands", __name__)

_DECISIONS: Final = {
    Command.ACCEPT: Decision.ACCEPT,
    Command.DECLARE_LOOKALIKES: Decision.DUPLICATE,
    Command.EXCEPTION: Decision.EXCEPTION,
    Command.RECAPTURE: Decision.RECAPTURE,
    Command.ADMIT: Decision.ADMIT,
}
_LARGEST_HAND_IN: Final = 1024 * 1024


@views.post("/command")
@door(Right.CAPTURE)
def command() -> ResponseReturnValue:
    """Give the station an order: JSON with `command` and `about` (the state's `turn`), and where they belong to it `reason`,
    `by` and `pin` (who decides), `steps` (those to do again, separated by blanks), `cause` (of an abort), `what`
    (is marked), and `name`, `relation` and `phone` (of a guardian). Answers when it is done."""
    values = asked()
    try:
        wanted = Command(values.get("command", ""))
        steps = tuple(Step(step) for step in values.get("steps", "").split())
        cause = RefusalReason(values["cause"]) if values.get("cause") else None
    except ValueError:
        raise KioskError("web.command_unknown") from None
    if wanted in NEEDS_DATA:
        raise KioskError("web.command_unknown")
    if wanted in NEEDS_REASON:
        why()  # each is missed in words of its own
    by = who_decides(_decision(wanted)) if wanted in NEEDS_SECOND_PERSON else at_work().person
    name, relation, phone = (values.get(part, "") for part in ("name", "relation", "phone"))
    given = values.get("what") if wanted is Command.MARK else None
    order = replace(_order(wanted, by), steps=steps, cause=cause, name=name, relation=relation, phone=phone, given=given)
    context().station.give(order)
    return Response(status=204)


def _decision(wanted: Command) -> Decision:
    """The kind of decision that an order is: to let somebody pass who is suspected to be another is one of its own."""
    snapshot = context().station.snapshot()
    suspected = any(view.alike for view in snapshot.steps if view.step is snapshot.step)
    return Decision.DUPLICATE if wanted is Command.ACCEPT and suspected else _DECISIONS[wanted]


def _order(wanted: Command, by: Person, reason: str = "") -> Order:
    """What is asked for, about what, by whom."""
    values = asked()
    try:
        about = int(values.get("about", ""))
    except ValueError:
        raise KioskError("web.command_unknown") from None
    return Order(wanted, about, reason or values.get("reason", ""), by)


@views.get("/type-in/students")
def students() -> ResponseReturnValue:
    """Whom the roster has for what is being typed: `text` is a part of a name or number."""
    text = request.args.get("text", "").strip()
    found = context().office.rosters.search(text) if text else ()
    tongue = language()
    return jsonify(
        [
            {
                "number": one.id_number,
                "name": one.name,
                "ethnicity": codes.ethnicity_code(one.ethnicity),
                "about": _about(tongue, one),
            }
            for one in found
        ]
    )


@views.post("/type-in")
@door(Right.CAPTURE)
def type_in() -> ResponseReturnValue:
    """A student without a readable card: JSON with `number`, `why`, `by`, `pin`, `about`, and where known `name`, `sex`,
    `ethnicity` (code of GB/T 3304) and `address`."""
    values = asked()
    try:
        cause = EntryReason(values.get("why", ""))
    except ValueError:
        raise KioskError("web.reason_missing") from None
    typed = TypedIn(
        values.get("name", ""),
        values.get("number", ""),
        cause,
        sex_code=values.get("sex", ""),
        ethnicity_code=_ethnicity(values.get("ethnicity", "")),
        address=values.get("address", ""),
    )
    words = say(context().settings.station.language, f"manual.reason.{cause}")
    context().station.type_in(typed, _order(Command.TYPE_IN, who_decides(Decision.TYPE_IN), words))
    return Response(status=204)


@views.post("/hand-in")
@door(Right.CAPTURE, students=True)
def hand_in() -> ResponseReturnValue:
    """What was done on a step's panel: JSON with `about` and `given`; the step looks at it."""
    if (request.content_length or 0) > _LARGEST_HAND_IN:
        raise KioskError("web.too_large", megabytes=_LARGEST_HAND_IN // 1024 // 1024)
    try:
        body = request.get_json()
    except RecursionError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("about"), int):
        raise KioskError("web.command_unknown")
    context().station.hand_in(body.get("given"), body["about"])
    return Response(status=204)


@views.post("/voice")
@door(Right.CAPTURE)
def voice() -> ResponseReturnValue:
    """The student's screen speaks, or is silent: JSON with `on`."""
    context().station.set_voice(on=flag("on"))
    return Response(status=204)


@views.post("/open-document")
@door(Right.CAPTURE)
def open_document() -> ResponseReturnValue:
    """What is printed on a passport: JSON with `about`, and `mrz` or `number`, `birth` and `expiry` (YYYY-MM-DD).

    Of a birth date that is not wholly known, `birth_year`, `birth_month` and `birth_day` as far as they are.
    """
    values = asked()
    if zone := values.get("mrz"):
        key = parse_mrz(zone).key
    else:
        birth, expiry = (values.get(name, "").replace("-", "")[-6:] for name in ("birth", "expiry"))
        key = AccessKey(values.get("number", "").upper(), birth or _birth_as_far_as_known(values), expiry)
    context().station.open_document(key, _order(Command.OPEN_DOCUMENT, at_work().person))
    return Response(status=204)


def _birth_as_far_as_known(values: Mapping[str, str]) -> str:
    """YYMMDD with `<` for what nobody knows, as it is printed: ICAO 9303-3, 4.8. Nothing where nothing was said."""
    parts = [values.get(f"birth_{part}", "")[-2:] for part in ("year", "month", "day")]
    return "".join(part or "<<" for part in parts) if any(parts) or flag("birth_unknown") else ""


def _ethnicity(code: str) -> str:
    """A code of the standard, or none."""
    return code if code in codes.ETHNICITY else ""


def _about(tongue: str, student: Student) -> str:
    """Tells students of one name apart."""
    return " · ".join(part for part in (student.name, class_in_words(tongue, student), masked(student.id_number)) if part)
