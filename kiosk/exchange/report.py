"""Before anything is written: what of each student is missing or breaks the profile, each with the way to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import get_args

from kiosk.errors import ExchangeError
from kiosk.exchange.fields import FIELDS, ExportRow, FingerFile, step_name
from kiosk.exchange.photos import check_document, check_photo
from kiosk.exchange.pictures import PictureFile, lacks_number, picture_file
from kiosk.exchange.profile import PictureTable, Profile, Split, Thumb
from kiosk.exchange.seen import Seen
from kiosk.exchange.workbook import writable
from kiosk.records import (
    BiometricKind,
    CardEntry,
    Measure,
    Message,
    ProgressState,
    Step,
    Student,
    StudentProgress,
    Verdict,
    is_looked_for,
    name_of,
    part_of,
    seen_message,
)

MOST_LISTED = 2000  # rows with problems: a school's; those of a county are asked for school by school
_MOST_KINDS = 200


@dataclass(frozen=True)
class ReportEntry:
    """A row and what is wrong with it; `problems` is empty for a good one."""

    row: ExportRow
    problems: tuple[Message, ...]


@dataclass(frozen=True)
class Faulty:
    """Of a row with problems what those need who keep many: whose it is, and the record's id, empty for none."""

    who: Student | None
    record_id: str
    problems: tuple[Message, ...]


class ReportSums:
    """What a report comes to, in flat memory: counts of everything, and the first rows with problems."""

    def __init__(self) -> None:
        self.rows = 0
        self.bad = 0
        self.faulty: list[Faulty] = []
        self.others = 0  # problems of kinds that came when so many others had come
        self._kinds: dict[str, tuple[Message, int]] = {}

    def add(self, entry: ReportEntry) -> None:
        self.rows += 1
        if not entry.problems:
            return
        self.bad += 1
        if len(self.faulty) < MOST_LISTED:
            record = entry.row.record
            self.faulty.append(Faulty(entry.row.who, record.id if record else "", entry.problems))
        for told, problem in {str((one.code, dict(one.data))): one for one in entry.problems}.items():
            known, count = self._kinds.get(told, (problem, 0))
            if count or len(self._kinds) < _MOST_KINDS:
                self._kinds[told] = (known, count + 1)
            else:
                self.others += 1

    @property
    def kinds(self) -> list[tuple[Message, int]]:
        """Each kind of problem with how many rows it concerns, the most frequent first."""
        return sorted(self._kinds.values(), key=lambda one: -one[1])


def check_rows(profile: Profile, rows: Iterable[ExportRow]) -> Iterator[ReportEntry]:
    """One entry a row, in flat memory: the rows in them have let go of their pictures."""
    with closing(Checker(profile)) as checker:
        for row in rows:
            yield ReportEntry(row.without_pictures(), checker.check(row).problems)


@dataclass(frozen=True)
class CheckedRow:
    """What a row's columns show (empty for pictures and templates), what is wrong with it, and its pictures. Where one of these
    can't be written at all `broken` says why."""

    cells: list[str]
    problems: tuple[Message, ...]
    files: tuple[PictureFile, ...]
    broken: ExchangeError | None


