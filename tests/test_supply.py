"""What the program is built on: locked by hash, under licences that are allowed, and listed in a bill that other tools read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import licences
from kiosk.cli.sbom import LOCKS, ROOT, bill, locked, sbom
from kiosk.licences import LIST

# What CycloneDX 1.6's JSON schema demands of a component of ours, and what it would take beside that.
REQUIRED, TAKEN = {"type", "name"}, {"type", "bom-ref", "name", "version", "purl", "publisher", "hashes", "licenses"}
SERIAL = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_version_with_its_hashes(lock: str) -> None:
    lines = (ROOT / ".locks" / f"{lock}.txt").read_text("ascii").splitlines()
    assert all(re.match(r"[\w.-]+==\S+( ; .+)? \\$|    --hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in lines)
    there = list(locked(lock))
    assert len({package.name for package in there}) == len(there) > 50, "one version of each for our Python"
    assert all(package.hashes for package in there)


def test_the_locks_are_installed_by_their_hashes_alone() -> None:
    program = (ROOT / "run.py").read_text("utf-8")
    assert program.count('"--require-hashes", "--requirement", ') == program.count('"--requirement", ') == 2


def test_no_package_is_under_a_licence_that_nobody_allowed() -> None:
    assert list(licences.refused()) == []


def test_the_list_of_licences_is_what_is_installed() -> None:
    assert LIST.read_text("utf-8") == licences.table(), "python -m bench.licences"


@pytest.mark.parametrize(("said", "of"), [("", "station"), ("GPL-3.0-only", "test"), ("NONE", "test"), ("MPL-2.0", "station")])
def test_a_licence_that_is_not_on_the_list_is_named(monkeypatch: pytest.MonkeyPatch, said: str, of: str) -> None:
    package = next(iter(locked(of)))
    monkeypatch.setattr(licences, "packages", lambda: {package: (of,)})
    monkeypatch.setattr(licences, "licence", lambda _: said)
    assert list(licences.refused()) == [f"{package.name} {package.version}: {said or 'no licence'}"]


def test_the_bill_of_materials_has_every_locked_package_and_network_as_the_schema_wants_it(tmp_path: Path) -> None:
    out = tmp_path / "kiosk.cdx.json"
    assert CliRunner().invoke(sbom, ["--out", str(out)]).exit_code == 0
    written = json.loads(out.read_text("utf-8"))
    assert (written["bomFormat"], written["specVersion"], written["version"]) == ("CycloneDX", "1.6", 1)
    assert SERIAL.fullmatch(written["serialNumber"])
    libraries = [one for one in written["components"] if one["type"] == "library"]
    assert {(one["name"], one["version"], len(one["hashes"])) for one in libraries} == {
        (package.name, package.version, len(package.hashes)) for package in locked("pcsc")
    }
    assert {one["name"] for one in written["components"] if one["type"] == "machine-learning-model"} >= {"leader.onnx"}
    assert len({one["bom-ref"] for one in written["components"]}) == len(written["components"])
    for one in written["components"]:
        assert one.keys() >= REQUIRED
        assert one.keys() <= TAKEN
        assert one["licenses"][0]["expression"]
        assert len(one["licenses"]) == 1, "an expression stands alone"
        for digest in one["hashes"]:
            assert digest["alg"] == "SHA-256"
            assert re.fullmatch(r"[0-9a-f]{64}", digest["content"])
    assert all(re.fullmatch(r"pkg:pypi/[a-z0-9-]+@[\w.]+", one["purl"]) for one in libraries)


def test_the_same_locks_make_the_same_bill() -> None:
    assert bill("station") == bill("station") != bill("test")


def test_a_bill_without_locks_says_which_file_is_missing(tmp_path: Path) -> None:
    told = CliRunner().invoke(sbom, ["--out", str(tmp_path / "x.json"), "--source", str(tmp_path)])
    assert told.exit_code == 1
    assert "licences.md" in told.output
