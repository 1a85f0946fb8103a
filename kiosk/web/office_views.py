"""Rosters in, exports out, the list of captures."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.web.context import context, language
from kiosk.words import say, say_message

views = Blueprint("office", __name__)

_ROSTER_SUFFIXES: Final = frozenset({".xlsx", ".xls", ".csv"})


@views.post("/office/roster")
def import_roster() -> ResponseReturnValue:
    """Take an uploaded roster; answers the counts and every cell that can't be read."""
    upload = request.files.get("roster")
    if upload is None or not upload.filename:
        raise KioskError("web.roster_missing")
    suffix = Path(upload.filename).suffix.lower()
    if suffix not in _ROSTER_SUFFIXES:
        raise KioskError("web.roster_kind", suffix=suffix)
    # The upload's name is the visitor's: the file gets one of ours, and is gone with its folder.
    with tempfile.TemporaryDirectory(prefix="kiosk-roster-") as folder:
        path = Path(folder) / f"roster{suffix}"
        upload.save(path)
        result = context().office.import_roster(path)
    tongue = language()
    problems = [
        {"row": p.row, "column": p.column, "value": p.value, "message": say_message(tongue, p.message)} for p in result.problems
    ]
    counts = {"taken": result.taken, "added": result.added, "changed": result.changed, "gone": result.gone}
    return jsonify(**counts, problems=problems, summary=say(tongue, "ui.roster.summary", **counts, problems=len(problems)))


@views.post("/office/export")
def export() -> ResponseReturnValue:
    """Write the files of a profile."""
    asked = request.get_json()
    done = context().office.export(str(asked.get("profile") or context().settings.station.profile))
    words = say(language(), "ui.export.summary", rows=done.rows, pictures=done.pictures)
    return jsonify(folder=str(done.folder), sheet=str(done.sheet), rows=done.rows, pictures=done.pictures, summary=words)


@views.get("/records")
def records() -> ResponseReturnValue:
    """The captures, newest first, with masked numbers."""
    return render_template("records.html", records=context().office.records(), run=context().run)
