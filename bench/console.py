"""What the console of a district costs a request: stations whose records, presses and packages are put into a store in bulk.

    python -m bench.console [--stations 200] [--students 5000 20000] [--postgresql] [--json FILE]

Half of the stations have another scanner, one in ten a problem. A request is what the page asks of the office's data, in
processor time on SQLite and on the wall with a server, after a change and when nothing has changed; what is drawn of it is not
in it.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import UUID

import click
from sqlalchemy import insert

from bench.county import student
from bench.figures import json_option, kept, note
from kiosk.ciphers import INTERNATIONAL, new_office_key
from kiosk.office import District
from kiosk.office.intake import Intake
from kiosk.office.reception import Reception
from kiosk.records import Press, RecordState, Score, Step, StepResult, Student, Verdict
from kiosk.store import Store, codec, rows, tables
from kiosk.store.roster_rows import student_values
from tests.postgresql import new_urls, running_server

FIRST: Final = datetime(2026, 9, 7, 0, 0, tzinfo=UTC)  # eight o'clock in China
_DAYS: Final = 12
_MORE_ON_THE_ROSTER: Final = 1.1
_SCANNERS: Final = ("ZFM-20", "R503")
_TOGETHER: Final = 2000
_ASKED: Final = 3


def fill(store: Store, stations: int, students: int, *, seed: int = 1) -> None:
    """Stations in schools of five, each with its share of the students, captured over twelve days; a tenth is not yet."""
    chance = random.Random(seed)
    database = store._opened.identity
    everybody = [_placed(number, stations, students) for number in range(round(students * _MORE_ON_THE_ROSTER))]
    with database.write() as connection:
        for start in range(0, len(everybody), _TOGETHER):
            some = enumerate(everybody[start : start + _TOGETHER], start)
            connection.execute(insert(tables.students), [student_values(one) | {"position": place} for place, one in some])
        connection.execute(insert(tables.stations), [_station(number, chance) for number in range(stations)])
        packages = [_package(number, day, chance) for number in range(stations) for day in range(_DAYS)]
        connection.execute(insert(tables.received), packages)
    for start in range(0, students, _TOGETHER):
        made = [
            _captured(number, everybody[number], stations, chance) for number in range(start, min(start + _TOGETHER, students))
        ]
        with database.write() as connection:
            connection.execute(insert(tables.records), [record for record, _, _ in made])
            connection.execute(insert(tables.steps), [step for _, steps, _ in made for step in steps])
            connection.execute(insert(tables.received_records), [came for _, _, came in made])


def _placed(number: int, stations: int, students: int) -> Student:
    """One of a school of its own size: schools are as many as five stations each make."""
    schools = max(stations // 5, 1)
    of = number % schools
    who = student(number)
    return Student(
        who.name,
        who.id_number,
        "高一",
        str(number // schools * 10 // max(students // schools, 1) + 1),
        who.registration_number,
        sex="男",
        school=f"某县第{of + 1}中学",
        school_code=f"6301{of % 6 + 1:02d}{of:04d}",
    )


def _store(number: int) -> str:
    return UUID(int=number + 1).hex


def _at(number: int, stations: int) -> int:
    """The station of a student: one of the school's five."""
    schools = max(stations // 5, 1)
    return (number % schools * 5 + number // schools % 5) % stations


def _station(number: int, chance: random.Random) -> dict[str, Any]:
    ill = number % 10 == 0
    figures = {"roster": 500, "captured": 100, "open": 0, "refused": chance.randrange(12), "disk_free_mb": 80_000}
    figures |= {"disk_free_mb": 900} if ill else {}
    made = FIRST + timedelta(days=_DAYS - 1, hours=9, minutes=number % 60)
    return {
        "store": _store(number),
        "name": f"采集点-{number % 5 + 1:02d}",
        "school": f"某县第{number // 5 + 1}中学",
        "school_code": f"6301{number // 5 % 6 + 1:02d}{number // 5:04d}",
        "certificate": "",
        "recipient": "",
        "parcel": UUID(int=number * 100 + _DAYS).hex,
        "entry": 1000,
        "seal": "",
        "made_at": made,
        "seen_at": made + timedelta(hours=1),
        "figures": codec.dump(figures | {"program": "1.0.0", **({"test_faults": 1} if number % 25 == 0 else {})}),
        "skew_s": 900.0 if number % 40 == 0 else 0.0,
    }


def _package(number: int, day: int, chance: random.Random) -> dict[str, Any]:
    hours = {(FIRST + timedelta(days=day, hours=hour)).isoformat(): chance.randrange(3) for hour in range(8)}
    name = UUID(int=number * 100 + day + 1)
    return {
        "sha256": f"{number * 100 + day:064x}",
        "name": f"captures-{number}-{day}.age",
        "size": 30_000_000,
        "state": "taken",
        "by": "李主任",
        "at": FIRST + timedelta(days=day, hours=10),
        "id": name.hex,
        "store": _store(number),
        "chain": _store(number),
        "part": 1,
        "parts": 1,
        "before": UUID(int=number * 100 + day).hex if day else "",
        "entry": 80 * (day + 1),
        "made_at": FIRST + timedelta(days=day, hours=9),
        "counts": json.dumps({"new": 8, "turned_away": hours}),
    }


def _captured(number: int, who: Student, stations: int, chance: random.Random) -> tuple[Any, Any, Any]:
    """Rows of a record, of its steps and of its coming."""
    at = _at(number, stations)
    day = chance.choices(range(_DAYS), weights=range(1, _DAYS + 1))[0]
    begun = FIRST + timedelta(days=day, seconds=chance.randrange(8 * 3600))
    done = begun + timedelta(seconds=chance.gauss(24, 5) + (8 if at % 7 == 0 else 0))
    record_id = UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128)).hex
    scanner, decided = _SCANNERS[at % 2], "负责人甲" if number % 29 == 0 else ""
    steps = [StepResult(Step.FACE, Verdict.PASS, done, scores=(Score(0.61, "sface-2021dec cosine", 0.4),))]
    for step in (Step.RIGHT_THUMB, Step.LEFT_THUMB):
        worth = min(max(chance.gauss(0.62 if at % 2 else 0.78 - day * 0.01, 0.1), 0.0), 1.0)
        presses = (Press(Verdict.PASS, worth), Press(Verdict.PASS, min(worth + 0.05, 1.0)))
        told = {"decided_by": decided, "reason": "手指破损" if decided else "", "presses": presses, "device": scanner}
        steps.append(StepResult(step, Verdict.PASS, done, **told))  # type: ignore[arg-type]
    record = {
        "id": record_id,
        "id_number": who.id_number,
        "version": 1,
        "state": RecordState.COMPLETE,
        "verdict": Verdict.PASS,
        "started_at": begun,
        "finished_at": done,
        "station": f"采集点-{at % 5 + 1:02d}",
        "operator": "采集员",
        "profile": "qinghai-xuekao",
        "profile_hash": "",
        "recapture_reason": "",
        "student": codec.dump_student(who),
        "card": "{}",
    }
    came = {
        "record_id": record_id,
        "digest": f"{number:064x}",
        "chain": _store(at),
        "stored_as": record_id,
        "version": 1,
        "entry": 80 * (day + 1),
        "parcel": at * _DAYS + day + 1,
        "state": "taken",
        "adopted": "[]",
    }
    return record, [rows.step_values(record_id, one) for one in steps], came


