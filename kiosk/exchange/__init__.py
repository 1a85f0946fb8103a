"""Rosters in; sheets, pictures and manifests out, one profile per registration system."""

from kiosk.exchange.export import ExportResult, export
from kiosk.exchange.fields import ExportRow, FingerFile
from kiosk.exchange.font import unprintable
from kiosk.exchange.left_out import left_out
from kiosk.exchange.profile import Profile, Source
from kiosk.exchange.reading import ColumnReading, RowProblem, SheetReading
from kiosk.exchange.report import ReportEntry, check_rows
from kiosk.exchange.roster_file import RosterReading, read_roster
from kiosk.exchange.shelf import load_profile, profiles
from kiosk.exchange.shortfall import Shortfall
from kiosk.exchange.teacher_file import TeacherReading, read_teachers

__all__ = [
    "ColumnReading",
    "ExportResult",
    "ExportRow",
    "FingerFile",
    "Profile",
    "ReportEntry",
    "RosterReading",
    "RowProblem",
    "SheetReading",
    "Shortfall",
    "Source",
    "TeacherReading",
    "check_rows",
    "export",
    "left_out",
    "load_profile",
    "profiles",
    "read_roster",
    "read_teachers",
    "unprintable",
]
