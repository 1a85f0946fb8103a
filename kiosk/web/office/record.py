"""One student: the capture with all that was judged, and what a person may decide about student and record afterwards."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from kiosk.clock import moment
from kiosk.errors import KioskError
from kiosk.idnumber import masked
from kiosk.records import (
    OWN_FINGER,
    STEPS,
    BiometricKind,
    CaptureRecord,
    ProgressState,
    RecordState,
    Step,
    Student,
    StudentProgress,
)
from kiosk.snapshot import StepState, StepView
from kiosk.store import CORRECTABLE
from kiosk.web import wording
from kiosk.web.asking import asked, local_time, who_decides, why
from kiosk.web.context import context, language
from kiosk.web.office.shell import handle, label, page, said, student_of
from kiosk.web.pictures import picture_response
from kiosk.words import say

views = Blueprint("record", __name__)

_SHOWN: Final = {
    BiometricKind.CHIP_PHOTO,
    BiometricKind.LIVE_FACE,
    BiometricKind.DOCUMENT,
    *(spec.pictures[0] for spec in STEPS.values() if spec.pictures),
}
_SCANS: Final = {b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}
_READY_REASONS: Final = {"absent": 4, "admit": 3, "correct": 4}


@views.get("/records/<record_id>")
def one(record_id: str) -> ResponseReturnValue:
    """One capture: live face, chip photo and score side by side, thumbs, every step. The look is kept in the audit trail."""
    here = context()
    record = here.office.looks.record(record_id, by=here.settings.station.operator)
    if record is None:
        abort(404)
    return page(
        "record.html",
        "progress",
        record=record,
        entry=next((entry for entry in here.office.looks.students() if entry.record_id == record.id), None),
        student=record.student,
        handle=handle(record.student),
        steps=_steps(record),
        fingers=_fingers(record),
        drawn=_drawn(record),
        complete=record.state is RecordState.COMPLETE,
        printed=here.office.upkeep.printed([record.id])[record.id],
        kept=here.office.looks.kinds(record.id),
        fields=[{"field": field, "label": label(field), "value": _value(record.student, field)} for field in CORRECTABLE],
        label=label,
        reasons=_reasons(),
    )


@views.get("/records/student/<wanted>")
def student(wanted: str) -> ResponseReturnValue:
    """Somebody on the roster without a capture."""
    entry = student_of(wanted)
    return page(
        "student.html",
        "progress",
        entry=entry,
        student=entry.student,
        handle=wanted,
        rows=_roster_row(entry.student),
        missing=entry.state is ProgressState.NOT_SEEN,
        reasons=_reasons(),
    )


@views.get("/records/<record_id>/<kind>")
def picture(record_id: str, kind: str) -> ResponseReturnValue:
    """One of a capture's pictures."""
    if kind not in {str(shown) for shown in _SHOWN}:
        abort(404)
    here = context()
    found = here.office.looks.picture(record_id, BiometricKind(kind), by=here.settings.station.operator)
    if found is None:
        abort(404)
    return picture_response(found)


@views.post("/office/absent")
def absent() -> ResponseReturnValue:
    """Somebody can't come."""
    entry = _asked_about()
    context().office.upkeep.absent(entry.student, reason=why(), by=who_decides())
    return said("ui.absent.done", name=entry.student.name)


@views.post("/office/admit")
def admit() -> ResponseReturnValue:
    """A supervisor lets somebody in outside the group's window."""
    entry, until = _asked_about(), local_time("until")
    context().office.schedule.admit(entry.student, until=until, reason=why(), by=who_decides())
    return said("ui.admit.done", name=entry.student.name, until=moment(until))


@views.post("/office/correct")
def correct() -> ResponseReturnValue:
    """One field of a record put right; the old value is kept."""
    field, record_id = asked().get("field", ""), asked().get("record", "")
    context().office.upkeep.correct(record_id, field, asked().get("value", ""), reason=why(), by=who_decides())
    return said("ui.correct.done", field=label(field))


@views.post("/office/sign")
def sign() -> ResponseReturnValue:
    """The form of one record is signed; the scan of it comes along where there is one."""
    upload = request.files.get("scan")
    scan = upload.read() if upload is not None else b""
    if scan and not any(scan.startswith(signature) for signature in _SCANS):
        raise KioskError("web.scan_kind")
    record = context().office.upkeep.sign(asked().get("record", ""), by=who_decides(), scan=scan)
    return said("ui.sign.done", name=record.student.name)


def _asked_about() -> StudentProgress:
    return student_of(asked().get("student", ""))


def _reasons() -> dict[str, list[str]]:
    tongue = language()
    return {about: [say(tongue, f"reason.{about}.{n}") for n in range(1, most + 1)] for about, most in _READY_REASONS.items()}


def _steps(record: CaptureRecord) -> list[dict[str, Any]]:
    found = []
    for step in Step:
        result = record.result(step)
        if result is not None:
            view = StepView.of(result, StepState.DONE)
            found.append(wording.step_in_words(language(), view) | {"by": result.decided_by})
    return found


def _drawn(record: CaptureRecord) -> dict[BiometricKind, str]:
    """The pictures of steps that are not of the body, and whose they are, in words."""
    found = ((record.result(step), spec) for step, spec in STEPS.items() if spec.pictures and not spec.biometric)
    return {
        spec.pictures[0]: "；".join(wording.statement_in_words(language(), one) for one in result.statements)
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


def _roster_row(student: Student) -> list[tuple[str, str]]:
    fields = ("sex birth_text ethnicity registration_number student_number exam_number stream school guardian_consent").split()
    return [(label(field), _value(student, field)) for field in fields if getattr(student, field)]


def _value(student: Student, field: str) -> str:
    """A field's value; a student number is often the ID number with a letter before it."""
    value: str = getattr(student, field)
    return value.replace(student.id_number, masked(student.id_number))
