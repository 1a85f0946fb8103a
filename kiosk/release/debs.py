"""Debian packages for a machine that reaches no archive of Debian's: some packages with all that they need, and an index of
them."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from kiosk.errors import KioskError

_NEEDED: Final = re.compile(r"^ *\|?(?:Pre)?Depends: (?P<name>[a-z0-9][a-z0-9.+-]*)", re.MULTILINE)
_LAST_WORDS: Final = 600


def gather(packages: Iterable[str], folder: Path) -> list[Path]:
    """The packages with everything that they depend on, but for what every Debian has, and their index `Packages`.

    For the release of Debian that this runs on. Raises KioskError("bundle.download").
    """
    folder.mkdir(parents=True)
    wanted = sorted(_with_dependencies(packages))
    _run(["apt-get", "download", "-qq", *wanted], folder)
    for path in folder.glob("*%3a*.deb"):  # of a version's epoch, which apt takes for a colon in an address
        path.rename(path.with_name(re.sub(r"_\d+%3a", "_", path.name)))
    found = sorted(folder.glob("*.deb"))
    index = folder / "Packages"
    index.write_text("\n".join(_entry(path) for path in found), "utf-8")
    return [*found, index]


def _with_dependencies(packages: Iterable[str]) -> set[str]:
    silent = ["--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances"]
    told = _run(["apt-cache", "depends", "--recurse", "--important", *silent, *packages])
    named = {*packages, *(match["name"] for match in _NEEDED.finditer(told))}
    shown = _run(["apt-cache", "show", "--no-all-versions", *sorted(named)], check=False)
    always = set()
    for entry in shown.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in entry.splitlines() if ": " in line and not line.startswith(" "))
        if fields.get("Essential") == "yes" or fields.get("Priority") == "required":
            always.add(fields["Package"])
    real = set(re.findall(r"^Package: (\S+)$", shown, re.MULTILINE))  # others are provided by some of these
    return (named & real) - always


def _entry(path: Path) -> str:
    """A package in the index, as `dpkg-scanpackages` would write it."""
    control = _run(["dpkg-deb", "--field", str(path)]).strip()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{control}\nFilename: ./{path.name}\nSize: {path.stat().st_size}\nSHA256: {digest}\n"


def _run(command: list[str], folder: Path | None = None, *, check: bool = True) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise KioskError("bundle.download", details=str(error)) from None
    if check and done.returncode:
        raise KioskError("bundle.download", details=done.stderr.strip()[-_LAST_WORDS:])
    return done.stdout
