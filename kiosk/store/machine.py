"""What only this machine opens: Windows' data protection for its user (DPAPI), or a TPM through `systemd-creds`.

Neither was ever tried on real hardware by us: see docs/hardware.md.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from ctypes import POINTER, Structure, byref, c_char, c_uint32, cast, create_string_buffer
from pathlib import Path
from typing import Any, Final, Protocol

from kiosk.errors import StoreError

_NAME: Final = "kiosk-keys"
_TPM: Final = Path("/dev/tpmrm0")
_PATIENCE_S: Final = 30.0
_NO_QUESTIONS: Final = 0x1  # CRYPTPROTECT_UI_FORBIDDEN


class Machine(Protocol):
    """Seals for this machine. Both raise StoreError("store.machine")."""

    def seal(self, content: bytes) -> bytes:
        """What nothing but this machine opens."""

    def open(self, sealed: bytes) -> bytes:
        """The content again."""


def this_machine() -> Machine | None:
    """What the machine has for this; None where it has nothing."""
    if sys.platform == "win32":
        windows: Any = ctypes
        return DataProtection(windows.windll.crypt32, windows.windll.kernel32)
    program = shutil.which("systemd-creds")
    return Tpm(program) if program is not None and _TPM.exists() else None


class Tpm:
    """A TPM 2.0, by `systemd-creds` (systemd 250 and later)."""

    def __init__(self, program: str) -> None:
        self._program = program

    def seal(self, content: bytes) -> bytes:
        return self._run(("encrypt", "--with-key=tpm2", f"--name={_NAME}", "-", "-"), content)

    def open(self, sealed: bytes) -> bytes:
        return self._run(("decrypt", f"--name={_NAME}", "-", "-"), sealed)

    def _run(self, arguments: tuple[str, ...], given: bytes) -> bytes:
        try:
            done = subprocess.run(
                [self._program, *arguments], input=given, capture_output=True, timeout=_PATIENCE_S, check=True
            )
        except subprocess.CalledProcessError as error:
            raise StoreError("store.machine", reason=error.stderr.decode(errors="replace").strip()[:200]) from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StoreError("store.machine", reason=type(error).__name__) from None
        return done.stdout


class _Blob(Structure):
    """DATA_BLOB of wincrypt.h."""

    _fields_ = (("size", c_uint32), ("data", POINTER(c_char)))


class DataProtection:
    """CryptProtectData and CryptUnprotectData: for the Windows user that the station runs under."""

    def __init__(self, crypt32: Any, kernel32: Any) -> None:
        self._crypt32 = crypt32
        self._kernel32 = kernel32

    def seal(self, content: bytes) -> bytes:
        return self._called(self._crypt32.CryptProtectData, content)

    def open(self, sealed: bytes) -> bytes:
        return self._called(self._crypt32.CryptUnprotectData, sealed)

    def _called(self, function: Any, given: bytes) -> bytes:
        held = create_string_buffer(given, len(given))
        told, answer = _Blob(len(given), cast(held, POINTER(c_char))), _Blob()
        if not function(byref(told), None, None, None, None, _NO_QUESTIONS, byref(answer)):
            raise StoreError("store.machine", reason=f"Windows {self._kernel32.GetLastError()}")
        try:
            return ctypes.string_at(answer.data, answer.size)
        finally:
            self._kernel32.LocalFree(answer.data)
