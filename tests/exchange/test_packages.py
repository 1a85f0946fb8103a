"""What leaves is as it was written, or what is not is named: folders, their ZIP, and sealed packages."""

from __future__ import annotations

import io
import random
import re
import shutil
import tarfile
import tracemalloc
import zipfile
from datetime import datetime
from pathlib import Path

import pyrage
import pytest

from kiosk.ciphers import INTERNATIONAL, SM, SUITES, Suite
from kiosk.ciphers.age import Opening, Sealing, SealingWriter
from kiosk.errors import ExchangeError
from kiosk.exchange import ExportResult, export, load_profile
from kiosk.exchange.export import Sealed
from kiosk.exchange.folder import sweep
from kiosk.exchange.manifest import MANIFEST, Stamp, TrailHead
from kiosk.exchange.package import seal, unpack
from kiosk.exchange.verifying import Inspection, inspect
from tests.exchange.conftest import number, record
from tests.exchange.test_systems import row

PASSWORD = "正确的马电池订书钉"
WITH_PASSWORD = Opening(passphrase=PASSWORD)
NOTHING = Opening()


def stamp(suite: Suite) -> Stamp:
    head = TrailHead(1, "0f" * 32, "2026-11-28T08:00:00+00:00")
    return Stamp(suite.new_signing_key(), datetime.now().astimezone(), "采集点-01", "5a" * 16, "", head, {})


