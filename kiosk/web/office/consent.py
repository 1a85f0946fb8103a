"""告知与同意: on what basis everybody is captured, who lacks one, and what the school enters before the day."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange.consent_file import write_consent_list
from kiosk.exchange.own_data import own_data
from kiosk.idnumber import masked
from kiosk.office.consents import Standing
from kiosk.records import BODILY, Basis, BiometricKind, Consent, Erased, Part, Student
from kiosk.web.asking import asked, why
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work
from kiosk.web.office import dossier, job_views, own_rows
from kiosk.web.office.groups import classes_of, looked_for
from kiosk.web.office.paging import paged
from kiosk.web.office.particulars import particulars_rows
from kiosk.web.office.retention import forget_in_packages, part_words, term_words, two_people
from kiosk.web.office.shell import XLSX, attachment, handle, label, page, said, scan, student_of
from kiosk.web.office.uploads import uploaded
from kiosk.words import in_language, say, say_list, say_message, say_parts

views = Blueprint("consent", __name__)

_PER_PAGE: Final = 50
_MOST_TOLD: Final = 5
_SCANS: Final = (b"\xff\xd8\xff", b"%PDF-")
_CHOICES: Final = {
    "own": (Basis.OWN, True),
    "guardian": (Basis.GUARDIAN, True),
    "statutory": (Basis.STATUTORY, True),
    "no": (Basis.OWN, False),
    "guardian_no": (Basis.GUARDIAN, False),
}
_PICTURES: Final = (
    BiometricKind.CHIP_PHOTO,
    BiometricKind.PORTRAIT,
    BiometricKind.LIVE_FACE,
    BiometricKind.RIGHT_THUMB,
    BiometricKind.LEFT_THUMB,
    BiometricKind.DOCUMENT,
)


@views.get("/records/consent")
def screen() -> ResponseReturnValue:
    """Everybody's basis; a class, those who lack one, or who is looked for."""
    consents = context().office.consents
    everybody = consents.standing()
    wanted = {name: request.args.get(name, "") for name in ("class", "lacking", "query")}
    found = [
        one
        for one in everybody
        if looked_for(one.student, wanted["class"], wanted["query"]) and (not wanted["lacking"] or one.lacking)
    ]
    shown = paged(found, _PER_PAGE)
    return page(
        "consent.html",
        "consent",
        classes=classes_of([one.student for one in everybody]),
        wanted=wanted,
        found=len(found),
        rows=shown.rows,
        number=shown.number,
        pages=shown.pages,
        total=len(everybody),
        lacking=sum(one.lacking for one in everybody),
        refused=sum(one.said_no for one in everybody),
        papers=sum(bool(one.papers) for one in everybody),
        children=sum(one.child for one in everybody),
        basis=consents.basis,
        choices=tuple(_CHOICES),
        notice=consents.notice,
        notice_texts=in_language(language(), consents.notice.texts),
        handle=handle,
        faces=context().office.retention.faces(),
        filing_from=consents.filing_from,
    )


@views.post("/office/consent")
def enter() -> ResponseReturnValue:
    """The same for everybody who is ticked, with the signed paper where it comes along."""
    values, ticked = asked(), request.form.getlist("record") or [asked().get("student", "")]
    if not any(ticked):
        raise KioskError("web.nobody_ticked")
    if values.get("basis") not in _CHOICES:
        raise KioskError("consent.basis_missing")
    basis, agreed = _CHOICES[values["basis"]]
    upload = request.files.get("paper")
    paper = upload.read() if upload is not None else b""
    if paper and not paper.startswith(_SCANS):
        raise KioskError("web.scan_kind")
    guardian, relation, phone = (values.get(name, "") for name in ("guardian", "relation", "phone"))
    said_so = Consent(basis, agreed, guardian, relation, phone)
    by_handle = {handle(student): student for student in context().office.rosters.students()}
    students = [by_handle[one] for one in ticked if one in by_handle]
    count = context().office.consents.enter(students, said_so, by=at_work().person, paper=paper)
    return said("ui.law.consent_entered", count=count)


