"""Lists as programs of all kinds write them, read without the process that keeps them at arm's length."""

from __future__ import annotations

import codecs
import io
import struct

import pytest

from kiosk.tables.errors import BadTable
from kiosk.tables.rules import load_rules
from kiosk.tables.table import TableReading, read_table
from tests.exchange.conftest import number

FIRST, SECOND = number(1), number(2)
HEAD = ["姓名", "身份证号", "年级", "班级"]
ROWS = [HEAD, ["张三", FIRST, "高一", "5"], ["李四", SECOND, "高一", "5"]]
BOTH = [("张三", FIRST, "高一", "5"), ("李四", SECOND, "高一", "5")]


def read(content: bytes, name: str = "花名册.xls") -> TableReading:
    return read_table(io.BytesIO(content), name, load_rules("students"), {})


def taken(reading: TableReading) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in ("name", "id_number", "grade", "class_name")) for row in reading.rows]


def codes(reading: TableReading) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.message.code) for one in reading.problems]


def lines(divider: str = ",", quote: str = "") -> str:
    return "\r\n".join(divider.join(f"{quote}{cell}{quote}" for cell in row) for row in ROWS)


def tr(*cells: str, tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


TABLE = f"<table>{''.join(tr(*row) for row in ROWS)}</table>"
SELECTS = "<table>" + tr(*HEAD) + (
    f"<tr><td><input value='张三'><input type='hidden' value='7'></td><td>{FIRST}</td>"
    "<td><select><option>高二<option selected>高一</select></td>"
    "<td><select><option>5</option><option>6</option></select></td></tr>"
) + tr("李四", SECOND, "高一", "5") + "</table>"  # fmt: skip
SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"


def data(said: str, more: str = "", kind: str = "String") -> str:
    return f'<Cell {more}><Data ss:Type="{kind}">{said}</Data></Cell>'


def xml_2003(rows: str, encoding: str = "UTF-8", book: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><Workbook xmlns="{SPREADSHEET}" xmlns:ss="{SPREADSHEET}">{book}'
        f'<Worksheet ss:Name="名单"><Table>{rows}</Table></Worksheet></Workbook>'
    )


PLAIN_XML = "".join(f"<Row>{''.join(map(data, row))}</Row>" for row in ROWS)
NOTED_XML = PLAIN_XML.replace("三</Data>", "三</Data><Comment><ss:Data>改过名</ss:Data></Comment>")
FLAT_ODS = (
    f'<?xml version="1.0"?><o:document xmlns:o="{OFFICE}office:1.0" xmlns:t="{OFFICE}table:1.0" xmlns:x="{OFFICE}text:1.0">'
    "<o:body><o:spreadsheet><t:table>"
    + "".join(
        f"<t:table-row>{''.join(f'<t:table-cell><x:p>{cell}</x:p></t:table-cell>' for cell in row)}</t:table-row>"
        for row in ROWS
    )
    + "</t:table></o:spreadsheet></o:body></o:document>"
)

NOTED_ODS = FLAT_ODS.replace(
    "<x:p>张三", "<o:annotation><d:creator xmlns:d='dc'>王</d:creator><x:p>已转学</x:p></o:annotation><x:p>张三"
)


def biff(begin: bytes, codepage: bytes = b"") -> bytes:
    """Records of old Excel as programs of reports write them: no styles, texts in GBK."""
    found = begin + codepage
    for row, cells in enumerate(ROWS):
        for column, cell in enumerate(cells):
            text = cell.encode("gbk")
            found += struct.pack("<6H", 0x204, 8 + len(text), row, column, 0, len(text)) + text
    return found + struct.pack("<2H", 0x0A, 0)


FILES = {
    "GB18030 with a mark, in quotes": b"\x84\x31\x95\x33" + lines(quote='"').encode("gb18030"),
    "two marks, in quotes": codecs.BOM_UTF8 * 2 + lines(quote='"').encode(),
    "UTF-32 without a mark": lines(";").encode("utf-32-le"),
    "UTF-32 the other way": lines("|").encode("utf-32-be"),
    "a stray nought byte": lines().replace("张三", "张\0三").encode(),
    "lines parted as Unicode has it": lines().replace("\r\n", "\u2028").encode(),
    "a page in a mail whose kind comes first": f"Content-Type: multipart/related; boundary=x\r\nMIME-Version: 1.0\r\n\r\n"
    f"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{TABLE}\r\n--x--\r\n".encode(),
    "blanks between": lines("   ").encode("gbk"),
    "says GB2312, is UTF-8": f'<meta charset="gb2312">{TABLE}'.encode(),
    "says UTF-8, is GBK": f'<meta charset="utf-8">{TABLE}'.encode("gbk"),
    "says Latin 1, is GBK": f'<meta charset="iso-8859-1">{TABLE}'.encode("gbk"),
    "a page laid out by tables": f"<table><tr><td>某校<td><b>名单</b></tr><tr><td colspan=2>{TABLE}</table>".encode(),
    "a small table in a cell": TABLE.replace("张三", "<table><tr><td>张三</td></tr></table>").encode(),
    "a head that nobody closes": f"<html><head><title>名单</title><body>{TABLE}".encode(),
    "cells to the end of the table": TABLE.replace("<td>5</td>", "<td rowspan=0>5</td>", 1)
    .replace("<td>5</td>", "", 1).encode(),
    "orders for sorting that nobody sees": TABLE.replace("张三", "<span hidden>0<span>1</span></span>张三<br hidden>")
    .replace("李四", '<i style="display: none">2</i>李四').encode(),
    "fields of a form": SELECTS.encode(),
    "XML 2003": xml_2003(PLAIN_XML).encode(),
    "XML 2003 in GB2312": xml_2003(PLAIN_XML, "gb2312").encode("gbk"),
    "XML 2003 with notes": xml_2003(NOTED_XML).encode(),
    "flat OpenDocument": FLAT_ODS.encode(),
    "flat OpenDocument with notes": NOTED_ODS.encode(),
    "flat OpenDocument with a text box": FLAT_ODS.replace(
        "<x:p>张三", '<d:frame xmlns:d="draw"><d:text-box><x:p>印章</x:p></d:text-box></d:frame><x:p>张三'
    ).encode(),
    "BIFF of no version": biff(struct.pack("<6H", 0x809, 8, 0, 0x10, 0, 0)),
    "BIFF2": biff(struct.pack("<4H", 9, 4, 2, 0x10)),
    "BIFF2 with its code page": biff(struct.pack("<4H", 9, 4, 2, 0x10), struct.pack("<3H", 0x42, 2, 936)),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_all_kinds_are_read_alike(kind: str) -> None:
    reading = read(FILES[kind])
    assert (taken(reading), codes(reading)) == (BOTH, [])


def test_files_of_two_encodings_that_were_joined_are_refused_with_the_line() -> None:
    joined = f"姓名,身份证号\n张三,{FIRST}\n".encode("gbk") + f"李四,{SECOND}\n".encode()
    with pytest.raises(BadTable) as caught:
        read(joined)
    assert (caught.value.code, caught.value.data["line"]) == ("table.two_encodings", 3)


def test_a_row_parted_by_blanks_that_lacks_a_cell_is_refused_whole() -> None:
    short = lines("  ").replace("高一  5", "5", 1)
    reading = read(short.encode())
    assert taken(reading) == BOTH[1:]
    assert {code for _, _, code in codes(reading)} == {"roster.blanks_between"}


def test_an_empty_result_is_one_in_xml_2003_and_a_broken_number_costs_its_row() -> None:
    formula = 'ss:Formula="=R1C1"'
    broken = data("x", kind="Number")
    for cell, code in (
        (data("", formula), ""),
        (f"<Cell {formula}/>", "roster.formula_without_value"),
        (broken, "roster.cell_broken"),
    ):
        reading = read(xml_2003(PLAIN_XML.replace(data("5"), cell, 1)).encode())
        assert codes(reading) == ([(2, "D", code)] if code else [])


@pytest.mark.parametrize("content", [NOTED_XML, NOTED_ODS])
def test_a_note_is_told_with_its_place_and_is_no_part_of_the_cell(content: str) -> None:
    (sheet,) = read((xml_2003(content) if content is NOTED_XML else content).encode()).sheets
    assert sheet.comments == ["A2 改过名" if content is NOTED_XML else "A2 已转学"]


def test_who_is_struck_through_is_told() -> None:
    rows = PLAIN_XML.replace("<Row>", '<Row ss:StyleID="s1">').replace('s1">', 's0">', 1)
    style = '<Styles><Style ss:ID="s1"><Font ss:StrikeThrough="1"/></Style></Styles>'
    (sheet,) = read(xml_2003(rows, book=style).encode()).sheets
    assert sheet.struck_rows == [2, 3]
    style = '<s:style xmlns:s="style" s:name="ce1"><s:text-properties s:text-line-through-style="solid"/></s:style>'
    struck = FLAT_ODS.replace("<o:body>", f"{style}<o:body>").replace(
        "<t:table-cell><x:p>李", '<t:table-cell t:style-name="ce1"><x:p>李'
    )
    (sheet,) = read(struck.encode()).sheets
    assert sheet.struck_rows == [3]


@pytest.mark.parametrize("place", ['<Row ss:Index="1">', '<Row><Cell ss:Index="2"/><Cell ss:Index="1"/>'])
def test_a_row_or_cell_that_goes_back_in_xml_2003_covers_nothing_up(place: str) -> None:
    with pytest.raises(BadTable) as caught:
        read(xml_2003(PLAIN_XML[::-1].replace("<Row>"[::-1], place[::-1], 1)[::-1]).encode())
    assert caught.value.code == "table.bad_cell"


def test_rows_that_one_row_stands_for_are_counted_and_hidden_ones_told() -> None:
    hidden = PLAIN_XML.replace("<Row>", '<Row ss:Span="3">', 1).replace("<Row>", '<Row ss:Hidden="1">', 1)
    (sheet,) = read(xml_2003(hidden).encode()).sheets
    assert sheet.hidden_rows == [5]
    (sheet,) = read(TABLE.replace("<tr>", "<tr hidden>").replace("<tr hidden>", "<tr>", 1).encode()).sheets
    assert sheet.hidden_rows == [2, 3]


def test_plain_numbers_of_days_are_not_guessed_in_a_workbook_that_counts_from_1904() -> None:
    rows = f"<Row>{''.join(map(data, [*HEAD[:2], '出生日期']))}</Row>"
    rows += f"<Row>{data('张三')}{data(FIRST)}{data('37985', kind='Number')}</Row>"
    rows += f"<Row>{data('李四')}{data(SECOND)}{data('2008-01-01T00:00:00', kind='DateTime')}</Row>"
    reading = read(xml_2003(rows, book="<ExcelWorkbook><Date1904/></ExcelWorkbook>").encode())
    assert codes(reading) == [(2, "C", "roster.days_since_1904")]
    assert [row["birth_text"] for row in reading.rows] == ["20080101"]


def test_a_second_list_under_other_names_loses_nobody_and_a_veiled_column_contradicts_nobody() -> None:
    beside = f"学生姓名,学生身份证号,班级,考生姓名,考生身份证号\n张三,{FIRST},5,李四,{SECOND}\n张三,{FIRST},5,张三,{FIRST}\n"
    assert codes(read(beside.encode())) == [(2, "D", "roster.second_list")]
    veiled = f"姓名,身份证号,身份证号,班级\n张三,{FIRST[:4]}**********{FIRST[-4:]},{FIRST},5\n"
    assert [row["id_number"] for row in read(veiled.encode()).rows] == [FIRST]


def test_columns_of_grade_and_class_together_and_of_a_guardian_are_understood() -> None:
    together = f"姓名,身份证号,年级/班级,监护人姓名,身份证号\n张三,{FIRST},高一5班,张父,{SECOND}\n"
    reading = read(together.encode())
    assert (taken(reading), codes(reading)) == (BOTH[:1], [])
    assert [use.column for use in reading.columns if not use.field or use.note] == ["D", "E"]
