"""Finds the header of a sheet and says which column holds what (同名匹配): own names before synonyms, notes, two rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kiosk.tables.cells import half_width, said, simplified
from kiosk.tables.sheet import Area, Row
from kiosk.tables.titles import labelled

SEARCHED_ROWS: Final = 30
_MOST_HEADER_ROWS: Final = 3
_MOST_MERGED_ROWS: Final = 6  # of a header that a merged cell holds together
_ORNAMENT: Final = re.compile(r"[\s*＊★☆▲△●※:：()（）【】\[\]_\-·.。、/]|必填|选填")
_NOTE: Final = re.compile(r"[(（【\[][^()（）【】\[\]]*[)）】\]]")
_NUMBERED: Final = re.compile(r"\s*(\d{1,2}[.、)）]|[①-⑳])\s*")
# Whose it is, where it can only be the student's: 学生本人身份证号.
_OWN: Final = re.compile(
    r"^(?:(?:学生|考生|学员)(?:本人)?|本人|中文)(?=姓名|名字|身[份分]证|证件|公民|居民|性别|班|年级|所在|就读|民族|出生|生日|学籍|考籍|学校)"
)
_EITHER: Final = re.compile(r"[/／或|]")
# A column about somebody else than the student, whatever else its header says.
_OTHER_PERSON: Final = re.compile("父|母|监护|家长|亲属|联系人|紧急|成员|户主|曾用|英文|拼音|班主任|填表|经办|审核")
_PERSON_ALONE: Final = re.compile(
    "(?:法定|第[一二]|紧急|家庭)?(?:监护人|父亲|母亲|父母|家长|亲属|联系人|户主|成员|主要成员)[一二12]?(?:信息|情况|关系|称谓)?|与(?:学生|考生|本人|监护人)的?关系"
)
_LONGEST_GROUP: Final = 10  # characters: 法定监护人信息
_FAMILY: Final = re.compile("父|母|监护|家长|亲属|成员")
_MOST_KEPT, _LONGEST_KEPT = 10_000, 200  # texts whose meaning is remembered, and their characters
_LOOSER: Final = 1000  # each way of reading a header that is less exact counts after all the exact ones


@dataclass(frozen=True)
class Block:
    """A list within a sheet: which field each of its columns was understood as, and where it stands. Indices count from 0.

    `twins` are further columns with the very same header; `passed_over` those that another column was preferred to. `group`:
    the words that go before its `own` columns where others stand beside them (语文考场, 语文座号, 物理考场 …).
    """

    columns: Mapping[str, int]  # field → column
    twins: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    passed_over: Mapping[int, str] = field(default_factory=dict)  # column → field
    others: frozenset[int] = frozenset()  # of those, what stands behind columns about another person
    theirs: frozenset[int] = frozenset()  # of those, what such a column begins: 监护人 | 姓名 | 身份证号
    group: str = ""
    own: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Header:
    """The rows that a header takes, inclusive, what its columns are called, and the lists below it, from left to right."""

    first: int
    last: int
    titles: Mapping[int, str]  # column → what stands there
    blocks: tuple[Block, ...]
    rows: tuple[Mapping[int, str], ...] = ()  # what stands in each of its rows


class Names:
    """Which field a header means, and how exactly: 0 for a field's own name."""

    def __init__(
        self,
        names: Mapping[str, Sequence[str]],
        grouped: Sequence[str] = (),
        groups: Sequence[str] = (),
        unused: Collection[str] = (),
    ) -> None:
        """`names` has each field's own header and its synonyms, the better ones first, `unused` headers that mean nothing.
        `grouped`: the fields that may come once for each of several groups; `groups`: what is known to be one."""
        self._asked: dict[str, tuple[str, int] | None] = {}
        self._unused = frozenset(map(header_key, unused))
        self._grouped = sorted(
            ((header_key(name), known) for known in grouped for name in names[known]), key=lambda one: -len(one[0])
        )
        self.grouped = frozenset(grouped)
        self._groups = frozenset(map(header_key, groups))
        self._known = {
            header_key(name): (known, rank)
            for known, listed in reversed(list(names.items()))
            for rank, name in reversed(list(enumerate(listed)))
        }

    def meaning(self, title: str) -> tuple[str, int] | None:
        """Field and rank; None when it means none."""
        if len(title) > _LONGEST_KEPT:
            return self._meaning(title)
        if title not in self._asked:
            if len(self._asked) >= _MOST_KEPT:
                self._asked.clear()
            self._asked[title] = self._meaning(title)
        return self._asked[title]

    def _meaning(self, title: str) -> tuple[str, int] | None:
        if header_key(title) in self._unused:
            return None
        for looseness, reading in enumerate(_readings(title)):
            found = self._known.get(header_key(reading))
            if found is not None and (looseness == 0 or not _OTHER_PERSON.search(simplified(title))):
                return found[0], found[1] + looseness * _LOOSER
        return None

    def is_header(self, texts: Iterable[str], wanted: Iterable[str]) -> bool:
        """Whether texts name all the wanted fields."""
        return {meaning[0] for text in texts if (meaning := self.meaning(text)) is not None}.issuperset(wanted)

    def is_group(self, words: str) -> bool:
        """Whether words are known to be a group's."""
        return header_key(words) in self._groups

    def in_group(self, title: str) -> tuple[str, str] | None:
        """The group and the field that a header names together, whichever comes first; None when it names no group."""
        key = header_key(title)
        for name, known in self._grouped:
            for group in (key.removesuffix(name), key.removeprefix(name)):
                if group and group != key:
                    return group, known
        return None

    def is_grouped(self, title: str) -> bool:
        """Whether a header is a field's that may come once for each group."""
        return any(header_key(title) == name for name, _ in self._grouped)


