"""Lists as real schools have them, kind by kind: each with what is taken, what is refused with its place, and what is told."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import openpyxl
import pytest

from kiosk.errors import ExchangeError
from kiosk.records import ClassKey
from kiosk.tables.roster import read_roster
from kiosk.tables.titles import title_of
from tests.exchange.conftest import number

Rows = tuple[str, ...]
Change = Callable[[Any], None]
Content = Callable[[], bytes]


def cells(row: str) -> list[str | None]:
    """`甲 #1 _ 高一~班`: a cell for each word; #1 is the first number, _ an empty cell, ~ a blank within a cell."""
    return [
        None if word == "_" else number(int(word[1:])) if word[0] == "#" and word[1:].isdigit() else word.replace("~", " ")
        for word in row.split()
    ]


def book(change: Change | None = None, /, **sheets: Rows) -> Content:
    """Makes it when it is asked for."""
    return partial(_made, change, sheets)


def _made(change: Change | None, sheets: dict[str, Rows]) -> bytes:
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name.replace("_", " "))
        for row in rows:
            page.append(cells(row))
    if change is not None:
        change(made.worksheets[0])
    made.save(file)
    return file.getvalue()


def one(*rows: str, change: Change | None = None) -> Content:
    return book(change, 名单=rows)


def text(*rows: str, encoding: str = "utf-8", divider: str = ",", end: str = "\n") -> bytes:
    return end.join(divider.join(cell or "" for cell in cells(row)) for row in rows).encode(encoding)


def page(charset: str, encoding: str, *rows: str) -> bytes:
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells(row))}</tr>" for row in rows)
    return f"<html><meta charset={charset}><table>{lines}</table>".encode(encoding)


def put(**values: object) -> Change:
    """Puts values into cells; a pair is a value and its number format."""

    def change(page: Any) -> None:
        for place, value in values.items():
            page[place], form = value if isinstance(value, tuple) else (value, None)
            page[place].number_format = form or page[place].number_format

    return change


def merged(*areas: str) -> Change:
    def change(page: Any) -> None:
        for area in areas:
            page.merge_cells(area)

    return change


@dataclass(frozen=True)
class Read:
    """`students`: name, grade, class (and more, where a case is about it); `problems`: row, column, code."""

    students: list[str]
    problems: list[str]
    warnings: list[str]
    sheets: list[dict[str, Any]]
    columns: list[dict[str, Any]]


def read(content: bytes | Content, more: tuple[str, ...] = (), name: str = "名单.xlsx") -> Read:
    told: dict[str, list[Any]] = defaultdict(list)
    for piece in read_roster(io.BytesIO(content if isinstance(content, bytes) else content()), name, {}):
        for kind, listed in piece.items():
            told[kind] += zip(*listed, strict=True) if kind == "students" else listed
    students = [dict(zip(told["fields"], student, strict=True)) for student in told["students"]]
    return Read(
        [" ".join(one.get(name) or "_" for name in ("name", "grade", "class_name", *more)) for one in students],
        [f"{row} {column} {message[0].removeprefix('roster.')}" for _, row, column, _, message, _ in told["problems"]],
        [f"{row} {message[0].removeprefix('roster.')}" for _, row, _, _, message, _ in told["warnings"]],
        told["sheets"],
        told["columns"],
    )


H = "序号 姓名 性别 身份证号 年级 班级"
A, B, C = "1 甲 男 #1 高一 1", "2 乙 女 #2 高一 1", "3 丙 男 #3 高一 1"
ABC = "甲 高一 1|乙 高一 1|丙 高一 1"
NAMED = "姓名 身份证号"
BIG = ("序號 姓名 性別 身份證號 年級 班級", "1 張偉 男 #1 高一年級 實驗班", "2 陳麗 女 #2 高一年級 2班")
ZH_HK = "張偉 高一 实验班|陳麗 高一 2"
ID = number(4)
NOTED = (
    "李四（转学） 王五* 周八~休学 赵六~女 李娜-转学 班长~李娜 李娜~女~汉 李娜~汉族 李娜~3班 （李娜） 李娜） 李娜…… ★李娜 "
    "李娜【借读 李娜、王五 1.李娜 张*丰 女 李娜2 李娜Na 李□ 诸葛~明 张~女 阿卜~·~李 古丽。艾力 学生001"
)

