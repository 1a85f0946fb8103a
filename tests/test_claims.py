"""What the documentation says is held by a test is held by a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
HEAD = re.compile(r"\| *(what happens|program|against|---|\| *\||`python)|\|---")


@pytest.mark.parametrize(("page", "least"), [("reference/device-faults.md", 40), ("explanation/security.md", 15)])
def test_every_row_names_tests_that_exist(page: str, least: int) -> None:
    rows = [line for line in (ROOT / "docs" / page).read_text("utf-8").splitlines() if line.startswith("|")]
    claims = [row for row in rows if not HEAD.match(row) and row != "| | |"]
    assert len(claims) > least
    for row in claims:
        assert NAMED.search(row), row
        for file, name in NAMED.findall(row):
            assert not name or f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file}::{name}"
            assert (ROOT / file).is_file()