def _readings(title: str) -> Iterator[str]:
    """A header as it stands, without its notes, its first line, one of several names for the same thing."""
    yield title
    bare = _NUMBERED.sub("", _NOTE.sub("", title), count=1)
    yield bare
    yield bare.split("\n")[0]
    parts = _EITHER.split(bare)
    if len(parts) > 1:
        yield parts[0]
        yield parts[-1]
    own = header_key(bare)
    if (shorter := _OWN.sub("", own)) != own:
        yield shorter


def find_header(
    rows: Sequence[Row], names: Names, wanted: Sequence[str], merged: Sequence[Area], within: int = SEARCHED_ROWS
) -> Header | None:
    """The first row, or rows together, that name all wanted fields; None when there is none `within` so many rows."""
    for at, row in enumerate(rows):
        if row.at >= within:
            break
        held = max((area.bottom for area in merged if area.top == row.at), default=row.at) - row.at + 1
        deepest = max(_MOST_HEADER_ROWS, min(held, _MOST_MERGED_ROWS))
        for depth in range(1, deepest + 1):
            if depth > len(rows) - at or (depth > 1 and rows[at + depth - 1].at != row.at + depth - 1):
                break
            if depth > 1 and not _heads_groups(row, names, merged):
                break  # a title above the header
            together = rows[at : at + depth]
            titles = _titles(together, names, merged)
            blocks = _blocks(titles, names, wanted)
            if blocks is None:
                continue
            below = rows[at + depth] if depth < deepest and at + depth < len(rows) else None
            if below is not None and (_goes_on(below, blocks, names, wanted) or _is_held(merged, below.at, blocks[0], wanted)):
                continue
            return Header(row.at, row.at + depth - 1, titles, blocks, tuple(map(_texts, together)))
    return None


