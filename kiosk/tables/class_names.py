"""Classes that have a name instead of a number: 实验班, 国际部A班, 艺术1班, 3+2高职班."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 20  # characters: 中英文国际部实验班, and no sentence
_SIGNS: Final = str.maketrans("[【〔〈「]】〕〉」—–_.", "((((()))))--··")
_CHARACTERS: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffffA-Za-z0-9()·+&-]+")
_BEGINNING: Final = re.compile(r"\d\+|[1-9][A-Z]|[^\W\d一二三四五六七八九十]")  # 3+2高职, 4A; others would be numbers
_NO_WORD: Final = re.compile(r"[零百级届第号部年班()\d·+&-]*班?")
_NUMBERED: Final = re.compile(
    r"年级|\d[级届]|\d{3}|[初高][一二三四五六七八九\d]"
)  # a grade, a year, a code: not to be guessed at
# What else stands in a column of classes: that somebody is gone, a stage, what belongs into the column beside it.
_OTHERS: Final = frozenset(
    "休学 转学 退学 毕业 转出 转入 离校 借读 肄业 开除 高中 初中 小学 男 女 是 否 汉 汉族".split()
    + "本班 全班 各班 该班 每班 值班 插班 跟班 编班 分班 转班 调班 TRUE FALSE".split()
)
_NONE: Final = frozenset("无 没有 暂无 - — 未分班 待分班 暂未分班 未编班 待定".split())
_IN_BRACKETS: Final = re.compile(r"\(([^()\d一二三四五六七八九十]+)\)(?=班)|^\(([^()\d一二三四五六七八九十]+)\)")
_ORDER: Final = re.compile(r"(.+?)班?(?<!\d)(?:\(([一二三四五六七八九])\)|\(?0?([1-9]\d?)\)?)班?")  # 艺术(1)班, 艺术班1
_LETTER: Final = re.compile(r"(?<![A-Za-z])[a-z](?![A-Za-z])")
_BEHIND: Final = re.compile(r"\(?([A-Z])\)?")  # 实验班(A)
_GROUPS: Final = ("班", "部", "组", "系", "队", "级")


def is_none(text: str) -> bool:
    """Whether the words for no class stand there."""
    return text in _NONE


def class_name(text: str) -> str:
    """One name for what is written in several ways: 实验 is 实验班, 艺术(1)班 and 艺术班1 are 艺术1班.

    Empty for what could be a number or a grade, says that somebody has no class, or is no name at all.
    """
    text = _IN_BRACKETS.sub(r"\1\2", text.translate(_SIGNS))
    if len(text) > _LONGEST or text in _OTHERS or text.count("班") > 1:
        return ""
    if not _CHARACTERS.fullmatch(text) or not _BEGINNING.match(text) or _NO_WORD.fullmatch(text) or _NUMBERED.search(text):
        return ""
    text = _LETTER.sub(lambda found: found[0].upper(), text)
    if match := _ORDER.fullmatch(text):
        order = match[3] or str("一二三四五六七八九".index(match[2]) + 1)
        return f"{match[1]}{order}班" if not match[1].endswith("+") else f"{text.removesuffix('班')}班"
    before, word, behind = text.partition("班")
    if behind:
        letter = _BEHIND.fullmatch(behind)
        return f"{before}{letter[1]}{word}" if letter else ""
    return text if text.endswith(_GROUPS) else f"{text}班"
