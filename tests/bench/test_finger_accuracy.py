"""`python -m bench.finger_accuracy` and `bench.duplicates` on folders as other people have them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from bench import duplicates, finger_accuracy
from bench.finger_accuracy import rates
from bench.impressions import open_sets, read
from drivers_sim.finger import FingerCache, Press, impression
from kiosk import weights
from kiosk.records import Image

Main = Callable[[Iterable[str] | None], int]


@pytest.fixture(scope="module")
def presses() -> dict[tuple[int, int], Image]:
    """Three fingers, two presses each, 8 bits."""
    fingers = FingerCache(weights.folder().parent / "simulated")
    return {(seed, number): impression(fingers.finger(seed), number, Press(bits=8)) for seed in (1, 2, 3) for number in (1, 2)}


@pytest.fixture
def folder(tmp_path: Path, presses: dict[tuple[int, int], Image]) -> Path:
    """A set among what else lies in people's folders."""
    place = tmp_path / "指纹 数据"
    place.mkdir()
    for (finger, number), pixels in presses.items():
        Pillow.fromarray(pixels).save(place / f"{finger}_{number}.png")
    return place


def with_rubbish(folder: Path) -> None:
    (folder / "Thumbs.db").write_bytes(b"\0" * 100)
    (folder / "._1_1.png").write_bytes(b"Mac OS X")
    (folder / "9_9.png").mkdir()
    (folder / "4_1.png").write_bytes(b"")
    (folder / "5_1.tif").write_bytes((folder / "1_1.png").read_bytes()[:900])
    (folder / "portrait.png").write_bytes((folder / "1_1.png").read_bytes())
    Pillow.open(folder / "1_1.png").save(folder / "1_1.bmp")


def test_only_whole_impressions_are_taken_and_the_others_are_named(folder: Path) -> None:
    with_rubbish(folder)
    (found,) = open_sets([folder])
    assert [(shot.finger, shot.path.name) for shot in found.shots][:2] == [("1", "1_1.bmp"), ("1", "1_2.png")]
    assert {finger: len(shots) for finger, shots in found.fingers().items()} == {"1": 2, "2": 2, "3": 2}
    assert [reason.split(":")[0] for reason in found.left_out] == ["1_1.png", "4_1.png", "5_1.tif", "portrait.png"]


KINDS = {
    "png": ("1", "P", "RGB", "RGBA", "LA", "16 bits"),
    "tif": ("1", "P", "RGB", "RGBA", "LA", "16 bits", "32 bits"),
    "bmp": ("1", "P", "RGB", "RGBA"),
}


@pytest.mark.parametrize(("ending", "kind"), [(ending, kind) for ending, kinds in KINDS.items() for kind in kinds])
def test_pictures_of_any_depth_and_colour_show_the_same_finger(
    tmp_path: Path, presses: dict[tuple[int, int], Image], ending: str, kind: str
) -> None:
    pixels, path = presses[1, 1], tmp_path / f"1_1.{ending}"
    match kind:
        case "16 bits":
            Pillow.fromarray(pixels.astype(np.uint16) * 257).save(path)
        case "32 bits":
            Pillow.fromarray(pixels.astype(np.float32) / 255).save(path)
        case _:
            Pillow.fromarray(pixels).convert(kind).save(path)
    found = read(path)
    if kind == "1":
        assert set(np.unique(found)) == {0, 255}
        assert np.corrcoef(found.ravel(), pixels.ravel())[0, 1] > 0.5
    else:
        assert np.abs(found.astype(int) - pixels).max() <= 1


def test_what_is_transparent_is_glass(tmp_path: Path) -> None:
    Pillow.new("RGBA", (40, 30), (0, 0, 0, 0)).save(tmp_path / "1_1.png")
    assert (read(tmp_path / "1_1.png") == 255).all()


@pytest.mark.parametrize(("noted", "height"), [(569, 253), (1000, 144), (500.38, 288), (96, 288), (None, 288)])
@pytest.mark.parametrize("ending", ["png", "tif", "bmp"])
def test_a_scanner_s_resolution_is_believed_and_a_screen_s_is_not(
    tmp_path: Path, presses: dict[tuple[int, int], Image], noted: float | None, height: int, ending: str
) -> None:
    path = tmp_path / f"1_1.{ending}"
    picture = Pillow.fromarray(presses[1, 1])
    picture.save(path, dpi=(noted, noted)) if noted else picture.save(path)
    assert read(path).shape[0] == height


