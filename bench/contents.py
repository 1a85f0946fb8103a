"""Whether a release holds all that git knows: every file of the packages in the wheel, every file at all in the sdist.

python -m bench.contents dist/*.whl dist/*.tar.gz
python -m bench.contents --plain dist/*     written anew without the times and rights of the machine, as SOURCE_DATE_EPOCH says
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.release.archive import write_tar, write_zip

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


def make_plain(archive: Path, made_at: datetime) -> None:
    """The same under the same names, and nothing of where and when it was packed. An sdist gets all that git knows beside the
    packages, which setuptools leaves out."""
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        folder = Path(scratch)
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(folder)
            write_zip(archive, _files(folder), made_at)
        else:
            with tarfile.open(archive) as sdist:
                sdist.extractall(folder, filter="data")
            top = next(folder.iterdir()).name
            files = _files(folder) | {f"{top}/{name}": ROOT / name for name in tracked()}
            write_tar(archive, dict(sorted(files.items())), made_at)


def _files(folder: Path) -> dict[str, Path]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder).as_posix()): path for path in paths}


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["--plain"]:
        made_at = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
        for archive in map(Path, arguments[1:]):
            make_plain(archive, made_at)
        return 0
    archives = arguments
    faults = [f"{archive}: {name}" for archive in map(Path, archives) for name in lacking(archive)]
    print("\n".join(faults) or "everything is inside")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
