"""`kiosk calibrate` on captures as a station keeps them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from drivers_sim.camera.scene import Act, compose
from drivers_sim.people import chip_photo
from kiosk.cli import main
from kiosk.pipeline.face.verification import SCALE
from kiosk.pipeline.pictures import decode, jpeg, png
from kiosk.records import Biometric, BiometricKind, Resemblance, Score, Step, StepResult, Verdict
from kiosk.store import Store
from tests.store.conftest import AT, begin_in, student

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    config = tmp_path / "config.toml"
    config.write_text('[face]\npass_at = 0.45\nreview_at = 0.35\n[station]\nlanguage = "en"\n', encoding="utf-8")

    def calibrate(*options: object) -> Result:
        words = ["--config", str(config), "calibrate", *map(str, options)]
        return CliRunner().invoke(main, words, env={"LC_ALL": "en_US.UTF-8", "COLUMNS": "140"}, catch_exceptions=False)

    return calibrate


def captured(store: Store, number: int, result: StepResult, *, live: int, chip: int | None) -> None:
    """A student with a live face and a card's, of simulated people."""
    record = begin_in(store, student(number))
    if chip is not None:
        photo = Biometric(BiometricKind.CHIP_PHOTO, png(chip_photo(chip)))
        store.captures.save_step(record.id, StepResult(Step.CARD, Verdict.PASS, AT), (photo,))
    face = compose(live, Act.SIT, 0.2, 1)[:, 280:1000]
    store.captures.save_step(record.id, result, (Biometric(BiometricKind.LIVE_FACE, jpeg(face)),))
    store.captures.finish(record.id, AT)


def passed(value: float = 0.8) -> StepResult:
    return StepResult(Step.FACE, Verdict.PASS, AT, scores=(Score(value, SCALE, 0.4),))


def accepted() -> StepResult:
    scores = (Score(0.36, SCALE, 0.4),)
    return StepResult(Step.FACE, Verdict.REVIEW, AT, scores=scores, decided_by="王主任", reason="本人")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data")


def test_confirmed_faces_count_and_what_is_not_surely_a_stranger_does_not(store: Store, run: Run, tmp_path: Path) -> None:
    with store:
        captured(store, 1, passed(), live=0, chip=0)
        captured(store, 2, accepted(), live=1, chip=1)  # a person said that it is the student
        captured(store, 3, passed(), live=2, chip=2)
        captured(store, 4, passed(), live=0, chip=0)  # the first one's twin
        store.lookalikes.declare((student(1).id_number, student(4).id_number), reason="双胞胎", by="王主任")
        captured(store, 5, StepResult(Step.FACE, Verdict.REVIEW, AT, decided_by="王主任", reason="拒绝"), live=3, chip=5)
        captured(store, 6, passed(), live=3, chip=None)
        captured(store, 7, StepResult(Step.FACE, Verdict.REVIEW, AT), live=3, chip=5)  # nobody has looked yet
    plot = tmp_path / "图" / "分数.png"
    plot.parent.mkdir()
    before = (tmp_path / "config.toml").read_bytes()
    result = run("--plot", plot)
    assert result.exit_code == 0
    # Four with their own card; with others' 4 × 3 comparisons, without the two between the twins.
    assert "4 with the own card, 10 with others" in " ".join(result.output.split())
    cells = {line.split("│")[1].strip(): line for line in result.output.splitlines() if "│" in line}
    assert "0.45" in cells["pass_at"]
    assert "100.00 %" in cells["pass_at"]
    assert "0.000 %" in cells["pass_at"]
    assert "too few data" in cells["pass_at"]
    assert "limits are in [face] of config.toml" in result.output
    assert decode(plot.read_bytes()).shape == (520, 960, 3)
    assert (tmp_path / "config.toml").read_bytes() == before


def test_a_suspected_duplicate_whom_nobody_declared_is_no_stranger_either(store: Store, run: Run) -> None:
    with store:
        captured(store, 1, passed(), live=0, chip=0)
        (first,) = store.captures.records()
        other = Resemblance(first.id, BiometricKind.PORTRAIT, "考生1", "6301**********", Score(0.7, SCALE, 0.6, below=True))
        captured(store, 2, replace(accepted(), alike=(other,)), live=0, chip=0)
        captured(store, 3, passed(), live=2, chip=2)
    assert "3 with the own card, 4 with others" in " ".join(run().output.split())


def test_too_few_captures_are_said_and_what_can_not_be_read_costs_only_itself(store: Store, run: Run) -> None:
    with store:
        captured(store, 1, passed(), live=0, chip=0)
        record = begin_in(store, student(2))
        torn = (Biometric(BiometricKind.CHIP_PHOTO, b"torn"), Biometric(BiometricKind.LIVE_FACE, b"torn"))
        store.captures.save_step(record.id, passed(), torn)
        store.captures.finish(record.id, AT)
    result = run()
    assert result.exit_code == 1
    assert "1 confirmed captures could not be read" in result.output
    assert "Only 1 captures" in result.output


def test_a_plot_that_can_not_be_written_is_said(store: Store, run: Run, tmp_path: Path) -> None:
    with store:
        for number in (1, 2):
            captured(store, number, passed(), live=number, chip=number)
    result = run("--plot", tmp_path / "missing" / "plot.png")
    assert result.exit_code == 2
    assert "can not be written" in result.output