# What is taken, what is refused, what is warned of (beside what these small lists always bring up).
CASES: dict[str, tuple[bytes | Content, str, str, str]] = {
    # Encodings
    "Big5": (text(*BIG, encoding="big5"), ZH_HK, "", "2 class_named"),
    "Big5 with tabs": (text(*BIG, encoding="big5", divider="\t", end="\r"), ZH_HK, "", "2 class_named"),
    "Big5-HKSCS": (text(BIG[0], "1 何𨋢峯 男 #1 高一 1", encoding="big5hkscs"), "何𨋢峯 高一 1", "", ""),
    "traditional in GB18030": (text(*BIG, encoding="gb18030"), ZH_HK, "", "2 class_named"),
    "traditional in UTF-16 without a mark": (text(*BIG, encoding="utf-16-le"), ZH_HK, "", "2 class_named"),
    "a page in Big5 that says GB2312": (page("gb2312", "big5", *BIG), ZH_HK, "", "2 class_named"),
    "a page in GBK that says Big5": (page("big5", "gbk", H, A, B, C), ABC, "", ""),
    "a BOM in the middle": (text(H, A, encoding="utf-8-sig") + b"\n" + text(B, C, encoding="utf-8"), ABC, "", ""),
    # Classes
    "classes with names": (
        one(H, "1 甲 男 #1 高一 实验班", "2 乙 女 #2 高一 实验", "3 丙 男 #3 高一 国际部A班", "4 丁 女 #4 高一 艺术（1）班"),
        "甲 高一 实验班|乙 高一 实验班|丙 高一 国际部A班|丁 高一 艺术1班", "", "2 class_named|4 class_named|5 class_named"),
    "names with their grade": (
        one(f"{NAMED} 班级", "甲 #1 高三补习班", "乙 #2 高一民族班", "丙 #3 某中学高一3班", "丁 #4 2026级5班"),
        "甲 高三 补习班|乙 高一 民族班|丙 高一 3|丁 2026级 5", "", "2 class_named|3 class_named"),
    "a remark about the class": (
        one(H, "1 甲 男 #1 高一 1班（借读）", "2 乙 女 #2 高一 1(实验)班", "3 丙 男 #3 高一 1"), ABC, "",
        "2 class_remark|3 class_remark"),
    "one class of two campuses": (
        one(f"{NAMED} 班级", "甲 #1 南校区高一1班", "乙 #2 北校区高一（1）班", "丙 #3 北校区高一2班"),
        "甲 高一 1|乙 高一 1|丙 高一 2", "", "3 class_of_two_schools"),
    "one class of two schools with a column for them": (
        one(f"{NAMED} 班级 学校", "甲 #1 第一中学高一1班 第一中学", "乙 #2 第二中学高一1班 第二中学"),
        "甲 高一 1|乙 高一 1", "", ""),
    "no class yet": (one(H, A, "2 乙 女 #2 高一 未分班", "3 丙 男 #3 高一 无"), "甲 高一 1|乙 高一 _|丙 高一 _", "",
        "3 class_missing|4 class_missing"),
    "what is no class": (
        one(H, "1 甲 男 #1 高一 休学", "2 乙 女 #2 高一 5、6班", "3 丙 男 #3 高一 1-2", "4 丁 女 #4 高一 K0001",
        "5 戊 男 #5 高一 高一", "6 己 女 #6 高一 0302"),
        "", "2 F class_number|3 F class_number|4 F class_number|5 F class_number|6 F class_number|7 F class_number", ""),
    "numbers and days as classes": (
        one(H, A, B, C, change=put(F2=1.0, F3=1.5, F4=(46024, "m月d日"))), "甲 高一 1", "3 F class_number|4 F became_date", ""),
    "a truth as a class": (one(H, A, B, change=put(F2=True)), "乙 高一 1", "2 F class_number", ""),
    "both 班级 and 行政班": (one(f"{H} 行政班 教学班", f"{A} 1 3"), "甲 高一 1", "", ""),
    "a class merged over its rows": (
        one(H, A, "2 乙 女 #2 _ _", "3 丙 男 #3 _ _", change=merged("E2:E4", "F2:F4")), ABC, "", ""),
    "a class in its first row only": (
        one(H, A, "2 乙 女 #2 _ _"), "甲 高一 1|乙 _ _", "", "3 class_missing|3 grade_missing"),
    "grades in several writings": (
        one(H, "1 甲 男 #1 高一年级 1", "2 乙 女 #2 高中一年级 1", "3 丙 男 #3 高~1 1"), ABC, "", ""),
    "a grade that some lack": (one(f"{NAMED} 班级", "甲 #1 高一1班", "乙 #2 1班"), "甲 高一 1|乙 _ 1", "", "3 grade_missing"),
    # Titles
    "a title for each class": (
        one("高一（1）班~花名册", NAMED, "甲 #1", "乙 #2", "高一（2）班~花名册", NAMED, "丙 #3"),
        "甲 高一 1|乙 高一 1|丙 高一 2", "", ""),
    "titles merged over the list": (
        one("高一（1）班~花名册 _ _", f"{NAMED} 性别", "甲 #1 男", "高一（2）班 _ _", f"{NAMED} 性别", "乙 #2 女",
        change=merged("A1:C1", "A4:C4")),
        "甲 高一 1|乙 高一 2", "", ""),
    "titles with all that stands in one": (
        one("某市某中学2026—2027学年度第一学期高一年级（12）班学生花名册（共52人）", NAMED, "甲 #1", "高一3班~班主任：王老师",
        "乙 #2"),
        "甲 高一 12|乙 高一 3", "", ""),
    "a title for the grade, and one for each class": (
        one("高一年级学生花名册", "1班", NAMED, "甲 #1", "2班", NAMED, "乙 #2"), "甲 高一 1|乙 高一 2", "", ""),
    "grade and class behind their labels": (
        one("某中学学生名单", "年级：高一~~班级：(1)班~~班主任：王老师~~人数：45", NAMED, "甲 #1",
        "班级：2~年级：高一~人数：46", NAMED, "乙 #2", "班级：高一（3）班", "丙 #3"), "甲 高一 1|乙 高一 2|丙 高一 3", "", ""),
    "labels with cells of their own": (
        one("班级 高一(1)班 _ 班主任 王老师", "序号 姓名 身份证号 性别 备注", "1 甲 #1 男 _", "2 乙 #2 女 _",
        "学校 某中学 年级： 高一 班级： 2班 人数 45", "序号 姓名 身份证号 性别 备注", "1 丙 #3 男 _"),
        "甲 高一 1|乙 高一 1|丙 高一 2", "", ""),
    "labels above lists side by side": (
        one("班级 高一1班 班级 高一2班", f"{NAMED} {NAMED}", "甲 #1 乙 #2"), "甲 高一 1|乙 高一 2", "", ""),
    "labels with nothing behind them": (
        one("年级：高一 班级： 班主任：", NAMED, "甲 #1", "班级：____ 班主任签字：",
        "班级：__~班主任签字：__", "乙 #2"), "甲 高一 _|乙 高一 _", "", ""),
    "a grade and its class in cells of their own": (
        one("高一年级 1班 花名册", f"{NAMED} 性别", "甲 #1 男"), "甲 高一 1", "", ""),
    "a title for the grade on each page": (
        one("高一年级学生花名册", "1班", NAMED, "甲 #1", "高一年级学生花名册", NAMED, "乙 #2", "高一年级学生花名册", "2班",
        NAMED, "丙 #3"),
        "甲 高一 1|乙 高一 1|丙 高一 2", "", ""),
    "grades that come again": (
        one("高一年级", "1班", NAMED, "甲 #1", "高二年级", NAMED, "乙 #2", "高一年级", NAMED, "丙 #3"),
        "甲 高一 1|乙 高二 _|丙 高一 _", "", "7 class_missing|10 class_missing"),
    "titles of classes with names": (
        one("高一实验班花名册", NAMED, "甲 #1", "高一国际部A班花名册", NAMED, "乙 #2"),
        "甲 高一 实验班|乙 高一 国际部A班", "", "3 class_named|6 class_named"),
    "a title that does not say which class": (
        one("高一（1）班", NAMED, "甲 #1", "高一（2）（3）班", NAMED, "乙 #2", "高一（4）班", "丙 #3"),
        "甲 高一 1|丙 高一 4", "6 A title_unclear", ""),
    "titles above lists side by side": (
        one("高一（1）班 _ 高一（2）班", f"{NAMED} {NAMED}", "甲 #1 乙 #2"), "甲 高一 1|乙 高一 2", "", ""),
    "columns that change places below a new header": (
        one("高一（1）班", f"{NAMED} 性别", "甲 #1 男", "高一（2）班", "序号 姓名 性别 身份证号（18位）", "1 乙 女 #2"),
        "甲 高一 1|乙 高一 2", "", ""),
    "a header of two rows for each class": (
        one("高一（1）班", "序号 姓名 证件 _", "_ _ 证件类型 身份证号", "1 甲 居民身份证 #1", "高一（2）班", "序号 姓名 证件 _",
            "_ _ 证件类型 身份证号", "1 乙 居民身份证 #2"), "甲 高一 1|乙 高一 2", "", ""),
    "a column of classes goes before titles": (
        one("高一（1）班", f"{NAMED} 班级", "甲 #1 5", "乙 #2 _"), "甲 高一 5|乙 高一 _", "", "4 class_missing"),
    "a student without a number beside a class": (
        one("高一（1）班", f"{NAMED} 备注", "甲 #1 _", "乙 _ 高一2班", "丙 #3 _"), "甲 高一 1|丙 高一 1", "4 B cell_empty", ""),
    "a sheet for each class": (book(高一1班=(NAMED, "甲 #1"), 高一2班=(NAMED, "乙 #2")), "甲 高一 1|乙 高一 2", "", ""),
    "a sheet for each grade": (book(高一=(f"{NAMED} 班级", "甲 #1 1"), 高二=(f"{NAMED} 班级", "乙 #2 1")),
        "甲 高一 1|乙 高二 1", "", ""),
    "a sheet for each class, and the grade above its list": (
        book(**{"3班": ("高一年级学生花名册", NAMED, "甲 #1"), "4班": ("高一年级学生花名册", NAMED, "乙 #2"),
        "高二5班": ("高一年级", NAMED, "丙 #3")}), "甲 高一 3|乙 高一 4|丙 高一 _", "", "3 class_missing"),
    "a guardian's name and number under the same headers": (
        one(f"{NAMED} 班级 监护人 {NAMED}", f"甲 #1 高一1班 父亲 张大 {number(51)}", f"乙 #2 高一1班 母亲 李大 {number(52)}"),
        "甲 高一 1|乙 高一 1", "", ""),
    "lists side by side with a guardian in each": (
        one(f"{NAMED} 监护人 {NAMED} 监护人", "甲 #1 张大 乙 #2 李大"), "甲 _ _|乙 _ _", "", ""),
    "which of three numbers, nobody can tell": (
        one("姓名 父亲 身份证号 母亲 身份证号 班级 身份证号", f"甲 张大 {number(51)} 李大 {number(52)} 高一1班 #1"), "",
        "2 E twin_columns", ""),
    "a parent's number": (
        one(f"{H} 考生类别", "1 甲 男 630103197001010512 高一 1 在校", "2 乙 女 630103197001010520 高一 1 社会考生",
        f"{C} _"), ABC, "", "2 birth_unlikely"),
    "a guardian under other headers": (
        one(f"{NAMED} 监护人 学生姓名 身份证号码", f"甲 #1 父亲 张大 {number(51)}"), "甲 _ _", "", ""),
    "another student behind a telephone": (
        one(f"{NAMED} 家长电话 学生姓名 身份证号码", "甲 #1 13900000000 乙 #2"), "", "2 D second_list", ""),
    "lists side by side with a telephone in the first": (
        one(f"{NAMED} 家长电话 {NAMED}", "甲 #1 13900000000 乙 #2"), "甲 _ _|乙 _ _", "", ""),
    "a list of all beside classes": (
        book(总表=(H, A, B), 高一1班=(NAMED, "甲 #1", "丙 #3")), "甲 高一 1|乙 高一 1|丙 高一 1", "", "2 repeated"),
    "in the list of all and in another class": (
        book(总表=(H, A), 高一2班=(NAMED, "甲 #1")), "", "2 F contradictory|2 A contradictory", ""),
    "a header of as many rows as its names are merged over": (
        one("序号 姓名 身份证号 学籍 _", "_ _ _ 编班 _", "_ _ _ 现在 _", "_ _ _ 年级 班级", "1 甲 #1 高一 1",
            change=merged("A1:A4", "B1:B4", "C1:C4", "D1:E1", "D2:E2", "D3:E3")), "甲 高一 1", "", ""),
    "a guardian's columns below a word of their own": (
        one("学生 _ _ 监护人 _", "姓名 身份证号 班级 姓名 身份证号", "甲 #1 1 乙 #2",
            change=merged("A1:C1", "D1:E1")), "甲 _ 1", "", ""),
    "a guardian's columns, nothing merged": (
        one("学生 _ _ 监护人 _", "姓名 身份证号 班级 姓名 身份证号", "甲 #1 1 乙 #2"), "甲 _ 1", "", ""),
    "the student's own number before a householder's": (
        one("学生姓名 学生身份证号 户主姓名 身份证号", "甲 #1 乙 #2"), "甲 _ _", "", ""),
    "headers that say whose they are, and with stars": (
        one("★学生本人姓名 考生身份证件号码 学生所在年级 班级☆", "甲 #1 高一 1"), "甲 高一 1", "", ""),
    "two columns with different numbers": (
        one("姓名 身份证号 身份证号码（核对）", "甲 #1 #1", "乙 #2 #3"), "甲 _ _", "3 C two_numbers", ""),
    # What stands around
    "a line above those who are gone": (
        one(H, A, "转出学生：", B, "高一（2）班", "1 丙 男 #3 高一 2"), "甲 高一 1|乙 高一 1|丙 高一 2", "", "4 below_heading"),
    "the same line in the column of names": (
        one(H, A, "_ 休学学生 _ _ _ _", B), "甲 高一 1|乙 高一 1", "", "4 below_heading"),
    "signatures in the columns of names and numbers, and rows that wait for a student": (
        one(H, A, "2 _ _ _ 高一 1", "填表人：李四 _ _ 审核人：王五", "班主任： 张老师", "_ _ _ 教务处（盖章）",
            "填表人：李四 _ _ 联系电话：13800000000"), "甲 高一 1", "", ""),
    "sums, signatures, days": (
        one(H, A, B, C, "合计 3", "制表人：张三 _ 审核人：李四", "_ 班主任签字：", "_ 2026年9月1日", "注：不含借读生",
        "第1页 共1页"), ABC, "", ""),
    "sums under the numbers": (one(f"{NAMED} 性别", "甲 #1 男", "合计 1 _", "总人数 1人 _"), "甲 _ _", "", ""),
    "sums between classes": (
        one("高一（1）班", f"{NAMED} 性别", "甲 #1 男", "合计 _ 1人", "高一（2）班", f"{NAMED} 性别", "乙 #2 女", "总计：2~人"),
        "甲 高一 1|乙 高一 2", "", ""),
    "examples of how to fill in": (
        one(H, "示例 张三 男 #9 高一 1", "例 李四 女 #8 高一 2", "1 王五（示例） 男 #7 高一 3", A), "甲 高一 1", "", ""),
    "a name with that character": (one(H, "1 王例 男 #1 高一 1"), "王例 高一 1", "", ""),
    "somebody without a number whose row begins with a word": (
        one(f"备注 {NAMED}", "_ 甲 #1", "说明：补录 乙 _"), "甲 _ _", "3 C cell_empty", ""),
    "empty rows, and the header on each page": (one("花名册", H, A, "_", "_", B, "花名册", H, C), ABC, "", ""),
    "a header after a long introduction": (one(*["说明"] * 25, H, A), "甲 高一 1", "", ""),
    "notes in the header": (
        one("序号 姓名（与身份证一致） 性别（男/女） 身份证号码（18位，末位X大写） 年级（如高一） 班级（填数字）", A),
        "甲 高一 1", "", ""),
    "rows of numbers and of hints below the header": (
        one(H, "1 2 3 4 5 6", "_ 必填 必填 必填 选填 选填", "_ _ 男/女 18位 _ _", "_ XM XBM SFZJH NJ BJ",
            "N(4) C(50) C(1) C(18) C(10) C(10)", "_ 如：张三 男 630103200801010015 高一 1",
            "_ 与身份证一致 _ 文本格式，末位X大写 _ _", A, H, "甲 乙 丙 丁 戊 己", B),
        "甲 高一 1|乙 高一 1", "", ""),
    "what is below the header and could be a student, or is not below it": (
        one(H, "_ 必填 男 #4 高一 1", "_ 张三 男 必填 高一 1", "_ _ 男 身份证待补 高一 1", A, "_ 王五 男 18位 高一 1",
            "_ 与身份证一致 男 18位 高一 1"),
        "甲 高一 1", "2 B no_person_name|3 D idnumber.length|4 B cell_empty|4 D idnumber.length|6 D idnumber.length|"
        "7 D idnumber.length", ""),
    # Numbers
    "blanks, apostrophes and letters in numbers": (
        one(H, *(f"1 {name} 男 {said} 高一 1" for name, said in (
            ("甲", f"{ID[:6]}~{ID[6:14]}~{ID[14:]}"), ("乙", f"'{number(5)}"), ("丙", f"\xa0{number(3)}\u200b".lower()))),
            change=put(D2=f"\u3000{number(1)[:6]}\xa0{number(1)[6:]} ")), ABC, "", ""),
    "full-width digits": (one(H, f"1 甲 男 ６３０１０３{number(1)[6:]} 高一 １班"), "甲 高一 1", "", ""),
    "words around a number": (one(H, f"1 甲 男 身份证：{ID} 高一 1", f"2 乙 女 {ID}。 高一 1"), "",
        "2 D idnumber.length|3 D idnumber.length", ""),
    "two numbers in one cell": (one(H, A, change=put(D2=f"{number(1)}\n{number(2)}")), "", "2 D idnumber.length", ""),
    "fifteen digits": (one(H, "1 甲 男 630103080101001 高一 1"), "", "2 D first_generation_number", ""),
    "numbers that Excel took for values": (
        one(H, A, "2 乙 女 6.30103E+17 高一 1", "3 丙 男 630103200801010000 高一 1", change=put(D2=630103200801010013)), "",
        "2 D number_lost_digits|3 D number_lost_digits|4 D digits_became_zeros", ""),
    "name and number in each other's column": (one(H, "1 #1 男 甲 高一 1"), "", "2 B no_person_name|2 D idnumber.length", ""),
    "sex and birth against the number": (
        one(f"{H} 出生日期", "1 甲 女 #1 高一 1 2008-01-01", "2 乙 女 #2 高一 1 2008.1.2"), "甲 高一 1|乙 高一 1", "",
        "2 sex_against_number|3 birth_against_number"),
    "days that nobody can read": (
        one(f"{H} 出生日期", f"{A} 08.1.1", f"{B} 2008年1月", f"{C} 1/1/2008"), "",
        "2 G date_shape|3 G date_shape|4 G date_shape", ""),
    "the same student twice": (one(H, A, A, B), "甲 高一 1|乙 高一 1", "", "3 repeated"),
    "the same student in two classes": (one(H, A, "1 甲 男 #1 高一 2", B), "乙 高一 1", "2 F contradictory|3 F contradictory",
        ""),
    "one number, two names": (one(H, A, "2 乙 男 #1 高一 1"), "", "2 D duplicate_number|3 D duplicate_number", ""),
    # Names
    "names in merged cells are one student's": (
        one(H, A, "_ _ 女 #2 高一 1", change=merged("B2:B3")), "甲 高一 1", "3 B cell_empty", ""),
    "names set apart": (one(H, A, change=put(B2="甲\u3000一")), "甲一 高一 1", "", ""),
    "names with what belongs elsewhere": (
        one(H, *(f"1 {name} _ #{at} 高一 1" for at, name in enumerate(NOTED.split(), 1))),
        "李娜2 高一 1|李娜Na 高一 1|李□ 高一 1|诸葛明 高一 1|张女 高一 1|阿卜·李 高一 1|古丽·艾力 高一 1|学生001 高一 1",
        f"{'|'.join(f'{row} B name_with_note' for row in range(2, 18))}|18 B name_masked|19 B no_person_name",
        "20 odd_name|21 odd_name|22 odd_name|27 odd_name"),
    "names of nobody, and what somebody is called": (
        one(H, "1 测试 男 #1 高一 1", "2 学生姓名 女 #2 高一 1", "3 王小明同学 男 #3 高一 1"), "王小明同学 高一 1",
        "2 B no_person_name|3 B no_person_name", "4 odd_name"),
    # Columns that may be empty
    "formulas": (one(H, A, B, C, change=put(F2="=1+0", F3="#N/A", D4="=A1")), "",
        "2 F formula_without_value|3 F formula_error|4 D formula_without_value", ""),
    "a second list under other headers": (
        one(f"{NAMED} 学生姓名 身份证号码", "甲 #1 乙 #2", "丙 #3 _ _"), "丙 _ _", "2 C second_list", ""),
}  # fmt: skip

