"""Who was captured and who was not, by class."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.records import ClassKey, ProgressState, StudentProgress
from kiosk.web.context import context, language
from kiosk.web.office.groups import class_key, class_words, classes_of, looked_for
from kiosk.web.office.paging import paged
from kiosk.web.office.shell import XLSX, attachment, handle, page
from kiosk.words import say, say_message

views = Blueprint("records", __name__, url_prefix="/records")

_PER_PAGE: Final = 50


@views.get("")
def everybody() -> ResponseReturnValue:
    """The roster with what became of each student; filters come in the address."""
    students = context().office.looks.students()
    wanted = {name: request.args.get(name, "") for name in ("class", "state", "q")}
    found = [
        entry
        for entry in students
        if wanted["state"] in ("", entry.state) and looked_for(entry.student, wanted["class"], wanted["q"])
    ]
    shown = paged(found, _PER_PAGE)
    return page(
        "progress.html",
        "progress",
        notes=_notes(),
        classes=_classes(students),
        groups=classes_of([entry.student for entry in students]),
        total=_tally("", students),
        states=tuple(ProgressState),
        students=shown.rows,
        found=len(found),
        number=shown.number,
        pages=shown.pages,
        wanted=wanted,
        handle=handle,
    )


@views.get("/progress.xlsx")
def progress_sheet() -> ResponseReturnValue:
    """The same list as a sheet."""
    with tempfile.TemporaryDirectory(prefix="kiosk-progress-") as folder:
        written = context().office.files.write_progress(Path(folder) / say(language(), "ui.records.sheet_name"))
        return attachment(written.read_bytes(), written.name, XLSX)


def _notes() -> list[str]:
    """What somebody should know about the data, though nothing is damaged."""
    found = context().office.watch.latest
    return [say_message(language(), message) for message in found.notes] if found else []


def _classes(students: Sequence[StudentProgress]) -> list[dict[str, Any]]:
    """One line a class, in the roster's order."""
    by_class: dict[ClassKey, list[StudentProgress]] = {}
    for entry in students:
        by_class.setdefault(entry.student.group, []).append(entry)
    return [_tally(class_key(group), members) for group, members in by_class.items()]


def _tally(name: str, members: Sequence[StudentProgress]) -> dict[str, Any]:
    counts, photos_only = Counter(member.state for member in members), context().photos_only
    return {
        "name": name,
        "words": class_words(members[0].student) if name else "",
        "total": len(members),
        "done": sum(member.shot if photos_only else member.captured for member in members),
        "signed": sum(member.signed for member in members),
        "counts": {state: counts[state] for state in ProgressState},
    }
