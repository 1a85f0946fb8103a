"""Workbooks as ECMA-376 has them (.xlsx, .xlsm): which sheets, which texts, which formats. `xlsx_rows` reads the cells."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from xml.parsers import expat

from kiosk.tables import xml
from kiosk.tables.cell import Cell
from kiosk.tables.errors import BadTable
from kiosk.tables.number_format import format_of
from kiosk.tables.package import Package
from kiosk.tables.sheet import Comment, Row, Sheet
from kiosk.tables.xlsx_cell import text_of
from kiosk.tables.xlsx_rows import SheetHead, Styles, read_head, read_rows

_OFFICE: Final = "officeDocument"  # how the types of relationships end, transitional and strict
_MOST_TEXTS: Final = 2_000_000  # different ones: a dozen columns of the longest list that is read
_SHEET: Final = "worksheet"


@dataclass
class _Book:
    """xl/workbook.xml."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)  # name, relationship, hidden
    since_1904: bool = False


def read_xlsx(package: Package) -> Iterator[Sheet]:
    """The sheets, in the order of their tabs; hidden ones too, marked.

    Raises BadTable, expat.ExpatError, zipfile.BadZipFile, ValueError, KeyError for what is broken.
    """
    main = _main_part(package)
    links = _links(package, main)
    book = _book(package, main)
    kinds = dict(links.values())
    strings = _strings(package, kinds["sharedStrings"]) if kinds.get("sharedStrings", "") in package else []
    styles = _styles(package, kinds["styles"], book.since_1904) if kinds.get("styles", "") in package else Styles()
    for name, link, hidden in book.sheets:
        kind, target = links.get(link, ("", ""))
        if kind != _SHEET:
            continue  # a chart, a dialog, macros
        head = read_head(partial(package.part, target))
        if head is None:
            continue
        yield replace(_sheet(package, target, name, head, hidden, strings, styles), since_1904=book.since_1904)


def _sheet(
    package: Package, target: str, name: str, head: SheetHead, hidden: bool, strings: list[Cell], styles: Styles
) -> Sheet:
    def rows() -> Iterator[Row]:
        with package.part(target) as stream:
            yield from read_rows(stream, strings, styles, name)

    return Sheet(name, rows(), head.merged, hidden, head.hidden_columns, comments=tuple(_comments(package, target)))


def _main_part(package: Package) -> str:
    """The workbook's part, as the package's own relationships name it."""
    if "_rels/.rels" in package:
        for kind, target in _relations(package, "_rels/.rels", "").values():
            if kind == _OFFICE:
                return target
    return "xl/workbook.xml"


def _links(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """What a part is linked with."""
    return _relations(package, _links_of(part), posixpath.dirname(part))


def _links_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(package: Package, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Id → kind (the last word of its type) and target."""
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if xml.local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            place = target if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], place.lstrip("/"))

    _parse(package, part, start)
    return found


def _book(package: Package, main: str) -> _Book:
    book = _Book()

    def start(name: str, attributes: dict[str, str]) -> None:
        kind = xml.local(name)
        if kind == "sheet":
            link = next((value for key, value in attributes.items() if xml.local(key) == "id" and ":" in key), "")
            book.sheets.append((attributes.get("name", ""), link, attributes.get("state", "visible") != "visible"))
        elif kind == "workbookPr":
            book.since_1904 = attributes.get("date1904") in ("1", "true", "on")

    _parse(package, main, start)
    return book


def _styles(package: Package, part: str, since_1904: bool) -> Styles:
    """What each cell style does to numbers, by its index, and which of them strike what is there through."""
    codes: dict[int, str] = {}
    numbers: list[int] = []
    fonts: list[int] = []
    struck_fonts: set[int] = set()
    font = -1
    inside = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside, font
        kind = xml.local(name)
        if kind == "numFmt" and inside != "dxfs":
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif kind in ("fonts", "cellXfs", "cellStyleXfs", "dxfs"):
            inside = kind
        elif kind == "font" and inside == "fonts":
            font += 1
        elif kind == "strike" and inside == "fonts" and attributes.get("val", "1") in ("1", "true", "on"):
            struck_fonts.add(font)
        elif kind == "xf" and inside == "cellXfs":
            numbers.append(int(attributes.get("numFmtId", "0")))
            fonts.append(int(attributes.get("fontId", "0")))

    _parse(package, part, start)
    formats = [format_of(number, codes.get(number), since_1904=since_1904) for number in numbers]
    return Styles(formats, frozenset(str(at) for at, one in enumerate(fonts) if one in struck_fonts))


def _comments(package: Package, sheet: str) -> Iterator[Comment]:
    """What is noted at the cells of a sheet (ECMA-376 18.7): an aside, which keeps nobody out when it is damaged."""
    links: dict[str, tuple[str, str]] = {}
    with suppress(expat.ExpatError):
        links = _links(package, sheet) if _links_of(sheet) in package else {}
    for part in (target for kind, target in links.values() if kind == "comments" and target in package):
        found: list[tuple[str, list[str]]] = []
        with suppress(expat.ExpatError):
            _parse_comments(package, part, found)
        yield from (Comment(place, "".join(pieces)) for place, pieces in found)


def _parse_comments(package: Package, part: str, found: list[tuple[str, list[str]]]) -> None:
    made = xml.parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        kind = xml.local(name)
        if kind == "comment":
            found.append((attributes.get("ref", ""), []))
        made.CharacterDataHandler = found[-1][1].append if kind == "t" and found else None

    made.StartElementHandler = start
    with package.part(part) as stream:
        xml.feed_all(made, stream)


def _strings(package: Package, part: str) -> list[Cell]:
    """Shared texts: runs together, readings (phonetic runs) left out."""
    found: list[Cell] = []
    pieces: list[str] = []
    made = xml.parser()
    t, si, reading = "t", "si", "rPh"
    silent = False

    def root(name: str, _: dict[str, str]) -> None:
        nonlocal t, si, reading
        prefix = name[: -len(xml.local(name))]
        t, si, reading = prefix + t, prefix + si, prefix + reading
        made.StartElementHandler, made.EndElementHandler = start, end

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal silent
        silent = silent or name == reading
        if name == t and not silent:
            made.CharacterDataHandler = pieces.append

    def end(name: str) -> None:
        nonlocal silent
        if name == t:
            made.CharacterDataHandler = None
        elif name == si:
            found.append(text_of(pieces))
            pieces.clear()
        elif name == reading:
            silent = False

    made.StartElementHandler = root
    with package.part(part) as stream:
        for _ in xml.feed(made, stream):
            if len(found) > _MOST_TEXTS:
                raise BadTable("table.too_many_texts", most=_MOST_TEXTS)
    return found


def _parse(package: Package, part: str, start: object) -> None:
    made = xml.parser()
    made.StartElementHandler = start  # type: ignore[assignment]
    with package.part(part) as stream:
        xml.feed_all(made, stream)
