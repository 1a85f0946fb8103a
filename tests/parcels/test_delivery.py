"""Packages go to the office over the network, and its answers come back: real TLS on real sockets, on both sides."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.ciphers import SM, OfficeKey, new_office_key
from kiosk.ciphers.age import Sealing
from kiosk.ciphers.certificates import Certificate, CertificateRequest, issue, revoke
from kiosk.ciphers.tls import from_a_station
from kiosk.config import DeliverySettings
from kiosk.errors import KioskError, StoreError
from kiosk.exchange.school_parcel import SchoolHead, SchoolParcel, write_school
from kiosk.office import Delivery, delivery
from kiosk.office.answers import write_answers
from kiosk.office.delivery_door import DeliveryDoor, DoorFolders, Limits
from kiosk.office.delivery_line import Line
from kiosk.office.reception import Reception
from kiosk.records import Delivered, ReceivedState, SchoolName
from kiosk.store import Store
from kiosk.web.delivery_app import serve_deliveries
from tests.parcels.conftest import OFFICE, SEALED, STRANGER
from tests.parcels.offices import Centre, Site, centre, one, stations
from tests.store.conftest import AT, student

__all__ = ["one", "stations"]  # fixtures
HERE, USUAL = "127.0.0.1:0", Limits()
LONG_AGO, FAR_AHEAD = datetime(2001, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)  # TLS looks at the machine's clock


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_LOOK_S", 0.01)
    monkeypatch.setattr(delivery, "_AGAIN_S", (0.01, 0.02))


def certified(store: Store, office: OfficeKey = OFFICE, until: datetime = FAR_AHEAD) -> Certificate:
    asked = CertificateRequest.read(store.signing.request(station="采集点-01", school=store.school.get()))
    return issue(office, asked, valid_from=LONG_AGO, valid_until=until)


@dataclass
class Sender:
    """A station with what delivers its packages."""

    site: Site
    folder: Path

    def to(self, address: str, **more: Any) -> Delivery:
        rules = DeliverySettings(office=address, **more)
        return Delivery(self.site.store, self.site.office.parcels, self.site.office.receipts, rules, self.folder)

    def write(self) -> Path:
        parcels = self.site.office.parcels
        (written,) = parcels.write(parcels.plan(), SEALED, actor="王主任").written
        found = parcels.path_of(written.name)
        assert found is not None
        return found


@pytest.fixture
def sender(one: Site, tmp_path: Path) -> Sender:
    one.store.signing.take_certificate(certified(one.store).content, office_key=b"", school_code="", by="王主任")
    return Sender(one, tmp_path / "packages")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Centre]:
    with centre(tmp_path, {}) as found:
        yield found


@contextmanager
def door(
    office: Centre, folder: Path, at: str = "127.0.0.1:0", key: OfficeKey = OFFICE, limits: Limits = USUAL
) -> Iterator[str]:
    """Open to stations; its address."""
    revoked = folder / "revoked.json"
    reception = Reception(office.intake)
    with serve_deliveries(at, key) as entrance:
        reception.start()
        folders = DoorFolders(folder / "receipts", folder / "lists", revoked if revoked.exists() else None)
        entrance.open(DeliveryDoor(office.store, reception, key, folders, language="zh-CN", limits=limits))
        yield entrance.address
    reception.close()


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(KioskError) as caught:
        call()
    return caught.value.code


def test_a_package_goes_to_the_office_once_and_what_the_office_says_comes_back(
    sender: Sender, office: Centre, tmp_path: Path
) -> None:
    (tmp_path / "lists").mkdir()
    with door(office, tmp_path) as address:
        sending = sender.to(address)
        done = sending.send(SEALED, actor="王主任")
        assert (done.sent, done.taken, done.refused, done.receipts, done.to_decide) == (1, 1, 0, 1, 0)
        assert sender.site.office.parcels.standing().unconfirmed == 0
        (word,) = sending.standing().words.values()
        assert (word.state, word.counts.new) == (ReceivedState.TAKEN, 2)
        assert len(office.counting()) == 2
        (arrived,) = office.store.inbox.all()
        assert arrived.by == "西宁第一中学 采集点-01"
        # once more, and by stick: nothing is sent or taken twice
        assert (sending.send(SEALED, actor="王主任").sent, sending.deliver().receipts) == (0, 0)
        (path,) = (sender.site.office.parcels.path_of(one.name) for one in sender.site.office.parcels.written())
        assert path is not None
        assert office.take(path)[0].number == arrived.number
        # what permits deletion, and a list, wait for a person; of a list the newest alone is given out
        to = Sealing(recipients=(sender.site.store.signing.recipient(), OFFICE.recipient))
        for version in (1, 2):
            head = SchoolHead(SchoolName("西宁第一中学", "6301001"), version, AT, frozenset({"name"}))
            students = tuple(replace(student(number), school="西宁第一中学", school_code="6301001") for number in (1, 2))
            write_school(tmp_path / "lists" / f"list-{version}.age", to, OFFICE, SchoolParcel(head, students))
        write_answers(office.store, OFFICE, tmp_path / "receipts", may_delete=True, language="zh-CN")
        done = sending.deliver()
        assert (done.receipts, done.to_decide, done.unfit) == (0, 2, ())
        assert sending.deliver().to_decide == 2
        assert {sender.site.office.receipts.kind_of(one) for one in sending.to_decide()} == {"receipt", "school"}
        listed = next(one for one in sending.to_decide() if one.name.startswith("school"))
        assert sender.site.office.school_parcels.plan(listed).head.version == 2


def test_what_was_cut_in_the_middle_goes_on_from_there(
    sender: Sender, office: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PIECE", 2000)
    offsets: list[int] = []
    put = Line.put

    def noted(self: Line, *told: Any, offset: int, **more: Any) -> Any:
        offsets.append(offset)
        return put(self, *told, offset=offset, **more)

    monkeypatch.setattr(Line, "put", noted)
    whole = sender.write().stat().st_size
    with door(office, tmp_path) as address:
        with cut_after(address, whole // 2) as cutting:
            broken = sender.to(cutting)
            assert code_of(broken.deliver) == "delivery.unreachable"
            assert broken.standing().error is not None
        assert office.store.inbox.all() == []
        got_there, offsets[:] = max(offsets), []
        assert sender.to(address).deliver().taken == 1
        assert 0 < offsets[0] >= got_there > 0
    assert len(office.counting()) == 2
    assert list((office.store.folder / "delivered").glob("*/*.part")) == []


def test_a_beginning_that_is_not_this_file_s_is_thrown_away_and_sent_anew(
    sender: Sender, office: Centre, tmp_path: Path
) -> None:
    sender.write()
    (sent,) = sender.site.office.parcels.written()
    home = office.store.folder / "delivered" / sender.site.store.signing.public_key().hex()
    home.mkdir(parents=True)
    (home / f"{sent.sha256}.part").write_bytes(bytes(1000))  # a power cut left zeros
    with door(office, tmp_path) as address:
        assert sender.to(address).deliver().taken == 1
        line = Line(address, context_of(sender))
        told = {"offset": 0, "whole": 30}
        assert code_of(lambda: line.put("0" * 64, "x.age", b"age-encryption.org/v1\n" + bytes(8), **told)) == "delivery.changed"
        assert code_of(lambda: line.put("0" * 64, "x.age", bytes(30), **told)) == "delivery.no_package"
        assert code_of(lambda: line.put("0" * 64, "x.age", bytes(30), offset=9, whole=39)) == "delivery.elsewhere"
        assert code_of(lambda: line.put("../" + "0" * 61, "x.age", bytes(30), **told)) == "delivery.speech"
        assert len(office.store.inbox.all()) == 1
        line.close()


def test_nobody_is_let_in_whom_this_office_has_not_certified_or_has_revoked(
    sender: Sender, office: Centre, tmp_path: Path
) -> None:
    sender.write()
    store = sender.site.store
    with door(office, tmp_path) as address:
        ended = certified(store, until=datetime(2002, 1, 1, tzinfo=UTC))
        strange = certified(store, STRANGER)
        for certificate, code in ((ended, "delivery.expired"), (strange, "delivery.unknown_here")):
            # who would believe the door's root all the same: only the office can turn him away
            context = from_a_station(certificate.proof, store.signing.key(), certificate.office_key)  # type: ignore[arg-type]
            context.load_verify_locations(cadata=certified(store).proof.root)  # type: ignore[union-attr]
            line = Line(address, context)
            assert code_of(lambda line=line: line.standing("0" * 64)) == code  # type: ignore[misc]
            line.close()
        with connected(address) as plain:  # no TLS at all
            plain.sendall(b"GET /answers HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200 OK" not in plain.recv(1000)
        own = store.signing.certificate()
        assert own is not None
        (tmp_path / "revoked.json").write_bytes(revoke(OFFICE, None, own.serial, at=AT, reason="电脑被盗").content)
    with door(office, tmp_path) as address:
        with pytest.raises(KioskError, match="电脑被盗") as caught:
            sender.to(address).deliver()
        assert caught.value.code == "delivery.revoked"
    with centre(tmp_path / "other", {}) as other, door(other, tmp_path / "other", key=STRANGER) as address:
        assert code_of(sender.to(address).deliver) == "delivery.stranger"
        assert other.store.inbox.all() == []
    assert office.store.inbox.all() == []


def test_what_is_too_large_or_too_much_is_refused_in_words(sender: Sender, office: Centre, tmp_path: Path) -> None:
    size = sender.write().stat().st_size
    usual = Limits()
    with door(office, tmp_path, limits=replace(usual, largest=size - 1)) as address:
        done = sender.to(address).deliver()
        assert (done.refused, done.taken) == (1, 0)
        (word,) = sender.site.store.delivered.all().values()
        assert (word.reason, word.state) == ("delivery.too_large", ReceivedState.REFUSED)
        assert sender.to(address).deliver().sent == 0  # by itself nothing is sent again that was refused
    for limits in (replace(usual, begun=0), replace(usual, not_taken=0)):
        with door(office, tmp_path, limits=limits) as address:
            assert code_of(lambda at=address: sender.to(at).send(SEALED, actor="王主任")) == "delivery.too_many"  # type: ignore[misc]
    with door(office, tmp_path, limits=replace(usual, spare=1 << 60)) as address:
        assert code_of(lambda: sender.to(address).send(SEALED, actor="王主任")) == "delivery.no_room"
    with door(office, tmp_path) as address:
        assert sender.to(address).send(SEALED, actor="王主任").taken == 1


def test_what_the_office_refused_is_told_with_its_reason_and_sent_again_when_somebody_wants_it(
    sender: Sender, office: Centre, tmp_path: Path
) -> None:
    sender.write()
    first = certified(sender.site.store)  # signed by another certificate than the package says
    with door(office, tmp_path) as address:
        office.intake._require_ours = lambda *_: (_ for _ in ()).throw(KioskError("intake.newer"))  # type: ignore[assignment]
        assert sender.to(address).deliver().refused == 1
        (word,) = sender.site.store.delivered.all().values()
        assert word.reason == "intake.newer"
        del office.intake._require_ours  # type: ignore[attr-defined]
        assert sender.to(address).send(SEALED, actor="王主任").taken == 1
    assert first.proof is not None


def test_off_means_that_nothing_goes_anywhere(sender: Sender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        for sending in (sender.to(""), sender.to("", by_itself=True), sender.to(address)):
            sending.start()
            sending.written()
            assert not [one for one in threading.enumerate() if one.name == "delivery"]
            sending.close()
        assert code_of(sender.to("").deliver) == "delivery.off"
        assert code_of(lambda: sender.to("").send(SEALED, actor="王主任")) == "delivery.off"
        assert sender.site.office.parcels.written() == []
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_by_itself_it_tries_again_until_the_office_is_there(
    sender: Sender, office: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, failed = threading.Event(), threading.Event()
    note, open_line = sender.site.store.delivered.note, Delivery._open

    def noted(word: Delivered) -> None:
        note(word)
        if word.state is ReceivedState.TAKEN:
            taken.set()

    def opened(self: Delivery) -> Line:
        failed.set()
        return open_line(self)

    monkeypatch.setattr(sender.site.store.delivered, "note", noted)
    monkeypatch.setattr(Delivery, "_open", opened)
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        address = f"127.0.0.1:{reserved.getsockname()[1]}"
    sending = sender.to(address, by_itself=True)
    sending.start()
    assert failed.wait(30)
    sender.write()
    sending.written()
    with door(office, tmp_path, address):
        assert taken.wait(30)
        sending.close()
    assert len(office.counting()) == 2


def test_who_says_nothing_holds_up_nobody(sender: Sender, office: Centre, tmp_path: Path) -> None:
    sender.write()
    with door(office, tmp_path) as address, ExitStack() as silent:
        for _ in range(15):  # more than there are threads
            silent.enter_context(connected(address))
        assert sender.to(address).deliver().taken == 1


def test_a_station_without_a_proof_says_so(sender: Sender, tmp_path: Path) -> None:
    certificate = sender.site.store.signing.certificate()
    assert certificate is not None
    assert certificate.proof is not None
    with pytest.raises(StoreError, match=r"tls\.root"):
        from_a_station(certificate.proof, sender.site.store.signing.key(), STRANGER.signing.public)
    told = json.loads(certificate.content)
    assert told["tls"]["certificate"] == certificate.proof.leaf.hex()
    with pytest.raises(StoreError, match=r"tls\.suite"), serve_deliveries("127.0.0.1:0", new_office_key(SM)):
        pass
    with Store.open(tmp_path / "new", clock=lambda: AT) as store:
        parcels, receipts = sender.site.office.parcels, sender.site.office.receipts
        bare = Delivery(store, parcels, receipts, DeliverySettings(office="127.0.0.1:1"), tmp_path)
        assert code_of(bare.deliver) == "delivery.no_proof"


def connected(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)))


def context_of(sender: Sender) -> Any:
    certificate = sender.site.store.signing.certificate()
    assert certificate is not None
    assert certificate.proof is not None
    return from_a_station(certificate.proof, sender.site.store.signing.key(), certificate.office_key)


@contextmanager
def cut_after(address: str, most: int) -> Iterator[str]:
    """A cable that somebody pulls when so many bytes have gone through it to the office."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def carry() -> None:
            here, _ = listening.accept()
            there = connected(address)
            back = threading.Thread(target=_pour, args=(there, here, 1 << 60))
            back.start()
            _pour(here, there, most)
            for one in (here, there):
                one.close()
            back.join()

        carrying = threading.Thread(target=carry)
        carrying.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        carrying.join()


def _pour(source: socket.socket, target: socket.socket, most: int) -> None:
    with suppress(OSError):
        while most > 0 and (content := source.recv(min(most, 4096))):
            target.sendall(content)
            most -= len(content)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_a_line_that_breaks_in_the_middle_is_no_error_of_the_office(sender: Sender, office: Centre, tmp_path: Path) -> None:
    sender.write()
    with door(office, tmp_path) as address:
        with closing(sender.to(address)._open()) as line:
            line._http.connect()
            with socket.fromfd(line._http.sock.fileno(), socket.AF_INET, socket.SOCK_STREAM) as bare:
                bare.settimeout(30)
                bare.sendall(b"GET / HTTP/1.1\r\n\r\n")  # past TLS
                with suppress(OSError):
                    while bare.recv(1024):
                        pass
        assert sender.to(address).deliver().taken == 1
