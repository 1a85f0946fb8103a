"""The pictures beside a sheet: their names, formats, and the folder or ZIP that they go into."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from unicodedata import normalize

from PIL import Image

from kiosk import idnumber
from kiosk.errors import ExchangeError
from kiosk.exchange.fields import FIELDS, ExportRow, FingerFile
from kiosk.exchange.file_names import file_name, is_file_name, within
from kiosk.exchange.manifest import ManifestWriter
from kiosk.exchange.profile import FILE_FIELDS, PictureTable, Profile
from kiosk.records import BiometricKind
from kiosk.surrogate import is_surrogate, number_of

# What the beginning of a file looks like: JFIF/Exif (ISO/IEC 10918), PNG (ISO/IEC 15948), BMP, ISO/IEC 19794-2:2005 §7,
# ISO/IEC 19794-4:2011 §8, WSQ (IAFIS-IC-0110 v3.1: the marker SOI). What a card's chip holds has no mark of its own.
_SIGNATURES: Final = {
    "jpg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "bmp": b"BM",
    FingerFile.FMR: b"FMR\0",
    FingerFile.FIR: b"FIR\0",
    FingerFile.WSQ: b"\xff\xa0",
    "bin": b"",
}
_COMMENT: Final = b"\xff\xfe\x00\x15background replaced"  # the marker COM, its length, and what the station writes there
_HEAD: Final = 4096  # bytes, in which a JPEG file of ours has its comment
_PART: Final = re.compile(r"[\w·-]{1,100}")  # what other systems take as a part of a name
_FOLDERS: Final = ("grade", "class_name")  # by these files are only sorted
_NO_PART: Final = re.compile(r"[^\w·-]")


@dataclass(frozen=True)
class PictureFile:
    """A picture in the format that the profile wants, with its path among the profile's pictures."""

    kind: BiometricKind
    path: str
    content: bytes
    record_id: str


