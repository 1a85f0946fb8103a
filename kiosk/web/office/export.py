"""Files out: what is missing is said first, then they are written with a bar to watch and a button to stop."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from kiosk.ciphers.age import Sealing
from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange import ExportResult, Shortfall, Source, load_profile, profiles
from kiosk.exchange.export import profile_and_time
from kiosk.exchange.file_names import MADE_UP, marked
from kiosk.exchange.manifest import MANIFEST, Manifest, read_summary
from kiosk.exchange.package import SUFFIX
from kiosk.exchange.problem_list import write_problems
from kiosk.exchange.profile import Profile
from kiosk.exchange.report import Faulty, ReportSums
from kiosk.exchange.zip_file import zipped
from kiosk.idnumber import masked
from kiosk.office.files import OUR_OFFICE
from kiosk.office.jobs import Progress
from kiosk.records import Decision
from kiosk.web.asking import asked, several
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.groups import class_words, school_choices
from kiosk.web.office.shell import XLSX, attachment, page, streamed
from kiosk.web.office.slots import registrations
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_message

views = Blueprint("export", __name__)

_REPORT, _EXPORT = "report", "export"
_OLD_SHOWN: Final = 12
_MANIFESTS: Final = 256  # remembered of exports, without their files
EACH: Final = "*"  # of the choice of schools: each its own


@dataclass(frozen=True)
class Report:
    """What came of looking at every row. `missing` of the roster were never captured."""

    profile: str
    sums: ReportSums
    missing: int


@views.get("/records/export")
def screen() -> ResponseReturnValue:
    """Profiles, the report, the export, and what was exported before."""
    here, usable = context(), profiles()
    titles = {profile.name: profile.title for profile in usable}
    return page(
        "export.html",
        "export",
        profiles=[_profile(profile) for profile in usable],
        chosen=here.settings.station.profile,
        registrations=registrations(),
        schools=school_choices(),
        each=EACH,
        exports=[_shown(one, titles) for one in known()[:_OLD_SHOWN]],
        to_office=bool(here.office.files.recipient()),
        job=job_views.under_way(_EXPORT),
    )


@views.post("/office/export/check")
def check() -> ResponseReturnValue:
    """Begin to look at every row of a profile; nothing is written."""
    files, name, school = context().office.files, _asked_profile(), asked().get("school", "")
    school = "" if school == EACH else school
    load_profile(name)

    def work(progress: Progress) -> Report:
        sums = ReportSums()
        for entry in files.report(name, school=school):
            sums.add(entry)
            progress(sums.rows)
        return Report(name, sums, files.missing(name, school=school))

    return job_views.started(context().office.jobs.start(_REPORT, files.size(name, school), work, gives_way=True))


@views.post("/office/export")
def export() -> ResponseReturnValue:
    """Begin to write the files of a profile: of everybody, of one school, or of several each its own."""
    files, name, values = context().office.files, _asked_profile(), asked()
    only_good, seal, school = values.get("rows") == "good", _asked_seal(), values.get("school", "")
    schools = several("schools") if school == EACH else [school] if school else []
    if school == EACH and not schools:
        raise KioskError("web.no_school")
    # What leaves in the clear needs somebody who answers for it.
    actor = at_work().name if seal is not None else who_decides(Decision.PLAIN_EXPORT).name
    if load_profile(name).source is Source.TEACHERS:
        return _export_teachers(name, seal, actor)

    def work(progress: Progress) -> list[ExportResult]:
        return files.export_each(name, schools, None, progress, only_good=only_good, seal=seal, actor=actor)

    total = sum(files.size(name, one) for one in schools or [""])
    return job_views.started(context().office.jobs.start(_EXPORT, total, work))


@views.get("/office/export/problems/<int:number>.xlsx")
def problems(number: int) -> ResponseReturnValue:
    """A report's problems as a sheet, for those who can mend them."""
    found, tongue = context().office.jobs.job(number), language()
    if found is None or not isinstance(found.result, Report):
        abort(404)
    headers = tuple(say(tongue, code) for code in ("field.class_name", "field.name", "field.id_number", "ui.export.problem"))
    with tempfile.TemporaryDirectory(prefix="kiosk-report-") as folder:
        path, sums = Path(folder) / "problems.xlsx", found.result.sums
        simulated = context().office.files.simulated
        told: dict[str, Any] = {"ends": _not_listed(sums), "simulated": simulated}
        write_problems(sums.faulty, path, headers, lambda one: say_message(tongue, one), **told)  # type: ignore[arg-type]
        name = marked(say(tongue, "ui.export.problem_sheet", profile=found.result.profile), simulated=simulated)
        return attachment(path.read_bytes(), name, XLSX)


@views.get("/records/exports/<name>.zip")
def download(name: str) -> ResponseReturnValue:
    """An export's folder as one file, packed while it is sent."""
    folder = _export_folder(name)
    context().office.files.note_download(name, by=at_work().name)
    response = attachment(b"", f"{name}.zip", "application/zip")
    response.response = stream_with_context(zipped(folder))
    del response.headers["Content-Length"]
    return response


@views.get("/records/exports/<name>.age")
def sealed(name: str) -> ResponseReturnValue:
    """A sealed export, as it is."""
    path = next((path for path in _sealed() if path.stem == name), None) or abort(404)
    context().office.files.note_download(path.name, by=at_work().name)
    return streamed(path)


@views.get("/records/exports/<name>/manifest.json")
def manifest(name: str) -> ResponseReturnValue:
    """Each file of an export with its size and SHA-256."""
    return Response((_export_folder(name) / MANIFEST).read_bytes(), mimetype="application/json")


