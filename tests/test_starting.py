"""The page that answers before anything is loaded."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import closing
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from kiosk.listening import listen
from kiosk.starting import STAGES, Starting, shown
from kiosk.words import say


def answered(at: socket.socket, method: str = "GET") -> tuple[int, str, dict[str, str]]:
    url = "http://{}:{}/operator".format(*at.getsockname())
    with pytest.raises(HTTPError) as caught:
        urlopen(Request(url, method=method, data=b"x=1" if method == "POST" else None), timeout=10).close()
    with closing(caught.value) as answer:
        return answer.code, answer.read().decode(), dict(answer.headers)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_it_says_what_the_station_is_at_and_asks_again_by_itself(language: str) -> None:
    with closing(listen(0)) as at, shown(starting := Starting(language), at):
        for stage in STAGES:
            starting.now(stage)
            code, page, headers = answered(at)
            assert code == 503
            assert f'<html lang="{language}">' in page
            assert f'<li class="now" aria-current="step">{say(language, f"starting.{stage}")}</li>' in page
            assert page.count('class="done"') == STAGES.index(stage)
            assert '<meta http-equiv="refresh" content="1">' in page
            assert headers["Cache-Control"] == "no-store"
            assert "unsafe" not in headers["Content-Security-Policy"]


def test_it_takes_nothing_and_says_the_same_to_who_sends() -> None:
    with closing(listen(0)) as at, shown(Starting("zh-CN"), at):
        assert answered(at, "POST")[0] == 503
        assert answered(at, "HEAD")[1] == ""


def test_a_connection_that_was_kept_in_store_ends_with_it() -> None:
    with closing(listen(0)) as at:
        with shown(Starting("zh-CN"), at):
            kept = socket.create_connection(at.getsockname(), timeout=10)
            assert answered(at)[0] == 503  # the other was taken before
        with closing(kept):
            assert kept.recv(1) == b""


def test_whoever_comes_when_it_ends_is_answered_by_the_next() -> None:
    with closing(listen(0)) as at:
        with shown(Starting("zh-CN"), at):
            assert answered(at)[0] == 503
        waiting = socket.create_connection(at.getsockname())
        with closing(waiting), closing(at.accept()[0]) as taken:
            waiting.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert taken.recv(3) == b"GET"
    assert not [thread for thread in threading.enumerate() if thread.name == "starting"]


def test_it_answers_before_anything_is_loaded_that_takes_long() -> None:
    """In a process of its own: here everything is loaded already."""
    heavy = {
        *("alembic", "cv2", "cryptography", "flask", "fontTools", "jinja2", "markdown_it", "mediapipe", "numpy", "onnxruntime"),
        *("openpyxl", "PIL", "pygments", "scipy", "sqlalchemy", "typst", "waitress", "xlsxwriter"),
    }
    program = "import sys, kiosk.cli.serve, kiosk.starting; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split())
    assert not loaded & heavy
    assert "kiosk.starting" in loaded