@contextmanager
def office(folder: Path, stations: int, students: int, **urls: Any) -> Iterator[tuple[Store, District]]:
    """Such a district's office, open."""
    with Store.open(folder / "office", **urls) as store:
        fill(store, stations, students)
        key = new_office_key(INTERNATIONAL)
        yield store, District(store, Reception(Intake(store, key)), key, folder / "receipts")


def _middle_ms(work: Callable[[], object], *, clock: Callable[[], float], before: Callable[[], object]) -> float:
    found = []
    for _ in range(_ASKED):
        before()
        begun = clock()
        work()
        found.append(1000 * (clock() - begun))
    return median(found)


@click.command()
@click.option("--stations", default=200, show_default=True, type=click.IntRange(5))
@click.option("--students", "sizes", default=(5000, 20_000), show_default=True, multiple=True, type=click.IntRange(1))
@click.option("--postgresql", is_flag=True)
@json_option
def main(stations: int, sizes: tuple[int, ...], postgresql: bool, json_to: str | None) -> None:
    """Measure it."""
    rooms = ("kiosk/office/district.py", "kiosk/store/station_work.py", "kiosk/store/school_counts.py")
    with kept("console", json_to, *rooms):
        if not postgresql:
            for students in sizes:
                _measure(stations, students)
            return
        with running_server() as server:
            for students in sizes:
                _measure(stations, students, **new_urls(server))


def _measure(stations: int, students: int, **urls: Any) -> None:
    last = (FIRST + timedelta(days=_DAYS - 1)).astimezone().date()
    with tempfile.TemporaryDirectory() as scratch, office(Path(scratch), stations, students, **urls) as (store, district):
        clock = time.perf_counter if urls else time.process_time
        for name, asked in (
            ("all of it", {}),
            ("one day", {"first": last, "last": last}),
            ("one area", {"inside": "630103"}),
            ("one station", {"working": lambda seen: seen.store == _store(1)}),
        ):
            for when, before in (("after a change", lambda: store.audit.record("bench.change")), ("unchanged", lambda: None)):
                took_ms = _middle_ms(lambda asked=asked: district.console(**asked), clock=clock, before=before)  # type: ignore[misc]
                note(f"{students:,} students, {name}, {when}", took_ms, "ms")
                print(f"{stations} stations, {students:,} students, {name}, {when}: {took_ms:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