def _asked_seal() -> Sealing | None:
    """For whom an export is to be sealed: the office, or whoever has the password; None for an export in the clear."""
    values = asked()
    if values.get("seal") == OUR_OFFICE:
        return Sealing(recipients=context().office.files.recipients([OUR_OFFICE]))
    return Sealing(passphrase=values["password"]) if values.get("password") else None


def _asked_profile() -> str:
    return asked().get("profile") or context().settings.station.profile


def _export_teachers(name: str, seal: Sealing | None, actor: str) -> ResponseReturnValue:
    """Their sheet comes as a file, is checked against the roster's classes, and goes out as the profile wants it."""
    with uploaded("teachers", "web.teachers_missing") as path:
        reading = context().office.rosters.read_teachers(path)
    if reading.problems:
        tongue = language()
        found = [[str(one.row), one.column, one.value, say_message(tongue, one.message)] for one in reading.problems]
        return jsonify(summary=say(tongue, "ui.export.teachers_refused", count=reading.rows_refused), problems=found)
    files = context().office.files

    def work(_: Progress) -> list[ExportResult]:
        return [files.export_teachers(name, reading.teachers, seal=seal, actor=actor)]

    return job_views.started(context().office.jobs.start(_EXPORT, 0, work))


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "title": profile.title,
        "note": profile.note,
        "teachers": profile.source is Source.TEACHERS,
        "columns": len(profile.columns),
        "pictures": bool(profile.pictures),
    }


def _told_report(report: Report) -> dict[str, Any]:
    """A summary, each kind of problem with how many it concerns, and every student with what is wrong."""
    tongue, sums = language(), report.sums
    counts = {"rows": sums.rows, "good": sums.rows - sums.bad, "bad": sums.bad}
    kinds = [[say_message(tongue, problem), str(count)] for problem, count in sums.kinds]
    return {
        **counts,
        "summary": say(tongue, "ui.export.checked", **counts),
        "shortfall": _words(Shortfall(sums.rows, missing=report.missing)),  # of the faulty the summary speaks
        "kinds": kinds + ([["…", str(sums.others)]] if sums.others else []),
        "students": [_told_entry(tongue, entry) for entry in sums.faulty],
        "not_listed": _not_listed(sums),
    }


def _not_listed(sums: ReportSums) -> str:
    """That not everybody with a problem is on the list; empty where everybody is."""
    listed = len(sums.faulty)
    return say(language(), "ui.export.not_listed", shown=listed, count=sums.bad) if listed < sums.bad else ""


def _told_entry(tongue: str, entry: Faulty) -> dict[str, Any]:
    who = entry.who
    return {
        "name": who.name if who else "",
        "number": masked(who.id_number) if who else "",
        "group": class_words(who) if who else "",
        "record": entry.record_id,
        "problems": [say_message(tongue, problem) for problem in entry.problems],
    }


def _words(shortfall: Shortfall) -> list[str]:
    return [say_message(language(), message) for message in shortfall.messages()]


def _told_exports(done: Sequence[ExportResult]) -> dict[str, Any]:
    return {"exports": [_told_export(one) for one in done]}


def _told_export(done: ExportResult) -> dict[str, Any]:
    tongue = language()
    return {
        "school": done.school,
        "summary": say(tongue, "ui.export.summary", rows=done.rows, pictures=done.pictures),
        "shortfall": _words(done.shortfall),
        "folder": str(done.folder),
        "sheets": [sheet.name for sheet in done.sheets],
        **_links(done.folder),
    }


def _links(path: Path) -> dict[str, str]:
    """Where an export is downloaded, and its manifest read: a sealed one is a file, and its manifest lies in it."""
    if path.suffix == SUFFIX:
        return {"zip": url_for("export.sealed", name=path.stem), "manifest": ""}
    return {"zip": url_for("export.download", name=path.name), "manifest": url_for("export.manifest", name=path.name)}


job_views.TELLERS[_REPORT] = _told_report
job_views.TELLERS[_EXPORT] = _told_exports


@dataclass(frozen=True)
class Known:
    """An export of before: a folder, or a sealed file, of which only its name says anything."""

    path: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.path.name


def known() -> list[Known]:
    """What was exported before, the newest first."""
    found = [*map(_of_folder, _folders()), *map(_of_package, _sealed())]
    return sorted(found, key=lambda one: one.manifest.made_at, reverse=True)


def _of_folder(path: Path) -> Known:
    try:
        found = (path / MANIFEST).stat()
        return Known(path, _manifest(path / MANIFEST, found.st_mtime_ns, found.st_size))
    except (OSError, ExchangeError):  # somebody has been at it: the folder is there, and nothing is known about it
        return Known(path, Manifest("", "", ()))


@lru_cache(maxsize=_MANIFESTS)
def _manifest(path: Path, _changed: int, _size: int) -> Manifest:
    """A manifest without its list of files; one is read again once it has changed."""
    return read_summary(path)


def _of_package(path: Path) -> Known:
    named = profile_and_time(path.stem)
    if named is None:  # somebody gave it another name
        return Known(path, Manifest("", "", (), locked=True))
    profile, made_at = named
    return Known(path, Manifest(profile, made_at.isoformat(), (), locked=True, simulated=path.stem.startswith(MADE_UP)))


def _shown(one: Known, titles: Mapping[str, str]) -> dict[str, Any]:
    title = titles.get(one.manifest.profile, "")
    return {"name": one.name, "title": title, "told": one.manifest, **_links(one.path)}


def _folders() -> Iterator[Path]:
    folder = context().office.files.folder
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if not path.name.startswith(".") and (path / MANIFEST).is_file())


def _sealed() -> Iterator[Path]:
    folder = context().office.files.folder
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.suffix == SUFFIX and not path.name.startswith("."))


def _export_folder(name: str) -> Path:
    """One of our exports; ends the request for any other name."""
    return next((path for path in _folders() if path.name == name), None) or abort(404)
