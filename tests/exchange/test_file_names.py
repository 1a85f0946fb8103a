"""Whatever grades, classes and titles say, a file's name is one that every system takes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ExchangeError
from kiosk.exchange.file_names import MOST_BYTES, file_name, free_name, is_file_name, within

DEVICES = ("CON", "prn", "Aux", "NUL", "COM1", "lpt9", "COM\u00b2", "CLOCK$", "conin$")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("登记表-高一（5）班", "登记表-高一（5）班.pdf"),
        ("高一/二", "高一_二.pdf"),
        ("../../elsewhere/x", "_.._elsewhere_x.pdf"),
        ("..\\..\\C:\\x", "_.._C__x.pdf"),
        ("／etc／passwd", "_etc_passwd.pdf"),
        (" . 高一 . ", "高一.pdf"),
        ("", "_.pdf"),
        ("...", "_.pdf"),
        ("一班\u202egpj.", "一班gpj.pdf"),
        ("一\n班\0\x7f", "一班.pdf"),
        ("half \ud800 a pair", "half  a pair.pdf"),
        ("高一\u3000三班", "高一 三班.pdf"),
        ("cafe\u0301", "caf\u00e9.pdf"),
    ],
)
def test_what_can_not_stand_in_a_name_is_left_out(text: str, name: str) -> None:
    assert file_name(text, ".pdf") == name


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("suffix", ["", ".pdf", ".tar.gz"])
def test_no_file_is_called_as_windows_calls_a_device(device: str, suffix: str) -> None:
    assert file_name(device, suffix) == f"_{device}{suffix}"
    assert not is_file_name(device + suffix)
    assert is_file_name(f"{device}x")


@given(st.text(max_size=300) | st.text("./\\ :CONconul1\u202e\ud800班é", max_size=12))
def test_any_text_becomes_a_name_that_stays_as_it_is(text: str) -> None:
    name = file_name(text, ".xlsx")
    assert len(name.encode()) <= MOST_BYTES
    assert unicodedata.is_normalized("NFC", name)
    assert not set('/\\:*?"<>|') & set(name)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in name)
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert file_name(name) == name


def test_two_classes_that_become_one_name_keep_a_file_each(tmp_path: Path) -> None:
    names = ("高一/二", "高一:二", "高一_二", "a班", "A班")
    for number, text in enumerate(names):
        free_name(tmp_path, file_name(text, ".pdf")).write_text(str(number))
    assert sorted(path.read_text() for path in tmp_path.iterdir()) == list("01234")
    assert {path.name for path in tmp_path.iterdir()} == {
        "高一_二.pdf",
        "高一_二-2.pdf",
        "高一_二-3.pdf",
        "a班.pdf",
        "A班-2.pdf",
    }


@pytest.mark.parametrize("parts", [("..", "x"), ("/etc/x",), ("a", "..", "..", "x"), ("",), ("a\0b",), (".",)])
def test_nothing_is_written_outside_its_folder(parts: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"export\.outside"):
        within(tmp_path / "export", *parts)


def test_a_link_does_not_lead_outside_either(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "link").symlink_to(tmp_path)
    with pytest.raises(ExchangeError, match=r"export\.outside"):
        within(tmp_path / "export", "link", "x.pdf")
    assert within(tmp_path / "export", "a", "x.pdf") == tmp_path / "export" / "a" / "x.pdf"
