"""The closed set of things that a profile's column can show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from kiosk import idnumber
from kiosk.clock import day, dotted
from kiosk.codes import ETHNICITY, NATIONALITIES, OTHER_DOCUMENT, PASSPORT, PERMANENT_RESIDENCE, RESIDENT_CARD, SEX
from kiosk.exchange.erased_names import erased_text
from kiosk.exchange.statement_names import declined_text, statements_of
from kiosk.records import (
    CONTACTS,
    STEPS,
    UNKNOWN_SCHOOL,
    BiometricKind,
    CaptureRecord,
    CardKind,
    Erased,
    FingerPosition,
    Measure,
    ProgressState,
    ReviewOutcome,
    School,
    Step,
    Student,
    StudentProgress,
    Teacher,
    with_dots,
)
from kiosk.substitute import is_substitute
from kiosk.surrogate import is_surrogate, number_of
from kiosk.tables.rules import load_rules

Value = str | date | datetime | float | None

_SIMILARITY: Final = "sface"  # how the scale of the face comparison begins
FINGER_NAMES: Final[Mapping[FingerPosition, str]] = {
    FingerPosition[f"{hand}_{digit}"]: f"{hand_name}手{digit_name}"
    for hand, hand_name in (("RIGHT", "右"), ("LEFT", "左"))
    for digit, digit_name in zip(
        ("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE"), ("拇指", "食指", "中指", "无名指", "小指"), strict=True
    )
}
# 班号 of the national register: entry year, stage, class. A school year begins in September, lists are made from August on.
_GRADE: Final = re.compile(r"(小|初|高|[一二三四五六七八九]年级)([一二三四五六])?")
_LAST_CLASS: Final = 99  # 班号 has two digits for it
_FIRST_MONTH: Final = 8


def no_pictures(_: BiometricKind) -> bytes | None:
    """For rows that have none."""
    return None


class FingerFile(StrEnum):
    """What a finger's picture is made into, by the suffix of the file."""

    FMR = "fmr"  # minutiae record, ISO/IEC 19794-2:2005
    FIR = "fir"  # image record, ISO/IEC 19794-4:2011
    WSQ = "wsq"  # FBI Wavelet Scalar Quantization; lossy


def no_finger_files(_: BiometricKind, __: FingerFile) -> bytes | None:
    """For rows that have none."""
    return None


def no_measures() -> tuple[Measure, ...]:
    """For rows without a portrait that was judged."""
    return ()


@dataclass(frozen=True)
class ExportRow:
    """What a row is made of: a record and the way to its pictures, or a student or teacher of a list.

    `finger_files` gives a thumb's picture in another form, where there is one; the finger that it names is the one captured.
    """

    record: CaptureRecord | None = None
    pictures: Callable[[BiometricKind], bytes | None] = no_pictures
    student: Student | None = None
    teacher: Teacher | None = None
    finger_files: Callable[[BiometricKind, FingerFile], bytes | None] = no_finger_files
    school: School = UNKNOWN_SCHOOL  # the station's own
    divided_by: frozenset[str] = frozenset({"grade", "class_name", "stream", "school"})  # what others of the list's grade have
    apart: str = ""  # what the student's school is called beside the list's others; empty where there is one
    substitute: str = ""  # the number that the exam office's rule gave a student who has no resident's number
    photo_measures: Callable[[], tuple[Measure, ...]] = no_measures  # how the portrait is cut
    progress: StudentProgress | None = None  # where the student stands: what is to be reviewed, or was
    erased: tuple[Erased, ...] = ()  # what of the record was deleted since
    particulars: Mapping[str, str] = field(default_factory=dict)  # what parents and school filled in, by field

    def without_pictures(self) -> "ExportRow":
        """The same row for those who keep many."""
        return replace(self, pictures=no_pictures, finger_files=no_finger_files)

    @property
    def who(self) -> Student | None:
        """The student as the roster knows them now."""
        return self.student or (self.record.student if self.record else None)


Field = Callable[[ExportRow], Value]


def _of(part: Callable[[ExportRow], object]) -> Callable[[str], Field]:
    """Fields that a part of a row has by name; nothing where the row lacks that part."""

    def named(name: str) -> Field:
        def field(row: ExportRow) -> Value:
            of = part(row)
            value: Value = getattr(of, name) if of else None
            return value

        return field

    return named


_of_card = _of(lambda row: row.record.card if row.record else None)
_of_student = _of(lambda row: row.who)
_of_record = _of(lambda row: row.record)
_of_teacher = _of(lambda row: row.teacher)
_of_school = _of(lambda row: row.school)


