"""The examples in the documentation of functions are true, and what a contributor is told to run is there."""

from __future__ import annotations

import doctest
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WITH_EXAMPLES = sorted(path for path in (ROOT / "kiosk").rglob("*.py") if "\n    >>> " in path.read_text("utf-8"))
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_examples_are_true() -> None:
    assert len(WITH_EXAMPLES) >= 5
    for path in WITH_EXAMPLES:
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        assert doctest.testmod(module).failed == 0, path


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_each_decision_says_when_it_was_made_and_whether_it_stands(path: Path) -> None:
    title, _, dated = path.read_text("utf-8").splitlines()[:3]
    assert re.fullmatch(rf"# {int(path.name[:4])}\. .+", title)
    assert re.fullmatch(r"Date: \d{4}-\d\d-\d\d · Status: (accepted|superseded by decision \d+)", dated)


def test_the_jobs_that_the_guide_names_are_there_and_are_sound() -> None:
    named = set(re.findall(r"\| `(\.ci/\w+)` \|", (ROOT / "docs" / "CONTRIBUTING.md").read_text("utf-8")))
    there = {f".ci/{path.name}" for path in (ROOT / ".ci").iterdir() if not path.suffix}
    assert named == there
    for job in there:
        subprocess.run(["bash", "-n", job], cwd=ROOT, check=True)
        assert (ROOT / job).stat().st_mode & 0o111