def written(out: Path, suite: Suite = INTERNATIONAL, sealed: Sealing | None = None) -> ExportResult:
    """One student with pictures."""
    to = Sealed(sealed, out / "data" / "drafts") if sealed is not None else None
    return export(load_profile("qinghai-xuekao"), [row(record(1))], out / "out", stamp=stamp(suite), into=to)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Never written to: tests take copies."""
    found = {}
    for name, suite in SUITES.items():
        found[name] = written(tmp_path_factory.mktemp(name), suite).folder
    found["sealed"] = written(tmp_path_factory.mktemp("sealed"), sealed=Sealing(passphrase=PASSWORD)).folder
    return found


def faults(found: Inspection) -> list[str]:
    return [str(one.data["file"]) for one in found.faults]


def told(package: Path) -> str:
    """What is said of a package that is not whole."""
    try:
        (fault,) = inspect(package, WITH_PASSWORD).faults
    except ExchangeError as error:
        return error.code
    assert fault.data["file"] == package.name
    return f"{fault.code} {fault.data['at']}"


@pytest.mark.parametrize("suite", SUITES)
def test_a_byte_changed_in_any_file_is_named(exports: dict[str, Path], suite: str, tmp_path: Path) -> None:
    folder = exports[suite]
    found = inspect(folder, NOTHING)
    assert (found.faults, found.signed) == ((), True)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    assert (found.checked, len(files) > 3) == (len(files), True)
    for file in files:
        copy = shutil.copytree(folder, tmp_path / "copy")
        content = bytearray((copy / file).read_bytes())
        content[len(content) // 2] ^= 1
        (copy / file).write_bytes(content)
        assert faults(inspect(copy, NOTHING)) == [file.as_posix()]
        (copy / file).unlink()
        assert faults(inspect(copy, NOTHING)) == [file.as_posix()]
        shutil.rmtree(copy)
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "more.txt").write_text("x")
    assert faults(inspect(copy, NOTHING)) == ["more.txt"]


@pytest.mark.parametrize("suite", SUITES)
def test_every_byte_of_the_manifest_counts(exports: dict[str, Path], suite: str, tmp_path: Path) -> None:
    copy = shutil.copytree(exports[suite], tmp_path / "copy")
    content = (copy / MANIFEST).read_bytes()
    for place in range(0, len(content), 7 if suite == "international" else 31):
        (copy / MANIFEST).write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        found = inspect(copy, NOTHING)
        assert MANIFEST in faults(found), content[place - 20 : place + 20]
        assert not found.signed
    for spoilt in (content + b"\n", content[:-1], content.replace(b"\n", b"\r\n"), content.replace(b"{", b"{ ", 1)):
        (copy / MANIFEST).write_bytes(spoilt)
        assert MANIFEST in faults(inspect(copy, NOTHING))


def test_a_signature_taken_away_is_no_export_of_an_earlier_version(exports: dict[str, Path], tmp_path: Path) -> None:
    copy = shutil.copytree(exports["international"], tmp_path / "copy")
    lines = (copy / MANIFEST).read_text("utf-8").splitlines()
    (copy / MANIFEST).write_text("\n".join([*lines[:-3], lines[-3].rstrip(","), "}"]) + "\n", "utf-8")
    assert faults(inspect(copy, NOTHING)) == [MANIFEST]


def test_the_download_of_a_folder_is_verified_as_the_folder_is(exports: dict[str, Path], tmp_path: Path) -> None:
    folder = exports["international"]
    for top in (folder.name, ""):
        path = tmp_path / "download.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in folder.rglob("*"):
                archive.write(file, f"{top}/{file.relative_to(folder)}".lstrip("/"))
        assert (inspect(path, NOTHING).faults, inspect(path, NOTHING).signed) == ((), True)
        content = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            (sheet,) = (one for one in archive.infolist() if one.filename.endswith(".xlsx"))
            place = sheet.header_offset + 200
        content[place] ^= 1
        path.write_bytes(content)
        assert inspect(path, NOTHING).faults


def test_a_zip_that_is_not_as_it_was_is_named_whatever_happened_to_it(exports: dict[str, Path], tmp_path: Path) -> None:
    path, chance = tmp_path / "download.zip", random.Random(1)
    with zipfile.ZipFile(path, "w") as archive:
        for file in exports["international"].rglob("*"):
            archive.write(file, f"export/{file.relative_to(exports['international'])}")
    content, said = path.read_bytes(), set[str]()
    for _ in range(400):
        spoilt = bytearray(content)
        for _ in range(chance.choice((1, 3, 30))):
            place = chance.randrange(len(spoilt))
            spoilt[place : place + chance.choice((1, 1, 20))] = chance.randbytes(chance.choice((0, 1, 1, 8)))
        path.write_bytes(spoilt)
        try:
            said.update(one.code for one in inspect(path, NOTHING).faults)
        except ExchangeError as error:
            said.add(error.code)
    assert {code.partition(".")[0] for code in said} == {"verify"}
    assert {"verify.damaged", "verify.damaged_at", "verify.no_export"} <= said


def test_a_sealed_export_shows_nothing_and_opens_with_everybody_s_age(exports: dict[str, Path], tmp_path: Path) -> None:
    package = exports["sealed"]
    content = package.read_bytes()
    for secret in (number(1), record(1).student.name):
        assert secret not in package.name
        assert not any(secret.encode(code) in content for code in ("utf-8", "utf-16-le", "gbk"))
    assert [path.name for path in package.parent.iterdir()] == [package.name]
    with tarfile.open(fileobj=io.BytesIO(pyrage.passphrase.decrypt(content, PASSWORD))) as inside:
        names = inside.getnames()
    assert names[0] == f"{package.stem}/{MANIFEST}"
    assert any(number(1) in name for name in names)
    found = inspect(package, WITH_PASSWORD)
    assert (found.faults, found.signed, found.checked) == ((), True, len(names) - 1)
    unpack(package, tmp_path / "opened", WITH_PASSWORD)
    assert inspect(tmp_path / "opened", NOTHING).faults == ()


def test_a_byte_changed_anywhere_in_a_sealed_export_is_found_and_placed(exports: dict[str, Path], tmp_path: Path) -> None:
    content, copy = exports["sealed"].read_bytes(), tmp_path / "copy.age"
    payload = content.index(b"--- ") + 48
    header = [*range(0, payload, 5)]
    chunks = [payload, payload + 15, *(range(payload + 16, len(content), 1 << 16)), len(content) - 1]
    for place in (*header, *chunks):
        copy.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        if place < payload:  # it opens for nobody, or is no package at all
            assert told(copy) in {"package.no_package", "package.no_key", "verify.damaged_at copy.age"}
        else:
            assert re.fullmatch(r"verify\.damaged_at .+", told(copy))
        with pytest.raises(ExchangeError):
            unpack(copy, tmp_path / "opened", WITH_PASSWORD)
        assert not (tmp_path / "opened").exists()
    for spoilt in (content[:-1], content + b"\0", content[: payload + 20]):
        copy.write_bytes(spoilt)
        assert inspect(copy, WITH_PASSWORD).faults


def test_packages_are_sealed_to_offices_and_nobody_else_opens_them(tmp_path: Path) -> None:
    office, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    done = written(tmp_path, SM, Sealing(recipients=(str(office.to_public()),)))
    assert inspect(done.folder, Opening(identities=(str(office),))).signed
    for by in (Opening(identities=(str(other),)), WITH_PASSWORD, NOTHING):
        with pytest.raises(ExchangeError, match=r"package\.no_key"):
            inspect(done.folder, by)
    with pytest.raises(ExchangeError, match=r"package\.identity_wrong"):
        inspect(done.folder, Opening(identities=("AGE-SECRET-KEY-1",)))
    with pytest.raises(ExchangeError, match=r"export\.recipient_wrong"):
        written(tmp_path, SM, Sealing(recipients=("age1nobody",)))
    with pytest.raises(ExchangeError, match=r"export\.password_short"):
        written(tmp_path, SM, Sealing(passphrase="1234567"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == [done.folder.name]
    assert list((tmp_path / "data" / "drafts").iterdir()) == []


def test_somebody_s_package_leads_nowhere_else(tmp_path: Path) -> None:
    """Whoever has the password can seal anything."""
    for name, kind in (("x/../../out.txt", tarfile.REGTYPE), ("x/link", tarfile.SYMTYPE), ("x/a", tarfile.CHRTYPE)):
        inside = io.BytesIO()
        with tarfile.open(fileobj=inside, mode="w") as archive:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry, io.BytesIO())
        package = _sealed_by_hand(tmp_path, inside.getvalue())
        with pytest.raises(ExchangeError, match=r"package\.damaged|export\.outside"):
            unpack(package, tmp_path / "opened", WITH_PASSWORD)
        assert not (tmp_path / "out.txt").exists()
        assert not (tmp_path / "opened").exists()


def test_a_package_takes_no_more_memory_for_more_students(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "large").write_bytes(bytes(24 << 20))
    tracemalloc.start()
    try:
        seal(folder, tmp_path / "large.age", Sealing(passphrase=PASSWORD))
        unpack(tmp_path / "large.age", tmp_path / "opened", WITH_PASSWORD)
        assert tracemalloc.get_traced_memory()[1] < 6 << 20
    finally:
        tracemalloc.stop()


def test_what_a_killed_export_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".package.age.0123abcd.part").write_bytes(b"half")
    (tmp_path / ".scratch.0123abcd.part").mkdir()
    (tmp_path / "kept.age").write_bytes(b"whole")
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.age"]


def test_what_is_no_export_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.age").write_bytes(b"PK\x03\x04")
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "folder").mkdir()
    for name, code in (("x.age", "package.no_package"), ("x.zip", "verify.no_export"), ("folder", "verify.no_manifest")):
        with pytest.raises(ExchangeError, match=code):
            inspect(tmp_path / name, WITH_PASSWORD)


def _sealed_by_hand(folder: Path, content: bytes) -> Path:
    path = folder / "x.age"
    with path.open("wb") as file:
        writer = SealingWriter(file, Sealing(passphrase=PASSWORD))
        writer.write(content)
        writer.finish()
    return path
