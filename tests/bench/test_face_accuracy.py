"""`python -m bench.face_accuracy` with simulated people in LFW's folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from bench.face_accuracy import main
from drivers_sim.camera.scene import Act, compose
from kiosk.config import FaceSettings

NAMES = ("Adel_Al-Jubeir", "王小明", "Zach_Safrin")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos each of three people, the last one as PNG, and a wall."""
    root = tmp_path_factory.mktemp("faces") / "人脸 图片"

    def put(name: str, number: int, act: Act, face: int, suffix: str = ".jpg") -> None:
        picture = compose(face, act, 0.2 * number, number)[:, 280:1000]
        data = cv2.imencode(suffix, cv2.resize(picture, (250, 250), interpolation=cv2.INTER_AREA))[1]
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / f"{name}_{number:04d}{suffix}").write_bytes(data.tobytes())

    for face, name in enumerate(NAMES):
        for number in (1, 2):
            put(name, number, Act.SIT, face, ".png" if name == "Zach_Safrin" else ".jpg")
    put("Wall", 1, Act.EMPTY, 0)
    return root


def run(images: Path, pairs: str, *options: str) -> Result:
    file = images.parent / "pairs.txt"
    file.write_text(pairs, encoding="utf-8")
    return CliRunner().invoke(main, ["--pairs", str(file), "--images", str(images), *options])


def figures(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.output)
    return told


def test_pairs_are_scored_and_what_could_not_be_is_counted_and_named(images: Path) -> None:
    pairs = (
        "folds 1\nAdel_Al-Jubeir\t1\t2\n王小明\t1\t2\nZach_Safrin\t1\t2\n"
        "Adel_Al-Jubeir\t1\t王小明\t2\n王小明\t1\tZach_Safrin\t1\n"
        "Wall\t1\tZach_Safrin\t1\nWall\t1\t1\n王小明\t1\t9\nNobody\t1\tZach_Safrin\t1\n"
    )
    told = figures(run(images, pairs, "--json", "--chip", "webp1k"))
    assert (told["chip"], told["genuine"], told["impostor"]) == ("webp1k", 4, 3)
    assert (told["left_out"], told["missing_photos"]) == (2, ["Nobody_0001", "王小明_0009"])
    assert [method["method"] for method in told["methods"]] == ["plain", "ours", "ours, with a cohort"]
    limits = FaceSettings()
    for method in told["methods"]:
        assert method["no_face"] == 2
        assert method["photos_without_face"] == ["Wall_0001 (chip)", "Wall_0001 (live)"]
        assert (method["pass_at"], method["review_at"]) == (limits.pass_at, limits.review_at)
        assert method["tar_at_far_1e2"] is None  # three impostor pairs say nothing about one in a hundred
        assert method["comparison_ms"] == pytest.approx(method["live_ms"] + method["chip_ms"])
        assert method["live_ms"] > 0
    for method in told["methods"][:2]:  # three people make no cohort
        # The wall ties with itself and loses to all others: of 4 × 3 comparisons of scores 2 are lost and 1 is even.
        assert method["auc"] == pytest.approx(1 - 2.5 / 12)
        assert (method["tar_at_pass"], method["far_at_pass"]) == (0.75, 0.0)


def test_the_table_names_photos_without_a_face_and_missing_ones(images: Path) -> None:
    result = run(images, "王小明 1 2\nWall 1 王小明 1\n王小明 1 9\n", "--chip", "none")
    assert result.exit_code == 0
    assert "1 genuine, 1 impostor pairs, chip: none" in result.output
    assert "no face: Wall_0001 (live)" in result.output
    assert "1 pairs left out, no such photo, or none that can be read: 王小明_0009" in result.output


def test_genuine_or_impostor_pairs_alone_give_the_rates_that_they_can(images: Path) -> None:
    told = figures(run(images, "1\n王小明 1 2\n", "--json"))
    for method in told["methods"]:
        assert (method["auc"], method["eer"], method["far_at_pass"], method["tar_at_pass"]) == (None, None, None, 1.0)
    told = figures(run(images, "王小明 1 Zach_Safrin 2\nAdel_Al-Jubeir 1 2\n", "--json", "--subset", "王小明,Zach_Safrin"))
    for method in told["methods"]:
        assert (method["auc"], method["eer"], method["far_at_pass"], method["tar_at_pass"]) == (None, None, 0.0, None)


@pytest.mark.parametrize(
    ("pairs", "options", "told"),
    [
        ("", (), "no pairs in"),
        ("500\n", (), "no pairs in"),
        ("王小明 1 2\n", ("--subset", "Zach_Safrin"), "no pairs of these names in"),
        ("王小明 1 2\n", ("--subset", "asian.txt"), "no such file: asian.txt"),
        ("王小明 1 2\n王小明 1\n", (), "pairs.txt:2: not a pair"),
        ("Nobody 1 2\n", (), "Nobody_0001.jpg"),
    ],
)
def test_what_can_not_be_run_is_said_in_a_line(images: Path, pairs: str, options: tuple[str, ...], told: str) -> None:
    result = run(images, pairs, *options)
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


def test_every_kind_of_chip_is_a_chip(images: Path) -> None:
    from bench.chip import CONDITIONS, make_chip
    from kiosk import weights
    from kiosk.pipeline.face import FaceMatcher

    matcher = FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))
    photo = np.asarray(compose(0, Act.SIT, 0.2, 1), np.uint8)
    live = matcher.embed(photo)
    scores = []
    for condition in CONDITIONS:
        chip = make_chip(photo, matcher.find(photo), condition)
        assert chip.shape == (126, 102, 3)
        scores.append(matcher.compare(live, matcher.embed_chip(chip), 0).value)
    assert min(scores) > 0.5
