"""`kiosk rehearse --stations`: stations of several schools send their captures to one office, and everything goes wrong on the
way that does: what came of it is held against what was planted.

Stores, certificates, packages, receipts and the search for duplicates are the real ones; every station, and the office that is
killed in the middle, is a process of its own. The people are made of numbers (`kiosk.exam_rehearsal.Body`).
"""

from __future__ import annotations

import hashlib
import multiprocessing
import multiprocessing.connection
import os
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from kiosk.ciphers import INTERNATIONAL, new_office_key
from kiosk.ciphers.age import Sealing
from kiosk.ciphers.certificates import revoke
from kiosk.config import Databases
from kiosk.district import SerialEngine, find_duplicates, partitioned
from kiosk.district_rehearsal.plot import AT, DAY, NEVER_CAME, REFUSED, Fate, Plot, Post, Sitting, plotted
from kiosk.district_rehearsal.stations import (
    DECIDER,
    KEY,
    KINDS,
    OPERATOR,
    PROFILE,
    Delivered,
    Left,
    call,
    capture,
    delete,
    office_store,
    send_again,
    take_in,
)
from kiosk.exchange.parcel import SUFFIX
from kiosk.exchange.school_parcel import SchoolHead, SchoolParcel, write_school
from kiosk.office.answers import write_answers
from kiosk.office.delivery_door import DeliveryDoor, DoorFolders
from kiosk.office.duplicates import Duplicates
from kiosk.office.intake import Intake
from kiosk.office.known_people import staff_of_school
from kiosk.office.likenesses import subjects
from kiosk.office.reception import Reception
from kiosk.pipeline.deduplication import limits_for
from kiosk.records import ReceivedState, SchoolName, SuspicionState
from kiosk.store import Store
from kiosk.web.delivery_app import serve_deliveries

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext


_HERE: Final = "127.0.0.1:0"
_PROFILE: Final = """title = "全县统一方案"
[[column]]
header = "姓名"
field = "name"
""".encode()


@dataclass(frozen=True)
class Finding:
    """Something that was planted, how often, and how often it came out as it must."""

    what: str
    planted: int
    right: int

    @property
    def as_planted(self) -> bool:
        return self.planted == self.right


@dataclass(frozen=True)
class DistrictReport:
    """What a rehearsed district came to. `faults`: what was not as it must be; `seconds` by stage."""

    students: int
    packages: int
    findings: tuple[Finding, ...]
    faults: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def as_planted(self) -> bool:
        return not self.faults and bool(self.students) and all(one.as_planted for one in self.findings)


