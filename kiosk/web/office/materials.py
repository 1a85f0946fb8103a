"""材料与存档: who has handed in what, what is missing, and in which box it lies."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange.material_list import by_class, missing
from kiosk.office import MaterialImport, MaterialPaper
from kiosk.web.asking import asked
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work
from kiosk.web.office import job_views
from kiosk.web.office.groups import class_key, classes_of, group_words, looked_for, of_group
from kiosk.web.office.paging import paged
from kiosk.web.office.printing import in_folder
from kiosk.web.office.shell import XLSX, attachment, handle, page, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_list, say_message

views = Blueprint("materials", __name__)

_PER_PAGE: Final = 50
_MOST_TOLD: Final = 5
LIST: Final = "materials"  # the job
_PAPER: Final = "zh-CN"  # papers are Chinese whatever language the screen speaks
_FILTERS: Final = ("class", "lacking", "box", "query")


@views.get("/records/materials")
def screen() -> ResponseReturnValue:
    """Everybody's check-list; a class, those who lack something, those with a paper in a box, or who is looked for."""
    materials = context().office.materials
    everybody, kinds = materials.all(), materials.kinds()
    wanted = {name: request.args.get(name, "") for name in _FILTERS}
    found = [
        one
        for one in everybody
        if looked_for(one.student, wanted["class"], wanted["query"])
        and (not wanted["lacking"] or wanted["lacking"] in one.lacking or (wanted["lacking"] == "any" and one.lacking))
        and (not wanted["box"] or any(paper.box == wanted["box"] for paper in one.there.values()))
    ]
    shown = paged(found, _PER_PAGE)
    papers = [paper for one in everybody for paper in one.there.values()]
    return page(
        "materials.html",
        "materials",
        kinds=kinds,
        classes=classes_of([one.student for one in everybody]),
        boxes=sorted({paper.box for paper in papers if paper.box}),
        wanted=wanted,
        rows=shown.rows,
        found=len(found),
        number=shown.number,
        pages=shown.pages,
        total=len(everybody),
        lacking=sum(bool(one.lacking) for one in everybody),
        unboxed=sum(not paper.box for paper in papers),
        by_class=[
            (class_key(group), group_words(group), len(members), missing(members))
            for group, members in by_class(everybody).items()
        ],
        papers=(MaterialPaper.LIST, MaterialPaper.BOXES),
        handle=handle,
        at_of=lambda paper: moment(paper.at),
    )


@views.post("/office/materials")
def enter() -> ResponseReturnValue:
    """For everybody who is ticked, papers of the kinds that are ticked: handed in, put into a box, or given back."""
    materials, told, by = context().office.materials, asked(), at_work().person
    ticked, kinds = set(request.form.getlist("record")), request.form.getlist("kind")
    students = [one for one in context().office.rosters.students() if handle(one) in ticked]
    if not students:
        raise KioskError("web.nobody_ticked")
    deed = told.get("deed", "")
    if deed == "in":
        return said("ui.materials.in", count=materials.hand_in(students, kinds, handed_by=told.get("handed_by", ""), by=by))
    if deed == "box":
        box = told.get("box", "")
        return said("ui.materials.boxed", count=materials.put_in_box(students, kinds, box, by=by), box=box)
    if deed == "back" and len(students) == len(kinds) == 1:
        materials.give_back(students[0], kinds[0], by=by)
        return said("ui.materials.back", name=students[0].name)
    raise KioskError("material.one_back")


@views.post("/office/materials/kinds")
def change_kinds() -> ResponseReturnValue:
    """What is asked of everybody, one a line."""
    context().office.materials.set_kinds(asked().get("kinds", "").splitlines(), by=at_work().person)
    return said("ui.materials.kinds_done")


@views.get("/records/materials.xlsx")
def sheet() -> ResponseReturnValue:
    """All of it as a workbook."""
    with context().uploads.held("materials.xlsx", lambda _: None) as path:
        context().office.materials.write(path, of_group(request.args.get("class", "")))
        return attachment(path.read_bytes(), say(language(), "ui.materials.sheet_name"), XLSX)


@views.post("/office/materials/print")
def print_papers() -> ResponseReturnValue:
    """材料清单, 存档清单, 在校就读证明 or the slips with the substitute numbers, of a class or of everybody, as a job."""
    told, by = asked(), at_work().name
    try:
        which = MaterialPaper(told.get("which", ""))
    except ValueError:
        raise KioskError("web.nothing_to_print") from None
    materials, of = context().office.materials, of_group(told.get("class", ""))
    return in_folder(
        say(_PAPER, f"materialpaper.{which}"),
        lambda folder, tell: materials.papers(which, folder, tell, of=of, by=by),
        of=of,
    )


@views.post("/office/materials/list")
def take() -> ResponseReturnValue:
    """A list that a class keeps, as a job; all of it, or nothing and what is wrong."""
    materials, by = context().office.materials, at_work().person
    with ExitStack() as files:
        path = files.enter_context(uploaded("list", "web.roster_missing"))
        return job_views.answered(LIST, lambda _: materials.take(materials.read(path), by=by), files=files)


def _taken(done: MaterialImport) -> dict[str, str]:
    told: dict[str, Any] = {"new": done.new, "boxed": done.boxed}
    words = say(language(), "ui.materials.listed", **told)
    if done.unknown:
        names = say_list(language(), done.unknown[:_MOST_TOLD])
        words = say(language(), "ui.materials.list_unknown", **told, unknown=len(done.unknown), names=names)
    return {"message": " ".join((words, *(say_message(language(), one) for one in done.overlooked[:_MOST_TOLD])))}


job_views.TELLERS[LIST] = _taken
