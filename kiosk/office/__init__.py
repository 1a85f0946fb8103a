"""The office's side: rosters in, files and papers out. Joins store and exchange, which don't know each other."""

from kiosk.office.account_lists import AccountLists, list_in_words
from kiosk.office.cases import Cases, Named
from kiosk.office.certificates import Certificates
from kiosk.office.configuration import Configuration
from kiosk.office.consents import Consents
from kiosk.office.corrections import Correctable, Corrections
from kiosk.office.day import Day, Days, Span
from kiosk.office.day_words import DayWords
from kiosk.office.delivery import Delivering, Delivery, DeliveryStanding
from kiosk.office.district import ConflictSides, Console, District, SchoolRow, StationRow, area_words
from kiosk.office.documents import Documents
from kiosk.office.dossiers import Dossier, Dossiers
from kiosk.office.duplicates import Searched, SuspectSides
from kiosk.office.duties import Duties
from kiosk.office.exam_numbers import ExamNumbers
from kiosk.office.exam_parcels import ExamParcels
from kiosk.office.exams import Exams, SeatImport, SeatRule
from kiosk.office.facts import Facts
from kiosk.office.files import Files
from kiosk.office.jobs import Job, Jobs, JobState
from kiosk.office.lists import FindingImport, Lists
from kiosk.office.looks import Looks
from kiosk.office.materials import MaterialImport, MaterialPaper, Materials
from kiosk.office.office import Office
from kiosk.office.papers import Papers, Selection
from kiosk.office.parcels import Parcels
from kiosk.office.particulars import ParticularsDesk
from kiosk.office.pictures import read_picture
from kiosk.office.plan_words import PlanWords
from kiosk.office.profiles import Profiles
from kiosk.office.queue import Queue, SlotPlan, SlotRule
from kiosk.office.receipts import Receipts
from kiosk.office.refusals import RefusalEntry, Refusals
from kiosk.office.retention import Retention
from kiosk.office.reviews import Reviews, resemblances
from kiosk.office.rosters import Elsewhere, ImportMode, RosterImport, RosterPreview, Rosters
from kiosk.office.safekeeping import Kept, Light, Safekeeping, back_up_before
from kiosk.office.schedule import Schedule
from kiosk.office.school import Schools
from kiosk.office.school_parcels import SchoolParcels
from kiosk.office.trail import Trail
from kiosk.office.updates import Installed, Updates
from kiosk.office.upkeep import Upkeep
from kiosk.office.verifying import Line, Tone, Verdict, Verifying
from kiosk.office.watch import Watch

__all__ = [
    "AccountLists",
    "Cases",
    "Certificates",
    "Configuration",
    "ConflictSides",
    "Consents",
    "Console",
    "Correctable",
    "Corrections",
    "Day",
    "DayWords",
    "Days",
    "Delivering",
    "Delivery",
    "DeliveryStanding",
    "District",
    "Documents",
    "Dossier",
    "Dossiers",
    "Duties",
    "Elsewhere",
    "ExamNumbers",
    "ExamParcels",
    "Exams",
    "Facts",
    "Files",
    "FindingImport",
    "ImportMode",
    "Installed",
    "Job",
    "JobState",
    "Jobs",
    "Kept",
    "Light",
    "Line",
    "Lists",
    "Looks",
    "MaterialImport",
    "MaterialPaper",
    "Materials",
    "Named",
    "Office",
    "Papers",
    "Parcels",
    "ParticularsDesk",
    "PlanWords",
    "Profiles",
    "Queue",
    "Receipts",
    "RefusalEntry",
    "Refusals",
    "Retention",
    "Reviews",
    "RosterImport",
    "RosterPreview",
    "Rosters",
    "Safekeeping",
    "Schedule",
    "SchoolParcels",
    "SchoolRow",
    "Schools",
    "Searched",
    "SeatImport",
    "SeatRule",
    "Selection",
    "SlotPlan",
    "SlotRule",
    "Span",
    "StationRow",
    "SuspectSides",
    "Tone",
    "Trail",
    "Updates",
    "Upkeep",
    "Verdict",
    "Verifying",
    "Watch",
    "area_words",
    "back_up_before",
    "list_in_words",
    "read_picture",
    "resemblances",
]
