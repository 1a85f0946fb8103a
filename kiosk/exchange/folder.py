"""A folder that appears whole or not at all: written under another name, then moved in one step."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

from kiosk.durable import sync_file, sync_folder, watched, write_whole
from kiosk.errors import ExchangeError
from kiosk.locks import held
from kiosk.private import is_too_long, make_folder

_FLUSHING: Final = 8  # files at a time
_MANY: Final = 100  # files that are better written in one go
_DRAFT: Final = re.compile(r"\..+\.[0-9a-f]{8}\.part")


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Fill the folder that is given; when the block ends it is flushed to the disk and becomes `target`.

    When the block raises, nothing remains and whatever was there before is as it was. OSErrors become ExchangeError
    (full disk, pulled stick, missing rights). `target` must not exist. What a killed program left is swept first.
    """
    draft = _draft(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        with held(_lock(draft)):
            try:
                draft.mkdir()
                with watched(draft) as all_on_disk:
                    yield draft
                    if not (_has_many(draft) and all_on_disk()):
                        _flush(draft)
                draft.rename(target)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise _failure(error, target) from None


@contextmanager
def new_file(target: Path) -> Iterator[BinaryIO]:
    """The same for a file, which may be read back before it gets its name."""
    draft = _draft(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        with held(_lock(draft)):
            try:
                with draft.open("x+b") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                draft.rename(target)
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise _failure(error, target) from None


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A folder for nobody else's eyes that is gone afterwards; what a killed program left of others is swept first."""
    draft = _draft(parent / "scratch")
    try:
        make_folder(parent)
        sweep(parent)
        with held(_lock(draft)):
            try:
                make_folder(draft)
                yield draft
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise _failure(error, draft) from None


def _draft(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")


def sweep(folder: Path) -> None:
    """Remove the drafts that a killed program left in a folder. One that is still being written stays."""
    for draft in folder.glob(".*.part"):
        if _DRAFT.fullmatch(draft.name):
            with suppress(OSError), held(_lock(draft)):  # held by its writer: not ours to touch
                if draft.is_dir():
                    shutil.rmtree(draft, ignore_errors=True)
                else:
                    draft.unlink()


def _lock(draft: Path) -> Path:
    return draft.with_suffix(".lock")


def write_file(path: Path, content: bytes) -> Path:
    """Write a file that appears whole or not at all; OSErrors become ExchangeError, as above."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise _failure(error, path) from None
    return path


_CODES = {
    errno.ENOSPC: "export.disk_full",
    errno.EDQUOT: "export.disk_full",
    errno.EACCES: "export.not_allowed",
    errno.EROFS: "export.not_allowed",
    errno.EPERM: "export.not_allowed",
}


def _failure(error: OSError, target: Path) -> ExchangeError:
    place = {"folder": str(target.parent), "reason": error.strerror or str(error)}
    longest = max((str(error.filename or ""), str(target)), key=len)
    if is_too_long(error, Path(longest)):
        return ExchangeError("export.path_too_long", **place, length=len(longest))
    return ExchangeError(_CODES.get(error.errno or 0, "export.write_failed"), **place)


def files_in(folder: Path) -> Iterator[Path]:
    """Every file in a folder and below, one after the other, in no order: a folder may have more than one wants to hold."""
    with os.scandir(folder) as found:
        for one in found:
            if one.is_dir(follow_symlinks=False):
                yield from files_in(Path(one.path))
            elif one.is_file():
                yield Path(one.path)


def _folders_in(folder: Path) -> Iterator[Path]:
    """The folder and those below, each after what is in it."""
    with os.scandir(folder) as found:
        for one in found:
            if one.is_dir(follow_symlinks=False):
                yield from _folders_in(Path(one.path))
    yield folder


def _has_many(folder: Path) -> bool:
    return next(islice(files_in(folder), _MANY, None), None) is not None


def _flush(folder: Path) -> None:
    """Files first, then the folders that name them."""
    files, turn = files_in(folder), Lock()

    def sync() -> None:
        while True:
            with turn:
                path = next(files, None)
            if path is None:
                return
            sync_file(path)

    with ThreadPoolExecutor(_FLUSHING) as pool:  # the disk takes many at once better than one after the other
        for one in [pool.submit(sync) for _ in range(_FLUSHING)]:
            one.result()
    for parent in _folders_in(folder):
        sync_folder(parent)
