"""How long others wait while the worst files are read: the operator's page, over HTTP, beside each upload.

    python -m bench.reading [--only WORDS]

Each file of `bench.hostile_tables` is posted to a served station as a roster to be looked at; meanwhile another client asks for
the operator's page again and again. Beside what the answer was stands the longest time that the other client waited.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Final

from bench.figures import kept, note, option
from bench.hostile_tables import HOSTILE
from bench.school import open_school, serve

_PAUSE_S: Final = 0.02
_PATIENCE_S: Final = 300


class Visitor:
    """A browser, as far as a form needs one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/operator"))
        assert found
        self._token = found[1]

    def get(self, address: str) -> str:
        with self._open(self._url + address, timeout=_PATIENCE_S) as answer:
            return str(answer.read().decode())

    def look_at(self, path: Path) -> tuple[int, dict[str, object]]:
        """Post a roster; status and answer, though it takes so long that it becomes a job."""
        head = f'--x\r\nContent-Disposition: form-data; name="roster"; filename="{path.name}"\r\n\r\n'
        body = head.encode() + path.read_bytes() + b"\r\n--x--\r\n"
        headers = {"X-CSRFToken": self._token, "Content-Type": "multipart/form-data; boundary=x"}
        request = urllib.request.Request(f"{self._url}/office/roster/look", body, headers)
        try:
            with self._open(request, timeout=_PATIENCE_S) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        if "job" not in told:
            return 200, told
        while (job := json.loads(self.get(f"/office/jobs/{told['job']}")))["state"] == "running":
            pass  # each look waits a moment
        return (200, job["result"]) if job["state"] == "done" else (409, job)


class Other:
    """Asks for the operator's page all the time, and remembers the longest wait."""

    def __init__(self, url: str) -> None:
        self._visitor = Visitor(url)
        self._stop = threading.Event()
        self.worst_s = 0.0
        self.asked = 0
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Other:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.wait(_PAUSE_S):
            before = time.perf_counter()
            self._visitor.get("/operator")
            self.worst_s = max(self.worst_s, time.perf_counter() - before)
            self.asked += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    option(parser)
    asked = parser.parse_args()
    with kept("reading", asked.json, "kiosk/arms_length", "kiosk/tables", "kiosk/web"):
        return _look(asked)


def _look(asked: argparse.Namespace) -> int:
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as scratch, open_school(Path(scratch) / "school", 100) as store:
        server, office = serve(store, Path(scratch))
        try:
            visitor = Visitor(server.url)
            with Other(server.url) as alone:
                time.sleep(3)
            print(f"{'nothing':28} {'':8} {'':18} others wait at most {alone.worst_s * 1000:4.0f} ms of {alone.asked}")
            for what, (name, make) in HOSTILE.items():
                if asked.only in what:
                    path, before = make(Path(scratch) / name), time.perf_counter()
                    with Other(server.url) as other:
                        status, answer = visitor.look_at(path)
                    seconds = time.perf_counter() - before
                    said = str(answer.get("code") or answer.get("summary"))
                    waited = f"others wait at most {other.worst_s * 1000:4.0f} ms of {other.asked}"
                    note(f"{what}: refused or read", seconds, "s", f"{waited}; {said}")
                    print(f"{what:28} {seconds:6.1f} s {status} {waited}  {said}", flush=True)
        finally:
            server.stop()
            office.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
