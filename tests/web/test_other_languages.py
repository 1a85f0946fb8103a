"""A language is a folder: once it is there, nothing on any screen speaks another one."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kiosk.cli import main
from kiosk.codes import ETHNICITY
from kiosk.config import Settings, load
from kiosk.errors import ConfigError
from kiosk.exchange import load_profile, profiles
from kiosk.exchange.notice import notice_for
from kiosk.languages import look_in
from kiosk.records import CATEGORIES, USUAL, Step
from kiosk.web import Entrance
from kiosk.web.operator_words import for_operator
from kiosk.web.student_words import for_student
from kiosk.words import lacking, say, say_minute, say_number, say_share, say_size
from tests.pseudo import installed, untranslated_on, write_pseudo_language
from tests.store.conftest import AT
from tests.web import script
from tests.web.desk import Desk, desk

WORKFLOW = (Step.CONSENT, Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.SIGNATURE, Step.CONFIRM)
PAGE = {"Accept": "text/html"}
NOTICE = notice_for(Settings(), load_profile("qinghai-xuekao"))
# What schools, people, systems and units are called, and what no language translates.
DATA = (
    *("采集员", "王老师", "王主任", "李主任", "班主任", "考务管理员", "负责人", "采集点-01", "考生", "高一", "中文", "English"),
    *("青海省西宁市城中区", "西宁市公安局", "长期", "文科", "理科", "同意", "不同意", "card.expires_soon"),
    *("PIN", "SHA-256", "kB"),
    *("unpack", "wlt2bmp", "Unpack", "_Unpack", "GetBmp"),
    say("zh-CN", "ui.slots.notice_bring"),  # printed on Chinese paper
    *USUAL,
    *CATEGORIES,
    *ETHNICITY.values(),
    *(text for profile in profiles() for text in (profile.title, profile.name)),
    *(text.replace("{school}", "采集点-01") for text in NOTICE.texts["zh-CN"].values()),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pseudo_language(tmp_path_factory.mktemp("station"))


@pytest.fixture
def pseudo(folder: Path) -> Iterator[str]:
    with installed(folder) as tag:
        yield tag


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


def test_no_page_says_anything_in_another_language(at_work: Desk, pseudo: str) -> None:
    client = at_work.app.test_client()
    client.set_cookie("language", pseudo)
    rules = [rule for rule in at_work.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    others = {"/", "/student", "/frame", "/state", "/help", "/records/about"}  # no staff's page, or full of names
    plain = {rule.rule for rule in rules if "." not in rule.rule} - others
    answers = [(page, client.get(page, headers=PAGE)) for page in (*plain, f"/records/{at_work.record(1).id}", "/nowhere")]
    shown = {
        page: answer.text
        for page, answer in answers
        if answer.mimetype == "text/html" and answer.status_code != HTTPStatus.FOUND
    }
    assert len(shown) > 20
    assert {page: left for page, text in shown.items() if (left := untranslated_on(text, DATA))} == {}


def test_neither_does_the_door_nor_the_panel_that_plays_students(pseudo: str, client: FlaskClient, tmp_path: Path) -> None:
    door = Entrance(Settings(), tmp_path / "data").app.test_client()
    for browser, page in ((client, "/play"), (client, "/operator"), (door, "/")):
        browser.set_cookie("language", pseudo)
        answer = browser.get(page, headers=PAGE)
        assert answer.status_code == 200
        assert untranslated_on(answer.text, (*DATA, "258036")) == []


def test_no_state_of_the_day_says_anything_in_another_language(pseudo: str) -> None:
    own = {**script.DAY, "testing": script.waiting}
    for name, make in own.items():
        snapshot = make()
        operator, student = for_operator(snapshot, WORKFLOW, pseudo), for_student(snapshot, WORKFLOW, (pseudo,))
        assert (operator["instruction"][0], student["instruction"][0]) == ("⟦", "⟦"), name
        assert student["instructionSmall"] == ""
        told = [*_words(operator), *_words(student)]
        assert [text for text in told if not text.startswith("⟦") and "⟦" not in text] == [], name


def _words(state: Any) -> Iterator[str]:
    """Every text of a state under a name that the catalogues fill."""
    if isinstance(state, list):
        for one in state:
            yield from _words(one)
    elif isinstance(state, dict):
        yield from (state[name] for name in ("label", "name", "status", "stateName", "question") if _is_said(state, name))
        for part in state.values():
            yield from _words(part)


def _is_said(state: dict[str, Any], name: str) -> bool:
    of_a_person = state.keys() & {"record", "number", "ends", "next"}  # whose name is nobody's to translate
    counted = "value" in state and name == "name" and "label" in state  # the name of a count is a code
    return isinstance(state.get(name), str) and bool(state[name]) and not (of_a_person or counted)


def test_what_a_language_lacks_is_said_in_chinese_and_listed(tmp_path: Path) -> None:
    with installed(write_pseudo_language(tmp_path, leave_out=frozenset({"ui.product"}))) as tag:
        assert say(tag, "ui.product") == say("zh-CN", "ui.product")
        assert say(tag, "ui.lock") == f"⟦{say('zh-CN', 'ui.lock')}⟧"
        assert lacking(tag) == ["ui.product"]
        told = CliRunner().invoke(main, ["--config", str(tmp_path / "none.toml"), "languages", "--missing", tag])
        assert told.output.split() == ["ui.product", say("zh-CN", "ui.product")]


def test_a_language_beside_the_settings_may_be_chosen_in_them_and_writes_its_own_dates(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[station]\nlanguage = "qps"\nstudent_languages = ["qps", "zh-CN"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="zh-CN, en"):
        load(file)
    write_pseudo_language(tmp_path)
    with installed(tmp_path / "languages") as tag:
        assert load(file).station.student_languages == (tag, "zh-CN")
        at = AT.astimezone()
        assert say_minute(tag, AT) == f"{at:%d.%m.%Y %H:%M}"
        assert say_minute("zh-CN", AT) == f"{at:%Y-%m-%d %H:%M}"
        assert say_number(tag, 0.625, 2) == "0,62"
        assert (say_share("en", 0.975), say_size(tag, 38_696_353)) == ("98%", "38,7 MB")


def test_a_description_that_is_wrong_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "languages" / "bo"
    folder.mkdir(parents=True)
    (folder / "language.toml").write_text('name = ""\nlocale = "bo"\nscreens = ["walls"]\n', encoding="utf-8")
    file = tmp_path / "config.toml"
    file.write_text("", encoding="utf-8")
    try:
        with pytest.raises(ConfigError) as caught:
            load(file)
        assert {fault.key for fault in caught.value.problems} == {"name", "screens"}
    finally:
        look_in(None)


def test_where_no_voice_speaks_a_language_another_one_stands_in(pseudo: str) -> None:
    heard = for_student(script.face(), WORKFLOW, (pseudo, "en"))["voice"]["says"]
    assert [one["text"] for one in heard] == [f"⟦{script.to_student(script.face())}⟧", script.to_student(script.face())]
    assert [one["voices"][0] for one in heard] == ["de*", "zh-CN"]


def test_a_language_that_writes_numbers_otherwise_now_does_so_at_once(tmp_path: Path) -> None:
    languages = write_pseudo_language(tmp_path)
    with installed(languages) as tag:
        assert say_number(tag, 0.62, 2) == "0,62"
    description = languages / tag / "language.toml"
    description.write_text(description.read_text(encoding="utf-8").replace("de_DE", "en_GB"), encoding="utf-8")
    with installed(languages):
        assert say_number(tag, 0.62, 2) == "0.62"
