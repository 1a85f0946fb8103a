"""Every message that can reach a screen: found in the source, filled with long but likely data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

import kiosk
from kiosk.records import Message
from kiosk.words import catalogue

ROOT: Final = Path(kiosk.__file__).parent
# The rooms whose messages and errors the station puts on its screens, or answers an order with.
ROOMS: Final = ("station", "pipeline", "devices", "store", "manual.py", "idnumber.py", "web/commands.py", "web/asking.py")
# What keeps a store from being opened is said on the command line: there is no screen yet.
_BEFORE_THE_SCREENS: Final = {
    f"store/{name}.py"
    for name in ("adopting", "folder", "opening", "pairing", "quarantine", "station_lock", "survey", "write_ahead")
}
_CODE: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
# What placeholders are filled with; a vendor's own texts are the longest.
_DATA: Final = {
    "path": r"C:\Program Files\FingerVendor\bin\GALSXXYY.dll",
    "details": "[Errno 28] No space left on device: 'data/identity.sqlite3'",
    "reason": "图像采集失败（设备返回代码 -105，请联系厂家）",
    "port": "/dev/ttyUSB10",
    "reader": "ACS ACR1581 1S Dual Reader [ACR1581 Contactless] 00 01",
    "name": "买买提·阿卜杜热依木",
    "card": "买买提·阿卜杜热依木",
    "roster": "买买提·阿不都热依木",
    "number": "6328**********4426",
}


@cache
def codes() -> tuple[str, ...]:
    """All codes with words that are written in these rooms, whole or with a part that is filled in."""
    files = [file for room in ROOMS for file in _files(ROOT / room)]
    wanted = [pattern for file in files for pattern in _written(file)]
    known = [code for code in catalogue("zh-CN") if not code.startswith(("ui.", "student.", "cli."))]
    whole = {pattern for pattern in wanted if isinstance(pattern, str)}
    parts = [pattern for pattern in wanted if isinstance(pattern, re.Pattern)]
    return tuple(
        code
        for code in known
        for bare in [code.removeprefix("error.")]
        if {code, bare} & whole or any(part.fullmatch(code) or part.fullmatch(bare) for part in parts)
    )


def filled(code: str) -> Message:
    """A message with the data that its words ask for."""
    names = {name for _, name, _, _ in Formatter().parse(catalogue("zh-CN")[code]) if name}
    return Message(code, {name: _DATA.get(name, "2026-08-31") for name in names})


def _files(room: Path) -> list[Path]:
    found = sorted(room.rglob("*.py")) if room.is_dir() else [room]
    return [file for file in found if file.relative_to(ROOT).as_posix() not in _BEFORE_THE_SCREENS]


def _written(file: Path) -> Iterator[str | re.Pattern[str]]:
    """Codes, and patterns of those that are put together: `station.press.{finger}`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            known = [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]
            if re.match(r"[a-z]+\.", known[0]) or re.fullmatch(r"\.[a-z_.]+", known[-1]):
                yield re.compile("".join(re.escape(part) if part else r"[a-z0-9_.]+" for part in known))
