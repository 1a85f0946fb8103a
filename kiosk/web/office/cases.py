"""佐证: cases opened, proved and decided."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange.proof_pictures import LEVELS, MAX_KB, ProofRule
from kiosk.idnumber import masked
from kiosk.office import MaterialPaper, Named
from kiosk.records import DECIDED, FOLLOWING, PENDING, Case, CaseKind, CaseState, ClassKey
from kiosk.web.asking import asked, number, why
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office.groups import classes_of, group_words, school_choices
from kiosk.web.office.paging import paged
from kiosk.web.office.printing import in_folder
from kiosk.web.office.shell import page, said, scan
from kiosk.words import say, say_size

views = Blueprint("cases", __name__)

_PER_PAGE: Final = 20
_PEOPLE: Final = 3  # with one number, that a form has lines for
_PAPER: Final = "zh-CN"  # papers are Chinese whatever language the screen speaks


@views.get("/records/cases")
def screen() -> ResponseReturnValue:
    """All cases, the newest first; those of a state, or about somebody of a school."""
    office, wanted = context().office, {name: request.args.get(name, "") for name in ("state", "school")}
    cases = office.cases.all()
    found = [one for one in cases if wanted["state"] in ("", one.state) and one.is_of(wanted["school"])]
    shown = paged(found, _PER_PAGE)
    roster = office.rosters.students()
    without = [one.student for one in office.rosters.substitutes(roster)]
    return page(
        "cases.html",
        "cases",
        cases=[_told(one) for one in shown.rows],
        wanted=wanted,
        number=shown.number,
        pages=shown.pages,
        total=len(cases),
        pending=sum(one.state in PENDING for one in cases),
        states=tuple(CaseState),
        kinds=tuple(kind for kind in CaseKind if kind is not CaseKind.DUPLICATE_NUMBER),
        people=range(1, _PEOPLE + 1),
        without=len(without),
        classes=classes_of(without),
        schools=school_choices(),
        letters=(MaterialPaper.CERTIFICATES, MaterialPaper.SLIPS),
        levels=LEVELS,
        most=MAX_KB,
    )


@views.post("/office/cases/shared")
def open_shared() -> ResponseReturnValue:
    """One number of several people."""
    told = asked()
    people = [
        Named(
            told.get(f"name{at}", ""),
            told.get(f"sex{at}", ""),
            told.get(f"birth{at}", "").replace("-", ""),
            told.get(f"school{at}", ""),
        )
        for at in range(1, _PEOPLE + 1)
    ]
    made = context().office.cases.open_shared(told.get("id_number", ""), people, why(), by=at_work().person)
    return said("ui.cases.opened", number=made)


@views.post("/office/cases")
def open_one() -> ResponseReturnValue:
    """About a student of the roster, found by name or by the end of the number."""
    told, office = asked(), context().office
    try:
        kind = CaseKind(told.get("kind", ""))
    except ValueError:
        raise KioskError("case.kind") from None
    made = office.cases.open(kind, [office.cases.meant(told.get("student", ""))], why(), by=at_work().person)
    return said("ui.cases.opened", number=made)


@views.post("/office/cases/paper")
def attach() -> ResponseReturnValue:
    """A document of a case."""
    told, upload = asked(), request.files.get("paper")
    data = upload.read() if upload is not None else b""
    if not data:
        raise KioskError("web.scan_kind")
    title = told.get("title") or say("zh-CN", "ui.cases.paper_title")
    context().office.cases.attach(number("number"), data, title=title, about=told.get("about", ""), by=at_work().person)
    return said("ui.cases.attached", title=title)


@views.post("/office/cases/move")
def move() -> ResponseReturnValue:
    """The next step. Whoever enters the office's decision answers for it."""
    told = asked()
    try:
        state = CaseState(told.get("state", ""))
    except ValueError:
        raise KioskError("case.step_missing") from None
    reason, by = why(), who_decides() if told.get("by") or state in DECIDED else at_work().person
    context().office.cases.move(number("number"), state, reason=reason, by=by, keeps=told.get("keeps", ""))
    return said("ui.cases.moved", number=told["number"], state=say(language(), f"casestate.{state}"))


@views.get("/records/cases/paper/<owner>")
def paper(owner: str) -> ResponseReturnValue:
    """One document. That it was looked at is kept."""
    return scan(context().office.cases.paper(owner, by=at_work().name))


@views.post("/office/cases/pictures")
def pictures() -> ResponseReturnValue:
    """The pictures of a case by the naming rule in a ZIP, as a job, and what could not be made in a text within."""
    told, by, wanted = asked(), at_work().person, number("number")
    rule, cases = ProofRule(told.get("year", ""), told.get("level", "")), context().office.cases
    name = say(_PAPER, "ui.cases.zip_name", number=wanted)
    return in_folder(name.removesuffix(".zip"), lambda folder, tell: [cases.pack(wanted, rule, folder / name, tell, by=by)])


def _told(case: Case) -> dict[str, Any]:
    """A case in words, with the steps that may follow."""
    tongue = language()
    keeper = next((one.name for one in case.students if one.keeps), "")
    shared = case.kind is CaseKind.DUPLICATE_NUMBER
    return {
        "case": case,
        "tone": {"open": "review", "submitted": "active", "accepted": "pass", "declined": "fail"}.get(case.state, "todo"),
        "names": [(one.name, masked(one.filed_number)) for one in case.students],
        "schools": [group_words(ClassKey(one.school, "", "")) for one in case.students],
        "effect": say(tongue, f"caseeffect.{'shared' if shared else 'other'}.{case.state}", name=keeper),
        "following": FOLLOWING[case.state],
        "deciding": [state for state in FOLLOWING[case.state] if state in DECIDED],
        "moving": [state for state in FOLLOWING[case.state] if state not in DECIDED],
        "pending": case.state in PENDING,
        "shared": shared,
        "acts": [(say(tongue, f"casestate.{one.state}"), one.reason, one.by.name, moment(one.at)) for one in case.acts],
        "papers": [(one, say_size(tongue, one.size), moment(one.at)) for one in case.papers],
    }
