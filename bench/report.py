"""One page of all figures, from what the benches have kept: each with command, machine, load and date, and whether the code
that it measures has changed since.

    python -m bench.report [--check] [FOLDER] [--out docs/reference/figures.md]

`--check` writes nothing: it names the figures that are older than their code, and ends with 1 where there are any.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bench.figures import ROOT, Figure, Measured, last_change, read

FOLDER: Final = ROOT / "bench" / "measured"
PAGE: Final = ROOT / "docs" / "reference" / "figures.md"
_SHORT: Final = 9  # digits of a commit
_HEAD: Final = """# Figures

Made by `python -m bench.report` from what the benches have kept (`bench/measured/`, `python -m bench.NAME --json FILE`). Times
of a machine that did other work meanwhile are too long: the load before and after says so.
"""


def stale(one: Measured) -> str:
    """Why figures are not of the code as it is now; empty where they are."""
    commit, day = last_change(one.rooms)
    if one.changed:
        return "measured on code that was not committed"
    if not one.commit or not commit:
        return "nobody knows of which code"
    return "" if commit == one.commit else f"older than the code: it was changed on {day} ({commit[:_SHORT]})"


def page(files: Sequence[Path]) -> str:
    """The page, a section for each file."""
    sections = [_section(read(file), file.stem) for file in sorted(files)]
    return "\n".join((_HEAD, *sections)) if sections else _HEAD + "\nNothing has been measured yet.\n"


def _section(one: Measured, name: str) -> str:
    """`name`: of the file, which says what is special about this run behind that of the bench: `finger_accuracy_zfm`."""
    special = name.removeprefix(one.bench).strip("_").replace("_", " ")
    title = (importlib.import_module(f"bench.{one.bench}").__doc__ or one.bench).strip().splitlines()[0].rstrip(".")
    why = stale(one)
    rooms = ", ".join(f"`{room}`" for room in one.rooms)
    of = f"{rooms} at {one.commit[:_SHORT]}" if one.commit else rooms
    before, after = one.load
    return "\n".join(
        (
            f"## {title}{f' ({special})' if special else ''}",
            "",
            f"`{one.command}`, {one.date}, on {one.machine}; load {before:g} before, {after:g} after. Measures {of}.",
            *(("", f"**{why[0].upper()}{why[1:]}.**") if why else ()),
            "",
            "| | | |",
            "|---|---:|---|",
            *(f"| {_escaped(figure.name)} | {_number(figure)} | {_escaped(figure.note)} |" for figure in one.figures),
            "",
        )
    )


def _number(figure: Figure) -> str:
    digits = f"{figure.value:,.0f}" if abs(figure.value) >= 1000 else f"{figure.value:.4g}"
    return f"{digits} {figure.unit}".strip()


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _old(files: Sequence[Path]) -> Iterator[str]:
    for file in sorted(files):
        if why := stale(read(file)):
            yield f"{file.name}: {why}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(arguments)
    files = list(asked.folder.glob("*.json"))
    if asked.check:
        old = list(_old(files))
        print("\n".join(old) or f"{len(files)} files, none older than its code")
        return 1 if old else 0
    asked.out.write_text(page(files), encoding="utf-8")
    print(f"{len(files)} files in {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