def _first(*fields: Field) -> Field:
    """The first that has something to say. The card is the better witness; without one the roster speaks."""

    def field(row: ExportRow) -> Value:
        for one in fields:
            if value := one(row):
                return value
        return None

    return field


def _particular(name: str) -> Field:
    """What was filled in of an item."""
    return lambda row: row.particulars.get(name) or None


def _is_residents(row: ExportRow) -> bool:
    """Whether the number that a row goes by is a resident's."""
    who = row.who
    return who is not None and idnumber.problem(who.id_number) is None and not _has_substitute(row)


def _has_substitute(row: ExportRow) -> bool:
    """Whether it is one that the exam office's rule made, which means something to that office only."""
    return row.who is not None and is_substitute(row.who.id_number, row.who.document_type)


def _from_number(function: Callable[[str], Value]) -> Field:
    """Out of a resident's ID number."""

    def field(row: ExportRow) -> Value:
        number = row.who.id_number if row.who else ""
        return function(number) if number and _is_residents(row) else None

    return field


def _code_of(name: Field, table: Mapping[str, str]) -> Field:
    codes = {meaning: code for code, meaning in table.items()}

    def field(row: ExportRow) -> Value:
        return codes.get(str(name(row) or ""))

    return field


def _birth(row: ExportRow) -> Value:
    card = row.record.card if row.record else None
    if card:
        return card.birth or card.birth_text
    return day(row.who.birth_text) if row.who else None


def _birth_in_substitute(row: ExportRow) -> Value:
    return idnumber.birth_date(row.who.id_number) if row.who and _has_substitute(row) else None


def _valid_period(row: ExportRow) -> Value:
    """As the card prints it: `2019.01.31-2029.01.31` or `2019.01.31-长期`; passports have an end only, typed data nothing."""
    card = row.record.card if row.record else None
    ends = (card.valid_from_text, card.valid_until_text) if card else ()
    return "-".join(dotted(end) for end in ends if end) or None


def _verification(row: ExportRow) -> Value:
    result = row.record.result(Step.FACE) if row.record else None
    return result.verdict.value if result else None


def _similarity(row: ExportRow) -> Value:
    result = row.record.result(Step.FACE) if row.record else None
    scores = result.scores if result else ()
    return next((score.value for score in scores if score.scale.startswith(_SIMILARITY)), None)


def _finger(step: Step) -> Field:
    """Which finger was captured, as a code of ISO/IEC 19794-2:2005, table 5."""

    def field(row: ExportRow) -> Value:
        result = row.record.result(step) if row.record else None
        return str(int(result.position)) if result and result.position else None

    return field


def _finger_name(step: Step) -> Field:
    def field(row: ExportRow) -> Value:
        result = row.record.result(step) if row.record else None
        return FINGER_NAMES[result.position] if result and result.position else None

    return field


def _remarks(row: ExportRow) -> Value:
    """Every way out that was taken: who decided a step and why, which finger stands in for a thumb, and why there is another
    version.
    """
    if row.record is None:
        return None
    decided = [
        f"{step_name(row.record, step)}：{result.reason}（{result.decided_by}）"
        for step in Step
        for result in row.record.decisions(step)
        if not result.declined
    ]
    declined = [text] if (text := declined_text(row.record)) else []
    again = [f"第{row.record.version}次采集：{row.record.recapture_reason}"] if row.record.recapture_reason else []
    gone = [text] if (text := erased_text(row.erased)) else []
    return "；".join((*declined, *decided, *again, *_reviewed(row.progress), *gone))


def _statements(row: ExportRow) -> Value:
    """What student and guardian said: `告知同意：考生本人同意（…）；签字：…`."""
    return "；".join(f"{step}：{text}" for step, text in statements_of(row.record)) if row.record else None


def _reviewed(progress: StudentProgress | None) -> tuple[str, ...]:
    """What another person said about those decisions."""
    if progress is None or progress.review is None:
        waits = progress is not None and progress.state is ProgressState.REVIEW
        return ("待复核",) if waits else ()
    review = progress.review
    if review.outcome is ReviewOutcome.APPROVED:
        return (f"复核通过（{review.by.name}）",)
    return (f"复核退回：{review.reason}（{review.by.name}）",)


def wanted_finger(record: CaptureRecord | None, step: Step) -> str:
    """`右手拇指`, or the finger that the order of the day began with; of another step its name."""
    last = record.result(step) if record else None
    return FINGER_NAMES[last.wanted] if last and last.wanted else STEPS[step].export_name