# The same with one more field: what is kept of it.
MORE: dict[str, tuple[bytes | Content, str, str, str]] = {
    "dashes and words for nothing": (
        one(f"{H} 学籍号", "1 甲 - #1 高一 1 无", "2 乙 / #2 高一 1 —", "3 丙 未知 #3 高一 1 暂无"), "student_number sex",
        "甲 高一 1 _ _|乙 高一 1 _ _|丙 高一 1 _ _", ""),
    "a word for nothing beside real values": (
        one(f"{H} 民族 科类", f"{A} 无 无", f"{B} 漢族 理科", f"{C} 穿青人 -"), "ethnicity stream",
        "甲 高一 1 _ _|乙 高一 1 汉 理科|丙 高一 1 其他 _", ""),
    "an unknown value beside known ones": (
        one(f"{H} 科类", f"{A} 理科", f"{B} 物理类"), "stream", "甲 高一 1 理科", "3 G choice"),
    "zeros that the format shows": (
        one(f"{H} 考籍号", f"{A} _", f"{B} _", change=put(G2=(123, "00000000"), G3=(12345678, "00000000"))),
        "registration_number",
        "甲 高一 1 00000123|乙 高一 1 12345678", ""),
    "long numbers as values": (
        one(f"{H} 考号", f"{A} _", f"{B} 2.63E+11", f"{C} 20260000001.0", change=put(G2=20260000001)), "exam_number",
        "甲 高一 1 20260000001", "3 G number_lost_digits|4 G point_zero"),
    "numbers that change columns below a new header": (
        one("高一（1）班", f"{NAMED} 考籍号 学籍号", "甲 #1 K1 G1", "高一（2）班", f"{NAMED} 学籍号 考籍号", "乙 #2 G2 K2"),
        "registration_number student_number", "甲 高一 1 K1 G1|乙 高一 2 K2 G2", ""),
    "a school's own numbers are no 学籍号": (
        one(f"{H} 学籍辅号 学号", f"{A} 20260001 1"), "student_number", "甲 高一 1 _", ""),
    "headers by other names": (
        one("真实姓名 有效身份证件号码 现年级 所在行政班 国网学籍号 学考考籍号 族别", "甲 #1 高一 1班 G1 K1 藏"),
        "student_number registration_number ethnicity", "甲 高一 1 G1 K1 藏", ""),
    "documents by other names": (
        one("姓名 证件类型 身份证号", "甲 户口簿 #1", "乙 港澳居民來往內地通行證 H12345678",
        "丙 臺灣居民來往大陸通行證 12345678", "丁 出生证明 P530001234"),
        "document_type", "甲 _ _ 1|乙 _ _ 6|丙 _ _ 8", "5 B choice"),
}  # fmt: skip

