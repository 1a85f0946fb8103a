from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kiosk.errors import ExchangeError
from kiosk.exchange import load_profile, profiles
from kiosk.exchange.profile import judge, read_profile
from kiosk.records import Decision, Role
from kiosk.words import say_error


def test_all_profiles_that_come_with_the_program_are_sound() -> None:
    assert [profile.name for profile in profiles()] == [
        "cmis-5",
        "cmis-72",
        "cmis-photos",
        "henan-zhongkao",
        "national-exam-photo",
        "qinghai-xuekao",
        "zhengzhou-qimo-students",
        "zhengzhou-qimo-teachers",
    ]
    assert len(load_profile("cmis-72").columns) == 72


@pytest.mark.parametrize(
    ("name", "size", "dpi", "most"),
    [
        ("henan-zhongkao", (450, 600), 300, 30),
        ("national-exam-photo", (480, 640), 300, 40),
        ("cmis-photos", (307, 378), 300, 59),
    ],
)
def test_photos_are_as_the_standard_has_them(name: str, size: tuple[int, int], dpi: int, most: float) -> None:
    photo = load_profile(name).photo
    assert ((photo.width, photo.height), photo.dpi, photo.max_kb) == (size, dpi, most)


def test_the_hash_is_the_files() -> None:
    profile = load_profile("qinghai-xuekao")
    path = Path("kiosk/exchange/profiles/qinghai-xuekao.toml")
    assert profile.hash == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_qinghai_columns_are_those_of_the_notice() -> None:
    headers = [column.header for column in load_profile("qinghai-xuekao").columns]
    assert (
        headers
        == (
            "考籍号 姓名 性别 民族 出生日期 身份证号 住址 签发机关 有效期 年级 班级 人证核验结果 相似度 身份证照片 人脸照片 "
            "右手拇指 左手拇指 采集时间 采集站点 采集员 备注"
        ).split()
    )


@pytest.mark.parametrize("name", ["no-such", "../profiles/qinghai-xuekao", ""])
def test_an_unknown_profile_is_told(name: str) -> None:
    with pytest.raises(ExchangeError, match=r"profile\.unknown"):
        load_profile(name)


def test_all_faults_of_a_profile_are_told_at_once_each_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        """
title = ""
colour = "red"
[photo]
width = 4
[[column]]
header = "姓名"
field = "nickname"
[[column]]
header = "照片"
[[picture]]
kind = "portrait"
file = "../{secret}"
suffix = "gif"
[sheet]
split = "class_name"
""",
        encoding="utf-8",
    )
    with pytest.raises(ExchangeError, match=r"profile\.invalid") as caught:
        read_profile(path)
    problems = say_error("zh-CN", caught.value)
    for place in (
        "title",
        "colour",
        "photo.width",
        "column.1.field",
        "column.2",
        "picture.1.file",
        "picture.1.suffix",
        "sheet.file",
    ):
        assert f" {place}：" in problems
    assert "registration_number" in problems  # what would be right


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[sheet]\nfile = "a-{split}"\nsplit = ["grade", "grade"]', "sheet.split"),
        ('[[column]]\nheader = "甲"\nfield = "sex"\nrequired_of = ["1"]', "column.2.required_of"),
        ('[[column]]\nheader = "甲"\nfield = "sex"\npattern = "男|女"\nexample = "男生"', "column.2.pattern"),
        ('[[column]]\nheader = "甲"\nfield = "sex"\npattern = "("\nexample = "("', "column.2.pattern"),
        ("[photo]\nhair_top = [110, 50]", "photo.hair_top"),
        ("[photo]\nreplace_background = true", "photo.replace_background"),
        ("[photo]\nbackground = [300, 0, 0]", "photo.background.1.1"),
        ('[fingers]\nright = ["index", "index"]', "fingers.right"),
        ("[fingers]\nleft = []", "fingers.left"),
        ('[[column]]\nheader = "甲"\nfield = "similarity"\nformat = ".3q"', "column.2.format"),
    ],
)
def test_rules_of_a_notice_that_make_no_sense_are_told_with_their_place(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(f'title = "甲"\n[[column]]\nheader = "姓名"\nfield = "name"\n{text}\n', encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"profile\.invalid") as caught:
        read_profile(path)
    assert f" {place}：" in say_error("zh-CN", caught.value)


@pytest.mark.parametrize(
    "told", ['["earrings", "earrings"]', '["耳\\n环"]', '["1","2","3","4","5","6","7","8","9","10"]', '[""]']
)
def test_row_2_4_a_list_of_what_a_person_looks_for_fits_on_the_keys_and_on_the_screen(tmp_path: Path, told: str) -> None:
    path = tmp_path / "wrong.toml"
    plain = 'title = "甲"\n[[column]]\nheader = "姓名"\nfield = "name"\n'
    path.write_text(f"look_for = {told}\n{plain}", encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"profile\.invalid") as caught:
        read_profile(path)
    assert " look_for：" in say_error("zh-CN", caught.value)
    path.write_text(f'look_for = ["earrings", "红领巾"]\n{plain}', encoding="utf-8")
    assert read_profile(path).look_for == ("earrings", "红领巾")


def test_a_background_is_one_colour_or_several(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    for text, wanted in (("[1, 2, 3]", ((1, 2, 3),)), ("[[1, 2, 3], [4, 5, 6]]", ((1, 2, 3), (4, 5, 6)))):
        path.write_text(f'title = "甲"\n[photo]\nbackground = {text}\n[[column]]\nheader = "姓名"\nfield = "name"\n', "utf-8")
        assert read_profile(path).photo.backgrounds == wanted


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_bytes("title = 青海".encode("gb18030"))
    with pytest.raises(ExchangeError, match=r"profile\.invalid"):
        read_profile(path)


def test_row_3_11_a_wrong_word_for_the_zip_is_told_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "zips.toml"
    text = 'title = "x"\n[[picture]]\nkind = "portrait"\nfile = "{id_number}"\nsuffix = "jpg"\n[pictures]\nzip = "class"\n'
    path.write_text(text, encoding="utf-8")
    _, faults = judge(path.stem, path.read_bytes())
    assert [(fault.key, fault.what.code, fault.line) for fault in faults] == [("pictures.zip", "fault.expected", 7)]


def test_a_profile_says_who_answers_for_what_and_never_one_person_alone_for_a_student(tmp_path: Path) -> None:
    path = tmp_path / "strict.toml"
    plain = 'title = "x"\n[[column]]\nheader = "姓名"\nfield = "name"\n'
    path.write_text(plain + '[decisions.correct]\nrole = "officer"\nother_person = false\n', encoding="utf-8")
    rules = read_profile(path).decision_rules
    assert (rules[Decision.CORRECT].role, rules[Decision.CORRECT].other_person) == (Role.OFFICER, False)
    assert (rules[Decision.PLAIN_EXPORT].role, rules[Decision.PLAIN_EXPORT].other_person) == (Role.SUPERVISOR, True)
    for wrong in (
        "[decisions.accept]\nother_person = false\n",
        '[decisions.correct]\nrole = "auditor"\n',
        "[decisions.lunch]\n",
    ):
        path.write_text(plain + wrong, encoding="utf-8")
        with pytest.raises(ExchangeError, match=r"profile\.invalid"):
            read_profile(path)
