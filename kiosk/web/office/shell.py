"""What the office's pages share: the frame with its navigation and the deadline's notice, students by handles."""

from __future__ import annotations

import hmac
import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from flask import Response, abort, jsonify, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from kiosk.errors import ConfigError
from kiosk.exchange.file_names import file_name
from kiosk.idnumber import masked
from kiosk.records import Right, Student, StudentProgress
from kiosk.store import ClockState, DeadlineState
from kiosk.web.areas import areas
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work
from kiosk.web.office.groups import class_words
from kiosk.web.office.job_views import elsewhere
from kiosk.web.office.navigation import menu
from kiosk.web.office.setup_steps import undone_in_words
from kiosk.web.office.states import state_notes
from kiosk.words import say, say_day, say_error, say_list, say_message, say_moment

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HANDLE_LENGTH: Final = 24
_PIECE: Final = 1 << 18
_MOST_NAMED: Final = 5  # of the changed settings
_SOON: Final = timedelta(days=3)  # from here on the deadline is told on every page
# Words that the office's scripts say by themselves.
_SCRIPT_WORDS: Final = (
    "ui.failed",
    "ui.lost",
    "ui.roster.file_missing",
    "ui.roster.marked_name",
    "ui.working",
    "ui.form.faults",
    "ui.job.finishing",
    "ui.job.progress",
    "ui.job.stopped",
    "ui.job.stopping",
    "ui.print.stopped",
    "ui.records.page",
    "ui.document.none_in_picture",
    "ui.document.found",
    "ui.devices.again",
    "ui.devices.found",
    "ui.devices.wanted",
    "ui.restart.waiting",
    "ui.settings.found",
    "ui.form.faults",
)


def page(template: str, tab: str, **values: Any) -> str:
    """An office page within its frame."""
    tongue, kept = language(), bool(areas())  # to whom some schools are open learns of no other's damage or work
    return render_template(
        f"office/{template}",
        tab=tab,
        at_office=context().district is not None,
        menu=menu(tab),
        job_elsewhere=None if kept else elsewhere(values.get("job", 0)),
        deadline=deadline_in_words(context().office.schedule.deadline()),
        damages=[] if kept else damages_in_words(),
        backup={"light": "off", "words": ""} if kept else backup_in_words(),
        clock=clock_in_words(context().office.schedule.clock()),
        new_settings=settings_in_words(),
        undone=undone_in_words(),
        masked=masked,
        moment=moment,
        on_day=lambda day: say_day(tongue, day),
        state_notes=lambda entry: state_notes(tongue, entry),
        class_words=class_words,
        script_words={code: say(tongue, code) for code in _SCRIPT_WORDS},
        **values,
    )


def deadline_in_words(state: DeadlineState) -> dict[str, Any]:
    """How the deadline stands: `tone` is empty while nobody need think of it."""
    now, tongue = context().office.schedule.now(), language()
    if state.deadline is None:
        return {"set": False, "locked": False, "tone": "", "words": say(tongue, "ui.deadline.none")}
    at = moment(state.deadline)
    shown: dict[str, Any] = {"set": True, "at": at, "school": state.school_code, "locked": state.locked(now)}
    if state.can_be_withdrawn(now):
        shown["standing"] = say(tongue, "ui.deadline.not_final", until=moment(state.final_from))
    elif state.signed_at is not None:
        shown["standing"] = say(tongue, "ui.deadline.signed", at=moment(state.signed_at))
    shown |= {"withdrawable": state.can_be_withdrawn(now), "signed": state.signed_at is not None}
    if shown["locked"]:
        return shown | {"tone": "stop", "words": say(tongue, "ui.deadline.locked", at=at)}
    if now >= state.deadline:
        until = moment(state.unlocked_until)
        return shown | {"tone": "mend", "words": say(tongue, "ui.deadline.unlocked", at=at, until=until)}
    left = state.deadline - now
    days = math.floor(left / timedelta(days=1))
    code = "ui.deadline.days" if days else "ui.deadline.hours"
    words = say(tongue, code, at=at, days=days, hours=math.floor(left / timedelta(hours=1)))
    return shown | {"tone": "mend" if left < _SOON else "", "words": words}


