"""What the faces of a whole district cost a door: the package, the register, memory and the search.

    python -m bench.door_district [--district 20000] [--candidates 300] [--json FILE]

The faces are made of numbers; a door knows nothing else of these people than face, name and school.
"""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import numpy as np

from bench.door import exam_day
from bench.figures import json_option, kept, note
from kiosk.checkin import Shelf
from kiosk.ciphers.age import Sealing
from kiosk.exam_rehearsal import Body
from kiosk.exchange.exam_parcel import write_exam
from kiosk.pipeline.face.compact import pack
from kiosk.records import Candidate, Elsewhere, Enrolled, Seating
from kiosk.store import Store

_SEARCHES = 200


def resident_mb() -> float:
    """Now, not at most."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


@click.command()
@click.option("--district", default=20_000, show_default=True, type=click.IntRange(1))
@click.option("--candidates", default=300, show_default=True, type=click.IntRange(1))
@json_option
def main(district: int, candidates: int, json_to: str | None) -> None:
    """Measure it."""
    with kept("door_district", json_to, "kiosk/checkin", "kiosk/exchange/exam_parcel.py"):
        _measure(district, candidates)


def _measure(district: int, candidates: int) -> None:
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as scratch, Store.open(Path(scratch) / "data") as store:
        folder, faces = Path(scratch), rng.normal(size=(district, 128)).astype(np.float32)
        faces /= np.linalg.norm(faces, axis=1, keepdims=True)
        others = [Elsewhere(f"考生{number}", "第二中学", pack(face)) for number, face in enumerate(faces, start=1)]
        people = [_enrolled(number, Body(rng)) for number in range(1, candidates + 1)]
        to, day = Sealing(recipients=(store.signing.recipient(),)), exam_day(store)
        for name, some in (("without", []), ("with", others)):
            path, begun_s = folder / f"{name}.age", time.perf_counter()
            at = replace(day, issued_at=datetime.now(UTC) - timedelta(hours=1))
            write_exam(path, to, store.signing.key(), at, people, district=some, by_office=False)
            written_s, begun_s = time.perf_counter() - begun_s, time.perf_counter()
            taken = Shelf(store).take(path, door="东门", by="考务")
            taken_s, before_mb = time.perf_counter() - begun_s, resident_mb()
            begun_s = time.perf_counter()
            register = Shelf(store).open(taken)
            matcher = register.matcher()
            opened_s, grown_mb = time.perf_counter() - begun_s, resident_mb() - before_mb
            seconds = list[float]()
            for face in (faces[number % district] for number in range(_SEARCHES)):
                begun_s = time.perf_counter()
                register.elsewhere(matcher.whose_elsewhere(face))
                seconds.append(time.perf_counter() - begun_s)
            size_mb = path.stat().st_size / 2**20
            click.echo(
                f"{name} {len(some)} of the district: package {size_mb:.1f} MB, written in {written_s:.1f} s, taken in "
                f"{taken_s:.1f} s, opened in {opened_s:.2f} s with {grown_mb:.0f} MB; search {1e3 * np.median(seconds):.1f} ms"
            )
            told = f"{name} {len(some):,} of the district"
            note(f"{told}: package", size_mb, "MB", f"{candidates} candidates")
            note(f"{told}: a door's memory", grown_mb, "MB")
            note(f"{told}: opened", opened_s, "s")
            note(f"{told}: search", 1e3 * float(np.median(seconds)), "ms", f"median of {_SEARCHES}")
            register.close()


def _enrolled(number: int, body: Body) -> Enrolled:
    id_number, exam_number = f"63010120090101{number:04d}", f"2027{number:05d}"
    seat = Seating(id_number, exam_number, str(number // 30 + 1), number % 30 + 1)
    who = Candidate(number, id_number, exam_number, f"考生{number}", (seat,), thumbed=False)
    return Enrolled(who, b"", pack(body.face), pack(body.chip))


if __name__ == "__main__":
    main()
