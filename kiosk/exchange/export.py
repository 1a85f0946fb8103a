"""Writes what a registration system imports: sheets, the pictures beside them, and a manifest of all."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from kiosk.ciphers.age import Sealing
from kiosk.exchange.fields import FIELDS, ExportRow, FingerFile
from kiosk.exchange.file_names import MADE_UP, file_name, free_name, marked
from kiosk.exchange.folder import new_folder
from kiosk.exchange.manifest import MANIFEST, ManifestWriter, Stamp
from kiosk.exchange.package import SUFFIX, new_package, require_good
from kiosk.exchange.pictures import PictureWriter
from kiosk.exchange.profile import Column, Profile, Split
from kiosk.exchange.report import Checker
from kiosk.exchange.shortfall import Shortfall
from kiosk.exchange.workbook import SheetWriter
from kiosk.exchange.zip_file import new_zip
from kiosk.records import UNKNOWN_SCHOOL, BiometricKind, School

_NAMED: Final = re.compile(rf"({MADE_UP}-)?(?P<profile>[a-z0-9-]+)(_.+)?-(?P<at>\d{{8}}-\d{{6}})(-\d+)?")
_UNSPLIT: Final = "未填"  # for rows that don't say where they belong; the report names them


@dataclass(frozen=True)
class Sealed:
    """That an export is to be one sealed file: for whom, and the folder of the station's own data where its parts are made."""

    to: Sealing
    drafts: Path


@dataclass(frozen=True)
class Zipped:
    """That an export is to be one ZIP, and the folder of the station's own data where its parts are made."""

    drafts: Path


@dataclass(frozen=True)
class ExportResult:
    """Where everything lies, and how much of it there is: `folder` is the one file of an export that is sealed or a ZIP.
    `digest` is that of its manifest, as it stands in the trail. `left_out` rows had problems and were not wanted so; `faulty`
    ones have problems and were written all the same."""

    folder: Path
    sheets: tuple[Path, ...]
    rows: int
    pictures: int
    manifest: Path
    digest: str = ""
    left_out: int = 0
    faulty: int = 0
    missing: int = 0  # of the roster, never captured; whoever knows the roster says it
    empty: Mapping[str, int] = field(default_factory=dict)  # starred items that nobody filled in, by header
    school: str = ""  # what the school of all its students is called, where there are several

    @property
    def shortfall(self) -> Shortfall:
        """What keeps it from being all that is to be handed in."""
        return Shortfall(self.rows, self.faulty, self.left_out, self.missing, self.empty)

    @property
    def sheet(self) -> Path:
        """The first sheet; the folder when the profile has none, the file of an export that is one."""
        return self.sheets[0] if self.sheets else self.folder


def export(
    profile: Profile,
    rows: Iterable[ExportRow],
    out: Path,
    progress: Callable[[int], None] | None = None,
    *,
    only_good: bool = False,
    school: School = UNKNOWN_SCHOOL,
    simulated: bool = False,
    stamp: Stamp | None = None,
    of: str = "",
    into: Sealed | Zipped | None = None,
    told: Callable[[ExportRow], object] = bool,
) -> ExportResult:
    """A new folder in `out` with the sheets, their pictures and the manifest. Memory stays flat.

    Every row is checked as it is written, and every sheet read back and compared cell by cell before the folder appears under
    its name. `progress` is told the rows that are written; what it raises ends the export without a trace. With `only_good`,
    rows that break the profile are left out. `simulated` data are marked in the folder's name, in every sheet and in the
    manifest, which is signed with a `stamp`. `of`: the one of several schools that it is of, for its name. It may be one file
    instead of a folder (`into`): of one that is sealed nothing in the clear ever lies in `out`. Raises ExchangeError naming the
    place.
    """
    if isinstance(into, Sealed):
        require_good(into.to)
    made_at = (stamp.at if stamp is not None else datetime.now()).astimezone()
    name = marked(export_name(profile.name, of, made_at), simulated=simulated)
    target = free_name(out, file_name(name, "" if into is None else SUFFIX if isinstance(into, Sealed) else ".zip"))
    count = left_out = faulty = 0
    starred, empty = profile.filled_in, Counter[str]()
    with _made(target, into) as folder, ManifestWriter(folder, stamp) as manifest:
        with (
            PictureWriter(profile, folder, manifest) as pictures,
            _Sheets(profile, folder, simulated=simulated) as sheets,
            closing(Checker(profile)) as checker,
        ):
            for row in rows:
                checked = checker.check(row)
                if checked.problems and only_good:
                    left_out += 1
                    continue
                if checked.broken is not None:
                    raise checked.broken
                count += 1
                empty.update(header for at, header in starred if not checked.cells[at])
                faulty += bool(checked.problems)
                sheets.add(row, checked.cells, pictures.add(checked.files))
                told(row)
                if progress:
                    progress(count)
            if profile.columns:
                sheets.open_first()
        pictures.close()
        for sheet in sheets.writers:
            sheet.check()
            manifest.add(sheet.path.name, rows=sheet.rows)
        known: dict[str, object] = {"profile": profile.name, "made_at": made_at.isoformat(timespec="seconds")}
        known |= {"school": asdict(school)} | ({"simulated": True} if simulated else {})
        counts = {"rows": count, "pictures": pictures.count, "faulty": faulty, "left_out": left_out}
        manifest.finish({**known, "profile_sha256": profile.hash, **counts})
    return ExportResult(
        folder=target,
        sheets=() if into is not None else tuple(target / sheet.path.name for sheet in sheets.writers),
        rows=count,
        pictures=pictures.count,
        manifest=target / MANIFEST if into is None else target,
        digest=manifest.digest,
        left_out=left_out,
        faulty=faulty,
        empty={header: empty[header] for _, header in starred if empty[header]},
        school=of,
    )


