"""How long the office waits: sheets, photos, rosters and forms, beside openpyxl on the same cells in the same run.

    python -m bench.export [--students 3000] [--rows 100000] [--forms 2000] [--json]

Every figure is measured in a process of its own, so that peak memory is that of the task alone.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import multiprocessing
import resource
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import xlsxwriter
from PIL import Image

from bench.figures import STDOUT, kept, note, option
from kiosk.exchange import ExportRow, export, load_profile, read_roster
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.forms import BATCH, FormEntry, registration_forms
from kiosk.exchange.setting import set_ahead
from kiosk.idnumber import check_character
from kiosk.memory import share_pools
from kiosk.records import BiometricKind, CaptureRecord, RecordState, Score, Step, StepResult, Student, Verdict

_AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
# Names as people have them: each with a digit behind it would be warned of.
_FAMILIES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN: Final = "安柏辰芳光海佳静凯兰明宁鹏琪瑞思婷伟雪颖泽志晓东建国文华春秋山川子墨书瑶一诺天佑浩然欣怡梓涵宇航"


@dataclass(frozen=True)
class Figure:
    """One task. `ratio`: the peer's seconds over ours, above 1 is faster than the peer."""

    task: str
    seconds: float
    peak_mb: float
    per_second: float
    peer_seconds: float | None = None
    peer_peak_mb: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.peer_seconds / self.seconds if self.peer_seconds else None


