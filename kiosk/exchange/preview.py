"""What a profile makes of two students who don't exist: the sheet's rows, the names of the files, and the photo's frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from kiosk.codes import SEX
from kiosk.errors import ExchangeError
from kiosk.exchange.export import sheet_name
from kiosk.exchange.fields import ExportRow
from kiosk.exchange.pictures import picture_path, zip_name
from kiosk.exchange.profile import Column, PictureTable, Profile, Source
from kiosk.idnumber import check_character
from kiosk.records import (
    CaptureRecord,
    CardData,
    CardKind,
    Contact,
    FingerPosition,
    PhotoSpec,
    RecordState,
    School,
    Score,
    Step,
    StepResult,
    Student,
    Teacher,
    Verdict,
)

_AT: Final = datetime(2026, 9, 1, 8, 30, 15, tzinfo=UTC)
_TEMPLATE: Final = "Rk1SACAyMAAAAAEO…"  # how every ISO/IEC 19794-2 record begins in Base64
_MM_PER_INCH: Final = 25.4
_HEAD_ASPECT: Final = 0.74  # a head is three quarters as wide as it is high
_CONTACT: Final = Contact("联系人", "教务", "13800000000")
_SCHOOL: Final = School(
    "示例中学", "6301000001", "城西区", "示例路1号", "810000", "0971-0000000", "示例校长", (_CONTACT, _CONTACT)
)


@dataclass(frozen=True)
class Frame:
    """The photo in pixels and millimetres; the head's box, the eyes' height and the bands that a notice gives, in pixels."""

    width: int
    height: int
    width_mm: float
    height_mm: float
    head: tuple[float, float, float, float]  # left, top, width, height
    eye_y: float
    bands: tuple[tuple[str, int, int], ...]  # `hair_top`, `eyes`: from, to
    backgrounds: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Preview:
    """`rows` are as long as `headers`. Both are empty where a profile has no sheet, `photo` is None where it has no photo."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title_rows: tuple[str, ...]
    sheets: tuple[str, ...]
    pictures: tuple[str, ...]
    photo: Frame | None


def preview(profile: Profile) -> Preview:
    """The two students as the profile has them. What it can't name stands there as `?`."""
    rows = _rows(profile)
    sheets = dict.fromkeys(sheet_name(profile, row) for row in rows) if profile.columns else {}
    place = "" if profile.picture_files.zip else f"{profile.picture_files.folder}/"
    pictures = [f"{place}{_path(picture, row)}" for row in rows for picture in profile.pictures]
    if profile.picture_files.zip == "folders":
        pictures = [_zipped(profile, path) for path in pictures]
    return Preview(
        tuple(column.header for column in profile.columns),
        tuple(tuple(_cell(column, profile, row, place) for column in profile.columns) for row in rows),
        profile.sheet.title_rows,
        tuple(f"{name}.xlsx" for name in sheets),
        tuple(pictures),
        frame(profile.photo) if profile.pictures else None,
    )


def _zipped(profile: Profile, path: str) -> str:
    """Which ZIP a picture lies in, and under which name."""
    place, _, last = path.rpartition("/")
    return f"{zip_name(profile, place)}.zip / {last}"


def frame(photo: PhotoSpec) -> Frame:
    """A photo standard as a drawing."""
    head_h = photo.head_share * photo.height
    head_w, eye_y = _HEAD_ASPECT * head_h, photo.eye_line * photo.height
    bands = tuple((name, *span) for name, span in (("hair_top", photo.hair_top), ("eyes", photo.eyes)) if span is not None)
    return Frame(
        photo.width,
        photo.height,
        photo.width / photo.dpi * _MM_PER_INCH,
        photo.height / photo.dpi * _MM_PER_INCH,
        ((photo.width - head_w) / 2, eye_y - head_h / 2, head_w, head_h),
        eye_y,
        bands,
        photo.backgrounds,
    )


def _cell(column: Column, profile: Profile, row: ExportRow, place: str) -> str:
    if column.picture is not None:
        shown = next(picture for picture in profile.pictures if picture.kind is column.picture)
        return f"{place}{_path(shown, row)}"
    return _TEMPLATE if column.template is not None else column.value(row)


def _path(picture: PictureTable, row: ExportRow) -> str:
    try:
        return picture_path(picture, row)
    except ExchangeError:
        return "?"


def _rows(profile: Profile) -> tuple[ExportRow, ...]:
    if profile.source is Source.TEACHERS:
        return tuple(ExportRow(teacher=_teacher(order), school=_SCHOOL) for order in (1, 2))
    students = [_student("示例一", "高一", "1", 1), _student("示例二", "高一", "2", 2)]
    if profile.source is Source.ROSTER:
        return tuple(ExportRow(student=student, school=_SCHOOL) for student in students)
    return tuple(ExportRow(_record(student, order), school=_SCHOOL) for order, student in enumerate(students, 1))


def _number(order: int) -> str:
    first17 = f"63010320100101{order:03d}"
    return first17 + check_character(first17)


def _student(name: str, grade: str, class_name: str, order: int) -> Student:
    return Student(name, _number(order), grade, class_name, f"K{order:08d}", stream="理科", exam_number=f"26{order:08d}")


def _record(student: Student, order: int) -> CaptureRecord:
    thumbs = ((Step.RIGHT_THUMB, FingerPosition.RIGHT_THUMB), (Step.LEFT_THUMB, FingerPosition.LEFT_THUMB))
    face = StepResult(Step.FACE, Verdict.PASS, _AT, scores=(Score(0.62, "sface-2021dec cosine", 0.40),))
    fingers = (StepResult(step, Verdict.PASS, _AT, position=position) for step, position in thumbs)
    sex_code = str(2 - order % 2)
    card = CardData(
        kind=CardKind.RESIDENT,
        name=student.name,
        sex_code=sex_code,
        sex=SEX[sex_code],
        ethnicity_code="01",
        ethnicity="汉",
        birth_text="20100101",
        birth=date(2010, 1, 1),
        address="青海省西宁市示例路1号",
        id_number=student.id_number,
        authority="西宁市公安局",
        valid_from_text="20200131",
        valid_until_text="20300131",
    )
    return CaptureRecord(
        f"{order:032x}",
        student,
        1,
        _AT,
        "采集点-01",
        "示例采集员",
        "",
        "",
        RecordState.COMPLETE,
        finished_at=_AT,
        card=card,
        steps=(face, *fingers),
    )


def _teacher(order: int) -> Teacher:
    name, number = f"示例教师{order}", _number(500 + order)
    return Teacher(name, "男", number, "198001", "1,2", "语文", "无", "20", "一级", "本科", "汉语言", "本科", "汉语言")
