"""The school's lists on paper: the roster as it is filed, roll-call sheets, the public list, and who comes when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from kiosk import idnumber
from kiosk.exchange import paper
from kiosk.exchange.fields import FIELDS, ExportRow
from kiosk.exchange.forms import class_title
from kiosk.records import ClassKey, ProgressState, RollCall, SchoolName, Slot, Student, StudentProgress
from kiosk.surrogate import number_of

T = TypeVar("T")
_WEEK: Final = "一二三四五六日"
_SHORT: Final = 12  # characters of a digest, beneath the whole one
_DONE: Final = frozenset({ProgressState.CAPTURED, ProgressState.EXCEPTION})
ROLL_CALL_NAMES: Final[Mapping[RollCall, str]] = {
    RollCall.PRESENT: "在校",
    RollCall.EXCUSED: "请假",
    RollCall.NOT_HERE: "在籍不在校",
    RollCall.LEFT: "已离校",
}


@dataclass(frozen=True)
class Head:
    """What stands on every page. `schools`: all of the roster, by which classes are told apart."""

    title: str
    footer: str = ""
    schools: Sequence[SchoolName] = ()
    simulated: bool = False


def roster_list(students: Sequence[Student], head: Head, *, version: str, digest: str, whole: int) -> bytes:
    """花名册 to be signed by class, of some classes or all; `whole`: how many the school has. `version` and `digest` stand on
    every page: another roster is visibly another version."""
    of = f"{head.footer}　{version}　SHA-256 {digest}".strip()
    groups = [
        {
            "name": class_title(key, head.schools),
            "note": f"{version}　全校共 {whole} 人，本班 {len(members)} 人　校验 {digest[:_SHORT]}",
            "rows": [_row(str(at), *_of_roster(one)) for at, one in enumerate(members, start=1)],
        }
        for key, members in _classes(students, lambda one: one).items()
    ]
    headers = ["序号", "姓名", "性别", "身份证号", "学籍号", "考籍号", "备注"]
    signatures = ["班主任签字：", "日期：", "校长签字（盖章）：", "日期："]
    return _list(replace(head, footer=of), headers, [11, 0, 11, 40, 44, 32, 12], groups, signatures)


def roll_call_sheets(students: Sequence[Student], head: Head) -> bytes:
    """点名表: everybody of a class, to be ticked in the classroom."""
    groups = [
        {
            "name": class_title(key, head.schools),
            "note": f"花名册 {len(members)} 人　实到 ____ 人",
            "rows": [
                _row(str(at), one.name, idnumber.masked(one.id_number), "□", "□", "□", "□", "")
                for at, one in enumerate(members, start=1)
            ],
        }
        for key, members in _classes(students, lambda one: one).items()
    ]
    headers = ["序号", "姓名", "身份证号", *ROLL_CALL_NAMES.values(), "说明"]
    signatures = ["点名人签字：", "班主任签字：", "日期："]
    return _list(head, headers, [12, 30, 38, 13, 13, 22, 15, 0], groups, signatures)


def public_list(entries: Sequence[StudentProgress], head: Head) -> bytes:
    """公示: who is captured, and who has confirmed it. Numbers are masked: it hangs on a wall."""
    groups = [
        {
            "name": class_title(key, head.schools),
            "note": f"已采集 {len(members)} 人，其中已签字确认 {sum(one.signed for one in members)} 人",
            "rows": [
                _row(
                    str(at), one.student.name, idnumber.masked(one.student.id_number), "已采集", "已确认" if one.signed else ""
                )
                for at, one in enumerate(members, start=1)
            ],
        }
        for key, members in _classes([one for one in entries if is_public(one)], lambda one: one.student).items()
    ]
    return _list(head, ["序号", "姓名", "身份证号", "信息采集", "签字确认"], [14, 0, 50, 30, 30], groups)


def is_public(entry: StudentProgress) -> bool:
    """Whether somebody stands on the public list: captured, with nothing left to decide."""
    return entry.state in _DONE and not entry.sent_back


def slot_lists(queue: Sequence[tuple[Student, Slot]], head: Head) -> bytes:
    """采集时间安排 by class, for its teacher."""
    groups = [
        {
            "name": class_title(key, head.schools),
            "note": f"共 {len(members)} 人",
            "rows": [_row(str(slot.position), one.name, in_words(slot), "") for one, slot in members],
        }
        for key, members in _classes(queue, lambda one: one[0]).items()
    ]
    return _list(head, ["序号", "姓名", "时间", "备注"], [16, 40, 70, 0], groups)


def notices(queue: Sequence[tuple[Student, Slot]], head: Head, *, place: str, bring: str, contact: str) -> bytes:
    """采集通知单: a slip for each student with the slot, the place and what to bring."""
    groups = [
        [
            {
                "name": one.name,
                "class": class_title(one.group, head.schools),
                "when": in_words(slot),
                "position": f"第 {slot.position} 号",
            }
            for one, slot in members
        ]
        for members in _classes(queue, lambda one: one[0]).values()
    ]
    told = {"title": head.title, "place": place, "bring": bring, "contact": contact, "groups": groups}
    return paper.typeset("notices", told, simulated=head.simulated)


def in_words(slot: Slot) -> str:
    """`2026-10-28（周三）09:00—09:20`."""
    start, end = slot.starts_at.astimezone(), slot.ends_at.astimezone()
    return f"{start:%Y-%m-%d}（周{_WEEK[start.weekday()]}）{start:%H:%M}—{end:%H:%M}"


def _of_roster(student: Student) -> tuple[str, ...]:
    sex = str(FIELDS["sex"](ExportRow(student=student)) or "")
    number = number_of(student.id_number)
    return (student.name, sex, number, student.student_number, student.registration_number, "")


def _row(*cells: str) -> dict[str, Any]:
    return {"marked": False, "cells": list(cells)}


def _classes(entries: Sequence[T], of: Callable[[T], Student]) -> Mapping[ClassKey, list[T]]:
    classes: dict[ClassKey, list[T]] = defaultdict(list)
    for entry in entries:
        classes[of(entry).group].append(entry)
    return classes


def _list(
    head: Head,
    headers: Sequence[str],
    widths: Sequence[int],
    groups: Sequence[dict[str, Any]],
    signatures: Sequence[str] = (),
) -> bytes:
    told = {
        "title": head.title,
        "footer": head.footer,
        "headers": list(headers),
        "widths": list(widths),
        "inset": 4,
        "long": False,
        "signatures": list(signatures),
        "groups": list(groups),
    }
    return paper.typeset("class_list", told, simulated=head.simulated)
