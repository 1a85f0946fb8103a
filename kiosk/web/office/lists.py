"""名单与公示: the filed roster, roll-calls, the public list, 空挂学籍, requests for 考籍号, the register's checks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from kiosk.exchange.finding_file import FindingKind
from kiosk.office import FindingImport
from kiosk.office.jobs import Progress
from kiosk.office.plan_words import PlanWords
from kiosk.records import IdCheck, RollCall
from kiosk.web.asking import asked
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.groups import classes_of, looked_for
from kiosk.web.office.printing import PRINT, Printed, folder_of
from kiosk.web.office.shell import XLSX, attachment, handle, page, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_list, say_message

views = Blueprint("lists", __name__)

_PAPER: Final = "zh-CN"  # papers are Chinese whatever language the screen speaks
_MOST_SHOWN: Final = 200
_MOST_TOLD: Final = 10
_KINDS: Final[dict[str, FindingKind]] = {"roll-call": "roll_calls", "id-checks": "id_checks"}


@views.get("/records/lists")
def screen() -> ResponseReturnValue:
    """The lists, and what is to be done about them."""
    lists = context().office.lists
    unseen, failures = lists.unseen(), lists.failures()
    students = context().office.rosters.students()
    return page(
        "lists.html",
        "lists",
        standing=lists.standing(),
        filings=lists.filings(),
        classes=classes_of(students),
        called=len(lists.called()),
        unseen=unseen[:_MOST_SHOWN],
        unseen_count=len(unseen),
        without_number=len(lists.without_number()),
        checked=lists.checked(),
        failures=failures[:_MOST_SHOWN],
        failure_count=len(failures),
        handle=handle,
        job=job_views.under_way(PRINT),
    )


@views.post("/office/lists/file")
def file() -> ResponseReturnValue:
    """File the roster as it is now."""
    filed = context().office.lists.file(note=asked().get("note", ""), by=who_decides().name)
    return said("ui.lists.filed", version=filed.version, count=filed.students)


@views.post("/office/lists/print")
def print_list() -> ResponseReturnValue:
    """花名册, 点名表 or 公示名单."""
    here, values, actor = context(), asked(), at_work().name
    lists, group, school = here.office.lists, values.get("class", ""), here.office.school.current().name
    what, note = values.get("what", ""), values.get("note", "")
    if what not in _PRINTED:
        abort(404)
    title = say(_PAPER, _PRINTED[what])
    footer = "　".join(filter(None, (school, note)))
    path = folder_of(title) / f"{title}.pdf"

    def work(_: Progress) -> Printed:
        if what == "roster":
            return Printed((lists.print_roster(path, title=title, school=school, actor=actor),))
        write = lists.print_public if what == "public" else lists.print_roll_call
        return Printed((write(path, title=title, school=footer, actor=actor, of=lambda one: looked_for(one, group)),))

    return job_views.started(here.office.jobs.start(PRINT, 0, work))


@views.get("/records/lists/<name>.xlsx")
def sheet(name: str) -> ResponseReturnValue:
    """A list as a sheet, to be filled in or handed on."""
    lists = context().office.lists
    sheets: dict[str, tuple[Callable[..., Path], str]] = {
        "roll-call": (lists.write_roll_call, "ui.lists.roll_call_sheet"),
        "unseen": (lists.write_unseen, "ui.lists.unseen_sheet"),
        "requests": (lists.write_requests, "ui.lists.requests_sheet"),
        "failures": (lists.write_failures, "ui.lists.failures_sheet"),
    }
    if name not in sheets:
        abort(404)
    write, title = sheets[name]
    with tempfile.TemporaryDirectory(prefix="kiosk-lists-") as folder:
        path = write(Path(folder) / f"{say(_PAPER, title)}.xlsx", actor=at_work().name, kept=False)
        return attachment(path.read_bytes(), path.name, XLSX)


@views.post("/office/lists/<name>")
def take(name: str) -> ResponseReturnValue:
    """A list with what was found: confirmed first; what is wrong is told with its row and column."""
    if name not in _KINDS:
        abort(404)
    kind, lists, tongue = _KINDS[name], context().office.lists, language()
    with uploaded("list", "web.list_missing") as path:
        found = lists.preview(path, kind)
        if not found.sound:
            return jsonify(code="findings.unsound", message=_faults(tongue, found)), 409
        if (
            question := to_confirm("ui.lists.confirm", _words(tongue, found), name, sha256(path.read_bytes()).hexdigest())
        ) is not None:
            return question
        lists.take(path, kind, by=at_work().name)
    return said("ui.lists.taken", count=len(found.found))


_PRINTED: Final = {"roster": "ui.lists.roster", "roll-call": "ui.lists.roll_call", "public": "ui.lists.public"}


def _words(tongue: str, found: FindingImport) -> PlanWords:
    counts: dict[RollCall | IdCheck, int] = {}
    for outcome, _ in found.found.values():
        counts[outcome] = counts.get(outcome, 0) + 1
    lines = [say(tongue, "ui.lists.found", outcome=_outcome(tongue, one), count=count) for one, count in counts.items()]
    if found.waiting:
        lines.append(say(tongue, "ui.lists.waiting", count=found.waiting))
    warnings = [say(tongue, "ui.lists.unknown", **_named(found.unknown))] if found.unknown else []
    return PlanWords(tuple(lines), tuple(warnings))


def _outcome(tongue: str, one: RollCall | IdCheck) -> str:
    return say(tongue, f"{'rollcall' if isinstance(one, RollCall) else 'idcheck'}.{one}")


def _faults(tongue: str, found: FindingImport) -> str:
    told = [say(tongue, "error.findings.unsound")]
    told += [
        say(tongue, "ui.law.row", row=one.row, column=one.column, problem=say_message(tongue, one.message))
        for one in found.problems[:_MOST_TOLD]
    ]
    if found.differing:
        told.append(say(tongue, "ui.lists.differing", **_named(found.differing)))
    if found.unknown:
        told.append(say(tongue, "ui.lists.unknown", **_named(found.unknown)))
    return " ".join(told)


def _named(rows: Any) -> dict[str, Any]:
    names = say_list(language(), [one.name or one.id_number[-4:] for one in rows[:_MOST_TOLD]])
    return {"count": len(rows), "names": names + ("…" if len(rows) > _MOST_TOLD else "")}
