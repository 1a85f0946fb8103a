"""Where two texts differ, for readers who have to find one wrong digit among eighteen."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import groupby
from typing import Any


def marked(text: str, other: str) -> list[dict[str, Any]]:
    """A text cut into runs, each with whether it differs from another text: place by place where both are equally long."""
    if len(text) == len(other):
        differs = [mine != theirs for mine, theirs in zip(text, other, strict=True)]
    else:
        differs = [True] * len(text)
        for start, _, length in SequenceMatcher(None, text, other, autojunk=False).get_matching_blocks():
            differs[start : start + length] = [False] * length
    runs = groupby(zip(text, differs, strict=True), key=lambda one: one[1])
    return [{"text": "".join(char for char, _ in run), "differs": wrong} for wrong, run in runs]
