"""The profile that a 名单包 brings: what it would change among the school's own, and keeping it.

The program's own profiles are never replaced: one of such a name that says something else is told, and left where it came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.exchange.profile import Profile, judge
from kiosk.exchange.school_parcel import SchoolHead
from kiosk.exchange.shelf import own_folder, path_of, shipped, write_own
from kiosk.records import Message

_DIGITS: Final = 12  # of a digest, in the name of a file that was replaced


class Coming(StrEnum):
    """How a profile of a package stands to what is here."""

    NEW = "new"
    CHANGED = "changed"
    SHIPPED = "shipped"  # the program has one of that name, which says something else and stays
    UNREADABLE = "unreadable"  # for this version of the program: left out


@dataclass(frozen=True)
class ProfileChange:
    """What a package's profile would change. `added`, `removed`, `altered`: headers of columns; `rest`: something else differs.
    `own_work`: what stands here was no package's, but changed or made at the school. `was`, `now`: SHA-256 of the files."""

    name: str
    coming: Coming
    content: bytes
    now: str
    title: str = ""
    was: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    rest: bool = False
    own_work: bool = False
    fault: Message | None = None

    @property
    def is_kept(self) -> bool:
        """Whether taking it writes a file."""
        return self.coming in (Coming.NEW, Coming.CHANGED)


def profile_change(head: SchoolHead, brought: Collection[bytes]) -> ProfileChange | None:
    """What the definition in a head would change; None where it has none or the same is here. `brought`: the files that earlier
    packages brought."""
    content, name = head.definition, head.profile
    if not content:
        return None
    now = _digest(content)
    path = path_of(name)
    before = path.read_bytes() if path is not None else b""
    if _lines(content) == _lines(before):
        return None
    wanted, faults = judge(name, content)
    if wanted is None:
        return ProfileChange(name, Coming.UNREADABLE, content, now, fault=faults[0].message)
    if shipped(name):
        return ProfileChange(name, Coming.SHIPPED, content, now, wanted.title)
    if path is None:
        headers = tuple(column.header for column in wanted.columns)
        return ProfileChange(name, Coming.NEW, content, now, wanted.title, added=headers)
    standing, _ = judge(name, before)
    added, removed, altered, rest = _differences(standing, wanted)
    return ProfileChange(
        name,
        Coming.CHANGED,
        content,
        now,
        wanted.title,
        _digest(before),
        added,
        removed,
        altered,
        rest,
        own_work=before not in brought,
    )


def keep_profile(change: ProfileChange) -> bool:
    """Write it among the school's own, what stood there below `earlier/`; whether it was. Raises
    KioskError("settings.unwritable")."""
    if not change.is_kept or own_folder() is None:
        return False
    write_own(change.name, change.content, keep=change.was[:_DIGITS])
    return True


def _lines(content: bytes) -> bytes:
    """Windows may have ended them otherwise."""
    return content.replace(b"\r\n", b"\n")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _differences(standing: Profile | None, wanted: Profile) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]:
    """Headers of columns that come, go and change, and whether anything else differs: their order, the photo, the files."""
    if standing is None:  # a file that can't be read
        return (), (), (), True
    before = {column.header: column for column in standing.columns}
    after = {column.header: column for column in wanted.columns}
    stay = [header for header in before if header in after]
    moved = stay != [header for header in after if header in before]
    rest = standing.model_copy(update={"columns": (), "hash": ""}) != wanted.model_copy(update={"columns": (), "hash": ""})
    return (
        tuple(header for header in after if header not in before),
        tuple(header for header in before if header not in after),
        tuple(header for header in stay if before[header] != after[header]),
        moved or rest,
    )
