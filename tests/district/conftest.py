from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from threadpoolctl import threadpool_limits

from kiosk.pipeline.deduplication import Subject
from tests.district.people import LEFT, RIGHT, People

Pair = tuple[str, str]


@dataclass(frozen=True)
class Town:
    """Some schools' captures, and who in them is one person (or looks it), by what shows it."""

    subjects: tuple[Subject, ...]
    face: frozenset[Pair]
    finger: frozenset[Pair]
    two_fingers: frozenset[Pair]
    crossed: frozenset[Pair]
    twins: Pair


@pytest.fixture(scope="package", autouse=True)
def imported_once() -> None:
    """There is one server for all processes that are begun anew: it has what each of them would import for seconds."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        multiprocessing.set_forkserver_preload(["kiosk.district_rehearsal", "scipy.special", "scipy.spatial"])
        forkserver.ensure_running()


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """As the station and all workers keep numpy to."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(scope="package")
def town() -> Town:
    """28 students of four schools, and those who came twice, each in another way."""
    people = People()
    hands = [people.hands() for _ in range(28)]
    faces = [people.face() for _ in hands]
    subjects = [people.captured(f"s{n:02d}", f"school-{n % 4}", hands[n], faces[n], presses=1) for n in range(28)]
    subjects += [
        # one and the same, at another school
        people.captured("a-double", "school-3", hands[4], people.alike(faces[4], 0.8)),
        # twins: faces only
        people.captured("z-twin", "school-1", people.hands(), people.alike(faces[9], 0.85)),
        # somebody else's right thumb
        people.captured("b-borrowed", "school-0", {RIGHT: hands[14][RIGHT], LEFT: people.finger()}, people.face()),
        # both thumbs again, neither of them well
        people.captured("c-smudged", "school-2", hands[21], people.face(), shaken_px=10),
        # thumbs given as each other
        people.captured("d-crossed", "school-1", {RIGHT: hands[25][LEFT], LEFT: hands[25][RIGHT]}, people.face()),
        # nothing that can be compared, and too little of it
        Subject("e-empty", "school-0"),
        people.captured("f-blank", "school-2", {RIGHT: people.finger(3)}, None),
    ]
    return Town(
        tuple(subjects),
        frozenset({("a-double", "s04"), ("s09", "z-twin")}),
        frozenset({("a-double", "s04"), ("b-borrowed", "s14")}),
        frozenset({("c-smudged", "s21")}),
        frozenset({("d-crossed", "s25")}),
        ("s09", "z-twin"),
    )
