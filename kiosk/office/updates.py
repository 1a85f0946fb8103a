"""更新: the next version of the program from a signed file, the data backed up before; and the way back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import KioskError
from kiosk.private import make_folder
from kiosk.release import Home, Offer, can_go_back, go_back, look, offers, update
from kiosk.release.archive import program_size
from kiosk.release.home import removable
from kiosk.store import Store

BackUp = Callable[[Path, str], str]
_INCOMING: Final = "incoming"
_BACKUPS: Final = "backup-before-update"


@dataclass(frozen=True)
class Installed:
    """What is there: `waiting` is a version that will begin at the next start; `way_back` the one before, where it can be
    had."""

    folder: Path
    version: str
    waiting: str
    way_back: str


class Updates:
    """Of the installation that this program belongs to."""

    def __init__(self, store: Store | None, data: Path, back_up: BackUp, home: Home | None = None) -> None:
        """`store` is what is to be backed up and told of it, None where there is none yet; `back_up` takes a folder to use
        where nobody named another, and who asks."""
        self._store = store
        self._data = data
        self._back_up = back_up
        self._home = home or Home.here()
        self._begun_as = self._home.current if self._home is not None else ""

    @property
    def installed(self) -> Installed | None:
        """None where the program runs from its sources, which are updated otherwise."""
        home = self._home
        if home is None:
            return None
        waiting = home.current if home.current != self._begun_as else ""
        way_back = home.previous if can_go_back(home, self._data) else ""
        return Installed(home.folder, self._begun_as, waiting, way_back)

    def offers(self, *, sticks: bool = False) -> list[Offer]:
        """What would be taken: a file that was handed in, and of the disks that can be taken out."""
        return offers(self._at_home(), [self._at_home().folder / _INCOMING, *(removable() if sticks else ())])

    def offered(self, file: str) -> Offer:
        """One of them, by its path; raises KioskError("release.missing")."""
        found = next((offer for offer in self.offers(sticks=True) if str(offer.file) == file), None)
        if found is None:
            raise KioskError("release.missing", file=file)
        return found

    def hand_in(self, file: Path) -> Offer:
        """Keep a copy of a bundle, in the place of another one; raises KioskError for what would not be taken."""
        home = self._at_home()
        self.look(file)
        kept = home.folder / _INCOMING
        try:
            shutil.rmtree(kept, ignore_errors=True)
            make_folder(kept)
            shutil.copyfile(file, kept / file.name)
        except OSError as error:
            raise KioskError("release.disk", details=error.strerror or str(error)) from None
        return look(home, kept / file.name)

    def look(self, file: Path) -> Offer:
        """Judge a bundle; raises KioskError("release.…")."""
        return look(self._at_home(), file)

    def size(self, offer: Offer) -> int:
        """Bytes that are unpacked."""
        return program_size(offer.manifest)

    def take(self, offer: Offer, progress: Callable[[int], None] = lambda _: None, *, by: str) -> Offer:
        """Put it beside, test it, and have it started from the next time on; raises KioskError, and everything is as it was."""
        home = self._at_home()
        back_up = lambda: self._back_up(home.folder / _BACKUPS, by) if self._store is not None else ""  # noqa: E731
        update(home, offer, self._data, back_up, progress)
        shutil.rmtree(home.folder / _INCOMING, ignore_errors=True)
        told = {"before": str(offer.before), "after": str(offer.after), "key": offer.manifest.fingerprint}
        self._note("program.update", by, **told)
        return offer

    def go_back(self, *, by: str) -> str:
        """Have the version before started from the next time on; which one. Raises KioskError("release.no_way_back",
        "release.migrated")."""
        home = self._at_home()
        now, before = home.current, go_back(home, self._data)
        self._note("program.back", by, before=now, after=before)
        return before

    def _note(self, action: str, by: str, **told: str) -> None:
        if self._store is not None:
            self._store.audit.record(action, actor=by, **told)

    def _at_home(self) -> Home:
        return self._home or Home.require_here()
