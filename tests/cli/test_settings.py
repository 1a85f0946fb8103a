"""`kiosk settings` and `kiosk profiles`: the same at a terminal as on the pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import main
from kiosk.cli.profiles import reference as profiles_reference
from kiosk.cli.settings import reference as settings_reference
from kiosk.config import load
from kiosk.exchange.profile import Profile
from kiosk.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "config.toml", tmp_path)
    return tmp_path / "config.toml"


def kiosk(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *arguments], env={"COLUMNS": "200"})


def test_a_key_is_changed_found_compared_and_brought_back(config: Path) -> None:
    done = kiosk(config, "settings", "set", "face.pass_at", "0.45")
    assert (done.exit_code, "face.pass_at: 0.4 → 0.45" in done.output) == (0, True), done.output
    assert "重启后生效" in done.output
    assert load(config).face.pass_at == 0.45
    changed = kiosk(config, "settings", "list", "--changed").output
    assert ("face.pass_at" in changed, "web.port" in changed) == (True, False)
    assert "web.port" in kiosk(config, "settings", "list", "端口").output
    version = kiosk(config, "settings", "history").output.split()[0]
    assert "face.pass_at: 0.45 → 0.4" in kiosk(config, "settings", "history", version).output
    config.write_text("[face\n", encoding="utf-8")
    assert kiosk(config, "settings", "check").exit_code == 2
    assert kiosk(config, "settings", "restore", version).exit_code == 0
    assert "没有错误" in kiosk(config, "settings", "check").output
    with Store.open(config.parent / "data") as store:
        actions = [entry.action for entry in store.audit.entries()]
    by_hand = "configuration.found"  # as it was before anybody changed it here, and as somebody broke it
    assert actions == [by_hand, "configuration.change", by_hand, "configuration.restore"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("set", "face.pas_at", "0.4"), "是否应为 face.pass_at"),
        (("set", "face.pass_at", "much"), "应为数字"),
        (("set", "face.pass_at"), "--default"),
        (("set", "station.profile", "no-such"), "no-such"),
        (("restore", "2026-01-01T00-00-00.toml"), "没有名为"),
    ],
)
def test_what_can_t_be_is_told_and_nothing_is_written(config: Path, arguments: tuple[str, ...], words: str) -> None:
    before = config.read_bytes()
    told = kiosk(config, "settings", *arguments)
    assert (told.exit_code, words in told.output) == (2, True), told.output
    assert config.read_bytes() == before


def test_a_file_that_asks_for_english_is_told_of_in_english(config: Path) -> None:
    config.write_text('[station]\nlanguage = "en"\n[web]\nport = "many"\n', encoding="utf-8")
    assert 'Line 4, web.port: Should be a whole number, is "many".' in kiosk(config, "settings", "check").output


def test_profiles_are_listed_shown_and_checked(config: Path, tmp_path: Path) -> None:
    own = tmp_path / "profiles" / "own.toml"
    own.parent.mkdir()
    shutil.copy(ROOT / "kiosk/exchange/profiles/henan-zhongkao.toml", own)
    (own.parent / "cmis-5.toml").write_text("title = 1\n", encoding="utf-8")
    listed = kiosk(config, "profiles").output
    assert all(words in listed for words in ("own", "qinghai-xuekao", "cmis-5.toml: 与随程序提供的方案 cmis-5 同名"))
    shown = kiosk(config, "profiles", "show", "own").output
    assert all(words in shown for words in ("示例一", "身份证号", "450×600", "pictures/照片/63010320100101001X.jpg"))
    assert kiosk(config, "profiles", "check", str(own)).exit_code == 0
    own.write_text(own.read_text(encoding="utf-8").replace("width = 450", 'width = "wide"'), encoding="utf-8")
    told = kiosk(config, "profiles", "check", str(own))
    assert (told.exit_code, 'photo.width：应为整数，现在是 "wide"' in told.output) == (1, True), told.output


def test_the_references_are_what_the_program_says() -> None:
    reference = ROOT / "docs" / "reference"
    assert (reference / "settings.md").read_text(encoding="utf-8") == settings_reference() + "\n"
    profiles = (reference / "profiles.md").read_text(encoding="utf-8")
    assert profiles_reference() in profiles
    told = {name for text in profiles.split("`")[1::2] for name in text.split()}
    assert {field.alias or name for name, field in Profile.model_fields.items()} - told - {
        *("name", "hash", "decisions", "column", "picture", "photo", "document", "workflow", "fingers", "sheet", "pictures")
    } == set()
