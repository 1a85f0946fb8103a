"""What the web needs of the station, of its people and of the office: the seams at which tests put their scripts."""

from kiosk.web.ports.office import FilesPort, LooksPort, OfficePort, SafekeepingPort, SchoolPort, WatchPort
from kiosk.web.ports.people import AccountsPort, EnrollerPort, SlotsPort, StaffDeskPort, StaffPort
from kiosk.web.ports.rosters import RosterPreview, RostersPort
from kiosk.web.ports.station import StationPort

__all__ = [
    "AccountsPort",
    "EnrollerPort",
    "FilesPort",
    "LooksPort",
    "OfficePort",
    "RosterPreview",
    "RostersPort",
    "SafekeepingPort",
    "SchoolPort",
    "SlotsPort",
    "StaffDeskPort",
    "StaffPort",
    "StationPort",
    "WatchPort",
]
