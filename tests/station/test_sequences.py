"""Sequences that nobody thought of: the short run of `python -m bench.sequences`."""

from __future__ import annotations

from pathlib import Path

from bench.sequences import run


def test_nothing_lands_in_the_wrong_place_whatever_happens(tmp_path: Path) -> None:
    seen = run(44, 30, tmp_path, same=True)
    assert {"Waiting", "Reading", "Refused", "Seated", "Undecided", "Unsaved", "Saved", "refused"} <= set(seen)
