"""The log of a station or an office. Apart from what runs them, which takes seconds to load: a folder that can't be written is
told at once."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from kiosk.errors import StoreError


def log_to(folder: Path) -> None:
    """What happened, without anybody's data, beside the data: `kiosk.log`, five files of 1 MB. Raises StoreError."""
    from kiosk.store import prepare_folder  # takes a second

    prepare_folder(folder)
    try:
        handler = RotatingFileHandler(folder / "kiosk.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    except OSError:
        raise StoreError("store.folder_read_only", folder=str(folder)) from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
