"""The office's side: rosters in, files and papers out. Joins store and exchange, which don't know each other."""

from kiosk.office.documents import Documents
from kiosk.office.files import Files
from kiosk.office.looks import Looks
from kiosk.office.office import Office
from kiosk.office.papers import Papers
from kiosk.office.rosters import RosterImport, RosterPreview, Rosters

__all__ = ["Documents", "Files", "Looks", "Office", "Papers", "RosterImport", "RosterPreview", "Rosters"]
