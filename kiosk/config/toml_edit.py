"""Changes to the text of a settings file that leave everything else as it stands: comments, order, blanks.

A key that stands there as an example (`# folder = "E:/backup"   # …`) is taken into use where it stands, and made an example
again when it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT, InlineTable, Item, Table

from kiosk.config.text import with_plain_paths

_HEADER: Final = re.compile(r"^\s*\[")


def edited(text: str, changes: Mapping[str, Any]) -> str:
    """The text with the values (plain ones of TOML) put under their keys; None takes a key out. `text` must be TOML. Within a
    list of tables a key's path has the table's number: `column.3.header`."""
    text = with_plain_paths(text)
    for path, value in changes.items():
        if value is not None:
            text = _uncommented(text, path)
    document = tomlkit.parse(text)
    emptied = []
    for path, value in changes.items():
        *tables, name = path.split(".")
        if value is None:
            emptied += _take_out(document, tables, name, path)
        else:
            _put(document, tables, name, value)
    text = tomlkit.dumps(document)
    for path in emptied:
        text = _commented(text, path)
    return text


def _put(document: Any, tables: list[str], name: str, value: Any) -> None:
    here = document
    for depth, table in enumerate(tables):
        if not isinstance(here, AoT) and table not in here:
            if isinstance(here, InlineTable) or (depth and (not _holds_tables(here) or _is_dotted(here))):
                here[table] = tomlkit.inline_table()
            else:
                if depth == 0 and len(here):
                    here.add(tomlkit.nl())
                here[table] = tomlkit.table()
        here = _inside(here, table)
    if name in here:
        old = here[name]
        if isinstance(old, Item) and type(old.unwrap()) is type(value) and old.unwrap() == value:
            return
        here[name] = _aligned(_item(value), old)
    elif isinstance(here, Table):
        _add_last(here, name, value)
    else:
        here[name] = _item(value)


def _inside(here: Any, table: str) -> Any:
    """A table within; of a list of tables the one with this number."""
    return here[int(table) - 1] if isinstance(here, AoT) else here[table]


def _item(value: Any) -> Item:
    """A value as it is written: a table of codes in one line."""
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update(value)
        return inline
    item: Item = tomlkit.item(value)
    return item


def _aligned(item: Item, old: Any) -> Item:
    """With its comment in the column where it was."""
    if isinstance(old, Item) and old.trivia.comment:
        longer = len(item.as_string()) - len(old.as_string())
        item.trivia.comment = old.trivia.comment
        item.trivia.comment_ws = " " * max(1, len(old.trivia.comment_ws) - longer)
    return item


def _holds_tables(table: Any) -> bool:
    return any(isinstance(one, Table) for one in table.values()) or not len(table)


def _is_dotted(table: Any) -> bool:
    """Whether tables within it stand as `photo.code = 1`: a header among such lines would take in those below it."""
    return isinstance(table, Table) and any(key is not None and key.is_dotted() for key, _ in table.value.body)


def _add_last(table: Table, name: str, value: Any) -> None:
    """After the last key of a table, and before its blank line and the tables within it."""
    last = next((key for key, one in reversed(list(table.items())) if not isinstance(one, Table)), None)
    if last is None:
        table.add(name, _item(value))
    else:
        table.value._insert_after(last, name, _item(value))


def _take_out(document: Any, tables: list[str], name: str, path: str) -> list[str]:
    """Take a key out of a table within a line; the path of what is to become an example line otherwise."""
    around, listed = [document], False
    for table in tables:
        if not isinstance(around[-1], AoT) and table not in around[-1]:
            return []
        listed = listed or isinstance(around[-1], AoT)
        around.append(_inside(around[-1], table))
    here = around[-1]
    if isinstance(here, InlineTable):
        here.pop(name, None)
        while not len(here) and isinstance(around[-2], InlineTable):  # an empty one says something else than none
            around.pop()
            here = around[-1]
            here.pop(tables[len(around) - 1], None)
        return [] if len(here) or listed else [".".join(tables[: len(around) - 1])]
    if listed and name in here:  # no example for the others of the list
        here.remove(name)
        return []
    return [path] if name in here else []


def _lines_of(text: str, path: str, pattern: str) -> tuple[list[str], int | None, re.Match[str] | None]:
    """The line of a path's own table that matches; `{name}` in the pattern is the key's name."""
    table, _, name = path.rpartition(".")
    lines, here = text.split("\n"), ""
    wanted = re.compile(pattern.replace("{name}", re.escape(name)))
    for at, line in enumerate(lines):
        if _HEADER.match(line):
            here = line.strip().partition("]")[0].strip("[ ")
        elif here == table and (found := wanted.match(line)):
            return lines, at, found
    return lines, None, None


def _uncommented(text: str, path: str) -> str:
    """With the example line of a key, or of the table within a line that holds it, in use; nothing where it stands already."""
    for candidate in (path, path.rpartition(".")[0]):
        if not candidate or _lines_of(text, candidate, r"\s*{name}\s*=")[1] is not None:
            continue
        lines, at, found = _lines_of(text, candidate, r"(\s*)#\s*({name}\s*=.*)$")
        if at is None or found is None:
            continue
        line = found[1] + found[2]
        if candidate != path:  # the example's values are nobody's wish
            line = re.sub(r"=\s*\{.*\}", "= {}", line, count=1)
        try:
            tomlkit.parse(line)
        except tomlkit.exceptions.TOMLKitError:
            continue
        lines[at] = line
        return "\n".join(lines)
    return text


def _commented(text: str, path: str) -> str:
    """With a key's line made an example. A value over several lines, or under a dotted name (`photo.code`), is taken out."""
    lines, at, _ = _lines_of(text, path, r"\s*{name}\s*=")
    try:
        whole = at is not None and tomlkit.parse(lines[at])
    except tomlkit.exceptions.TOMLKitError:
        whole = None
    if at is None or not whole:  # under a dotted name, or over several lines
        document = tomlkit.parse(text)
        *tables, name = path.split(".")
        here: Any = document
        for table in tables:
            here = here[table]
        del here[name]
        return tomlkit.dumps(document)
    lines[at] = f"# {lines[at].lstrip()}"
    return "\n".join(lines)
