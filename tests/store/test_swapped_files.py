"""Whatever becomes of the files of a store - lost, emptied, spoilt, put back from an older copy, each alone and all together -
it is refused in words and left as it is, or it opens with nothing lost."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, Step, StepResult, Verdict
from kiosk.store import Store
from kiosk.store.folder import IDENTITY_FILE, KEY_FILE, VAULT_FILE
from kiosk.words import LANGUAGES, say_error
from tests.store.conftest import AT, begin_in, student

FILES = (IDENTITY_FILE, VAULT_FILE, KEY_FILE, f"{IDENTITY_FILE}-wal", f"{VAULT_FILE}-wal")
PICTURES = {
    BiometricKind.PORTRAIT: Step.FACE,
    BiometricKind.RIGHT_THUMB: Step.RIGHT_THUMB,
    BiometricKind.LEFT_THUMB: Step.LEFT_THUMB,
}
# How a file is found. `closed` was copied between two sessions, `older` in the one after that, and `earlier` in the last one,
# which was cut off.
CONDITIONS = ("as it was", "missing", "empty", "damaged", "closed", "older", "earlier")
OLD_COPIES = {"closed", "older", "earlier"}

Files = Mapping[str, bytes]
State = tuple[tuple[str, ...], tuple[str, ...]]


def capture(store: Store, number: int) -> None:
    record = begin_in(store, student(number))
    for kind, step in PICTURES.items():
        picture = f"{kind} of {number} ".encode() * 300
        store.captures.save_step(record.id, StepResult(step, Verdict.PASS, AT), [Biometric(kind, picture)])
    store.captures.finish(record.id, AT)


def files_of(folder: Path) -> Files:
    """As a kill would leave them now."""
    return {name: path.read_bytes() for name in FILES if (path := folder / name).exists()}


def state_of(store: Store) -> State:
    """Everything that was done, and every picture that a row names, opened."""
    done = tuple(f"{entry.action} {entry.subject} {entry.detail}" for entry in store.audit.entries())
    pictures = []
    for record in [*store.captures.records(), *store.captures.unfinished_records()]:
        for kind in sorted(store.captures.kinds(record.id)):
            picture = store.captures.biometric(record.id, kind)
            assert picture is not None
            pictures.append(f"{record.id} {kind} {hashlib.sha256(picture).hexdigest()}")
    return done, tuple(pictures)


class History:
    """A store at four times: closed, in its second session, early in its third one, and at the end of that."""

    def __init__(self, folder: Path) -> None:
        self.states: list[State] = []
        with Store.open_station(folder) as store:
            capture(store, 1)
            self.states.append(state_of(store))
        self.closed = files_of(folder)
        with Store.open_station(folder) as store:
            capture(store, 2)
            self.states.append(state_of(store))
            self.older = files_of(folder)
            capture(store, 3)
        with Store.open_station(folder) as store:
            capture(store, 4)
            self.states.append(state_of(store))
            self.earlier = files_of(folder)
            capture(store, 5)
            self.states.append(state_of(store))
            self.now = files_of(folder)
        assert len(set(self.states)) == 4
        assert set(self.now) == set(FILES)
        assert len({self.older[IDENTITY_FILE], self.earlier[IDENTITY_FILE]}) == 2

    def found(self, name: str, condition: str) -> bytes | None:
        """A file in one of the conditions; None: there is none."""
        whole = self.now[name]
        middle = len(whole) // 2
        return {
            "as it was": whole,
            "missing": None,
            "empty": b"",
            "damaged": bytes([whole[0] ^ 1]) + whole[1:]
            if not name.endswith("-wal")
            else whole[:middle] + bytes(64) + whole[middle + 64 :],
            "closed": self.closed.get(name),
            "older": self.older[name],
            "earlier": self.earlier[name],
        }[condition]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(tmp_path_factory.mktemp("history") / "data")


def lay_out(folder: Path, history: History, conditions: tuple[str, ...]) -> Files:
    folder.mkdir()
    for name, condition in zip(FILES, conditions, strict=True):
        content = history.found(name, condition)
        if content is not None:
            (folder / name).write_bytes(content)
    return files_of(folder)


def require_words(error: StoreError) -> None:
    for language in LANGUAGES:
        words = say_error(language, error)
        assert "{" not in words
        assert error.code not in words


def differences(before: Files, after: Files) -> list[str]:
    """What was changed; SQLite leaves an empty log behind when it only looked."""
    return [name for name in FILES if (before.get(name) or b"") != (after.get(name) or b"")]


def distinct(history: History) -> Iterator[tuple[str, ...]]:
    """Combinations of different files: whatever four of the five are like, one is among them; and all with one thing wrong.

    The key has no older copies, for it never changes.
    """
    choices = []
    for name in FILES:
        seen: dict[bytes | None, str] = {}
        for condition in CONDITIONS:
            seen.setdefault(history.found(name, condition), condition)
        choices.append(tuple(seen.values()))
    for chosen in product(*(range(len(values)) for values in choices)):
        conditions = tuple(values[at] for values, at in zip(choices, chosen, strict=True))
        if sum(chosen) % min(map(len, choices)) == 0 or len({*conditions} - {"as it was"}) == 1:
            yield conditions


def outcome(history: History, folder: Path, conditions: tuple[str, ...], opening: Callable[[Path], Store]) -> str:
    """`opened`, or the code of the refusal."""
    before = lay_out(folder, history, conditions)
    refusal = None
    try:
        with opening(folder) as store:
            state = state_of(store)
            assert store.quarantined() == [], conditions
    except StoreError as error:
        refusal = error
    after = files_of(folder)
    shutil.rmtree(folder)
    if refusal is not None:
        require_words(refusal)
        assert differences(before, after) == [], (conditions, refusal)
        return refusal.code
    # Not as it was last only when a whole older copy was put back: of both halves and of one time.
    assert state == history.states[-1] or (state in history.states and {conditions[0], conditions[3]} & OLD_COPIES), conditions
    return "opened"


# An earlier copy of a database itself is the same file: what was done since is in its log.
@pytest.mark.parametrize("first", [condition for condition in CONDITIONS if condition != "earlier"])
def test_every_combination_is_refused_in_words_or_opens_with_nothing_lost(history: History, tmp_path: Path, first: str) -> None:
    found = [
        outcome(history, tmp_path / "data", conditions, Store.open_station)
        for conditions in distinct(history)
        if conditions[0] == first and not {"missing", "empty"}.issuperset(conditions)
    ]
    assert len(found) > 200
    assert ("opened" in found) == (first in {"as it was", *OLD_COPIES})


def test_so_it_is_for_commands_beside_the_station(history: History, tmp_path: Path) -> None:
    """Each file alone, and many pairs."""
    found = [
        outcome(history, tmp_path / "data", conditions, Store.open)
        for conditions in distinct(history)
        if sum(condition != "as it was" for condition in conditions) <= 2
    ]
    assert len(found) > 60
    assert found.count("opened") < 10


def test_a_consistent_older_copy_opens(history: History, tmp_path: Path) -> None:
    for copy, state in zip((history.closed, history.older, history.earlier, history.now), history.states, strict=True):
        for name, content in copy.items():
            (tmp_path / name).write_bytes(content)
        with Store.open_station(tmp_path) as store:
            assert state_of(store) == state
            capture(store, 9)
        for path in tmp_path.iterdir():
            path.unlink()
