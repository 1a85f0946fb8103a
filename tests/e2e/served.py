"""`kiosk serve` in a process of its own, as an operator starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[2]


class Served:
    """A running station: where its screens are, and how it ends."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.process = process
        self.url = url

    def press_ctrl_c(self) -> str:
        """Ends it; returns what it said after its address."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=20)
        return said


@contextmanager
def served(
    folder: Path, students: int = 2, *, simulate: bool = True, full: bool = False, env: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Served]:
    """A station with its data in a folder, or the page before it; killed at the end if it still runs. `full`: with windows over
    whole monitors; `env`: what it wants of the environment."""
    config = folder / "config.toml"
    config.touch()
    command = [sys.executable, "-m", "kiosk", "--config", str(config), "serve", "--port", "0"]
    command += ["--kiosk"] if full else ["--no-browser"]
    if simulate:
        command += ["--simulate", "--students", str(students)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **env}
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    try:
        assert process.stdout is not None
        said = ""
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+)", said)):
            line = process.stdout.readline()
            assert line, f"the station ended: {said}"
            said += line
        yield Served(process, found[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
