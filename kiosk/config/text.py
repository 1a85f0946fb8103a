r"""A file of settings as it comes from Notepad: its encoding, its paths with `\\`, and where each key stands.

Accepted as well as UTF-8: a byte order mark, UTF-16 with one, and GBK where nothing else can be meant.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from kiosk.errors import Fault
from kiosk.records import Message

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Signs that GBK has and GB 2312 lacks, and that such files hold all the same.
_SIGNS: Final = frozenset("–—…·×≤≥℃￥、。“”‘’（）《》【】：；，！？")
# "C:\data", "\\server\share": whoever writes one backslash after the drive means a path, and no escape.
_WINDOWS_PATH: Final = re.compile(r'"((?:[A-Za-z]:\\(?!\\)|\\\\[^"\\\n]+\\(?!\\))[^"\n]*)"')
# With the blanks around it, which nothing else in a pattern takes: a line of a thousand blanks is looked through once.
_KEY: Final = r"""[A-Za-z0-9_.\-"' \t]+"""
_HEADER: Final = re.compile(rf"^\s*(\[\[?)({_KEY})\]\]?\s*(?:#.*)?$")
_ENTRY: Final = re.compile(rf"^({_KEY})=")
_INLINE: Final = re.compile(r"[{,]\s*([A-Za-z0-9_\-]+)\s*=")
_SEVERAL_LINES: Final = re.compile(r"""=\s*("{3}|'{3})((?!\1).)*$""")
_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)$")
_CHINESE_SIGNS: Final = "“”‘’＝＃，：［］｛｝"
_CAUSES: Final = (  # the beginning of tomllib's words: ours
    ("Unescaped '\\'", "fault.toml.backslash"),
    ("Invalid hex value", "fault.toml.backslash"),
    ("Escaped character", "fault.toml.backslash"),
    ("Illegal character '\\n'", "fault.toml.quote_open"),
    ("Unterminated string", "fault.toml.quote_open"),
    ('Expected "\'"', "fault.toml.quote_open"),
    ("Expected ']' at the end of a table", "fault.toml.header"),
    ("Expected ']]' at the end", "fault.toml.header"),
    ("Unclosed array", "fault.toml.bracket_open"),
    ("Unclosed inline table", "fault.toml.bracket_open"),
    ("Expected '='", "fault.toml.no_equals"),
    ("Invalid value", "fault.toml.value"),
    ("Expected newline", "fault.toml.rest"),
    ("Invalid statement", "fault.toml.statement"),
)


class Unreadable(Exception):
    """The file can't be understood at all."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Place:
    """Where a key stands, counted from 1."""

    line: int
    column: int


def decoded(content: bytes) -> str:
    r"""The text of a file, its lines ended by `\n`; raises Unreadable where it is neither UTF-8 nor surely GBK."""
    return _text(content).replace("\r\n", "\n")


def _text(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise Unreadable(_encoding_fault(content, error.start + len(mark))) from None
    if b"\0" in content:
        raise Unreadable(Fault("", Message("fault.encoding_utf16")))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        try:
            text = content.decode("gbk")
        except UnicodeDecodeError:
            text = ""
        if not text or not all(map(_usual_chinese, text)):
            raise Unreadable(_encoding_fault(content, error.start)) from None
        return text


def _usual_chinese(sign: str) -> bool:
    """Whether a sign of a text that was read as GBK is one that people write: text of another encoding gives rare ones."""
    if sign.isascii() or sign in _SIGNS:
        return True
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _encoding_fault(content: bytes, at: int) -> Fault:
    return Fault("", Message("fault.encoding"), content.count(b"\n", 0, at) + 1, 1)


def with_plain_paths(text: str) -> str:
    r"""The text with Windows' paths in quotes that leave `\` alone; as long as before, line by line."""
    return "\n".join(line if line.lstrip().startswith("#") else _WINDOWS_PATH.sub(_plain, line) for line in text.split("\n"))


def _plain(found: re.Match[str]) -> str:
    path = found[1]
    return found[0] if "'" in path else f"'{path}'"


def parsed(text: str) -> dict[str, Any]:
    """The values of a text; raises Unreadable with place, and what to write instead."""
    try:
        return tomllib.loads(with_plain_paths(text))
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(_fault(text, str(error))) from None
    except (RecursionError, ValueError):  # of Python's own, for a number of thousands of digits
        raise Unreadable(Fault("", Message("fault.toml.beyond"))) from None


def _fault(text: str, told: str) -> Fault:
    lines = text.split("\n")
    if told.startswith(("Cannot overwrite", "Cannot declare", "Duplicate inline", "Cannot mutate")):
        return _twice(text)
    place = _PLACE.search(told)
    line = int(place[1]) if place else max((at for at, one in enumerate(lines, 1) if one.strip()), default=1)
    column = int(place[2]) if place else len(lines[line - 1])
    shown = lines[line - 1].strip()
    code = next((code for beginning, code in _CAUSES if told.startswith(beginning)), "fault.toml.statement")
    if code != "fault.toml.backslash" and any(sign in _without_strings(shown) for sign in _CHINESE_SIGNS):
        code = "fault.toml.chinese_sign"
    return Fault("", Message(code, {"text": shown, "better": shown.replace("\\\\", "/").replace("\\", "/")}), line, column)


def _without_strings(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line).partition("#")[0]


def _twice(text: str) -> Fault:
    """The key, or the table, that is there a second time."""
    seen: dict[str, int] = {}
    for path, place in _entries(text):
        if path in seen:
            return Fault(path, Message("fault.toml.twice", {"first": seen[path]}), place.line, place.column)
        seen[path] = place.line
    return Fault("", Message("fault.toml.twice_somewhere"))


def places(text: str) -> dict[str, Place]:
    """Where each key and table stands, by path; of a list of tables `column.1`, `column.2`."""
    return dict(reversed(list(_entries(text))))


def in_several_lines(text: str) -> tuple[str, ...]:
    """The keys whose text goes on in the next line, between three quotation marks."""
    lines = text.split("\n")
    found = ((path, lines[place.line - 1][place.column - 1 :]) for path, place in places(text).items())
    return tuple(path for path, line in found if (equals := line.find("=")) >= 0 and _SEVERAL_LINES.match(line, equals))


def _entries(text: str) -> list[tuple[str, Place]]:
    found: list[tuple[str, Place]] = []
    table, counts = "", Counter[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _path(header[2])
            if header[1] == "[[":
                counts[table] += 1
                table = f"{table}.{counts[table]}"
            found.append((table, Place(number, 1)))
        elif entry := _ENTRY.match(line):
            path = ".".join(filter(None, (table, _path(entry[1]))))
            found.append((path, Place(number, len(line) - len(line.lstrip()) + 1)))
            if line[entry.end() :].lstrip().startswith("{"):
                inline = line.partition("#")[0]
                found += [
                    (f"{path}.{one[1]}", Place(number, one.start(1) + 1)) for one in _INLINE.finditer(inline, entry.end())
                ]
    return found


def _path(written: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in written.split("."))


def placed(faults: tuple[Fault, ...], text: str) -> tuple[Fault, ...]:
    """The faults with their places, in the order of the file."""
    known = places(text)
    found = []
    for fault in faults:
        path = fault.key
        while path and path not in known:
            path = path.rpartition(".")[0]
        at = known.get(path)
        found.append(fault if at is None else Fault(fault.key, fault.what, at.line, at.column))
    return tuple(sorted(found, key=lambda fault: fault.line or 1 << 30))