class Checker:
    """Holds rows against a profile, one after the other: of two with one file name the second is told."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._names = Seen()
        self._columns = tuple(enumerate(profile.columns))
        self._required = tuple((at, column) for at, column in self._columns if column.required)
        self._texts = tuple((at, column) for at, column in self._columns if column.text)
        # Most columns show nothing of most rows, or a text as it is: these are asked for nothing more.
        self._fields = tuple((at, FIELDS[one.field], one, not one.codes) for at, one in self._columns if one.field)
        self._coded = tuple((at, column, frozenset(column.codes.values())) for at, column in self._columns if column.codes)
        self._patterned = tuple((at, column) for at, column in self._columns if column.pattern)
        self._names_fingers = _names_fingers(profile)

    def close(self) -> None:
        """Forget the file names."""
        self._names.close()

    def check(self, row: ExportRow) -> CheckedRow:
        """Every column and picture of a row; each of its columns is worked out once."""
        cells = [""] * len(self._columns)
        for at, field, column, as_it_is in self._fields:
            if (value := field(row)) is not None:
                cells[at] = value if as_it_is and type(value) is str else column.shown(value)
        for at, column in self._texts:
            cells[at] = column.value(row)
        pictures = [_checked_picture(self._profile, picture, row, self._names) for picture in self._profile.pictures]
        files = tuple(one.file for one in pictures if one.file is not None)
        broken = next((one.broken for one in pictures if one.broken is not None), None)
        of_pictures = [problem for one in pictures for problem in one.problems]
        return CheckedRow(cells, tuple(self._problems(row, cells, of_pictures)), files, broken)

    def _problems(self, row: ExportRow, cells: list[str], of_pictures: Iterable[Message]) -> Iterator[Message]:
        profile = self._profile
        yield from self._missing(row, cells)
        yield from self._unfit(row, cells)
        yield from of_pictures
        if row.record is not None and not self._names_fingers:
            stand_ins = row.record.stand_ins
            yield from (Message("report.finger_unnamed", {"kind": str(position.name.lower())}) for position in stand_ins)
        for split in profile.sheet.split:
            if split.value in row.divided_by and not FIELDS[split.value](row):
                yield Message(_NO_SPLIT[split])
        if row.record is not None and row.record.verdict is not Verdict.PASS:
            last = filter(None, map(row.record.result, Step))
            undecided = [result.step for result in last if result.verdict is not Verdict.PASS and not result.decided_by]
            if undecided:
                yield Message("report.not_decided", {"steps": "、".join(step_name(row.record, step) for step in undecided)})
        if row.record is not None and (face := row.record.result(Step.FACE)) is not None:
            yield from (seen_message(name_of(one)) for one in face.measures if is_looked_for(one) and one.value)
        if row.progress is not None and row.record is not None:
            yield from _check_review(row.progress)

    def _missing(self, row: ExportRow, cells: list[str]) -> Iterator[Message]:
        for at, column in self._required:
            if column.template:
                if row.finger_files(column.template, FingerFile.FMR) is None:
                    yield Message("report.missing", {"header": column.header})
            elif not column.picture and not cells[at] and column.required_for(row):
                if column.field in _OF_NUMBERED and (name := _class_without_number(row)):
                    yield Message("report.class_named", {"header": column.header, "value": name})
                    continue
                code = "report.no_substitute" if column.field == "exam_id_number" else "report.missing"
                yield Message(code, {"header": column.header})

    def _unfit(self, row: ExportRow, cells: list[str]) -> Iterator[Message]:
        together = "".join(cells)
        if not writable(together) or _PRIVATE.search(together):
            for at, column in self._columns:
                if not writable(cells[at]):
                    yield Message("report.unwritable", {"header": column.header})
                elif _PRIVATE.search(cells[at]):
                    yield Message("report.private_character", {"header": column.header})
        for at, column, meanings in self._coded:
            if cells[at] and cells[at] not in meanings:
                yield Message("report.no_code", {"header": column.header, "value": cells[at]})
        for at, column in self._patterned:
            if cells[at] and not column.fits(cells[at]):
                if column.field in _OF_NUMBERED and (name := _class_without_number(row)):
                    yield Message("report.class_named", {"header": column.header, "value": name})
                    continue
                place = {"header": column.header, "value": cells[at], "example": column.example}
                yield Message("report.pattern", place)


def _class_without_number(row: ExportRow) -> str:
    """The name of the student's class where it has no number; empty where it has one, and for no class."""
    name = row.who.class_name if row.who else ""
    return "" if name.isdigit() else name


def _check_review(progress: StudentProgress) -> Iterator[Message]:
    """What a person decided counts once another one has approved it."""
    if progress.sent_back and progress.review is not None:
        yield Message("report.sent_back", {"reason": progress.review.reason, "by": progress.review.by.name})
    elif progress.state is ProgressState.REVIEW:
        yield Message("report.to_review")


