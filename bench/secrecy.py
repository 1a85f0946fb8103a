"""What somebody learns who has a copy of the disk, and what keeping it from them costs.

    python -m bench.secrecy [--students 1000]

A school is taken in, captured, turned away and partly thrown out again in a store that its officer sealed. Then every
student's name, number, address and picture is looked for byte by byte in every file: while the station runs (logs), after it
was closed (free pages), and, so that looking is known to find, in a plain copy. At last the same look-ups by number run on the
sealed database and on the plain copy, turn about.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlcipher3 import dbapi2 as sqlite

from bench.figures import kept, note, option
from kiosk.records import (
    Account,
    Biometric,
    BiometricKind,
    CardData,
    CardKind,
    Person,
    RefusalReason,
    Role,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.store import Keys, Store, Unlock, try_unlock, unlock_pin
from kiosk.store.database import unlocking
from kiosk.store.folder import IDENTITY_FILE

_AT: Final = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
_PIN: Final = "258036"
_PICTURE_BYTES: Final = 20_000
_WORD: Final = 8
_PIECE: Final = 48  # bytes of a picture that are looked for
_LOOKS: Final = 2_000
_SYLLABLES: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红飞鹏辉"
_LIMIT: Final = (
    "import resource; from kiosk.private import keep_to_ourselves; keep_to_ourselves();"
    "print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
)


def students(count: int, dice: random.Random) -> list[Student]:
    """People who don't exist; no other text holds one of their names by chance."""
    names = ["".join(dice.choices(_SYLLABLES, k=6)) for _ in range(count)]
    return [
        Student(name, f"63010320080101{number:04d}", "高一", f"{number // 50 + 1}", f"K{number:06d}")
        for number, name in enumerate(names)
    ]


def needles_of(who: Student, picture: bytes) -> list[bytes]:
    """What nobody may find."""
    texts = (who.name, who.id_number, _address(who))
    return [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "gb18030")] + [
        picture[:_PIECE],
        picture[-_PIECE:],
    ]


def _address(who: Student) -> str:
    return f"青海省西宁市{who.name}路"


def by_pin(officer: Account) -> Unlock:
    return lambda ring: unlock_pin(ring, officer.id, _PIN)


def sealed_by_its_officer(folder: Path) -> Account:
    """A store as a station makes it: empty, its officer's account, sealed."""
    with Store.open_station(folder) as store:
        officer = store.accounts.issue("王考务", Role.OFFICER, _PIN, by=None)
        store.slots.seal(by=officer)
        return officer


def capture(store: Store, who: Student, picture: bytes) -> None:
    """One student with a card and a picture."""
    card = CardData(
        CardKind.RESIDENT, who.name, "1", "男", "04", "藏", "20080101", None, _address(who), who.id_number, "", "20200131", ""
    )
    begun: dict[str, Any] = {"station": "1", "operator": "采集员", "profile": "", "profile_hash": "", "at": _AT}
    record = store.captures.begin(who, card, **begun)
    portrait = Biometric(BiometricKind.PORTRAIT, picture)
    store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, _AT), [portrait])
    store.captures.finish(record.id, _AT)


def found_in(folder: Path, needles: Sequence[bytes]) -> list[str]:
    """The files that hold any of it. No needle is shorter than 8 bytes, by which places to look at are found."""
    by_start = {needle[:_WORD]: needle for needle in needles}
    starts = np.unique(np.frombuffer(b"".join(by_start), np.uint64))

    def holds_any(content: bytes) -> bool:
        for shift in range(_WORD):
            words = np.frombuffer(
                content, np.uint64, count=max(len(content) - shift, 0) // _WORD, offset=min(shift, len(content))
            )
            for at in np.flatnonzero(np.isin(words, starts)) * _WORD + shift:
                needle = by_start[content[at : at + _WORD]]
                if content[at : at + len(needle)] == needle:
                    return True
        return False

    return [
        str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file() and holds_any(path.read_bytes())
    ]


