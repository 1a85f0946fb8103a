"""The handbook, passage by passage: Markdown in the language's folder, `handbook.md`. Headings after `<a id="…"></a>` can be
named: `roster` is what is said of the page of that name. A language without a handbook has the Chinese one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from kiosk.languages import FIRST, languages

_FILE: Final = "handbook.md"
_NAMED: Final = re.compile(r'<a id="(\w+)"></a>')
_SHOWN_AROUND: Final = 60  # characters before and after what was looked for
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Passage:
    """A heading and what follows until the next one. `html` begins with it; `lines`: paragraphs and rows as text."""

    name: str  # empty: can't be named
    level: int
    title: str
    html: Markup
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A line of the handbook, with the words that were looked for marked."""

    passage: Passage
    line: Markup


def handbook(language: str) -> tuple[Passage, ...]:
    """The whole of it, in order."""
    folders = [*reversed(languages()[language].folders), *reversed(languages()[FIRST].folders)]
    return _passages(next(path for folder in folders if (path := folder / _FILE).is_file()))


def passage(language: str, name: str) -> tuple[Passage, ...]:
    """What is said under a name, with what lies below it; nothing for a name that there is not."""
    whole = handbook(language)
    at = next((number for number, one in enumerate(whole) if one.name == name), None)
    if at is None:
        return ()
    below = next((number for number, one in enumerate(whole) if number > at and one.level <= whole[at].level), len(whole))
    return whole[at:below]


def search(language: str, text: str) -> list[Found]:
    """The lines that have all the words of a text, in order; none for an empty one."""
    words = text.casefold().split()
    return [
        Found(one, _marked(line, words))
        for one in handbook(language)
        for line in (one.title, *one.lines)
        if words and all(word in line.casefold() for word in words)
    ]


@cache
def _passages(path: Path) -> tuple[Passage, ...]:
    return tuple(_cut(_MARKDOWN.parse(path.read_text(encoding="utf-8"))))


def _cut(tokens: Sequence[Token]) -> Iterator[Passage]:
    name, part = "", list[Token]()
    next_name = ""
    for token in tokens:
        if token.type == "heading_open":
            if part:
                yield _made(name, part)
            name, next_name, part = next_name, "", []
        part.append(token)
        if token.type == "inline" and (named := _NAMED.fullmatch(token.content)):
            next_name = named[1]
            part[-2:] = []  # the paragraph that holds nothing else: its end follows
            part.append(Token("html_block", "", 0))
        elif part[-2:-1] and part[-2].type == "html_block" and token.type == "paragraph_close":
            part[-2:] = []
    yield _made(name, part)


def _made(name: str, tokens: list[Token]) -> Passage:
    for token in tokens:
        if token.children:
            token.children = [one for one in token.children if one.type not in ("link_open", "link_close")]
    lines = [line for line in _lines(tokens[3:]) if line]
    html = Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704 - of our own file, without raw HTML
    return Passage(name, int(tokens[0].tag[1:]), _text(tokens[1]), html, tuple(lines))


def _lines(tokens: Sequence[Token]) -> Iterator[str]:
    """A row of a table is a line, and so is a paragraph or an item of a list."""
    row: list[str] | None = None
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield " · ".join(row)
            row = None
        elif token.type == "inline":
            if row is None:
                yield _text(token)
            else:
                row.append(_text(token))


def _text(token: Token) -> str:
    return "".join(one.content if one.type != "softbreak" else " " for one in token.children or ())


def _marked(line: str, words: Sequence[str]) -> Markup:
    """The line around the first word, all words marked."""
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    first = pattern.search(line)
    begin = max((first.start() if first else 0) - _SHOWN_AROUND, 0)
    cut = line[begin : begin + 3 * _SHOWN_AROUND]
    marked, at = escape("…" if begin else ""), 0
    for found in pattern.finditer(cut):
        marked += escape(cut[at : found.start()]) + Markup("<mark>{}</mark>").format(found[0])
        at = found.end()
    return marked + escape(cut[at:]) + escape("…" if len(line) > begin + len(cut) else "")
