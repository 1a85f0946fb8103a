"""Export profiles: a registration system's wishes as TOML. All faults are told at once, each with its place."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kiosk.config import FingerOrder, Lines, ProfileName, Unit, faults_of, wrong
from kiosk.config.faults import SHEET_NAME
from kiosk.config.text import Unreadable, decoded, parsed, placed
from kiosk.errors import ExchangeError, Fault
from kiosk.exchange.fields import FIELDS, FILLED_IN, ExportRow, FingerFile, Value
from kiosk.exchange.file_names import is_file_name
from kiosk.records import (
    ALWAYS_TWO,
    DECISION_RULES,
    STEPS,
    BiometricKind,
    Decision,
    DecisionRule,
    DeviceKind,
    PhotoSpec,
    Role,
    Step,
    photo_steps,
)

# What the name of a picture may be made of.
FILE_FIELDS: Final = (
    "id_number",
    "registration_number",
    "student_number",
    "school_code",
    "grade",
    "class_name",
    "class_code",
    "name",
)

Text = Annotated[str, Field(min_length=1)]
_LOOKED_FOR: Final = 9  # as many as there are digits
_LOOK: Final = re.compile(r"[\w（）()、-][\w（）()、 -]{0,19}")
Share = Annotated[float, Field(gt=0, lt=1)]
Pixels = Annotated[int, Field(ge=32, le=4096), Unit.PIXELS]
Density = Annotated[int, Field(ge=72, le=1200), Unit.DPI]
Level = Annotated[int, Field(ge=0, le=255)]
Texts = Annotated[tuple[str, ...], Lines()]
Span = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(gt=0)]]
Thumb = Literal[BiometricKind.RIGHT_THUMB, BiometricKind.LEFT_THUMB]


_STAR: Final = "*"


class Source(StrEnum):
    """What the rows are."""

    CAPTURES = "captures"
    ROSTER = "roster"
    TEACHERS = "teachers"


class Split(StrEnum):
    """What each sheet file holds together."""

    GRADE = "grade"
    CLASS = "class_name"
    STREAM = "stream"
    SCHOOL = "school"


class Table(BaseModel):
    """A table of the file: unknown names are faults, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Table):
    """One column with one source: `field`, `text` with {fields} in it, `picture`'s path, `template` as Base64, or `blank`."""

    header: Text
    field: str = ""
    text: str = ""
    picture: BiometricKind | None = None
    template: Thumb | None = None
    blank: bool = False
    codes: dict[str, str] = {}
    format: str = ""  # strftime for dates, a format specification for numbers
    width: float = Field(12, gt=0, le=255)
    required: bool = False
    required_of: tuple[str, ...] = ()  # only of students with these document types (codes of the national register)
    pattern: str = ""  # what a value must be like, as a regular expression; `example` says it in the report
    example: str = ""

    @field_validator("field")
    @classmethod
    def _known(cls, field: str) -> str:
        if field and field not in FIELDS:
            raise wrong("fault.profile.field", names=field, known=", ".join(FIELDS))
        return field

    @field_validator("text")
    @classmethod
    def _known_in_text(cls, text: str) -> str:
        unknown = [name for name in _placeholders(text) if name not in FIELDS]
        if unknown:
            raise wrong("fault.profile.field", names=", ".join(unknown), known=", ".join(FIELDS))
        return text

    @model_validator(mode="after")
    def _one_source(self) -> "Column":
        if sum(map(bool, (self.field, self.text, self.picture, self.template, self.blank))) != 1:
            raise wrong("fault.profile.one_source")
        if self.blank and self.required:
            raise wrong("fault.profile.blank_required", "required")
        if self.required_of and not self.required:
            raise wrong("fault.profile.required_of", "required_of")
        if bool(self.pattern) != bool(self.example):
            raise wrong("fault.profile.pattern_alone", "pattern")
        if self.pattern and not _fits(self.pattern, self.example):
            raise wrong("fault.profile.pattern_fits", "pattern", example=self.example)
        if not self._format_works():
            raise wrong("fault.profile.format", "format", value=self.format)
        return self

    def _format_works(self) -> bool:
        """Whether numbers and days can be written so."""
        try:
            return not self.format or bool(self.shown(0.5) if self.field == "similarity" else self.shown(date(2026, 9, 1)))
        except ValueError:
            return False

    def required_for(self, row: ExportRow) -> bool:
        """Whether this row may not lack it."""
        return self.required and (not self.required_of or FIELDS["document_type"](row) in self.required_of)

    def fits(self, text: str) -> bool:
        """Whether a value is as the system wants it."""
        return not self.pattern or _fits(self.pattern, text)

    def value(self, row: ExportRow) -> str:
        """What this column shows of a row's data (not of its pictures)."""
        if self.text:
            return self.text.format(**{name: self.shown(FIELDS[name](row)) for name in _placeholders(self.text)})
        return self.shown(FIELDS[self.field](row)) if self.field else ""

    def shown(self, value: Value) -> str:
        """A field's value in this column's format; a value that the code table lacks stays as it is."""
        if value is None:
            return ""
        if isinstance(value, datetime):
            return value.astimezone().strftime(self.format or "%Y-%m-%d %H:%M:%S")
        if isinstance(value, date):
            return value.strftime(self.format or "%Y-%m-%d")
        if isinstance(value, float):
            return format(value, self.format or ".3f")
        return self.codes.get(value, value)


