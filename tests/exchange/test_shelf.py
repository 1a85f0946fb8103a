"""A school's own profiles beside its configuration, and what a profile makes of two students who don't exist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import idnumber
from kiosk.errors import ExchangeError
from kiosk.exchange import load_profile, profiles
from kiosk.exchange.preview import preview
from kiosk.exchange.shelf import look_in, shelf
from kiosk.words import say_message

OWN = 'title = "本校"\n[[column]]\nheader = "姓名"\nfield = "name"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    look_in(tmp_path)
    yield tmp_path
    look_in(None)


def test_a_school_s_own_profile_is_one_like_the_others(folder: Path) -> None:
    (folder / "own.toml").write_text(OWN, encoding="utf-8")
    assert load_profile("own").title == "本校"
    assert [one.name for one in profiles()][-1] == "own"
    look_in(None)
    with pytest.raises(ExchangeError, match=r"profile\.unknown"):
        load_profile("own")


def test_no_profile_of_the_program_is_overridden_by_its_name(folder: Path) -> None:
    (folder / "qinghai-xuekao.toml").write_text(OWN, encoding="utf-8")
    assert load_profile("qinghai-xuekao").title == "青海学业水平考试 考籍注册"
    assert [one.title for one in profiles() if one.name == "qinghai-xuekao"] == ["青海学业水平考试 考籍注册"]
    own = shelf()[-1]
    assert (own.own, own.usable) == (True, False)
    assert "没有采用" in say_message("zh-CN", own.faults[0].message)


def test_a_faulty_one_is_told_with_its_place_and_keeps_nobody_from_the_others(folder: Path) -> None:
    (folder / "bad.toml").write_text(OWN + "widht = 3\n[photo]\nwidth = 4\n", encoding="utf-8")
    assert len(profiles()) == 8
    told = [say_message("zh-CN", fault.message) for fault in shelf()[-1].faults]
    assert told == ["第 5 行 column.1.widht：没有这一项，是否应为 width？", "第 7 行 photo.width：不得小于 32，现在是 4。"]


@pytest.mark.parametrize("name", [one.name for one in profiles()])
def test_every_profile_can_be_previewed(name: str) -> None:
    profile = load_profile(name)
    made = preview(profile)
    assert len(made.rows) == 2
    assert all(len(row) == len(made.headers) == len(profile.columns) for row in made.rows)
    assert "?" not in "".join(made.pictures)
    assert len(made.pictures) == 2 * len(profile.pictures)
    for column, cell in zip(profile.columns, made.rows[0], strict=True):
        assert cell or not column.required or column.required_of, column.header
        assert column.fits(cell) or not cell, column.header


def test_the_two_students_are_nobody_and_the_frame_is_the_photo_s() -> None:
    made = preview(load_profile("henan-zhongkao"))
    first, second = (row[made.headers.index("身份证号")] for row in made.rows)
    assert first != second
    assert idnumber.problem(first) is None
    assert made.sheets == ("考生基本信息.xlsx",)
    assert made.photo is not None
    assert (made.photo.width, made.photo.height, round(made.photo.width_mm, 1), round(made.photo.height_mm, 1)) == (
        450,
        600,
        38.1,
        50.8,
    )
    _, top, _, high = made.photo.head
    assert 0 < top < made.photo.eye_y < top + high < 600
