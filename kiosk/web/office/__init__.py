"""The office's screens: everything under /records, and the requests under /office that they make."""

from kiosk.web.office.about import views as about
from kiosk.web.office.accounts import views as accounts
from kiosk.web.office.backup import views as backup
from kiosk.web.office.cases import views as cases
from kiosk.web.office.certificate import views as certificate
from kiosk.web.office.checkin import views as checkin
from kiosk.web.office.conflicts import views as conflicts
from kiosk.web.office.consent import views as consent
from kiosk.web.office.console import views as console
from kiosk.web.office.contacts import views as contacts
from kiosk.web.office.day import views as day
from kiosk.web.office.documents import views as documents
from kiosk.web.office.duplicates import views as duplicates
from kiosk.web.office.enrolling import views as enrolling
from kiosk.web.office.exams import views as exams
from kiosk.web.office.export import views as export
from kiosk.web.office.job_views import views as jobs
from kiosk.web.office.lists import views as lists
from kiosk.web.office.materials import views as materials
from kiosk.web.office.parcels import views as parcels
from kiosk.web.office.particulars import views as particulars
from kiosk.web.office.printing import views as printing
from kiosk.web.office.profiles import views as profiles
from kiosk.web.office.progress import views as progress
from kiosk.web.office.receiving import views as receiving
from kiosk.web.office.record import views as record
from kiosk.web.office.refused import views as refused
from kiosk.web.office.retention import views as retention
from kiosk.web.office.review import views as review
from kiosk.web.office.roster import views as roster
from kiosk.web.office.schedule import views as schedule
from kiosk.web.office.school import views as school
from kiosk.web.office.settings import views as settings
from kiosk.web.office.setup import views as setup
from kiosk.web.office.signing import views as signing
from kiosk.web.office.slots import views as slots
from kiosk.web.office.trail import views as trail
from kiosk.web.office.updating import views as updating
from kiosk.web.office.verifying import views as verifying

VIEWS = (
    console,
    receiving,
    conflicts,
    duplicates,
    progress,
    day,
    review,
    refused,
    record,
    roster,
    particulars,
    schedule,
    signing,
    exams,
    checkin,
    lists,
    slots,
    printing,
    export,
    parcels,
    documents,
    verifying,
    consent,
    retention,
    school,
    contacts,
    cases,
    materials,
    backup,
    certificate,
    updating,
    accounts,
    enrolling,
    setup,
    settings,
    profiles,
    trail,
    jobs,
    about,
)

__all__ = ["VIEWS"]
