"""`kiosk package school`: what a school's stations get from their office, signed; on the office's machine only."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Opening, Sealing, is_recipient
from kiosk.ciphers.certificates import CertificateRequest, Revocations
from kiosk.cli.common import Opened, console, existing_file, load, on_the_store, print_line, words_for_errors
from kiosk.cli.common import local_time as time_given
from kiosk.cli.office_key import key_option, read_key
from kiosk.cli.spoken import language
from kiosk.clock import local_time
from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange import read_roster
from kiosk.exchange.package import require_good
from kiosk.exchange.parcel import reading
from kiosk.exchange.profile import read_profile
from kiosk.exchange.school_parcel import SchoolHead, SchoolParcel, SchoolWindow, read_school, write_school
from kiosk.exchange.shelf import path_of
from kiosk.records import KnownElsewhere, SchoolName, Student
from kiosk.store import read_list
from kiosk.words import say, say_message

_COLUMNS: Final = ("round", "grade", "class", "category", "opens", "closes")
_MOST_TOLD: Final = 20


@click.command(name="school")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@key_option
@click.option("--roster", type=existing_file, required=True)
@click.option("--school", "school_code", required=True)
@click.option("--name", default="")
@click.option("--windows", type=existing_file)
@click.option("--deadline", type=time_given, metavar="'YYYY-MM-DD HH:MM'")
@click.option("--profile", default="")
@click.option("--accounts", type=existing_file)
@click.option("--certificate", "certificates", type=existing_file, multiple=True)
@click.option("--revocations", type=existing_file)
@click.option("--after", type=existing_file)
@click.option("--staff", is_flag=True)
@click.option("--simulate", is_flag=True)
@click.option("--account", default="")
@click.option("--to", multiple=True, metavar="REQUEST|age1…")
@click.option("--lock", is_flag=True)
@click.pass_obj
@words_for_errors
def school_command(
    settings_file: Path,
    /,
    out: Path,
    key: Path,
    roster: Path,
    school_code: str,
    name: str,
    windows: Path | None,
    deadline: datetime | None,
    profile: str,
    accounts: Path | None,
    certificates: Sequence[Path],
    revocations: Path | None,
    after: Path | None,
    staff: bool,
    simulate: bool,
    account: str,
    to: Sequence[str],
    lock: bool,
) -> None:
    """Make the next version for a school."""
    office, school = read_key(key), SchoolName(name, school_code)
    before = _version_before(after, office, school, lock=lock)
    students, told = _students(roster, school)
    if accounts is not None and read_list(accounts.read_bytes(), office.signing.public).school_code != school_code:
        raise KioskError("parcel.accounts_of_another")
    revoked = revocations.read_bytes() if revocations is not None else b""
    people = list[KnownElsewhere]()
    if staff:
        _gather_staff(simulate=simulate, account=account, school=school_code, revoked=revoked, into=people)
    told_at, definition = datetime.now(UTC), _definition(settings_file, profile) if profile else b""
    head = SchoolHead(school, before + 1, told_at, told, _windows(windows), deadline, profile, definition)
    parcel = SchoolParcel(
        head,
        students,
        accounts.read_bytes() if accounts is not None else b"",
        tuple(one.read_bytes() for one in certificates),
        revoked,
        tuple(people) if staff else None,
    )
    if out.exists():
        raise KioskError("parcel.there", file=out.name)
    write_school(out, sealing_for(to, office.recipient, lock=lock), office, parcel)
    words = say(language(), "cli.parcel.school", version=head.version, students=len(students), file=out)
    print_line(words)
    if staff:
        print_line(say(language(), "cli.parcel.staff", count=len(people)))


@on_the_store
def _gather_staff(opened: Opened, school: str, revoked: bytes, into: list[KnownElsewhere]) -> None:
    """Those of the school's stations, as the office's store has them."""
    from kiosk.office.known_people import staff_of_school

    into += staff_of_school(opened.store, school, Revocations.read(revoked).revoked if revoked else ())


def sealing_for(to: Sequence[str], own: str, *, lock: bool) -> Sealing:
    """For the stations, by their requests or recipients, and for whoever writes it (`own`), which opens it again."""
    if bool(to) == lock:
        raise KioskError("parcel.for_whom")
    if lock:
        passphrase = click.prompt(say(language(), "cli.password"), hide_input=True, confirmation_prompt=True)
        sealing = Sealing(passphrase=passphrase)
        require_good(sealing)
        return sealing
    found = [one if one.startswith("age1") else CertificateRequest.read(Path(one).read_bytes()).recipient for one in to]
    if not all(map(is_recipient, found)):
        raise KioskError("parcel.no_recipient")
    return Sealing(recipients=tuple(dict.fromkeys([*found, *filter(None, [own])])))


def _definition(settings_file: Path, name: str) -> bytes:
    """The file of a profile, the school's own beside the settings or the program's. Raises KioskError for one that can't be
    read."""
    load(settings_file)
    path = path_of(name)
    if path is None:
        raise ExchangeError("profile.unknown", name=name)
    read_profile(path)
    return path.read_bytes()


def _version_before(after: Path | None, office: OfficeKey, school: SchoolName, *, lock: bool) -> int:
    """0 for the first; what the office wrote, it opens itself, by the password where both are locked."""
    if after is None:
        return 0
    password = click.prompt(say(language(), "cli.package_password"), hide_input=True) if lock else ""
    with reading(after, Opening(passphrase=password) if lock else Opening(identities=(office.identity,))) as parcel:
        if parcel.head.signer != office.signing.public:
            raise KioskError("certificate.other_office")
        head = read_school(parcel).head
    if head.school.code != school.code:
        raise KioskError("parcel.other_school", school=head.school.code, ours=school.code)
    return head.version


def _students(roster: Path, school: SchoolName) -> tuple[tuple[Student, ...], frozenset[str]]:
    """Everybody of the file, of this school, and the fields that it tells. Raises KioskError with what is wrong in it: an
    office gives out no list with holes."""
    found = read_roster(roster)
    for problem in found.problems[:_MOST_TOLD]:
        place = say(language(), "cli.roster_row", row=problem.row, column=problem.column, value=problem.value)
        console.print(place + say_message(language(), problem.message), style="red", highlight=False, markup=False)
    strangers = [one for one in found.students if any(one.school_name) and not one.school_name.is_same(school)]
    if found.rows_refused or strangers or not found.students:
        raise KioskError("parcel.roster_unsound", refused=found.rows_refused, strangers=len(strangers))
    students = tuple(replace(one, school=school.name, school_code=school.code) for one in found.students)
    return students, frozenset({column.field for column in found.columns if column.field} | {"school", "school_code"})


def _windows(file: Path | None) -> tuple[SchoolWindow, ...]:
    """The lines of a CSV file; raises KioskError("parcel.windows") with the line."""
    if file is None:
        return ()
    found: list[SchoolWindow] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            rows = csv.DictReader(content)
            if set(rows.fieldnames or ()) != set(_COLUMNS):
                raise ValueError(rows.fieldnames)
            for row in rows:
                cells = {column: (row[column] or "").strip() for column in _COLUMNS}
                opens, closes = local_time(cells["opens"]), local_time(cells["closes"])
                if not cells["round"] or closes <= opens:
                    raise ValueError(row)
                group = {"grade": cells["grade"], "class_name": cells["class"], "category": cells["category"]}
                found.append(SchoolWindow(cells["round"], opens, closes, **group))
    except (ValueError, csv.Error):
        raise KioskError("parcel.windows", line=len(found) + 2, columns=",".join(_COLUMNS)) from None
    return tuple(found)
