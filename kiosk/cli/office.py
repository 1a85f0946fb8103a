"""`kiosk office`: the computer that takes what stations send, one answer for all of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from kiosk.ciphers import SUITES, OfficeKey
from kiosk.cli.common import (
    Opened,
    at_terminal,
    console,
    existing_file,
    load,
    on_the_store,
    print_line,
    tell_of_suite,
    watched,
    words_for_errors,
)
from kiosk.cli.ending import ended_by_signals, wait_for
from kiosk.cli.log import log_to
from kiosk.cli.office_key import read_key
from kiosk.clock import moment
from kiosk.config import OfficeSettings, SettingsFile
from kiosk.errors import KioskError
from kiosk.records import Message, ReceivedParcel, ReceivedState
from kiosk.words import say, say_error, say_message

if TYPE_CHECKING:
    from kiosk.checkin import Shelf
    from kiosk.store import Store

key_option: Final = click.option("--key", type=existing_file, default=None)


@click.group()
def office() -> None:
    """What stations send: taken, counted, decided."""


@office.command()
@click.argument("files", type=existing_file, nargs=-1, required=True)
@key_option
@on_the_store
def take(opened: Opened, files: Sequence[Path], key: Path | None) -> None:
    """Take packages; exit status 1 where one was not taken."""
    from kiosk.office.intake import Intake

    settings, tongue, bad = opened.settings.office, opened.language, 0
    intake = Intake(opened.store, _key(settings, opened.folder, key), _place(settings.revocations, opened.folder))
    for file in files:
        entered = intake.lay(file, by=at_terminal())
        try:
            with watched(tongue, "cli.bar.intake") as progress:
                done = intake.take(entered.number, progress)
        except KioskError as error:
            bad += 1
            click.secho(say(tongue, "cli.office.later", file=file.name, reason=say_error(tongue, error)), fg="red", err=True)
            continue
        bad += done.state is not ReceivedState.TAKEN
        for line, style in _told(done, tongue):
            print_line(line, style)
    if bad:
        sys.exit(1)


def _told(parcel: ReceivedParcel, tongue: str) -> list[tuple[str, str]]:
    if parcel.state is ReceivedState.REFUSED:
        reason = say_message(tongue, Message(f"error.{parcel.reason}", parcel.reason_data))
        return [(say(tongue, "cli.office.refused", file=parcel.name, reason=reason), "red")]
    lines = [(say(tongue, "cli.office.taken", file=parcel.name, **vars(parcel.counts)), "")]
    if parcel.missing:
        lines.append((say(tongue, "cli.office.missing", file=parcel.name, before=parcel.before[:8]), "yellow"))
    return lines


@office.command()
@on_the_store
def status(opened: Opened) -> None:
    """What arrived, and how the stations stand."""
    store, tongue = opened.store, opened.language
    store.conflicts.refresh()
    states = [parcel.state for parcel in store.inbox.all()]
    stations, counts = store.inbox.stations(), store.progress.counts(store.audit.now())
    told = {str(state): states.count(state) for state in ReceivedState}
    about = {"stations": len(stations), "captured": counts.captured, "roster": counts.roster}
    print_line(say(tongue, "cli.office.status", **told, **about, conflicts=store.conflicts.count()))
    if strangers := store.inbox.strangers():
        print_line(say(tongue, "cli.office.strangers", count=strangers), "yellow")
    for one in stations:
        seen = {"school": one.school, "station": one.name, "made": moment(one.made_at), "seen": moment(one.seen_at)}
        figures = {name: one.figures.get(name, 0) for name in ("captured", "roster")}
        print_line(say(tongue, "cli.office.station", **seen, **figures))


@office.command()
@on_the_store
def dedupe(opened: Opened) -> None:
    """Hold whoever is new against everybody: who may be one person under two numbers."""
    from kiosk.office.duplicates import Duplicates

    duplicates, tongue = Duplicates(opened.store), opened.language
    with watched(tongue, "cli.bar.dedupe") as progress:
        done = duplicates.search(progress)
    still_open = sum(one.suspicion.is_open for one in duplicates.all())
    print_line(say(tongue, "cli.office.compared", **vars(done), open=still_open))


@office.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--may-delete", is_flag=True)
@key_option
@on_the_store
def receipts(opened: Opened, out: Path, may_delete: bool, key: Path | None) -> None:
    """Receipts for what was taken, one for each station."""
    from kiosk.office.answers import write_answers

    rules, tongue = opened.settings.office, opened.language
    answers = write_answers(
        opened.store,
        _key(rules, opened.folder, key),
        out,
        may_delete=may_delete,
        language=tongue,
        with_templates=rules.templates_to_stations,
    )
    for one in answers:
        print_line(say(tongue, "cli.office.receipt", file=one.path.name, station=one.station.name, records=one.records))


@office.command()
@click.argument("name")
@click.argument("codes", nargs=-1)
@on_the_store
def area(opened: Opened, name: str, codes: Sequence[str]) -> None:
    """Keep an account to some schools."""
    from kiosk.office.district import area_words, keep_to_areas

    found = [one for one in opened.store.accounts.open() if name in (one.id, one.name)]
    if len(found) != 1:
        raise KioskError("retention.account", name=name)
    kept = keep_to_areas(opened.store, found[0].id, codes, by=at_terminal())
    where = "、".join(map(area_words, kept)) or say(opened.language, "ui.areas.all")
    print_line(say(opened.language, "ui.areas.kept", name=found[0].name, where=where))


@office.command()
@click.option("--listen", default=None, metavar="HOST:PORT")
@click.option("--tls-certificate", type=existing_file, default=None)
@click.option("--tls-key", type=existing_file, default=None)
@click.option("--own-server", is_flag=True)
@key_option
@click.option("--simulate", is_flag=True)
@click.option("--account", default="")
@click.pass_obj
@words_for_errors
def serve(
    file: Path,
    listen: str | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    key: Path | None,
    own_server: bool,
    simulate: bool,
    account: str,
) -> None:
    """The office's pages, until Ctrl-C."""
    from kiosk.cli.running import by_machine, keep_temporary_files_in
    from kiosk.cli.unlocking import asking
    from kiosk.office import District, Office
    from kiosk.office.delivery_door import DeliveryDoor, DoorFolders
    from kiosk.office.duplicates import Duplicates
    from kiosk.office.intake import Intake
    from kiosk.office.reception import Reception
    from kiosk.private import close_to_others
    from kiosk.store import Store, is_sealed
    from kiosk.web.delivery_app import serve_deliveries
    from kiosk.web.office_serving import Tls, create_office, serve_office

    settings, folder = load(file)
    tongue, rules = settings.station.language, settings.office
    tls = Tls.of(tls_certificate or _place(rules.tls_certificate, folder), tls_key or _place(rules.tls_key, folder))
    address = listen or rules.listen
    office_key, data = _key(rules, folder, key), settings.store.within(folder, simulated=simulate)
    ended = ended_by_signals()
    with ExitStack() as begun:
        at = begun.enter_context(serve_office(address, tls))
        entrance = begun.enter_context(serve_deliveries(rules.deliveries, office_key)) if rules.deliveries else None
        unlock = (by_machine(data, tongue) if is_sealed(data) else None) or asking(data, tongue, account)
        places = rules.databases(simulated=simulate)
        _begin_server(data, tongue, wanted=own_server and not places and not simulate)
        store = begun.enter_context(
            Store.open_station(
                data, address=at.url, rules=settings.accounts, suite=SUITES[settings.store.suite], unlock=unlock, **places
            )
        )
        tell_of_suite(store, settings)
        log_to(folder / settings.store.folder)
        keep_temporary_files_in(data / "temporary")
        exports = folder / ("export-simulated" if store.simulated else "export")
        close_to_others(exports)
        desk = Office(store, exports, settings, file=SettingsFile(file))
        begun.callback(desk.close)
        intake = Intake(store, office_key, _place(rules.revocations, folder))
        compare = Duplicates(store) if rules.compare_by_itself else None
        reception = Reception(intake, _place(rules.inbox, folder), store.server_url, compare)
        begun.callback(reception.close)
        reception.start()
        desk.watch.start()
        desk.safekeeping.start()
        district = District(store, reception, office_key, exports / "receipts", with_templates=rules.templates_to_stations)
        at.answer(create_office(desk, district, settings, at, data / "uploads", _exam_packages(store, office_key)))
        begun.callback(at.close)  # before anything that its pages need
        console.print(say(tongue, "cli.office.serving", url=at.url), highlight=False, soft_wrap=True)
        if entrance is not None:
            folders = DoorFolders(exports / "receipts", _place(rules.lists, folder), _place(rules.revocations, folder))
            entrance.open(
                DeliveryDoor(store, reception, office_key, folders, language=tongue, with_templates=rules.templates_to_stations)
            )
            begun.callback(entrance.close)
            console.print(say(tongue, "cli.office.deliveries", address=entrance.address), highlight=False, soft_wrap=True)
        wait_for(ended)
    console.print(say(tongue, "cli.office.stopped"), highlight=False)


def _begin_server(data: Path, tongue: str, *, wanted: bool) -> None:
    """Have a new office lie on a PostgreSQL server of its own, where that is wanted and one is installed, and say so."""
    from kiosk.store import own_server

    if not wanted:
        return
    if not own_server.is_there(data):
        hindrance = own_server.hindrance(data)
        if hindrance is not None:
            print_line(say_message(tongue, hindrance))
            return
        print_line(say(tongue, "cli.office.making_server"))
        own_server.make(data)
    print_line(say(tongue, "cli.office.own_server", folder=own_server.folder_of(data)))


def _exam_packages(store: Store, key: OfficeKey) -> Shelf:
    """Of an office; what has run out goes with the start."""
    from kiosk.checkin import Shelf

    shelf = Shelf(store, office=key.signing.public)
    shelf.all()
    return shelf


def _key(settings: OfficeSettings, folder: Path, given: Path | None) -> OfficeKey:
    file = given or _place(settings.key, folder)
    if file is None:
        raise KioskError("office.no_key")
    try:
        return read_key(file)
    except OSError:
        raise KioskError("office.no_key") from None


def _place(path: Path | None, folder: Path) -> Path | None:
    """A path of the settings, from where relative ones start."""
    return None if path is None else folder / path
