"""学生信息 in words: what a list says and what taking it would do, an item as it was and is told, and who contradicts it."""

from __future__ import annotations

from kiosk.exchange import RowProblem
from kiosk.exchange.particulars import ITEMS, Difference
from kiosk.exchange.particulars_sheets import shown
from kiosk.office.particulars import ParticularsPreview, Unmatched
from kiosk.office.plan_words import PlanWords
from kiosk.words import say, say_message, say_parts


def particulars_in_words(language: str, seen: ParticularsPreview, *, most: int) -> PlanWords:
    """What a list says and what taking it would do; of each kind the first `most`. Warnings have the place: row and column."""
    reading = seen.reading
    counts = {
        "read": len(reading.rows) + reading.refused,
        "matched": seen.matched,
        "changed": len(seen.changes),
        "items": sum(len(one.items) for one in seen.changes),
    }
    lines = [say(language, "particulars.summary", **counts)]
    for change in seen.changes[:most]:
        told = say_parts(language, (change_in_words(language, *one) for one in change.items.items()))
        lines.append(f"{change.group} {change.student.name}：{told}".strip())
    if len(seen.changes) > most:
        lines.append(say(language, "particulars.more", count=len(seen.changes) - most))
    unmatched, problems = len(seen.unmatched), reading.problem_count
    left = [*(_row(language, one) for one in seen.unmatched[:most]), *(_cell(language, one) for one in reading.problems[:most])]
    doubted = [_cell(language, one) for one in reading.warnings[:most]]
    warnings = (
        *_section(
            language, say(language, "particulars.left", unmatched=unmatched, problems=problems), left, unmatched + problems
        ),
        *_section(language, say(language, "particulars.doubted", count=reading.warning_count), doubted, reading.warning_count),
        *(say_message(language, one) for one in reading.overlooked),
    )
    return PlanWords(tuple(lines), warnings)


def _section(language: str, head: str, lines: list[str], count: int) -> list[str]:
    """What is told under a head, and how much more of it there is."""
    more = [say(language, "particulars.more", count=count - len(lines))] if count > len(lines) else []
    return [head, *lines, *more] if lines else []


def change_in_words(language: str, field: str, values: tuple[str, str]) -> str:
    """An item as it was and as it is told."""
    before, after = (shown(ITEMS.column(field), value) or "—" for value in values)
    told = f"{before} → {after}" if values[0] else after
    return f"{say(language, f'item.{field}')}：{told}"


def difference_in_words(language: str, one: Difference) -> str:
    """Where who filled it in is contradicted, by whom, and what goes out."""
    rule = ITEMS.column(one.field)
    values = {"filled_in": shown(rule, one.filled_in), "counts": shown(rule, one.counts)}
    code = "particulars.chip_says" if one.of_chip else "particulars.roster_says"
    return say(language, code, item=say(language, f"item.{one.field}"), **values)


def _row(language: str, one: Unmatched) -> str:
    return say(language, "particulars.row", sheet=one.sheet, row=one.row, name=one.name) + say_message(language, one.message)


def _cell(language: str, one: RowProblem) -> str:
    place = say(language, "cli.roster_row", row=one.row, column=one.column, value=one.value)
    return f"{place}{say_message(language, one.message)}"
