"""Under what licence each locked package is used: `python -m bench.licences` writes the reviewed list from what is installed.

Run it where everything of the tests is installed. `tests/test_supply.py` fails when the list and the installed packages differ,
or when a licence comes that nobody has allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final

from kiosk.cli.sbom import LOCKS, Locked, locked
from kiosk.licences import LIST

# SPDX identifiers. What is handed out with the station: permissive, or a library that stays one of its own.
SHIPPED: Final = frozenset(
    "0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause CC0-1.0 CECILL-C LGPL-2.1-or-later LGPL-3.0-only LLVM-exception MIT MIT-0 "
    "MIT-CMU OFL-1.1 PSF-2.0 Zlib ZPL-2.1".split()
)
# What only tests are run with, and nobody is given.
TESTS_ONLY: Final = SHIPPED | {"MPL-2.0", "D-FSL-1.0", "NONE"}
# NONE: without a licence; each stands here by name, with why it is used all the same.
UNLICENSED: Final = {"fingerreader": "names no licence anywhere; read by tests as a foreign client, never handed on"}

# What the packages' own data do not say, from the licence that lies in their files or in their sources.
_BY_HAND: Final = {
    "colorama": "BSD-3-Clause",  # on Windows only
    "fingerreader": "NONE",
    "pyrage": "MIT",
    "pyserial": "BSD-3-Clause",
    "pyscard": "LGPL-2.1-or-later",  # its classifier says v2 or later, its LICENSE is the LGPL 2.1
    "sqlcipher3": "Zlib",
    "matplotlib": "PSF-2.0",  # comes with mediapipe; a licence of its own that follows Python's
}
_WORDS: Final = (  # the first that is found in what a package says decides
    ("Mozilla Public License 2.0", "MPL-2.0"),
    ("SIL Open Font", "OFL-1.1"),
    ("CeCILL-C", "CECILL-C"),
    ("ZPL 2.1", "ZPL-2.1"),
    ("D-FSL", "D-FSL-1.0"),
    ("Apache", "Apache-2.0"),
    ("MIT License", "MIT"),
    ("BSD 2-Clause", "BSD-2-Clause"),
    ("BSD-3-Clause", "BSD-3-Clause"),
    ("BSD 3-Clause", "BSD-3-Clause"),
)
_NO_ENDORSEMENT: Final = re.compile(
    r"may\s+not\s+be\s+used\s+to\s+endorse|used\s+to\s+endorse\s+or\s+promote|[Nn]either\s+the\s+name", re.ASCII
)
_HEAD: Final = """# Licences of what the program is built on

Written by `python -m bench.licences` from the installed packages and the locks, in SPDX's terms. `tests/test_supply.py`
holds it equal to both, and to the licences that are allowed (`bench/licences.py`). The networks' weights and theirs are in
`kiosk/weights.py`, and in the bill of materials (`kiosk sbom`). `kiosk/variants.tsv` is an excerpt of
the Unicode Han Database (Unicode-DFS-2016), whose terms stand in its head.

| package | licence | in the locks |
|---|---|---|
"""


def licence(name: str) -> str | None:
    """The SPDX expression of a package; None when it is not installed here, as what is for Windows alone."""
    if name in _BY_HAND:
        return _BY_HAND[name]
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    about = found.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    said = " ".join(
        [*about.get_all("License", []), *(one for one in about.get_all("Classifier", []) if one.startswith("License"))]
    )
    named: str | None = (about.get_all("License") or [None])[0]
    if named in SHIPPED:
        return named
    return next((spdx for words, spdx in _WORDS if words in said), None) or _of_bsd(found, said)


def _of_bsd(found: Distribution, said: str) -> str:
    """BSD by its clauses, which only the text has; "" when it is nothing that we know."""
    files = [file for file in found.files or () if re.match(r"(?i)licen[cs]e", file.name)]
    text = said + " ".join(file.read_text() for file in files)
    if "BSD" not in said and "Redistribution and use" not in text:
        return ""
    return "BSD-3-Clause" if _NO_ENDORSEMENT.search(text) else "BSD-2-Clause"


def packages() -> dict[Locked, tuple[str, ...]]:
    """Everything that is locked, by name, and which locks have it."""
    names: dict[Locked, list[str]] = {}
    for lock in LOCKS:
        for package in locked(lock):
            names.setdefault(package, []).append(lock)
    return {package: tuple(names[package]) for package in sorted(names, key=lambda one: (one.name, one.version))}


def refused() -> Iterator[str]:
    """Packages whose licence nobody has allowed for where they are used."""
    for package, locks in packages().items():
        said, allowed = licence(package.name) or "", TESTS_ONLY if locks == ("test",) else SHIPPED
        parts = re.findall(r"[\w.-]+", re.sub(r"\b(AND|WITH)\b", " ", said))
        ways = [set(re.findall(r"[\w.-]+", way)) for way in re.sub(r"\b(AND|WITH)\b", " ", said).split(" OR ")]
        if not parts or not any(way <= allowed for way in ways) or ("NONE" in parts and package.name not in UNLICENSED):
            yield f"{package.name} {package.version}: {said or 'no licence'}"


def table() -> str:
    """The list as it is kept."""
    rows = (f"| {one.name} {one.version} | {licence(one.name)} | {', '.join(locks)} |\n" for one, locks in packages().items())
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    LIST.write_text(table(), "utf-8")
