"""Mends what can be mended in a cell without guessing, and says why when it can't."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Final

from kiosk import areas, idnumber
from kiosk.codes import ETHNICITY
from kiosk.records import Message, with_dots
from kiosk.substitute import is_substitute
from kiosk.tables import classes
from kiosk.tables.cell import EXACT_BELOW, Cell, Shown, Spoilt, shown
from kiosk.tables.class_names import is_none

_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_HAN: Final = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN: Final = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")

_POINT_ZERO: Final = re.compile(r"^(\d+)\.0$")  # what programs make of numbers in a column with gaps
_ALIGNED: Final = 4  # characters: longer names are not padded
_STANDING_FOR: Final = re.compile("[\u2e80-\u2fd5\uff21-\uff3a\uff41-\uff5a]")  # radicals, full-width letters
_NO_PERSONS: Final = frozenset(
    "无 没有 暂无 未知 不详 待定 待补 同上 空缺 必填 选填 男 女 null none nan undefined".split()
    + "姓名 学生姓名 考生姓名 某某 某某某 测试 测试学生 测试考生 示例 样例".split()  # left of a template or of a trial
)
_LONGEST_NOTHING: Final = 8  # characters, with blanks around them
# Beside a name: remarks in brackets, marks, numbers, and after a blank a word about the student. What stands for a character
# that nobody could type (□ 〓 ? and private ones) belongs to the name; so may digits that tell namesakes apart.
_REMARK: Final = re.compile(r"[(\[{〔〈《【「『].*?(?:[)\]}〕〉》】」』]|$)")
_NAMED: Final = re.compile("[\u3005\u3007\u3400-\u9fff\ue000-\ufaff\U00020000-\U0010ffff·•.?□〓\ufffd]+")
_VEILED: Final = re.compile(r"[^\W\d_]\*+[^\W\d_]|^\*+\w|^\w\*+$")
_BESIDE: Final = re.compile(r"^\d+[.、 ]| \d+(?:\D|\d{4})|\.{2}|[)\]}〕〉》】」』*#★☆◆◇●○◎▲△※√×✓✔+&/\\|,;:、，；!=<>~^@%$]")
STATES: Final = tuple("休学 转学 退学 复学 借读 转出 转入 留级 缺考 请假 病假 毕业 寄读".split())
_ABOUT: Final = frozenset(
    {
        *STATES,
        *"男 女 男生 女生 新生 老生 插班 班长 副班长 团员 组长 复读 应届 往届 走读 住校 住读 寄宿 体育生 艺术生 特长生".split(),
    }
)
_PEOPLES: Final = frozenset({*(f"{one}族" for one in ETHNICITY.values()), *(one for one in ETHNICITY.values() if len(one) > 1)})
_APART: Final = re.compile(r"[\s\-–—…]+")
_QUOTES: Final = "'‘’＇`´\"“”＂"

_DATE: Final = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?|(\d{2})(\d{2}))"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_NUMERALS: Final = "〇○零一二三四五六七八九"
_IN_NUMERALS: Final = re.compile(f"([{_NUMERALS}]{{4}})年([{_NUMERALS}十]{{1,3}}|1)月(?:([{_NUMERALS}十]{{1,3}})[日号])?")
_AS_DIGITS: Final = str.maketrans(_NUMERALS, "000123456789")
_SERIALS: Final = range(3654, 73051)  # Excel's numbers of 1910-01-01 to 2099-12-31
_OF_SERIAL: Final = 5  # digits
_LIKE_YEARS: Final = range(19000, 21000)  # 1952 to 1957; 20081 is rather January 2008
_SERIAL_ZERO: Final = date(1899, 12, 30)  # ECMA-376 18.17.4.1, with Excel's leap day of 1900 taken off

_SEXES: Final = {
    **dict.fromkeys(("男", "1", "男性", "男生", "M", "MALE"), "男"),
    **dict.fromkeys(("女", "2", "女性", "女生", "F", "FEMALE"), "女"),
}
# What would lead out of a folder or hide in a name: grades and classes become names of files and folders.
_NO_NAME: Final = re.compile(r'[/\\:*?"<>|\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|^\.|\.$')


_ZEROS: Final = "000"  # what Excel makes of the digits after the fifteenth
_DATES: Final = (date, time)
_TWO_NUMBERS: Final = re.compile(r"\d \d")
_NO_ORDER: Final = "0000"  # and an order that nobody has: GB 11643 gives them out from 001 on


# ECMA-376 18.17.3, and those of later Excels.
ERRORS: Final = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!"})


class Unreadable(Exception):
    """A cell that can't be taken; `message` says what is wrong."""

    def __init__(self, code: str, /, **data: object) -> None:
        super().__init__(code)
        self.message = Message(code, data)


