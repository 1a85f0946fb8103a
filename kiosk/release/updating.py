"""Updates from a signed file: judged by the program that is there, put beside it, tested, and only then started; and the way
back."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.version import InvalidVersion, Version

from kiosk.errors import KioskError
from kiosk.locks import held
from kiosk.release import install
from kiosk.release.archive import Source, archives_in, opened, pieces, unpack
from kiosk.release.home import Home, Note, state_of
from kiosk.release.manifest import Manifest

CHANGES: Final = {"en": "program/CHANGELOG.md", "zh-CN": "program/docs/changes.zh-CN.md"}
_HEADING: Final = re.compile(r"^## \[?([^\s\]]+)\]?.*$", re.MULTILINE)
_LARGEST_TEXT: Final = 1 << 20
_LONGEST_S: Final = 900.0  # of the set-up, and of the self-test, on an old laptop
_LAST_WORDS: Final = 600


@dataclass(frozen=True)
class Offer:
    """A bundle that this installation may take: from which version to which, and who signed it. `changes`: what is new, by
    language, newest first, as plain text."""

    file: Path
    before: Version
    after: Version
    manifest: Manifest
    changes: dict[str, str]

    def changes_in(self, language: str) -> str:
        """For a reader of this language; in English where nobody wrote them down in it."""
        return self.changes.get(language) or self.changes.get("en", "")


def look(home: Home, file: Path) -> Offer:
    """Judge a bundle. Raises KioskError("release.…") for what is damaged, signed by another key, for other machines, or not
    newer."""
    with opened(file) as (source, manifest):
        before = Version(home.current)
        if manifest.release_key != home.key:
            raise KioskError("release.other_key", fingerprint=manifest.fingerprint)
        if manifest.platform != install.this_platform():
            raise KioskError("release.platform", wanted=manifest.platform, here=install.this_platform())
        if manifest.version <= before:
            raise KioskError("release.not_newer", version=str(manifest.version), here=str(before))
        changes = {tongue: _changes(source, manifest, name, before) for tongue, name in CHANGES.items()}
        return Offer(file, before, manifest.version, manifest, changes)


def _changes(source: Source, manifest: Manifest, name: str, before: Version) -> str:
    """The sections of newer versions. Held to the manifest: somebody decides by what is shown."""
    if name not in manifest.files:
        return ""
    content = b"".join(pieces(source, name, min(manifest.files[name].size, _LARGEST_TEXT)))
    if hashlib.sha256(content).hexdigest() != manifest.files[name].sha256:
        raise KioskError("release.damaged", file=name)
    return newer_sections(content.decode("utf-8", "replace"), before, manifest.version)


def newer_sections(text: str, before: Version, after: Version) -> str:
    """Of a changelog, the sections of what came after `before`, up to `after`.

    >>> newer_sections("## 1.1.0 new ## 1.0.0", Version("1.1.0"), Version("1.2.0"))
    ''
    """
    headings = list(_HEADING.finditer(text))
    taken = []
    for at, heading in enumerate(headings):
        end = headings[at + 1].start() if at + 1 < len(headings) else len(text)
        try:
            if before < Version(heading[1]) <= after:
                taken.append(text[heading.start() : end].strip())
        except InvalidVersion:
            continue
    return "\n\n".join(taken)


def update(
    home: Home,
    offer: Offer,
    data: Path,
    back_up: Callable[[], str],
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Take an offer; the running program goes on until it is started anew.

    `back_up` says where it put the data; `data` is their folder. Raises KioskError: what `back_up` does, "release.damaged",
    "release.set_up" and "release.self_test" with the program's last words, "release.disk". Then everything is as it was.
    """
    with _alone(home):
        backup = back_up()
        _put_beside(home, offer, progress)
        home.note(Note(state_of(data), backup))
        home.pin(offer.manifest)
        install.switch(home.folder, str(offer.after))
        _forget(home)


