"""A file that hurts whoever reads it hurts a process that nobody misses."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.arms_length import door
from kiosk.arms_length.door import Limits, read_apart
from kiosk.errors import ExchangeError, KioskError
from kiosk.words import LANGUAGES, say_error

pytestmark = pytest.mark.usefixtures("reading_processes_start_by_themselves")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "花名册.xlsx"
    path.write_bytes("内容".encode())
    return path


def read(file: Path, task: str, limits: Limits | None = None, **arguments: Any) -> list[Any]:
    return list(read_apart(f"tests.arms_length.tasks:{task}", file, limits or Limits(), **arguments))


def refused(file: Path, task: str, limits: Limits | None = None, **arguments: Any) -> KioskError:
    with pytest.raises(KioskError) as caught:
        read(file, task, limits, **arguments)
    assert caught.value.data["file"] == file.name
    assert all("花名册.xlsx" in say_error(language, caught.value) for language in LANGUAGES if "photo" not in caught.value.code)
    return caught.value


def test_what_the_process_says_comes_back_and_what_it_prints_does_not(file: Path) -> None:
    stepped_back = min(os.nice(0) + 15, 19)
    assert read(file, "echo", name="张三") == [{"said": "内容", "name": "张三"}, b"\x00\xff" * 3, [stepped_back, 1]]


def test_an_error_of_the_tree_comes_back_as_it_is(file: Path) -> None:
    error = refused(file, "refuse")
    assert (type(error), error.code, error.data["row"]) == (KioskError, "photo.broken", 7)


@pytest.mark.parametrize("task", ["stumble", "panic"])
def test_any_other_exception_is_told_and_nobodys_data_with_it(file: Path, task: str, caplog: pytest.LogCaptureFixture) -> None:
    error = refused(file, task)
    assert error.code == "reading.broken"
    assert "张三" not in str(error) + caplog.text
    assert "tasks.py:" in caplog.text


@pytest.mark.parametrize(
    ("task", "limits", "code"),
    [
        ("abort", Limits(), "reading.died"),
        ("hang", Limits(wall_s=1.0), "reading.too_slow"),
        ("work_on", Limits(cpu_s=1), "reading.too_slow"),
        ("eat", Limits(memory_mb=64), "reading.too_large"),
        ("talk", Limits(answer_mb=4), "reading.too_large"),
    ],
)
def test_a_process_that_dies_hangs_or_eats_is_told_in_words(file: Path, task: str, limits: Limits, code: str) -> None:
    assert refused(file, task, limits).code == code


def test_the_process_can_write_nothing(file: Path, tmp_path: Path) -> None:
    assert refused(file, "write", out=str(tmp_path / "out")).code in ("reading.broken", "reading.died")
    assert not (tmp_path / "out").exists() or (tmp_path / "out").read_bytes() == b""


def test_files_that_are_not_there_or_too_large_start_nothing(file: Path, tmp_path: Path) -> None:
    assert refused(file, "echo", Limits(file_mb=0)).code == "reading.file_too_large"
    for gone in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(ExchangeError, match=r"reading\.missing"):
            read(gone, "echo")


def test_who_stops_listening_ends_the_process(file: Path) -> None:
    answers = read_apart("tests.arms_length.tasks:leave", file, Limits())
    number = next(answers)
    answers.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_one_file_is_read_at_a_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_QUEUE_S", 0.05)
    answers: Iterator[Any] = read_apart("tests.arms_length.tasks:leave", file, Limits())
    next(answers)
    found: list[KioskError] = []

    def second() -> None:
        found.append(refused(file, "echo"))

    thread = threading.Thread(target=second)
    thread.start()
    thread.join()
    answers.close()  # type: ignore[attr-defined]
    assert [error.code for error in found] == ["reading.busy"]
    assert read(file, "echo")[1] == b"\x00\xff" * 3
