"""Stations of several schools and their office, and everything that goes wrong between them: `kiosk rehearse --stations`."""

from kiosk.district_rehearsal.lab import STAGES, DistrictReport, Finding, rehearse_district
from kiosk.district_rehearsal.plot import FEWEST, Fate, plotted

__all__ = ["FEWEST", "STAGES", "DistrictReport", "Fate", "Finding", "plotted", "rehearse_district"]
