"""Tables that are plain text: commas, tabs or whatever else between the cells, in the encodings that schools write."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kiosk.tables import cell
from kiosk.tables.cell import Cell, Spoilt
from kiosk.tables.errors import BadTable
from kiosk.tables.sheet import MOST_COLUMNS, Row, Sheet

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DELIMITERS: Final = ("\t", ",", ";", "|", "，", "；", "、", "^", "~")
_LOOKED_AT: Final = 40  # lines, for guessing what stands between the cells
_LONGEST_LOOK: Final = 10_000  # characters of each
MOST_CELLS: Final = 16_384  # of a line, empty or not: as many as a sheet has columns
_NEWLINE: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r"[ \u3000\xa0]+")
_SWALLOWED: Final = 40  # lines in one pair of quotation marks: no address has as many
_TOLD: Final = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # Excel's own way to name it
_ZEROS_OF_ASCII: Final = 0.05  # of the bytes: in UTF-16 every digit and comma has one, in other texts they are slips
_CHINESE: Final = re.compile(r"[\x20-\x7e\t\u00b7\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]+")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
# The two that need evidence, under the names that people know; what each calls everyday characters.
_OF_TWO_BYTES: Final = {"GB18030": "gb18030", "Big5": "big5hkscs"}
_OF_USUAL: Final = {"GB18030": "gb2312", "Big5": "big5"}
_WORDS: Final = re.compile(
    "姓名|名字|身[份分][证證]|[证證]件|班[级級]|年[级級]|[学學]籍|考籍|考[号號]|准考[证證]|[学學]校|性[别別]|出生|民族|[学學]生|考生|"
    "[监監][护護]|教[师師]|材料|考[场場]|座[位号號]|[点點]名|[结結]果|[备備][注註]|[学學][号號]|序[号號]"
)
_SAID: Final = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_ASCII: Final = re.compile("[\x00-\x7f]+")
_BEYOND_DOUBT: Final = 0.2  # more usual characters: read as the other of the two, a text has 0.3 to 0.6 less of them
_LOOKED_AT_FOR_USE: Final = 100_000  # characters


class Text(NamedTuple):
    """What a file says, and in which encoding where that had to be found out; empty where it is told or beyond doubt."""

    text: str
    guessed: str = ""


def read_text(content: bytes, name: str) -> Iterator[Sheet]:
    """The one sheet of a text file. Rows shorter or longer than others are taken as they are.

    Raises BadTable("table.encoding"), ("table.encoding_unsure"), ("table.two_encodings"), ("table.unreadable") for what is no
    text.
    """
    text, guessed = decode(content)
    lines = _NEWLINE.split(text)
    if guessed in _OF_TWO_BYTES and (line := _in_utf_8(lines, guessed)) is not None:
        raise BadTable("table.two_encodings", line=line)
    told = _TOLD.fullmatch(lines[0].strip()) if lines else None
    delimiter, width = _delimiter(lines)
    rows = _rows(name, lines, told[1] if told else delimiter, width, start=1 if told else 0)
    yield Sheet(name, rows, encoding=guessed)


def decode(content: bytes) -> Text:
    """Text by its byte order mark, else strict UTF-8, else what of GB18030 and Big5 its words are in."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            text = _tried(content.removeprefix(mark), encoding)
            break
    else:
        beginning, encoding = content[:4096], ""
        if beginning.count(0) > _ZEROS_OF_ASCII * len(beginning):
            encoding = _without_mark(beginning)
            text = _tried(content, encoding)
        elif (text := _tried(content, "utf-8")) is None:
            return _of_two_bytes(content)
        encoding = encoding.partition("-le")[0].partition("-be")[0].upper()
        return Text(_bare(text), encoding)
    return Text(_bare(text))


def _bare(text: str | None) -> str:
    """Files that were put together have a mark each."""
    if text is None:
        raise BadTable("table.encoding")
    return text.lstrip("\ufeff")


