"""Windows: a job object around this process (`SetInformationJobObject` of the Windows API). Not tried on Windows yet."""

from __future__ import annotations

import ctypes
from typing import Final

# winnt.h
_EXTENDED_LIMIT: Final = 9  # JobObjectExtendedLimitInformation
_PROCESS_TIME: Final = 0x2
_ACTIVE_PROCESS: Final = 0x8
_PROCESS_MEMORY: Final = 0x100
_DIE_ON_EXCEPTION: Final = 0x400  # no window that asks what to do
_TICKS: Final = 10_000_000  # 100 ns in a second


class _Basic(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class _Extended(ctypes.Structure):
    _fields_ = (
        ("basic", _Basic),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process", ctypes.c_size_t),
        ("peak_job", ctypes.c_size_t),
    )


def limit(memory: int, cpu_s: int) -> None:
    """Bytes that this process may commit, seconds of processor time, no further process. Nothing where the system refuses: the
    station's own time limit stays."""
    kernel = ctypes.CDLL("kernel32")  # the same as WinDLL on 64-bit Windows
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.SetInformationJobObject.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32)
    kernel.AssignProcessToJobObject.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    wanted = _Extended()
    wanted.basic.flags = _PROCESS_TIME | _ACTIVE_PROCESS | _PROCESS_MEMORY | _DIE_ON_EXCEPTION
    wanted.basic.process_time, wanted.basic.processes, wanted.process_memory = cpu_s * _TICKS, 1, memory
    job = kernel.CreateJobObjectW(None, None)
    if job and kernel.SetInformationJobObject(job, _EXTENDED_LIMIT, ctypes.byref(wanted), ctypes.sizeof(wanted)):
        kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
