"""Whether a release holds all that git knows: every file of the packages in the wheel, every file at all in the sdist.

    python -m bench.contents dist/*.whl dist/*.tar.gz
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("kiosk", "drivers_sim")


def tracked(*under: str) -> list[str]:
    """Files by their path in the repository."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", *under], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name]


def inside(archive: Path) -> set[str]:
    """The files of a wheel or sdist, by their path in the repository."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return set(wheel.namelist())
    with tarfile.open(archive) as sdist:
        return {member.name.partition("/")[2] for member in sdist if member.isfile()}


def lacking(archive: Path) -> list[str]:
    """What git knows and the release hasn't."""
    wanted = tracked(*PACKAGES) if archive.suffix == ".whl" else tracked()
    return sorted(set(wanted) - inside(archive))


def main(archives: Iterable[str]) -> int:
    faults = [f"{archive}: {name}" for archive in map(Path, archives) for name in lacking(archive)]
    print("\n".join(faults) or "everything is inside")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
