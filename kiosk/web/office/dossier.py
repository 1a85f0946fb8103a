"""The whole of what is kept about a student, in words: what roster and card say, every result, every piece, every deed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

from kiosk.clock import dotted
from kiosk.errors import ExchangeError
from kiosk.exchange import load_profile
from kiosk.idnumber import masked
from kiosk.office import Correctable
from kiosk.records import (
    NUMBER_DIGITS,
    STEPS,
    AuditEntry,
    BiometricKind,
    CaptureRecord,
    CardData,
    CardEntry,
    KeptBiometric,
    StepResult,
    Student,
)
from kiosk.snapshot import StepState, StepView
from kiosk.tables.rules import load_rules
from kiosk.web import wording
from kiosk.web.context import context, language, moment
from kiosk.web.office.shell import label
from kiosk.words import has_words, say, say_list, say_message, say_parts, say_size

Rows = list[tuple[str, str]]
_NO_PICTURES: Final = frozenset(
    {
        *(template for spec in STEPS.values() for template in spec.templates),
        BiometricKind.CARD_FINGERPRINTS,
        BiometricKind.SIGNATURE_STROKES,
    }
)
# Details of the trail that are codes, and the words that they have.
_FAMILIES: Final[Mapping[str, str]] = {
    "step": "step",
    "verdict": "verdict",
    "field": "field",
    "why": "auditwhy",
    "kind": "biometric",
    "reason": "refusal",
    "role": "role",
}


def roster_rows(student: Student) -> Rows:
    """Every field of the roster's row that says anything."""
    return [(label(one.name), shown(student, one.name)) for one in fields(student) if getattr(student, one.name)]


def shown(student: Student, field: str) -> str:
    """A field's value, a code by its name; a student number is often the ID number with a letter before it."""
    value: str = getattr(student, field)
    rule = next((one for one in load_rules("students").columns if one.field == field), None)
    named = rule.name_of(value) if rule is not None else value
    return named.replace(student.id_number, masked(student.id_number))


def seat_rows(id_number: str) -> list[dict[str, str]]:
    """Rooms and seats, in the exams that have them: one row for each subject and its time."""
    return [
        {
            "exam": exam.title,
            "subject": session.subject if session else seat.subject,
            "at": f"{moment(session.starts_at)}–{session.ends_at.astimezone():%H:%M}" if session else "",
            "number": seat.exam_number,
            "room": seat.room,
            "seat": f"{seat.seat:02d}",
            "place": " ".join(filter(None, (exam.site, seat.place))),
        }
        for exam, seat in context().office.exams.of(id_number)
        for session in exam.sessions_of(seat.subject) or (None,)
    ]


def card_rows(card: CardData) -> Rows:
    """Every field of the card, raw codes beside their meaning."""
    tongue = language()
    found: Rows = [(say(tongue, "field.kind"), say(tongue, f"card.kind.{card.kind}"))]
    if card.entry is CardEntry.TYPED:
        found.append((say(tongue, "field.entry"), say(tongue, f"manual.reason.{card.entry_reason}")))
    valid = "–".join(dotted(end) for end in (card.valid_from_text, card.valid_until_text) if end)
    values = {
        "name": card.name,
        "id_number": masked(card.id_number),
        "sex_alone": _coded(card.sex, card.sex_code),
        "ethnicity": _coded(card.ethnicity, card.ethnicity_code),
        "birth": wording.birth_of(card),
        "address": card.address,
        "authority": card.authority,
        "valid": valid,
    }
    more = "additional_address english_name nationality permit_number issue_count version former_number".split()
    values |= {field: getattr(card, field) for field in more}
    found += [(say(tongue, f"field.{field}"), value) for field, value in values.items() if value]
    notes = [*card.warnings, *([card.photo_problem] if card.photo_problem else [])]
    if notes:
        found.append((say(tongue, "ui.record.problems"), say_parts(language(), (say_message(tongue, note) for note in notes))))
    return found


