"""Rosters in; sheets, pictures and manifests out, one profile per registration system."""

from kiosk.exchange.export import ExportResult, ExportRow, export
from kiosk.exchange.profile import Profile, load_profile, profiles
from kiosk.exchange.roster_file import RosterReading, RowProblem, read_roster

__all__ = [
    "ExportResult",
    "ExportRow",
    "Profile",
    "RosterReading",
    "RowProblem",
    "export",
    "load_profile",
    "profiles",
    "read_roster",
]
