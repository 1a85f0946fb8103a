"""What comes through the browser is read at arm's length, lies in the data folder meanwhile, and leaves nothing behind."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from bench.hostile_tables import far, huge_text_in_place
from bench.reading import Other, Visitor
from kiosk.arms_length.door import Limits
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.exchange import reading
from kiosk.office import Office, pictures, read_picture
from kiosk.store import Store
from kiosk.web import Server, create_app, serve_app
from kiosk.web.uploads import Uploads
from tests.exchange.photographs import jpeg, png
from tests.staff import operator_of
from tests.web.scripted import ScriptedStation


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    return tmp_path / "data" / "uploads"


@pytest.fixture
def served(tmp_path: Path, uploads: Path) -> Iterator[Server]:
    """An empty school, served."""
    with Store.open(tmp_path / "data") as store:
        office = Office(store, tmp_path / "export")
        known = operator_of(store.accounts)
        app = create_app(station=ScriptedStation(), office=office, settings=Settings(), demonstrator=known, uploads=uploads)
        running = serve_app(app, 0)
        yield running
        running.stop()
        office.close()


def test_a_stray_cell_in_the_last_corner_is_read_over_http_and_told(served: Server, tmp_path: Path, uploads: Path) -> None:
    status, answer = Visitor(served.url).look_at(far("XFD1048576")(tmp_path / "花名册.xlsx"))
    assert (status, answer["counts"]["taken"]) == (200, 2)  # type: ignore[index]
    assert any("XFD 列没有表头" in line for line in answer["left"])  # type: ignore[union-attr]
    assert not uploads.exists()


def test_a_file_that_kills_its_reader_is_told_while_the_station_goes_on(
    served: Server, tmp_path: Path, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LIMITS", Limits(memory_mb=96))
    bomb = huge_text_in_place(tmp_path / "花名册.xlsx")
    visitor = Visitor(served.url)
    with Other(served.url) as other:
        status, answer = visitor.look_at(bomb)
    assert (status, answer["code"]) == (409, "reading.too_large")
    assert "采集不受影响" in str(answer["message"])
    assert other.asked > 5
    assert not uploads.exists()
    monkeypatch.undo()
    assert visitor.look_at(far("A9", "王五")(tmp_path / "b.xlsx"))[0] == 200


def test_what_a_killed_program_left_is_swept_at_the_next_start(tmp_path: Path, uploads: Path) -> None:
    left = uploads / "0123" / "花名册.csv"
    left.parent.mkdir(parents=True)
    left.write_text("姓名,身份证号", "utf-8")
    create_app(station=ScriptedStation(), office=None, settings=Settings(), uploads=uploads)  # type: ignore[arg-type]
    assert not left.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("高一 花名册（终稿）.XLSX", "高一 花名册（终稿）.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\名单.csv", "名单.csv"),
        ("..", "_"),
        ("a\r\nb\0\u202ec.xls", "abc.xls"),
        ("名" * 200 + ".csv", "名" * 38 + ".csv"),
    ],
)
def test_an_upload_is_for_nobody_else_and_its_name_leads_nowhere(uploads: Path, name: str, kept: str) -> None:
    with Uploads(uploads).held(name, lambda file: file.write(b"x")) as path:
        assert (path.name, path.parent.parent, path.read_bytes()) == (kept, uploads, b"x")
        if os.name == "posix":
            assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, uploads)] == [0o600, 0o700, 0o700]
    assert not uploads.exists()


def test_a_picture_from_outside_is_decoded_at_arms_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = tmp_path / "证件.jpg"
    photo.write_bytes(jpeg((300, 200)))
    assert read_picture(photo).shape == (200, 300, 3)
    photo.write_bytes(png((100, 80)))
    assert read_picture(photo).shape == (80, 100, 3)
    for content, code in ((b"no picture", "photo.broken"), (jpeg()[:-3000], "photo.broken")):
        photo.write_bytes(content)
        with pytest.raises(KioskError) as caught:
            read_picture(photo)
        assert caught.value.code == code
    file = BytesIO()
    from PIL import Image

    Image.new("L", (12_000, 12_000)).save(file, "PNG")
    photo.write_bytes(file.getvalue())
    with pytest.raises(KioskError, match=r"photo\.too_many_pixels"):
        read_picture(photo)
    monkeypatch.setattr(pictures, "_LIMITS", Limits(memory_mb=16, answer_mb=64))
    Image.new("L", (8_000, 8_000)).save(photo, "PNG")
    with pytest.raises(KioskError, match=r"photo\.harmful"):
        read_picture(photo)
