"""Table files with faults, many of them: none may crash, hang or take what it likes of the process that reads it.

    python -m bench.faults_tables [--files 100000] [--seed 1] [--kinds xlsx,xls,…]

Each file is an honest roster with something changed: bytes of the file or of a part within it, a number made extreme, a piece
repeated, left out or moved, a cell far away, a row cut short. It is read as the reading process does
(`kiosk.tables.roster`), in a worker with the same limits. `refused` was told with a cause of ours, `broken` with the library's
or parser's own exception, which the station tells as reading.broken; where those come from is listed. `slow` and `memory` are
those that the limits end and the station tells as such. Crashes must be 0; files that need a limit are named.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import random
import signal
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bench.hostile_tables import write_workbook
from kiosk.arms_length import limits
from kiosk.arms_length.door import Limits
from kiosk.errors import KioskError
from kiosk.tables.roster import read_roster

_AT_ONCE: Final = 500
_SLOW_S: Final = Limits().cpu_s
_DATA: Final = Path(__file__).resolve().parents[1] / "tests" / "exchange" / "data"
_EXTREMES: Final = (
    *(b"0", b"-1", b"1", b"255", b"256", b"65536", b"1048576", b"1048577", b"2147483647", b"4294967295", b"4294967296"),
    *(
        b"9" * 30,
        b"1e999",
        b"nan",
        b"XFD1048576",
        b"ZZZZZZ4294967295",
        b"A1:XFD1048576",
        b"\xff\xfe",
        b"\x00",
        b"&#0;",
        b"",
        b'"',
    ),
)

Random = random.Random
Mutation = Callable[[Random, bytes], bytes]


def _flip(chance: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 32))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _place(chance: Random, data: bytes) -> tuple[int, int]:
    start = chance.randrange(len(data))
    return start, min(len(data), start + chance.choice((1, 4, 16, 100, 1000)))


def _leave_out(chance: Random, data: bytes) -> bytes:
    start, end = _place(chance, data)
    return data[:start] + data[end:]


def _repeat(chance: Random, data: bytes) -> bytes:
    start, end = _place(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _move(chance: Random, data: bytes) -> bytes:
    start, end = _place(chance, data)
    rest, at = data[:start] + data[end:], chance.randrange(len(data))
    return rest[:at] + data[start:end] + rest[at:]


def _cut_off(chance: Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _extreme(chance: Random, data: bytes) -> bytes:
    """A number or word in quotation marks or between tags becomes another one."""
    places = [at for at, byte in enumerate(data) if byte in b'"<>,\t']
    if len(places) < 2:
        return _flip(chance, data)
    at = chance.randrange(len(places) - 1)
    return data[: places[at] + 1] + chance.choice(_EXTREMES) + data[places[at + 1] :]


def _put_number(chance: Random, data: bytes) -> bytes:
    """Two or four bytes become an extreme number: lengths and places of binary formats."""
    width = chance.choice((2, 4))
    number = chance.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)) % (1 << 8 * width)
    at = chance.randrange(max(1, len(data) - width))
    return data[:at] + number.to_bytes(width, "little") + data[at + width :]


_MUTATIONS: Final[tuple[Mutation, ...]] = (_flip, _leave_out, _repeat, _move, _cut_off, _extreme, _extreme, _put_number)


def _mutated(chance: Random, data: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 4))):
        if data:
            data = chance.choice(_MUTATIONS)(chance, data)
    return data


def _in_a_part(chance: Random, data: bytes) -> bytes:
    """A part of a package changed within, and packed again as if nothing had been."""
    parts = _unpacked(data)
    wanted = [name for name in parts if name.endswith((".xml", ".rels"))]
    name = chance.choice(wanted)
    parts[name] = _mutated(chance, parts[name])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _package(chance: Random, data: bytes) -> bytes:
    return _mutated(chance, data) if chance.random() < 0.2 else _in_a_part(chance, data)


def _far_cells(chance: Random, _: bytes) -> bytes:
    """Cells anywhere that a sheet has, and a little further."""
    letters = "".join(chance.choice("ABCDEFGXYZ") for _ in range(chance.choice((1, 2, 3, 3, 3, 4))))
    row = chance.choice((1, 9, 1000, 65536, 1048575, 1048576, 1048577, 4294967296, chance.randrange(1 << 20)))
    kind = chance.choice(('t="inlineStr"><is><t> </t></is>', "><v>1</v>", "><f>A1</f>", 't="e"><v>#N/A</v>', 't="s"><v>7</v>'))
    file = io.BytesIO()
    write_workbook(file, [f'<row r="{row}"><c r="{letters}{row}" {kind}</c></row></sheetData></worksheet>'])
    return file.getvalue()


def _sizes(chance: Random, _: bytes) -> bytes:
    """Packages within packages, parts that lie about their sizes."""
    file = io.BytesIO()
    write_workbook(file, [" " * chance.choice((0, 10, 100_000)), "</sheetData></worksheet>"])
    data = bytearray(file.getvalue())
    at = chance.choice([place for place in range(len(data) - 4) if data[place : place + 2] == b"PK"])
    number = chance.choice((0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)).to_bytes(4, "little")
    at += chance.choice((14, 18, 20, 22, 24, 26, 28, 30, 42))
    data[at : at + 4] = number
    return bytes(data)


def _csv(chance: Random, _: bytes) -> bytes:
    """Rows of any length, stray marks, any separator, titles and headers anywhere."""
    divider = chance.choice(",\t;|，")
    cells = [
        "姓名",
        "身份证号",
        "年级",
        "班级",
        '"',
        "",
        "张三",
        "630103200901080019",
        "高一",
        "1",
        "高一（3）班 花名册",
        "高一（4）（5）班",
        "实验班",
        "合计",
        "示例",
        "姓名",
        "身份證號",
        "\0",
        "\u202e",
        "a" * 40_000,
    ]
    lines = [divider.join(("姓名", "身份证号", "年级", "班级"))]
    lines += [divider.join(chance.choices(cells, k=chance.randrange(9))) for _ in range(chance.randrange(12))]
    text = chance.choice(("\n", "\r\n", "\r")).join(lines)
    return _maybe(
        chance, text.encode(chance.choice(("utf-8", "utf-8-sig", "gb18030", "big5hkscs", "utf-16", "utf-16-le")), "replace")
    )


def _maybe(chance: Random, data: bytes) -> bytes:
    return _mutated(chance, data) if data and chance.random() < 0.5 else data


@dataclass(frozen=True)
class Kind:
    """How files of a kind are made out of an honest one."""

    base: Callable[[], bytes]
    change: Callable[[Random, bytes], bytes]
    suffix: str


def _of(name: str) -> Callable[[], bytes]:
    def read() -> bytes:
        return (_DATA / name).read_bytes()

    return read


KINDS: Final[dict[str, Kind]] = {
    "xlsx": Kind(_of("roster.xlsx"), _package, ".xlsx"),
    "xls": Kind(_of("roster.xls"), _mutated, ".xls"),
    "ods": Kind(_of("roster.ods"), _package, ".ods"),
    "html": Kind(_of("roster.html"), _mutated, ".xls"),
    "xml 2003": Kind(_of("roster-2003.xml"), _mutated, ".xls"),
    "far cells": Kind(bytes, _far_cells, ".xlsx"),
    "sizes": Kind(bytes, _sizes, ".xlsx"),
    "csv": Kind(bytes, _csv, ".csv"),
}


@dataclass
class Tally:
    """What became of the files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0


