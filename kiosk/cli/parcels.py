"""`kiosk package captures`, `deliver`, `look`, `take`, `back`: what goes to the office, and what comes from there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from kiosk.ciphers.age import Opening, Sealing
from kiosk.ciphers.certificates import Revocations
from kiosk.cli.common import (
    Opened,
    at_terminal,
    by_option,
    existing_file,
    on_the_store,
    print_line,
    watched,
    words_for_errors,
)
from kiosk.cli.day import confirmed, yes_option
from kiosk.cli.office_key import read_key
from kiosk.cli.spoken import language
from kiosk.cli.verdicts import tell_verdict
from kiosk.errors import KioskError
from kiosk.exchange.parcel import Kind
from kiosk.office import Office, Tone, Verdict
from kiosk.office.delivery_words import delivery_in_words, word_in_words
from kiosk.office.files import OUR_OFFICE
from kiosk.office.parcel_look import Belief, look, look_here
from kiosk.office.parcel_words import back_in_words, school_in_words
from kiosk.office.parcels import Which, bytes_of
from kiosk.office.receipts import receipt_in_words
from kiosk.records import Person
from kiosk.words import say, say_size


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--which", type=click.Choice(list(Which)), default=Which.NEW, show_default=True)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--part-size", default="2GB", show_default=True)
@click.option("--to", multiple=True, metavar="age1…|office", default=(OUR_OFFICE,), show_default=True)
@on_the_store
def captures(opened: Opened, out: Path, which: Which, day: datetime | None, part_size: str, to: Sequence[str]) -> None:
    """Write what the office has not had yet."""
    office, tongue = Office(opened.store, opened.export_folder, opened.settings), opened.language
    seal = Sealing(recipients=office.files.recipients(to))
    plan = office.parcels.plan(Which(which), day=day.date() if day else None, part_size=bytes_of(part_size))
    with watched(tongue, "cli.bar.parcel") as progress:
        done = office.parcels.write(plan, seal, out, actor=at_terminal(), progress=progress)
    for one in done.written:
        told = {"file": one.name, "records": one.records, "size": say_size(tongue, one.size), "sha256": one.sha256}
        print_line(say(tongue, "cli.parcel.written", **told))
    if done.hurt:
        click.secho(say(tongue, "parcel.hurt", count=len(done.hurt)), fg="red", err=True)
        sys.exit(1)


@click.command()
@on_the_store
def deliver(opened: Opened) -> None:
    """Write what the office has not had yet, and send it over the network."""
    office, tongue = Office(opened.store, opened.export_folder, opened.settings), opened.language
    seal = Sealing(recipients=office.files.recipients([OUR_OFFICE]))
    with watched(tongue, "cli.bar.delivery") as progress:
        done = office.delivery.send(seal, actor=at_terminal(), progress=progress)
    for line in delivery_in_words(tongue, done):
        print_line(line)
    words = office.delivery.standing().words
    for one in office.parcels.written():
        if one.sha256 in words:
            print_line(f"{one.name}: {word_in_words(tongue, words[one.sha256])}")
    if done.refused or done.unfit or done.hurt:
        sys.exit(1)


@click.command(name="look")
@click.argument("files", type=existing_file, nargs=-1, required=True)
@click.option("--key", type=existing_file)
@click.option("--revocations", type=existing_file)
@click.option("--simulate", is_flag=True)
@click.option("--account", default="")
def look_command(files: Sequence[Path], key: Path | None, revocations: Path | None, simulate: bool, account: str) -> None:
    """What is in packages, who signed them, whether they are whole."""
    if key is None:
        _look_here(simulate=simulate, account=account, files=files)
    else:
        _look_at_the_office(files=files, key=key, revocations=revocations)


@words_for_errors
def _look_at_the_office(files: Sequence[Path], key: Path, revocations: Path | None) -> None:
    """By the office's key alone: no store is opened."""
    office, tongue = read_key(key), language()
    revoked = Revocations.read(revocations.read_bytes()) if revocations is not None else None
    if revoked is not None and revoked.office_key != office.signing.public:
        raise KioskError("certificate.other_office")
    belief, by = Belief(frozenset({office.signing.public}), revoked), Opening(identities=(office.identity,))
    _tell([look(file, by, belief) for file in files], tongue)


@on_the_store
def _look_here(opened: Opened, files: Sequence[Path]) -> None:
    _tell([look_here(opened.store, file) for file in files], opened.language)


def _tell(verdicts: Sequence[Verdict], tongue: str) -> None:
    """Exit status 1 where one of them is not good."""
    for verdict in verdicts:
        tell_verdict(verdict, tongue, "parcelverdict")
    if any(verdict.tone is not Tone.GOOD for verdict in verdicts):
        sys.exit(1)


@click.command()
@click.argument("file", type=existing_file)
@click.option("--office-key", default="")
@click.option("--lock", is_flag=True)
@by_option
@yes_option
@on_the_store
def take(opened: Opened, file: Path, office_key: str, lock: bool, by: str, yes: bool) -> None:
    """Take what the office sent, told before it is done."""
    office, tongue = Office(opened.store, opened.export_folder, opened.settings), opened.language
    password = click.prompt(say(tongue, "cli.package_password"), hide_input=True) if lock else ""
    if office.receipts.kind_of(file, password=password) is Kind.RECEIPT:
        if confirmed(receipt_in_words(tongue, office.receipts.plan(file, password=password)), tongue, yes=yes):
            office.receipts.take(file, password=password, by=by)
            print_line(say(tongue, "parcel.receipt_taken"))
        return
    more = {"office_key": office_key, "password": password}
    words = school_in_words(tongue, office.school_parcels.plan(file, **more))
    if confirmed(words, tongue, yes=yes):
        plan, _ = office.school_parcels.take(file, **more, by=Person(by))
        print_line(say(tongue, "parcel.school_taken", version=plan.head.version))


@click.command()
@by_option
@yes_option
@on_the_store
def back(opened: Opened, by: str, yes: bool) -> None:
    """Go back to the version before."""
    parcels, tongue = Office(opened.store, opened.export_folder, opened.settings).school_parcels, opened.language
    if confirmed(back_in_words(tongue, parcels.plan_back()), tongue, yes=yes):
        plan = parcels.go_back(by=by)
        print_line(say(tongue, "parcel.gone_back", version=plan.then.version))