def _tried(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _of_two_bytes(content: bytes) -> Text:
    """GB18030 or Big5: nearly every text of one of them can be read as the other, and says other names then. The words of
    headers decide, else which of the two gives usual characters, else what the text says of itself: pages that say one and are
    written in the other are common."""
    texts = {name: content.decode(codec, "replace") for name, codec in _OF_TWO_BYTES.items()}
    headers = {name: line for name, text in texts.items() if (line := _header(text))}
    if len(headers) > 1:
        raise BadTable("table.two_encodings", line=max(headers.values()))
    sound = {name: text for name, text in texts.items() if _tried(content, _OF_TWO_BYTES[name]) is not None}
    if not sound:
        raise BadTable("table.encoding")
    for name in headers:
        if name not in sound:
            raise BadTable("table.encoding")
        return Text(sound[name], name)
    usual = {name: _usual(text, _OF_USUAL[name]) for name, text in sound.items()}
    best, *others = sorted(sound, key=lambda name: -usual[name])
    if others and usual[best] - usual[others[0]] < _BEYOND_DOUBT:
        best = _said(content)
        if best not in sound:
            raise BadTable("table.encoding_unsure")
    return Text(sound[best], best)


def _said(content: bytes) -> str:
    """What a page or a document says of itself, where it is one of the two."""
    told = _SAID.search(content[:4096])
    encoding = told[1].lower() if told else b""
    return "GB18030" if encoding.startswith(b"gb") else "Big5" if encoding.startswith(b"big5") else ""


def _header(text: str) -> int:
    """The first line with two words of headers in it; 0 where there is none."""
    last: tuple[int, str] = (0, "")
    number, at = 1, 0
    for match in _WORDS.finditer(text):
        number, at = number + len(_NEWLINE.findall(text, at, match.start())), match.start()
        if last[0] == number and last[1] != match[0]:
            return number
        last = (number, match[0])
    return 0


def _usual(text: str, encoding: str) -> float:
    """The share of Chinese characters that are in everyday use, of all that are not ASCII."""
    others = _ASCII.sub("", text[:_LOOKED_AT_FOR_USE])
    known = sum(bool(_HAN.match(char)) and _is_usual(char, encoding) for char in others)
    signs = sum(map(others.count, "，。、；：（）“”·　"))
    return (known + signs) / len(others) if others else 0.0


def _is_usual(char: str, encoding: str) -> bool:
    """Whether it stands in the first plane: GB 2312, or the 5,401 常用字 of Big5."""
    try:
        code = char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return encoding != "big5" or b"\xa4\x40" <= code <= b"\xc6\x7e"


def _without_mark(content: bytes) -> str:
    """UTF-16 or UTF-32 that says nothing of itself: line ends, commas and digits have their zeros on one side."""
    zeros = [content[at::4].count(0) for at in range(4)]
    every = len(content) // 4
    if zeros[0] == zeros[1] == every:
        return "utf-32-be"
    if zeros[2] == zeros[3] == every:
        return "utf-32-le"
    return "utf-16-be" if zeros[0] + zeros[2] > zeros[1] + zeros[3] else "utf-16-le"


def _in_utf_8(lines: Sequence[str], read_as: str) -> int | None:
    """The first line that is UTF-8 in a file that as a whole is not: files of two kinds were put together, and read as one of
    them the other's names are wrong."""
    for number, line in enumerate(lines, start=1):
        if line.isascii():
            continue
        try:
            other = line.encode(_OF_TWO_BYTES[read_as]).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if _CHINESE.fullmatch(other) and _HAN.search(other):
            return number
    return None


def _delimiter(lines: Sequence[str]) -> tuple[str, int]:
    """What divides most of the first lines into the same number of cells, and that number; blanks where nothing else does."""
    looked_at = [line[:_LONGEST_LOOK] for line in lines[:_LOOKED_AT] if line.strip()]

    def regularity(delimiter: str) -> tuple[int, int]:
        counts = [len(next(csv.reader([line], delimiter=delimiter), [])) for line in looked_at]
        divided = [count for count in counts if count > 1]
        commonest = max(divided, key=divided.count, default=0)
        return divided.count(commonest), commonest

    found = {delimiter: regularity(delimiter) for delimiter in _DELIMITERS}
    best = max(found, key=lambda delimiter: found[delimiter])
    if found[best][0] == 0 and any(_BLANKS.search(line.strip()) for line in looked_at):
        counts = [len(_BLANKS.split(line.strip())) for line in looked_at]
        return " ", max(counts, key=counts.count)
    return best, found[best][1]


def _rows(name: str, lines: Sequence[str], delimiter: str, width: int, start: int) -> Iterator[Row]:
    """Rows by the line that they begin in."""
    at = start
    while at < len(lines):
        if lines[at].count(delimiter) > MOST_CELLS:
            raise BadTable("table.too_many_columns", sheet=name, row=at + 1, most=MOST_COLUMNS)
        cells, after = _record(lines, at, delimiter, width)
        found = {column: value for column, part in enumerate(cells) if (value := _cell(part)) != ""}
        if found:
            yield Row(at, found)
        at = after


def _record(lines: Sequence[str], at: int, delimiter: str, width: int) -> tuple[list[Cell], int]:
    """A row that begins at a line, and the line after it.

    A quotation mark that is never closed would swallow what follows: then the line is taken as it stands, and refused with it.
    """
    line = lines[at]
    if delimiter == " ":
        parts = _BLANKS.split(line.strip())
        if 1 < len(parts) != width:  # an empty cell leaves no trace, and moves all others
            return [Spoilt.because("roster.blanks_between", part, cells=len(parts), most=width) for part in parts], at + 1
        return list(parts), at + 1
    if '"' not in line:
        return list(line.split(delimiter)), at + 1
    reader = csv.reader((f"{part}\n" for part in lines[at : at + _SWALLOWED]), delimiter=delimiter)
    try:
        cells = next(reader)
    except csv.Error as error:
        raise BadTable("table.line_broken", line=at + 1) from error
    taken = lines[at : at + reader.line_num]
    if len(taken) > 1 and _swallowed(taken, delimiter, width):
        stray = Spoilt.because("roster.stray_quote", line[:40], line=at + 1)
        return [stray if '"' in part else part for part in line.split(delimiter)], at + 1
    return list(cells), at + len(taken)


def _swallowed(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether these lines are several rows: a mark that is never closed, or as many cells as two rows have."""
    return sum(line.count('"') for line in lines) % 2 == 1 or sum(line.count(delimiter) for line in lines) >= 2 * max(
        width - 1, 1
    )


def _cell(part: Cell) -> Cell:
    """`="6301…"` is how programs keep Excel from taking a number of a CSV file for one."""
    if not isinstance(part, str):
        return part
    if part.startswith('="') and part.endswith('"') and len(part) > 2:
        part = part[2:-1]
    return cell.text(part)
