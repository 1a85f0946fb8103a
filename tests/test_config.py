"""What the settings may say, and what is told of a file that says something else."""

from __future__ import annotations

import codecs
import re
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.config import Effect, Settings, check, keys, load
from kiosk.config.text import parsed, places
from kiosk.errors import ConfigError
from kiosk.records import Step
from kiosk.words import LANGUAGES, catalogue, say_day, say_error, say_minute, say_moment

ROOT = Path(__file__).parents[1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def told(file: Path, content: str | bytes, language: str = "zh-CN") -> str:
    """What is told of a file that can't be right."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        load(file)
    return say_error(language, caught.value).partition("\n")[2]


def test_the_shipped_file_says_exactly_the_defaults() -> None:
    assert load(ROOT / "config.toml") == Settings()


def test_every_key_stands_in_the_shipped_file_with_its_section(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    shown = places(re.sub(r"(?m)^# (?=\[|\w+ = )", "", text))
    assert [path for path in keys() if path not in shown] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_has_a_name_and_says_what_it_is_for(language: str) -> None:
    words = catalogue(language)
    wanted = [f"{kind}.{path}" for path in keys() for kind in ("setting", "setting_help")]
    wanted += [f"setting_section.{key.section}" for key in keys().values()]
    wanted += [f"setting_table.{path.rpartition('.')[0]}" for path in keys() if path.count(".") == 2]
    wanted += [f"unit.{key.unit}" for key in keys().values() if key.unit is not None]
    wanted += [f"effect.{effect}" for effect in Effect]
    assert [code for code in wanted if not words.get(code)] == []
    settings = {code for code in words if code.split(".")[0] in {"setting", "setting_help"}}
    assert settings - set(wanted) == set()


def test_a_key_whose_name_ends_in_a_unit_has_it() -> None:
    ends = ("_s", "_minutes", "_deg", "_mm2", "days", "fps", "dpi", "width", "height")
    assert [key.path for key in keys().values() if key.path.endswith(ends) and key.unit is None] == []


def test_all_faults_are_reported_at_once_each_with_its_line_key_and_value(file: Path) -> None:
    content = (
        '[web]\nport = 99999\n[face]\npass_at = 0.2\nreview_at = 0.3\n[finger]\nbaud = "fast"\n[camra]\nsource = 1\n'
        '[workflow]\nsteps = ["confirm", "face"]\n'
    )
    assert told(file, content).split("\n") == [
        "  第 2 行 web.port：不得大于 65535，现在是 99999。",
        "  第 5 行 face.review_at：不得大于 pass_at，现在是 0.3。",
        '  第 7 行 finger.baud：应为整数，或以下之一：auto，现在是 "fast"。',
        "  第 8 行 camra：没有这一项，是否应为 camera？",
        "  第 11 行 workflow.steps：最后一个环节必须是 confirm（核对）。",
    ]
    assert "Line 2, web.port: Must be at most 65535, is 99999." in told(file, content, "en")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[station]\nname = "一\n', "第 2 行第 10 列：引号没有成对"),
        ("[station\n", "第 1 行第 9 列：节名要写成 [名称]"),
        ("[web]\nport = 1\nport = 2\n", "第 3 行 web.port：与第 2 行重复"),
        ("[web]\nport = 1\n[face]\n[web]\n", "第 4 行 web：与第 1 行重复"),
        ("[web]\nport\n", "第 2 行第 5 列：要写成“名称 = 值”"),
        ("[camera]\nmirrored = yes\n", "真假写 true 或 false"),
        ("[face]\npass_at = 0,4\n", "小数点用英文句点"),
        ("[station]\nname = “一中”\n", "要用英文（半角）的：name = “一中”"),
        ("[web]\nport = \n", "第 2 行第 8 列"),
        ('[web]\nport = "many"\n', '第 2 行 web.port：应为整数，现在是 "many"。'),
        ("[camera]\nmirrored = 3\n", "camera.mirrored：应为 true 或 false，现在是 3。"),
        ("[camera]\nwidht = 3\n", "是否应为 width？"),
        ('[web]\nfolder = "x"\n', "它属于 [store]"),
        ('[card]\ntransport = "blue"\n', "应为以下之一：pcsc, serial, usb"),
        ('[card]\nusb_id = "x"\n', "四位十六进制"),
        ("[finger]\npassword = -777\n", "不得小于 0，现在是 …。"),
        ("[finger]\nimage = { name = 'a', width = 63 }\n", "第 2 行 finger.image.width：不得小于 64"),
        ("[finger]\nimage = { name = 'a', width = 65 }\n", "finger.image.height：缺少这一项"),
        ("[retention]\nraw = { days = 1, start = 'soon' }\n", "日期"),
        ('[station]\nname = " 　"\n', "第 2 行 station.name：不能为空。"),
        (f'[station]\nname = "{"长" * 101}"\n', "第 2 行 station.name：最多 100 个字符"),
        (f'[station]\nexam = "{"长" * 101}"\n', "station.exam：最多 100 个字符"),
        (f'[station]\ncontact = "{"长" * 101}"\n', "station.contact：最多 100 个字符"),
        (f'[station]\nschool = "{"长" * 101}"\n', "station.school：最多 100 个字符"),
        ('[backup]\nat = "noon"\n', "backup.at：应为时间"),
        ('[store]\nfolder = "data\\new"\n', "store.folder：这里的 \\ 被当成了特殊字符"),
        ('[store]\nfolder = "data\\school"\n', '写成：folder = "data/school"'),
        ('[store]\nfolder = """data\\new"""\n', "store.folder：这里的 \\ 被当成了特殊字符"),
        ('[station]\nname = """第一\n中学"""\n', "第 2 行 station.name：这里换了行"),
        ("[station]\nexam = '''一月\n统考'''\n", "第 2 行 station.exam：这里换了行"),
        ('station = { name = """第一\n中学""" }\n', "station.name：这里换了行"),
        ("web = 3\n", "web：应为花括号里的几项或一节"),
        ('[office]\ndatabase = "mysql://x"\n', "office.database：应为形如 postgresql://用户@主机/库名 的地址，现在是 …。"),
        (f"[checkin]\ndoors = {['a:1'] * 40}\n", "checkin.doors：最多 31 个"),
        ('[workflow]\nsteps = ["gesicht"]\n', "应为以下之一：consent, face"),
        ("[face]\nhold_s = inf\n", "face.hold_s：不得大于 600"),
        ("[accounts]\nlocked_minutes = 99999999999\n", "不得大于 10080"),
        ("[retention]\nraw = { days = 99999999999 }\n", "不得大于 36500"),
        (f"[finger]\nattempts = {'9' * 5000}\n", "过长的数字"),
        (f"web = {'[' * 5000}{']' * 5000}\n", "括号套得太深"),
        (f"[face]\n{'a.' * 3000}a = 1\n", "face.a：没有这一项"),
        (f"[face]\n{' ' * 20_000}\nx = 1\n", "第 3 行 face.x：没有这一项"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_write(file: Path, content: str, words: str) -> None:
    assert words in told(file, content)


def test_a_name_of_the_greatest_length_is_taken_and_the_form_knows_it(file: Path) -> None:
    file.write_text(f'[station]\nname = "{"长" * 100}"\n', encoding="utf-8")
    assert load(file).station.name == "长" * 100
    assert [keys()[f"station.{name}"].longest for name in ("name", "exam", "contact", "school")] == [100] * 4
    assert keys()["checkin.doors"].longest is None


def test_a_missing_file_is_told(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert "没有这个文件" in say_error("zh-CN", caught.value)


NAMED = '# 第一中学“校区”—1\r\n[station]\r\nname = "第一中学"\r\n'


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + NAMED.encode(),
        codecs.BOM_UTF16_LE + NAMED.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + NAMED.encode("utf-16-be"),
        NAMED.encode("gbk"),
        (ROOT / "config.toml").read_text(encoding="utf-8").replace("采集点-01", "第一中学").encode("gb18030"),
    ],
    ids=["UTF-8 with BOM", "UTF-16", "UTF-16 BE", "GBK", "the shipped file in GBK"],
)
def test_a_file_from_notepad_is_read(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert load(file).station.name == "第一中学"


@pytest.mark.parametrize(
    "content",
    [
        NAMED.encode("utf-16-le"),
        '[station]\nname = "école"'.encode("latin-1"),
        b"[web]\n\xff\n",
        NAMED.encode() + b"# \xe7\xac",
    ],
    ids=["UTF-16 without a mark", "Latin-1", "no text", "UTF-8 that was cut"],
)
def test_an_encoding_that_may_be_anything_is_not_guessed(file: Path, content: bytes) -> None:
    assert "编码选 UTF-8" in told(file, content)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r'"D:\new\table"', r"D:\new\table"),
        (r'"D:\data\"', "D:\\data\\"),
        (r'"\\server\backup"', r"\\server\backup"),
        (r'"D:\\new"', r"D:\new"),
        ('"D:/new"', "D:/new"),
        (r"'D:\new'", r"D:\new"),
    ],
)
def test_a_windows_path_means_what_it_says(file: Path, written: str, meant: str) -> None:
    file.write_text(f"[backup]\nfolder = {written}  # 备份\n", encoding="utf-8")
    assert str(load(file).backup.folder) == str(Path(meant))


def test_values_are_checked_as_a_whole_without_a_file() -> None:
    (fault,) = check({"face": {"pass_at": 0.2, "review_at": 0.3}})
    assert fault.key == "face.review_at"
    assert check({}) == ()


@pytest.mark.parametrize("steps", ['["card", "confirm"]', '["face", "face", "confirm"]', '["face"]', "[]"])
def test_a_workflow_that_makes_no_sense_is_refused(file: Path, steps: str) -> None:
    assert "workflow.steps" in told(file, f"[workflow]\nsteps = {steps}\n")


def test_consent_comes_first_or_not_at_all(file: Path) -> None:
    assert "consent 只能是第一个环节" in told(file, '[workflow]\nsteps = ["face", "consent", "confirm"]\n')


def test_what_a_profile_wants_comes_to_the_station_s_steps_in_its_place() -> None:
    workflow = Settings().workflow.model_copy(update={"steps": (Step.LEFT_THUMB, Step.RIGHT_THUMB, Step.CONFIRM)})
    wished = workflow.with_wishes((Step.CONSENT, Step.RIGHT_THUMB), guardian_always=True)
    assert wished.steps == (Step.CONSENT, Step.LEFT_THUMB, Step.RIGHT_THUMB, Step.CONFIRM)
    assert wished.guardian_always


def test_what_is_typed_comes_back_as_it_was() -> None:
    for key in keys().values():
        again = key.taken(key.written(key.default))
        values: dict[str, object] = {}
        here = values
        *tables, name = key.path.split(".")
        for table in tables:
            here = here.setdefault(table, {})  # type: ignore[assignment]
        if again is not None:
            here[name] = again
        if not key.path.startswith("finger.image."):
            assert Settings.model_validate(values) == Settings(), key.path
    assert parsed("a = 1") == {"a": 1}


def test_a_language_that_is_badly_described_is_told_in_one_of_the_others(file: Path) -> None:
    described = file.parent / "languages" / "bo" / "language.toml"
    described.parent.mkdir(parents=True)
    described.write_text("name = 3\n", encoding="utf-8")
    assert "name：" in told(file, "")
    described.write_text('name = "X"\nlocale = "zz"\n', encoding="utf-8")
    assert "locale：不能是 'zz'" in told(file, "")
    described.unlink()


def test_a_language_whose_dates_can_not_be_written_is_told_before_any_page_needs_them(file: Path) -> None:
    described = file.parent / "languages" / "bo" / "language.toml"
    described.parent.mkdir(parents=True)
    for name, pattern in (("minute", "qqqqqqq"), ("day", "yyyy-MM-dd HH:mm"), ("moment", " ")):
        described.write_text(f'name = "X"\nlocale = "bo"\n[dates]\n{name} = "{pattern}"\n', encoding="utf-8")
        assert f"dates.{name}：不能是 '{pattern}'" in told(file, "")
    described.write_text('name = "X"\nlocale = "bo"\n[dates]\nminute = "H:mm, d.M.yyyy"\n', encoding="utf-8")
    assert load(file) == Settings()
    described.unlink()


@pytest.mark.parametrize("tag", ["zh-CN", "en"])
def test_the_program_s_own_languages_write_dates(tag: str) -> None:
    at = datetime(2026, 9, 30, 18, 5).astimezone()
    for written in (say_minute(tag, at), say_moment(tag, at), say_day(tag, at.date())):
        assert "2026" in written


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'name = "X"\nlocale = bo\n', "第 2 行第 10 列：语言说明文件从这里起看不懂"),
        ('name = "藏文"\n'.encode("gbk"), "编码不是 UTF-8"),
        (b"name = " + b"9" * 5000, "过长的数字"),
    ],
)
def test_a_language_s_description_that_can_not_be_read_is_told_in_words(file: Path, content: bytes, words: str) -> None:
    described = file.parent / "languages" / "bo" / "language.toml"
    described.parent.mkdir(parents=True)
    described.write_bytes(content)
    assert words in told(file, "")
    described.unlink()


def test_a_number_that_is_too_long_to_be_one_is_told_as_what_it_is() -> None:
    digits = "9" * 5000
    for path in ("finger.attempts", "camera.source", "finger.baud"):
        assert keys()[path].taken(digits) == digits
