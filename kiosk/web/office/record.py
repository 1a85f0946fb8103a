"""One student: everything that is kept, and what a person may decide about student and record afterwards."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office import Dossier
from kiosk.records import (
    OWN_FINGER,
    STEPS,
    BiometricKind,
    CaptureRecord,
    Decision,
    ProgressState,
    RecordState,
    Step,
    StudentProgress,
)
from kiosk.web import wording
from kiosk.web.asking import asked, local_time, why
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office import dossier
from kiosk.web.office.consent import erased_rows, law_of
from kiosk.web.office.shell import handle, label, page, said, student_of
from kiosk.web.pictures import picture_response
from kiosk.words import say, say_parts

views = Blueprint("record", __name__)

_SHOWN: Final = {
    BiometricKind.CHIP_PHOTO,
    BiometricKind.LIVE_FACE,
    BiometricKind.DOCUMENT,
    *(picture for spec in STEPS.values() for picture in spec.pictures),
}
_PDF: Final = b"%PDF-"
_SCANS: Final = {b"\xff\xd8\xff": "image/jpeg", _PDF: "application/pdf"}
_READY_REASONS: Final = {"absent": 4, "admit": 3, "correct": 4}


@views.get("/records/<record_id>")
def one(record_id: str) -> ResponseReturnValue:
    """One capture: everything that was captured, judged, decided, corrected, kept and looked at. The look is kept, too."""
    here = context()
    office, by = here.office, at_work().name
    record = office.looks.record(record_id, by=by)
    if record is None:
        return _gone(record_id)
    student, whole = record.student, office.dossiers.of(record.student.id_number, record.id)
    newest = next((one for one in whole.versions if one.state is RecordState.COMPLETE), None)
    printed, entry = office.upkeep.printed([record.id])[record.id], office.looks.progress_of(student.id_number)
    complete = record.state is RecordState.COMPLETE
    offered = office.corrections.offered(student, record) if not complete or newest is None or newest.id == record.id else []
    return page(
        "record.html",
        "progress",
        record=record,
        entry=entry if entry is not None and entry.record_id == record.id else None,
        student=student,
        handle=handle(student),
        facts=dossier.capture_rows(record, printed),
        roster=dossier.roster_rows(student),
        card=dossier.card_rows(record.card) if record.card else [],
        steps=dossier.result_rows(record),
        kept=dossier.kept_rows(record, whole.kept),
        fingers=_fingers(record),
        drawn=_drawn(record),
        complete=complete,
        printed=printed,
        stands={str(one.kind) for one in whole.kept if one.stands},
        fields=dossier.correctable_rows(student, offered),
        label=label,
        reasons=_reasons(),
        **law_of(student, record.id),
        **_history(whole, record.id, student.id_number),
    )


def _gone(record_id: str) -> ResponseReturnValue:
    """What was a record and was deleted whole; ends the request where there never was one."""
    gone = erased_rows(record_id)
    return page("record_gone.html", "progress", record_id=record_id, gone=gone) if gone else abort(404)


@views.get("/records/student/<wanted>")
def student(wanted: str) -> ResponseReturnValue:
    """Somebody on the roster without a capture: what the roster says, and what was done so far. The look is kept."""
    here, entry = context(), student_of(wanted)
    office, number = here.office, entry.student.id_number
    office.looks.student(number, by=at_work().name)
    return page(
        "student.html",
        "progress",
        entry=entry,
        student=entry.student,
        handle=wanted,
        roster=dossier.roster_rows(entry.student),
        missing=entry.state is ProgressState.NOT_SEEN,
        fields=dossier.correctable_rows(entry.student, office.corrections.offered(entry.student, None)),
        label=label,
        reasons=_reasons(),
        **law_of(entry.student),
        **_history(office.dossiers.of(number), "", number),
    )


def _history(whole: Dossier, current: str, number: str) -> dict[str, Any]:
    """What both pages say of the time since."""
    return {
        "seats": dossier.seat_rows(number),
        "versions": dossier.version_rows(whole.versions, current),
        "corrections": whole.corrections,
        "refusals": whole.refusals,
        "trail": dossier.trail_rows(whole.trail),
        "looks": dossier.trail_rows(whole.looks),
    }


@views.get("/records/<record_id>/<kind>")
def picture(record_id: str, kind: str) -> ResponseReturnValue:
    """One of a capture's pictures."""
    if kind not in {str(shown) for shown in _SHOWN}:
        abort(404)
    here = context()
    found = here.office.looks.picture(record_id, BiometricKind(kind), by=at_work().name)
    if found is None:
        abort(404)
    return picture_response(found)