def _read(data: bytes, name: str) -> tuple[str, str]:
    """How it ended, and where an exception that is not of the error tree came from."""
    try:
        for _ in read_roster(io.BytesIO(data), name, {}):
            pass
    except KioskError:
        return "refused", ""
    except MemoryError:
        return "memory", ""
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return "broken", f"{type(error).__name__} {Path(last.filename).name}:{last.lineno}"
    return "read", ""


def _work(pipe: Connection, kind: str, seed: int, first: int) -> None:
    """In the worker: read `_AT_ONCE` files, say how each ended as it ends."""
    wanted = Limits()
    limits.shut_in(wanted.memory_mb, 100_000, lambda: None)
    made = KINDS[kind]
    base = made.base()
    for number in range(first, first + _AT_ONCE):
        data = made.change(Random(f"{seed} {kind} {number}"), base)
        signal.alarm(_SLOW_S)  # ends the worker
        before = time.perf_counter()
        outcome = _read(data, f"roster{made.suffix}")
        pipe.send((number, *outcome, time.perf_counter() - before))
    signal.alarm(0)
    pipe.send(None)


def _batch(kind: str, seed: int, first: int, tally: Tally) -> Iterator[int]:
    """Files of a kind; a worker that dies is told, and another goes on behind the file that killed it."""
    context = multiprocessing.get_context("spawn")
    end = first + _AT_ONCE
    while first < end:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(theirs, kind, seed, first))
        worker.start()
        theirs.close()
        try:
            while (told := ours.recv()) is not None:
                number, outcome, where, seconds = told
                if number >= end:
                    break
                first = number + 1
                tally.outcomes[outcome] += 1
                tally.broken[where] += bool(where)
                tally.slowest_s = max(tally.slowest_s, seconds)
            first = end
        except EOFError:
            worker.join()
            tally.outcomes["slow" if worker.exitcode == -signal.SIGALRM else "crash"] += 1
            print(f"  {kind}: file {first} of seed {seed} ended the worker with {worker.exitcode}", flush=True)
            first += 1
        worker.terminate()
        worker.join()
    yield end


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    asked = parser.parse_args()
    os.nice(19)
    kinds = asked.kinds.split(",")
    each = max(_AT_ONCE, asked.files // len(kinds) // _AT_ONCE * _AT_ONCE)
    total: Counter[str] = Counter()
    for kind in kinds:
        tally = Tally()
        for first in range(0, each, _AT_ONCE):
            for _ in _batch(kind, asked.seed, first, tally):
                pass
        total += tally.outcomes
        told = " ".join(f"{outcome} {count:,}" for outcome, count in sorted(tally.outcomes.items()))
        print(f"{kind:10} {each:8,} files: {told}; slowest {tally.slowest_s:.2f} s", flush=True)
        for where, count in tally.broken.most_common():
            if count:
                print(f"    {count:6,} × {where}", flush=True)
    print(f"{sum(total.values()):,} files: crashes {total['crash']}, ended by a limit {total['slow'] + total['memory']}")
    return 1 if total["crash"] else 0


if __name__ == "__main__":
    sys.exit(main())
