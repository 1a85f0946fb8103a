"""Names of files that are made from data: grades, classes, schools and titles come from other people's sheets.

Whatever the data say, the name is one that every system takes, and the file lies in the folder that it is meant for.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Final

from kiosk.errors import ExchangeError

MOST_BYTES: Final = 120  # of 143, the least that common file systems allow (eCryptfs); drafts and copies add to a name
MADE_UP: Final = "模拟"  # on everything that never came from a person
_INSTEAD: Final = "_"
# What Windows or a shell reads as something else, and the characters that older programs turn into these.
_SPECIAL: Final = frozenset(
    '/\\:*?"<>|%' + "\u2044\u2215\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c\uff1a\uff02\uff0a\uff1f\uff1c\uff1e\uff5c"
)
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control and bidi characters, halves of a pair, line ends
# Windows keeps these for devices, with any suffix: "Naming Files, Paths, and Namespaces", learn.microsoft.com.
_DEVICE: Final = re.compile(
    r"(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\..*)?", re.IGNORECASE | re.DOTALL
)
# What surely is a name, as most are: longer than a device's, and made of nothing that means anything anywhere.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_]{8,60}(\.[a-z]{3,4})?")


def file_name(text: str, suffix: str = "") -> str:
    """A file's name made of any text: Unicode NFC, at most `MOST_BYTES` of UTF-8 with the suffix (`.pdf`), never empty.

    What can't stand in a name becomes `_`. Two texts may become one name: write under what `free_name` makes of it.

    >>> file_name("高一/5班", ".xlsx"), file_name("..", ".pdf"), file_name("a:b?c")
    ('高一_5班.xlsx', '_.pdf', 'a_b_c')
    """
    known = unicodedata.normalize("NFC", text)
    kept = "".join(
        _INSTEAD if char in _SPECIAL else " " if unicodedata.category(char) == "Zs" else char
        for char in known
        if unicodedata.category(char) not in _UNSEEN
    )
    name = _cut(kept.strip(" ."), MOST_BYTES - len(suffix.encode()) - len(_INSTEAD)).rstrip(" .") or _INSTEAD
    return (_INSTEAD if _DEVICE.fullmatch(name + suffix) else "") + name + suffix


def marked(name: str, *, simulated: bool) -> str:
    """The name of a file or folder, which says so where its content is simulated."""
    return f"{MADE_UP}-{name}" if simulated else name


def plain(text: str) -> str:
    """What somebody else's file says, to be shown: without what would do something to a terminal or page."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:MOST_BYTES])


def is_file_name(text: str) -> bool:
    """Whether a text can be a file's name as it is."""
    return _PLAIN.fullmatch(text) is not None or (bool(text) and file_name(text) == text)


def within(folder: Path, *parts: str) -> Path:
    """The path of these parts below a folder; raises ExchangeError where it would lie elsewhere."""
    path = folder.joinpath(*parts)
    try:
        inside = path != folder and path.resolve().is_relative_to(folder.resolve())
    except ValueError:  # a NUL
        inside = False
    if not inside:
        raise ExchangeError("export.outside", folder=str(folder))
    return path


def free_name(folder: Path, name: str) -> Path:
    """Where a file or folder of this name goes: with -2, -3, … where there is one already, capital letters or small.

    Nothing is ever written over. Raises ExchangeError where it would lie in another folder.
    """
    taken = {_alike(known.name) for known in folder.iterdir()} if folder.is_dir() else set()
    wanted, candidate, number = Path(name), name, 1
    while _alike(candidate) in taken:
        number += 1
        candidate = f"{wanted.stem}-{number}{wanted.suffix}"
    return within(folder, candidate)


def _alike(name: str) -> str:
    """The same for names that some file system takes for one."""
    return unicodedata.normalize("NFC", name.casefold())


def _cut(text: str, most: int) -> str:
    """The text's beginning in so many bytes of UTF-8, no character halved."""
    return text.encode()[:most].decode(errors="ignore")
