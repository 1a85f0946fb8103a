"""What the operator asks for."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.devices.card import AccessKey, parse_mrz
from kiosk.errors import KioskError
from kiosk.idnumber import masked
from kiosk.manual import EntryReason, TypedIn
from kiosk.records import Student
from kiosk.snapshot import NEEDS_DATA, NEEDS_REASON, Command
from kiosk.web.context import context, language
from kiosk.web.wording import class_in_words
from kiosk.words import say

views = Blueprint("commands", __name__)


@views.post("/command")
def command() -> ResponseReturnValue:
    """Give the station a command: JSON with `command` and, where one is needed, `reason` and `by`."""
    asked = request.get_json()
    try:
        wanted = Command(str(asked["command"]))
    except (KeyError, TypeError, ValueError):
        raise KioskError("web.command_unknown") from None
    reason, by = (str(asked.get(name) or "").strip() for name in ("reason", "by"))
    if wanted in NEEDS_REASON and not reason:
        raise KioskError("web.reason_missing")
    if wanted in NEEDS_REASON and not by:
        raise KioskError("web.name_missing")
    if wanted in NEEDS_DATA:
        raise KioskError("web.command_unknown")
    context().station.command(wanted, reason=reason, by=by)
    return Response(status=204)


@views.get("/type-in/students")
def students() -> ResponseReturnValue:
    """Whom the roster has for what is being typed: `text` is a part of a name or number."""
    text = request.args.get("text", "").strip()
    found = context().office.rosters.search(text) if text else ()
    tongue = language()
    return jsonify([{"number": one.id_number, "name": one.name, "about": _about(tongue, one)} for one in found])


@views.post("/type-in")
def type_in() -> ResponseReturnValue:
    """A student without a readable card: JSON with `number`, `why`, `by`, and where they are known `name` and `sex`."""
    asked = _texts(request.get_json())
    try:
        why = EntryReason(asked.get("why", ""))
    except ValueError:
        raise KioskError("web.reason_missing") from None
    if not asked.get("by"):
        raise KioskError("web.name_missing")
    typed = TypedIn(asked.get("name", ""), asked.get("number", ""), why, sex_code=asked.get("sex", ""))
    words = say(context().settings.station.language, f"manual.reason.{why}")
    context().station.type_in(typed, reason=words, by=asked["by"])
    return Response(status=204)


@views.post("/voice")
def voice() -> ResponseReturnValue:
    """The student's screen speaks, or is silent: JSON with `on`."""
    context().station.set_voice(on=bool(request.get_json().get("on")))
    return Response(status=204)


@views.post("/open-document")
def open_document() -> ResponseReturnValue:
    """What is printed on a passport: JSON with `mrz`, or with `number`, `birth` and `expiry` (YYYY-MM-DD)."""
    asked = _texts(request.get_json())
    if zone := asked.get("mrz"):
        key = parse_mrz(zone).key
    else:
        birth, expiry = (asked.get(name, "").replace("-", "")[-6:] for name in ("birth", "expiry"))
        key = AccessKey(asked.get("number", "").upper(), birth, expiry)
    context().station.open_document(key)
    return Response(status=204)


def _about(tongue: str, student: Student) -> str:
    """Tells students of one name apart."""
    return " · ".join(part for part in (student.name, class_in_words(tongue, student), masked(student.id_number)) if part)


def _texts(asked: object) -> dict[str, str]:
    """The fields of a JSON object as stripped texts."""
    if not isinstance(asked, dict):
        raise KioskError("web.command_unknown")
    return {str(name): str(value or "").strip() for name, value in asked.items()}
