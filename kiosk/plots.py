"""Small plots as SVG text: columns over classes or hours, and lines of bars with names.

A plot carries plain colours for paper, and class names by which a page's style sheet gives its own (dark, high contrast). What
it shows is said in numbers beside it; the picture itself has a title alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from unicodedata import east_asian_width

WIDTH: Final = 360  # units; on paper and on a screen about one CSS pixel each, so that words stay readable on a telephone
_FONT: Final = "Noto Sans SC, Noto Sans CJK SC, Microsoft YaHei, sans-serif"
_SIZE, _SMALL = 11, 9.5
_INK, _SOFT, _LINE, _BAR, _MARK = "#17222e", "#4d5c6b", "#d5dde5", "#1b5faa", "#b0201b"
_TOP, _BOTTOM, _SIDE = 16, 30, 30  # of the columns' field
_TALL: Final = 120
_ROW, _THICK = 22, 12  # of a line, and of its bar
_MOST_LABELS: Final = 12
_STRIP: Final = (112, 20)
_WIDEST_NAME: Final = 170


@dataclass(frozen=True)
class Column:
    """One column: its label, how high, and of that how much is told apart (as what had to be decided)."""

    label: str
    value: float
    apart: float = 0.0


@dataclass(frozen=True)
class Mark:
    """A limit: a line across the columns, at a place between 0 (left) and 1 (right)."""

    at: float
    label: str


@dataclass(frozen=True)
class Row:
    """One line: a bar as long as `value`, a thin one on to `further`, and what is written behind them."""

    label: str
    value: float
    words: str
    further: float | None = None


def columns(title: str, shown: Sequence[Column], marks: Sequence[Mark] = (), *, gaps: bool = True) -> str:
    """Columns side by side, with a line and a number for the highest; without `gaps` they are a histogram."""
    height = _TOP + _TALL + _BOTTOM
    field, top = WIDTH - _SIDE - 6, max((one.value for one in shown), default=0) or 1
    step = field / max(len(shown), 1)
    thick = step * (0.7 if gaps else 1.0) - (0 if gaps else 1)
    every = -(-len(shown) // _MOST_LABELS)
    parts = [
        _line(_SIDE, _TOP, WIDTH - 6, _TOP, "plot-grid", _LINE),
        _line(_SIDE, _TOP + _TALL, WIDTH - 6, _TOP + _TALL, "plot-axis", _SOFT),
        _text(_SIDE - 4, _TOP + 4, _number(top), "end", small=True),
        _text(_SIDE - 4, _TOP + _TALL + 3, "0", "end", small=True),
    ]
    for number, one in enumerate(shown):
        left, tall = _SIDE + number * step + (step - thick) / 2, _TALL * one.value / top
        parts.append(_rect(left, _TOP + _TALL - tall, thick, tall, "plot-bar", _BAR))
        if one.apart:
            apart = _TALL * one.apart / top
            parts.append(_rect(left, _TOP + _TALL - apart, thick, apart, "plot-apart", _MARK))
        if one.value and gaps and len(shown) <= _MOST_LABELS:
            parts.append(_text(left + thick / 2, _TOP + _TALL - tall - 3, _number(one.value), "middle", small=True))
        if number % every == 0:
            parts.append(_text(left + thick / 2, _TOP + _TALL + 13, one.label, "middle", small=True))
    for place, mark in enumerate(sorted(marks, key=lambda one: one.at)):
        across = _SIDE + field * mark.at
        parts.append(_line(across, _TOP - 4, across, _TOP + _TALL, "plot-mark", _MARK, dashed=True))
        anchor = "end" if place == 0 and len(marks) > 1 else "start"
        parts.append(_text(across + (-3 if anchor == "end" else 3), _TOP - 6, mark.label, anchor, small=True, mark=True))
    return _svg(title, height, parts)


def strip(title: str, values: Sequence[float], top: float) -> str:
    """Columns in a line of a table, with nothing written on them; `top` is the highest value of its neighbours, too."""
    step = _STRIP[0] / max(len(values), 1)
    parts = [_line(0, _STRIP[1] - 0.5, _STRIP[0], _STRIP[1] - 0.5, "plot-grid", _LINE)]
    for number, value in enumerate(values):
        tall = _STRIP[1] * value / (top or 1)
        if value:
            parts.append(_rect(number * step, _STRIP[1] - tall, max(step - 1, 1), tall, "plot-bar", _BAR))
    return _svg(title, _STRIP[1], parts, _STRIP[0], "plot strip")


def lines(title: str, shown: Sequence[Row]) -> str:
    """Bars one below the other, each with its name before and its words behind."""
    height = max(len(shown), 1) * _ROW + 4
    longest = max((max(one.value, one.further or 0) for one in shown), default=0) or 1
    name = min(max((_width(one.label) for one in shown), default=0), _WIDEST_NAME) + 6
    words = max((_width(one.words, _SMALL) for one in shown), default=0) + 8
    field = max(WIDTH - name - words, 40)
    parts: list[str] = []
    for number, one in enumerate(shown):
        top = number * _ROW + 4
        middle, length = top + _THICK / 2, field * one.value / longest
        parts.append(_text(name - 6, middle + 4, _cut(one.label), "end"))
        parts.append(_rect(name, top, max(length, 1), _THICK, "plot-bar", _BAR))
        end = length
        if one.further is not None and one.further > one.value:
            end = field * one.further / longest
            parts.append(_line(name + length, middle, name + end, middle, "plot-whisker", _BAR))
            parts.append(_line(name + end, top + 2, name + end, top + _THICK - 2, "plot-whisker", _BAR))
        parts.append(_text(name + end + 5, middle + 3.5, one.words, "start", small=True))
    return _svg(title, height, parts)


def _svg(title: str, height: float, parts: Sequence[str], width: int = WIDTH, name: str = "plot") -> str:
    shape = f'viewBox="0 0 {width} {_number(height)}" width="{width}" height="{_number(height)}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" {shape} role="img" aria-label="{escape(title)}"'
    return f'{start} font-family="{_FONT}">{"".join(parts)}</svg>'


def _rect(left: float, top: float, wide: float, tall: float, name: str, fill: str) -> str:
    size = f'width="{wide:.1f}" height="{tall:.1f}"'
    return f'<rect class="{name}" x="{left:.1f}" y="{top:.1f}" {size} fill="{fill}"/>'


def _line(left: float, top: float, right: float, bottom: float, name: str, stroke: str, *, dashed: bool = False) -> str:
    ends = f'x1="{left:.1f}" y1="{top:.1f}" x2="{right:.1f}" y2="{bottom:.1f}"'
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line class="{name}" {ends} stroke="{stroke}" stroke-width="1.25"{dash}/>'


def _text(left: float, base: float, words: str, anchor: str, *, small: bool = False, mark: bool = False) -> str:
    name = "plot-limit" if mark else "plot-small" if small else "plot-name"
    fill, size = (_MARK if mark else _SOFT if small else _INK), (_SMALL if small else _SIZE)
    place = f'x="{left:.1f}" y="{base:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text class="{name}" {place} fill="{fill}">{escape(words)}</text>'


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def _width(words: str, size: float = _SIZE) -> float:
    """About how wide a text is: Chinese characters, and signs that a Chinese font has as wide as they are (the · of
    阿卜杜·热合曼), are square, others little more than half as wide."""
    return sum(size if east_asian_width(char) in "WFA" else size * 0.58 for char in words)


def _cut(words: str) -> str:
    """What fits before a bar; the whole name stands in the table."""
    if _width(words) <= _WIDEST_NAME:
        return words
    while words and _width(words + "…") > _WIDEST_NAME:
        words = words[:-1]
    return words + "…"
