"""Updates as an exam officer meets them: a stick with a file on it, and a station that goes on whatever is wrong with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.ciphers import INTERNATIONAL, Domain
from kiosk.ciphers.signed import sign_text
from kiosk.cli import main
from kiosk.errors import KioskError, StoreError
from kiosk.release import Home, adopt, can_go_back, go_back, install, look, offers, update
from kiosk.release.updating import newer_sections
from kiosk.store import Store
from tests.release.tiny import KEY, Tiny

Change = Callable[[Path], Path]


def no_backup() -> str:
    return ""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station that has version 1.0.0, to be copied."""
    return Tiny(tmp_path_factory.mktemp("installed")).installed().folder


@pytest.fixture
def home(tmp_path: Path, installed: Path) -> Home:
    return Home(shutil.copytree(installed, tmp_path / "采集 站"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "identity.sqlite3").write_bytes(b"a student")
    return folder


def as_it_was(home: Home) -> bool:
    return home.current == "1.0.0" and [one.name for one in (home.folder / install.VERSIONS).iterdir()] == ["1.0.0"]


@pytest.mark.parametrize("name", ["next.tar.gz", "next.zip"])
def test_the_next_version_is_shown_put_beside_tested_and_started_from_then_on(home: Home, data: Path, name: str) -> None:
    offer = look(home, Tiny(data.parent, "1.1.0").archive(name))
    assert (str(offer.before), str(offer.after)) == ("1.0.0", "1.1.0")
    assert offer.changes["en"] == "## 1.1.0\n\nNew."

    order: list[object] = []

    def back_up() -> str:
        order.append("backup")
        return "/stick"

    update(home, offer, data, back_up, order.append)

    assert order[0] == "backup", "the data are safe before anything else is done"
    assert len(order) == 1 + sum(name.startswith("program/") for name in offer.manifest.files)
    assert (home.current, home.previous) == ("1.1.0", "1.0.0")
    assert "self-test" in (home.program("1.1.0") / "asked").read_text("utf-8")
    assert not (home.program("1.1.0") / "wheels").exists()


def test_a_version_that_fails_its_self_test_is_told_in_its_own_words_and_leaves_nothing(home: Home, data: Path) -> None:
    offer = look(home, Tiny(data.parent, "1.1.0", passes=False).archive())
    with pytest.raises(KioskError, match=r"release\.self_test.*upside down"):
        update(home, offer, data, no_backup)
    assert as_it_was(home)


def test_a_version_that_can_t_be_set_up_leaves_nothing(home: Home, data: Path) -> None:
    offer = look(home, Tiny(data.parent, "1.1.0", sets_up=False).archive())
    with pytest.raises(KioskError, match=r"release\.set_up.*no space"):
        update(home, offer, data, no_backup)
    assert as_it_was(home)


def test_without_a_backup_nothing_is_begun(home: Home, data: Path) -> None:
    def fails() -> str:
        raise StoreError("backup.unreadable", file="x")

    with pytest.raises(StoreError):
        update(home, look(home, Tiny(data.parent, "1.1.0").archive()), data, fails)
    assert as_it_was(home)


@pytest.mark.parametrize("name", ["next.tar.gz", "next.zip"])
@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("release.other_key", lambda folder: Tiny(folder, "1.1.0", key=INTERNATIONAL.new_signing_key())),
        ("release.platform", lambda folder: Tiny(folder, "1.1.0", platform="amiga-m68k")),
        ("release.not_newer", lambda folder: Tiny(folder, "1.0.0")),
        ("release.not_newer", lambda folder: Tiny(folder, "1.0.0rc1")),
    ],
)
def test_what_this_station_would_not_take_is_refused_before_anything(
    home: Home, tmp_path: Path, code: str, made: Callable[[Path], Tiny], name: str
) -> None:
    with pytest.raises(KioskError) as told:
        look(home, made(tmp_path).archive(name))
    assert told.value.code == code
    assert as_it_was(home)