def rehearse_district(
    folder: Path,
    *,
    stations: int,
    schools: int,
    students: int,
    seed: int = 1,
    databases: Databases | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> DistrictReport:
    """All of it, in an empty folder; the office's halves in two empty `databases` of a server, where they are given. `told`
    hears how many of the `STAGES` are over."""
    return _District(folder, plotted(stations, schools, students, seed), databases or {}, told).report()


STAGES: Final = ("captures", "carried", "killed", "taken", "again", "decided", "compared", "deleted")


class _District:
    def __init__(self, folder: Path, plot: Plot, databases: Databases, told: Callable[[int], None]) -> None:
        self._folder, self._plot, self._databases, self._told = folder, plot, databases, told
        self._skewed: set[str] = set()  # stations whose wrong clock was noticed
        self._office = new_office_key(INTERNATIONAL)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / KEY).write_bytes(self._office.text().encode())
        with self._opened(AT - DAY) as store:
            store.roster.replace_or_update(plot.roster)
        self._faults: list[str] = []
        self._findings: list[Finding] = []
        self._seconds: dict[str, float] = {}
        self._began_s = perf_counter()

    def report(self) -> DistrictReport:
        working = [post for post in self._plot.posts if not post.is_revoked]
        stolen = next(post for post in self._plot.posts if post.is_revoked)
        with ProcessPoolExecutor(os.cpu_count(), _context(), max_tasks_per_child=1) as pool:
            run = partial(_each, pool, self._folder, self._plot)
            packages = run(capture, self._plot.posts)
            self._revoke(stolen)
            self._over("captures")
            now, later = self._carried(packages)
            self._over("carried")
            self._killed_while_taking(now)
            self._over("killed")
            self._answered(may_delete=False)
            self._over("taken")
            others = {working[0].number: stolen.sittings}  # whom the stolen one had come once more
            again = _each(pool, self._folder, self._plot, send_again, working, more=others)
            self._take(later)
            self._look_for_missed()
            calling = [post for post in working if post.by_network]
            self._take(file for post in working if post not in calling for file in again[post.number])
            with self._door(2 * DAY) as address:
                self._delivered(calling, run(call, [*calling, stolen], address, DAY), stolen)
            self._look_at_clocks()
            self._over("again")
            self._decide()
            self._over("decided")
            self._compare()
            self._over("compared")
            self._answered(may_delete=True, but=calling)
            self._lists(working, stolen)
            with self._door(3 * DAY) as address:
                self._fetched(run(call, calling, address, 3 * DAY))
            left = run(delete, self._plot.posts)
            self._over("deleted")
        self._look_at_stations(left, stolen)
        with self._opened() as store:
            self._look_at_office(store)
            self._look_at_known(store, left)
        count = sum(map(len, packages.values())) + sum(map(len, again.values()))
        return DistrictReport(len(self._plot.roster), count, tuple(self._findings), tuple(self._faults), self._seconds)

    def _over(self, stage: str) -> None:
        now_s = perf_counter()
        self._seconds[stage], self._began_s = now_s - self._began_s, now_s
        self._told(STAGES.index(stage) + 1)

    def _revoke(self, stolen: Post) -> None:
        serial = (self._folder / stolen.name / "serial").read_text()
        revoked = revoke(self._office, None, serial, at=AT - DAY, reason="电脑被盗")
        (self._folder / "revoked.json").write_bytes(revoked.content)

    def _carried(self, packages: dict[int, list[Path]]) -> tuple[list[Path], list[Path]]:
        """What lies on the office's desk in the order in which it came, and what comes a day late."""
        desk: list[Path] = []
        early: list[Path] = []
        late: list[Path] = []
        for post in self._plot.posts:
            for fate, file in zip(post.fates, packages[post.number], strict=True):
                if fate is Fate.TRUNCATED:
                    file.write_bytes(file.read_bytes()[: -file.stat().st_size // 3])
                if fate is Fate.LATE:
                    late.append(file)
                elif fate is Fate.EARLY:
                    early.insert(0, file)
                elif fate is not Fate.LOST:
                    desk += [file] * (2 if fate is Fate.TWICE else 1)
        return [*early, *desk], late

    def _killed_while_taking(self, files: Sequence[Path]) -> None:
        """The office's program is ended, by whatever ends programs at once, while the pieces of a package go into the vault."""
        for nth in (len(files) // 2, None):
            ours, theirs = multiprocessing.Pipe()
            process = _context().Process(target=take_in, args=(self._folder, self._databases, list(files), nth, theirs))
            process.start()
            theirs.close()
            try:
                ours.recv()  # in the middle, or done
                if nth is not None:
                    process.kill()
            except EOFError:
                self._faults.append("the office's program ended by itself")
            process.join()
        with self._opened() as store:
            whole = sum(one.state is ReceivedState.TAKEN for one in store.inbox.all())
            self._found("killed", 1, int(not store.inbox.waiting() and whole > 0 and store.check().sound))
            refused = Counter(one.reason for one in store.inbox.all() if one.state is ReceivedState.REFUSED)
            fates = Counter(fate for post in self._plot.posts for fate in post.fates)
            for fate, code in REFUSED.items():
                self._found(fate, fates[fate], refused.pop(code, 0))
            self._faults += [f"refused: {code} × {count}" for code, count in refused.items()]
            self._notice_clocks(store)

    def _notice_clocks(self, store: Store) -> None:
        """Of a package that comes from the future it is told at once; whose clock is behind, when it answers a receipt."""
        seen = {one.name: one.skew_s for one in store.inbox.stations()}
        for post in self._plot.posts:
            skew_s, skewed_s = seen.get(post.name, 0.0), post.skew.total_seconds()
            if skewed_s and skew_s * skewed_s > 0 and abs(skew_s) > abs(skewed_s) / 2:
                self._skewed.add(post.name)
            elif not skewed_s and skew_s:
                self._faults.append(f"{post.name}: a clock that is right is said to be {skew_s} s off")

    def _look_at_clocks(self) -> None:
        with self._opened(AT + 2 * DAY) as store:
            self._notice_clocks(store)
        self._found("clock", sum(post.skew != timedelta(0) for post in self._plot.posts), len(self._skewed))

    def _look_for_missed(self) -> None:
        """A package that never came is missed as soon as one came that was written after it."""
        fates = [post.fates for post in self._plot.posts if not post.is_revoked]
        noticed = sum(fate in NEVER_CAME for of in fates for fate in of[:-1])
        with self._opened(AT + 2 * DAY) as store:
            self._found("missed", noticed, sum(one.missing for one in store.inbox.all()))

    def _take(self, files: Iterable[Path]) -> None:
        with self._opened(AT + 2 * DAY) as store:
            intake = Intake(store, self._office, self._folder / "revoked.json")
            for file in files:
                done = intake.take(intake.lay(file, by=OPERATOR.name).number)
                if done.state is not ReceivedState.TAKEN:
                    self._faults.append(f"{file.name}: {done.reason}")

    def _answered(self, *, may_delete: bool, but: Collection[Post] = ()) -> None:
        """A receipt for each station that the office knows of, laid into its folder; but for those who call for it."""
        names = {post.name for post in but}
        with self._opened(AT + (3 if may_delete else 1) * DAY) as store:
            told = {"may_delete": may_delete, "language": "zh-CN", "with_templates": True}
            for one in write_answers(store, self._office, self._folder / "answers", **told):  # type: ignore[arg-type]
                if one.station.name not in names:
                    shutil.copyfile(one.path, self._folder / one.station.name / f"receipt-{may_delete}{SUFFIX}")

    @contextmanager
    def _door(self, later: timedelta) -> Iterator[str]:
        """The office, open to stations on the network; its address."""
        with self._opened(AT + later) as store, serve_deliveries(_HERE, self._office) as entrance:
            reception = Reception(Intake(store, self._office, self._folder / "revoked.json"), None, store.server_url)
            reception.start()
            try:
                folders = DoorFolders(self._folder / "answers", self._folder / "lists", self._folder / "revoked.json")
                told = {"language": "zh-CN", "with_templates": True}
                entrance.open(DeliveryDoor(store, reception, self._office, folders, **told))  # type: ignore[arg-type]
                yield entrance.address
                entrance.close()
            finally:
                reception.close()

    def _delivered(self, calling: Sequence[Post], came: dict[int, Delivered], stolen: Post) -> None:
        """What was to go over the network is taken; the stolen station is turned away at the door."""
        self._found("network", len(calling), sum(came[post.number].taken == 1 for post in calling))
        self._found("turned_away", 1, int(came[stolen.number].refusal == "delivery.revoked"))

    def _fetched(self, came: dict[int, Delivered]) -> None:
        """The receipt that permits deletion, and the 名单包, wait at each that called for them."""
        self._found("fetched", len(came), sum((one.taken, one.to_decide) == (0, 2) for one in came.values()))

    def _lists(self, working: Sequence[Post], stolen: Post) -> None:
        """A 名单包 for each school, with its stations' staff and a profile that no station has: where stations call, and in the
        folder of each that does not."""
        (self._folder / "lists").mkdir()
        serial = (self._folder / stolen.name / "serial").read_text()
        with self._opened(AT + 3 * DAY) as store:
            seen = {one.name: one for one in store.inbox.stations()}
            for school in dict.fromkeys(post.school for post in working):
                name = SchoolName(school.name, school.code)
                students = tuple(one for one in self._plot.roster if one.school_code == school.code)
                told = frozenset({"name", "id_number", "grade", "class_name", "registration_number", "school", "school_code"})
                head = SchoolHead(name, 1, AT + 3 * DAY, told, profile=PROFILE, definition=_PROFILE)
                parcel = SchoolParcel(head, students, staff=staff_of_school(store, school.code, {serial}))
                posts = [post for post in working if post.school == school]
                to = Sealing(recipients=(*(seen[post.name].recipient for post in posts), self._office.recipient))
                path = self._folder / "lists" / f"{school.code}{SUFFIX}"
                write_school(path, to, self._office, parcel)
                for post in posts:
                    if not post.by_network:
                        shutil.copyfile(path, self._folder / post.name / f"school{SUFFIX}")

    def _look_at_known(self, office: Store, left: dict[int, Left]) -> None:
        """Each working station knows the staff of its school's others, the students whom those captured, and the profile; the
        stolen one nothing of it, and nobody knows its staff."""
        by = {one: seen.name for one, seen in office.inbox.stations_of([one.id for one in office.captures.records()]).items()}
        counting = [(record.student.id_number, by[record.id]) for record in office.captures.records()]
        school_of = {one.id_number: one.school_code for one in self._plot.roster}
        working = [post for post in self._plot.posts if not post.is_revoked]
        right = Counter[str]()
        for post in working:
            here = left[post.number]
            beside = {one.staff for one in working if one.school == post.school and one is not post}
            others = {who for who, station in counting if school_of[who] == post.school.code and station != post.name}
            right["staff"] += here.staff == beside
            right["others"] += here.others == others
            right["profile"] += here.profile == hashlib.sha256(_PROFILE).hexdigest()
        for what in ("staff", "others", "profile"):
            self._found(what, len(working), right[what])
        for post in self._plot.posts:
            if post.is_revoked and (left[post.number].staff or left[post.number].others or left[post.number].profile):
                self._faults.append(f"{post.name}: was told of others")

    def _decide(self) -> None:
        """Two people decide about whoever was captured at two stations."""
        with self._opened(AT + 2 * DAY) as store:
            found: list[str] = []
            for conflict in store.conflicts.all(only_open=True):
                record = store.captures.find(conflict.first)
                found += [record.student.id_number] if record is not None else []
                who = {"asked_by": OPERATOR, "decided_by": DECIDER}
                store.conflicts.decide(conflict.number, conflict.first, reason="同一人，以先采为准", **who)
            self._named("contested", self._plot.contested, Counter(found))
            for twins in self._plot.twins:
                store.lookalikes.declare(twins, reason="双胞胎，户口本已核", by=DECIDER.name)

    def _compare(self) -> None:
        """Everybody against everybody, and a second time, when nobody is new; two people say that doubles are one person. That
        twins are left out means something only where they do look alike."""
        with self._opened(AT + 2 * DAY) as store:
            duplicates = Duplicates(store)
            searches = [duplicates.search() for _ in range(2)]
            pairs = Counter(frozenset(one.student.id_number for one in found.records) for found in duplicates.all())
            for found in duplicates.all():
                who = {"asked_by": OPERATOR, "decided_by": DECIDER}
                duplicates.decide(found.suspicion.number, SuspicionState.SAME, reason="同一人", **who)
            numbers = {record.id: record.student.id_number for record in store.captures.records()}
            twins = [one for one in subjects(store) if any(numbers[one.key] in pair for pair in self._plot.twins)]
        if (searches[1].fresh, searches[1].pairs) != (0, 0):
            self._faults.append("the second search found something new")
        self._named("doubles", self._plot.doubles, pairs)
        alike = find_duplicates(partitioned(twins), SerialEngine(), limits=limits_for(len(numbers)))
        undeclared = {frozenset((numbers[one.a], numbers[one.b])) for one in alike}
        self._found("twins", len(self._plot.twins), sum(pair in undeclared and not pairs[pair] for pair in self._plot.twins))

    def _look_at_stations(self, left: dict[int, Left], stolen: Post) -> None:
        confirmed = [post for post in self._plot.posts if left[post.number].unconfirmed == 0]
        self._found("confirmed", len(self._plot.posts) - 1, len([post for post in confirmed if post is not stolen]))
        emptied = [post for post in self._plot.posts if left[post.number].deleted and not left[post.number].kept]
        self._found("deleted", len(self._plot.posts) - 1, len([post for post in emptied if post is not stolen]))
        decided = len(self._plot.doubles) + len(self._plot.contested)  # each about two records
        self._found("told", 2 * decided, sum(one.told for one in left.values()))
        if stolen in confirmed or left[stolen.number].deleted:
            self._faults.append(f"{stolen.name}: confirmed, or deleted, what nobody received")
        self._faults += [f"{post.name}: {left[post.number].early} due too early" for post in emptied if left[post.number].early]

    def _look_at_office(self, store: Store) -> None:
        """Every student once, as the station captured her: with the picture and all templates."""
        counts = Counter(record.student.id_number for record in store.captures.records())
        whole = sum(
            1
            for record in store.captures.records()
            if {one for one in KINDS if store.captures.biometric(record.id, one)} == KINDS
        )
        self._named("students", frozenset(one.id_number for one in self._plot.roster), counts)
        self._found("whole", len(self._plot.roster), whole)
        for what, count in (
            ("missed, though everything came", sum(one.missing for one in store.inbox.all())),
            ("open conflicts", store.conflicts.count()),
            ("waiting", len(store.inbox.waiting())),
            ("not on the roster", store.inbox.strangers()),
            ("quarantined", len(store.quarantined())),
        ):
            self._faults += [f"{what}: {count}"] if count else []
        if not store.check().sound or store.audit.first_broken() is not None:
            self._faults.append("the office's store is not sound")

    def _found(self, what: str, planted: int, right: int) -> None:
        self._findings.append(Finding(str(what), planted, right))

    def _named(self, what: str, planted: Collection[Any], named: Counter[Any]) -> None:
        """All that were planted, each once, and nobody else."""
        self._found(what, len(planted), sum(named[one] == 1 for one in planted))
        others = set(named) - set(planted)
        self._faults += [f"{what}: {len(others)} others"] if others else []

    def _opened(self, at: datetime = AT + DAY) -> Store:
        return office_store(self._folder, self._databases, at)


def _each(
    pool: ProcessPoolExecutor,
    folder: Path,
    plot: Plot,
    work: Callable[..., Any],
    posts: Sequence[Post],
    *told: object,
    more: dict[int, tuple[Sitting, ...]] | None = None,
) -> dict[int, Any]:
    """The stations' work, each in a process of its own; all are `told` the same, and of some there is `more`."""
    given = {} if more is None else {post.number: (more.get(post.number, ()),) for post in posts}
    futures = {post.number: pool.submit(work, folder, plot.seed, post, *told, *given.get(post.number, ())) for post in posts}
    return {number: future.result() for number, future in futures.items()}


def _context() -> ForkServerContext | SpawnContext:
    """Never a fork of this process, which would copy whatever locks other threads hold at that moment."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kiosk.district_rehearsal", "scipy.special", "scipy.spatial"])
    return context
