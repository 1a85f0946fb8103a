"""Files out: what is missing is said before anything is written."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.exchange import ReportEntry
from kiosk.idnumber import masked
from kiosk.web import wording
from kiosk.web.context import context, language
from kiosk.words import say, say_message

views = Blueprint("export", __name__, url_prefix="/office/export")

_MOST_SHOWN: Final = 500


@views.post("/check")
def check() -> ResponseReturnValue:
    """Each row that breaks a profile and the way to mend it; nothing is written."""
    tongue = language()
    rows, entries = 0, []
    for entry in context().office.files.report(_asked("profile", context().settings.station.profile)):
        rows += 1
        if entry.problems:
            entries.append(entry)
    summary = say(tongue, "ui.export.checked", rows=rows, good=rows - len(entries), bad=len(entries))
    return jsonify(rows=rows, bad=len(entries), summary=summary, problems=[_told(tongue, e) for e in entries[:_MOST_SHOWN]])


@views.post("")
def export() -> ResponseReturnValue:
    """Write the files of a profile."""
    done = context().office.files.export(
        _asked("profile", context().settings.station.profile),
        only_good=_asked("rows", "all") == "good",
        password=_asked("password", ""),
        actor=context().settings.station.operator,
    )
    words = say(language(), "ui.export.summary", rows=done.rows, pictures=done.pictures)
    return jsonify(folder=str(done.folder), sheet=str(done.sheet), summary=words)


def _asked(name: str, otherwise: str) -> str:
    body: Any = request.get_json()
    return str(body.get(name) or otherwise) if isinstance(body, dict) else otherwise


def _told(tongue: str, entry: ReportEntry) -> dict[str, Any]:
    who = entry.row.who
    return {
        "name": who.name if who else "",
        "number": masked(who.id_number) if who else "",
        "class": wording.class_in_words(tongue, who) if who else "",
        "problems": [say_message(tongue, problem) for problem in entry.problems],
    }