def plain(cell: Cell) -> str:
    """A cell as text: one line, no blanks around it, no invisible characters, no leading apostrophe; whole numbers as digits.

    Letters stay as they are, compatibility ideographs too: only spaces are made alike. Raises Unreadable for what is no value.
    """
    if isinstance(cell, str):
        return cell if cell.isalnum() else _one_line(cell)
    if isinstance(cell, Spoilt):
        raise Unreadable(cell.message.code, **cell.message.data)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        if not abs(cell) < EXACT_BELOW:  # nor is NaN
            raise Unreadable("roster.number_lost_digits")
        if isinstance(cell, Shown) and cell.text is None:
            raise Unreadable("roster.number_format")
        return shown(cell if isinstance(cell, Shown) else float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return str(cell)


def _one_line(cell: str) -> str:
    if not cell.isprintable():  # blanks other than the usual one, controls, invisible characters
        spaced = "".join(" " if char.isspace() else char for char in cell)
        cell = "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    cell = " ".join(cell.strip().removeprefix("'").split())
    if cell.startswith("#") and cell in ERRORS:  # as text, in files that came from a workbook
        raise Unreadable("roster.formula_error", error=cell)
    return cell


# What headers, codes' words, grades and classes are written with in 港澳台; names stay as they are.
_TRADITIONAL: Final = str.maketrans(
    "證號級別學類統編碼標識稱監護準來內臺灣陸區無應屆會簽漢滿維爾鮮壯歷語戶體術實驗國際數電話關係備註歲聯繫現狀態親屬點結場師專業課種單處縣門讀層導補習複復藝"
    "廣東龍試報績給審覆檢閱屬職農冊樂運動競賽選擇優進創強飛資訊與計劃設見務長總員團隊組畢轉經濟醫衛術財會",
    "证号级别学类统编码标识称监护准来内台湾陆区无应届会签汉满维尔鲜壮历语户体术实验国际数电话关系备注岁联系现状态亲属点结场师专业课种单处县门读层导补习复复艺"
    "广东龙试报绩给审复检阅属职农册乐运动竞赛选择优进创强飞资讯与计划设见务长总员团队组毕转经济医卫术财会",
)


def simplified(text: str) -> str:
    """Words in simplified characters, as the rules have them: 班級 is 班级."""
    return text if text.isascii() else text.translate(_TRADITIONAL)


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as half-width ones (for codes and numbers, never for names)."""
    return unicodedata.normalize("NFKC", text)


def name(cell: Cell) -> str:
    """A person's name: blanks that only align two characters (`张　三`) go, those between Latin words, or where a dot should be
    in a long name, stay; dots are U+00B7, radicals (out of a PDF) and full-width letters the characters that they stand for."""
    return _name_of(plain(cell))


def _name_of(text: str) -> str:
    text = _STANDING_FOR.sub(lambda found: half_width(found[0]), text)
    if text.isalnum():
        return text
    return with_dots(_BETWEEN_HAN.sub("", text) if len(text) - text.count(" ") <= _ALIGNED else text)


def said(cell: Cell) -> str:
    """The text of a header's or a title's cell with its lines, or nothing when it is no text."""
    try:
        return "\n".join(line for line in map(plain, cell.splitlines()) if line) if isinstance(cell, str) else plain(cell)
    except Unreadable:
        return ""


def person_name(cell: Cell) -> str:
    """The name of whom a list is about: there is one, with letters in it."""
    written = plain(cell)
    if not written.isalpha() and (found := _note_beside(half_width(written))) is not None:
        raise Unreadable("roster.name_with_note", name=found[0], note=found[1])
    text = _name_of(written)
    if text and (text.casefold() in _NO_PERSONS or not (text.isalpha() or any(map(_is_letter, text)))):
        raise Unreadable("roster.no_person_name")
    return text


def _note_beside(text: str) -> tuple[str, str] | None:
    """A Chinese name and what else stands in its cell, `张三` and `（转学）`; None where it is nothing but the name."""
    parts = list(filter(None, _APART.split(text)))
    for at, part in enumerate(parts):
        others = "".join(parts[:at]) or "".join(parts[at + 1 :])
        if len(others) > 1 and (part in _ABOUT or part in _PEOPLES):
            return others, part
    if _VEILED.search(text):
        raise Unreadable("roster.name_masked")
    bare = _REMARK.sub(" ", text)
    runs = [*_NAMED.findall(bare), *_NAMED.findall(text)]
    found = next((one for one in runs if any(map(_is_han, one))), "").strip(".")
    if not found or not (bare != text or _BESIDE.search(text)):
        return None
    return found, text.replace(found, "", 1).strip()


def _is_han(char: str) -> bool:
    return char == "〇" or ("\u3400" <= char <= "\u9fff") or char >= "\U00020000"


def _is_letter(char: str) -> bool:
    """A letter, or what stands for one that no font has."""
    return char.isalpha() or unicodedata.category(char) == "Co"


def code(cell: Cell) -> str:
    """A number or code that is not calculated with: half-width, without blanks, and without quotation marks around it."""
    if isinstance(cell, _DATES):
        raise Unreadable("roster.became_date")
    text = plain(cell).strip(_QUOTES)
    if not text.isascii() or " " in text:
        text = half_width(text).replace(" ", "")
    if ("E" in text or "e" in text) and _SCIENTIFIC.fullmatch(text):
        raise Unreadable("roster.number_lost_digits")
    if "." in text and _POINT_ZERO.fullmatch(text):
        raise Unreadable("roster.point_zero")
    return text


def digits(cell: Cell) -> str:
    """A code that consists of digits only."""
    text = code(cell)
    if text and not text.isdigit():
        raise Unreadable("roster.digits_only")
    return text


def id_number(cell: Cell) -> str:
    """An 18-character citizen number, upper case; raises Unreadable with the rule that it breaks."""
    number = code(cell).upper().replace("-", "")
    if _MASKED.search(number):
        raise Unreadable("roster.number_masked")
    if len(number) == 15 and number.isdigit():
        raise Unreadable("roster.first_generation_number")
    if fault := idnumber.problem(number):
        raise Unreadable("roster.other_document" if _OF_OTHERS.fullmatch(number) else f"roster.{fault}")
    return number


def resident_number(cell: Cell) -> str:
    """An ID number, or a number by the rule for students without one; empty for an empty cell."""
    if type(cell) is str and idnumber.problem(cell) is None and not cell.endswith(_NO_ORDER):
        return cell  # as nearly all are; all that follows is for the others
    if cell == "" or (isinstance(cell, str) and not plain(cell)):
        return ""
    try:
        number = id_number(cell)
    except Unreadable:
        number = code(cell) if isinstance(cell, str) else ""
        if is_substitute(number):
            return number
        if len(number) == 18 and number.endswith(_ZEROS):
            raise Unreadable("roster.digits_became_zeros") from None
        raise
    if number.endswith(_NO_ORDER):
        raise Unreadable("roster.digits_became_zeros")
    return number


_NOTHING: Final = frozenset({"", "无", "没有", "暂无", "-", "—", "/", "0"})
_MASKED: Final = re.compile(r"[*•●]|XX")
# Where a resident's number should be: that of a passport, of a permit, or words for none.
_OF_OTHERS: Final = re.compile(r"[A-Z]{1,3}\d{6,12}|\d{8}|\d{10}|无|無|没有|暂无|NULL|NONE|-|—|/|0")
_HONG_KONG, _MACAO, _TAIWAN, _FOREIGN, _PASSPORT, _OTHER, _EITHER = "6", "7", "8", "9", "A", "Z", "港澳"
# 港澳居民来往内地通行证: a letter for the place and 8 or 10 digits; residence permits: 18 characters beginning with 81, 82, 83.
# 外国人永久居留身份证 of 2023: 18 characters beginning with 9, checked like a citizen's number.
_PLACES: Final = {"H": _HONG_KONG, "81": _HONG_KONG, "M": _MACAO, "82": _MACAO, "83": _TAIWAN, "9": _FOREIGN}
_PERMIT: Final = re.compile(r"[HM]\d{8}(\d{2})?")
_OF_DOCUMENTS: Final = re.compile(r"[A-Z0-9][A-Z0-9()/.\-]*")
_LOST_ZERO: Final = re.compile(r"\d{7}|\d{9}")  # 台湾居民来往大陆通行证 has 8 digits, the old one 10


def document_number(cell: Cell, kind: str) -> tuple[str, str]:
    """The number of another document, and the code of its kind: an empty one where the kind allows for none at all (其他).

    Raises Unreadable for none, or one that it can't have.
    """
    number = code(cell).upper()
    if number in _NOTHING:
        if kind == _OTHER:
            return "", kind
        raise Unreadable("roster.no_document_number")
    if _MASKED.search(number):
        raise Unreadable("roster.number_masked")
    if not _OF_DOCUMENTS.fullmatch(number):
        raise Unreadable("roster.document_characters")
    place = _PLACES.get(number[:1]) or _PLACES.get(number[:2], "")
    if len(number) == 18 and kind != _OTHER:
        return _of_citizens_form(number, kind, place)
    if kind == _TAIWAN and _LOST_ZERO.fullmatch(number):
        raise Unreadable("roster.permit_of_taiwan")
    if kind != _EITHER:
        return number, kind
    if place not in (_HONG_KONG, _MACAO) or not _PERMIT.fullmatch(number):
        raise Unreadable("roster.permit_number")
    return number, place


def kind_of_permit(number: str) -> str:
    """The code of the document that a sound number of a citizen's form is of, where that is none of a citizen: a residence
    permit; empty for all others."""
    if number[:1] == "9":
        return "" if number[4:6] == "00" else _FOREIGN  # it could be a school's substitute
    return _PLACES.get(number[:2], "")


def _of_citizens_form(number: str, kind: str, place: str) -> tuple[str, str]:
    """18 characters: a residence permit, checked as such, and of the kind that is said; or, by mistake, a citizen's number."""
    if place and kind != _PASSPORT:
        number = id_number(number)
        if kind == place or (kind == _EITHER and place != _FOREIGN):
            return number, place
    if place or kind == _EITHER or idnumber.problem(number) is None:
        raise Unreadable("roster.document_of_other_kind")
    return number, kind


# A code beside its word, as the notices print them: `A-护照`, `1 男`, `01汉族`, `护照（A）`.
_CODE_FIRST: Final = re.compile(r"([0-9A-Za-z]{1,3})(?:[ \-–—_:.、/|]+|(?=[^0-9A-Za-z]))([^0-9A-Za-z\W].*)")
_WORD_FIRST: Final = re.compile(r"(.*[^0-9A-Za-z\W])[ \-–—_:.、/|(]+([0-9A-Za-z]{1,3})\)?")


def code_and_word(text: str) -> tuple[str, str] | None:
    """Both parts of a half-width text that has a code beside its word; None for anything else."""
    if match := _CODE_FIRST.fullmatch(text):
        return match[1].upper(), match[2].strip()
    match = _WORD_FIRST.fullmatch(text)
    return (match[2].upper(), match[1].strip()) if match else None


def sex(cell: Cell) -> str:
    """`男` or `女`."""
    text = half_width(plain(cell)).upper()
    both = code_and_word(text)
    said = {_SEXES.get(one) for one in both or (text,)}
    if text and (None in said or len(said) > 1):
        raise Unreadable("roster.sex")
    return said.pop() or ""


_SHORT_FOR: Final = {
    "维": "维吾尔",
    "蒙": "蒙古",
    "朝": "朝鲜",
    "鲜": "朝鲜",
    **dict.fromkeys(("穿青人", "穿青", "革家人", "僜人", "夏尔巴人", "未识别民", "未识别"), "其他"),  # GB/T 3304: 97
}


def ethnicity(cell: Cell) -> str:
    """The name as GB/T 3304 has it: `藏族` and `04` are `藏`."""
    text = simplified(half_width(plain(cell))).replace(" ", "")
    said = {ETHNICITY.get(one.zfill(2), one.removesuffix("族") or one) for one in code_and_word(text) or (text,)}
    said = {_SHORT_FOR.get(one, one) for one in said}
    known = said.pop()
    if known and (said or known not in ETHNICITY.values()):
        raise Unreadable("roster.ethnicity")
    return known


_SAYS_NOTHING: Final = frozenset(
    {"无", "無", "没有", "暂无", "未知", "不详", "空", "-", "--", "—", "——", "－", "/", "\\", "nan", "null", "none"}
)


def says_nothing(cell: Cell) -> bool:
    """Whether a cell has a word or a sign for nothing."""
    return type(cell) is str and len(cell) <= _LONGEST_NOTHING and cell.strip().casefold() in _SAYS_NOTHING


def is_serial(cell: Cell) -> bool:
    """Whether a cell is a day's number in Excel, as a number or as a text of five digits."""
    number = 0
    if isinstance(cell, str):
        text = half_width(cell).strip()
        number = int(text) if len(text) == _OF_SERIAL and text.isdigit() else 0
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < EXACT_BELOW:
        number = int(cell)
    return number in _SERIALS and number not in _LIKE_YEARS


def day(cell: Cell) -> str:
    """A date as YYYYMMDD, from a date cell, Excel's serial number or one of the usual texts; day and month never guessed."""
    if isinstance(cell, date):
        return cell.strftime("%Y%m%d")
    if is_serial(cell):
        return (_SERIAL_ZERO + timedelta(days=int(float(half_width(str(cell)))))).strftime("%Y%m%d")
    text = _in_digits(half_width(plain(cell)))
    if not text:
        return ""
    match = _DATE.fullmatch(text)
    if match is None:
        raise Unreadable("roster.date_shape")
    year, month, day_of_month = (int(part) for part in match.group(1, 3, 5, 7, 4, 6, 8) if part is not None)
    try:
        return date(year, month, day_of_month).strftime("%Y%m%d")
    except ValueError:
        raise Unreadable("roster.date_unreal") from None


def _in_digits(text: str) -> str:
    """`二〇〇八年十二月三十一日` as 2008年12月31日, 元月 as 1月; everything else as it is."""
    text = text.replace("年元月", "年1月")
    match = _IN_NUMERALS.fullmatch(text)
    if match is None:
        return text
    month_and_day = (f"{classes.value_of(part)}{word}" for part, word in zip(match.groups()[1:], "月日", strict=True) if part)
    return f"{match[1].translate(_AS_DIGITS)}年{''.join(month_and_day)}"


def month(cell: Cell) -> str:
    """A month as YYYYMM (出生年月 `196901`)."""
    if isinstance(cell, date):
        return cell.strftime("%Y%m")
    text = _in_digits(half_width(plain(cell)))
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if is_number and is_serial(cell):
        return day(cell)[:6]
    if is_number and text.endswith(".1"):
        raise Unreadable("roster.month_or_october", month=text)
    match = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})月?", text)
    if match and 1 <= int(match[2]) <= 12:
        return f"{match[1]}{int(match[2]):02d}"
    if _DATE.fullmatch(text):
        return day(text)[:6]
    if text:
        raise Unreadable("roster.month_shape")
    return ""