@views.post("/office/consent/list")
@job_views.may_take_long("read")
def take() -> ResponseReturnValue:
    """A list that a class filled in; all of it, or nothing and what is wrong."""
    consents = context().office.consents
    with uploaded("list", "web.roster_missing") as path:
        problems = consents.read(path).problems
        if problems:
            tongue = language()
            first = [
                say(tongue, "ui.law.row", row=one.row, column=one.column, problem=say_message(tongue, one.message))
                for one in problems[:_MOST_TOLD]
            ]
            told = say(tongue, "error.consent.list_refused", count=len(problems))
            return jsonify(code="consent.list_refused", message=" ".join((told, *first))), 409
        count, unknown = consents.take(path, by=at_work().person)
    if unknown:
        return said("ui.law.list_unknown", count=count, unknown=len(unknown), names=say_list(language(), unknown[:_MOST_TOLD]))
    return said("ui.law.consent_entered", count=count)


@views.get("/records/consent.xlsx")
def sheet() -> ResponseReturnValue:
    """The list of a class to fill in, with what is known already."""
    group = request.args.get("class", "")
    rows = [one for one in context().office.consents.standing() if looked_for(one.student, group)]
    with tempfile.TemporaryDirectory(prefix="kiosk-consent-") as folder:
        path = Path(folder) / "list.xlsx"
        write_consent_list([(one.student, one.consent) for one in rows], path)
        return attachment(path.read_bytes(), say(language(), "ui.law.list_name"), XLSX)


@views.get("/records/consent/paper/<owner>")
def paper(owner: str) -> ResponseReturnValue:
    """A signed paper. That it was looked at is kept."""
    return scan(context().office.consents.paper(owner, by=at_work().name))


@views.post("/office/consent/withdraw")
def withdraw() -> ResponseReturnValue:
    """A consent is taken back: what is of the body goes, the fact stays."""
    reason, (asking, deciding), student = why(), two_people(), _asked_student()
    done = context().office.retention.withdraw(student.id_number, asked_by=asking, decided_by=deciding, reason=reason)
    if done is None:
        return said("ui.law.withdrawn_nothing", name=student.name)
    message = say(language(), "ui.law.withdrawn", name=student.name, pieces=done[0].pieces, file=done[1].name)
    return jsonify(message=f"{message} {forget_in_packages()}".strip())


@views.post("/office/consent/erase")
def erase() -> ResponseReturnValue:
    """Student or guardian asked for deletion: of what is of the body, or of everything."""
    reason, (asking, deciding), student = why(), two_people(), _asked_student()
    everything = asked().get("what") == "everything"
    parts = frozenset({Part.IDENTITY}) if everything else BODILY
    done, path = context().office.retention.delete_of(
        student.id_number, parts, asked_by=asking, decided_by=deciding, reason=reason
    )
    message = say(language(), "ui.law.erased", pieces=done.pieces, file=path.name)
    return jsonify(message=f"{message} {forget_in_packages()}".strip(), next=url_for("records.everybody") if everything else "")


@views.get("/records/own-data/<wanted>.pdf")
def copy(wanted: str) -> ResponseReturnValue:
    """All that is kept about a student, to be handed over (PIPL art. 45). That it was is kept."""
    office, by, tongue = context().office, at_work().name, language()
    student = _student(wanted)
    office.dossiers.note_copy(student.id_number, by=by)
    whole = office.dossiers.of(student.id_number)
    sections = [(say(tongue, "ui.record.roster"), dossier.roster_rows(student)), *_law_sections(student)]
    pictures: list[tuple[str, bytes]] = []
    for record in whole.versions:
        title = say(tongue, "ui.record.version", version=record.version)
        sections.append((title, dossier.capture_rows(record, office.upkeep.printed([record.id])[record.id])))
        if record.card is not None:
            sections.append((f"{title} · {say(tongue, 'ui.record.card')}", dossier.card_rows(record.card)))
        results = [(f"{one['at']} {one['name']}", _of_result(one)) for one in dossier.result_rows(record)]
        sections.append((f"{title} · {say(tongue, 'ui.steps')}", results))
        kinds = office.looks.kinds(record.id)
        for kind in _PICTURES:
            found = office.looks.picture(record.id, kind, by=by) if kind in kinds else None
            if found is not None:
                pictures.append((f"{title} {say(tongue, f'biometric.{kind}')}", found))
    entered = [(f"{one.before or '—'} → {one.after or '—'}", one) for one in whole.corrections]
    corrected = [(label(one.field), f"{change}（{one.by.name}，{moment(one.at)}）") for change, one in entered]
    sections.append((say(tongue, "ui.correct.history"), corrected))
    sections.append((say(tongue, "ui.particulars.own"), particulars_rows(student)))
    for code, entries in (("ui.record.deeds", whole.trail), ("ui.record.looks", whole.looks)):
        told = [(f"{one['at']} {one['actor']}", _of_entry(one)) for one in dossier.trail_rows(entries)]
        sections.append((say(tongue, code), told))
    number, hidden = student.id_number, masked(student.id_number)  # pages mask it; whose it is may have it whole
    sections = [(title, [(name, value.replace(hidden, number)) for name, value in rows]) for title, rows in sections]
    content = own_data(
        say(tongue, "ui.law.own_title", name=student.name),
        sections,
        pictures,
        note=say(tongue, "ui.law.own_note", by=by, at=moment(office.schedule.now())),
        simulated=office.files.simulated,
    )
    return attachment(content, say(tongue, "ui.law.own_name", name=student.name), "application/pdf")


