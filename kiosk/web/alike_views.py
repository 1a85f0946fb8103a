"""The other student of a suspected duplicate, for the supervisor who decides. Each viewing is kept in the audit trail.

Answers 204 once the suspicion is over: a screen may ask a moment too late, and who is not suspected is nobody's business here.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, jsonify, url_for
from flask.typing import ResponseReturnValue

from kiosk.idnumber import masked
from kiosk.records import BiometricKind, CaptureRecord, Resemblance, Step
from kiosk.web import wording
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work
from kiosk.web.pictures import picture_response
from kiosk.words import say

views = Blueprint("alike", __name__, url_prefix="/alike")

_PICTURES: Final = (BiometricKind.PORTRAIT, BiometricKind.CHIP_PHOTO)


@views.get("/<record_id>")
def other(record_id: str) -> ResponseReturnValue:
    """Who it is: name, masked number, class, when captured, and where the pictures are."""
    here, suspected = context(), _suspected(record_id)
    if suspected is None:
        return _over()
    if suspected.staff:
        return jsonify(fields=_of_staff(suspected), pictures={})
    if suspected.station:
        return jsonify(fields=_of_another_station(suspected), pictures={})
    record = here.office.looks.record(record_id, by=at_work().name, why="suspected_duplicate")
    if record is None:
        return _over()
    told = {
        "name": record.student.name,
        "id_number": masked(record.student.id_number),
        "class_name": wording.class_in_words(language(), record.student),
        "captured_at": moment(record.captured_at),
    }
    return jsonify(
        fields=[{"field": name, "label": say(language(), f"field.{name}"), "value": value} for name, value in told.items()],
        pictures={kind: url_for("alike.picture", record_id=record_id, kind=kind) for kind in (*_PICTURES, suspected.kind)},
        finger=_finger(record, suspected.kind),
    )


@views.get("/<record_id>/<kind>")
def picture(record_id: str, kind: str) -> ResponseReturnValue:
    """One of the pictures that show the likeness."""
    here, suspected = context(), _suspected(record_id)
    if suspected is None or kind not in {str(shown) for shown in (*_PICTURES, suspected.kind)}:
        return _over()
    if suspected.staff or suspected.station:
        return _over()
    found = here.office.looks.picture(record_id, BiometricKind(kind), by=at_work().name)
    if found is None:
        return _over()
    return picture_response(found)


def _finger(record: CaptureRecord, kind: BiometricKind) -> str | None:
    """Which finger of theirs was taken at that step, in words; None for a picture of no finger."""
    result = next((result for step in Step if step.value == kind.value and (result := record.result(step))), None)
    return wording.finger_in_words(language(), result.step, result.position, result.wanted) if result is not None else None


def _of_staff(suspected: Resemblance) -> list[dict[str, str]]:
    """Of the staff only templates are kept: there is a name and a role, and nothing to look at."""
    account, tongue = context().office.accounts.find(suspected.staff), language()
    role = say(tongue, f"role.{account.role}") if account is not None else "—"
    told = (("name", "field.name", suspected.name), ("role", "ui.accounts.role", role))
    return [{"field": field, "label": say(tongue, label), "value": value} for field, label, value in told]


def _of_another_station(suspected: Resemblance) -> list[dict[str, str]]:
    """Of whom another station captured there are only templates here."""
    told = {"name": suspected.name, "id_number": suspected.number, "station": suspected.station}
    return [{"field": name, "label": say(language(), f"field.{name}"), "value": value} for name, value in told.items()]


def _suspected(record_id: str) -> Resemblance | None:
    """The student at hand resembles this one."""
    alike = (other for view in context().station.snapshot().steps for other in view.alike)
    return next((other for other in alike if (other.record_id or other.staff) == record_id), None)


def _over() -> Response:
    return Response(status=204)
