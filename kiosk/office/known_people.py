"""Who is told of to stations by templates alone: the staff of a school's stations, and whom the others have captured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

from kiosk.ciphers.certificates import Certificate
from kiosk.office.likenesses import TEMPLATES, opened_templates
from kiosk.records import KnownElsewhere, KnownTemplate, SeenStation
from kiosk.store import Store
from kiosk.store.elsewhere_rows import OF_STATION


def staff_here(store: Store) -> list[KnownElsewhere]:
    """The staff who gave their templates here."""
    found: dict[str, list[KnownTemplate]] = defaultdict(list)
    for one in store.staff.templates():
        found[one.account].append(KnownTemplate(one.kind, None, one.data))
    accounts = {one.id: one for one in store.accounts.open()}
    return [
        KnownElsewhere(account, accounts[account].name, tuple(templates), office_id=accounts[account].office_id)
        for account, templates in found.items()
        if account in accounts
    ]


def staff_of_school(store: Store, school_code: str, revoked: Collection[str] = ()) -> tuple[KnownElsewhere, ...]:
    """At the office: the staff of a school's stations, as each one's newest package tells of them; but for stations with
    `revoked` certificates."""
    return tuple(
        replace(one, store=station.store, station=station.name)
        for station in store.inbox.stations()
        if station.school_code == school_code and Certificate.read(station.certificate.encode()).serial not in revoked
        for one in store.elsewhere.people(OF_STATION.format(station.store))
    )


def others_of(store: Store, station: SeenStation) -> tuple[KnownElsewhere, ...]:
    """At the office: the students of a station's school whom other stations captured, by what counts of them."""
    return tuple(_others(store, station))


def others_stamp(store: Store, station: SeenStation) -> str:
    """Another one whenever it would be others, or other templates of them."""
    school = school_of_station(store, station)
    return store.captures.stamp(school, TEMPLATES) if school else ""


def _others(store: Store, station: SeenStation) -> Iterator[KnownElsewhere]:
    school = school_of_station(store, station)
    if not school:
        return
    own = store.inbox.own_ids(station.store)
    for record, pictures in store.captures.with_pictures(store.captures.records(school=school), TEMPLATES):
        templates = () if record.id in own else tuple(opened_templates(record, pictures))
        if templates:
            by = store.inbox.stations_of([record.id]).get(record.id)
            name = by.name if by is not None else record.station
            yield KnownElsewhere(record.id, record.student.name, templates, record.student.id_number, station=name)


def school_of_station(store: Store, station: SeenStation) -> str:
    """The key of the school on the office's roster that a station is certified for; empty where there is none."""
    schools = store.roster.schools() if station.school_code else ()
    return next((one.key for one in schools if one.code == station.school_code), "")
