"""Rows that are taken apart by an expression are what the parser makes of them, however the file is written."""

from __future__ import annotations

import io
from string import ascii_uppercase
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.tables.cell import Spoilt
from kiosk.tables.errors import BadTable
from kiosk.tables.number_format import format_of
from kiosk.tables.sheet import Row
from kiosk.tables.xlsx_rows import Styles, read_rows

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRINGS = ["张三", "", "630103200901010019", "1 班"]
STYLES = Styles([None, format_of(0, "0000000"), format_of(14, None)], frozenset("2"))

USUAL = 12  # of them
CELLS = [
    '<c r="{0}" t="s"><v>{1}</v></c>',
    '<c r="{0}" s="1" t="s"><v>{2}</v></c>',
    '<c r="{0}" s="2" t="s"><v>{3}</v></c>',
    '<c r="{0}" t="inlineStr"><is><t>甲{1}</t></is></c>',
    '<c r="{0}" s="1"><v>152{1}</v></c>',
    '<c r="{0}" s="2"><v>3981{2}</v></c>',
    '<c r="{0}"><v>3.{1}E+{2}</v></c>',
    '<c r="{0}" t="n"><v>12</v></c>',
    '<c r="{0}" s="1"/>',
    '<c r="{0}"><v></v></c>',
    '<c r="{0}" t="inlineStr"><is><t>李&amp;四 &lt;&gt;&quot;</t></is></c>',
    '<c r="{0}" t="str"><v>_x004{1}_B</v></c>',
    '<c r="{0}"></c>',
    '<c r="{0}" t="inlineStr"><is><t xml:space="preserve"> 王五 </t></is></c>',
    '<c r="{0}" t="str"><f>A1</f><v>甲</v></c>',
    '<c r="{0}"><f>1+1</f></c>',
    '<c r="{0}" t="e"><f>X</f><v>#N/A</v></c>',
    '<c r="{0}" t="b"><v>1</v></c>',
    '<c r="{0}" t="d"><v>2009-01-01</v></c>',
    '<c r="{0}" t="s"><v>99</v></c>',
    '<c r="{0}" t="s"><v>x</v></c>',
    '<c r="{0}" s="77"><v>1</v></c>',
    '<c r="{0}"><v>twelve</v></c>',
    '<c r="{0}" t="odd"><v>1</v></c>',
    '<c r="{0}" t="inlineStr"><is><r><t>多</t></r><r><t>段</t></r><rPh sb="0" eb="1"><t>duo</t></rPh></is></c>',
    '<c r="{0}" t="inlineStr"><is><t>&#24352;</t></is></c>',
    '<c  r="{0}" t="s" ><v>0</v></c>',
    "<c r='{0}' t='s'><v>0</v></c>",
    '<c r="{0}" t="s"><!-- <c r="Z9"> --><v>0</v></c>',
    '<c r="{0}" t="inlineStr"><is><t><![CDATA[<row>]]></t></is></c>',
    '<c t="s"><v>2</v></c>',
]
ROWS = [
    '<row r="{0}">',
    '<row r="{0}" spans="1:9" hidden="1" x14ac:dyDescent="0.2">',
    '<row  r="{0}">',
    "<row>",
    '<row r="{0}" hidden="0">',
    '<row r="{0}" ht="0" customHeight="1">',
    '<row r="{0}" ht="0.5">',
]


def part(rows: str, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<worksheet xmlns="{NAMESPACE}" xmlns:x14ac="urn:x">'
        f'{head}<sheetData>{rows}</sheetData><pageMargins left="1"/></worksheet>'
    ).encode()


def outcome(content: bytes, chunk: int) -> list[Row] | str:
    try:
        with mock.patch("kiosk.tables.xml.CHUNK", chunk):
            return list(read_rows(io.BytesIO(content), STRINGS, STYLES, "名单"))
    except Exception as error:  # whatever it is, both ways have to say the same
        return f"{type(error).__name__} {error.args[:1] if isinstance(error, BadTable) else ''}"


def by_the_parser(content: bytes) -> list[Row] | str:
    with mock.patch("kiosk.tables.xlsx_rows._plain_head", return_value=False):
        return outcome(content, 1 << 16)


PLACES = ["A", "B", "C", "AA", "XFD"]


@st.composite
def kinds(draw: st.DrawFn, *, usual: bool) -> tuple[str, list[tuple[str, str]]]:
    """How a row begins, and its cells with their columns."""
    cells = draw(st.lists(st.sampled_from(CELLS[:USUAL] if usual else CELLS), max_size=4))
    places = PLACES[: len(cells)] if usual else [draw(st.sampled_from(PLACES)) for _ in cells]
    return ROWS[0] if usual else draw(st.sampled_from(ROWS)), list(zip(cells, places, strict=True))


