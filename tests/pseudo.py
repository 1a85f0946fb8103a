"""A language that nobody speaks: every word of ours between brackets, so that what stands outside them was never translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from kiosk.languages import look_in
from kiosk.words import catalogue

TAG = "qps"
DESCRIPTION = f"""
name = "⟦{TAG}⟧"
locale = "de_DE"
html = "de"
[voice]
tags = ["de*"]
fallback = "zh-CN"
[dates]
minute = "dd.MM.yyyy HH:mm"
"""
_SAID = re.compile(r"⟦[^⟦⟧]*⟧")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_DIGESTS = re.compile(r"\b[0-9a-fA-F]{12,}\b")
_UNSEEN = re.compile(r"<(script|style|svg|template|code)\b.*?</\1>", re.DOTALL)
_SHOWN = re.compile(r'(?:title|aria-label|alt|placeholder|data-empty|data-[a-z]*words)="([^"]*)"|>([^<]+)<')


def write_pseudo_language(folder: Path, leave_out: frozenset[str] = frozenset()) -> Path:
    """Beside a configuration in `folder`; without the words for some codes. Returns where languages lie."""
    own = folder / "languages" / TAG
    own.mkdir(parents=True)
    (own / "language.toml").write_text(DESCRIPTION, encoding="utf-8")
    words = Catalog()
    for code, said in catalogue("zh-CN").items():
        if code not in leave_out:
            words.add(code, "|".join(f"⟦{part}⟧" for part in said.split("|")))  # a bar stands between the heads of a table
    with (own / "all.po").open("wb") as file:
        write_po(file, words)
    return own.parent


@contextmanager
def installed(languages: Path) -> Iterator[str]:
    """The languages in a folder are there, too; yields the tag of the pseudo-language."""
    look_in(languages)
    try:
        yield TAG
    finally:
        look_in(None)


def untranslated(text: str, data: tuple[str, ...] = ()) -> list[str]:
    """What of a text no catalogue said, and is nobody's data either."""
    while (shorter := _SAID.sub(" ", text)) != text:
        text = shorter
    for known in sorted(data, key=len, reverse=True):
        text = text.replace(known, " ")
    return _LETTERS.findall(_DIGESTS.sub(" ", text))


def untranslated_on(page: str, data: tuple[str, ...] = ()) -> list[str]:
    """The same of what a page shows and tells to screen readers."""
    shown = (unescape(one or other) for one, other in _SHOWN.findall(_UNSEEN.sub("", page)))
    return [f"{word} in {text.strip()[:80]}" for text in shown for word in untranslated(text, data)]
