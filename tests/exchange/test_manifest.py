"""Manifests of every format are read; the newest format is the one that is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import ExchangeError
from kiosk.exchange import ExportRow, export, load_profile
from kiosk.exchange.manifest import FORMAT, MANIFEST, Manifest, read_manifest
from kiosk.records import Contact, School, Student

GOLDEN = Path(__file__).parent / "golden"
SHEET = "学籍五项信息.xlsx"
LOCKED = (SHEET, "package.zip", "打开方法.txt")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("1", Manifest("cmis-5", "2026-11-28T17:42:48+00:00", (SHEET,), 1, 0)),
        ("1-locked", Manifest("cmis-5", "2026-11-28T17:42:48+00:00", LOCKED, locked=True)),
        ("2", Manifest("cmis-5", "2026-11-28T18:44:14+00:00", (SHEET,), 1, 0, school="第一高级中学", format=2)),
        ("2-locked", Manifest("cmis-5", "2026-11-28T18:44:14+00:00", LOCKED, locked=True, school="第一高级中学", format=2)),
    ],
)
def test_a_manifest_of_any_format_is_read(name: str, told: Manifest) -> None:
    assert read_manifest(GOLDEN / f"manifest-{name}.json") == told


@pytest.mark.parametrize(("kind", "password"), [("", ""), ("-locked", "golden-password-1")])
def test_what_is_written_has_the_shape_of_the_newest_golden_manifest(tmp_path: Path, kind: str, password: str) -> None:
    """Whoever changes it raises FORMAT, keeps the old ones readable, and puts the next two golden files there."""
    school = School("第一高级中学", "3663000001", contacts=(Contact("甲", "主任", "13800000000"),))
    row = ExportRow(student=Student("考生1", "630103200801010013", "高一", "1", "K0001"))
    done = export(load_profile("cmis-5"), [row], tmp_path, password=password, school=school)
    golden = GOLDEN / f"manifest-{FORMAT}{kind}.json"
    assert shape(json.loads(done.manifest.read_text(encoding="utf-8"))) == shape(json.loads(golden.read_text(encoding="utf-8")))
    assert read_manifest(done.manifest).format == FORMAT


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": [{}], "profile": "x", "made_at": ""}', "[" * 5000])
def test_what_is_no_manifest_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ExchangeError, match="manifest_unreadable"):
        read_manifest(tmp_path / MANIFEST)


def test_a_manifest_of_a_newer_program_is_not_guessed_at(tmp_path: Path) -> None:
    told = json.loads((GOLDEN / f"manifest-{FORMAT}.json").read_text(encoding="utf-8")) | {"format": FORMAT + 1}
    (tmp_path / MANIFEST).write_text(json.dumps(told))
    with pytest.raises(ExchangeError, match="manifest_unreadable"):
        read_manifest(tmp_path / MANIFEST)


def shape(value: Any) -> Any:
    """Names and types, without what they say."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__
