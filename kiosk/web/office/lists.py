"""名单与公示: the filed roster, roll-calls, the public list, 空挂学籍, requests for 考籍号, the register's checks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.exchange.finding_file import FindingKind
from kiosk.office import FindingImport
from kiosk.office.list_words import list_in_words
from kiosk.office.plan_words import PlanWords
from kiosk.records import IdCheck, RollCall, school_words
from kiosk.web.asking import asked
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.groups import classes_of, of_group, school_groups, schools
from kiosk.web.office.printing import PRINT, in_folder
from kiosk.web.office.shell import XLSX, attachment, handle, page, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say

views = Blueprint("lists", __name__)

_PAPER: Final = "zh-CN"  # papers are Chinese whatever language the screen speaks
_MOST_SHOWN: Final = 200
_KINDS: Final[dict[str, FindingKind]] = {"roll-call": "roll_calls", "id-checks": "id_checks"}


@views.get("/records/lists")
def screen() -> ResponseReturnValue:
    """The lists, and what is to be done about them."""
    lists, group = context().office.lists, request.args.get("class", "")
    found = lists.overview(of_group(group))
    return page(
        "lists.html",
        "lists",
        wanted={"class": group} if group else {},
        standings=found.standings,
        filings=lists.filings(),
        school_names={one.key: school_words(one, schools()) for one in schools()},
        classes=classes_of(found.roster),
        schools=school_groups(),
        called=found.called,
        unseen=found.unseen[:_MOST_SHOWN],
        unseen_count=len(found.unseen),
        without_number=found.without_number,
        checked=found.checked,
        failures=found.failures[:_MOST_SHOWN],
        failure_count=len(found.failures),
        handle=handle,
        job=job_views.under_way(PRINT),
    )


@views.post("/office/lists/file")
@job_views.may_take_long("filing")
def file() -> ResponseReturnValue:
    """File the roster as it is now."""
    values = asked()
    of = of_group(values.get("class", ""))
    filed = context().office.lists.file(note=values.get("note", ""), by=who_decides().name, of=of)
    if len(filed) > 1:
        return said("ui.lists.filed_schools", schools=len(filed), count=sum(one.students for one in filed))
    return said("ui.lists.filed", version=filed[0].version, count=filed[0].students)


@views.post("/office/lists/print")
def print_list() -> ResponseReturnValue:
    """花名册, 点名表 or 公示名单."""
    here, values, actor = context(), asked(), at_work().name
    lists, school, of = here.office.lists, here.office.school.current().name, of_group(values.get("class", ""))
    what, note = values.get("what", ""), values.get("note", "")
    if what not in _PRINTED:
        abort(404)
    title = say(_PAPER, _PRINTED[what])
    write = {"roster": lists.print_roster, "roll-call": lists.print_roll_call, "public": lists.print_public}[what]
    footer = "　".join(filter(None, (school, note)))
    return in_folder(
        title,
        lambda folder, told: write(folder / f"{title}.pdf", told, title=title, school=footer, actor=actor, of=of),
        of=of,
    )


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
        out, of = Path(folder) / f"{say(_PAPER, title)}.xlsx", of_group(request.args.get("class", ""))
        path = write(out, actor=at_work().name, kept=False, of=of)
        return attachment(path.read_bytes(), path.name, XLSX)


@views.post("/office/lists/<name>")
@job_views.may_take_long("read")
def take(name: str) -> ResponseReturnValue:
    """A list with what was found: confirmed first; what is wrong is told with its row and column."""
    if name not in _KINDS:
        abort(404)
    kind, lists, tongue = _KINDS[name], context().office.lists, language()
    with uploaded("list", "web.list_missing") as path:
        found = lists.preview(path, kind)
        if not found.sound:
            return jsonify(
                code="findings.unsound",
                message=" ".join((say(tongue, "error.findings.unsound"), *list_in_words(tongue, found))),
            ), 409
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
    return PlanWords(tuple(lines), tuple(list_in_words(tongue, found)))


def _outcome(tongue: str, one: RollCall | IdCheck) -> str:
    return say(tongue, f"{'rollcall' if isinstance(one, RollCall) else 'idcheck'}.{one}")
