"""What is wrong with a whole file."""

from __future__ import annotations

from kiosk.errors import ExchangeError


class BadTable(ExchangeError):
    """A file that can't be read as a table. Whoever asked for it adds the file's name."""
