"""Every measure of a photo, with a picture that it passes and one that it fails."""

from __future__ import annotations

import numpy as np
import pytest

from bench.faults import ADVICE, FAULTS, SPEC, good_photo
from drivers_sim.people import FACES
from kiosk.config import FaceSettings
from kiosk.pipeline.face.assessment import NOT_EVALUATED, Assessor
from kiosk.pipeline.face.backdrop import REPLACED, replace_background
from kiosk.pipeline.face.portrait import encode
from kiosk.pipeline.face.report import draw_report
from kiosk.records import Image, Verdict
from kiosk.words import catalogue


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return Assessor(FaceSettings(), SPEC)


@pytest.fixture(scope="module")
def good(assessor: Assessor) -> Image:
    return good_photo(assessor)


@pytest.mark.parametrize("face", [info.number for info in FACES])
def test_a_good_photo_passes_every_measure(assessor: Assessor, face: int) -> None:
    found = assessor.assess(good_photo(assessor, face))
    assert [quality.measure.name for quality in found.qualities if quality.measure.verdict is not Verdict.PASS] == []
    assert found.verdict is Verdict.PASS
    assert {quality.measure.name for quality in found.qualities} == {*FAULTS, *ADVICE}


@pytest.mark.parametrize("name", FAULTS)
def test_each_measure_notices_the_fault_that_it_is_for(assessor: Assessor, good: Image, name: str) -> None:
    fine = {quality.measure.name: quality for quality in assessor.assess(good).qualities}[name]
    bad = {quality.measure.name: quality for quality in assessor.assess(FAULTS[name](good, assessor)).qualities}[name]
    assert fine.measure.verdict is Verdict.PASS
    assert bad.measure.verdict is Verdict.FAIL
    assert 0 <= bad.score < fine.score <= 100
    assert bad.measure.hint is not None
    assert all(bad.measure.hint.code in catalogue(language) for language in ("zh-CN", "en"))


@pytest.mark.parametrize("name", ADVICE)
def test_hair_over_brows_and_ears_is_mentioned_and_refuses_nobody(assessor: Assessor, good: Image, name: str) -> None:
    fine = {quality.measure.name: quality.measure for quality in assessor.assess(good).qualities}[name]
    covered = assessor.assess(ADVICE[name](good, assessor))
    bad = {quality.measure.name: quality.measure for quality in covered.qualities}[name]
    assert fine.hint is None
    assert bad.hint is not None
    assert all(bad.hint.code in catalogue(language) for language in ("zh-CN", "en"))
    assert bad.verdict is Verdict.PASS
    assert bad.hint in covered.problems


def test_a_photo_without_a_face_says_so(assessor: Assessor) -> None:
    found = assessor.assess(np.full((640, 480, 3), 200, np.uint8))
    assert found.verdict is Verdict.FAIL
    assert [message.code for message in found.problems] == ["hint.face.nobody"]


def test_what_needs_other_networks_is_named_and_not_invented(assessor: Assessor, good: Image) -> None:
    names = {quality.measure.name for quality in assessor.assess(good).qualities}
    assert not names & set(NOT_EVALUATED)


def test_the_report_shows_photo_and_measures(assessor: Assessor, good: Image) -> None:
    page = draw_report(good, assessor.assess(good), SPEC)
    assert page.shape[0] >= 960
    assert page.shape[1] > page.shape[0]
    assert np.abs(page[24:984, 24:744].astype(int).mean() - good.mean()) < 12


def test_a_replaced_background_is_even_and_the_file_says_so(assessor: Assessor, good: Image) -> None:
    blue = (100, 197, 255)
    replaced = replace_background(good, assessor.mask(good), assessor.find(good), blue)
    assert np.allclose(replaced[5, 5], blue[::-1], atol=2)
    assert np.abs(replaced[300, 240].astype(int) - good[300, 240]).max() <= 2
    assert b"background replaced" in encode(replaced, SPEC, REPLACED).jpeg
