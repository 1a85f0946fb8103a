"""Makes a bundle: wheels by the lock's hashes, the networks' weights, the program, and the scripts that install it, in one
archive."""

from __future__ import annotations

import hashlib
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from kiosk import weights
from kiosk.ciphers import SigningKey
from kiosk.errors import KioskError
from kiosk.release import debs, install
from kiosk.release.archive import write_archive
from kiosk.release.manifest import File, Manifest, sign_manifest
from kiosk.release.platforms import Platform, lacking, locked_lines, read_wheel

ROOT: Final = Path(__file__).parents[2]
# Of the source tree, what a station or an office needs. `drivers_sim` is what the self-test and the trial run with.
TAKEN: Final = (
    *("run.py", "pyproject.toml", "config.toml", "LICENSE", "README.md", "README.zh-CN.md", "CHANGELOG.md"),
    *(".locks", "docs", "kiosk", "drivers_sim"),
)
_LOCKS: Final = ("pcsc", "office", "tools")  # what runs at a station and at an office, and what installs it
_EXTRAS: Final = ("pcsc", "usb", "postgres", "office")
_NO_TIME: Final = "315532800"  # 1980, before which a ZIP knows no time
_LAST_WORDS: Final = 600

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is to be made. `python`: files for the bundle's folder `python`, such as the installer for Windows; `debs`: Debian
    packages are gathered, too; `next_key`: the public key of later bundles, where it is another."""

    platform: Platform
    out: Path
    key: SigningKey
    data: Mapping[str, str]
    python: Sequence[Path] = ()
    debs: bool = False
    next_key: bytes = b""


def gather(plan: Plan, say: Say, root: Path = ROOT) -> Manifest:
    """Write the archive. Raises KioskError: "bundle.elsewhere", "bundle.download", "bundle.incomplete", and what
    `weights.fetch` does; OSError where the disk refuses."""
    if plan.platform.name != install.this_platform() and not plan.platform.wheel_platforms:
        raise KioskError("bundle.elsewhere", platform=plan.platform.name, here=install.this_platform())
    with tempfile.TemporaryDirectory(prefix="kiosk-bundle-") as scratch:
        files = dict(program_files(root))
        say("wheels")
        wheels = gather_wheels(plan.platform, root, Path(scratch) / "wheels")
        files |= {f"{install.PROGRAM}wheels/{path.name}": path for path in wheels}
        say("weights")
        weights.fetch(weights.STATION)
        files |= {f"{install.PROGRAM}weights/{one.name}": weights.path(one) for one in weights.STATION}
        if plan.debs:
            say("system")
            files |= {f"system/{path.name}": path for path in debs.gather(_system_packages(root), Path(scratch) / "debs")}
        files |= {f"python/{path.name}": path for path in plan.python}
        scripts = root / install.SCRIPTS
        files |= {name: scripts / name for name in plan.platform.scripts}
        files |= {"install.py": root / "kiosk" / "release" / "install.py"}
        say("archive")
        return _seal(plan, files, root, Path(scratch))


def _seal(plan: Plan, files: Mapping[str, Path], root: Path, scratch: Path) -> Manifest:
    made_at, commit = made_from(root)
    manifest = sign_manifest(
        plan.key,
        {name: _file(path) for name, path in sorted(files.items())},
        version=project(root)["version"],
        platform=plan.platform.name,
        made_at=made_at,
        commit=commit,
        data=plan.data,
        next_key=plan.next_key,
    )
    text = scratch / install.MANIFEST
    text.write_bytes(manifest.content)
    top = f"exam-capture-kiosk-{manifest.version}"
    write_archive(plan.out, top, {**files, install.MANIFEST: text}, made_at)
    return manifest


def program_files(root: Path) -> Iterator[tuple[str, Path]]:
    """What git knows of the folders that a station needs; in an unpacked release without git, all that lies there."""
    listed = _git(root, "ls-files", "-z", "--", *TAKEN)
    if listed:
        names = [name for name in listed.split("\0") if name]
    else:
        tops = [root / name for name in TAKEN]
        paths = [path for top in tops for path in (top.rglob("*") if top.is_dir() else [top])]
        names = [str(path.relative_to(root).as_posix()) for path in paths if path.is_file() and "__pycache__" not in path.parts]
    for name in sorted(names):
        yield f"{install.PROGRAM}{name}", root / name


def made_from(root: Path) -> tuple[datetime, str]:
    """When the program was written, and its commit, marked where something was changed since. Without git nobody knows."""
    told = _git(root, "log", "-1", "--format=%ct %H").split()
    if len(told) != 2:
        return datetime(2026, 1, 1, tzinfo=UTC), ""
    changed = _git(root, "status", "--porcelain", "--", *TAKEN).strip()
    return datetime.fromtimestamp(int(told[0]), UTC), told[1] + ("+" if changed else "")


def project(root: Path) -> dict[str, str]:
    """The table `project` of pyproject.toml."""
    found: dict[str, str] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def requirements(root: Path) -> list[Requirement]:
    """All that the program asks for, at a station and at an office."""
    told = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*told["dependencies"], *(line for extra in _EXTRAS for line in told["optional-dependencies"][extra])]
    return [*map(Requirement, wanted), Requirement("pip"), Requirement("setuptools")]


def gather_wheels(platform: Platform, root: Path, folder: Path) -> list[Path]:
    """The lock's wheels for a kind of machine, by their hashes, and `requirements.txt` that holds an installation to these very
    files.

    Raises KioskError: "bundle.download", "bundle.incomplete".
    """
    folder.mkdir(parents=True)
    locks = [(root / ".locks" / f"{lock}.txt").read_text("ascii") for lock in _LOCKS]
    lines = list(dict(line for lock in locks for line in locked_lines(lock, platform)).items())
    built = [line for line in lines if line[0].split("==")[0] in platform.built]
    options = [f"--platform={one}" for one in platform.wheel_platforms]
    options += ["--only-binary=:all:", "--python-version=3.11", "--implementation=cp"] if options else ["--only-binary=:all:"]
    _pip("download", [line for line in lines if line not in built], folder, options)
    if built:
        _pip("wheel", built, folder, ["--no-cache-dir", *[f"--no-binary={line[0].partition('==')[0]}" for line in built]])
    wheels = sorted(folder.glob("*.whl"))
    faults = lacking(requirements(root), [read_wheel(path) for path in wheels], platform)
    if faults:
        raise KioskError("bundle.incomplete", platform=platform.name, packages="、".join(faults))
    text = folder / "requirements.txt"
    text.write_text("".join(map(_pinned, wheels)), "ascii")
    return [*wheels, text]


def _pinned(path: Path) -> str:
    wheel = read_wheel(path)
    return f"{wheel.name}=={wheel.version} --hash=sha256:{_file(path).sha256}\n"


def _pip(verb: str, lines: Sequence[tuple[str, Sequence[str]]], folder: Path, options: Sequence[str]) -> None:
    wanted = folder / "wanted.txt"
    text = "".join(f"{name} {' '.join(f'--hash=sha256:{digest}' for digest in digests)}\n" for name, digests in lines)
    wanted.write_text(text, "ascii")
    where = "--dest" if verb == "download" else "--wheel-dir"
    command = [sys.executable, "-m", "pip", verb, "--quiet", "--no-deps", "--require-hashes", where, str(folder), *options]
    env = {**os.environ, "SOURCE_DATE_EPOCH": _NO_TIME, "CFLAGS": "-g0"}  # nothing of where and when it was built
    done = subprocess.run([*command, "--requirement", str(wanted)], capture_output=True, text=True, check=False, env=env)
    wanted.unlink()
    if done.returncode:
        raise KioskError("bundle.download", details=done.stderr.strip()[-_LAST_WORDS:])


def _system_packages(root: Path) -> list[str]:
    """As `run.py` names them."""
    names = runpy.run_path(str(root / "run.py"))
    return [*names["PICTURES"], *names["READERS"]]


def _file(path: Path) -> File:
    with path.open("rb") as stream:
        return File(path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def _git(root: Path, *arguments: str) -> str:
    """What git says; empty where there is none, or no history."""
    if shutil.which("git") is None or not (root / ".git").exists():
        return ""
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