@views.get("/records/<record_id>/kept/<int:number>")
def piece(record_id: str, number: int) -> ResponseReturnValue:
    """One of the pieces that are kept, superseded ones, too; a template is no picture."""
    here = context()
    found = here.office.looks.piece(record_id, number, by=at_work().name)
    if found is None or found[0] not in {*_SHOWN, BiometricKind.FORM}:
        abort(404)
    return Response(found[1], mimetype="application/pdf") if found[1].startswith(_PDF) else picture_response(found[1])


@views.post("/office/absent")
def absent() -> ResponseReturnValue:
    """Somebody can't come."""
    entry = _asked_about()
    context().office.upkeep.absent(entry.student, reason=why(), by=who_decides().name)
    return said("ui.absent.done", name=entry.student.name)


@views.post("/office/admit")
def admit() -> ResponseReturnValue:
    """A supervisor lets somebody in outside the group's window."""
    entry, until = _asked_about(), local_time("until")
    context().office.schedule.admit(entry.student, until=until, reason=why(), by=who_decides(Decision.ADMIT).name)
    return said("ui.admit.done", name=entry.student.name, until=moment(until))


@views.post("/office/correct")
def correct() -> ResponseReturnValue:
    """One field of a student put right; the old value is kept."""
    field, record_id, office = asked().get("field", ""), asked().get("record", ""), context().office
    by, reason, value = who_decides(Decision.CORRECT), why(), asked().get("value")
    if value is None:
        raise KioskError("web.value_missing")  # nothing was chosen, which is not the same as empty
    number = office.corrections.number_of(record_id) if record_id else _asked_about().student.id_number
    office.corrections.correct(number, field, value, reason=reason, by=by)
    return said("ui.correct.done", field=label(field))


@views.post("/office/sign")
def sign() -> ResponseReturnValue:
    """The form of one record is signed; the scan of it comes along where there is one."""
    upload = request.files.get("scan")
    scan = upload.read() if upload is not None else b""
    if scan and not any(scan.startswith(signature) for signature in _SCANS):
        raise KioskError("web.scan_kind")
    record = context().office.upkeep.sign(asked().get("record", ""), by=who_decides(Decision.SIGN_OFF).name, scan=scan)
    return said("ui.sign.done", name=record.student.name)


def _asked_about() -> StudentProgress:
    return student_of(asked().get("student", ""))


def _reasons() -> dict[str, list[str]]:
    tongue = language()
    return {about: [say(tongue, f"reason.{about}.{n}") for n in range(1, most + 1)] for about, most in _READY_REASONS.items()}


def _drawn(record: CaptureRecord) -> dict[BiometricKind, str]:
    """The pictures of steps that are not of the body, and whose they are, in words."""
    found = ((record.result(step), spec) for step, spec in STEPS.items() if spec.pictures and not spec.biometric)
    return {
        spec.pictures[0]: say_parts(language(), (wording.statement_in_words(language(), one) for one in result.statements))
        for result, spec in found
        if result is not None and result.statements
    }


def _fingers(record: CaptureRecord) -> dict[Step, str]:
    """Which finger each finger step took, in words."""
    taken = {step: record.result(step) for step in OWN_FINGER}
    return {
        step: wording.finger_in_words(language(), step, *((result.position, result.wanted) if result else (None,)))
        for step, result in taken.items()
    }