class PictureWriter:
    """Takes the pictures of one row after the other, into a folder or into a ZIP that holds nothing else."""

    def __init__(self, profile: Profile, folder: Path, manifest: ManifestWriter) -> None:
        self.count = 0
        self._profile = profile
        self._folder = folder
        self._manifest = manifest
        self._taken: set[str] = set()
        self._places: dict[str, Path] = {}
        self._replaced: list[str] = []  # in the ZIP, which goes into the manifest as one file
        self._zip_path = folder / f"{profile.picture_files.folder}.zip"
        zipped = profile.picture_files.zip and profile.pictures
        self._zip = zipfile.ZipFile(self._zip_path, "w", zipfile.ZIP_STORED) if zipped else None

    def add(self, files: Iterable[PictureFile]) -> Mapping[BiometricKind, str]:
        """Write a row's pictures; each one's path as the sheet shows it. Raises ExchangeError naming the record."""
        written: dict[BiometricKind, str] = {}
        for file in files:
            if file.path.casefold() in self._taken:
                raise ExchangeError("export.name_taken", record=file.record_id, kind=str(file.kind))
            self._taken.add(file.path.casefold())
            told = _told_of(file.content)
            if told and self._zip is not None:
                self._replaced.append(file.path)
            written.setdefault(file.kind, self._write(file.path, file.content, told))
            self.count += 1
        return written

    def close(self) -> None:
        """Finish the ZIP and enter it into the manifest."""
        if self._zip is not None:
            self._zip.close()
            told: Mapping[str, object] = {"background_replaced": self._replaced} if self._replaced else {}
            self._manifest.add(self._zip_path.name, content=None, pictures=self.count, **told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None and self._zip is not None:
            self._zip.close()

    def _write(self, name: str, content: bytes, told: Mapping[str, object]) -> str:
        if self._zip is not None:
            self._zip.writestr(zipfile.ZipInfo(name), content)
            return name
        name = f"{self._profile.picture_files.folder}/{name}"
        place, _, last = name.rpartition("/")
        (self._place(place) / last).write_bytes(content)
        self._manifest.add(name, content=content, **told)
        return name

    def _place(self, name: str) -> Path:
        """The folder of a picture, looked at and made when its first one comes: a row's pictures often lie side by side."""
        if name not in self._places:
            path = within(self._folder, name)
            path.mkdir(parents=True, exist_ok=True)
            self._places[name] = path
        return self._places[name]


def picture_file(picture: PictureTable, row: ExportRow) -> PictureFile | None:
    """A row's picture as it goes out; None where there is none. Raises ExchangeError when it is no such picture, or a value
    can't be part of its name. That is never asked of a picture that `lacks_number`."""
    content = _load(picture, row)
    return PictureFile(picture.kind, picture_path(picture, row), content, _record_id(row)) if content is not None else None


def _load(picture: PictureTable, row: ExportRow) -> bytes | None:
    """A row's picture in the format that the profile wants, or None; raises ExchangeError when it is no such picture."""
    made = picture.finger_file
    content = row.finger_files(picture.kind, made) if made else row.pictures(picture.kind)
    if content is None:
        return None
    if picture.suffix == "bmp" and content.startswith(_SIGNATURES["png"]):
        content = _as_bmp(content)
    if not content.startswith(_SIGNATURES[picture.suffix]):
        raise ExchangeError("export.picture_kind", record=_record_id(row), kind=str(picture.kind), suffix=picture.suffix)
    return content


def lacks_number(picture: PictureTable, row: ExportRow) -> bool:
    """Whether a picture can't be named because its student has no number of any kind."""
    return row.who is not None and is_surrogate(row.who.id_number) and "{id_number}" in _number_and_pattern(picture, row)[1]


def _number_and_pattern(picture: PictureTable, row: ExportRow) -> tuple[str, str]:
    """The roster's number, and the pattern of the file's name that is for students with such a one."""
    number = number_of(row.who.id_number) if row.who else ""
    if not picture.file_without_number:
        return number, picture.file
    is_substitute = FIELDS["document_number"](row) != FIELDS["id_number"](row)
    has_number = idnumber.problem(number) is None and not is_substitute
    return number, picture.file if has_number else picture.file_without_number


def picture_path(picture: PictureTable, row: ExportRow) -> str:
    """A picture's path after the profile's pattern; raises ExchangeError when a value can't be part of a file name.

    Nothing is put in its stead: the sheet of the system that imports the picture says the same. Only blanks and signs of a
    name are left out, as no system takes them, and a folder that a row says nothing about.
    """
    number, pattern = _number_and_pattern(picture, row)
    # The roster's number names the file: it is what the sheet of the system that imports it is matched by.
    values = {name: str(FIELDS[name](row) or "") for name in FILE_FIELDS if f"{{{name}}}" in pattern and name != "id_number"}
    values |= {"id_number": number} if "{id_number}" in pattern else {}
    values = {name: normalize("NFC", value) for name, value in values.items()}
    if "name" in values:
        values["name"] = _NO_PART.sub("", values["name"])
    values |= {name: file_name(values[name]) for name in _FOLDERS if values.get(name)}
    *folders, last = pattern.split("/")
    for name, value in values.items():
        if name not in _FOLDERS and (not _PART.fullmatch(value) or not is_file_name(value)):
            raise ExchangeError("export.file_name", record=_record_id(row), field=name)
    made = [name for folder in folders if (name := folder.format(**values))]
    sorted_by = "/".join(folders)
    if row.apart and any(f"{{{name}}}" in sorted_by for name in _FOLDERS) and "{school_code}" not in sorted_by:
        made.insert(0, file_name(row.apart))  # a class is a class of its school
    path = "/".join((*made, f"{last.format(**values)}.{picture.suffix}"))
    if not all(map(is_file_name, path.split("/"))):
        raise ExchangeError("export.file_name", record=_record_id(row), field="、".join(values))
    return path


def _told_of(content: bytes) -> Mapping[str, object]:
    """What the manifest says of a picture: that its background is not the one that the camera saw."""
    return {"background": "replaced"} if _COMMENT in content[:_HEAD] else {}


def _as_bmp(png: bytes) -> bytes:
    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.save(file, "BMP", dpi=image.info.get("dpi", (500, 500)))
    return file.getvalue()


def _record_id(row: ExportRow) -> str:
    return row.record.id if row.record else ""
