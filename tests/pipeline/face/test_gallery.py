"""The same face under another name."""

from __future__ import annotations

import time

import numpy as np
import pytest

from kiosk.pipeline.face.gallery import Gallery
from kiosk.pipeline.face.verification import Embedding


def faces(count: int, seed: int = 1) -> list[Embedding]:
    found = np.random.default_rng(seed).normal(size=(count, 128)).astype(np.float32)
    return list(found / np.linalg.norm(found, axis=1, keepdims=True))


def like(face: Embedding, cosine: float) -> Embedding:
    """Another picture of a face, at this cosine."""
    other = faces(1, seed=99)[0]
    aside = other - face * float(face @ other)
    aside /= np.linalg.norm(aside)
    return np.asarray(cosine * face + np.sqrt(1 - cosine**2) * aside, np.float32)


def test_a_face_that_was_here_under_another_name_is_found() -> None:
    gallery = Gallery()
    for number, face in enumerate(faces(50)):
        gallery.put(f"record-{number}", face)
    [found] = gallery.search(like(faces(50)[7], 0.7), limit=0.5)
    assert found.owner == "record-7"
    assert found.score.value == pytest.approx(0.7, abs=1e-5)
    assert found.score.limit == 0.5


def test_the_nearest_come_first_and_only_so_many() -> None:
    gallery = Gallery()
    face = faces(1)[0]
    for number, cosine in enumerate((0.55, 0.9, 0.6, 0.75, 0.3)):
        gallery.put(str(number), like(face, cosine))
    assert [found.owner for found in gallery.search(face, 0.5, most=3)] == ["1", "3", "2"]


def test_a_student_who_comes_again_is_no_duplicate_of_themselves() -> None:
    gallery = Gallery()
    [face] = faces(1)
    gallery.put("me", face)
    gallery.put("me", like(face, 0.8))
    assert len(gallery) == 1
    assert gallery.search(face, 0.5, excluding={"me"}) == ()


def test_declared_twins_are_not_suspected_but_strangers_are() -> None:
    gallery = Gallery()
    [face] = faces(1)
    gallery.put("anna", face)
    gallery.put("bella", like(face, 0.9))
    gallery.put("carla", like(face, 0.8))
    assert [found.owner for found in gallery.search(face, 0.5, excluding={"anna", "bella"})] == ["carla"]


def test_a_school_of_20000_is_searched_before_anyone_notices() -> None:
    gallery = Gallery()
    for number, face in enumerate(faces(20_000)):
        gallery.put(str(number), face)
    wanted = like(faces(20_000)[12_345], 0.8)
    times = []
    for _ in range(9):
        started_s = time.process_time()
        found = gallery.search(wanted, 0.5)
        times.append(time.process_time() - started_s)
    assert found[0].owner == "12345"
    assert min(times) < 0.020
