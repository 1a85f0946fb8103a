"""Rows of a list that are about the list: sums, signatures and notes below it, examples of how it is to be filled in."""

from __future__ import annotations

import re
from typing import Final

from kiosk.tables.cell import Cell
from kiosk.tables.cells import half_width, simplified

_EXAMPLE: Final = re.compile(r"[(\[]?(?:填写)?(?:示例|样例|范例|例如|例)(?:[:)\]\d行]|$)|.*[(\[](?:示例|样例|范例|例)[)\]]$")
_FOOTER: Final = re.compile(
    r"(?:合计|总计|小计|共计|总人数|人数|男女?生?:?\d+人)|共\d+[人名页]|第\d+页|以下空白|以上(?:空白|共)|"
    r"(?:制表|填表|填报|审核|复核|校对|校长|班主任|年级主任|教务主任|主任|负责人|经办|联系人|联系电话|学校|单位|日期|时间|说明|填表说明|备注)"
    r"(?:人|者|单位|日期|时间)?(?:[:(]|签字|签名|签章|盖章|\d|$)|(?:注|附|附注)(?:[:\d]|意)|.*(?:签字|签名|签章|盖章)[:)]*$|"
    r"20\d\d年\d{1,2}月(?:\d{1,2}日)?$"
)


def is_example(cell: Cell) -> bool:
    """Whether a cell says that its row shows how to fill in the list."""
    return type(cell) is str and _EXAMPLE.match(_bare(cell)) is not None


def is_footer(cell: Cell) -> bool:
    """Whether a row that begins with this cell, and has no number, says something about the list."""
    return type(cell) is str and _FOOTER.match(_bare(cell)) is not None


def _bare(text: str) -> str:
    return "".join(simplified(half_width(text)).split())
