"""The papers' font, Noto Sans SC: where it lies, and what it can show."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final
from unicodedata import category

from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import sans_path

FAMILY: Final = "Noto Sans SC"


def path() -> Path:
    """The font's file."""
    return sans_path()


def folder() -> Path:
    """Where the font's file lies."""
    return path().parent


@cache
def known() -> frozenset[str]:
    """Every character that the font has. The first call takes a tenth of a second."""
    with TTFont(path(), lazy=True) as font:
        font.setGlyphOrder([""] * font["maxp"].numGlyphs)  # nobody asks what they are called: thirty megabytes
        return frozenset(map(chr, font.getBestCmap()))


def unprintable(texts: Iterable[str]) -> frozenset[str]:
    """The characters that the font lacks, private ones and those younger than Python's Unicode among them (CJK extension I,
    say, made for names): to be told at the card, and before printing."""
    return frozenset(char for text in texts for char in text if char.isprintable() or category(char) in ("Co", "Cn")) - known()
