"""Every kind of fault that docs/reference/device-faults.md lists is held by tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_row_of_the_table_of_faults_names_tests_that_exist() -> None:
    rows = [line for line in (ROOT / "docs/reference/device-faults.md").read_text("utf-8").splitlines() if line.startswith("|")]
    kinds = [
        row for row in rows if not re.match(r"\| *(what happens|program|---|\| *\||`python)|\|---", row) and row != "| | |"
    ]
    assert len(kinds) > 40
    for row in kinds:
        assert NAMED.search(row), row
        for file, name in NAMED.findall(row):
            assert f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file}::{name}"
