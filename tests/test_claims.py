"""What the documentation says is held by a test is held by a test that exists, and what it says it leaves out is counted."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
HEAD = re.compile(r"\| *(what happens|program|against|room|key *\||---|\| *\||`python)|\|---")
PATH = re.compile(r"`((?:kiosk|docs|tests|bench|\.ci|drivers_sim)/[\w./-]+|config\.toml|pyproject\.toml)(?:::(\w+))?`")

ASVS = "docs/reference/asvs.md"
ASVS_ROW = re.compile(r"\| (V\d+\.\d+\.\d+) \| [^|]+ \((L[12])\) \| (met|partly|not|not applicable) \| ([^|]+) \|")
ASVS_COUNT = re.compile(r"\*\*(\d+) requirements: (\d+) met, (\d+) partly, (\d+) not, (\d+) not applicable\.\*\*")
# Of number and level of each requirement of ASVS 5.0.0 up to level 2, in its order, one a line: none is left out or made up.
ASVS_NUMBERS = "71cf9ab14646017e8b0eaa9866a6f9776c3555b61b3736b9499cfef642a70513"

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
ROOMS = {
    *"arms_length checkup ciphers cli devices exchange office pipeline records".split(),
    *"release station store tables web drivers_sim".split(),
}
STRIDE = {"spoofing", "tampering", "repudiation", "disclosure", "denial", "elevation"}


@pytest.mark.parametrize(
    ("page", "least"),
    [("reference/device-faults.md", 40), ("explanation/security.md", 15), ("explanation/threat-model.md", 40)],
)
def test_every_row_names_tests_that_exist(page: str, least: int) -> None:
    rows = [line for line in (ROOT / "docs" / page).read_text("utf-8").splitlines() if line.startswith("|")]
    claims = [row for row in rows if not HEAD.match(row) and row != "| | |"]
    assert len(claims) > least
    for row in claims:
        assert NAMED.search(row), row
        for file, name in NAMED.findall(row):
            assert not name or f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file}::{name}"
            assert (ROOT / file).is_file()


def test_every_requirement_of_the_asvs_has_its_row_and_is_counted() -> None:
    text = (ROOT / ASVS).read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| V")]
    found = [ASVS_ROW.fullmatch(row) for row in rows]
    assert [row for row, match in zip(rows, found, strict=True) if match is None] == []
    numbers = "\n".join(f"{match[1]} {match[2]}" for match in found if match)
    assert hashlib.sha256(numbers.encode()).hexdigest() == ASVS_NUMBERS
    states = Counter(match[3] for match in found if match)
    counted = ASVS_COUNT.search(text)
    assert counted
    assert [int(one) for one in counted.groups()] == [
        len(rows), *(states[state] for state in ("met", "partly", "not", "not applicable"))
    ]  # fmt: skip


def test_what_the_asvs_page_calls_met_names_where_and_all_that_it_names_is_there() -> None:
    for row in (ROOT / ASVS).read_text("utf-8").splitlines():
        if (match := ASVS_ROW.fullmatch(row)) is None:
            continue
        number, _, state, why = match.groups()
        named = PATH.findall(why)
        assert state != "met" or named or "](" in why, f"{number} is met, and nothing says where"
        assert len(why) > 3, f"{number} says no reason"
        for path, name in named:
            assert (ROOT / path).exists(), f"{number}: {path}"
            assert not name or f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{number}: {path}::{name}"


def test_the_threat_model_has_every_room_and_every_kind_of_threat() -> None:
    rows = [line.split("|") for line in (ROOT / "docs/explanation/threat-model.md").read_text("utf-8").splitlines()]
    of_rooms = {(cells[1].strip(" `"), cells[2].strip()) for cells in rows if len(cells) == 8}
    assert {room for room, _ in of_rooms} >= ROOMS
    assert {kind for _, kind in of_rooms} >= STRIDE


def test_no_page_leads_to_a_file_that_is_not_there() -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        for target in LINK.findall(page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"
