"""A store that its machine opens by itself, and no other machine does. TPMs and Windows are stand-ins: none is here."""

from __future__ import annotations

import ctypes
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli.running import by_machine
from kiosk.errors import StoreError
from kiosk.records import Role
from kiosk.store import Store, has_machine_slot, unlock_machine, unlock_pin
from kiosk.store.machine import DataProtection, Machine, Tpm, this_machine

PIN = "258036"
# What `systemd-creds` does, for a TPM that is a number: refuses what another one sealed.
STAND_IN = """#!/bin/sh
[ "$2$3" = "--with-key=tpm2--name=kiosk-keys" ] && { printf 'TPM %s ' MACHINE; cat; exit; }
[ "$1$2" = "decrypt--name=kiosk-keys" ] || exit 3
read -r word number rest
[ "$word $number" = "TPM MACHINE" ] || { echo "Failed to unseal: wrong TPM" >&2; exit 1; }
printf '%s' "$rest"
"""


def tpm(folder: Path, number: int) -> Tpm:
    program = folder / f"systemd-creds-{number}"
    program.write_text(STAND_IN.replace("MACHINE", str(number)))
    program.chmod(0o755)
    return Tpm(str(program))


class Windows:
    """CryptProtectData and its opposite of a Windows user, as wincrypt.h has them."""

    def __init__(self, user: int) -> None:
        self._user, self.freed = user, 0
        self._kept: list[Any] = []

    def CryptProtectData(self, given: Any, *rest: Any) -> int:
        return self._answer(given, rest, b"DPAPI%d" % self._user, b"")

    def CryptUnprotectData(self, given: Any, *rest: Any) -> int:
        return self._answer(given, rest, b"", b"DPAPI%d" % self._user)

    def _answer(self, given: Any, rest: tuple[Any, ...], put: bytes, taken: bytes) -> int:
        told, answer = given._obj, rest[-1]._obj
        content = ctypes.string_at(told.data, told.size)
        if rest[:-1] != (None, None, None, None, 1) or not content.startswith(taken):
            return 0
        made = put + content[len(taken) :]
        held = ctypes.create_string_buffer(made, len(made))
        self._kept.append(held)
        answer.size, answer.data = len(made), ctypes.cast(held, ctypes.POINTER(ctypes.c_char))
        return 1

    def GetLastError(self) -> int:
        return 13

    def LocalFree(self, _: Any) -> None:
        self.freed += 1


def windows(user: int) -> DataProtection:
    made = Windows(user)
    return DataProtection(made, made)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
@pytest.mark.parametrize("kind", ["tpm", "windows"])
def test_the_machine_opens_its_store_and_another_one_with_a_copy_of_it_does_not(
    folder: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def machine(number: int) -> Machine:
        return tpm(tmp_path, number) if kind == "tpm" else windows(number)

    with Store.open_station(folder) as store:
        officer = store.accounts.issue("王考务", Role.OFFICER, PIN, by=None)
        store.slots.seal(by=officer)
        assert not has_machine_slot(folder)
        store.slots.set_machine(machine(1), by="王考务")
    assert has_machine_slot(folder)
    Store.open(folder, unlock=lambda ring: unlock_machine(ring, machine(1))).close()
    for there, opens in (
        (machine(1), True),
        (machine(2), False),
        (None, False),
    ):  # a start asks for a PIN
        monkeypatch.setattr("kiosk.cli.running.this_machine", lambda there=there: there)
        unlock = by_machine(folder, "zh-CN")
        assert (unlock is not None) is opens
        if unlock is not None:
            Store.open(folder, unlock=unlock).close()
    with pytest.raises(StoreError, match=r"store\.machine\b"):
        Store.open(folder, unlock=lambda ring: unlock_machine(ring, machine(2)))
    with Store.open(folder, unlock=lambda ring: unlock_pin(ring, officer.id, PIN)) as store:
        store.slots.set_machine(None, by="王考务")
    with pytest.raises(StoreError, match="no_machine_slot"):
        Store.open(folder, unlock=lambda ring: unlock_machine(ring, machine(1)))


def test_what_windows_gave_is_given_back() -> None:
    made = Windows(1)
    protection = DataProtection(made, made)
    assert protection.open(protection.seal(b"keys")) == b"keys"
    assert made.freed == 2
    with pytest.raises(StoreError, match="Windows 13"):
        protection.open(b"somebody else's")


@pytest.mark.skipif(
    shutil.which("systemd-creds") is None or Path("/dev/tpmrm0").exists(), reason="no systemd, or a TPM is here"
)
def test_the_real_program_without_a_tpm_says_why() -> None:
    program = shutil.which("systemd-creds")
    assert program is not None
    with pytest.raises(StoreError, match=r"store\.machine\b.*TPM"):
        Tpm(program).seal(b"keys")
    assert this_machine() is None