def nearest(rows: Sequence[Row], names: Names) -> tuple[int, str]:
    """The row that looks most like a header: its number, and what stands in it. (0, '') when there is none."""

    def known(row: Row) -> int:
        return sum(names.meaning(said(cell)) is not None for cell in row.cells.values())

    best = max((row for row in rows if row.at < SEARCHED_ROWS), key=known, default=None)
    if best is None:
        return 0, ""
    return best.at + 1, "、".join(filter(None, (said(cell).strip()[:20] for cell in list(best.cells.values())[:12])))


def repeats(row: Row, header: Header, block: Block) -> bool:
    """Whether a row says the header again, or one of its rows, as printed lists do on each page."""
    return _texts(row) in header.rows or all(
        said(row.cells.get(column, "")).strip() == header.titles[column].strip() for column in block.columns.values()
    )


def _texts(row: Row) -> dict[int, str]:
    return {column: text for column, cell in row.cells.items() if (text := said(cell).strip())}


def _titles(rows: Sequence[Row], names: Names, merged: Sequence[Area]) -> dict[int, str]:
    """What each column is called: by the lowest row that says something; the words of a group above it go before what alone
    means nothing, or another person."""
    titles = {column: text for column, cell in rows[0].cells.items() if (text := said(cell))}
    for row in rows[1:]:
        above = dict(titles)
        here = Counter(filter(None, map(said, row.cells.values())))
        beside = any(count > 1 and not names.is_grouped(text) for text, count in here.items())  # whole lists stand side by side
        for area in merged:
            if area.top < row.at <= area.bottom + 1 and area.left in above and area.right - area.left < 100:
                above |= dict.fromkeys(range(area.left, area.right + 1), above[area.left])
        group = ""
        for column, cell in sorted(row.cells.items()):
            text = said(cell)
            if text:
                if names.is_grouped(text):  # what stands above the first of a group's columns is above the others
                    group = above.get(column) or (group if names.is_group(group) else "")
                    if group and (names.is_group(group) or (here[text] > 1 and not beside)):
                        titles[column] = f"{group}{text}"
                        continue
                group = above.get(column, "")
                alone = names.meaning(text) is not None and not _OTHER_PERSON.search(group)
                titles[column] = text if alone or not group else f"{group}{text}"
    return titles


def _heads_groups(row: Row, names: Names, merged: Sequence[Area]) -> bool:
    """Whether a row may be the upper one of a header: it names columns, or stands above several of them and says that some are
    about another person (学生信息, 监护人信息)."""
    texts = {column: said(cell) for column, cell in sorted(row.cells.items())}
    if labelled(texts.values()):
        return False  # 班级 | 高一(3)班 | 班主任 | …
    if any(names.meaning(told) or names.is_group(told) for told in texts.values()):
        return True
    above = {area.left for area in merged if area.top <= row.at <= area.bottom and area.right > area.left}
    others = [column for column, told in texts.items() if _OTHER_PERSON.search(told) and len(told) <= _LONGEST_GROUP]
    of_family = all(_FAMILY.search(texts[column]) for column in others)
    return 0 < len(others) < len(texts) and (above.issuperset(others) or (of_family and not merged))


def _is_held(merged: Sequence[Area], below: int, block: Block, wanted: Sequence[str]) -> bool:
    """Whether the cells that name the wanted fields are merged with those of the row below."""
    return all(
        any(area.left <= column <= area.right and area.top < below <= area.bottom for area in merged)
        for column in (block.columns[name] for name in wanted)
    )


def _goes_on(row: Row, blocks: Sequence[Block], names: Names, wanted: Sequence[str]) -> bool:
    """Whether the next row belongs to the header: nothing where the wanted fields stand, names of further fields elsewhere."""
    if any(said(row.cells.get(block.columns[name], "")).strip() for block in blocks for name in wanted):
        return False
    return any(names.meaning(said(cell)) is not None for cell in row.cells.values())