def grade(cell: Cell) -> str:
    """A grade under one name for each: 高一年级 and 高中一年级 are 高一."""
    text = _label(cell).replace(" ", "")
    found = classes.class_of(text) if text else None
    if found is not None and found[0].isdigit() and (found[1] or "班" in text):
        raise Unreadable("roster.grade_holds_class")
    return classes.grade_name(text)


def class_number(cell: Cell, grade: str = "") -> str:
    """The number of a class, which may not have a name instead: where teachers teach."""
    number = class_and_grade(cell, grade)[0]
    if number and not number.isdigit():
        raise Unreadable("roster.class_number_only")
    return number


def class_and_grade(cell: Cell, grade: str = "") -> tuple[str, str]:
    """The class's number, or the name of one that has none, and the grade that stands before it.

    `05班`, `高一(5)班` in 高一 and `十二班` are numbers, `实验班` is a name; `七五` and `7.5` could be two things.
    """
    text = _class_label(cell)
    text = _POINT_ZERO.sub(r"\1", text.replace(" ", ""))
    if not text or is_none(text):
        return "", ""
    found = classes.class_of(text, grade) or classes.class_of(classes.without_remark(text)[0], grade)
    if found is None:
        raise Unreadable("roster.class_number")
    number, told = found
    if not classes.is_of_grade(told, grade):
        raise Unreadable("roster.class_of_other_grade", grade=grade)
    return number, told