def _names_fingers(profile: Profile) -> bool:
    """Whether nobody can take another finger for a thumb: no finger goes out, or the sheet says which one it is."""
    columns = profile.columns
    fingers = any(one.kind in get_args(Thumb) for one in profile.pictures) or any(column.template for column in columns)
    return not fingers or any(name in f"{column.field} {column.text}" for column in columns for name in _NAMING)


@dataclass(frozen=True)
class _Picture:
    """What came of one picture of a row."""

    problems: tuple[Message, ...] = ()
    file: PictureFile | None = None
    broken: ExchangeError | None = None


def _checked_picture(profile: Profile, picture: PictureTable, row: ExportRow, names: Seen) -> _Picture:
    if lacks_number(picture, row):
        return _Picture((Message("report.no_number", {"kind": Message(f"biometric.{picture.kind}")}),))
    try:
        file = picture_file(picture, row)
    except ExchangeError as error:
        code = "report.picture_broken" if error.code == "export.picture_kind" else "report.file_name"
        return _Picture((Message(code, error.data),), broken=error)
    if file is None:
        return _Picture(tuple(_check_lack(picture, row)))
    return _Picture(tuple(_check_file(profile, file, row, names)), file)


def _check_lack(picture: PictureTable, row: ExportRow) -> Iterator[Message]:
    gone = next((one for one in row.erased if one.part is part_of(picture.kind)), None)
    if gone is not None:
        yield Message("report.erased", {"kind": Message(f"biometric.{picture.kind}"), "on": f"{gone.at.astimezone():%Y-%m-%d}"})
    elif _could_have(picture.kind, row):
        yield Message(_TOLD.get(picture.kind, "report.no_picture"), {"kind": Message(f"biometric.{picture.kind}")})


def _check_file(profile: Profile, file: PictureFile, row: ExportRow, names: Seen) -> Iterator[Message]:
    if not names.is_new(file.path.casefold()):
        yield Message("report.name_taken")
    if file.kind is BiometricKind.PORTRAIT:
        yield from check_photo(file.content, profile.photo)
        yield from _check_cut(row.photo_measures())
    if file.kind is BiometricKind.DOCUMENT and profile.document is not None:
        yield from check_document(file.content, profile.document)


def _could_have(kind: BiometricKind, row: ExportRow) -> bool:
    """Whether a picture is missed: many cards have no fingerprints, and what was typed in has no chip."""
    card = row.record.card if row.record else None
    if kind is BiometricKind.CHIP_PHOTO:
        return card is not None and card.entry is CardEntry.READ
    return kind is not BiometricKind.CARD_FINGERPRINTS


def _check_cut(measures: Iterable[Measure]) -> Iterator[Message]:
    """What of the cut breaks the standard: a head that reaches out of it, eyes that are too low."""
    for measure in measures:
        told = _CUT.get(measure.hint.code) if measure.hint is not None and measure.verdict is Verdict.FAIL else None
        if told is not None and measure.name in _OF_THE_CUT:
            yield Message(told)


_OF_THE_CUT = frozenset({"HairTop", "EyeLine", "FaceWidth"})
_CUT = {
    "hint.photo.hair_cut_off": "photo.hair_cut_off",
    "hint.photo.hair_high": "photo.hair_high",
    "hint.photo.hair_low": "photo.hair_low",
    "hint.face.down": "photo.eyes_high",
    "hint.face.up": "photo.eyes_low",
    "hint.face.closer": "photo.face_small",
    "hint.face.back": "photo.face_large",
}
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")  # 自造字: no other machine shows them
_OF_NUMBERED = ("class_number", "class_code")  # what is made of a class's number
_NAMING = ("remarks", "right_finger", "left_finger")
_NO_SPLIT = {
    Split.GRADE: "report.no_grade",
    Split.CLASS: "report.no_class",
    Split.STREAM: "report.no_stream",
    Split.SCHOOL: "report.no_school",
}
_TOLD = {
    BiometricKind.PORTRAIT: "report.no_portrait",
    BiometricKind.CHIP_PHOTO: "report.no_chip_photo",
    BiometricKind.RIGHT_THUMB: "report.no_right_thumb",
    BiometricKind.LEFT_THUMB: "report.no_left_thumb",
    BiometricKind.DOCUMENT: "report.no_document",
}