_ALWAYS = ("class_of_one", "class_gap", "not_enrolled")


@pytest.mark.parametrize(
    ("said", "grade", "class_name"),
    [
        ("某市某某中学2026-2027学年第一学期高一（3）班学生花名册", "高一", "3"), ("班级：高一（3）班", "高一", "3"),
        ("某某中学2026年学业水平考试报名表（高二3班）", "高二", "3"), ("高二年级学业水平考试考生花名册（3班）", "高二年级",
        "3"),
        ("某某中学高二（3）班2026年普通高中学业水平合格性考试考籍注册花名册", "高二", "3"),
        ("花名册（高二实验班）", "高二", "实验班"), ("高二5班（转入）", "高二", "5"), ("高二5班（转入）名单", "高二", "5"),
        ("以下为高一（2）班学生", "高一", "2"), ("高一年级各班花名册", "高一年级", ""),
        ("2026年高二年级学业水平考试报名汇总表", "高二年级", ""),
        ("2025-2026学年第二学期 2026年某省学业水平考试 高二(3)班", "高二", "3"), ("某某中学高二年级 期末考试 3班", "高二年级",
        "3"),
        ("高一 (3) 班 学 生 花 名 册", "高一", "3"), ("高一3班 男20人 女25人", "高一", "3"), ("三班名单", "", "3"),
        ("高一（3）班花名册（续）", "高一", "3"), ("高一3班（共45人） 班主任：李老师", "高一", "3"), ("2026级5班学生名单",
        "2026级", "5"),
        ("2026年秋季高一新生花名册", "高一", ""), ("2026届高三毕业班学生花名册", "高三", ""), ("高三補習班學生名冊", "高三",
        "补习班"),
        ("某某中学高中部高二年级5班学籍花名册", "高二年级", "5"),
        *((said, None, None) for said in (
            "报名表（共3个班）", "高一新生花名册(1-20班)", "高一1班 高一2班 花名册", "1班 高一2-3班", "某校高二年级 3班",
            "高一1班名单（高一2班）", "高一花名册（高二3班）", "年级：高一 班级：高二3班", "以上为高一年级 3班",
            "高一1班（2班合并）",
            "某中学学生花名册", "高一1班、2班名单", "高一（1）（2）班", "高一1-5班", "高一、高二花名册", "值班表", "插班生",
        "制表人：张三",
            "班主任签字：", "本班共45人", "张老师班", "高一（4 班花名册", "以上为高一3班", "第 2 页", "合计 45 人", "总表",
        "Sheet1")),
    ],
)  # fmt: skip
def test_what_a_title_says_of_grade_and_class(said: str, grade: str | None, class_name: str | None) -> None:
    found = title_of(said)
    assert (found and found.grade, found and found.class_name) == (grade, class_name)


