"""Random damage to the files of a store, and two stations at once: nothing is lost, and nothing spoilt is taken for sound.

    python -m bench.faults_store [--rounds 1000] [--seed 1]

Each round captures, closes or is cut off, keeps copies of all times, and then changes files at random: missing, emptied, bytes
spoilt, cut short, an older copy, another store's. Then the station starts. Good are: refused, with every file as it was;
opened as at one of the times that were kept, every picture opening; opened, with the damage told by the check.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Final

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, Step, StepResult, Student, Verdict
from kiosk.store import Store

FILES: Final = ("identity.sqlite3", "vault.sqlite3", "station.key", "identity.sqlite3-wal", "vault.sqlite3-wal")
_AT: Final = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

Files = dict[str, bytes]


def capture(store: Store, number: int, size: int) -> None:
    """One student with one picture."""
    who = Student(f"考生{number}", f"{number:018d}", "高一", "1")
    begun = {"station": "", "operator": "", "profile": "", "profile_hash": "", "at": _AT}
    record = store.captures.begin(who, None, recapture_reason="again", **begun)  # type: ignore[arg-type]
    picture = Biometric(BiometricKind.PORTRAIT, random.randbytes(size))
    store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, _AT), [picture])
    store.captures.finish(record.id, _AT)


def files_of(folder: Path) -> Files:
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


def state_of(store: Store) -> str:
    """A digest of everything that was done and of every picture; raises StoreError when one does not open."""
    digest = hashlib.sha256()
    for entry in store.audit.entries():
        digest.update(f"{entry.number} {entry.action} {entry.subject}".encode())
    for record in store.captures.records():
        digest.update(store.captures.biometric(record.id, BiometricKind.PORTRAIT) or b"none")
    return digest.hexdigest()


def history(folder: Path, dice: random.Random) -> tuple[list[Files], set[str]]:
    """Copies of a store at several times, some of them as a kill leaves it, and the states that they hold."""
    copies, states = [], set()
    for session in range(dice.randint(1, 3)):
        with Store.open_station(folder) as store:
            for number in range(dice.randint(1, 3)):
                capture(store, 10 * session + number, dice.choice((100, 5000, 60_000)))
                copies.append(files_of(folder))
                states.add(state_of(store))
        copies.append(files_of(folder))
    return copies, states


def spoil(folder: Path, copies: list[Files], other: list[Files], dice: random.Random) -> str:
    """Put one copy in place and change one to three of its files."""
    now = dict(copies[-1 - dice.randint(0, 1)])
    done = []
    for name in dice.sample(FILES, dice.randint(1, 3)):
        content, deed = now.get(name, b""), dice.choice(("missing", "empty", "bytes", "cut", "older", "another"))
        done.append(f"{name} {deed}")
        if deed == "missing":
            now.pop(name, None)
        elif deed == "empty":
            now[name] = b""
        elif deed == "bytes" and content:
            at, count = dice.randrange(len(content)), dice.randint(1, 512)
            now[name] = content[:at] + dice.randbytes(len(content[at : at + count])) + content[at + count :]
        elif deed == "cut":
            now[name] = content[: dice.randrange(len(content) + 1)]
        else:
            old = dice.choice(other if deed == "another" else copies).get(name)
            now = {**now, name: old} if old is not None else {key: value for key, value in now.items() if key != name}
    for name, content in now.items():
        (folder / name).write_bytes(content)
    return ", ".join(done)


def outcome(folder: Path, states: set[str]) -> str:
    """What becomes of a start; words that begin with BAD are what must not be."""
    before = files_of(folder)
    if not any(before.values()):
        return "nothing there"
    try:
        with Store.open_station(folder) as store:
            health = store.check()
            if not health.sound:
                return "opened, damage told"
            return "opened whole" if state_of(store) in states else "BAD: opened with something lost"
    except StoreError as error:
        after = files_of(folder)
        if any(after.get(name, b"") != content for name, content in before.items()):
            # Damage within a file that shows only when it is written to.
            return f"refused late: {error.code}"
        return f"refused: {error.code}"


def _be_a_station(folder: Path, results: "Queue[str]") -> None:
    try:
        with Store.open_station(folder) as store:
            for number in range(20):
                capture(store, number, 1000)
        results.put("captured")
    except StoreError as error:
        results.put(error.code)


def two_stations(folder: Path) -> Counter[str]:
    """Two processes that begin at the same time."""
    context = get_context("spawn")
    results: Queue[str] = context.Queue()
    stations = [context.Process(target=_be_a_station, args=(folder, results)) for _ in range(2)]
    for station in stations:
        station.start()
    found = Counter(results.get(timeout=120) for _ in stations)
    for station in stations:
        station.join()
    return found


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--stations", type=int, default=5, help="how often two stations begin at once")
    given = arguments.parse_args()
    dice, found = random.Random(given.seed), Counter[str]()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        other, _ = history(place / "other", dice)
        for number in range(given.rounds):
            if number % 50 == 0:
                copies, states = history(place / f"history{number}", dice)
            folder = place / "spoilt"
            folder.mkdir()
            deed = spoil(folder, copies, other, dice)
            became = outcome(folder, states)
            found[became] += 1
            if became.startswith("BAD"):
                print(f"round {number}: {deed}: {became}")
            shutil.rmtree(folder)
        for name, count in found.most_common():
            print(f"{count:6d}  {name}")
        for number in range(given.stations):
            print("two stations:", dict(two_stations(place / f"two{number}")))


if __name__ == "__main__":
    main()
