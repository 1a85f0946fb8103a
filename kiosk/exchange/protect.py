"""Passwords: the workbook locked as Excel does it, pictures in a ZIP with AES-256 (WinZip's way, which 7-Zip opens, too)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import pyzipper
from msoffcrypto.format.ooxml import OOXMLFile

from kiosk.errors import ExchangeError

MIN_LENGTH: Final = 8


def check_password(password: str) -> None:
    """Raises ExchangeError when it would protect nothing."""
    if len(password) < MIN_LENGTH:
        raise ExchangeError("export.password_short", length=MIN_LENGTH)


def lock_workbook(path: Path, password: str) -> None:
    """Encrypt an .xlsx in place (ECMA-376 agile encryption, AES-256), and see that the password opens it."""
    plain = path.read_bytes()
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt(password, locked)
    path.write_bytes(locked.getvalue())
    opened = io.BytesIO()
    with path.open("rb") as file:
        book = OOXMLFile(file)
        book.load_key(password=password)
        book.decrypt(opened)
    if opened.getvalue() != plain:
        raise ExchangeError("export.not_readable", file=path.name, reason="password")


def pack(files: list[Path], folder: Path, out: Path, password: str) -> None:
    """Move files of a folder into an AES-256 ZIP and see that the password opens it."""
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_STORED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        for path in files:
            archive.write(path, path.relative_to(folder).as_posix())
    with pyzipper.AESZipFile(out) as archive:
        archive.setpassword(password.encode())
        broken = archive.testzip()
    if broken is not None:
        raise ExchangeError("export.not_readable", file=out.name, reason="password")
    for path in files:
        path.unlink()
