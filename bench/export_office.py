"""What an office of many schools exports (`bench.county`): how much memory each task adds, and how long it takes.

    python -m bench.export_office 1000 5000 20000 [--postgresql] [--only folder zip] [--json]

Of a task it is what it adds to a process that has the store open and has exported one school: students with a photo and two
thumbs, all together, as a folder and as one sealed file; the folder as the ZIP that the browser gets; the report before; the
sheet of everybody on the roster. With --postgresql both halves lie on a server that is started for it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from bench import county
from bench.figures import kept, note, option
from kiosk.ciphers.age import Sealing
from kiosk.exchange.report import ReportSums
from kiosk.exchange.zip_file import zipped
from kiosk.office import Office
from kiosk.office.files import Files
from kiosk.store import Store
from tests.postgresql import new_urls, running_server


def export_folder(files: Files, folder: Path) -> int:
    return files.export(county.PROFILE, folder / "folder").rows


def export_sealed(files: Files, folder: Path) -> int:
    return files.export(county.PROFILE, folder / "sealed", seal=Sealing(passphrase="correct horse battery")).rows


def zip_folder(files: Files, folder: Path) -> int:
    """Of what `export_folder` wrote."""
    for made in (folder / "folder").iterdir():
        sum(map(len, zipped(made)))
        return files.size(county.PROFILE)
    return 0


def report(files: Files, _: Path) -> int:
    sums = ReportSums()
    for entry in files.report(county.PROFILE):
        sums.add(entry)
    return sums.rows


def export_roster(files: Files, folder: Path) -> int:
    return files.export("cmis-5", folder / "roster").rows


_TASKS: Final[dict[str, Callable[[Files, Path], int]]] = {
    "folder": export_folder,
    "zip": zip_folder,
    "sealed": export_sealed,
    "report": report,
    "roster": export_roster,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("students", type=int, nargs="+")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--only", nargs="+", choices=_TASKS, default=list(_TASKS), metavar="TASK")
    option(parser)
    asked = parser.parse_args()
    with kept("export_office", asked.json, "kiosk/exchange", "kiosk/office", "kiosk/store"):
        return _run(asked.students, asked.only, on_server=asked.postgresql)


def _run(counts: list[int], tasks: list[str], *, on_server: bool) -> int:
    """Each of the tasks at each size."""
    where = "PostgreSQL" if on_server else "SQLite"
    with ExitStack() as begun:
        server = begun.enter_context(running_server()) if on_server else ""
        for count in counts:
            with tempfile.TemporaryDirectory() as scratch:
                folder, urls = Path(scratch), new_urls(server) if server else {}
                with Store.open(folder / "data", **urls) as store:
                    county.fill(store, count)
                for task in tasks:
                    busy_s, wall_s, before_mb, peak_mb = _apart(_added, task, folder, urls, count)
                    name = f"{where}, {task} ({count:,} students)"
                    note(name, peak_mb - before_mb, "MB", f"over {before_mb:.0f} MB; {busy_s:.0f} s of the processor's")
                    print(f"{name:44} +{peak_mb - before_mb:5.1f} MB over {before_mb:4.0f} MB", end="")
                    print(f"   processor {busy_s:6.1f} s, wall {wall_s:6.1f} s, {count / busy_s:6.0f}/s", flush=True)
    return 0


def _apart(work: Callable[..., Any], *given: object) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def _added(task: str, folder: Path, urls: dict[str, Any], count: int) -> tuple[float, float, float, float]:
    """Processor's and wall's seconds, and megabytes: of the process before, and at most."""
    with Store.open(folder / "data", **urls) as store:
        files = Office(store, folder / "export").files
        first = county.student(0).school_code
        files.export(county.PROFILE, folder / "first", school=first)  # what is imported and cached once
        files.export("cmis-5", folder / "first", school=first)
        before_mb = _resident_mb("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew: proc(5)
        began_s, began_busy_s = time.perf_counter(), time.process_time()
        rows = _TASKS[task](files, folder)
        busy_s, wall_s = time.process_time() - began_busy_s, time.perf_counter() - began_s
        assert rows == count, rows
        return busy_s, wall_s, before_mb, _resident_mb("VmHWM")


def _resident_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


if __name__ == "__main__":
    sys.exit(main())
