"""The office's side: rosters in, files and papers out. Joins store and exchange, which don't know each other."""

from kiosk.office.files import Files
from kiosk.office.office import Office, RecordSummary
from kiosk.office.papers import Papers
from kiosk.office.rosters import RosterImport, RosterPreview, Rosters

__all__ = ["Files", "Office", "Papers", "RecordSummary", "RosterImport", "RosterPreview", "Rosters"]
