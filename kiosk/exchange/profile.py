"""Export profiles: a registration system's wishes as TOML beside this file. All faults are told at once, each with its path."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kiosk.errors import ExchangeError
from kiosk.exchange.fields import FIELDS, Value
from kiosk.records import BiometricKind, PhotoSpec

_FOLDER: Final = Path(__file__).parent / "profiles"
_FILE_FIELDS: Final = ("id_number", "registration_number", "name", "class_name")

Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Level = Annotated[int, Field(ge=0, le=255)]


class Table(BaseModel):
    """A table of the file: unknown names are faults, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Table):
    """One column: either a field of the record or the place of a picture."""

    header: Text
    field: str = ""
    picture: BiometricKind | None = None
    codes: dict[str, str] = {}
    format: str = ""  # strftime for dates, a format specification for numbers
    width: float = Field(12, gt=0, le=255)
    required: bool = False

    @field_validator("field")
    @classmethod
    def _known(cls, field: str) -> str:
        if field and field not in FIELDS:
            raise ValueError(f"no such field; there are {', '.join(FIELDS)}")
        return field

    @model_validator(mode="after")
    def _one_source(self) -> "Column":
        if bool(self.field) == bool(self.picture):
            raise ValueError("needs either field or picture")
        return self

    def text(self, value: Value) -> str:
        """A field's value as this column shows it; a value that the code table lacks stays as it is."""
        if value is None:
            return ""
        if isinstance(value, datetime):
            return value.astimezone().strftime(self.format or "%Y-%m-%d %H:%M:%S")
        if isinstance(value, date):
            return value.strftime(self.format or "%Y-%m-%d")
        if isinstance(value, float):
            return format(value, self.format or ".3f")
        return self.codes.get(str(value), str(value))


class SheetTable(Table):
    """The sheet itself."""

    name: str = Field("Sheet1", pattern=r"^[^\[\]:*?/\\']{1,31}$")  # what Excel allows
    file: str = Field("export", pattern=r"^[\w\u4e00-\u9fff-]+$")  # without .xlsx
    title_rows: tuple[str, ...] = ()


class PictureTable(Table):
    """A picture that goes beside the sheet; `file` is its path below `pictures/`, without suffix."""

    kind: BiometricKind
    file: Text
    suffix: Literal["jpg", "png"]

    @field_validator("file")
    @classmethod
    def _sound(cls, pattern: str) -> str:
        try:
            path = pattern.format(**dict.fromkeys(_FILE_FIELDS, "x"))
        except (KeyError, IndexError, ValueError):
            raise ValueError(f"may hold {', '.join('{' + name + '}' for name in _FILE_FIELDS)} only") from None
        if path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")) or "\\" in path:
            raise ValueError("must be a path below the pictures' folder")
        return pattern


class PhotoTable(Table):
    """考生照片 in numbers. What a profile leaves out is as the national exam photo has it (480×640, 300 dpi, 20–40 kB)."""

    width: int = Field(480, ge=32, le=4096)
    height: int = Field(640, ge=32, le=4096)
    dpi: int = Field(300, ge=72, le=1200)
    min_kb: float = Field(20, ge=0)
    max_kb: float = Field(40, gt=0)
    min_jpeg_quality: int = Field(60, ge=1, le=100)
    head_share: Share = 0.53  # hair 80, eyes 250 from the upper edge: the chin comes to lie at about 420 of 640
    eye_line: Share = 0.39  # 250 of 640, the middle of 200–300
    background: tuple[Level, Level, Level] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "PhotoTable":
        if self.min_kb >= self.max_kb:
            raise ValueError("min_kb must be below max_kb")
        return self


class Profile(Table):
    """One registration system's wishes. `hash` is the file's SHA-256, kept in every record."""

    name: str
    hash: str
    title: Text
    note: str = ""
    sheet: SheetTable = SheetTable()
    photo_table: PhotoTable = Field(PhotoTable(), alias="photo")
    columns: tuple[Column, ...] = Field(alias="column", min_length=1)
    pictures: tuple[PictureTable, ...] = Field((), alias="picture")

    @model_validator(mode="after")
    def _consistent(self) -> "Profile":
        headers = [column.header for column in self.columns]
        if twice := {header for header in headers if headers.count(header) > 1}:
            raise ValueError(f"two columns are headed {', '.join(sorted(twice))}")
        kinds = [picture.kind for picture in self.pictures]
        if missing := {column.picture for column in self.columns if column.picture} - set(kinds):
            raise ValueError(f"columns show pictures that no [[picture]] writes: {', '.join(sorted(missing))}")
        if len({picture.file for picture in self.pictures}) < len(kinds) or len(set(kinds)) < len(kinds):
            raise ValueError("two [[picture]] tables have the same kind or file")
        return self

    @property
    def photo(self) -> PhotoSpec:
        return PhotoSpec(**self.photo_table.model_dump())


def profiles() -> list[Profile]:
    """All that come with the program, by name."""
    return [load_profile(path.stem) for path in sorted(_FOLDER.glob("*.toml"))]


def load_profile(name: str) -> Profile:
    """A profile by its name; raises ExchangeError when there is none or the file is wrong."""
    path = _FOLDER / f"{name}.toml"
    if name not in {known.stem for known in _FOLDER.glob("*.toml")}:
        raise ExchangeError("profile.unknown", name=name)
    return read_profile(path)


def read_profile(path: Path) -> Profile:
    """A profile from a file; raises ExchangeError with every fault."""
    content = path.read_bytes()
    try:
        values = tomllib.loads(content.decode("utf-8"))
        return Profile.model_validate({**values, "name": path.stem, "hash": hashlib.sha256(content).hexdigest()})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExchangeError("profile.invalid", file=path.name, problems=str(error)) from None
    except ValidationError as error:
        faults = (f"{'.'.join(str(part) for part in fault['loc']) or '.'}: {fault['msg']}" for fault in error.errors())
        raise ExchangeError("profile.invalid", file=path.name, problems="\n".join(f"  {fault}" for fault in faults)) from None
