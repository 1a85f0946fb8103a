"""Rosters in: looked at first, taken when the operator has seen what would change."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange import RowProblem
from kiosk.exchange.rules import load_rules
from kiosk.web.context import context, language
from kiosk.words import say, say_message

views = Blueprint("roster", __name__, url_prefix="/office/roster")

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SUFFIXES: Final = frozenset({".xlsx", ".xls", ".csv"})
_MOST_SHOWN: Final = 500  # cells in the table of problems; the count tells of the rest


@views.post("/look")
def look() -> ResponseReturnValue:
    """What an uploaded file says and what taking it would do; nothing changes."""
    with _uploaded() as path:
        preview = context().office.rosters.preview(path, _columns())
    reading, change = preview.reading, preview.change
    counts = {
        "read": reading.rows_read,
        "taken": len(reading.students),
        "refused": reading.rows_refused,
        "added": len(change.added),
        "changed": len(change.changed),
        "gone": len(change.gone),
    }
    tongue = language()
    fields = [{"field": rule.field, "name": rule.header} for rule in load_rules("students").columns]
    columns = [
        {"sheet": column.sheet, "column": column.column, "header": column.header, "field": column.field}
        for column in reading.columns
    ]
    return jsonify(
        summary=say(tongue, "ui.roster.summary", **counts),
        gone=say(tongue, "ui.roster.gone", gone=len(change.gone)) if change.gone else "",
        unread=say(tongue, "ui.roster.unread", sheets="、".join(reading.unread_sheets)) if reading.unread_sheets else "",
        fields=fields,
        columns=columns,
        problems=_told(tongue, reading.problems),
        warnings=_told(tongue, reading.warnings),
        counts=counts,
    )


@views.post("")
def take() -> ResponseReturnValue:
    """Make an uploaded file's good rows the roster."""
    with _uploaded() as path:
        context().office.rosters.take(path, _columns(), actor=context().settings.station.operator)
    return jsonify(summary=say(language(), "ui.roster.taken"))


@views.post("/marked")
def marked() -> ResponseReturnValue:
    """An uploaded file with its bad cells marked and commented, to be mended and filed again."""
    tongue = language()
    with _uploaded() as path:
        out = path.with_name("marked.xlsx")
        context().office.rosters.mark_up(path, out, lambda message: say_message(tongue, message), _columns())
        content = out.read_bytes()
    return Response(content, mimetype=XLSX)


@contextmanager
def _uploaded() -> Iterator[Path]:
    """The uploaded file under a name of ours (its own is the visitor's), gone with its folder afterwards."""
    upload = request.files.get("roster")
    if upload is None or not upload.filename:
        raise KioskError("web.roster_missing")
    suffix = Path(upload.filename).suffix.lower()
    if suffix not in _SUFFIXES:
        raise KioskError("web.roster_kind", suffix=suffix)
    with tempfile.TemporaryDirectory(prefix="kiosk-roster-") as folder:
        path = Path(folder) / f"roster{suffix}"
        upload.save(path)
        yield path


def _columns() -> dict[str, str]:
    """The operator's corrections: header to field, or to nothing."""
    try:
        wanted = json.loads(request.form.get("columns") or "{}")
        known = {rule.field for rule in load_rules("students").columns} | {""}
        columns = {str(header): str(field) for header, field in wanted.items()}
    except (ValueError, AttributeError):
        raise KioskError("web.columns") from None
    if not set(columns.values()) <= known:
        raise KioskError("web.columns")
    return columns


def _told(tongue: str, problems: Sequence[RowProblem]) -> list[dict[str, Any]]:
    return [
        {
            "sheet": problem.sheet,
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "message": say_message(tongue, problem.message),
        }
        for problem in problems[:_MOST_SHOWN]
    ]
