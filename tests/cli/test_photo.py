"""`kiosk photo` with pictures as people bring them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest
from click.testing import CliRunner, Result

from drivers_sim.camera.scene import Act, compose, place, stand_before
from kiosk.cli import main
from kiosk.exchange import load_profile
from kiosk.pipeline.face.assessment import Assessor
from kiosk.pipeline.pictures import decode
from kiosk.records import Image

PROFILE = "national-exam-photo"
PERSON = 1  # of the simulated people, one who passes every measure
UNTURNED_6 = 6  # EXIF: the picture lies on its side


@pytest.fixture(scope="module", autouse=True)
def _networks_loaded_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiosk.cli.photo.Assessor", cache(Assessor))
        yield


def wall(shade: int = 238) -> Image:
    """A pale one, with the grain that a camera makes."""
    grain = np.random.default_rng(3).normal(0, 2, (720, 1280, 3))
    return np.clip(shade + grain, 0, 255).astype(np.uint8)


def sitting(face: int = PERSON, shade: int = 238) -> PIL.Image.Image:
    return PIL.Image.fromarray(stand_before(wall(shade), face, place(Act.SIT, 0.2))[..., ::-1])


def saved(picture: PIL.Image.Image, form: str = "JPEG", **how: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **{"quality": 95, **how} if form == "JPEG" else how)
    return file.getvalue()


def on_its_side() -> bytes:
    exif = PIL.Image.Exif()
    exif[0x0112] = UNTURNED_6
    return saved(sitting().rotate(90, expand=True), exif=exif)


def deep() -> bytes:
    picture = np.asarray(sitting())[..., ::-1].astype(np.uint16) * 257
    return cv2.imencode(".png", picture)[1].tobytes()


def clear() -> bytes:
    """What a tool for cutting out leaves: a transparent background that still has a colour."""
    pixels = np.array(sitting().convert("RGBA"))
    pixels[:, :420] = pixels[:, 860:] = (0, 160, 0, 0)
    return saved(PIL.Image.fromarray(pixels), "PNG")


def two() -> bytes:
    left, right = (np.asarray(sitting(face))[:, 320:960] for face in (PERSON, 4))
    return saved(PIL.Image.fromarray(np.concatenate([left, right], axis=1)))


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, ["photo", *map(str, words), "--profile", PROFILE], env={"LC_ALL": "en_US.UTF-8"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def made(out: Path) -> PIL.Image.Image:
    picture = PIL.Image.open(out)
    picture.load()
    return picture


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> PIL.Image.Image:
    """A photo as it should be."""
    folder = tmp_path_factory.mktemp("photo")
    source, out = folder / "source.png", folder / "photo.jpg"
    source.write_bytes(saved(sitting(), "PNG"))
    assert run("make", source, out).exit_code == 0
    assert run("check", out).exit_code == 0
    return made(out)


GOOD: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved(sitting()),
    "lying on its side": on_its_side,
    "CMYK": lambda: saved(sitting().convert("CMYK")),
    "PNG of 16 bits": deep,
    "PNG with transparency": clear,
    "WebP": lambda: saved(sitting(), "WEBP", quality=95),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_picture_of_any_kind_becomes_a_photo_of_the_standard_the_right_way_up(
    tmp_path: Path, photo: PIL.Image.Image, kind: str
) -> None:
    source, out = tmp_path / "照片 原图", tmp_path / "成品" / "考生.jpg"
    out.parent.mkdir()
    source.write_bytes(GOOD[kind]())
    result = run("make", source, out)
    assert result.exit_code == 0, result.output
    spec, found = load_profile(PROFILE).photo, made(out)
    assert (found.format, found.size, found.info["dpi"]) == ("JPEG", (spec.width, spec.height), (spec.dpi, spec.dpi))
    assert spec.min_kb * 1024 <= out.stat().st_size <= spec.max_kb * 1000
    shown, plain = np.asarray(found, int), np.asarray(photo, int)
    middle = np.s_[150:420, 150:330]
    assert np.abs(shown[middle] - plain[middle]).mean() < 12  # neither turned nor in other colours
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_what_is_transparent_becomes_white() -> None:
    shown = decode(clear())
    assert (shown[10, 10] == 255).all()
    assert (shown[360, 640] == np.asarray(sitting())[360, 640, ::-1]).all()


def like_ours(photo: PIL.Image.Image, **how: Any) -> bytes:
    return saved(photo, quality=80, dpi=(300, 300), **how)


def upside_down(photo: PIL.Image.Image) -> bytes:
    """The pixels stand on their head, and EXIF says so."""
    exif = PIL.Image.Exif()
    exif[0x0112] = 3
    return like_ours(photo.rotate(180), exif=exif)


def without_jfif(jpeg: bytes) -> bytes:
    length = int.from_bytes(jpeg[4:6])
    return jpeg[:2] + jpeg[4 + length :]


def density_in_exif_only(jpeg: bytes) -> bytes:
    """As cameras write it: JFIF says no unit."""
    exif = PIL.Image.Exif()
    exif[0x011A], exif[0x011B], exif[0x0128] = 300.0, 300.0, 2
    app1 = exif.tobytes()
    whole = jpeg[:13] + b"\0" + jpeg[14:20]
    return whole + b"\xff\xe1" + (len(app1) + 2).to_bytes(2) + app1 + jpeg[20:]


JPEG_BYTES = GOOD["JPEG"]
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nobody": (lambda: saved(PIL.Image.fromarray(compose(0, Act.EMPTY, 0, 1)[..., ::-1])), "No face"),
    "two people": (two, "several people"),
    "one pixel": (lambda: saved(sitting().resize((1, 1)), "PNG"), "No face"),
    "a thread": (lambda: saved(sitting().resize((3, 300)), "PNG"), "No face"),
    "cut too close": (lambda: saved(sitting().crop((500, 100, 800, 500))), "camera"),
    "torn in the middle": (lambda: JPEG_BYTES()[:-40_000], "no picture, or a torn one"),
    "torn at the end": (lambda: JPEG_BYTES()[:-400], "no picture, or a torn one"),
    "torn PNG": (lambda: saved(sitting(), "PNG")[:-9_000], "no picture, or a torn one"),
    "nothing": (lambda: b"", "no picture, or a torn one"),
    "HEIC": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), "HEIC pictures have to be saved as JPG"),
    "text": ("照片".encode, "no picture, or a torn one"),
    "a bomb": (lambda: saved(PIL.Image.new("1", (20_000, 9_000)), "PNG"), "million pixels"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_picture_that_makes_no_photo_is_refused_in_words_and_nothing_is_written(tmp_path: Path, kind: str) -> None:
    source, out = tmp_path / "source", tmp_path / "out.jpg"
    content, told = BAD[kind]
    source.write_bytes(content())
    out.write_bytes(b"what was there before")
    result = run("make", source, out)
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert out.read_bytes() == b"what was there before"
    assert {path.name for path in tmp_path.iterdir()} == {"source", "out.jpg"}


def test_an_enlarged_photo_says_so_and_how_much(tmp_path: Path) -> None:
    source, out = tmp_path / "small.png", tmp_path / "out.jpg"
    source.write_bytes(saved(sitting().resize((320, 180)), "PNG"))
    result = run("make", source, out)
    assert result.exit_code == 1  # sharpness can't be made up
    assert made(out).size == (480, 640)
    assert "放大了 3." in result.output


def test_a_photo_that_was_cut_before_can_be_made_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first.jpg", tmp_path / "second.jpg"
    source = tmp_path / "source.jpg"
    source.write_bytes(JPEG_BYTES())
    assert run("make", source, first).exit_code == 0
    again = run("make", first, second)
    assert again.exit_code == 0, again.output
    assert "放大了" in again.output
    assert np.abs(np.asarray(made(first), int) - np.asarray(made(second), int)).mean() < 25


def test_where_nothing_can_be_written_it_is_said_and_the_original_is_never_written_over(tmp_path: Path) -> None:
    source = tmp_path / "source.jpg"
    source.write_bytes(JPEG_BYTES())
    (tmp_path / "folder").mkdir()
    wrong = dict.fromkeys(("missing/out.jpg", "folder", "source.jpg/out.jpg"), "can not be written")
    wrong |= {"source.jpg": "never written over", "out.png": "ends in .jpg"}
    for out, told in wrong.items():
        result = run("make", source, tmp_path / out)
        assert result.exit_code == 2, out
        assert told in result.output, out
    refused = run("check", source, "--report", source)
    assert (refused.exit_code, "never written over" in refused.output) == (2, True)
    missing = run("check", tmp_path / "no such.jpg")
    assert (missing.exit_code, "can not be read" in missing.output) == (2, True)
    assert source.read_bytes() == JPEG_BYTES()
    assert {path.name for path in tmp_path.iterdir()} == {"source.jpg", "folder"}


def test_limits_of_size_that_no_quality_meets_are_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = load_profile(PROFILE).photo
    monkeypatch.setattr("kiosk.cli.photo._spec", lambda *_: replace(spec, min_kb=1, max_kb=2))
    source, out = tmp_path / "source.jpg", tmp_path / "out.jpg"
    source.write_bytes(JPEG_BYTES())
    result = run("make", source, out)
    assert (result.exit_code, "at 1 to 2 KB" in result.output) == (2, True)
    assert not out.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda photo: saved(photo, dpi=(72, 72)), "72 dpi"),
        (lambda photo: saved(photo.resize((360, 480)), dpi=(300, 300)), "360×480"),
        (lambda photo: saved(photo, "PNG", dpi=(300, 300)), "PNG"),
        (lambda photo: saved(photo, dpi=(300, 300), quality=100), "KB"),
        (lambda photo: saved(photo.convert("L"), dpi=(300, 300)), "黑白"),
        (upside_down, "EXIF 里记着旋转（3）"),
        (lambda photo: like_ours(photo, progressive=True), "渐进式"),
        (lambda photo: like_ours(photo.convert("CMYK")), "CMYK"),
        (lambda photo: without_jfif(like_ours(photo)), "JFIF 标记"),
        (lambda photo: density_in_exif_only(like_ours(photo)), "JFIF 文件头"),
        (lambda photo: like_ours(photo) + b"MotionPhoto", "11 个多余字节"),
        (lambda photo: saved(photo, "PNG", dpi=(300, 300)), "只改扩展名"),
    ],
)
def test_a_file_that_breaks_the_standard_is_told(
    tmp_path: Path, photo: PIL.Image.Image, change: Callable[[PIL.Image.Image], bytes], told: str
) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(change(photo))
    result = run("check", file)
    assert result.exit_code == 1
    assert told in result.output


@pytest.mark.parametrize(("name", "told"), [("甲.jpg", False), ("甲.JPG", True), ("甲.jpeg", True), ("甲", True)])
def test_a_suffix_that_systems_do_not_match_by_is_told(tmp_path: Path, photo: PIL.Image.Image, name: str, told: bool) -> None:
    file = tmp_path / name
    file.write_bytes(like_ours(photo))
    result = run("check", file)
    assert ("应为小写的 .jpg" in result.output, result.exit_code) == (told, int(told))


def test_every_measure_has_value_limit_score_and_verdict_and_what_is_not_evaluated_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wide.jpg"
    file.write_bytes(JPEG_BYTES())
    result = CliRunner().invoke(main, ["photo", "check", str(file), "--profile", PROFILE], env={"COLUMNS": "100"})
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.output.splitlines() if "│" in line]
    rows = {name: cells for name, *cells in lines}
    assert rows["HeadPoseYaw"][1:] == ["-15 … 15", "100", "通过"]
    assert rows["HeadSize"][1] == "0.43 … 0.63"  # as the profile wants it
    for name in ("CompressionArtifacts", "FaceOcclusionPrevention", "ExpressionNeutrality", "NoHeadCoverings"):
        assert rows[name] == ["", "", "", "未评估"]


def test_the_report_shows_the_photo_and_what_is_wrong_in_words(tmp_path: Path) -> None:
    file, report = tmp_path / "wide.jpg", tmp_path / "报告 1.png"
    file.write_bytes(saved(sitting().resize((640, 360))))
    assert run("check", file, "--report", report).exit_code == 1
    page: Image = decode(report.read_bytes())
    assert page.shape[1] > 960 * 640 // 360
    table = page[:, -800:]
    red = (table[..., 2] > 150) & (table[..., 1] < 90) & (table[..., 0] < 90)
    assert red[-200:].any()  # the words below the table
    empty = tmp_path / "empty.png"
    empty.write_bytes(saved(PIL.Image.new("RGB", (480, 640), "white"), "PNG"))
    assert run("check", empty, "--report", report).exit_code == 1
    assert decode(report.read_bytes()).shape[0] >= 960


def test_a_replaced_background_is_off_unless_the_profile_allows_it_and_marks_the_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "source.jpg", tmp_path / "out.jpg"
    source.write_bytes(JPEG_BYTES())
    words = ["photo", "make", str(source), str(out), "--profile", "henan-zhongkao"]
    assert "背景已被替换" not in CliRunner().invoke(main, words).output
    assert "comment" not in made(out).info
    refused = CliRunner().invoke(main, [*words, "--replace-background"])
    assert (refused.exit_code, "不允许更换背景" in refused.output) == (2, True)
    spec = replace(load_profile("henan-zhongkao").photo, replace_background=True)
    monkeypatch.setattr("kiosk.cli.photo._spec", lambda *_: spec)
    told = CliRunner().invoke(main, [*words, "--replace-background"]).output
    assert "背景已被替换" in told
    assert made(out).info["comment"] == b"background replaced"
    corner = np.asarray(made(out), int)[8, 8]
    assert np.abs(corner - spec.backgrounds[0]).max() < 8