def test_who_does_not_sit_is_told_by_what_stands_beside_them() -> None:
    said = "已转学 2026.9转至一中 不参加考试 放弃报名 缓考 转出中 转入 在读 转学回来 走读".split()
    rows = [f"{at} 甲{at} 男 #{at} 高一 1 {words}" for at, words in enumerate(said, 1)]
    use = read(one(f"{H} 备注", *rows)).sheets[0]
    assert (use["gone_rows"], use["gone_words"]) == ([2, 3, 4, 5, 6, 7], said[:6])
    rows = [f"{at} 甲{at} 男 #{at} 高一 1 {words}" for at, words in enumerate("是 否 不报 ×".split(), 1)]
    use = read(one(f"{H} 是否报名", *rows)).sheets[0]
    assert (use["gone_rows"], use["gone_words"]) == ([3, 4, 5], ["是否报名：否", "不报", "是否报名：×"])
    assert read(one(f"{H} 是否住校", *rows)).sheets[0]["gone_rows"] == [4]


@pytest.mark.parametrize(
    ("name", "sheets", "students"),
    [
        ("高一（3）班花名册.xlsx", {"Sheet1": (NAMED, "甲 #1")}, "甲 高一 3"),
        ("高一3班名单(1) - 副本.xlsx", {"Sheet1": (NAMED, "甲 #1")}, "甲 高一 3"),
        ("某某中学高一3班_20261103最终版.xlsx", {"Sheet1": (NAMED, "甲 #1")}, "甲 高一 3"),
        (
            "高一年级花名册.xlsx",
            {"1班": (NAMED, "甲 #1"), "2班": ("高一年级", NAMED, "乙 #2"), "Sheet3": (f"{NAMED} 班级", "丙 #3 5")},
            "甲 高一 1|乙 高一 2|丙 高一 5",
        ),
        (
            "高一3班.xlsx",
            {"Sheet1": ("高一年级学生名单", NAMED, "甲 #1"), "高一4班": (NAMED, "乙 #2"), "高二": (NAMED, "丙 #3")},
            "甲 高一 3|乙 高一 4|丙 高二 _",
        ),
        ("高一3班.xlsx", {"Sheet1": (f"{NAMED} 年级 班级", "甲 #1 高二 _")}, "甲 高二 _"),
        ("高一1、2班.xlsx", {"Sheet1": (NAMED, "甲 #1")}, "甲 _ _"),
        ("名单.xlsx", {"Sheet1": (NAMED, "甲 #1")}, "甲 _ _"),
    ],
)
def test_the_names_of_file_and_sheet_are_titles(name: str, sheets: dict[str, tuple[str, ...]], students: str) -> None:
    assert read(book(**sheets), name=name).students == split(students)


