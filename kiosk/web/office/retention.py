"""保存与删除: what is kept of whom and until when, and deletion: one person asks, another decides on the spot."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any, Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kiosk.config import TermSettings
from kiosk.errors import KioskError
from kiosk.exchange.zip_file import zipped
from kiosk.office.jobs import Progress
from kiosk.office.plan_words import PlanWords
from kiosk.office.retention import GroupPlan
from kiosk.records import Decision, Deletion, FileState, Part, Person
from kiosk.web.asking import asked, why
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import AT_DESK, at_work, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.groups import class_key, group_of, group_words
from kiosk.web.office.shell import attachment, page, said
from kiosk.words import say, say_list

views = Blueprint("retention", __name__)

_KIND: Final = "delete"
_GROUP, _PART, _FILE = "of-", "part-", "file-"
_MOST_FILES: Final = 200
_MOST_DELETIONS: Final = 50


@views.get("/records/retention")
def screen() -> ResponseReturnValue:
    """Terms, what is due class by class, files that were written, receipts, and what was deleted."""
    retention = context().office.retention
    plans, everybody = retention.plan(), say(language(), "ui.law.everybody")
    files = retention.files()
    return page(
        "retention.html",
        "retention",
        parts=tuple(Part),
        terms={part: term_words(getattr(retention.terms, part)) for part in Part},
        groups=[_group(plan) for plan in plans],
        due={part: sum(plan.parts[part].due for plan in plans) for part in Part},
        held={part: sum(plan.parts[part].pieces for plan in plans) for part in Part},
        people=sum(plan.people for plan in plans),
        files=[_file(file, state, where) for file, state, where in files[:_MOST_FILES]],
        more_files=max(0, len(files) - _MOST_FILES),
        receipts=[(one, group_words(one.group) or everybody) for one in retention.receipts()],
        deletions=retention.deletions()[:_MOST_DELETIONS],
        quarantined=retention.quarantined(),
        faces=retention.faces(),
        filing_from=context().office.consents.filing_from,
        today=context().office.schedule.now().astimezone().date().isoformat(),
        job=job_views.under_way(_KIND),
    )


@views.post("/office/retention/delete")
def delete() -> ResponseReturnValue:
    """Delete what is due of the classes and parts that are ticked, once it was read what that means."""
    groups = [group_of(name.removeprefix(_GROUP)) for name in asked() if name.startswith(_GROUP)]
    parts = frozenset(Part(name.removeprefix(_PART)) for name in asked() if name.startswith(_PART))
    retention, reason = context().office.retention, why()
    if not groups or not parts:
        raise KioskError("retention.nothing_ticked")
    asking, deciding = two_people()
    wanted = retention.due(groups, parts)
    if not wanted:
        raise KioskError("retention.nothing")
    students, tongue = len(wanted), language()
    parts_told = part_words(frozenset[Part]().union(*wanted.values()))
    told = say(tongue, "ui.law.confirm_lines", students=students, parts=parts_told)
    words = PlanWords((told,), (say(tongue, "ui.law.confirm_final"),))
    if (question := to_confirm("ui.law.confirm", words, sorted(groups), sorted(parts), students)) is not None:
        return question

    shelf = context().shelf

    def work(progress: Progress) -> tuple[Deletion, Path, int]:
        done = retention.delete_due(groups, parts, asked_by=asking, decided_by=deciding, reason=reason, progress=progress)
        return *done, shelf.forget_erased() if shelf is not None else 0

    return job_views.started(context().office.jobs.start(_KIND, students, work))


@views.post("/office/retention/files")
def delete_files() -> ResponseReturnValue:
    """Delete the exports and papers that are ticked, wherever they are now."""
    asking, deciding = two_people()
    numbers = {int(name.removeprefix(_FILE)) for name in asked() if name.removeprefix(_FILE).isdigit()}
    done, left = context().office.retention.delete_files(numbers, asked_by=asking, decided_by=deciding)
    if not left:
        return said("ui.law.files_deleted", count=done)
    names = say_list(language(), (Path(file.path).name for file in left[:5]))
    return said("ui.law.files_left", count=done, left=len(left), names=names)


@views.post("/office/retention/receipt")
def receipt() -> ResponseReturnValue:
    """The receiver confirmed a group's data on a day."""
    try:
        on = date.fromisoformat(asked().get("on", ""))
    except ValueError:
        raise KioskError("web.time_missing") from None
    group = group_of(asked().get("group", ""))
    context().office.retention.note_receipt(on, group, note=asked().get("note", ""), by=at_work().person)
    return said("ui.law.receipt_done")


@views.post("/office/retention/clean")
@job_views.may_take_long("clean")
def clean() -> ResponseReturnValue:
    """Rewrite the files where a deletion still owes it."""
    done = context().office.retention.clean()
    return said("ui.law.cleaned") if done else said("ui.law.not_cleaned")


@views.get("/records/retention/<int:number>.zip")
def listed(number: int) -> ResponseReturnValue:
    """The list of one deletion, with its signed manifest."""
    folder = context().office.retention.write_list(number).parent
    return attachment(b"".join(zipped(folder)), f"{folder.name}.zip", "application/zip")


def two_people() -> tuple[Person, Person]:
    """Who asks, whose session it is, and who decides, who proves it on the spot. Raises KioskError when both are one, while a
    student is at the desk, and as `who_decides` does."""
    if context().station.snapshot().phase in AT_DESK:
        raise KioskError("retention.at_desk")
    asking, deciding = at_work().person, who_decides(Decision.DELETE)
    if asking.same_as(deciding):
        raise KioskError("retention.same_person", name=deciding.name)
    return asking, deciding


def part_words(parts: Collection[Part]) -> str:
    """Parts by name, in their order."""
    return say_list(language(), (say(language(), f"part.{part}") for part in Part if part in parts))


def _told(result: tuple[Deletion, Path, int]) -> dict[str, Any]:
    done, path, forgotten = result
    told = {"students": done.students, "pieces": done.pieces, "file": path.name}
    words = say(language(), "ui.law.deleted" if done.cleaned else "ui.law.deleted_unclean", **told)
    return {"message": " ".join(filter(None, (words, forgotten_words(language(), forgotten))))}


def forget_in_packages() -> str:
    """What was just deleted goes from the exam packages that lie here, too; said in words, where there was something."""
    shelf = context().shelf
    return forgotten_words(language(), shelf.forget_erased()) if shelf is not None else ""


def forgotten_words(tongue: str, count: int) -> str:
    """Empty where nothing was in a package."""
    return say(tongue, "ui.law.forgotten", count=count) if count else ""


job_views.TELLERS[_KIND] = _told


def term_words(term: TermSettings) -> str:
    """`导出后 30 天`."""
    start = "day" if isinstance(term.start, date) else term.start
    return say(language(), f"termstart.{start}", days=term.days, on=term.start)


def _group(plan: GroupPlan) -> dict[str, Any]:
    return {
        "field": _GROUP + class_key(plan.group),
        "words": group_words(plan.group) or say(language(), "ui.law.off_roster"),
        "people": plan.people,
        "parts": plan.parts,
        "due": any(part.due for part in plan.parts.values()),
    }


def _file(file: Any, state: FileState, where: Path) -> dict[str, Any]:
    return {"one": file, "state": state, "where": str(where), "at": moment(file.at), "field": f"{_FILE}{file.number}"}