def _blocks(titles: Mapping[int, str], names: Names, wanted: Sequence[str]) -> tuple[Block, ...] | None:
    """The lists that the titles of a row begin: several where all wanted fields come again under the very same names, or where
    each group has columns of its own beside those that all share."""
    if grouped := _groups(titles, names, wanted):
        return grouped
    meanings = [(column, *meaning) for column in sorted(titles) if (meaning := names.meaning(titles[column])) is not None]
    parts: list[list[tuple[int, str, int]]] = [[]]
    for column, known, rank in meanings:
        if any(titles[column] == titles[other] and not _begins_another(titles, other, column) for other, _, _ in parts[-1]):
            parts.append([])
        parts[-1].append((column, known, rank))
    if len(parts) > 1 and not all(set(wanted) <= {known for _, known, _ in part} for part in parts):
        parts = [[entry for part in parts for entry in part]]
    blocks = [_block(part, titles) for part in parts]
    return tuple(blocks) if all(set(wanted) <= set(block.columns) for block in blocks) else None


def _groups(titles: Mapping[int, str], names: Names, wanted: Sequence[str]) -> tuple[Block, ...] | None:
    """A list for each group that has all the wanted fields together with the shared ones; none where the fields stand alone."""
    shared = [(column, *meaning) for column in sorted(titles) if (meaning := names.meaning(titles[column])) is not None]
    alone = {known for _, known, _ in shared}
    groups: dict[str, dict[str, int]] = {}
    for column in sorted(titles):
        if names.meaning(titles[column]) is None and (found := names.in_group(titles[column])) is not None:
            groups.setdefault(found[0], {}).setdefault(found[1], column)
    block = _block(shared, titles)
    blocks = [
        replace(block, columns={**block.columns, **own}, group=group, own=frozenset(own.values()))
        for group, own in groups.items()
        if set(wanted) <= alone | set(own) and not alone & set(own) and (names.is_group(group) or not alone & names.grouped)
    ]
    return tuple(blocks) if blocks and not set(wanted) <= alone else None


def _block(part: Sequence[tuple[int, str, int]], titles: Mapping[int, str]) -> Block:
    columns: dict[str, int] = {}
    twins: dict[str, tuple[int, ...]] = {}
    passed_over: dict[int, str] = {}
    first_of: dict[str, int] = {}
    for column, known, _ in part:
        first_of.setdefault(known, column)
    for column, known, _ in sorted(part, key=lambda one: (_of_another(titles, first_of[one[1]], one[0]), one[2], one[0])):
        first = columns.setdefault(known, column)
        if first == column:
            continue
        # 姓名 | 父亲 | 身份证号 | … | 身份证号: whose the first is, nobody can tell
        doubtful = "name" in first_of and _begins_another(titles, first_of["name"], first)
        if titles[column] == titles[first] and (doubtful or not _of_another(titles, first, column)):
            twins[known] = (*twins.get(known, ()), column)
        else:
            passed_over[column] = known
    others = frozenset(column for column, known in passed_over.items() if _of_another(titles, columns[known], column))
    theirs = frozenset(column for column in others if _begins_another(titles, columns[passed_over[column]], column))
    return Block(columns, twins, passed_over, others, theirs)


def _of_another(titles: Mapping[int, str], first: int, column: int) -> bool:
    """Whether columns about somebody else begin before this one: 身份证号 behind 监护人姓名 is the guardian's."""
    return any(_OTHER_PERSON.search(titles[between]) for between in titles if first < between < column)


def _begins_another(titles: Mapping[int, str], first: int, column: int) -> bool:
    """Whether a column between says no more than who those behind it are about: 监护人 before another 姓名. Where it comes
    again behind them, lists stand side by side."""
    between = {title for at, title in titles.items() if first < at < column and _PERSON_ALONE.fullmatch(header_key(title))}
    return bool(between - {title for at, title in titles.items() if at > column})


def header_key(text: str) -> str:
    """What two spellings of one header have in common."""
    return _ORNAMENT.sub("", simplified(half_width(text))).casefold()
