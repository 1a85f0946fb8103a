"""Under what licence what the program is built on is used: the reviewed list, and the texts that the packages bring along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).with_suffix(".md")  # written by `python -m bench.licences`
PROGRAM: Final = "exam-capture-kiosk"
_ROW: Final = re.compile(r"^\| (?P<name>[\w.-]+) (?P<version>\S+) \| (?P<licence>[^|]+?) \|")
_TEXT: Final = re.compile(r"(licen[cs]es?|copying|notice|authors)(\W.*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Used:
    """A package that is installed here. `licence`: an SPDX expression; empty where nobody knows it."""

    name: str
    version: str
    licence: str


def reviewed(path: Path = LIST) -> Mapping[tuple[str, str], str]:
    """By name and version, as the reviewed list has them: SPDX expressions. Raises OSError."""
    rows = map(_ROW.match, path.read_text("utf-8").splitlines())
    return {(row["name"], row["version"]): row["licence"] for row in rows if row is not None}


@cache
def installed() -> tuple[Used, ...]:
    """Everything that is installed with the program, by name; it does not change while it runs."""
    known = reviewed()
    found = {_name(one): one for one in distributions()}
    return tuple(
        Used(name, one.version, known.get((name, one.version)) or (one.metadata.get_all("License-Expression") or [""])[0])
        for name, one in sorted(found.items())
    )


@cache
def text_of(name: str) -> str:
    """The licence's text and whatever belongs to it, as the package brings it; empty for none."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return ""
    return "\n\n".join(_texts(found))


def _texts(found: Distribution) -> Iterator[str]:
    for file in found.files or ():
        if _TEXT.fullmatch(file.name) and not file.name.endswith((".py", ".pyc")):
            path = Path(str(file.locate()))
            if path.is_file():
                yield f"{file.name}\n\n{path.read_text('utf-8', errors='replace').strip()}"


def _name(found: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
