"""Passwords: the workbook locked as Excel does it, pictures in a ZIP with AES-256 (WinZip's way, which 7-Zip opens, too).

A ZIP never hides the names of its files, and these are ID numbers: the locked ZIP holds one file, a plain ZIP of all the rest.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Final

import pyzipper
from msoffcrypto.format.ooxml import OOXMLFile

from kiosk.errors import ExchangeError

MIN_LENGTH: Final = 8
INSIDE: Final = "content.zip"  # all that anybody sees of a locked package without its password
_CHUNK: Final = 1 << 20


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
    """Move files of a folder into an AES-256 ZIP and see that the password opens it, and all that is in it."""
    inside = out.with_name(f".{INSIDE}")
    with zipfile.ZipFile(inside, "w", zipfile.ZIP_STORED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder).as_posix())
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_STORED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        with inside.open("rb") as plain, archive.open(INSIDE, "w", force_zip64=True) as locked:
            shutil.copyfileobj(plain, locked, _CHUNK)
    if not _opens(out, inside, password):
        raise ExchangeError("export.not_readable", file=out.name, reason="password")
    for path in (*files, inside):
        path.unlink()


def _opens(package: Path, inside: Path, password: str) -> bool:
    """Whether the password gives back what was locked, byte for byte, and that holds every file whole."""
    with pyzipper.AESZipFile(package) as archive:
        archive.setpassword(password.encode())
        with archive.open(INSIDE) as opened, inside.open("rb") as plain:
            while chunk := plain.read(_CHUNK):
                if opened.read(len(chunk)) != chunk:
                    return False
            if opened.read(1):
                return False
    with zipfile.ZipFile(inside) as content:
        return content.testzip() is None