def _put_beside(home: Home, offer: Offer, progress: Callable[[int], None]) -> None:
    """The new version, set up and tested."""
    with _kept_whole(home, offer.after), opened(offer.file) as (source, manifest):
        if manifest.content != offer.manifest.content:
            raise KioskError("release.damaged", file=install.MANIFEST)
        program = home.program(str(offer.after))
        shutil.rmtree(program, ignore_errors=True)  # of a try that was cut off
        unpack(source, manifest, program, progress)
        _set_up(program)
        self_test(home, program)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One update at a time; raises KioskError("release.busy")."""
    try:
        with held(home.folder / ".updating"):
            yield
    except BlockingIOError:
        raise KioskError("release.busy") from None


@contextmanager
def _kept_whole(home: Home, version: Version) -> Iterator[None]:
    """Of an update that fails nothing stays; raises KioskError("release.disk") for what the disk refused."""
    try:
        yield
    except BaseException as error:
        shutil.rmtree(home.program(str(version)), ignore_errors=True)
        if isinstance(error, OSError):
            raise KioskError("release.disk", details=error.strerror or str(error)) from None
        raise


def adopt(program: Path) -> Manifest:
    """The first installation, after the program was put there: whoever signed its bundle is believed from now on.

    Raises KioskError, and then nothing is started.
    """
    home = Home(program.parent.parent)
    manifest = home.manifest(program.name)
    for name, file in manifest.files.items():
        inside = name.removeprefix(install.PROGRAM)
        taken = name.startswith(install.PROGRAM) and not inside.startswith("wheels/")  # those are installed by their hashes
        if taken and install.digest_of(program / inside) != file.sha256:
            raise KioskError("release.damaged", file=name)
    self_test(home, program)
    home.pin(manifest)
    install.switch(home.folder, program.name)
    return manifest


def go_back(home: Home, data: Path) -> str:
    """Start the version before again; which one it is. Raises KioskError: "release.no_way_back", and "release.migrated" when
    the data have a form by now that it doesn't know, with the backup that it does."""
    before, now = home.previous, home.current
    if not before:
        raise KioskError("release.no_way_back")
    note = home.noted()
    if home.manifest(before).data != home.manifest(now).data and state_of(data) != note.data:
        raise KioskError("release.migrated", version=before, backup=note.backup or "—")
    install.switch(home.folder, before)
    return before


def can_go_back(home: Home, data: Path) -> bool:
    """Whether `go_back` would."""
    before = home.previous
    if not before:
        return False
    try:
        same = home.manifest(before).data == home.manifest(home.current).data
    except KioskError:
        return False
    return same or state_of(data) == home.noted().data


def _set_up(program: Path) -> None:
    """Run by the version's own `run.py`, out of its own wheels."""
    _run([install.base_python(), str(program / "run.py"), "set-up"], program, "release.set_up")
    shutil.rmtree(program / "wheels", ignore_errors=True)


def self_test(home: Home, program: Path) -> None:
    """A whole student at simulated devices, by the program that is to be started. Raises KioskError("release.self_test")."""
    config = home.folder / "config.toml"
    chosen = ["--config", str(config)] if config.exists() else []
    _run([str(install.python_of(program)), "-P", "-m", "kiosk", *chosen, "self-test"], program, "release.self_test")


def _run(command: list[str], program: Path, code: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=program, env=install.clean_environment(), capture_output=True, timeout=_LONGEST_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KioskError(code, details=str(error)) from None
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).decode("utf-8", "replace")
        raise KioskError(code, details=words[-_LAST_WORDS:])


def _forget(home: Home) -> None:
    """Versions before the last one: one way back is enough, and the disk of a laptop small."""
    kept = {home.current, home.previous}
    for one in (home.folder / install.VERSIONS).iterdir():
        if one.name not in kept:
            shutil.rmtree(one, ignore_errors=True)


def offers(home: Home, folders: Iterable[Path]) -> list[Offer]:
    """The bundles in some folders that this installation would take, the newest first."""
    found = []
    for path in (path for folder in folders for path in archives_in(folder)):
        with suppress(KioskError):
            found.append(look(home, path))
    return sorted(found, key=lambda offer: offer.after, reverse=True)
