"""What the school hands out about students without a resident's number: 在校就读证明, and slips with substitute numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from kiosk.clock import day
from kiosk.exchange import paper
from kiosk.exchange.exam_papers import sex_of
from kiosk.exchange.forms import class_title
from kiosk.records import School, SchoolName, Student
from kiosk.surrogate import number_of
from kiosk.tables.rules import load_rules

CERTIFICATE: Final = "无身份证号学生在校就读证明"
SLIP: Final = "考试代用号码告知单"
_CLOSING: Final = "以上情况属实，如有不实，由我校承担相应责任。特此证明。"
_NOTE: Final = (
    "说明：本证明用于考试报名和信息采集，须加盖学校公章、由校长签字方为有效；照片处加盖骑缝章。一式两份，学校存档一份。"
)
_TOLD: Final = (
    "该生报名不用居民身份证号，而用以上号码。它由学校按考试主管部门的规则编排，今后各次考试固定使用，不会更改，也不会给别人。"
    "报名、准考证、成绩都用它，请妥善保管。取得居民身份证号后请立即告诉班主任。"
)


@dataclass(frozen=True)
class Certified:
    """A student with their photo, where there is one, and the number that stands for a resident's."""

    student: Student
    portrait: bytes | None = None
    substitute: str = ""


def certificates(people: Sequence[Certified], school: School, *, simulated: bool = False) -> bytes:
    """A PDF, a page for each student; raises ExchangeError."""
    told = {
        "title": CERTIFICATE,
        "note": _NOTE,
        "people": [_certificate(one, school) for one in people],
    }
    return paper.typeset("certificates", told, simulated=simulated)


def slips(people: Sequence[Certified], school: School, *, simulated: bool = False) -> bytes:
    """A PDF of slips to cut apart, of those who were given a number; raises ExchangeError."""
    told = {
        "title": SLIP,
        "told": _TOLD,
        "people": [
            {
                "school": mine.name or mine.code,
                "contact": f"咨询：{mine.reachable}" if mine.reachable else "",
                "name": one.student.name,
                "class": class_title(one.student.group),
                "number": one.substitute,
            }
            for one in people
            if one.substitute
            for mine in [_of(one.student, school)]
        ],
    }
    return paper.typeset("slips", told, simulated=simulated)


def _of(student: Student, own: School) -> School:
    """Whose letter it is: the station's own school, with all that is known of it, or another as the roster names it."""
    named = student.school_name
    return own if not named.key or named.is_same(SchoolName(own.name, own.code)) else School(*named)


def _certificate(one: Certified, own: School) -> dict[str, Any]:
    school = _of(one.student, own)
    student, born = one.student, _birth(one.student)
    group = class_title(student.group)
    kind = load_rules("students").column("document_type").name_of(student.document_type) if student.document_type else ""
    document = " ".join(filter(None, (kind, number_of(student.id_number)))) or "无"
    sex = sex_of(student)
    words = [f"兹证明 {student.name}", sex and f"性别{sex}", born and f"{born}出生", f"现在我校{group}就读"]
    return {
        "text": "，".join(filter(None, words)) + "，至今没有居民身份证号码。",
        "closing": _CLOSING,
        "school": school.name or school.code or "（学校名称）",
        "footer": "　".join(filter(None, (school.name, school.address, school.phone))),
        "portrait": paper.picture(one.portrait),
        "facts": [
            ["学校标识码", school.code],
            ["学籍号", student.student_number],
            ["考籍号", student.registration_number],
            ["现有证件", document],
            ["代用号码", one.substitute or "未编排"],
            ["民族", student.ethnicity],
        ],
    }


def _birth(student: Student) -> str:
    born = day(student.birth_text)
    return f"{born.year}年{born.month}月{born.day}日" if born else ""
