"""Manifests of every format are read; the newest format is the one that is written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.ciphers import INTERNATIONAL, SM, SUITES, Domain, Suite
from kiosk.ciphers.signatures import Ed25519, Sm2
from kiosk.ciphers.signed import read_signed
from kiosk.errors import ExchangeError
from kiosk.exchange import ExportRow, export, load_profile
from kiosk.exchange.manifest import FORMAT, MANIFEST, Manifest, Stamp, TrailHead, parse_manifest, read_summary
from kiosk.records import Contact, School, Student

GOLDEN = Path(__file__).parent / "golden"
MADE, MADE_SM = "2026-11-28T21:29:52+00:00", "2026-11-28T21:29:53+00:00"
HASHES = {"3": "sha256", "3-sm": "sm3"}
SHEET = "学籍五项信息.xlsx"
LOCKED = (SHEET, "package.zip", "打开方法.txt")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("1", Manifest("cmis-5", "2026-11-28T17:42:48+00:00", (SHEET,), 1, 0)),
        ("1-locked", Manifest("cmis-5", "2026-11-28T17:42:48+00:00", LOCKED, locked=True)),
        ("2", Manifest("cmis-5", "2026-11-28T18:44:14+00:00", (SHEET,), 1, 0, school="第一高级中学", format=2)),
        ("3", Manifest("cmis-5", MADE, (SHEET,), 1, 0, school="第一高级中学", format=3)),
        ("3-sm", Manifest("cmis-5", MADE_SM, (SHEET,), 1, 0, school="第一高级中学", format=3, suite=SM)),
        ("2-locked", Manifest("cmis-5", "2026-11-28T18:44:14+00:00", LOCKED, locked=True, school="第一高级中学", format=2)),
    ],
)
def test_a_manifest_of_any_format_is_read(name: str, told: Manifest) -> None:
    path = GOLDEN / f"manifest-{name}.json"
    assert parse_manifest(path.read_bytes()) == told
    assert read_summary(path) == replace(told, files=())


def written(folder: Path, suite: Suite) -> Path:
    school = School("第一高级中学", "3663000001", contacts=(Contact("甲", "主任", "13800000000"),))
    row = ExportRow(student=Student("考生1", "630103200801010013", "高一", "1", "K0001"))
    trail = TrailHead(7, "0f" * 32, "2026-11-28T08:00:00+00:00")
    now, counters = datetime.now().astimezone(), {"identity": 9, "vault": 3, "exports": 1}
    stamp = Stamp(suite.new_signing_key(), now, "采集点-01", "5a" * 16, "", trail, counters)
    return export(load_profile("cmis-5"), [row], folder, school=school, stamp=stamp).manifest


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_what_is_written_has_the_shape_of_the_newest_golden_manifest(tmp_path: Path, suite: Suite) -> None:
    """Whoever changes it raises FORMAT, keeps the old ones readable, and puts the next two golden files there."""
    manifest = written(tmp_path, suite)
    golden = GOLDEN / f"manifest-{FORMAT}{'' if suite is INTERNATIONAL else '-sm'}.json"
    assert shape(json.loads(manifest.read_text(encoding="utf-8"))) == shape(json.loads(golden.read_text(encoding="utf-8")))
    assert parse_manifest(manifest.read_bytes()).format == FORMAT


def test_of_a_long_list_only_what_is_said_of_all_is_read(tmp_path: Path) -> None:
    manifest = written(tmp_path, INTERNATIONAL)
    whole = parse_manifest(manifest.read_bytes())
    first, rest = manifest.read_bytes().split(b"\n", 1)
    line = b'{"file": "x", "size": 1, "sha256": "0", "damaged, and not looked at": }\n'
    manifest.write_bytes(first + b"\n" + line * 10_000 + rest)
    assert read_summary(manifest) == replace(whole, files=(), entries=())


@pytest.mark.parametrize("name", ["3", "3-sm"])
def test_a_golden_manifest_is_signed_by_the_key_that_it_names(name: str) -> None:
    content = (GOLDEN / f"manifest-{name}.json").read_bytes()
    signer = parse_manifest(content).signer
    assert signer is not None
    assert read_signed(content).is_signed_by(signer.public_key, Domain.MANIFEST)
    start = b"".join(content.splitlines(keepends=True)[:-2])  # as the how-to tells whoever has not this program
    by_hand = b"exam capture kiosk: manifest of an export, version 1\0" + hashlib.new(HASHES[name], start).hexdigest().encode()
    signature = bytes.fromhex(json.loads(content)["signature"])
    assert {"3": Ed25519(), "3-sm": Sm2()}[name].verify(signer.public_key, by_hand, signature)
    assert signer.trail == TrailHead(7, "0f" * 32, "2026-11-28T08:00:00+00:00")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": [{}], "profile": "x", "made_at": ""}', "[" * 5000])
def test_what_is_no_manifest_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ExchangeError, match="manifest_unreadable"):
        read_summary(tmp_path / MANIFEST)


def test_a_manifest_of_a_newer_program_is_not_guessed_at(tmp_path: Path) -> None:
    told = json.loads((GOLDEN / f"manifest-{FORMAT}.json").read_text(encoding="utf-8")) | {"format": FORMAT + 1}
    (tmp_path / MANIFEST).write_text(json.dumps(told))
    with pytest.raises(ExchangeError, match="manifest_unreadable"):
        read_summary(tmp_path / MANIFEST)


def shape(value: Any) -> Any:
    """Names and types, without what they say."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__
