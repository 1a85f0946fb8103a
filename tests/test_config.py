from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.config import Settings, load
from kiosk.errors import ConfigError
from kiosk.records import Step

ROOT = Path(__file__).parents[1]


def test_the_shipped_file_says_exactly_the_defaults() -> None:
    assert load(ROOT / "config.toml") == Settings()


def test_all_faults_are_reported_at_once_each_with_its_path(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[web]\nport = 99999\n[face]\npass_at = 0.2\nreview_at = 0.3\n[finger]\nbaud = "fast"\n[camra]\nsource = 1\n'
        '[workflow]\nsteps = ["confirm", "face"]\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert {path.split(".")[0] for path, _ in caught.value.problems} == {"web", "face", "finger", "camra", "workflow"}
    assert any("99999" in what for _, what in caught.value.problems)


@pytest.mark.parametrize("content", [b"[web\n", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError):
        load(file)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load(tmp_path / "config.toml")


@pytest.mark.parametrize("steps", ['["card", "confirm"]', '["face", "face", "confirm"]', '["face"]', "[]"])
def test_a_workflow_that_makes_no_sense_is_refused(tmp_path: Path, steps: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[workflow]\nsteps = {steps}\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        load(file)


def test_consent_comes_first_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[workflow]\nsteps = ["face", "consent", "confirm"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="must be the first step"):
        load(file)


def test_what_a_profile_wants_comes_to_the_station_s_steps_in_its_place() -> None:
    workflow = Settings().workflow.model_copy(update={"steps": (Step.LEFT_THUMB, Step.RIGHT_THUMB, Step.CONFIRM)})
    wished = workflow.with_wishes((Step.CONSENT, Step.RIGHT_THUMB), guardian_always=True)
    assert wished.steps == (Step.CONSENT, Step.LEFT_THUMB, Step.RIGHT_THUMB, Step.CONFIRM)
    assert wished.guardian_always