def step_name(record: CaptureRecord, step: Step) -> str:
    """`右手拇指`, or what was wanted; where another finger was captured `右手拇指改采右手食指`."""
    last, name = record.result(step), wanted_finger(record, step)
    return f"{name}改采{FINGER_NAMES[last.position]}" if last and last.stands_in and last.position else name


def _document_type(row: ExportRow) -> Value:
    """The national register's code, as the roster has it, else by the card that was read; whoever has a number by the exam
    office's rule has no document that the register knows.
    """
    if row.who is None:
        return None
    card = row.record.card if row.record else None
    read = _TYPE_OF_CARD.get(card.kind) if card else None
    return row.who.document_type or read or (OTHER_DOCUMENT if _has_substitute(row) else RESIDENT_CARD)


_TYPE_OF_CARD: Final[Mapping[str, str]] = {
    CardKind.FOREIGNER_2017: PERMANENT_RESIDENCE,
    CardKind.FOREIGNER_2023: PERMANENT_RESIDENCE,
    CardKind.PASSPORT: PASSPORT,
}


def _nationality(row: ExportRow) -> Value:
    """Three letters: of residents, and of whoever's chip says it; a document's type alone does not tell."""
    card = row.record.card if row.record else None
    if card and card.nationality:
        return NATIONALITIES.get(card.nationality, card.nationality if _COUNTRY.fullmatch(card.nationality) else None)
    return "CHN" if _document_type(row) == RESIDENT_CARD else None


def _compatriot_or_foreigner(row: ExportRow) -> Value:
    """港澳台侨外 of the national register, where card or document tell. A resident's card does not tell 侨眷 and relatives of
    compatriots from anybody else: there, and where nothing tells, what was filled in counts."""
    kind, country, told = _document_type(row), _nationality(row), row.particulars.get("compatriot")
    if kind in _COMPATRIOTS:
        return (told if kind == RESIDENT_CARD else None) or _COMPATRIOTS[str(kind)]
    return _FOREIGNER if country not in (None, "CHN", "HKG", "MAC", "TWN") else told or None


_COUNTRY: Final = re.compile(r"[A-Z]{3}")
_COMPATRIOTS: Final = {RESIDENT_CARD: "00", "6": "01", "7": "03", "8": "05"}  # none, 香港同胞, 澳门同胞, 台湾同胞
_FOREIGNER: Final = "51"


def _id_number(row: ExportRow) -> Value:
    """As the card has it, else the roster; nothing for who has no number at all, or whose number another goes on with."""
    if row.who and is_surrogate(row.who.id_number):
        return None
    number = _first(_of_card("id_number"), _of_student("id_number"))(row)
    return number_of(str(number)) if number else None


def _document_number(row: ExportRow) -> Value:
    """The number of a document; whoever has none but by the exam office's rule has none."""
    return None if _has_substitute(row) else FIELDS["id_number"](row)


def _exam_id_number(row: ExportRow) -> Value:
    """A resident's number, or what the exam office's rule gives whoever has none."""
    number = number_of(row.who.id_number) if row.who else ""
    is_resident = _is_residents(row) and _document_type(row) in (RESIDENT_CARD, None)
    return number if number and (is_resident or _has_substitute(row)) else row.substitute or None


def _class_number(row: ExportRow) -> Value:
    """The class's number alone; 班号 of seven digits end with it."""
    name = row.who.class_name if row.who else ""
    return str(int(name[-2:])) if len(name) == 7 and name.isdigit() else name


def _name(row: ExportRow) -> Value:
    """As the card has it, else the roster, with dots as every system has them."""
    name = _first(_of_card("name"), _of_student("name"))(row)
    return with_dots(name) if isinstance(name, str) else name


def _class_code(row: ExportRow) -> Value:
    """班号 as the national register has it, `2026301` for class 1 of those who entered senior school in 2026."""
    if row.who is None or not row.who.class_name.isdigit():
        return None
    if len(row.who.class_name) == 7:
        return row.who.class_name
    if int(row.who.class_name) > _LAST_CLASS:
        return None  # a code of the school's own
    # Grade and day belong together: the roster may have been filed again in a later school year.
    if row.record is None:
        grade, on = row.who.grade, datetime.now().astimezone()
    else:
        grade, on = (row.record.filed or row.record.student).grade, row.record.started_at.astimezone()
    found = _entry(grade, on)
    return f"{found[0]}{found[1]}{int(row.who.class_name):02d}" if found else None


