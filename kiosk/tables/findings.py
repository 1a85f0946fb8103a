"""Reads what was found of students: roll-calls, and the register's check of names and numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, Final

from kiosk.records import name_key
from kiosk.surrogate import NO_NUMBER
from kiosk.tables import answers
from kiosk.tables.rules import load_rules
from kiosk.tables.table import Problem, TableRow, read_table

# What may stand in a roll-call's column, and what is kept.
_ROLL_CALL: Final[Mapping[str, str]] = {
    **dict.fromkeys(("在校", "到", "已到", "到校", "在", "是", "有", "√", "✓", "✔", "☑", "present"), "present"),
    **dict.fromkeys(("请假", "病假", "事假", "excused"), "excused"),
    **dict.fromkeys(
        ("不在校", "在籍不在校", "未到", "不在", "否", "×", "x", "✗", "✘", "空挂", "空挂学籍", "not_here"), "not_here"
    ),
    **dict.fromkeys(("转出", "已转出", "转学", "已转学", "休学", "退学", "离校", "已离校", "毕业", "left"), "left"),
}
_LEFT: Final = frozenset({"离校", "已离校", "left"})  # they say no more than the outcome does; 休学 and 转出 do
_WAITING: Final = frozenset({"", "未点名", "未验证", "待验证", "未核验", "待核验", "验证中"})
_GOOD: Final = ("通过", "一致", "成功", "正确", "匹配", "相符", "无误", "正常", "合格")
_BAD: Final = ("不", "未", "库中无", "无此", "失败", "错误", "异常", "重复")


def read_findings(file: IO[bytes], name: str, of: str, columns: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The task of the reading process. `of`: roll_calls or id_checks. Rows with nothing decided yet are counted only; who has
    no number of any kind is known by the name alone."""
    rules, judge = load_rules(of), _JUDGES[of]
    table = read_table(file, name, rules, columns)
    problems: list[Problem] = list(table.problems)
    first_seen: dict[str, TableRow] = {}
    sound: list[tuple[str, ...]] = []
    waiting = 0
    for row in table.rows:
        number = "" if row["id_number"] == NO_NUMBER else row["id_number"].upper()
        first = first_seen.setdefault(number or name_key(row["name"]), row)
        if not (number or row["name"]):
            problems.append(row.problem("id_number", "roster.cell_empty"))
        elif first is not row:
            place = {"row": first.index + 1, "sheet": first.place.sheet}
            problems.append(row.problem("id_number", "roster.duplicate_number", **place))
        elif row["outcome"] in _WAITING:
            waiting += 1
        elif not (outcome := judge(row["outcome"])):
            problems.append(row.problem("outcome", "roster.outcome_unknown", value=row["outcome"]))
        else:
            told = row["outcome"] if outcome in ("failed", "left") and row["outcome"] not in _LEFT else ""
            note = "；".join(dict.fromkeys(filter(None, (told, row["note"]))))
            sound.append((row["name"], number, outcome, note, row.place.sheet, str(row.index + 1)))
    yield from answers.records("findings", ["name", "id_number", "outcome", "note", "sheet", "row"], sound)
    yield from answers.problems("problems", problems)
    yield {"counts": {"waiting": waiting}}
    yield from answers.uses(table)


def _checked(text: str) -> str:
    """The register says it in its own words: 验证通过, 姓名与身份证号不匹配, 库中无此号."""
    if any(word in text for word in _BAD):
        return "failed"
    return "passed" if any(word in text for word in _GOOD) else ""


_JUDGES: Final[Mapping[str, Callable[[str], str]]] = {
    "roll_calls": lambda text: _ROLL_CALL.get(unicodedata.normalize("NFKC", text).strip().casefold(), ""),
    "id_checks": _checked,
}