def test_a_title_that_leaves_open_which_class_it_is_is_told() -> None:
    titles = ("某中学花名册", "高一1-3班", "年级：高二 班级：1、2班", "高一分班名单")
    told = ("2：高一1-3班", "3：班级：1、2班")
    assert read(one(*titles, NAMED, "甲 #1")).sheets[0]["unclear_titles"] == list(told)
    assert read(one(*titles, f"{NAMED} 班级", "甲 #1 1")).sheets[0]["unclear_titles"] == []
    assert read(one(*titles, "班级：4", NAMED, "甲 #1")).sheets[0]["unclear_titles"] == []


def test_classes_with_names_stand_behind_the_numbers() -> None:
    names = ["实验班", "10", "2", "2026301", "", "国际部A班"]
    assert sorted(names, key=lambda name: ClassKey("", "高一", name).order) == ["", "2", "10", "2026301", "国际部A班", "实验班"]


def split(said: str) -> list[str]:
    return list(filter(None, said.split("|")))


@pytest.mark.parametrize("kind", CASES)
def test_a_list_is_read_rightly_or_refused_with_its_place(kind: str) -> None:
    content, students, problems, warnings = CASES[kind]
    found = read(content)
    assert found.students == split(students)
    assert found.problems == split(problems)
    assert sorted(one for one in found.warnings if one.split()[1] not in _ALWAYS) == sorted(split(warnings))
    for sheet in found.sheets:
        parts = ("above", "header", "students", "repeated_headers", "hints", "blank")
        assert sheet["rows"] == sum(sheet[part] for part in parts)