def entry_of(student: Student, on: datetime) -> tuple[str, int] | None:
    """The year in which a student entered the school, and its stage (1 primary, 2 junior, 3 senior): as 班号 has it, or by
    the grade on that day."""
    name = student.class_name
    if len(name) == 7 and name.isdigit() and name[4] in "123":
        return name[:4], int(name[4])
    return _entry(student.grade, on)


def _entry(grade: str, on: datetime) -> tuple[str, int] | None:
    stage_and_year = _stage_and_year(grade)
    if stage_and_year is None:
        return None
    stage, year = stage_and_year
    return str(on.year - (on.month < _FIRST_MONTH) - (year - 1)), stage


def _stage_and_year(grade: str) -> tuple[int, int] | None:
    """Stage (1 primary, 2 junior, 3 senior) and year within it: 高一 is (3, 1), 七年级 is (2, 1)."""
    match = _GRADE.match(grade)
    if match is None:
        return None
    if match[2]:
        return "小初高".find(match[1]) + 1, "一二三四五六".find(match[2]) + 1
    year = "一二三四五六七八九".find(match[1][0]) + 1
    return None if len(match[1]) == 1 else (1, year) if year <= 6 else (2, year - 6)


def _of_contact(number: int, name: str) -> Field:
    """Of one of the school's contacts."""

    def field(row: ExportRow) -> Value:
        value: Value = getattr(row.school.contacts[number], name) if number < len(row.school.contacts) else ""
        return value or None

    return field


_OF_SCHOOL: Final = {
    f"school_{name}": _of_school(name) for name in ("district", "address", "postcode", "phone", "principal")
} | {f"contact_{n + 1}_{name}": _of_contact(n, name) for n in range(CONTACTS) for name in ("name", "duty", "mobile", "phone")}

_SEX: Final = _first(_of_card("sex"), _of_student("sex"), _from_number(lambda number: SEX[idnumber.sex_code(number)]))
_ETHNICITY: Final = _first(_of_card("ethnicity"), _of_student("ethnicity"), _particular("ethnicity"))
_MEMBERS: Final = ("member_1", "member_2")

# What only who filled it in knows, under the names that the 72 items have; of family members the ethnicity as a code.
FILLED_IN: Final = {
    rule.field: _particular(rule.field) for rule in load_rules("particulars").columns if not rule.answered_by
} | {f"{one}_ethnicity": _code_of(_particular(f"{one}_ethnicity"), ETHNICITY) for one in _MEMBERS}

FIELDS: Final[Mapping[str, Field]] = {
    **FILLED_IN,
    "name": _name,
    "id_number": _id_number,
    "document_number": _document_number,
    "exam_id_number": _exam_id_number,
    "registration_number": _of_student("registration_number"),
    "student_number": _first(_of_student("student_number"), _particular("student_number")),
    "exam_number": _of_student("exam_number"),
    "school": _first(_of_student("school"), _of_school("name")),
    "school_code": _first(_of_student("school_code"), _of_school("code")),
    "grade": _of_student("grade"),
    "class_name": _of_student("class_name"),
    "class_number": _class_number,
    "class_code": _first(_class_code, _particular("class_code")),
    "stream": _of_student("stream"),
    "category": _of_student("category_told"),
    "document_type": _document_type,
    "nationality": _first(_nationality, _particular("nationality")),
    "compatriot_or_foreigner": _compatriot_or_foreigner,
    "sex": _SEX,
    "sex_code": _first(_of_card("sex_code"), _code_of(_SEX, SEX)),
    "ethnicity": _ETHNICITY,
    "ethnicity_code": _first(_of_card("ethnicity_code"), _code_of(_ETHNICITY, ETHNICITY)),
    "birth": _first(_birth, _from_number(idnumber.birth_date), _birth_in_substitute),
    "address": _of_card("address"),
    "authority": _of_card("authority"),
    "valid_period": _first(_valid_period, _particular("valid_period")),
    "verification": _verification,
    "similarity": _similarity,
    "right_finger": _finger_name(Step.RIGHT_THUMB),
    "left_finger": _finger_name(Step.LEFT_THUMB),
    "right_finger_code": _finger(Step.RIGHT_THUMB),
    "left_finger_code": _finger(Step.LEFT_THUMB),
    "captured_at": _of_record("finished_at"),
    "station": _of_record("station"),
    "operator": _of_record("operator"),
    "remarks": _remarks,
    "statements": _statements,
    **_OF_SCHOOL,
} | {
    f"teacher_{name}": _of_teacher(name)
    for name in (
        "name sex id_number birth_month classes subject former_subjects years title first_degree first_major highest_degree "
        "highest_major"
    ).split()
}