def changed_file(folder: Path) -> None:
    (folder / "program" / "run.py").write_bytes(b"import os  # something else")


def longer_file(folder: Path) -> None:
    with (folder / "program" / "run.py").open("ab") as file:
        file.write(b"#" * 3_000_000)


def missing_file(folder: Path) -> None:
    (folder / "program" / "run.py").unlink()


@pytest.mark.parametrize("change", [changed_file, longer_file, missing_file])
def test_a_file_that_is_not_as_it_was_signed_is_named_and_never_run(
    home: Home, data: Path, change: Callable[[Path], None]
) -> None:
    folder = Tiny(data.parent, "1.1.0").unpacked()
    offer = look(home, folder)
    change(folder)
    with pytest.raises(KioskError, match=r"release\.damaged.*program/run\.py"):
        update(home, offer, data, no_backup)
    assert as_it_was(home)


def test_changes_that_were_not_signed_are_not_shown(home: Home, tmp_path: Path) -> None:
    folder = Tiny(tmp_path, "1.1.0").unpacked()
    (folder / "program" / "CHANGELOG.md").write_text("## 1.1.0\n\nTrust me.\n", "utf-8")
    with pytest.raises(KioskError, match=r"release\.damaged"):
        look(home, folder)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9])
@pytest.mark.parametrize("name", ["next.tar.gz", "next.zip"])
def test_a_file_that_was_cut_short_is_told_in_words(home: Home, data: Path, name: str, share: float) -> None:
    whole = Tiny(data.parent, "1.1.0").archive(name)
    whole.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    with pytest.raises(KioskError) as told:
        update(home, look(home, whole), data, no_backup)
    assert told.value.code in {"release.unreadable", "release.damaged"}
    assert as_it_was(home)


def test_a_manifest_with_one_other_word_is_nobodys(home: Home, tmp_path: Path) -> None:
    folder = Tiny(tmp_path, "1.1.0").unpacked()
    text = (folder / install.MANIFEST).read_text("utf-8")
    (folder / install.MANIFEST).write_text(text.replace('"1.1.0"', '"1.2.0"'), "utf-8")
    with pytest.raises(KioskError, match=r"release\.tampered"):
        look(home, folder)


@pytest.mark.parametrize(
    "name", ["../config.toml", "/etc/passwd", "program/../../x", "C:/x", "a\\b", "program//x", "", "a/nul. "]
)
def test_a_name_that_leads_elsewhere_is_no_bundle_even_when_it_is_signed(home: Home, tmp_path: Path, name: str) -> None:
    folder = Tiny(tmp_path, "1.1.0").unpacked()
    told = json.loads((folder / install.MANIFEST).read_text("utf-8"))
    told["files"] = {name: {"size": 1, "sha256": "0" * 64}}
    del told["signature"], told["suite"]
    (folder / install.MANIFEST).write_bytes(sign_text(KEY, Domain.RELEASE, told))
    with pytest.raises(KioskError, match=r"release\.unreadable"):
        look(home, folder)
    with pytest.raises(install.Refused):
        install.read_manifest(folder)


def test_the_key_of_later_bundles_is_believed_once_this_one_is_in_place(home: Home, data: Path) -> None:
    later = INTERNATIONAL.new_signing_key()
    update(home, look(home, Tiny(data.parent, "1.1.0", next_key=later.public).archive()), data, no_backup)
    again = Home(home.folder)
    assert look(again, Tiny(data.parent, "1.2.0", key=later).archive()).manifest.release_key == later.public
    with pytest.raises(KioskError, match=r"release\.other_key"):
        look(again, Tiny(data.parent, "1.3.0").archive())


def test_back_to_the_version_before_and_forward_again(home: Home, data: Path) -> None:
    with pytest.raises(KioskError, match=r"release\.no_way_back"):
        go_back(home, data)
    update(home, look(home, Tiny(data.parent, "1.1.0").archive()), data, no_backup)
    (data / "identity.sqlite3").write_bytes(b"two students")
    assert can_go_back(home, data)
    assert go_back(home, data) == home.current == "1.0.0"
    assert home.previous == "1.1.0"