def _fits(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False


def _is_plain(name: str) -> bool:
    return is_file_name(name) and all(char.isalnum() or char in "-_（）()" for char in name)


class SheetTable(Table):
    """The sheet itself. With `split`, `file` has {split} in it and one file is written for each value, or for each grade and
    stream. A part that nobody of the row's grade has is left out of the name."""

    name: str = Field("Sheet1", pattern=SHEET_NAME)
    file: Text = "export"  # without .xlsx
    title_rows: Texts = ()
    split: tuple[Split, ...] = ()

    @field_validator("split", mode="before")
    @classmethod
    def _one_or_several(cls, split: object) -> object:
        return (split,) if isinstance(split, str) else split

    @model_validator(mode="after")
    def _sound(self) -> "SheetTable":
        if len(set(self.split)) < len(self.split):
            raise wrong("fault.profile.split_twice", "split")
        if self.file.count("{split}") != bool(self.split):
            raise wrong("fault.profile.split_file", "file", value=self.file)
        if not _is_plain(self.file.replace("{split}", "x")):
            raise wrong("fault.profile.plain_name", "file", value=self.file)
        return self


class PictureTable(Table):
    """A picture that goes beside the sheet. `file` is its path without suffix, `file_without_number` that of a student who
    has no resident's number."""

    kind: BiometricKind
    file: Text
    file_without_number: str = ""
    suffix: Literal["jpg", "png", "bmp", "fmr", "fir", "wsq", "bin"]  # bin: as it came

    @field_validator("file", "file_without_number")
    @classmethod
    def _sound(cls, pattern: str) -> str:
        if any(name not in FILE_FIELDS for name in _placeholders(pattern)):
            raise wrong("fault.profile.file_fields", names=" ".join(f"{{{name}}}" for name in FILE_FIELDS))
        path = pattern.format(**dict.fromkeys(FILE_FIELDS, "x"))
        if pattern and not all(map(is_file_name, path.split("/"))):
            raise wrong("fault.profile.file_path")
        return pattern

    @model_validator(mode="after")
    def _finger_for_its_formats(self) -> "PictureTable":
        if self.finger_file and self.kind not in get_args(Thumb):
            raise wrong("fault.profile.finger_suffix", "suffix")
        if (self.suffix == "bin") != (self.kind is BiometricKind.CARD_FINGERPRINTS):
            raise wrong("fault.profile.chip_suffix", "suffix")
        return self

    @property
    def named_by(self) -> frozenset[str]:
        """The fields that its path is made of."""
        return frozenset((*_placeholders(self.file), *_placeholders(self.file_without_number)))

    @property
    def finger_file(self) -> FingerFile | None:
        """What a finger is made into, where the picture does not go out as it is."""
        return FingerFile(self.suffix) if self.suffix in set(FingerFile) else None


class PhotoTable(Table):
    """考生照片 in numbers. What a profile leaves out is as the national exam photo has it (480×640, 300 dpi, 20–40 kB)."""

    width: Pixels = 480
    height: Pixels = 640
    dpi: Density = 300
    min_kb: Annotated[float, Field(ge=0), Unit.KILOBYTES] = 20
    max_kb: Annotated[float, Field(gt=0), Unit.KILOBYTES] = 40
    min_jpeg_quality: int = Field(60, ge=1, le=100)
    head_share: Share = 0.53  # hair 80, eyes 250 from the upper edge: the chin comes to lie at about 420 of 640
    eye_line: Share = 0.39  # 250 of 640, the middle of 200–300
    backgrounds: tuple[tuple[Level, Level, Level], ...] = Field((), alias="background")  # one colour, or several to choose from
    hair_free: bool = False  # hair may not cover brows and ears: the student is asked, and given a moment
    hair_top: Annotated[Span | None, Unit.PIXELS] = None  # from the upper edge, least and most; the cut makes room for the hair
    eyes: Annotated[Span | None, Unit.PIXELS] = None
    face_width: Annotated[Span | None, Unit.PIXELS] = None
    replace_background: bool = False  # where the notice allows it: another background is put behind the person, and marked

    @field_validator("backgrounds", mode="before")
    @classmethod
    def _one_or_several(cls, colours: object) -> object:
        return [colours] if isinstance(colours, list) and colours and isinstance(colours[0], int) else colours

    @model_validator(mode="after")
    def _ordered(self) -> "PhotoTable":
        if self.min_kb >= self.max_kb:
            raise wrong("fault.profile.kb", "min_kb", value=self.min_kb)
        for name in ("hair_top", "eyes", "face_width"):
            span = getattr(self, name)
            if span is not None and span[0] >= span[1]:
                raise wrong("fault.profile.span", name, value=span)
        if self.replace_background and not self.backgrounds:
            raise wrong("fault.profile.replace_background", "replace_background")
        return self


class DocumentTable(Table):
    """The ID document's picture in numbers."""

    width: Pixels = 800
    height: Pixels = 600
    dpi: Density = 300
    max_kb: Annotated[float, Field(gt=0), Unit.KILOBYTES] = 50


class PicturesTable(Table):
    """Where the pictures go: into a folder, into a ZIP with nothing else in it, or into one for each folder that the files'
    names begin with: a class, say."""

    folder: str = "pictures"
    zip: bool | Literal["folders"] = False

    @field_validator("folder")
    @classmethod
    def _sound(cls, folder: str) -> str:
        if not _is_plain(folder):
            raise wrong("fault.profile.plain_name")
        return folder


class WorkflowTable(Table):
    """What the system wants of a capture beside the station's own steps."""

    steps: tuple[Step, ...] = ()
    guardian_always: bool = False  # where consent is asked for, the guardian's too, whatever the student's age
    notice: ProfileName = "default"  # the 告知书 that is shown and printed, unless the school has its own
    basis: Literal["", "statutory", "own"] = ""  # why whoever said nothing may be captured; empty: asked where there is a step

    @field_validator("steps")
    @classmethod
    def _to_be_added(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if Step.CARD in steps or Step.CONFIRM in steps:
            raise wrong("fault.profile.steps")
        return steps


class FingersTable(Table):
    """Which finger of each hand is wanted, and whose turn it is when it can't be had; the station's own setting comes first."""

    right: FingerOrder | None = None  # thumb first
    left: FingerOrder | None = None


class DecisionTable(Table):
    """What is demanded of who answers for one kind of decision; what is left out is as usual."""

    role: Literal[Role.SUPERVISOR, Role.OFFICER] | None = None  # at least this one
    other_person: bool | None = None  # not who asks for it


class Profile(Table):
    """One registration system's wishes. `hash` is the file's SHA-256, kept in every record."""

    name: str
    hash: str
    title: Text
    note: str = ""
    source: Source = Source.CAPTURES
    liveness: bool = False  # whether students prove that they live; the station's own setting comes first
    look_for: Texts = ()  # on a photo, by a person: as `looked_for.KNOWN` has them, or in own words
    sheet: SheetTable = SheetTable()
    photo_table: PhotoTable = Field(PhotoTable(), alias="photo")
    document: DocumentTable | None = None
    workflow: WorkflowTable = WorkflowTable()
    fingers: FingersTable = FingersTable()
    decisions: dict[Decision, DecisionTable] = {}
    columns: tuple[Column, ...] = Field((), alias="column")
    pictures: tuple[PictureTable, ...] = Field((), alias="picture")
    picture_files: PicturesTable = Field(PicturesTable(), alias="pictures")

    @model_validator(mode="after")
    def _consistent(self) -> "Profile":
        if not self.columns and not self.pictures:
            raise wrong("fault.profile.nothing")
        if len(set(self.look_for)) < len(self.look_for):
            raise wrong("fault.profile.split_twice", "look_for")
        if len(self.look_for) > _LOOKED_FOR or not all(map(_LOOK.fullmatch, self.look_for)):
            raise wrong("fault.profile.look_for", "look_for", most=_LOOKED_FOR)
        headers = [column.header for column in self.columns]
        if twice := {header for header in headers if headers.count(header) > 1}:
            raise wrong("fault.profile.headers", "column", names=", ".join(sorted(twice)))
        kinds = [(picture.kind, picture.suffix) for picture in self.pictures]
        shown = {column.picture for column in self.columns if column.picture}
        if missing := shown - {kind for kind, _ in kinds}:
            raise wrong("fault.profile.unwritten", "picture", names=", ".join(sorted(missing)))
        files = [(picture.file, picture.suffix) for picture in self.pictures]
        if len(set(files)) < len(files) or len(set(kinds)) < len(kinds):
            raise wrong("fault.profile.pictures_twice", "picture")
        if any(picture.kind is BiometricKind.DOCUMENT for picture in self.pictures) and self.document is None:
            raise wrong("fault.profile.document", "document")
        if self.pictures and self.source is not Source.CAPTURES:
            raise wrong("fault.profile.captures_only", "source")
        alone = sorted(one for one, told in self.decisions.items() if told.other_person is False and one in ALWAYS_TWO)
        if alone:
            raise wrong("fault.profile.alone", "decisions", names=", ".join(alone))
        return self

    @property
    def decision_rules(self) -> Mapping[Decision, DecisionRule]:
        """What is demanded of who answers for each kind of decision."""
        rules = dict(DECISION_RULES)
        for decision, told in self.decisions.items():
            usual = rules[decision]
            other_person = usual.other_person if told.other_person is None else told.other_person
            rules[decision] = DecisionRule(told.role or usual.role, other_person)
        return rules

    def wants(self, kind: BiometricKind) -> bool:
        """Whether a file of this kind goes beside the sheet."""
        return any(picture.kind is kind for picture in self.pictures)

    @property
    def photos_only(self) -> bool:
        """Whether nothing but the portrait is asked for: then a class can be shot by its list, without cards."""
        return not self.columns and self.kinds == {BiometricKind.PORTRAIT}

    def devices(self, steps: Sequence[Step]) -> frozenset[DeviceKind]:
        """The devices without which a station can't work by it; `steps`: of the day."""
        if not self.photos_only:
            return frozenset(DeviceKind)
        return frozenset(kind for step in photo_steps(steps) if (kind := STEPS[step].device) is not None)

    @property
    def required_fields(self) -> frozenset[str]:
        """What a row may not lack."""
        return frozenset(column.field for column in self.columns if column.required and column.field)

    @property
    def filled_in(self) -> tuple[tuple[int, str], ...]:
        """The starred columns that only parents and school can fill in: place and header. An empty one is no fault of a row."""
        return tuple(
            (at, one.header)
            for at, one in enumerate(self.columns)
            if one.field in FILLED_IN and not one.required and one.header.endswith(_STAR)
        )

    @cached_property
    def kinds(self) -> frozenset[BiometricKind]:
        """The pictures that go out, as they are or as what they are made into."""
        named = (*(one.kind for one in self.pictures), *filter(None, (column.template for column in self.columns)))
        return frozenset(map(BiometricKind, named))

    @cached_property
    def photo(self) -> PhotoSpec:
        return PhotoSpec(**self.photo_table.model_dump())


def judge(name: str, content: bytes) -> tuple[Profile | None, tuple[Fault, ...]]:
    """The profile that a file's content makes, or everything that is wrong with it, each fault with its place."""
    try:
        text = decoded(content)
        values = parsed(text)
    except Unreadable as error:
        return None, (error.fault,)
    try:
        return Profile.model_validate({**values, "name": name, "hash": hashlib.sha256(content).hexdigest()}), ()
    except ValidationError as error:
        return None, placed(faults_of(error, Profile), text)


def read_profile(path: Path) -> Profile:
    """A profile from a file; raises ExchangeError with every fault."""
    profile, faults = judge(path.stem, path.read_bytes())
    if profile is None:
        raise ExchangeError("profile.invalid", file=path.name, problems=tuple(fault.message for fault in faults))
    return profile


def _placeholders(pattern: str) -> list[str]:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
    except ValueError:
        return [pattern]  # unbalanced braces: no field is called that