def label(field: str) -> str:
    """A field of a student in words."""
    return say(language(), "field.sex_alone" if field == "sex" else f"field.{field}")


def said(code: str, **data: Any) -> ResponseReturnValue:
    """What was done, in words for the page to show."""
    return jsonify(message=say(language(), code, **data))


def handle(student: Student) -> str:
    """Names a student in addresses: an ID number has no place there."""
    return hmac.new(context().run.encode(), student.id_number.encode(), "sha256").hexdigest()[:_HANDLE_LENGTH]


def student_of(wanted: str) -> StudentProgress:
    """The student with a handle; ends the request when there is none."""
    return next((entry for entry in context().office.looks.students() if handle(entry.student) == wanted), None) or abort(404)


def scan(found: bytes | None) -> Response:
    """A document as it was scanned, a PDF or a JPEG; not found where there is none."""
    if found is None:
        abort(404)
    return Response(found, mimetype="application/pdf" if found.startswith(b"%PDF-") else "image/jpeg")


def attachment(content: bytes, name: str, mimetype: str) -> Response:
    """A file for the browser to keep, under a name of any script with a suffix."""
    suffix = PurePosixPath(name).suffix
    disposition = f"attachment; filename*=UTF-8''{quote(file_name(name.removesuffix(suffix), suffix), safe='')}"
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": disposition})


def streamed(path: Path) -> Response:
    """A file for the browser to keep, as it lies there, however large: it is read while it is sent."""
    response = attachment(b"", path.name, "application/octet-stream")
    response.response = stream_with_context(_pieces(path))
    response.content_length = path.stat().st_size
    return response


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def damages_in_words() -> list[str]:
    """What the last check of the data found damaged."""
    found = context().office.watch.latest
    return [say_message(language(), message) for message in found.hurt] if found else []


def backup_in_words() -> dict[str, str]:
    """How it stands with the backups: a light, and words for it."""
    kept, tongue = context().office.safekeeping.look(), language()
    at = say_moment(tongue, kept.latest.at) if kept.latest else say(tongue, "ui.backup.never")
    words = say(tongue, f"backuplight.{kept.light}", at=at, folder=str(kept.folder or ""))
    if kept.problem is not None:
        words += say_message(tongue, kept.problem)
    return {"light": kept.light, "words": words}


def settings_in_words() -> dict[str, Any]:
    """What of the settings waits for a new start: words, empty for nothing."""
    configuration, profiles, tongue = context().office.configuration, context().office.profiles, language()
    if configuration is None or profiles is None:
        return {"words": "", "may": False}
    try:
        waiting = [say(tongue, f"setting.{one.key}") for one in configuration.waiting()]
        waiting += [say(tongue, "ui.profiles.waiting", name=name) for name in profiles.waiting()]
    except ConfigError as error:
        return {"words": say_error(tongue, error), "may": False}
    if configuration.taken_back is not None and not waiting:
        back = say(tongue, "ui.settings.taken_back", why=configuration.taken_back)
        return {"words": back if at_work().may(Right.SETTINGS) else "", "may": False}
    names = say_list(tongue, waiting[:_MOST_NAMED])
    words = say(tongue, "ui.settings.waiting", count=len(waiting), names=names) if waiting else ""
    return {"words": words, "may": at_work().may(Right.SETTINGS)}


def clock_in_words(state: ClockState) -> str:
    """What is doubtful about the machine's clock; empty for nothing."""
    tongue = language()
    if state.behind:
        return say(tongue, "ui.clock.behind", now=say_moment(tongue, state.now), latest=say_moment(tongue, state.latest))
    if state.jumped_to is not None and state.jumped_from is not None:
        before, after = (say_moment(tongue, at) for at in (state.jumped_from, state.jumped_to))
        return say(tongue, "ui.clock.jumped", before=before, after=after, now=say_moment(tongue, state.now))
    return ""
