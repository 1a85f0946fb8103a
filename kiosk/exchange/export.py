"""Writes what a registration system imports: the sheet, the pictures beside it, and a manifest of both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.errors import ExchangeError
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.folder import free_name, new_folder
from kiosk.exchange.manifest import MANIFEST, ManifestWriter
from kiosk.exchange.profile import Column, PictureTable, Profile
from kiosk.exchange.workbook import SheetWriter
from kiosk.records import BiometricKind, CaptureRecord

PICTURES: Final = "pictures"
# What the beginning of a picture file looks like: JFIF/Exif (ISO/IEC 10918), PNG (ISO/IEC 15948).
_SIGNATURES: Final = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
_FILE_NAME: Final = re.compile(r"[\w·-]{1,100}")
_RESERVED: Final = re.compile(r"(?i)con|prn|aux|nul|com\d|lpt\d")  # Windows keeps these for devices


@dataclass(frozen=True)
class ExportRow:
    """A record and the way to its pictures."""

    record: CaptureRecord
    pictures: Callable[[BiometricKind], bytes | None]


@dataclass(frozen=True)
class ExportResult:
    """Where everything lies, and how much of it there is."""

    folder: Path
    sheet: Path
    rows: int
    pictures: int
    manifest: Path


def export(
    profile: Profile,
    rows: Iterable[ExportRow],
    out: Path,
    progress: Callable[[int], None] | None = None,
) -> ExportResult:
    """A new folder in `out` with the sheet, its pictures and the manifest. Memory stays flat.

    The sheet is read back and compared cell by cell before the folder appears under its name. `progress` is told the rows that
    are written; what it raises ends the export without a trace. Raises ExchangeError naming the place.
    """
    made_at = datetime.now().astimezone()
    target = free_name(out / f"{profile.name}-{made_at:%Y%m%d-%H%M%S}")
    with new_folder(target) as folder, ManifestWriter(folder) as manifest:
        columns = profile.columns
        headers, widths = [column.header for column in columns], [column.width for column in columns]
        path = folder / f"{profile.sheet.file}.xlsx"
        pictures = 0
        with SheetWriter(path, profile.sheet.name, headers, widths, profile.sheet.title_rows) as sheet:
            for row in rows:
                written = _write_pictures(profile, row, folder, manifest)
                sheet.add([_cell(column, row.record, written) for column in columns])
                pictures += len(written)
                if progress:
                    progress(sheet.rows)
        sheet.check()
        manifest.add(path, rows=sheet.rows)
        manifest.finish(
            {
                "profile": profile.name,
                "profile_sha256": profile.hash,
                "made_at": made_at.isoformat(timespec="seconds"),
                "rows": sheet.rows,
                "pictures": pictures,
            }
        )
    return ExportResult(target, target / path.name, sheet.rows, pictures, target / MANIFEST)


def _write_pictures(profile: Profile, row: ExportRow, folder: Path, manifest: ManifestWriter) -> dict[BiometricKind, str]:
    """The pictures of one student, and each one's path within the folder."""
    written: dict[BiometricKind, str] = {}
    for picture in profile.pictures:
        content = row.pictures(picture.kind)
        if content is None:
            continue
        if not content.startswith(_SIGNATURES[picture.suffix]):
            raise ExchangeError("export.picture_kind", record=row.record.id, kind=str(picture.kind), suffix=picture.suffix)
        name = f"{PICTURES}/{file_path(picture, row.record)}.{picture.suffix}"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            raise ExchangeError("export.name_taken", record=row.record.id, kind=str(picture.kind)) from None
        manifest.add(path, content=content)
        written[picture.kind] = name
    return written


def file_path(picture: PictureTable, record: CaptureRecord) -> str:
    """A picture's path after the profile's pattern; raises ExchangeError when a value can't be part of a file name."""
    student = record.student
    values = {name: getattr(student, name) for name in ("id_number", "registration_number", "name", "class_name")}
    for name, value in values.items():
        if f"{{{name}}}" in picture.file and (not _FILE_NAME.fullmatch(value) or _RESERVED.fullmatch(value)):
            raise ExchangeError("export.file_name", record=record.id, field=name)
    return picture.file.format(**values)


def _cell(column: Column, record: CaptureRecord, written: dict[BiometricKind, str]) -> str:
    if column.picture:
        return written.get(column.picture, "")
    return column.text(FIELDS[column.field](record))
