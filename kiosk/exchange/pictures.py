"""The pictures beside a sheet: their names, formats, and the folder or ZIP that they go into."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from unicodedata import normalize

from PIL import Image

from kiosk import idnumber
from kiosk.errors import ExchangeError
from kiosk.exchange.behind import Behind
from kiosk.exchange.fields import FIELDS, ExportRow, FingerFile
from kiosk.exchange.file_names import file_name, free_name, is_file_name, within
from kiosk.exchange.manifest import ManifestWriter
from kiosk.exchange.profile import FILE_FIELDS, PictureTable, Profile
from kiosk.exchange.seen import Seen
from kiosk.exchange.zip_file import GrowingZip
from kiosk.records import BiometricKind, Message
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
_NAMED_BY: Final = (*(name for name in FILE_FIELDS if name != "id_number"), "id_number")
_NO_PART: Final = re.compile(r"[^\w·-]")


@dataclass(frozen=True)
class PictureFile:
    """A picture in the format that the profile wants, with its path among the profile's pictures."""

    kind: BiometricKind
    path: str
    content: bytes
    record_id: str


class _Zip(GrowingZip):
    """One ZIP, and what goes into the manifest of those of its pictures whose background was replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.replaced: list[str] = []


class PictureWriter:
    """Takes the pictures of one row after the other: into a folder, into a ZIP that holds nothing else, or into one for each
    class or whatever else the folders of their names are."""

    def __init__(self, profile: Profile, folder: Path, manifest: ManifestWriter) -> None:
        self.count = 0
        self._profile = profile
        self._folder = folder
        self._manifest = manifest
        self._seen = Seen()
        within(folder, profile.picture_files.folder)
        self._closing = ExitStack()
        self._behind = self._closing.enter_context(Behind(folder, self._enter))
        self._closing.callback(self._shut)
        self._closing.callback(self._seen.close)
        self._zips: dict[str, _Zip] = {}  # each goes into the manifest as one file
        self._open: _Zip | None = None  # one at a time: there may be more classes than files that can be open
        if profile.picture_files.zip is True and profile.pictures:
            self._zip_of("")  # of nobody it is an empty one

    def add(self, files: Iterable[PictureFile]) -> Mapping[BiometricKind, str]:
        """Write a row's pictures; each one's path as the sheet shows it. Raises ExchangeError naming the record.

        All of them are written, and stand in the manifest, when the block has ended: nobody else enters anything before.
        """
        written: dict[BiometricKind, str] = {}
        beside: list[tuple[str, bytes]] = []
        for file in files:
            if not self._seen.is_new(file.path.casefold()):
                raise ExchangeError("export.name_taken", record=file.record_id, kind=Message(f"biometric.{file.kind}"))
            if self._profile.picture_files.zip:
                name = self._into_zip(file.path, file.content)
            else:
                name = f"{self._profile.picture_files.folder}/{file.path}"  # its parts are names of files (`picture_path`)
                beside.append((name, file.content))
            written.setdefault(file.kind, name)
            self.count += 1
        if beside:
            self._behind.write(beside)
        return written

    def close(self) -> None:
        """Finish the ZIPs and enter them into the manifest."""
        for one in self._zips.values():
            one.finish()
            told: Mapping[str, object] = {"background_replaced": one.replaced} if one.replaced else {}
            self._manifest.add(one.path.name, content=None, pictures=one.files, **told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.__exit__(kind, error, trace)

    def _enter(self, name: str, content: bytes) -> None:
        self._manifest.add(name, content=content, **_told_of(content))

    def _shut(self) -> None:
        if self._open is not None:
            self._open.shut()

    def _into_zip(self, name: str, content: bytes) -> str:
        place, _, last = name.rpartition("/") if self._profile.picture_files.zip == "folders" else ("", "", name)
        one = self._zip_of(place)
        one.add(last, content)
        if _told_of(content):
            one.replaced.append(last)
        return last

    def _zip_of(self, place: str) -> _Zip:
        """The ZIP of a folder; whatever else was open is shut."""
        one = self._zips.get(place)
        if one is None:
            path = free_name(self._folder, file_name(zip_name(self._profile, place), ".zip"))
            one = self._zips[place] = _Zip(path)
        if self._open is not None and self._open is not one:
            self._open.shut()
        self._open = one
        return one


def zip_name(profile: Profile, place: str) -> str:
    """What the ZIP of a folder is called, without suffix: `photos-高一-3`."""
    return "-".join((profile.picture_files.folder, *filter(None, place.split("/"))))


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
        raise ExchangeError(
            "export.picture_kind", record=_record_id(row), kind=Message(f"biometric.{picture.kind}"), suffix=picture.suffix
        )
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
    folders, last, names = _parts_of(pattern)
    # The roster's number names the file: it is what the sheet of the system that imports it is matched by.
    values = {name: normalize("NFC", number if name == "id_number" else str(FIELDS[name](row) or "")) for name in names}
    if "name" in values:
        values["name"] = _NO_PART.sub("", values["name"])
    values |= {name: file_name(values[name]) for name in _FOLDERS if values.get(name)}
    for name, value in values.items():
        if name not in _FOLDERS and (not _PART.fullmatch(value) or not is_file_name(value)):
            raise ExchangeError("export.file_name", record=_record_id(row), field=name)
    made = [name for folder in folders if (name := folder.format(**values))]
    sorted_by = "/".join(folders)
    if row.apart and any(f"{{{name}}}" in sorted_by for name in _FOLDERS) and "{school_code}" not in sorted_by:
        made.insert(0, file_name(row.apart))  # a class is a class of its school
    made.append(f"{last.format(**values)}.{picture.suffix}")
    if not all(map(is_file_name, made)):
        raise ExchangeError("export.file_name", record=_record_id(row), field="、".join(values))
    return "/".join(made)


@cache
def _parts_of(pattern: str) -> tuple[Sequence[str], str, Sequence[str]]:
    """The folders of a profile's pattern, its last part, and the fields that are in it."""
    *folders, last = pattern.split("/")
    return tuple(folders), last, tuple(name for name in _NAMED_BY if f"{{{name}}}" in pattern)


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