def capture_rows(record: CaptureRecord, printed: int) -> Rows:
    """When, where, by whom, to which profile, and with which algorithms it was captured."""
    tongue = language()
    scales = sorted({score.scale for result in record.steps for score in result.scores})
    values = {
        "number": record.number,
        "state": say(tongue, f"recordstate.{record.state}"),
        "started": moment(record.started_at),
        "finished": moment(record.finished_at),
        "station": record.station,
        "operator": record.operator,
        "profile": f"{_profile_title(record.profile)} · {record.profile_hash[:12]}",
        "algorithms": say_list(language(), scales),
        "recapture": record.recapture_reason,
        "printed": say(tongue, "ui.print.times", count=printed) if printed else "",
        "signed": moment(record.signed_at),
    }
    return [(say(tongue, f"recordfact.{name}"), value) for name, value in values.items() if value]


def result_rows(record: CaptureRecord) -> list[dict[str, Any]]:
    """Every result in the order of time. `counts`: it is the one that its step stands by."""
    return [_result(record, result) for result in record.steps]


def _result(record: CaptureRecord, result: StepResult) -> dict[str, Any]:
    tongue = language()
    words = wording.step_in_words(tongue, StepView.of(result, StepState.DONE))
    if result.redo:
        words |= {"status": say(tongue, "ui.record.redo"), "verdict": "todo"}
    return words | {
        "by": result.decided_by,
        "at": moment(result.at),
        "counts": record.result(result.step) is result,
        "redo": result.redo,
        "seconds": say(tongue, "ui.record.seconds", device=f"{result.device_s:.1f}", own=f"{result.own_s:.1f}"),
    }


def kept_rows(record: CaptureRecord, kept: Iterable[KeptBiometric]) -> list[dict[str, Any]]:
    """Every piece in the vault, with the way to its picture where it is one."""
    tongue = language()
    return [
        {
            "number": one.number,
            "kind": one.kind,
            "name": say(tongue, f"biometric.{one.kind}"),
            "at": moment(one.at),
            "size": say_size(language(), one.size),
            "digest": one.digest[:16],
            "stands": one.stands,
            "picture": one.kind not in _NO_PICTURES,
            "record": record.id,
        }
        for one in kept
    ]


def version_rows(versions: Iterable[CaptureRecord], current: str) -> list[dict[str, Any]]:
    """The student's records, the newest first."""
    tongue = language()
    return [
        {
            "id": one.id,
            "version": one.version if one.version > 0 else "—",  # set aside: none that counts
            "number": one.number if one.version > 0 else one.id[:NUMBER_DIGITS],
            "at": moment(one.captured_at),
            "state": say(tongue, f"recordstate.{one.state}"),
            "verdict": one.verdict,
            "verdictName": say(tongue, f"verdict.{one.verdict}"),
            "operator": one.operator,
            "station": one.station,
            "reason": one.recapture_reason,
            "current": one.id == current,
        }
        for one in versions
    ]


def trail_rows(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Entries of the audit trail in words."""
    return [
        {
            "number": one.number,
            "at": moment(one.at),
            "actor": one.actor,
            "action": say(language(), f"auditaction.{one.action}"),
            "subject": one.subject,
            "detail": [_detail(name, value) for name, value in one.told.items()],
        }
        for one in entries
    ]


def _detail(name: str, value: Any) -> str:
    """`原因：转班`; codes in words where there are any."""
    tongue = language()
    told = say_list(language(), map(str, value)) if isinstance(value, list) else str(value)
    if name == "changed":
        told = say_list(language(), (say(tongue, f"schoolfield.{part}") for part in value))
    elif has_words(code := f"{_FAMILIES.get(name)}.{value}"):
        told = say(tongue, code)
    named = say(tongue, code) if has_words(code := f"auditdetail.{name}") else name
    return say(tongue, "ui.record.detail", name=named, value=told)


def correctable_rows(student: Student, offered: Iterable[Correctable]) -> list[dict[str, Any]]:
    """What can be corrected: its name, what every list shows now, and the values that there are."""
    number = student.id_number
    return [
        {
            "field": one.field,
            "label": label(one.field),
            "value": dict(one.choices).get(one.value, one.value).replace(number, masked(number)),
            "choices": one.choices,
            "settled": one.settled,
            "usual": one.usual,
        }
        for one in offered
    ]


def _coded(meaning: str, code: str) -> str:
    return f"{meaning}（{code}）" if meaning and code else meaning or code


def _profile_title(name: str) -> str:
    try:
        return load_profile(name).title
    except ExchangeError:  # of a program that had another one
        return name