@st.composite
def sheets(draw: st.DrawFn) -> str:
    """Mostly rows as programs write them, of a few kinds that come again and again."""
    rows: list[str] = []
    usual = draw(st.integers(0, 3)) > 0
    known = draw(st.lists(kinds(usual=usual), min_size=1, max_size=3))
    for begin, cells in draw(st.lists(st.sampled_from(known), min_size=3, max_size=12)):
        number = len(rows) + 1
        end = number + (draw(st.integers(0, 20)) == 20)  # a cell of another row
        values = draw(st.permutations(range(len(STRINGS))))
        filled = "".join(cell.format(f"{place}{end}", *values) for cell, place in cells)
        rows.append(f"{begin.format(number)}{filled}</row>" if filled or draw(st.booleans()) else f'<row r="{number}"/>')
    return draw(st.sampled_from(["", "", "", " ", "\n", "" if usual else "<!-- </row> -->"])).join(rows)


@given(sheets(), st.sampled_from([80, 400, 1 << 16, 1 << 16]))
@settings(max_examples=400)
def test_both_ways_give_the_same_rows_or_the_same_refusal(rows: str, chunk: int) -> None:
    content = part(rows)
    assert outcome(content, chunk) == by_the_parser(content)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></row>',
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData><sheetData>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a]]>b</t></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>\x01</t></is></c></row>',
        '<row r="1048577"><c r="A1048577" t="s"><v>0</v></c></row>',
        '<row r="0"><c r="A0" t="s"><v>0</v></c></row>',
        '<row r="1"><c r="XFE1" t="s"><v>0</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&unknown;</t></is></c></row>',
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"',
    ],
)
def test_what_the_parser_refuses_is_refused(rows: str) -> None:
    assert outcome(part(rows), 1 << 16) == by_the_parser(part(rows))


def alike(places: str, *numbers: int) -> list[str]:
    """Rows whose cells say their own column and number."""
    cells = "".join(f'<c r="{place}{{0}}" t="str"><v>{place}{{0}}</v></c>' for place in places)
    return [f'<row r="{number}">{cells.format(number)}</row>' for number in numbers]


def test_rows_of_another_kind_between_rows_that_are_alike() -> None:
    content = part("".join([*alike("AB", 1, 2, 3), *alike("BC", 4), *alike("AB", 5, 6), *alike("BC", 7, 8)]))
    others = (3, 6, 7)
    columns = [{1: "B", 2: "C"} if at in others else {0: "A", 1: "B"} for at in range(8)]
    meant = [Row(at, {column: f"{said}{at + 1}" for column, said in of.items()}) for at, of in enumerate(columns)]
    assert outcome(content, 1 << 16) == meant


def test_a_cell_of_another_row_is_found_among_rows_that_are_alike() -> None:
    rows = alike("A", 1, 2, 3, 4)
    content = part("".join([*rows[:3], rows[3].replace("A4", "A3")]))
    assert outcome(content, 1 << 16) == by_the_parser(content) == "BadTable ('table.bad_cell',)"


def test_no_expression_is_made_of_rows_that_are_formatted_to_the_last_column() -> None:
    letters = [f"{one}{other}" for one in ascii_uppercase for other in ascii_uppercase]
    row = f'<row r="{{0}}">{"".join(f"""<c r="{one}{{0}}" t="str"><v>1</v></c>""" for one in letters)}</row>'
    with mock.patch("kiosk.tables.xlsx_plain.re.compile", side_effect=AssertionError):
        found = outcome(part("".join(map(row.format, range(1, 5)))), 1 << 20)
    assert [len(one.cells) for one in found if isinstance(one, Row)] == [len(letters)] * 4


def test_of_a_cell_that_is_there_twice_nobody_can_tell_which_one_counts() -> None:
    first, second, none = (f'<c r="A1" t="s"><v>{at}</v></c>' for at in (0, 3, 1))
    twice, again, beside = (outcome(part(f'<row r="1">{first}{cell}</row>'), 1 << 16) for cell in (second, first, none))
    assert again == beside == [Row(0, {0: "张三"})]
    assert twice == [Row(0, {0: Spoilt.because("roster.cell_twice", "张三 / 1 班")})]


def test_other_encodings_and_rows_without_end_are_left_to_the_parser() -> None:
    gbk = (
        part('<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>')
        .replace(b"UTF-8", b"ISO-8859-1")
        .replace(b">x<", b">\xe9<")
    )
    (row,) = read_rows(io.BytesIO(gbk), STRINGS, STYLES, "名单")
    assert row.cells == {0: "é"}
    broken = part('<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>').replace(b">x<", b">\xff<")
    assert outcome(broken, 1 << 16) == by_the_parser(broken)
