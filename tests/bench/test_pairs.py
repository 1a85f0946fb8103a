"""LFW's format of pairs, and what people make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.pairs import Pair, photo_path, read_names, read_pairs, read_photo

GENUINE = Pair(("Adel_Al-Jubeir", 1), ("Adel_Al-Jubeir", 3))
IMPOSTOR = Pair(("AJ_Lamas", 1), ("Zach_Safrin", 10))


def written(folder: Path, text: str) -> Path:
    file = folder / "配对.txt"
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize("header", ["", "500\n", "10\t300\n", "10 300\n", "folds 10\n", "folds\t10\n", "\ufeff500\n", "\n \n"])
@pytest.mark.parametrize("space", ["\t", " ", "  ", " \t "])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n\n"])
def test_lines_with_tabs_or_spaces_after_any_header(tmp_path: Path, header: str, space: str, end: str) -> None:
    lines = [space.join(("Adel_Al-Jubeir", "1", "3")), space.join(("AJ_Lamas", "1", "Zach_Safrin", "10"))]
    assert read_pairs(written(tmp_path, header + end.join(lines) + end)) == [GENUINE, IMPOSTOR]
    assert GENUINE.genuine
    assert not IMPOSTOR.genuine


def test_names_with_spaces_stand_between_tabs(tmp_path: Path) -> None:
    assert read_pairs(written(tmp_path, "王 小明\t1\t2\n")) == [Pair(("王 小明", 1), ("王 小明", 2))]


@pytest.mark.parametrize(
    "line",
    ["AJ_Lamas", "AJ_Lamas 1", "AJ_Lamas one 2", "AJ_Lamas 1 Zach_Safrin", "a 1 b 2 c 3", "folds ten", "folds 1 x", "a ² 1"],
)
def test_a_line_that_is_no_pair_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"配对\.txt:3: not a pair: "):
        read_pairs(written(tmp_path, f"2\nAJ_Lamas 1 2\n{line}\n"))


def test_another_encoding_is_told(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_bytes("王小明 1 2\n".encode("gb18030"))
    with pytest.raises(ValueError, match=r"pairs\.txt: no text in UTF-8"):
        read_pairs(file)


def test_a_subset_takes_pairs_all_of_whose_names_are_in_it(tmp_path: Path) -> None:
    file = written(tmp_path, "AJ_Lamas 1 Zach_Safrin 10\nAJ_Lamas 1 2\nZach_Safrin 1 2\n")
    assert read_pairs(file, frozenset({"AJ_Lamas"})) == [Pair(("AJ_Lamas", 1), ("AJ_Lamas", 2))]
    assert read_pairs(file, frozenset()) == []


def test_names_come_with_commas_or_from_a_file(tmp_path: Path) -> None:
    assert read_names("AJ_Lamas, Zach_Safrin,") == {"AJ_Lamas", "Zach_Safrin"}
    assert read_names(str(written(tmp_path, "AJ_Lamas\t4\n\nZach_Safrin\n"))) == {"AJ_Lamas", "Zach_Safrin"}
    many = [f"Somebody_{number}" for number in range(2000)]
    assert read_names(",".join(many)) == set(many)
    with pytest.raises(ValueError, match="no such file"):
        read_names(str(tmp_path / "east-asian.txt"))


def test_a_photo_is_found_with_its_suffix_and_none_is_made_of_what_is_broken(tmp_path: Path) -> None:
    folder = tmp_path / "AJ_Lamas"
    folder.mkdir()
    assert photo_path(tmp_path, ("AJ_Lamas", 2)) == folder / "AJ_Lamas_0002.jpg"
    assert read_photo(tmp_path, ("AJ_Lamas", 2)) is None
    (folder / "AJ_Lamas_0002.png").write_bytes(b"")
    assert photo_path(tmp_path, ("AJ_Lamas", 2)) == folder / "AJ_Lamas_0002.png"
    assert read_photo(tmp_path, ("AJ_Lamas", 2)) is None
    (folder / "AJ_Lamas_0002.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    assert read_photo(tmp_path, ("AJ_Lamas", 2)) is None
