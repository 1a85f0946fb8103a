"""Rows of a list that are about the list: sums, signatures and notes below it, examples of how it is to be filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kiosk.tables.cell import Cell, shown
from kiosk.tables.cells import half_width, simplified

_EXAMPLE: Final = re.compile(r"[(\[]?(?:填写)?(?:示例|样例|范例|例如|例)(?:[:)\]\d行]|$)|.*[(\[](?:示例|样例|范例|例)[)\]]$")
_FOOTER: Final = re.compile(
    r"(?:合计|总计|小计|共计|总人数|人数|男女?生?:?\d+人)|(?:[本全该](?:班|校|年级))?共[有计]?\d+[人名页]|第\d+页|以下空白|以上(?:空白|共)|"
    r"(?:制表|填表|填报|审核|复核|校对|校长|班主任|年级主任|教务主任|主任|负责人|经办|联系人|联系电话|学校|单位|日期|时间|说明|填表说明|备注)"
    r"(?:人|者|单位|日期|时间)?(?:[:(]|签字|签名|签章|盖章|\d|$)|(?:注|附|附注)(?:[:\d]|意)|.*(?:签字|签名|签章|盖章)[:)_]*$|"
    r"(?:班级|年级|班别):_*$|20\d\d年\d{1,2}月(?:\d{1,2}日)?$"
)
# How a column is to be filled in, as templates have it below their header: 必填, 如：张三, 格式：YYYY-MM-DD, 18位.
_HINT: Final = re.compile(
    r"必填|选填|不填|必选|可选|填写|格式|文本|汉字|字符|大写|下拉|请选择|请输入|[示样范]例|例[如:]|^如:|不[能可]为空|可以?为空|可空|"
    r"\d位|男/女|[与同]身[份分]证|身[份分]证.*(?:一致|为准)|YYYY|不超过\d|姓名|号码",
    re.IGNORECASE,
)
_SUCH_AS: Final = re.compile(r"^[(\[]?(?:如|例如?|例子|[示样范]例):|^例如")
# What exports of 学籍 systems have below or above their headers: the names of their fields, and what fits into them.
_FIELD_NAME: Final = re.compile(
    r"(?:(?:student|stu|xs|ks)_?)?(?:name|xm)|n?(?:var)?char2?\(\d+\)|[CN]\(\d+\)|文本型?|字符型?", re.IGNORECASE
)
_FIELD_NUMBER: Final = re.compile(
    r"[a-z_]*(?:id|card|sfz|zjh|zjhm)[a-z_]*|n?(?:var)?char2?\(\d+\)|[CN]\(\d+\)|文本型?|字符型?", re.IGNORECASE
)
_GONE: Final = "转出|转走|转学|休学|退学|流失|辍学|离校|死亡"
_DEPARTED: Final = re.compile(rf"(?:以下)?(?:为|是|属)?(?:已)?(?:{_GONE}|毕业)(?:的)?(?:学生|考生|人员|同学|名单|情况)*[:]?")
# What stands beside somebody who has left, or does not sit the exam: 2026.3转学, 已休学, 弃考.
_BESIDE_DEPARTED: Final = re.compile(
    rf"[\d年月日号.\-/]*(?:已|于|正在?)?(?:{_GONE}|开除|弃考|免考|缓考|放弃(?:考试|报考|报名)?|不参加?(?:考试?)?|[不未]报(?:名|考)?)"
    r"(?:学生|生|了|中|手续)?[\d年月日号.\-/]*|[\d年月日号.\-/]*(?:已|于)?(?:转[至往到去]|调往)[^\d入回来]{2,12}"
)
_SITS: Final = re.compile(r"是否(?:报名|报考|参加?考试?|应考|在籍|在校|在读|就读)")
_NOT: Final = frozenset("否 不 不是 N NO × X ✗".split())
_LONGEST_BESIDE: Final = 24  # characters
_DIGITS: Final = re.compile(r"\d{6}")  # a number begins with those of an area
_ORDERS: Final = ("甲乙丙丁戊己庚辛壬癸", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")  # what columns are numbered with, beside digits
_SHORTEST_ORDER: Final = 3  # columns: one number alone could be anything


def is_hint(name: Cell, number: Cell, row: Sequence[Cell]) -> bool:
    """Whether a row directly below a header says how the list is to be filled in, or numbers its columns, beyond doubt: it has
    no person's number, and no name that is not said to be an example."""
    if _is_order(row):
        return True
    said, numbered = (_bare(cell) if type(cell) is str else "" if cell == "" else None for cell in (name, number))
    if said is None or numbered is None:
        return False
    if _FIELD_NAME.fullmatch(said) and _FIELD_NUMBER.fullmatch(numbered):
        return True
    if _SUCH_AS.search(said) or _SUCH_AS.search(numbered):
        return True
    hints = [_HINT.search(said) is not None, _HINT.search(numbered) is not None]
    if _DIGITS.search(numbered) and not hints[1]:
        return False
    return any(hints) and (hints[0] or not said) and (hints[1] or not any(map(str.isalnum, numbered)))


def _is_order(row: Sequence[Cell]) -> bool:
    """Whether cells count the columns: 1 2 3, (1) (2) (3), 甲 乙 丙, A B C."""
    if len(row) < _SHORTEST_ORDER:
        return False
    told = [_bare(shown(cell)).strip("()[]").upper() for cell in row]
    if all(one.isdigit() and len(one) < _SHORTEST_ORDER for one in told):
        first = int(told[0])
        return [int(one) for one in told] == list(range(first, first + len(told)))
    return any("".join(told) in order and all(len(one) == 1 for one in told) for order in _ORDERS)


def is_example(cell: Cell) -> bool:
    """Whether a cell says that its row shows how to fill in the list."""
    return type(cell) is str and "例" in cell and _EXAMPLE.match(_bare(cell)) is not None


def is_of_departed(cell: Cell) -> bool:
    """Whether a line that stands alone says that who follows is gone: 转出学生："""
    return type(cell) is str and _DEPARTED.fullmatch(_bare(cell)) is not None


def says_departed(cell: Cell, header: str) -> str:
    """What a cell beside a student says, where that is that the student is gone or does not sit: 已转学, or 否 below 是否报名;
    else nothing."""
    if type(cell) is not str or len(cell) > _LONGEST_BESIDE:
        return ""
    said = _bare(cell)
    if said.upper() in _NOT and _SITS.search(_bare(header)):
        return f"{_bare(header)[:_LONGEST_BESIDE]}：{said}"
    return said if len(said) > 1 and _BESIDE_DEPARTED.fullmatch(said) else ""


def is_footer(cell: Cell) -> bool:
    """Whether a row that begins with this cell, and has no number, says something about the list."""
    return type(cell) is str and _FOOTER.match(_bare(cell)) is not None


def _bare(text: str) -> str:
    return "".join(simplified(half_width(text)).split())
