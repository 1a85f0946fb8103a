"""Who was captured and who was not, by class; and one capture with all that was judged."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from kiosk.idnumber import masked
from kiosk.records import OWN_FINGER, BiometricKind, ProgressState, Step, StudentProgress
from kiosk.snapshot import StepState, StepView
from kiosk.web import wording
from kiosk.web.context import context, language
from kiosk.web.roster_views import XLSX
from kiosk.words import say

views = Blueprint("records", __name__, url_prefix="/records")

_PER_PAGE: Final = 50
# In the order of what wants attention first.
_STATES: Final = (
    ProgressState.CAPTURED,
    ProgressState.REVIEW,
    ProgressState.EXCEPTION,
    ProgressState.UNFINISHED,
    ProgressState.ABSENT,
    ProgressState.NOT_SEEN,
)
_SHOWN: Final = {
    BiometricKind.CHIP_PHOTO,
    BiometricKind.PORTRAIT,
    BiometricKind.LIVE_FACE,
    BiometricKind.RIGHT_THUMB,
    BiometricKind.LEFT_THUMB,
}


@views.get("")
def everybody() -> ResponseReturnValue:
    """The roster with what became of each student; filters come in the address."""
    students = context().office.looks.students()
    wanted = {name: request.args.get(name, "") for name in ("class", "state", "q")}
    found = [student for student in students if _matches(student, wanted)]
    pages = max(1, -(-len(found) // _PER_PAGE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    return render_template(
        "records.html",
        classes=_classes(students),
        total=_tally("", students),
        states=_STATES,
        students=found[(page - 1) * _PER_PAGE : page * _PER_PAGE],
        found=len(found),
        page=page,
        pages=pages,
        wanted=wanted,
        masked=masked,
        in_words=lambda entry: wording.class_in_words(language(), entry.student),
    )


@views.get("/progress.xlsx")
def progress_sheet() -> ResponseReturnValue:
    """The same list as a sheet."""
    with tempfile.TemporaryDirectory(prefix="kiosk-progress-") as folder:
        path = Path(folder) / "progress.xlsx"
        context().office.files.write_progress(path)
        content = path.read_bytes()
    disposition = f"attachment; filename*=UTF-8''{quote(say(language(), 'ui.records.sheet_name'))}"
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": disposition})


@views.get("/<record_id>")
def one(record_id: str) -> ResponseReturnValue:
    """One capture: live face, chip photo and score side by side, thumbs, every step. The look is kept in the audit trail."""
    here = context()
    record = here.office.looks.record(record_id, by=here.settings.station.operator)
    if record is None:
        abort(404)
    results = {step: record.result(step) for step in Step}
    steps = [
        wording.step_in_words(
            language(),
            StepView(
                r.step, StepState.DONE, r.verdict, r.attempts, r.scores, r.measures, r.problems, r.reason, r.alike, r.position
            ),
        )
        | {"by": r.decided_by}
        for r in results.values()
        if r is not None
    ]
    return render_template(
        "record.html",
        record=record,
        steps=steps,
        fingers={
            step: wording.finger_in_words(language(), step, result.position if (result := results[step]) else None)
            for step in OWN_FINGER
        },
        masked=masked(record.student.id_number),
        class_name=wording.class_in_words(language(), record.student),
    )


@views.get("/<record_id>/<kind>")
def picture(record_id: str, kind: str) -> ResponseReturnValue:
    """One of a capture's pictures."""
    if kind not in {str(shown) for shown in _SHOWN}:
        abort(404)
    here = context()
    found = here.office.looks.picture(record_id, BiometricKind(kind), by=here.settings.station.operator)
    if found is None:
        abort(404)
    return Response(found, mimetype="image/png" if found.startswith(b"\x89PNG") else "image/jpeg")


def _class_of(student: StudentProgress) -> str:
    return " ".join(filter(None, (student.student.grade, student.student.class_name)))


def _matches(student: StudentProgress, wanted: dict[str, str]) -> bool:
    query = wanted["q"].strip().casefold()
    return (
        wanted["state"] in ("", student.state)
        and wanted["class"] in ("", _class_of(student))
        and (not query or query in student.student.name.casefold() or student.student.id_number.casefold().endswith(query))
    )


def _classes(students: Sequence[StudentProgress]) -> list[dict[str, Any]]:
    """One line a class, in the roster's order."""
    by_class: dict[str, list[StudentProgress]] = {}
    for student in students:
        by_class.setdefault(_class_of(student), []).append(student)
    return [_tally(name, members) for name, members in by_class.items()]


def _tally(name: str, members: Sequence[StudentProgress]) -> dict[str, Any]:
    counts = Counter(member.state for member in members)
    done = counts[ProgressState.CAPTURED] + counts[ProgressState.EXCEPTION] + counts[ProgressState.REVIEW]
    words = wording.class_in_words(language(), members[0].student) if name else ""
    return {
        "name": name,
        "words": words,
        "total": len(members),
        "done": done,
        "counts": {state: counts[state] for state in _STATES},
    }
