"""Hostile requests by the thousand, and clocks that jump: does every answer come, in words, and does the station still work?

    python -m bench.faults_http [--count 20000] [--seed 1]

`--count` requests go to every rule of the app, over a real store of simulated records, with bodies, fields, headers and paths
that no page of ours sends. Then the machine's clock jumps while pages are open. Prints what was answered how often, and every
request that was answered by a 500; exit status 1 if there was one, or the store is not sound afterwards.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from unittest import mock

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from kiosk.words import LANGUAGES, catalogue
from tests.web.desk import desk

TEXTS: Final = (
    "",
    " ",
    "0",
    "-1",
    "²",
    "٣",
    "1" * 23,
    "9" * 5000,
    "1e999",
    "nan",
    "\0",
    "a\0b",
    "\ud800",
    "x\udfffy",
    "\u202eevil",
    "../../etc/passwd",
    "..%2f..%2f",
    "C:\\x",
    "con",
    "/",
    "//",
    "%",
    "%zz",
    "{}",
    "{0.__class__}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "=HYPERLINK(1)",
    "高一/5",
    "高一%2F二/",
    "r" * 100_000,
    "é" * 3000,
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:59-14:00",
    "2026-09-01T08:00",
    "2026-13-41T99:99",
    "00" * 32,
    "qinghai-xuekao",
    "zhengzhou-qimo-teachers",
    "accept",
    "save",
    "\r\nSet-Cookie: a=b",
)
FIELDS: Final = (
    "command reason by number why name sex mrz birth expiry on in text group opens closes round at school key code student "
    "until record field value class which anyway what per_room order title profile rows password draft upside_down columns "
    "confirmed"
).split()
FILES: Final = ("roster", "teachers", "picture", "scan")
FILE_NAMES: Final = (
    "a.csv",
    "a.xlsx",
    "a.xls",
    "a",
    "../../a.csv",
    "a.\0csv",
    "con.csv",
    "." * 300 + ".csv",
    "a.CSV",
    "\u202ea.xlsx",
)
CONTENTS: Final = (
    b"",
    b"\0" * 100,
    b"PK\x03\x04",
    b"%PDF-1.7",
    b"\xff\xd8\xff\xe0",
    "姓名,身份证号\n张,1\n".encode(),
    b"\xff\xfe\xfd" * 50,
)
NESTED: Final = ("[" * 100_000, '{"a":' * 100_000, "[" * 900 + "]" * 900)
HEADERS: Final = (
    "Accept",
    "Accept-Language",
    "Cookie",
    "Origin",
    "Sec-Fetch-Site",
    "Range",
    "If-None-Match",
    "X-Forwarded-For",
    "Content-Type",
)
_TOO_SLOW_S: Final = 8.0
_TOKEN: Final = re.compile(r'name="csrf-token" content="([^"]+)"')
_JUMPS: Final = (timedelta(days=-2), timedelta(days=40), timedelta(days=3650), timedelta(days=-7300), timedelta(hours=-1))


@dataclass
class Found:
    """What came of it."""

    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)  # 500s, silence, answers without words
    slowest_s: float = 0.0


def fuzz(app: Flask, count: int, seed: int) -> Found:
    """So many requests, spread over all rules of the app. The same seed makes the same requests."""
    app.config["PROPAGATE_EXCEPTIONS"] = False  # as it is served
    with ExitStack() as quick:
        for wait in ("streams._STATE_WAIT_S", "streams._FRAME_WAIT_S", "office.documents._FRAME_WAIT_S"):
            quick.enter_context(mock.patch(f"kiosk.web.{wait}", 0.01))
        return _fuzz(app, count, random.Random(seed))


def _fuzz(app: Flask, count: int, chance: random.Random) -> Found:
    client, found = app.test_client(), Found()
    token = fresh_token(client)
    rules = [
        (rule, method) for rule in app.url_map.iter_rules() for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]
    for number in range(count):
        rule, method = rules[number % len(rules)]
        path, options = _request(chance, rule, method, token)
        begun = time.monotonic()
        try:
            answer = client.open(path, method=method, **options)
        except (UnicodeError, ValueError) as error:  # the test client can't send it, no browser could
            found.answers[0] += 1
            if not _is_the_clients(error):
                found.faults.append(f"{method} {rule.rule}: {error!r}")
            continue
        if "login." in rule.endpoint:  # that browser is nobody's any more
            client = app.test_client()
            token = fresh_token(client)
        told, status = _words(answer), answer.status_code
        answer.close()
        found.answers[status] += 1
        found.slowest_s = max(found.slowest_s, time.monotonic() - begun)
        if (status >= 500 and status != 503) or (status == 409 and not told):
            found.faults.append(f"{status} {method} {path[:80]!r} {str(options)[:300]}")
    return found


def jump(app: Flask, set_clock: Callable[[timedelta], None]) -> Found:
    """The clock jumps while a page is open; its buttons must work, and every page must open."""
    found = Found()
    for by in _JUMPS:
        client = app.test_client()
        token = fresh_token(client)
        real = time.time
        with mock.patch("time.time", lambda real=real, by=by: real() + by.total_seconds()):
            set_clock(by)
            for _ in range(4):
                answer = client.post("/voice", json={"on": True}, headers={"X-CSRFToken": token})
                found.answers[answer.status_code] += 1
                if answer.status_code != 204:
                    found.faults.append(f"{by}: a button was refused, {answer.status_code}")
            for page in ("/operator", "/records", "/records/schedule", "/state?after=0"):
                answer = client.get(page)
                found.answers[answer.status_code] += 1
                if answer.status_code != 200:
                    found.faults.append(f"{by}: {page} {answer.status_code}")
        set_clock(timedelta(0))
    return found


def fresh_token(client: FlaskClient) -> str:
    found = _TOKEN.search(client.get("/operator").text)
    assert found
    return found[1]


def _request(chance: random.Random, rule: Rule, method: str, token: str) -> tuple[str, dict[str, Any]]:
    path = re.sub(r"<(?:(\w+):)?\w+>", lambda part: _segment(chance, part[1]), rule.rule)
    options: dict[str, Any] = {"headers": {"X-CSRFToken": token}}
    if chance.random() < 0.3:
        options["query_string"] = {chance.choice((*FIELDS, "after", "page", "q", "lang", "screen", "state")): _sendable(chance)}
    if chance.random() < 0.15:
        value = re.sub(r"[^\x20-\x7e]", "?", chance.choice(TEXTS))[:2000]
        options["headers"][chance.choice(HEADERS)] = value
    if method == "POST":
        options |= _body(chance)
    return path, options


def _body(chance: random.Random) -> dict[str, Any]:
    kind = chance.randrange(8)
    names = chance.sample(FIELDS, chance.randrange(1, 9))
    if kind < 4:
        values = {name: chance.choice((*TEXTS, None, True, 3, 10**22, -1.5, [1], {"a": 1})) for name in names}
        return {"data": json.dumps(values), "content_type": "application/json"}
    if kind == 4:
        broken = chance.choice((*NESTED, "", "null", "3", '"x"', "[]", "{", '{"a": "\\ud800"}', "\\", '{"on":{}}', "9" * 5000))
        return {"data": broken, "content_type": "application/json"}
    if kind == 5:
        return {"data": {name: _sendable(chance) for name in names}}
    if kind == 6:
        file = BytesIO(chance.choice(CONTENTS)), chance.choice(FILE_NAMES)
        return {"data": {**{name: _sendable(chance) for name in names}, chance.choice(FILES): file}}
    return {"data": chance.randbytes(chance.randrange(0, 4000)), "content_type": chance.choice(_TYPES)}


_TYPES: Final = (
    "application/json",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "text/plain",
    "",
)


def _segment(chance: random.Random, converter: str | None) -> str:
    if converter == "int":
        return chance.choice(("0", "1", "7", "9" * 30))
    return re.sub(r"[/?#\\]", "-", _sendable(chance))[:200] or "x"


def _sendable(chance: random.Random) -> str:
    """A text that an address or a form can carry."""
    return chance.choice(TEXTS).encode(errors="replace").decode()


def _is_the_clients(error: Exception) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return not any("/kiosk/" in frame.filename for frame in frames)


def _words(answer: Any) -> bool:
    """Whether a refusal says something that is no code."""
    if answer.mimetype != "application/json":
        return bool(answer.data)
    told = (answer.get_json(silent=True) or {}).get("message", "")
    return bool(told) and not any(told in catalogue(language) for language in LANGUAGES)


@contextmanager
def _desk() -> Iterator[tuple[Flask, Any, Callable[[timedelta], None]]]:
    shift = [timedelta(0)]
    with tempfile.TemporaryDirectory() as folder, desk(Path(folder), clock=lambda: datetime.now(UTC) + shift[0]) as made:
        yield made.app, made, lambda by: shift.__setitem__(0, by)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with _desk() as (app, made, set_clock):
        for name, found in (("requests", fuzz(app, arguments.count, arguments.seed)), ("clock jumps", jump(app, set_clock))):
            answers = "  ".join(f"{status}: {times}" for status, times in sorted(found.answers.items()))
            print(f"{name}: {answers}  slowest {found.slowest_s:.2f} s  faults {len(found.faults)}")
            for fault in found.faults[:40]:
                print(f"  {fault}")
            if found.faults or found.slowest_s > _TOO_SLOW_S:
                return 1
        whole = made.store.audit.first_broken() is None
        print(f"trail whole: {whole}; records: {sum(1 for _ in made.store.captures.records())}")
        if not whole:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
