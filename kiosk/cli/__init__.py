"""The command line."""

from kiosk.cli.main import main, run

__all__ = ["main", "run"]