def remark_of_class(cell: Cell, grade: str = "") -> str:
    """What of a cell that holds a class was left out: `借读` of `5班（借读）`; empty for nothing."""
    text = _class_label(cell).replace(" ", "")
    return "" if classes.class_of(text, grade) else classes.without_remark(text)[1]


def school_of_class(cell: Cell) -> str:
    """The school or the campus that a cell with a class names before it, and that is not part of the class."""
    return classes.school_before(_class_label(cell).replace(" ", ""))


def _class_label(cell: Cell) -> str:
    text = _label(cell)
    if _TWO_NUMBERS.search(text):
        raise Unreadable("roster.class_number")
    return text


def _label(cell: Cell) -> str:
    """A name that files and folders can be called by."""
    if isinstance(cell, date):
        raise Unreadable("roster.became_date")
    text = simplified(half_width(plain(cell)))
    if _NO_NAME.search(text) or (isinstance(cell, str) and _NO_NAME.search(cell.strip())):
        raise Unreadable("roster.no_name")
    return text


_AREA: Final = re.compile(r"(\d{6}(?:\d{6})?)(?:[ \-–—_:.、/|(]*(\D+?)\)?)?")


def area(cell: Cell) -> str:
    """行政区划: a code of 6 or 12 digits that the list knows (`630103`, `630103-城中区`), or words for one county only."""
    text = half_width(code(cell) if isinstance(cell, int | float) else plain(cell))
    if not text:
        return ""
    match = _AREA.fullmatch(text)
    if match is None:
        if any(char.isdigit() for char in text):
            raise Unreadable("area.shape")
        found = areas.codes_named(text)
        if not found:
            raise Unreadable("area.words_unknown", as_of=areas.load().as_of)
        if len(found) > 1:
            raise Unreadable("area.words_several", codes="、".join(f"{one} {areas.name_of(one)}" for one in found[:5]))
        match = _AREA.fullmatch(found[0])
        assert match is not None
    fault = areas.problem(match[1])
    if fault is not None:
        raise Unreadable(fault[0], **fault[1])
    if match[2] and (named := areas.codes_named(match[2])) and match[1][: areas.COUNTY] not in named:
        raise Unreadable("area.code_and_words", name=areas.name_of(match[1]))
    return match[1]


_MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_LANDLINE: Final = re.compile(r"(0\d{2,3})?([2-9]\d{6,7})")  # a shorter one that begins with 1 is a mobile that lost digits
_ABROAD: Final = re.compile(r"\+\d{6,15}")


def phone(cell: Cell) -> str:
    """A telephone number of digits: a mobile of 11, a landline with or without its area (`0971-6123456`), `+` and digits."""
    text = re.sub(r"[()\s\-–—]", "", code(cell))
    if not text:
        return ""
    if match := _MOBILE.fullmatch(text):
        return match[1]
    if match := _LANDLINE.fullmatch(text):
        return f"{match[1]}-{match[2]}" if match[1] else match[2]
    if _ABROAD.fullmatch(text):
        return text
    raise Unreadable("roster.phone")


def postcode(cell: Cell) -> str:
    """Six digits; a number cell has lost the nought that it began with."""
    text = code(cell)
    if text and isinstance(cell, int | float):
        text = text.zfill(6)
    if text and not re.fullmatch(r"[0-9]{6}", text):
        raise Unreadable("roster.postcode")
    return text


def email(cell: Cell) -> str:
    """`name@host`."""
    text = code(cell)
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
        raise Unreadable("roster.email")
    return text


def number(cell: Cell) -> str:
    """A number of kilometres, say: `2.5`, also with a unit behind it."""
    text = shown(cell) if isinstance(cell, float) else half_width(plain(cell))
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:公里|千米|km)?", text, re.IGNORECASE)
    if text and match is None:
        raise Unreadable("roster.number")
    return match[1] if match else ""


_LONG_TERM: Final = "长期"
_DAYS: Final = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日?|\d{8}|长期")


def period(cell: Cell) -> str:
    """As an ID card prints it: `2020.01.31-2030.01.31`, `2020.01.31-长期`; a date alone is an end."""
    text = half_width(plain(cell))
    if not text:
        return ""
    if text == _LONG_TERM:
        return text
    dates = _DAYS.findall(text)
    left = re.sub(r"[-–—~至到 ]", "", _without(text, dates))
    if not 1 <= len(dates) <= 2 or left or _LONG_TERM in dates[:-1]:
        raise Unreadable("roster.period")
    days = [one if one == _LONG_TERM else day(one) for one in dates]
    if len(days) == 2 and days[1] != _LONG_TERM and days[0] >= days[1]:
        raise Unreadable("roster.period")
    return "-".join(one if one == _LONG_TERM else f"{one[:4]}.{one[4:6]}.{one[6:]}" for one in days)


def _without(text: str, parts: list[str]) -> str:
    for part in parts:
        text = text.replace(part, "", 1)
    return text
