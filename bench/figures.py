"""What a bench has measured, kept as JSON with what one has to know about it: command, machine, load, date and code.

A bench offers `--json [FILE]` (`option`), measures within `kept`, and notes its figures (`note`) beside what it prints. Without
a FILE the JSON goes to the standard output, and the rest to the standard error. `python -m bench.report` makes a page of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

ROOT: Final = Path(__file__).resolve().parent.parent
STDOUT: Final = "-"


@dataclass(frozen=True)
class Figure:
    """One figure. `unit`: as it is printed (`s`, `ms`, `MB`, `%`, `×`)."""

    name: str
    value: float
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Measured:
    """Figures, and what they were measured with. `rooms`: the code that they are about; `commit`: its last change then, empty
    where nobody knows; `changed`: it was not as committed. `load`: the machine's, before and after."""

    bench: str
    command: str
    rooms: tuple[str, ...]
    commit: str
    changed: bool
    machine: str
    load: tuple[float, float]
    date: str
    figures: tuple[Figure, ...] = field(default=())


# The same for a bench whose command is click's.
json_option: Final = click.option(
    "--json", "json_to", is_flag=False, flag_value=STDOUT, default=None, metavar="FILE", help="Keep the figures as JSON."
)

_notes: Final[ContextVar[list[Figure] | None]] = ContextVar("notes", default=None)


def note(name: str, value: float, unit: str = "", note: str = "") -> None:
    """Keep a figure, where somebody keeps them."""
    if (notes := _notes.get()) is not None:
        notes.append(Figure(name, float(value), unit, note))


def option(parser: argparse.ArgumentParser) -> None:
    """`--json`, and `--json FILE`."""
    parser.add_argument("--json", nargs="?", const=STDOUT, metavar="FILE", help="keep the figures as JSON")


@contextmanager
def kept(bench: str, to: str | None, *rooms: str, quiet: bool = False) -> Iterator[None]:
    """Keep what is noted within the block. `quiet`: who calls prints JSON of its own where there is no file."""
    if to is None or (quiet and to == STDOUT):
        yield
        return
    notes: list[Figure] = []
    before, token = os.getloadavg()[0], _notes.set(notes)
    try:
        if to == STDOUT:
            with redirect_stdout(sys.stderr):
                yield
        else:
            yield
        found = measured(bench, rooms, notes, before)
    finally:
        _notes.reset(token)
    text = json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n"
    if to == STDOUT:
        print(text, end="")
    else:
        Path(to).parent.mkdir(parents=True, exist_ok=True)
        Path(to).write_text(text, encoding="utf-8")


def measured(bench: str, rooms: Sequence[str], figures: Sequence[Figure], load_before: float) -> Measured:
    """Figures with everything that is to be known about them now."""
    own = (f"bench/{bench}.py", *rooms)
    return Measured(
        bench,
        " ".join(("python -m", f"bench.{bench}", *_told_arguments())),
        own,
        last_change(own)[0],
        bool(_git("status", "--porcelain", "--", *own)),
        machine(),
        (round(load_before, 1), round(os.getloadavg()[0], 1)),
        datetime.now(UTC).isoformat(timespec="minutes"),
        tuple(figures),
    )


def read(file: Path) -> Measured:
    """What `kept` has written; raises ValueError for anything else."""
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    try:
        figures = tuple(Figure(**one) for one in told.pop("figures"))
        return Measured(**{**told, "rooms": tuple(told["rooms"]), "load": tuple(told["load"]), "figures": figures})
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{file.name} is not what a bench has kept") from None


def last_change(rooms: Sequence[str]) -> tuple[str, str]:
    """The last commit that changed these paths, and its day; empty where git tells nothing."""
    commit, _, day = _git("log", "-1", "--format=%H %cs", "--", *rooms).partition(" ")
    return commit, day


def machine() -> str:
    """Processor, cores, memory, system and Python; no names."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0
    parts = (model or platform.machine(), f"{os.cpu_count()} cores", f"{memory:.0f} GB" if memory else "")
    return ", ".join((*filter(None, parts), f"{platform.system()} {platform.machine()}", f"Python {platform.python_version()}"))


def _told_arguments() -> list[str]:
    """The command's own, without where the figures go, and without anybody's folders."""
    told: list[str] = []
    arguments = iter(sys.argv[1:])
    for one in arguments:
        if one == "--json":
            next(arguments, None)
        else:
            told.append(Path(one).name if "/" in one else one)
    return told


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
