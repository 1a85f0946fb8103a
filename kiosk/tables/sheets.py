"""Reads a table file into sheets of plain cells: what the file says, nothing mended. What it is, its content tells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Final

from kiosk.tables.errors import BadTable
from kiosk.tables.html import from_mime, read_html
from kiosk.tables.ods import FLAT, read_flat_ods, read_ods
from kiosk.tables.package import Package
from kiosk.tables.sheet import Sheet, counted
from kiosk.tables.spreadsheetml import NAMESPACE, read_spreadsheetml
from kiosk.tables.text import read_text
from kiosk.tables.xlsx import read_xlsx

_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # MS-CFB: .xls, and every locked workbook
_BIFF: Final = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x10\x00", b"\x09\x08\x08\x00")
_OTHERS: Final = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf", b"MZ")
_PACKAGES: Final = (".xlsx", ".xlsm", ".ods")
_DIVIDERS: Final = (b",", b"\t", b";")
_HTML: Final = (b"<html", b"<table", b"<!doctype html")
_BEFORE: Final = b"\xef\xbb\xbf\r\n\t "  # what a careless web page sends before a file
_MIME: Final = re.compile(rb"(?:content-[a-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*mime-version:")
_LOOKED_AT: Final = 4096
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")


def read_sheets(file: IO[bytes], name: str) -> Iterator[Sheet]:
    """The sheets of a workbook, or the one of a text file, which gets the file's name without its ending.

    Raises BadTable when it is locked with a password, of another kind, too large or damaged.
    """
    return counted(_read(file, name))


def _read(file: IO[bytes], name: str) -> Iterator[Sheet]:
    beginning = file.read(_LOOKED_AT)
    file.seek(0)
    bare = beginning.lstrip(_BEFORE)
    if bare.startswith((_ZIP, _EMPTY_ZIP)):
        yield from _read_package(file)
    elif bare.startswith(_COMPOUND):
        yield from _read_compound(file.read().lstrip(_BEFORE))
    elif beginning.startswith(_BIFF):
        yield from _read_compound(file.read())
    elif beginning.startswith(_OTHERS):
        raise BadTable("table.unknown_kind")
    else:
        yield from _read_text(file.read(), name)


def _read_text(content: bytes, name: str) -> Iterator[Sheet]:
    """What is no package and no compound file: text of one kind or another."""
    beginning = content[:_LOOKED_AT].replace(b"\0", b"").lower()  # UTF-16 reads like ASCII then
    if NAMESPACE in beginning:
        yield from read_spreadsheetml(content)
    elif FLAT in beginning:
        yield from read_flat_ods(io.BytesIO(content))
    elif _MIME.match(beginning.lstrip()):
        yield from read_html(from_mime(content))
    elif any(mark in beginning for mark in _HTML):
        yield from read_html(content)
    else:
        if name.casefold().endswith(_PACKAGES) and not any(mark in content for mark in _DIVIDERS):
            raise BadTable("table.unreadable", reason="ZIP")
        yield from read_text(content, name.rpartition(".")[0] or name)


def _read_package(file: IO[bytes]) -> Iterator[Sheet]:
    try:
        package = Package(file)
    except zipfile.BadZipFile:
        raise BadTable("table.unreadable", reason="ZIP") from None
    if "content.xml" in package:
        yield from read_ods(package)
    elif (
        ("[Content_Types].xml" in package or "xl/workbook.xml" in package)
        and "xl/workbook.bin" not in package
        and "word/document.xml" not in package
    ):
        yield from read_xlsx(package)
    else:
        raise BadTable("table.unknown_kind")


def _read_compound(content: bytes) -> Iterator[Sheet]:
    if _LOCKED in content:
        raise BadTable("table.password")
    from kiosk.tables.xls import read_xls  # only where there is one: not every start pays for it

    yield from read_xls(content)