def student(number: int) -> Student:
    day, order = divmod(number, 999)
    first17 = f"630103{2008 + day // 336}{day // 28 % 12 + 1:02d}{day % 28 + 1:02d}{order + 1:03d}"
    given, family = divmod(number, len(_FAMILIES))
    name = _FAMILIES[family] + _GIVEN[given // len(_GIVEN) % len(_GIVEN)] + _GIVEN[given % len(_GIVEN)]
    return Student(name, first17 + check_character(first17), "高一", str(number // 50 % 40 + 1), f"K{number:07d}", sex="男")


def captures(count: int) -> Iterator[CaptureRecord]:
    face = StepResult(Step.FACE, Verdict.PASS, _AT, scores=(Score(0.61, "sface-2021dec cosine", 0.4),))
    whole = CaptureRecord("0" * 32, student(0), 1, _AT, "采集点-01", "采集员", "qinghai-xuekao", "", RecordState.COMPLETE, _AT)
    for number in range(count):
        yield replace(whole, id=f"{number:032x}", student=student(number), steps=(face,))


def pictures() -> dict[BiometricKind, bytes]:
    """A photo of some 30 kB and two thumbs of some 40 kB, as they are kept."""
    noise = np.random.default_rng(1)

    def encoded(pixels: Any, kind: str) -> bytes:
        file = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(file, kind, quality=80, dpi=(300, 300))
        return file.getvalue()

    photo = np.clip(noise.normal(150, 5, (640, 480, 1)) + np.zeros(3), 0, 255)
    thumb = noise.integers(100, 180, (288, 256))
    return {
        BiometricKind.PORTRAIT: encoded(photo, "JPEG"),
        BiometricKind.RIGHT_THUMB: encoded(thumb, "PNG"),
        BiometricKind.LEFT_THUMB: encoded(thumb, "PNG"),
    }


def write_package(count: int, folder: Path) -> None:
    kept = pictures()
    export(load_profile("qinghai-xuekao"), (ExportRow(record, kept.get) for record in captures(count)), folder)


def write_sheet(count: int, folder: Path) -> None:
    """Checked, written, read back and compared cell by cell, as always."""
    export(load_profile("cmis-72"), (ExportRow(record) for record in captures(count)), folder)


def write_sheet_openpyxl(count: int, folder: Path) -> None:
    """The same cells in openpyxl's usual way, neither read back nor compared."""
    openpyxl = importlib.import_module("openpyxl")
    columns = load_profile("cmis-72").columns
    book = openpyxl.Workbook()
    page = book.active
    page.append([column.header for column in columns])
    for record in captures(count):
        row = ExportRow(record)
        page.append([column.shown(FIELDS[column.field](row)) if column.field else "" for column in columns])
    book.save(folder / "peer.xlsx")


def make_roster(count: int, path: Path) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet("名单")
        page.write_row(0, 0, ["姓名", "身份证号", "年级", "班级", "考籍号"])
        for number in range(count):
            one = student(number)
            page.write_row(number + 1, 0, [one.name, one.id_number, one.grade, one.class_name, one.registration_number])


def read(count: int, folder: Path) -> None:
    """Read in a process of its own, mended, every number checked, the whole roster checked."""
    reading = read_roster(folder / "roster.xlsx")
    assert len(reading.students) == count, reading.problems[:3]


def read_openpyxl(count: int, folder: Path) -> None:
    """Only the cells' values, nothing checked."""
    openpyxl = importlib.import_module("openpyxl")
    page = openpyxl.load_workbook(folder / "roster.xlsx").worksheets[0]
    assert sum(1 for _ in page.iter_rows(values_only=True)) == count + 1


def write_forms(count: int, folder: Path) -> None:
    """Set side by side, as the office does. Everybody has pictures of their own, as in a school: a file with the same one twice
    holds it once."""
    kept = pictures()
    entries = (FormEntry(ExportRow(record, own(kept, number))) for number, record in enumerate(captures(count)))
    batches = ((start, list(islice(entries, BATCH))) for start in range(0, count, BATCH))
    with closing(set_ahead((start, partial(registration_forms, batch, title="登记表")) for start, batch in batches)) as papers:
        for start, pdf in papers:
            (folder / f"{start}.pdf").write_bytes(pdf)


def own(kept: dict[BiometricKind, bytes], number: int) -> Callable[[BiometricKind], bytes | None]:
    """The same pictures with a comment that makes each file another one."""
    comment = f"{number:08d}".encode()
    text = b"tEXt" + b"n\0" + comment  # a chunk of ISO/IEC 15948
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))

    def picture(kind: BiometricKind) -> bytes | None:
        content = kept.get(kind)
        if content is None:
            return None
        if kind is BiometricKind.PORTRAIT:
            return content[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + content[2:]  # JPEG's COM
        return content[:33] + chunk + content[33:]  # behind IHDR

    return picture


def measure(task: Callable[[int, Path], None], count: int, folder: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of a task in a fresh process."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_timed, (task, count, folder))


def _timed(task: Callable[[int, Path], None], count: int, folder: Path) -> tuple[float, float]:
    share_pools()  # as every kiosk does
    before = time.perf_counter()
    task(count, folder)
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)  # what the largest of its processes takes
    return time.perf_counter() - before, max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


def figure(name: str, task: Callable[[int, Path], None], count: int, peer: Callable[[int, Path], None] | None = None) -> Figure:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if task is read:
            make_roster(count, folder / "roster.xlsx")
        seconds, peak = measure(task, count, folder)
        peer_seconds, peer_peak = measure(peer, count, folder) if peer else (None, None)
    return Figure(f"{name} ({count:,})", seconds, peak, count / seconds, peer_seconds, peer_peak)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=3000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--forms", type=int, default=2000)
    option(parser)
    asked = parser.parse_args()
    with kept("export", asked.json, "kiosk/exchange", "kiosk/tables", quiet=True):
        return _run(asked)


def _run(asked: argparse.Namespace) -> int:
    figures = [
        figure("students with photo and two thumbs", write_package, asked.students),
        figure("rows of 72 columns, checked; peer: openpyxl, unchecked", write_sheet, asked.rows, write_sheet_openpyxl),
        figure("roster rows read and checked; peer: openpyxl, values only", read, asked.rows, read_openpyxl),
        figure("forms with three pictures", write_forms, asked.forms),
    ]
    for one in figures:
        beside = f"{one.per_second:,.0f} a second, {one.peak_mb:.0f} MB"
        note(one.task, one.seconds, "s", beside + (f"; peer {one.peer_seconds:.1f} s, {one.ratio:.2f} ×" if one.ratio else ""))
    if asked.json == STDOUT:
        print(json.dumps([{**asdict(one), "ratio": one.ratio} for one in figures], indent=1))
        return 0
    for one in figures:
        print(f"{one.task:72} {one.seconds:7.1f} s {one.per_second:8.0f}/s {one.peak_mb:6.0f} MB", end="")
        print(f"   peer {one.peer_seconds:6.1f} s {one.peer_peak_mb:6.0f} MB   ratio {one.ratio:.2f}" if one.ratio else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
