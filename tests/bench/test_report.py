"""The page of figures says what each was measured with, and which are older than the code that they are about."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import figures, report
from bench.figures import STDOUT, Figure, kept, measured, note, read


@pytest.fixture
def measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bench that measures the licence, which nobody changes, on somebody's folder."""
    monkeypatch.setattr("sys.argv", ["-m", "--students", "30", "--folder", "/home/who/school", "--json", "x.json"])
    monkeypatch.setattr(figures, "_git", lambda *told: "" if told[0] == "status" else "0123456789ab 2026-11-20")
    file = tmp_path / "office.json"
    with kept("office", str(file), "LICENSE"):
        note("roster | taken", 1.23456, "s", "of 30 students")
        note("rows", 123_456, "", "")
    note("nobody keeps this", 1)
    return file


def test_a_figure_stands_there_with_command_machine_load_and_date(measures: Path) -> None:
    found = read(measures)
    text = report.page([measures])
    assert "## How long the office waits at its screens with a whole school" in text
    assert f"`python -m bench.office --students 30 --folder school`, {found.date}, on {found.machine}" in text
    assert (
        f"load {found.load[0]:g} before, {found.load[1]:g} after. Measures `bench/office.py`, `LICENSE` at 012345678." in text
    )
    assert "| roster \\| taken | 1.235 s | of 30 students |" in text
    assert "| rows | 123,456 |  |" in text
    assert "**" not in text


@pytest.mark.parametrize(
    ("commit", "changed", "why"),
    [
        ("fedcba987654", False, "older than the code: it was changed on 2026-11-20 (012345678)"),
        ("0123456789ab", True, "measured on code that was not committed"),
        ("", False, "nobody knows of which code"),
    ],
)
def test_what_is_older_than_its_code_is_told_on_the_page_and_by_the_check(
    measures: Path, commit: str, changed: bool, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report.main(["--check", str(measures.parent)]) == 0
    told = json.loads(measures.read_text(encoding="utf-8"))
    measures.write_text(json.dumps(told | {"commit": commit, "changed": changed}), encoding="utf-8")
    assert report.stale(replace(read(measures), commit=commit, changed=changed)) == why
    assert f"**{why[0].upper()}{why[1:]}.**" in report.page([measures])
    assert report.main(["--check", str(measures.parent)]) == 1
    assert why in capsys.readouterr().out


def test_without_a_file_the_figures_alone_are_on_the_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with kept("office", STDOUT, "LICENSE"):
        sys.stdout.write("what people read\n")
        note("one", 1, "s")
    out, err = capsys.readouterr()
    assert json.loads(out)["figures"] == [{"name": "one", "value": 1.0, "unit": "s", "note": ""}]
    assert err == "what people read\n"


def test_the_code_s_last_change_is_git_s() -> None:
    commit = figures.last_change(("LICENSE",))[0] or pytest.skip("no repository here")
    found = measured("office", ("LICENSE",), [Figure("one", 1)], 0.5)
    assert (len(commit), found.rooms, found.load[0]) == (40, ("bench/office.py", "LICENSE"), 0.5)


def test_a_file_of_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.json"):
        read(tmp_path / "x.json")


def test_the_page_that_is_there_is_the_one_that_is_made() -> None:
    """Of the same files, whatever of them is stale by now."""
    files = sorted(report.FOLDER.glob("*.json"))
    kept_page = report.PAGE.read_text(encoding="utf-8")
    assert [file.name for file in files if f"`{read(file).command}`" not in kept_page] == []
