"""Roster, captures, biometric vault and audit trail, kept so that nothing is lost."""

from kiosk.store.account_lists import read_list, write_list
from kiosk.store.accounts import Accounts, verifier_of
from kiosk.store.adopting import Adoption, adopt, try_adoption
from kiosk.store.audit import Audit
from kiosk.store.backup import Backup, restore
from kiosk.store.backup import found as backups_in
from kiosk.store.captures import DAMAGED, Captures, Pictures
from kiosk.store.corrections import CORRECTABLE
from kiosk.store.deadline import DeadlineState
from kiosk.store.folder import prepare_folder
from kiosk.store.health import SAMPLE, Health
from kiosk.store.incoming import ToldRecord
from kiosk.store.keyring import (
    Keys,
    Ring,
    Slot,
    SlotKind,
    Unlock,
    unlock_code,
    unlock_machine,
    unlock_office,
    unlock_open,
    unlock_pin,
    unlock_secret,
)
from kiosk.store.lookalikes import account_of, declared_as
from kiosk.store.machine import this_machine
from kiosk.store.migrations import data_forms
from kiosk.store.particulars import changes
from kiosk.store.pins import require_good as require_good_pin
from kiosk.store.quarantine import Quarantined
from kiosk.store.roster import Departure, Roster, RosterChange, StudentChange
from kiosk.store.rounds import Admission, AdmissionKind, Window
from kiosk.store.signing import Signing, Standing, Worth
from kiosk.store.slots import (
    change_key,
    has_machine_slot,
    is_new,
    is_sealed,
    try_unlock,
    unlock_copy,
    who_may_unlock,
    wrong_tries,
)
from kiosk.store.station_lock import require_free
from kiosk.store.station_work import StationWork
from kiosk.store.store import Store
from kiosk.store.substitutes import Given, Substitutes
from kiosk.store.timekeeping import ClockState

__all__ = [
    "CORRECTABLE",
    "DAMAGED",
    "SAMPLE",
    "Accounts",
    "Admission",
    "AdmissionKind",
    "Adoption",
    "Audit",
    "Backup",
    "Captures",
    "ClockState",
    "DeadlineState",
    "Departure",
    "Given",
    "Health",
    "Keys",
    "Pictures",
    "Quarantined",
    "Ring",
    "Roster",
    "RosterChange",
    "Signing",
    "Slot",
    "SlotKind",
    "Standing",
    "StationWork",
    "Store",
    "StudentChange",
    "Substitutes",
    "ToldRecord",
    "Unlock",
    "Window",
    "Worth",
    "account_of",
    "adopt",
    "backups_in",
    "change_key",
    "changes",
    "data_forms",
    "declared_as",
    "has_machine_slot",
    "is_new",
    "is_sealed",
    "prepare_folder",
    "public_key",
    "read_list",
    "require_free",
    "require_good_pin",
    "restore",
    "this_machine",
    "try_adoption",
    "try_unlock",
    "unlock_code",
    "unlock_copy",
    "unlock_machine",
    "unlock_office",
    "unlock_open",
    "unlock_pin",
    "unlock_secret",
    "verifier_of",
    "who_may_unlock",
    "write_list",
    "wrong_tries",
]
