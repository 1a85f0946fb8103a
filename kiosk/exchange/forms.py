"""登记表: what student and guardian check and sign; and the class list with a column for signatures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from kiosk.clock import MINUTES
from kiosk.exchange import paper
from kiosk.exchange.fields import FIELDS, ExportRow, wanted_finger
from kiosk.exchange.printable import Doubt, doubt
from kiosk.exchange.profile import Column
from kiosk.exchange.state_names import STATE_NAMES
from kiosk.exchange.statement_names import statements_of
from kiosk.memory import give_back
from kiosk.records import (
    STEPS,
    BiometricKind,
    ClassKey,
    Notice,
    Party,
    ProgressState,
    SchoolName,
    Step,
    Student,
    StudentProgress,
    school_words,
)

_VERDICTS: Final = {"pass": "通过", "review": "复核", "fail": "不通过"}
_DATE: Final = Column(header="-", blank=True, format="%Y年%m月%d日")
_TIME: Final = Column(header="-", blank=True, format=MINUTES)
_PLAIN: Final = Column(header="-", blank=True)
# What the form shows as the fields have it.
_FORM_FIELDS: Final = (
    "name sex ethnicity id_number registration_number address authority valid_period station operator similarity remarks "
    "school statements"
).split()
BATCH: Final = 25  # forms in one file: Typst takes one and a half megabytes for each
FORM_PICTURES: Final = (BiometricKind.PORTRAIT, BiometricKind.RIGHT_THUMB, BiometricKind.LEFT_THUMB)
_ONE_PAGE: Final = 300  # characters of its longer texts that certainly go on one page
_SHORT_FIELDS: Final = "name ethnicity id_number registration_number".split()

# One file at a time, whoever asks: Typst sets the pages of one on all processors. What the next one needs is opened meanwhile.
_press: Final = Lock()


@dataclass(frozen=True)
class FormEntry:
    """One student's form. `copy` counts reprints: 0 is the first print. `basis`: why the student may be captured, in words."""

    row: ExportRow
    copy: int = 0
    basis: str = ""


def registration_forms(
    entries: Sequence[FormEntry],
    *,
    title: str,
    note: str = "",
    footer: str = "",
    notice: Notice | None = None,
    simulated: bool = False,
) -> bytes:
    """A PDF with one page a student. `BATCH` at a time keep memory small; raises ExchangeError when it can't be set."""
    data = {"title": title, "note": note, "footer": footer, "people": [_person(entry) for entry in entries]}
    with _press:
        pdf = paper.typeset("form", {**data, "notice": _told(notice)}, simulated=simulated)
        give_back()
    return pdf


def _told(notice: Notice | None) -> dict[str, str] | None:
    """What a form says of the notice."""
    if notice is None:
        return None
    texts = notice.texts["zh-CN"]
    return {"version": notice.version, "purpose": texts["purpose"], "term": texts["term"], "rights": texts["rights_formal"]}


def form_doubts(entries: Iterable[FormEntry]) -> list[Doubt]:
    """Forms that would not show everything as it stands: to be shown before printing."""
    told = (doubt(entry.row.who, _texts_of(entry.row), _running(entry.row)) for entry in entries if entry.row.who)
    return [one for one in told if one is not None]


def _texts_of(row: ExportRow) -> list[str]:
    """What stands in cells of a fixed size."""
    who = row.who
    return [*(_text(name, row) for name in _SHORT_FIELDS), class_title(who.group) if who else ""]


def _running(row: ExportRow) -> list[str]:
    """What may go on over several lines."""
    return [_text(name, row) for name in _FORM_FIELDS if name not in _SHORT_FIELDS]


def class_lists(
    students: Sequence[StudentProgress],
    *,
    title: str,
    footer: str = "",
    schools: Sequence[SchoolName] = (),
    simulated: bool = False,
) -> bytes:
    """A PDF: each class on pages of its own, with a column for signatures; states other than 已采集 are noted."""
    headers = ("序号", "姓名", "性别", "身份证号", "考籍号", "考生签字", "备注")
    groups: dict[ClassKey, list[StudentProgress]] = defaultdict(list)
    for entry in students:
        groups[entry.student.group].append(entry)
    return paper.typeset(
        "class_list",
        {
            "title": title,
            "footer": footer,
            "headers": list(headers),
            "widths": [11, 26, 11, 42, 30, 30, 0],
            "inset": 6.5,
            "long": True,
            "groups": [
                {"name": class_title(key, schools), "note": f"共 {len(members)} 人", "rows": _list_rows(members)}
                for key, members in groups.items()
            ],
        },
        simulated=simulated,
    )


def class_title(group: ClassKey, schools: Sequence[SchoolName] = ()) -> str:
    """`高一（5）班`; among several `schools`, `青山中学　高一（5）班`."""
    _, grade, name = group
    told = f"{grade}（{name}）班" if name.isdigit() else f"{grade}{name}" or "未分班"
    school = next((one for one in schools if one.key == group.school), SchoolName(group.school))
    return "　".join(filter(None, (school_words(school, schools), told)))


def _list_rows(students: Sequence[StudentProgress]) -> list[Mapping[str, Any]]:
    return [
        {"marked": False, "cells": [str(number), *_list_cells(entry.student), "", _state_noted(entry)]}
        for number, entry in enumerate(students, start=1)
    ]


def _list_cells(student: Student) -> tuple[str, ...]:
    row = ExportRow(student=student)
    return tuple(_text(name, row) for name in ("name", "sex", "id_number", "registration_number"))


def _state_noted(entry: StudentProgress) -> str:
    return "" if entry.state is ProgressState.CAPTURED else STATE_NAMES[entry.state]


def _person(entry: FormEntry) -> dict[str, Any]:
    row = entry.row
    record = row.record
    number = record.number if record else ""
    student = row.who
    return {
        **{name: _text(name, row) for name in _FORM_FIELDS},
        "birth": _DATE.shown(FIELDS["birth"](row)),
        "captured_at": _TIME.shown(FIELDS["captured_at"](row)),
        "verification": _VERDICTS.get(str(FIELDS["verification"](row)), "未核验"),
        "class": class_title(student.group) if student else "",
        "number": number,
        "qr": paper.qr_code(number),
        "copy": entry.copy,
        "basis": entry.basis,
        "portrait": paper.picture(row.pictures(BiometricKind.PORTRAIT)),
        "right_finger": _text("right_finger", row) or wanted_finger(record, Step.RIGHT_THUMB),
        "left_finger": _text("left_finger", row) or wanted_finger(record, Step.LEFT_THUMB),
        "right_thumb": paper.picture(row.pictures(BiometricKind.RIGHT_THUMB)),
        "left_thumb": paper.picture(row.pictures(BiometricKind.LEFT_THUMB)),
        "said": [list(statement) for statement in statements_of(record)] if record else [],
        "signed": _signed(row),
        "declined": bool(record and record.refusals),
        "wordy": sum(map(len, _running(row))) > _ONE_PAGE,
    }


def _signed(row: ExportRow) -> dict[str, Any]:
    """By whom the record was signed on the screen: the picture for each party's line."""
    found: dict[str, Any] = dict.fromkeys(Party)
    for step, spec in STEPS.items():
        result = row.record.result(step) if row.record else None
        if result is not None and spec.pictures and not spec.biometric:
            picture = paper.picture(row.pictures(spec.pictures[0]))
            found.update({statement.party: picture for statement in result.statements})
    return found


def _text(name: str, row: ExportRow) -> str:
    return _PLAIN.shown(FIELDS[name](row))
