"""Table files made to hurt: small on the disk, endless once they are read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Final

_TYPES: Final = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/xml"/>
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>"""
_RELS: Final = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="xl/workbook.xml"/></Relationships>"""
_BOOK: Final = """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>"""
_BOOK_RELS: Final = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
 Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
 Target="sharedStrings.xml"/></Relationships>"""
_SHEET: Final = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_END: Final = "</sheetData></worksheet>"
_STRINGS: Final = '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
HEADER: Final = ("姓名", "身份证号", "年级", "班级")
STUDENTS: Final = (("张三", "630103200901080019", "高一", "1"), ("李四", "630103200901080027", "高一", "2"))

_MB: Final = 1 << 20


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def row(number: int, cells: Iterable[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def honest_rows() -> str:
    listed = (HEADER, *STUDENTS)
    return "".join(
        row(at, (cell(f"{chr(65 + c)}{at}", text) for c, text in enumerate(one))) for at, one in enumerate(listed, 1)
    )


def workbook(path: Path, sheet: Iterable[str], strings: Iterable[str] = ("</sst>",)) -> Path:
    """Write a workbook whose sheet's and texts' XML come in pieces after the honest ones."""
    write_workbook(path, sheet, strings)
    return path


def write_workbook(file: Path | IO[bytes], sheet: Iterable[str], strings: Iterable[str] = ("</sst>",)) -> None:
    """The same into an open file."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELS),
            ("xl/workbook.xml", _BOOK),
            ("xl/_rels/workbook.xml.rels", _BOOK_RELS),
        ):
            archive.writestr(name, content)
        for name, start, pieces in (
            ("xl/worksheets/sheet1.xml", _SHEET + honest_rows(), sheet),
            ("xl/sharedStrings.xml", _STRINGS, strings),
        ):
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(start.encode())
                for piece in pieces:
                    part.write(piece.encode())


def far(reference: str, text: str = " ") -> Callable[[Path], Path]:
    """One more cell somewhere far away."""
    number = int("".join(char for char in reference if char.isdigit()))
    return lambda path: workbook(path, [row(number, [cell(reference, text)]), _END])


def huge_text(path: Path) -> Path:
    """One cell of 500 MB."""
    return workbook(
        path,
        ['<row r="9"><c r="A9" t="s"><v>0</v></c></row>', _END],
        ["<si><t>", *("a" * _MB for _ in range(500)), "</t></si></sst>"],
    )


def huge_text_in_place(path: Path) -> Path:
    return workbook(
        path, ['<row r="9"><c r="A9" t="inlineStr"><is><t>', *("a" * _MB for _ in range(200)), "</t></is></c></row>", _END]
    )


def huge_blanks(path: Path) -> Path:
    """500 MB of blanks between two rows."""
    return workbook(path, [*(" " * _MB for _ in range(500)), _END])


def many_cells(path: Path, rows: int = 60_000) -> Path:
    """Rows of 20 cells: some 60 MB."""
    letters = [chr(65 + at) for at in range(20)]
    return workbook(path, [*(row(n, (f'<c r="{letter}{n}"><v>1</v></c>' for letter in letters)) for n in range(4, rows)), _END])


def many_rows(path: Path, rows: int = 1_000_000) -> Path:
    """A million rows, of which a list has 120,000 at most."""
    return workbook(path, [*(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(4, rows)), _END])


def many_columns(path: Path) -> Path:
    return workbook(
        path, [row(4, (f'<c r="{a}{b}4"><v>1</v></c>' for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")), _END]
    )


def many_strings(path: Path, texts: int = 3_000_000) -> Path:
    """Three million different texts, used by nobody; a list has two million at most."""
    return workbook(path, [_END], [*(f"<si><t>{at:08d}</t></si>" for at in range(texts)), "</sst>"])


def deep(path: Path) -> Path:
    """Elements within elements, 100,000 deep."""
    return workbook(path, ["<x>" * 100_000, "</x>" * 100_000, _END])


def entities(path: Path) -> Path:
    """A billion laughs."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    path.write_bytes(b"")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (("_rels/.rels", _RELS), ("xl/workbook.xml", _BOOK), ("xl/_rels/workbook.xml.rels", _BOOK_RELS)):
            archive.writestr(name, content)
        body = _SHEET.partition("?>")[2] + row(1, [cell("A1", "&l9;")]) + _END
        archive.writestr("xl/worksheets/sheet1.xml", f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{levels}]>{body}')
    return path


def many_lines(path: Path, lines: int = 1_500_000) -> Path:
    """A CSV file of 1.5 million rows."""
    path.write_text(",".join(HEADER) + "\n" + "a,b,c,d\n" * lines, encoding="utf-8")
    return path


def commas(path: Path) -> Path:
    """20 MB of commas."""
    path.write_bytes(b"," * (20 * _MB))
    return path


def quotes(path: Path, lines: int = 100_000) -> Path:
    """A quotation mark on each of many lines, none of them closed."""
    path.write_text(",".join(HEADER) + "\n" + 'a,"b,c\n' * lines, encoding="utf-8")
    return path


# Name of the file, and how it is made.
HOSTILE: Final[dict[str, tuple[str, Callable[[Path], Path]]]] = {
    "a blank in XFD1048576": ("a.xlsx", far("XFD1048576")),
    "a blank in XFD20000": ("b.xlsx", far("XFD20000")),
    "a word in AZ1048576": ("c.xlsx", far("AZ1048576", "制表")),
    "a blank in E1048576": ("d.xlsx", far("E1048576")),
    "a cell that can't be": ("e.xlsx", far("ZZZZZZ4294967295")),
    "a cell of 500 MB": ("f.xlsx", huge_text),
    "a cell of 200 MB in place": ("g.xlsx", huge_text_in_place),
    "500 MB of blanks": ("h.xlsx", huge_blanks),
    "60 MB of cells": ("i.xlsx", many_cells),
    "a million rows": ("j.xlsx", many_rows),
    "260 columns": ("k.xlsx", many_columns),
    "three million texts": ("l.xlsx", many_strings),
    "100,000 elements deep": ("m.xlsx", deep),
    "entities of entities": ("n.xlsx", entities),
    "1.5 million lines": ("o.csv", many_lines),
    "20 MB of commas": ("p.csv", commas),
    "open quotation marks": ("q.csv", quotes),
}