def test_there_is_no_way_back_once_the_data_have_a_form_that_the_version_before_does_not_know(home: Home, data: Path) -> None:
    newer = {"identity": "v0002", "vault": "v0001"}
    update(home, look(home, Tiny(data.parent, "1.1.0", data=newer).archive()), data, lambda: "/stick/20260901")
    assert can_go_back(home, data), "nobody has opened the data yet"
    (data / "identity.sqlite3").write_bytes(b"migrated")
    assert not can_go_back(home, data)
    with pytest.raises(KioskError, match=r"release\.migrated") as told:
        go_back(home, data)
    assert told.value.data == {"version": "1.0.0", "backup": "/stick/20260901"}
    assert home.current == "1.1.0"


def test_one_way_back_is_kept_and_no_more(home: Home, data: Path) -> None:
    for version in ("1.1.0", "1.2.0"):
        update(home, look(home, Tiny(data.parent, version).archive()), data, no_backup)
    assert {one.name for one in (home.folder / install.VERSIONS).iterdir()} == {"1.1.0", "1.2.0"}


def test_two_updates_at_once_are_one_too_many(home: Home, data: Path) -> None:
    offer = look(home, Tiny(data.parent, "1.1.0").archive())

    def another() -> str:
        with pytest.raises(KioskError, match=r"release\.busy"):
            update(home, offer, data, no_backup)
        return ""

    update(home, offer, data, another)
    assert home.current == "1.1.0"


def test_of_all_that_lies_on_a_stick_only_what_would_be_taken_is_offered(home: Home, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for version in ("1.1.0", "1.2.0", "1.0.0"):
        Tiny(stick, version).archive()
    Tiny(stick, "9.0.0", key=INTERNATIONAL.new_signing_key()).archive()
    (stick / "holiday.zip").write_bytes(b"no archive")
    assert [str(one.after) for one in offers(home, [stick, tmp_path / "gone"])] == ["1.2.0", "1.1.0"]


def test_the_first_installation_starts_nothing_that_is_not_what_was_signed(tmp_path: Path) -> None:
    home, unpacked = Home(tmp_path / "home"), Tiny(tmp_path).unpacked()
    program = install.put_beside(unpacked, home.folder, install.read_manifest(unpacked))
    install.set_up(program)
    (program / "config.toml").write_bytes(b"[web]\nport = 1\n")
    with pytest.raises(KioskError, match=r"release\.damaged.*config\.toml"):
        adopt(program)
    assert home.current == ""


@pytest.mark.parametrize("left", [True, False])
def test_before_the_first_start_on_data_from_before_it_is_told_that_nobody_backs_them_up(tmp_path: Path, left: bool) -> None:
    home, unpacked = Home(tmp_path / "home"), Tiny(tmp_path).unpacked()
    program = install.put_beside(unpacked, home.folder, install.read_manifest(unpacked))
    install.set_up(program)
    config = home.folder / install.SETTINGS
    config.write_text('[station]\nlanguage = "zh-CN"\n', "utf-8")
    if left:
        Store.open(home.folder / "data").close()
    done = CliRunner().invoke(main, ["--config", str(config), "update", "--adopt", str(program)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert ("升级前不会另作备份" in done.output) is left
    assert (str(home.folder / "data") in done.output) is left


def test_what_is_new_is_what_came_after_this_version() -> None:
    from packaging.version import Version

    text = "# Changelog\n\n## Unreleased\n\n- soon\n\n## [1.2.0] - 2026-10-01\n\n- c\n\n## 1.1.0\n\n- b\n\n## 1.0.0\n\n- a\n"
    assert newer_sections(text, Version("1.0.0"), Version("1.2.0")) == "## [1.2.0] - 2026-10-01\n\n- c\n\n## 1.1.0\n\n- b"
    assert newer_sections(text, Version("1.2.0"), Version("1.2.0")) == ""
    assert newer_sections("", Version("1.0.0"), Version("2")) == ""