def law_of(student: Student, record_id: str = "") -> dict[str, Any]:
    """What the pages of a student say of basis, papers and deletions."""
    office = context().office
    standing = office.consents.of(student)
    return {
        "law": standing,
        "law_rows": _basis_rows(standing),
        "law_papers": [(owner, moment(at)) for owner, at in office.consents.papers_of(student.id_number)],
        "gone": erased_rows(record_id) if record_id else [],
        "law_handle": record_id or handle(student),
    }


def erased_rows(record_id: str) -> list[tuple[str, int, str, str, Erased]]:
    """What of a record was deleted: which part in words, how many pieces, when, why."""
    tongue = language()
    return [
        (part_words([one.part]), one.pieces, moment(one.at), say(tongue, f"auditwhy.{one.why}"), one)
        for one in context().office.retention.of_record(record_id)
    ]


def _basis_rows(standing: Standing) -> list[tuple[str, str]]:
    tongue, consent = language(), standing.consent
    rows = [(say(tongue, "ui.law.basis"), basis_words(standing))]
    if consent is not None:
        rows += [
            (say(tongue, "ui.law.guardian"), consent.guardian),
            (say(tongue, "ui.law.relation"), consent.relation),
            (say(tongue, "ui.law.phone"), consent.phone),
            (say(tongue, "ui.reason.text"), consent.reason),
        ]
        if consent.notice:
            rows.append((say(tongue, "auditdetail.notice"), consent.notice))
        if consent.at is not None:
            rows.append((say(tongue, "ui.law.entered_by"), f"{consent.by.name} {moment(consent.at)}"))
    return [(name, value) for name, value in rows if value]


def basis_words(standing: Standing) -> str:
    """A student's basis, as the pages have it."""
    tongue = language()
    if standing.said_no:
        return say(tongue, "ui.law.said_no")
    if standing.lacking:
        return say(tongue, "ui.law.lacking_child" if standing.child else "ui.law.lacking")
    return say(tongue, f"basis.{standing.basis}")


def _law_sections(student: Student) -> list[tuple[str, list[tuple[str, str]]]]:
    office, tongue = context().office, language()
    texts = in_language(tongue, office.consents.notice.texts)
    rows = _basis_rows(office.consents.of(student))
    rows += [
        (say(tongue, "ui.law.purpose"), texts["purpose"]),
        (say(tongue, "ui.law.term"), texts["term"]),
        (say(tongue, "ui.law.rights"), texts["rights_formal"]),
        *((say(tongue, f"part.{part}"), term_words(getattr(office.retention.terms, part))) for part in Part),
    ]
    return [(say(tongue, "ui.law.consent_title"), rows), *own_rows.sections(student)]


def _of_result(one: dict[str, Any]) -> str:
    scores = [f"{score['name']} {score['value']} {score['limit']}" for score in one["scores"]]
    said_by = [f"{one['reason']} {one['by']}"] if one["by"] else []
    return say_parts(language(), filter(None, (one["status"], *scores, *one["problems"], *one["statements"], *said_by)))


def _of_entry(one: dict[str, Any]) -> str:
    return say_parts(language(), (one["action"], *one["detail"]))


def _asked_student() -> Student:
    return _student(asked().get("student", ""))


def _student(wanted: str) -> Student:
    """By the id of a record, or by the handle of somebody on the roster."""
    found = context().office.dossiers.student_of(wanted)
    return found or student_of(wanted).student