@pytest.mark.parametrize("kind", MORE)
def test_a_field_is_read_rightly_or_refused_with_its_place(kind: str) -> None:
    content, fields, students, problems = MORE[kind]
    found = read(content, tuple(fields.split()))
    assert (found.students, found.problems) == (split(students), split(problems))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (text(H, A, encoding="gbk") + b"\n" + text(*BIG, encoding="big5"), "table.two_encodings"),
        ("張偉,陳麗".encode("big5") + b",\xff\xff", "table.encoding"),
        ("马超,李娜".encode("gbk"), "table.encoding_unsure"),
    ],
)
def test_a_text_of_which_nobody_can_tell_the_encoding_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        read(content, name="名单.csv")
    assert caught.value.code == code


def test_encodings_titles_and_columns_that_move_are_told() -> None:
    (sheet,) = read(text(*BIG, encoding="big5")).sheets
    assert sheet["encoding"] == "Big5"
    moved = read(
        one("高一（1）班", f"{NAMED} 性别 备注", "甲 #1 男 x", "高一（2）班", "姓名 性别 身份证号 备注", "乙 女 #2 y")
    ).columns
    assert [(use["column"], use["field"], use["cells"]) for use in moved] == [
        *(("A", "name", 0), ("B", "id_number", 0), ("B", "sex", 0), ("C", "sex", 0), ("C", "id_number", 0), ("D", "", 2)),
    ]
    (sheet,) = read(CASES["a title for each class"][0]).sheets
    assert sheet["titles"] == [[1, "高一（1）班 花名册", "高一", "1", 2], [5, "高一（2）班 花名册", "高一", "2", 1]]
    assert read(CASES["a sheet for each class"][0]).sheets[0]["titles"] == [[0, "高一1班", "高一", "1", 1]]