def day(folder: Path, officer: Account, people: Sequence[Student], dice: random.Random) -> tuple[list[bytes], list[str]]:
    """All that happens to these students; what is to be looked for, and where it was found while the station ran."""
    needles: list[bytes] = []
    with Store.open_station(folder, unlock=by_pin(officer)) as store:
        store.roster.replace_or_update(people)
        for number, who in enumerate(people):
            picture = dice.randbytes(_PICTURE_BYTES)
            capture(store, who, picture)
            needles += needles_of(who, picture)
            if number % 10 == 0:
                named: dict[str, Any] = {"name": who.name, "id_number": who.id_number}
                store.refusals.add(RefusalReason.NOT_ON_ROSTER, by=Person("采集员"), at=_AT, **named)
        running = found_in(folder, needles)
        store.roster.replace_or_update(people[: len(people) // 2])  # what is thrown out leaves free pages
    return needles, running


def look_ups(folder: Path, keys: Keys, people: Sequence[Student], dice: random.Random, needles: Sequence[bytes]) -> None:
    """Milliseconds for one student by number, sealed and plain, turn about."""
    plain = folder / "plain.sqlite3"
    sealed = sqlite.connect(str(folder / IDENTITY_FILE), isolation_level=None)
    for pragma in unlocking(keys.page_key):
        sealed.execute(f"PRAGMA {pragma}").close()
    sealed.execute("ATTACH ? AS plain KEY ''", (str(plain),))
    sealed.execute("SELECT sqlcipher_export('plain')").close()
    sealed.execute("DETACH plain").close()
    print(f"found with a plain copy beside them: {found_in(folder, needles)}")
    took: dict[str, list[float]] = {"sealed": [], "plain": []}
    with closing(sealed), closing(sqlite.connect(str(plain))) as open_one:
        for _ in range(_LOOKS):
            number = dice.choice(people).id_number
            for name, connection in (("sealed", sealed), ("plain", open_one)):
                before = time.perf_counter()
                connection.execute("SELECT * FROM students WHERE id_number = ?", (number,)).fetchall()
                connection.execute("SELECT * FROM records WHERE id_number = ?", (number,)).fetchall()
                took[name].append((time.perf_counter() - before) * 1000)
    medians = {name: statistics.median(times) for name, times in took.items()}
    worst = {name: max(times) for name, times in took.items()}
    note("a look-up by number, sealed", medians["sealed"], "ms", f"plain {medians['plain']:.3f} ms")
    print(
        f"by number: sealed {medians['sealed']:.3f} ms (at most {worst['sealed']:.2f}), plain {medians['plain']:.3f} ms "
        f"(at most {worst['plain']:.2f}); ratio {medians['sealed'] / medians['plain']:.2f}"
    )
    plain.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=1000)
    option(parser)
    asked = parser.parse_args()
    with kept("secrecy", asked.json, "kiosk/store", "kiosk/ciphers"):
        return _look(asked.students)


def _look(count: int) -> int:
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        people = students(count, dice)
        officer = sealed_by_its_officer(folder)
        needles, running = day(folder, officer, people, dice)
        keys = try_unlock(folder, by_pin(officer))
        needles += [keys.data, keys.trail, *(key.literal.encode() for key in keys.page_keys), b"AGE-SECRET-KEY"]
        closed = found_in(folder, needles)
        files = sum(path.is_file() for path in folder.rglob("*"))
        print(f"{count:,} students, {len(needles):,} things to find, {files} files")
        note("found in the clear", len(running) + len(closed), "", f"of {len(needles):,} things in {files} files")
        print(f"found while the station ran: {running or 'nothing'}; after it was closed: {closed or 'nothing'}")
        core = subprocess.run([sys.executable, "-c", _LIMIT], capture_output=True, text=True, check=True).stdout.strip()
        print(f"size of a core dump: at most {core} bytes")
        look_ups(folder, keys, people, dice, needles)
    return 1 if running or closed or core != "0" else 0


if __name__ == "__main__":
    sys.exit(main())