def figures(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[dict[str, Any], str]:
    assert finger_accuracy.main([*map(str, arguments), "--json"]) == 0
    said = capsys.readouterr()
    told: dict[str, Any] = json.loads(said.out)
    return told, said.err


def test_sets_of_the_same_fingers_are_told_apart_and_pooled_and_a_blank_picture_counts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_rubbish(folder)
    other = folder.parent / "elsewhere" / folder.name
    other.mkdir(parents=True)
    for name in ("1_1", "1_2", "2_1", "2_2"):
        (other / f"{name}.png").write_bytes((folder / f"{name}.png").read_bytes())
    Pillow.new("L", (3, 2), 255).save(other / "2_3.png")  # nobody's finger: no minutiae, and smaller than any window
    told, warned = figures(capsys, "--data", folder, other, "--sensor", "r503")
    whole, part = told["sets"][str(folder)], told["sets"][str(other)]
    assert (whole["genuine"], whole["impostor"], whole["without_minutiae"], len(whole["left_out"])) == (3, 12, 0, 4)
    assert (part["impressions"], part["without_minutiae"]) == (5, 1)
    assert (part["genuine"], part["impostor"]) == (1 + 3, 2 * 3)
    assert part["tar_far_1e3"] == pytest.approx(50)  # both pairs of the blank picture with finger 2 are missed
    assert whole["eer"] == 0
    pooled = told["pooled"]
    assert (pooled["genuine"], pooled["impostor"], pooled["without_minutiae"]) == (7, 18, 1)
    assert pooled["quality_rejection"][0]["genuine"] == 7
    assert not pooled["far_1e4_sure"]
    assert "4_1.png" in warned


@pytest.mark.parametrize("main", [finger_accuracy.main, duplicates.main])
@pytest.mark.parametrize("trouble", ["missing", "empty", "one finger", "twice", "a file"])
def test_a_folder_that_is_no_set_is_told_at_once_and_in_words(
    folder: Path, main: Main, trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = folder.parent / "bad"
    said = {"missing": "no such folder", "twice": "given twice", "a file": "no such folder"}
    match trouble:
        case "empty":
            bad.mkdir()
        case "one finger":
            bad.mkdir()
            for name in ("1_1.png", "1_2.png"):
                (bad / name).write_bytes((folder / name).read_bytes())
        case "twice":
            bad = folder / ".." / folder.name
        case "a file":
            bad.write_bytes(b"")
    with pytest.raises(SystemExit) as stop:
        main(["--data", str(folder), str(bad)])
    assert stop.value.code == 2
    assert said.get(trouble, "several impressions of several fingers") in capsys.readouterr().err


def test_duplicates_asks_for_four_impressions_of_a_finger(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in ((["--data", str(folder)], "no finger has 4"), (["--students", "0"], "at least one")):
        with pytest.raises(SystemExit):
            duplicates.main(arguments)
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("seed", range(4))
def test_rates_are_what_counting_pair_by_pair_gives(seed: int) -> None:
    draw = np.random.default_rng(seed)
    genuine, impostor = np.round(draw.normal(0.5, 0.2, 150), 2), np.round(draw.normal(0.1, 0.1, 2000), 2)
    found = rates(genuine, impostor)
    limits = [*sorted({*genuine.tolist(), *impostor.tolist()}), np.inf]
    errors = [(sum(impostor >= limit) / len(impostor), sum(genuine < limit) / len(genuine)) for limit in limits]
    nearest = min(abs(fmr - fnmr) for fmr, fnmr in errors)
    assert found.eer in [pytest.approx(50 * (fmr + fnmr)) for fmr, fnmr in errors if abs(fmr - fnmr) == nearest]
    for rate, fnmr_found in ((1e-2, found.fmr100), (1e-3, found.fmr1000), (1e-3, 100 - found.tar_far_1e3)):
        assert fnmr_found == pytest.approx(100 * min(fnmr for fmr, fnmr in errors if fmr <= rate))
    none_accepted = min(fnmr for fmr, fnmr in errors if fmr == 0)
    assert found.tar_far_1e4 == pytest.approx(100 * (1 - none_accepted))
    assert not found.far_1e4_sure


def test_a_rate_that_is_a_whole_pair_is_not_lost_to_rounding() -> None:
    impostor = np.arange(1000) / 1000  # one of them above 0.998: a false match rate of just 1e-3
    found = rates(np.array([0.9985, 0.9]), impostor)
    assert (found.fmr1000, found.tar_far_1e3) == (50, 50)
