"""Changing the settings' file: as a whole or not at all, with everything else as it stood, and a way back."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.config import Settings, SettingsFile
from kiosk.config.file import VERSIONS
from kiosk.errors import ConfigError, KioskError
from kiosk.words import say_error

ROOT = Path(__file__).parents[1]
CHANGES = {
    "face.pass_at": 0.42,
    "camera.source": "/dev/video2",
    "backup.folder": "E:/backup",
    "card.kit.timeout_s": 7.0,
    "card.tunnel.control": 3500,
    "finger.image.width": 256,
    "finger.image.height": 300,
    "retention.raw.days": 40,
    "workflow.steps": ["consent", "face", "confirm"],
}


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    shutil.copy(ROOT / "config.toml", tmp_path / "config.toml")
    return SettingsFile(tmp_path / "config.toml")


def lines(file: SettingsFile) -> list[str]:
    return file.path.read_text(encoding="utf-8").split("\n")


def test_a_change_touches_nothing_but_the_line_of_its_key(file: SettingsFile) -> None:
    before = lines(file)
    written = file.write(CHANGES, stamp=file.stamp())
    assert {change.key for change in written.differences} == {
        *CHANGES,
        "finger.image.name",
        "finger.image.dpi",
        "finger.image.bits",
    }
    after = lines(file)
    assert len([line for line in after if line not in before]) == len(CHANGES)
    changed = next(line for line in after if line.startswith("pass_at"))
    assert (
        changed == "pass_at = 0.42                # 人证核验: 通过 / verification passes at this score (sface-2021dec cosine)"
    )
    example = next(line for line in after if line.startswith('folder = "E:'))
    assert "另一块硬盘或 U 盘" in example
    assert file.read().card.tunnel.control == 3500


def test_a_text_with_a_line_break_is_told_as_that_and_not_as_an_escape(file: SettingsFile) -> None:
    before = file.stamp()
    for change in (file.try_out, file.write):
        with pytest.raises(ConfigError) as caught:
            change({"station.name": "第一\n中学"})
        assert "这里换了行" in say_error("zh-CN", caught.value)
    assert file.stamp() == before


def test_back_to_the_defaults_keeps_every_comment(file: SettingsFile) -> None:
    before = lines(file)
    file.write(CHANGES)
    file.write(dict.fromkeys(CHANGES))
    assert file.read() == Settings()
    comments = {line.partition("#")[2].strip() for line in before if "#" in line and not line.startswith("#")}
    kept = "\n".join(lines(file))
    assert [comment for comment in comments if comment not in kept] == []


def test_a_table_that_is_left_out_by_default_goes_when_nothing_of_it_is_said(file: SettingsFile) -> None:
    file.write({"finger.image.width": 256, "finger.image.height": 300, "finger.image.name": "甲", "finger.image.dpi": 500})
    with pytest.raises(ConfigError) as caught:
        file.write({"finger.image.width": None})
    assert [fault.key for fault in caught.value.problems] == ["finger.image.width"]
    file.write({"finger.image.width": None, "finger.image.height": None, "finger.image.name": "scanner"})
    assert file.read() == Settings()


@pytest.mark.parametrize(
    "text",
    [
        "card.photo.code = 1 # a\nweb.port = 80 # b\n",
        "[card]\nphoto.code = 1 # a\n[web] # b\n",
        "[card.photo]\ncode = 1 # a\n[web] # b\n[card]\nreader = 'x'\n",
        "card = { photo = { code = 1 } } # a\nweb = { port = 80 } # b\n",
    ],
)
def test_however_the_file_is_arranged_a_key_is_written_and_taken_back(file: SettingsFile, text: str) -> None:
    file.path.write_text(text, encoding="utf-8")
    before = file.read()
    changes = {"card.photo.library": "E:/x.dll", "card.additional_address": True, "card.kit.timeout_s": 7.0, "web.kiosk": True}
    file.write(changes)
    card = file.read().card
    assert (card.photo.library, card.additional_address, card.kit.timeout_s) == (Path("E:/x.dll"), True, 7.0)
    file.write(dict.fromkeys(changes))
    assert file.read() == before
    assert all(comment in "".join(lines(file)) for comment in ("# a", "# b"))


def test_a_change_that_can_t_be_is_refused_with_every_fault_and_nothing_is_written(file: SettingsFile) -> None:
    stamp = file.stamp()
    with pytest.raises(ConfigError) as caught:
        file.write({"face.pass_at": 0.2, "web.port": 99999, "camera.fps": "schnell"})
    words = say_error("zh-CN", caught.value)
    assert all(key in words for key in ("web.port", "face.review_at", "camera.fps"))
    assert (file.stamp(), file.versions()) == (stamp, ())


def test_two_people_who_save_at_once_don_t_overwrite_each_other(file: SettingsFile) -> None:
    seen_by_both = file.stamp()
    file.write({"face.pass_at": 0.42}, stamp=seen_by_both)
    with pytest.raises(KioskError) as caught:
        file.write({"face.pass_at": 0.5}, stamp=seen_by_both)
    assert caught.value.code == "settings.changed_meanwhile"
    assert file.read().face.pass_at == 0.42


def test_earlier_versions_are_kept_some_dozens_and_come_back_letter_by_letter(file: SettingsFile) -> None:
    first = file.path.read_bytes()
    file = SettingsFile(file.path, now=lambda: datetime(2026, 11, 29, 8))
    assert file.write({"web.port": 1}).kept == "2026-11-29T08-00-00.toml"
    assert file.write({"web.port": 2}).kept == "2026-11-29T08-00-00-2.toml"
    assert [version.name[17:] for version in file.versions()] == ["00-2.toml", "00.toml"]
    assert file.version("2026-11-29T08-00-00-2.toml").web.port == 1
    restored = file.restore("2026-11-29T08-00-00.toml", stamp=file.stamp())
    assert file.path.read_bytes() == first
    assert [(one.key, one.before, one.after) for one in restored.differences] == [("web.port", 2, 8210)]
    for name in ("2026-11-29T08-00-01.toml", "../config.toml", ""):
        with pytest.raises(KioskError) as caught:
            file.restore(name)
        assert caught.value.code == "settings.no_version"
    for minute in range(VERSIONS):
        (file.history / f"2026-11-28T08-{minute:02}-00.toml").write_bytes(first)
    file.write({"web.port": 3})
    assert len(file.versions()) == VERSIONS
    assert file.versions()[0].name == "2026-11-29T08-00-00-4.toml"


def test_a_broken_file_is_got_away_from_by_an_earlier_version(file: SettingsFile) -> None:
    kept = file.write({"web.port": 1}).kept
    file.path.write_text("[web\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        file.write({"web.port": 2})
    file.restore(kept)
    assert file.read() == Settings()


def test_what_notepad_saved_is_changed_and_stays_readable_there(file: SettingsFile) -> None:
    text = '[station]\r\nname = "第一中学"   # 站点\r\n[backup]\r\nfolder = "D:\\new"\r\n'
    file.path.write_bytes(text.encode("gbk"))
    file.write({"station.exam": "学业水平考试"})
    written = file.path.read_bytes().decode("utf-8")
    assert written.count("\r\n") == written.count("\n") == 5
    assert 'name = "第一中学"   # 站点' in written
    assert str(file.read().backup.folder) == "D:\\new"


def test_a_file_that_is_not_there_begins_with_what_is_changed(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "config.toml")
    assert file.stamp() == ""
    assert file.write({"station.name": "一号", "card.photo.code": 2}, stamp="").kept == ""
    assert (file.read().station.name, file.read().card.photo.code) == ("一号", 2)


def test_a_place_that_can_t_be_written_is_told_in_words(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "nowhere" / "config.toml")
    with pytest.raises(KioskError) as caught:
        file.write({"web.port": 1})
    assert "原来的配置没有改动" in say_error("zh-CN", caught.value)


def test_nothing_changed_writes_nothing(file: SettingsFile) -> None:
    written = file.write({"web.port": 8210, "backup.folder": None, "face.pass_at": 0.4})
    assert (written.kept, written.differences, file.versions()) == ("", (), ())
