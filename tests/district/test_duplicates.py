"""Who of a whole district was captured twice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from kiosk.district import SerialEngine, find_duplicates, partitioned
from kiosk.pipeline.deduplication import Limits, Modality, Press, Subject, Suspect, limits_for, prepare
from kiosk.pipeline.deduplication.fingers import candidates
from kiosk.pipeline.deduplication.shelf import fill, laid_out, size_of
from kiosk.pipeline.finger import compare, make_template
from kiosk.pipeline.finger.compact import unpack
from kiosk.records import FingerPosition
from tests.district.conftest import Pair, Town
from tests.district.people import LEFT, RIGHT, People


@pytest.fixture(scope="module")
def found(town: Town) -> tuple[Suspect, ...]:
    return find_duplicates(partitioned(town.subjects), SerialEngine())


def pairs(suspects: tuple[Suspect, ...], modality: Modality) -> set[Pair]:
    return {(suspect.a, suspect.b) for suspect in suspects if suspect.modality is modality}


def test_everybody_who_came_twice_is_found_and_nobody_else_is_named(town: Town, found: tuple[Suspect, ...]) -> None:
    assert pairs(found, Modality.FACE) == town.face
    assert pairs(found, Modality.FINGER) == town.finger
    assert pairs(found, Modality.TWO_FINGERS) == town.two_fingers
    assert list(found) == sorted(found)
    assert all(suspect.score >= suspect.limit for suspect in found)


def test_thumbs_given_as_each_other_are_found_when_hands_are_crossed(town: Town, found: tuple[Suspect, ...]) -> None:
    limits = limits_for(len(town.subjects))
    crossed = find_duplicates(partitioned(town.subjects), SerialEngine(), limits=limits, crossed=True)
    assert set(crossed) > set(found)
    (other,) = set(crossed) - set(found)
    assert (other.a, other.b) in town.crossed
    assert other.fingers in {(RIGHT, LEFT), (LEFT, RIGHT)}


@pytest.mark.parametrize("size", [7, 20])
def test_the_answer_does_not_depend_on_partitions(town: Town, found: tuple[Suspect, ...], size: int) -> None:
    backwards = tuple(Subject(one.key, f"of-{number % 5}", one.faces, one.presses) for number, one in enumerate(town.subjects))
    assert find_duplicates(partitioned(backwards, size)[::-1], SerialEngine()) == found


def test_the_index_finds_what_brute_force_finds(town: Town) -> None:
    """Every pair of subjects whose right thumbs the matcher takes for one."""
    presses = {one.key: [press.file for press in one.presses if press.position is RIGHT][:1] for one in town.subjects}
    templates = {key: make_template(unpack(file)) for key, files in presses.items() for file in files}
    pairs_of_all = combinations(sorted(templates), 2)
    direct = {(a, b) for a, b in pairs_of_all if compare(templates[a], templates[b]).value >= limits_for(1).both}
    shelf = prepare(town.subjects)
    looked_at = {(str(shelf.keys[a]), str(shelf.keys[b])) for a, b in candidates(shelf, shelf, same=True)}
    assert direct >= town.finger
    assert direct <= looked_at
    assert len(looked_at) < len(direct) + 10


def test_only_who_came_since_is_held_against_everybody(town: Town, found: tuple[Suspect, ...]) -> None:
    fresh = {"a-double", "s14"}
    some = find_duplicates(partitioned(town.subjects, 20), SerialEngine(), fresh=fresh)
    assert some == tuple(suspect for suspect in found if {suspect.a, suspect.b} & fresh)
    assert len(some) == 3
    assert find_duplicates(partitioned(town.subjects), SerialEngine(), fresh=()) == ()


def test_declared_twins_may_share_a_face_but_no_thumb(town: Town, found: tuple[Suspect, ...]) -> None:
    declared = [frozenset(town.twins), frozenset({"a-double", "s04"})]
    left = find_duplicates(partitioned(town.subjects), SerialEngine(), twins=declared)
    assert set(found) - set(left) == {suspect for suspect in found if suspect.modality is Modality.FACE}


def test_what_was_decided_is_not_asked_again(town: Town, found: tuple[Suspect, ...]) -> None:
    left = find_duplicates(partitioned(town.subjects), SerialEngine(), settled=[frozenset({"s04", "a-double"})])
    assert {(one.a, one.b) for one in set(found) - set(left)} == {("a-double", "s04")}


def test_a_search_stops_when_it_is_told_to(town: Town) -> None:
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        find_duplicates(partitioned(town.subjects, 10), SerialEngine(), progress=progress)
    assert seen[0] == (0, 10)
    assert seen[-1] == (3, 10)


def test_a_key_that_comes_twice_is_refused(town: Town) -> None:
    with pytest.raises(ValueError, match="twice"):
        find_duplicates(partitioned([*town.subjects, town.subjects[0]]), SerialEngine())


def test_a_torn_template_is_refused() -> None:
    torn = Subject("torn", "s", (), (Press(LEFT, b"KFT torn"),))
    with pytest.raises(ValueError, match="template"):
        find_duplicates(partitioned([torn]), SerialEngine())


def test_a_finger_that_stands_in_is_looked_for_among_all() -> None:
    people = People(11)
    hands = people.hands()
    subjects = [
        people.captured("one", "s", hands),
        people.captured("other", "s", {FingerPosition.RIGHT_INDEX: hands[RIGHT]}),
    ]
    (suspect,) = find_duplicates(partitioned(subjects), SerialEngine())
    assert suspect.fingers == (RIGHT, FingerPosition.RIGHT_INDEX)


def test_two_thousand_faces_need_only_products() -> None:
    people = People(5)
    faces = [people.face() for _ in range(2500)]
    subjects = [Subject(f"{number:04d}", "s", (face,)) for number, face in enumerate(faces)]
    subjects.append(Subject("again", "s", (people.alike(faces[2000], 0.62), people.alike(faces[1], 0.59))))
    (suspect,) = find_duplicates(partitioned(subjects), SerialEngine())
    assert (suspect.a, suspect.b, suspect.modality) == ("2000", "again", Modality.FACE)
    assert suspect.score == pytest.approx(0.62, abs=1e-4)


def test_a_partition_is_the_same_in_shared_memory(town: Town) -> None:
    layout, size = size_of(town.subjects)
    shelf = laid_out(layout, bytearray(size))
    fill(shelf, town.subjects)
    plain = prepare(town.subjects)
    for name, _, _ in layout:
        assert np.array_equal(getattr(shelf, name), getattr(plain, name)), name


class TestLimits:
    def test_those_of_the_station_are_right_for_a_school(self) -> None:
        assert limits_for(300) == Limits(0.6, 0.845, 0.67)
        assert limits_for(1) == Limits(0.6, 0.84, 0.67)

    def test_they_grow_with_the_number_of_subjects_as_the_tail_says(self) -> None:
        county, province = limits_for(20_000), limits_for(1_000_000)
        # fifty times the pairs for each subject: 1.7 steps of 0.05
        assert province.face - county.face == pytest.approx(0.05 * np.log10(50), abs=0.001)
        assert (county.finger, county.both) < (province.finger, province.both)
        assert province.both < county.finger

    def test_more_comparisons_for_each_pair_ask_for_more(self) -> None:
        assert limits_for(20_000, crossed=True).finger > limits_for(20_000).finger
        assert limits_for(20_000, presses=1).both < limits_for(20_000).both