def _made(target: Path, into: Sealed | Zipped | None) -> AbstractContextManager[Path]:
    if into is None:
        return new_folder(target)
    return new_package(target, into.drafts, into.to) if isinstance(into, Sealed) else new_zip(target, into.drafts)


def export_name(profile: str, of: str, at: datetime) -> str:
    """What an export is called: of which profile, of which school where there are several, and when."""
    return f"{'_'.join(filter(None, (profile, of)))}-{at:%Y%m%d-%H%M%S}"


def profile_and_time(name: str) -> tuple[str, datetime] | None:
    """What such a name says; None for one that somebody else gave."""
    named = _NAMED.fullmatch(name)
    return None if named is None else (named["profile"], datetime.strptime(named["at"], "%Y%m%d-%H%M%S").astimezone())


class _Sheets:
    """The sheet of a profile, or one for each class, stream or school."""

    def __init__(self, profile: Profile, folder: Path, *, simulated: bool) -> None:
        self._simulated = simulated
        self._profile = profile
        # What is no text of a row's own: paths of pictures, templates.
        self._others = [(at, one) for at, one in enumerate(profile.columns) if one.picture or one.template]
        self._folder = folder
        self._by_name: dict[str, SheetWriter] = {}
        self._last: SheetWriter | None = None  # rows of a class follow each other: no other sheet holds files open

    def __enter__(self) -> _Sheets:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._last is not None:
            with suppress(OSError) if error else nullcontext():
                self._last.shut()
        for writer in () if error else self.writers:
            writer.close()

    @property
    def writers(self) -> list[SheetWriter]:
        return list(self._by_name.values())

    def add(self, row: ExportRow, cells: list[str], pictures: Mapping[BiometricKind, str]) -> None:
        if self._profile.columns:
            for at, column in self._others:
                cells[at] = _cell(column, row, pictures)
            self._writer(sheet_name(self._profile, row)).add(cells)

    def open_first(self) -> None:
        """An export of nobody is a sheet with its header."""
        if not self._by_name:
            self._writer(_sheet_name(self._profile, ""))

    def _writer(self, name: str) -> SheetWriter:
        if name not in self._by_name:
            columns, sheet = self._profile.columns, self._profile.sheet
            path = free_name(self._folder, file_name(marked(name, simulated=self._simulated), ".xlsx"))
            headers, widths = [column.header for column in columns], [column.width for column in columns]
            writer = SheetWriter(path, sheet.name, headers, widths, sheet.title_rows, simulated=self._simulated)
            self._by_name[name] = writer
        writer = self._by_name[name]
        if self._last is not None and self._last is not writer:
            self._last.shut()
        self._last = writer
        return writer


def sheet_name(profile: Profile, row: ExportRow) -> str:
    """The name, without `.xlsx`, of the sheet that a row goes into."""
    splits = profile.sheet.split
    school = row.apart if splits and Split.SCHOOL not in splits else ""  # a class is a class of its school
    return _sheet_name(profile, "-".join(filter(None, (school, *(_part(split, row) for split in splits)))))


def _sheet_name(profile: Profile, part: str) -> str:
    file = profile.sheet.file
    return file.replace("{split}", part) if part else file.replace("{split}", "").strip("-_")


def _part(split: Split, row: ExportRow) -> str:
    """What a row says about where it belongs; nothing where nobody of its grade says anything."""
    if split is Split.SCHOOL and row.apart:
        return row.apart
    return str(FIELDS[split.value](row) or (_UNSPLIT if split.value in row.divided_by else ""))


def _cell(column: Column, row: ExportRow, pictures: Mapping[BiometricKind, str]) -> str:
    if column.picture:
        return pictures.get(column.picture, "")
    template = row.finger_files(column.template, FingerFile.FMR) if column.template else None
    return base64.b64encode(template).decode("ascii") if template else ""
