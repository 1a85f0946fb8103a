"""What the reading process may take of the machine. It sets its own limits before it looks at the file, and can't lift them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

_MB: Final = 1 << 20
_STEP_BACK: Final = 15  # nice value: whatever the station does goes first
_FIRST_TO_GO: Final = "1000"  # of what the kernel ends when memory runs out; proc_pid_oom_score_adj(5)


def shut_in(memory_mb: int, cpu_s: int, out_of_time: Callable[[], None]) -> None:
    """Limit memory (beyond what is taken by now) and processor time; step back behind everything else; write no file."""
    if os.name == "nt":
        from kiosk.arms_length import job

        job.limit(memory_mb * _MB, cpu_s)
    else:
        _posix(memory_mb, cpu_s, out_of_time)


if sys.platform != "win32":
    import resource
    import signal

    def _posix(memory_mb: int, cpu_s: int, out_of_time: Callable[[], None]) -> None:
        with contextlib.suppress(OSError):
            os.nice(_STEP_BACK)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, "ascii")
        signal.signal(signal.SIGXCPU, lambda *_: out_of_time())
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s += int(used.ru_utime + used.ru_stime)
        _limit(resource.RLIMIT_CPU, cpu_s, cpu_s + 2)  # C code hears no signal handler: two seconds later it is killed
        most = _mapped() + memory_mb * _MB
        _limit(resource.RLIMIT_AS, most, most)
        _limit(resource.RLIMIT_FSIZE, 0, 0)
        _limit(resource.RLIMIT_CORE, 0, 0)  # a core dump would hold the file

    def _limit(kind: int, soft: int, hard: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (soft, hard))

    def _mapped() -> int:
        """Bytes of address space that are taken; 0 where the system doesn't say."""
        try:
            return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        except (OSError, ValueError):
            return 0
