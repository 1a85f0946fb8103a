"""What is printed: forms, class lists and progress, set as PDF files in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, abort, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange.file_names import file_name, free_name
from kiosk.exchange.printable import LONGEST, Doubt
from kiosk.idnumber import masked
from kiosk.office.jobs import Progress, Telling
from kiosk.records import CaptureRecord, Student
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work
from kiosk.web.office import job_views
from kiosk.web.office.groups import groups_of, looked_for, of_group
from kiosk.web.office.shell import attachment, page
from kiosk.words import say

views = Blueprint("printing", __name__)

PRINT: Final = "print"
_PAPER: Final = "zh-CN"  # papers are Chinese whatever language the screen speaks
# The browser's own viewer shows a PDF with a plug-in and styles of its own; nothing else may come in.
PDF_POLICY: Final = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Printed:
    """What came of it: files, or what papers would lack, to be looked at before anything is made."""

    files: tuple[Path, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@views.get("/records/printing")
def screen() -> ResponseReturnValue:
    """What there is to print."""
    office = context().office
    everybody = office.looks.students()
    unsigned = [entry for entry in everybody if entry.captured and not entry.signed]
    printed = office.upkeep.printed([entry.record_id for entry in unsigned])
    return page(
        "printing.html",
        "printing",
        groups=groups_of([entry.student for entry in everybody]),
        unsigned=len(unsigned),
        new=sum(not printed[entry.record_id] for entry in unsigned),
        job=job_views.under_way(PRINT),
    )


@views.post("/office/print/forms")
def forms() -> ResponseReturnValue:
    """The forms of a class, of one record, of those that were never printed, or of all; unsigned ones only.

    Names with characters that the font lacks are told first, and printed when that is accepted.
    """
    here, values = context(), asked()
    papers = here.office.papers(here.settings.station.profile)
    wanted = _wanted(values.get("class", ""), values.get("record", ""), only_new=values.get("which") == "new")
    unsigned = [entry for entry in here.office.looks.students() if entry.captured and not entry.signed]
    total = sum(wanted(entry.record_id, entry.student) for entry in unsigned)
    title, folder = say(_PAPER, "ui.print.form_title"), folder_of(say(_PAPER, "ui.print.forms"))
    school, actor = here.office.school.current().name, at_work().name

    def of(record: CaptureRecord) -> bool:
        return wanted(record.id, record.student)

    def work(progress: Progress) -> Printed:
        doubts = [] if values.get("anyway") else papers.form_doubts(of)
        if doubts:
            return Printed(doubts=tuple(doubts))
        written = papers.forms(folder, progress, title=title, school=school, actor=actor, wanted=of)
        if not written:  # all of them were sent back
            raise KioskError("web.nothing_to_print")
        return Printed(tuple(written))

    if not total:
        raise KioskError("web.nothing_to_print")
    return job_views.started(here.office.jobs.start(PRINT, total, work))


@views.post("/office/print/lists")
def lists() -> ResponseReturnValue:
    """Class lists to sign, or the progress by class; what they would lack is told first."""
    here, values = context(), asked()
    papers, school = here.office.papers(here.settings.station.profile), here.office.school.current().name
    of, actor = of_group(values.get("class", "")), at_work().name
    name = say(_PAPER, "ui.print.progress" if values.get("what") == "progress" else "ui.print.lists")
    title, path = say(_PAPER, "ui.print.list_title"), folder_of(name) / f"{name}.pdf"

    def work(_: Progress) -> Printed:
        doubts = [] if values.get("anyway") else papers.list_doubts(of)
        if doubts:
            return Printed(doubts=tuple(doubts))
        if values.get("what") == "progress":
            return Printed((papers.progress(path, title=name, school=school, actor=actor, of=of),))
        return Printed((papers.class_lists(path, title=title, school=school, actor=actor, of=of),))

    return job_views.started(here.office.jobs.start(PRINT, 0, work))


def in_folder(
    name: str, setting: Callable[[Path, Telling], Sequence[Path]], of: Callable[[Student], bool] | None = None
) -> ResponseReturnValue:
    """Set papers of another page as this page sets its own: as a job, in a folder that is named by `name` and the time. Names
    of the students on them (`of`) that would not be whole are told first."""
    here, folder, anyway = context(), folder_of(name), bool(asked().get("anyway"))
    papers = here.office.papers(here.settings.station.profile)

    def work(told: Telling) -> Printed:
        doubts = papers.list_doubts(of) if of is not None and not anyway else []
        return Printed(doubts=tuple(doubts)) if doubts else Printed(tuple(setting(folder, told)))

    return job_views.started(here.office.jobs.start(PRINT, 0, work))


@views.get("/records/printed/<folder>/<name>")
def printed(folder: str, name: str) -> ResponseReturnValue:
    """A paper that was set, for the browser to show and print; pictures that were packed, to be saved."""
    path = context().office.files.folder / folder / name
    known = {found for made in _papers_folders() for suffix in _SHOWN for found in made.glob(f"*{suffix}")}
    if path not in known:
        abort(404)
    context().office.files.note_download(f"{folder}/{name}", by=at_work().name)
    if path.suffix == ".zip":
        return attachment(path.read_bytes(), name, "application/zip")
    return Response(path.read_bytes(), mimetype="application/pdf", headers={"Content-Security-Policy": PDF_POLICY})


def _told(result: Printed) -> dict[str, Any]:
    """Files that were written, or the students whose papers need a look first."""
    if result.doubts:
        return {"unprintable": [[one.student.name, masked(one.student.id_number), _in_words(one)] for one in result.doubts]}
    return {
        "folder": str(result.files[0].parent) if result.files else "",
        "files": [{"name": path.name, "address": _address(path)} for path in result.files],
    }


def _in_words(one: Doubt) -> str:
    long = (say(language(), "ui.print.too_long", text=text, most=LONGEST) for text in one.too_long)
    return " ".join((*(f"U+{ord(char):04X}" for char in one.characters), *long))


def _address(path: Path) -> str:
    return url_for("printing.printed", folder=path.parent.name, name=path.name)


job_views.TELLERS[PRINT] = _told


def _wanted(group: str, record_id: str, *, only_new: bool) -> Callable[[str, Student], bool]:
    printed_before: frozenset[str] = frozenset()
    if only_new:
        everybody = context().office.looks.students()
        counts = context().office.upkeep.printed([entry.record_id for entry in everybody if entry.record_id])
        printed_before = frozenset(found for found, count in counts.items() if count)

    def wanted(found: str, student: Student) -> bool:
        return looked_for(student, group) and record_id in ("", found) and found not in printed_before

    return wanted


def folder_of(name: str) -> Path:
    """A folder of its own for what is printed now."""
    now = datetime.now().astimezone()
    return free_name(context().office.files.folder, file_name(f"{_PREFIX}{name}-{now:%Y%m%d-%H%M%S}"))


_SHOWN: Final = (".pdf", ".zip")
_PREFIX: Final = "打印-"


def _papers_folders() -> list[Path]:
    folder = context().office.files.folder
    return [path for path in folder.glob(f"{_PREFIX}*") if path.is_dir()] if folder.is_dir() else []
