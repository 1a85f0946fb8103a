"""Cards that are recorded while they are read, and read again from the recording: over APDUs and over a module's line."""

from __future__ import annotations

import itertools
import random
from functools import cache
from pathlib import Path

import pytest

from bench.mutants import mutant
from drivers_sim.card import payload, photo
from drivers_sim.card.card import CardFaults, SimulatedCard
from drivers_sim.card.passport import SimulatedPassport, mrz
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import InProcessReader
from drivers_sim.card.sam import SimulatedSam
from drivers_sim.card.sam_line import SamReader
from drivers_sim.replay import NotRecorded, ReplayedCard, ReplayedLine, replayed_cards
from kiosk.config import Settings
from kiosk.devices.card import textblock
from kiosk.devices.card.icao.mrz import AccessKey
from kiosk.devices.card.sam.frames import Command, answer, request
from kiosk.devices.card.sam.module import SecurityModule
from kiosk.devices.card.sam.serial_line import SerialStream
from kiosk.devices.card.setup import card_device
from kiosk.devices.events import CardPresented
from kiosk.devices.finger.packets import Packet, PacketKind
from kiosk.devices.recording import Entry, Recording, Wire, begin, cleaned, disguise, load, save
from kiosk.devices.recording.file import FROM, TO
from kiosk.devices.serial_line import SerialLine
from kiosk.errors import DeviceError
from kiosk.records import CardData, DeviceKind, DeviceState
from tests.devices.card.people import (
    FOREIGNER_2017,
    FOREIGNER_2023,
    HMT,
    OTHER,
    RESIDENT,
    TODAY,
    other_payload,
    portrait,
    resident_payload,
)
from tests.devices.card.tunnel import TunnelReader
from tests.devices.card.watcher import Watcher
from tests.devices.recording.conftest import RECORDINGS, bytes_of, finished, in_common, watched_card

TUNNEL = "FF FE 00 00 {size} {frame} 00"
PRINTS = bytes(range(256)) * 4
ADDRESS = "青海省西宁市城中区追加路8号".ljust(35).encode("utf-16-le")


resident, other = cache(resident_payload), cache(other_payload)


def module_settings(port: str, **card: object) -> Settings:
    return Settings(card={"transport": "serial", "port": port, **card})


def saved(recording: Recording, folder: Path) -> Recording:
    """By way of a file."""
    save(recording, folder / "card.jsonl")
    return load(folder / "card.jsonl")


def secrets_of(fields: dict[str, str], seed: int = 0) -> bytes:
    kept = {"valid_until", "valid_from", "kind", "version", "issue_count", "sex", "ethnicity"}
    text = b"".join(value.encode("utf-16-le") for name, value in fields.items() if name not in kept)
    return text + photo.encode(portrait(seed)).rstrip(b"\0")


def read_in_process(card: ReplayedCard) -> CardData:
    reader = InProcessReader()
    with Watcher(card_device(Settings().card, SimulatedPhotoDecoder(), slot=reader.start())) as station:
        reader.lay_card(card)
        return station.next_card()


def test_two_cards_are_recorded_without_their_holders_and_read_again_as_sound_ones(tmp_path: Path) -> None:
    reader = InProcessReader()
    with watched_card(Settings(), reader.start()) as (session, station):
        for laid in (resident(), other()):
            reader.lay(laid)
            station.next_card()
            reader.take()
            station.next_removal()
    assert in_common(secrets_of(RESIDENT), b"".join(entry.data for entry in session.tape.entries), 6)
    recording = saved(finished(session, "ACS ACR1281 PICC 0"), tmp_path)
    assert recording.about["device"] == "ACS ACR1281 PICC 0"
    written = bytes_of(recording)
    for fields, seed in ((RESIDENT, 0), (OTHER, 1)):
        assert not in_common(secrets_of(fields, seed), written, 6)
    text = (tmp_path / "card.jsonl").read_text("utf-8")
    assert not any(value in text for value in (RESIDENT["name"], RESIDENT["number"], OTHER["name"], OTHER["number"]))

    first, second = replayed_cards(recording)
    for card in (first, second):
        data = read_in_process(card)
        card.check()
        assert data.warnings == ()
        assert data.valid_until_text == "长期"
        assert (len(data.name), data.birth_text, data.ethnicity) == (2, "20080101", "汉")
        assert data.photo is None


def test_a_card_that_left_while_it_was_read_leaves_again_and_nothing_of_it_is_kept() -> None:
    reader = InProcessReader()
    with watched_card(Settings(), reader.start()) as (session, station):
        reader.lay(resident(), CardFaults(leaves_after=3))
        assert station.next_refusal() == "card.gone"
    recording = finished(session)
    assert not in_common(secrets_of(RESIDENT), bytes_of(recording), 6)
    (card,) = replayed_cards(recording)
    again = InProcessReader()
    with Watcher(card_device(Settings().card, SimulatedPhotoDecoder(), slot=again.start())) as station:
        again.lay_card(card)
        assert station.next_refusal() == "card.gone"


@pytest.mark.parametrize("faults", [CardFaults(garbage=True), CardFaults(short_after=0), CardFaults(short_after=3)], ids=str)
def test_a_card_that_answers_badly_is_refused_again_for_the_same_reason(faults: CardFaults) -> None:
    reader, again = InProcessReader(), InProcessReader()
    with watched_card(Settings(), reader.start()) as (session, station):
        reader.lay(resident(), faults)
        code = station.next_refusal()
    recording = finished(session)
    assert not in_common(secrets_of(RESIDENT), bytes_of(recording), 6)
    (card,) = replayed_cards(recording)
    with Watcher(card_device(Settings().card, SimulatedPhotoDecoder(), slot=again.start())) as station:
        again.lay_card(card)
        assert station.next_refusal() == code


def test_a_passport_is_recorded_up_to_its_key_and_no_further() -> None:
    zone = mrz(number="L898902C", surname="ERIKSSON", given="ANNA MARIA", birth="080806", expiry="330623", sex="F")
    reader = InProcessReader()
    with watched_card(Settings(), reader.start()) as (session, station):
        session.device._source._protocols["travel"].use(AccessKey("L898902C", "080806", "330623"))  # type: ignore[attr-defined]
        reader.lay_card(SimulatedPassport(zone, b"\xff\xd8" + bytes(range(256)) * 4))
        station.next()
    recording = finished(session)
    assert recording.entries[-1].what == "closed"
    written = bytes_of(recording)
    assert not in_common(zone.encode(), written, 4)
    lengths = [len(entry.data) for entry in recording.entries if entry.what == "from"]
    assert 8 + 2 in lengths  # the challenge was asked for
    assert all(not any(entry.data[:-2]) for entry in recording.entries if entry.what == "from" and len(entry.data) > 2)


def test_frames_in_apdus_are_recorded_like_those_on_a_line() -> None:
    reader = TunnelReader()
    settings = Settings(card={"tunnel": {"apdu": TUNNEL}})
    with watched_card(settings, reader.start()) as (session, station):
        reader.lay(resident())
        station.next_card()
    recording = finished(session)
    assert not in_common(secrets_of(RESIDENT), bytes_of(recording), 6)
    again = InProcessReader()
    with Watcher(card_device(settings.card, SimulatedPhotoDecoder(), slot=again.start())) as station:
        again.lay_card(replayed_cards(recording)[0])
        assert station.next_card().warnings == ()


def test_a_module_on_a_line_is_recorded_and_plays_again(tmp_path: Path) -> None:
    module = SamReader(sam=SimulatedSam(address=ADDRESS, fingerprints=PRINTS))
    try:
        with watched_card(module_settings(module.start(), additional_address=True)) as (session, station):
            module.lay(resident())
            station.next_card()
            module.take()
            module.lay(other())
            station.next_removal()
            station.next_card()
    finally:
        module.stop()
    recording = saved(finished(session), tmp_path)
    written = bytes_of(recording)
    for fields, seed in ((RESIDENT, 0), (OTHER, 1)):
        assert not in_common(secrets_of(fields, seed), written, 6)
    assert not in_common(ADDRESS.rstrip(b" \0"), written, 6)

    line = ReplayedLine(recording)
    try:
        settings = module_settings(line.start(), additional_address=True)
        with Watcher(card_device(settings.card, SimulatedPhotoDecoder())) as station:
            first = station.next_card()
            station.next_removal()
            second = station.next_card()
        assert (first.warnings, second.warnings) == ((), ())
        assert first.id_number != second.id_number
        assert second.additional_address
        line.check()
        assert line.is_over
    finally:
        line.stop()


@pytest.mark.parametrize("fault", ["damaged", "overlong", "select_fails", "silent"])
def test_a_modules_faults_are_played_again_and_hide_nothing_of_the_card(fault: str) -> None:
    module = SamReader()
    try:
        with watched_card(module_settings(module.start())) as (session, station):
            station.wait_for(DeviceState.READY)
            setattr(module.sam.faults, fault, 1)
            module.sam.faults.noise = b"\x00\xaa\xaa\x17\x42"
            module.lay(resident())
            station.next_card()
    finally:
        module.stop()
    recording = finished(session)
    assert not in_common(secrets_of(RESIDENT), bytes_of(recording), 6)
    line = ReplayedLine(recording)
    try:
        with Watcher(card_device(module_settings(line.start()).card, SimulatedPhotoDecoder())) as station:
            station.next_card()
        line.check()
    finally:
        line.stop()


@pytest.mark.parametrize("way", ["torn", "damaged"])
def test_a_reading_that_breaks_in_the_middle_gives_nothing_away(way: str) -> None:
    frame = answer(0x90, resident())
    broken = frame[:700] if way == "torn" else frame[:40] + b"\x00" + frame[41:]
    chunks = [broken[at : at + 64] for at in range(0, len(broken), 64)]
    asked = Entry(0.0, TO, request(Command.READ))
    late = Entry(3.0, TO, request(Command.FIND))  # the rest arrives after the next question
    entries = [asked, *(Entry(0.1 + at / 1000, FROM, chunk) for at, chunk in enumerate(chunks[:-3])), late]
    entries += [Entry(3.1, FROM, chunk) for chunk in chunks[-3:]]
    written = b"".join(entry.data for entry in cleaned(Wire.SAM, entries, TODAY))
    assert len(written) == sum(len(entry.data) for entry in entries)
    assert not in_common(secrets_of(RESIDENT), written, 4)


@pytest.mark.parametrize("asked", list(Command))
def test_an_answer_that_comes_late_is_never_taken_for_a_harmless_one(asked: Command) -> None:
    for secret in (resident(), ADDRESS):
        late = Entry(3.1, FROM, answer(0x90, secret))
        entries = [Entry(0.0, TO, request(Command.READ)), Entry(3.0, TO, request(asked)), late]
        written = b"".join(entry.data for entry in cleaned(Wire.SAM, entries, TODAY))
        assert not in_common(secrets_of(RESIDENT) + ADDRESS, written, 6)


def is_digits(piece: bytes) -> bool:
    """Four digits may come again by chance: the synthetic number is full of them."""
    return set(piece) <= set(b"0123456789\0")


def test_nothing_of_a_card_or_finger_is_left_whatever_the_line_makes_of_it() -> None:
    draw, thumb = random.Random(4), bytes(random.Random(5).randbytes(600))
    image = Packet(PacketKind.ACKNOWLEDGE, b"\0").encoded()
    image += b"".join(Packet(PacketKind.DATA, thumb[at : at + 64]).encoded() for at in range(0, 576, 64))
    wires = (
        (Wire.SAM, request(Command.READ), answer(0x90, resident()), secrets_of(RESIDENT)),
        (Wire.EF01, Packet(PacketKind.COMMAND, b"\x0a").encoded(), image, thumb),
    )
    for wire, question, sound, secret in wires:
        for _ in range(60):
            data = mutant(draw, sound)
            cuts = sorted(draw.sample(range(len(data) + 1), min(4, len(data) + 1)))
            chunks = [data[a:b] for a, b in itertools.pairwise([0, *cuts, len(data)])]
            entries = [Entry(0.0, TO, question)]
            for chunk in chunks:
                entries.append(Entry(0.1, FROM, chunk))
                if draw.random() < 0.2:
                    entries.append(Entry(0.2, TO, question))
            written = b"".join(entry.data for entry in cleaned(wire, entries, TODAY))
            assert len(written) == sum(len(entry.data) for entry in entries)
            assert not in_common(secret, written, 8, but=is_digits), data.hex()


def test_a_question_that_was_never_recorded_is_named() -> None:
    reader = InProcessReader()
    with watched_card(Settings(), reader.start()) as (session, station):
        reader.lay(resident())
        station.next_card()
    (card,) = replayed_cards(finished(session))
    assert card.answer(bytes.fromhex("00CA010000")) == b"\x6d\x00"
    with pytest.raises(NotRecorded, match="00 CA 01 00 00"):
        card.check()
    line = ReplayedLine(load(RECORDINGS / "card-module.jsonl"))
    link = SerialStream(SerialLine(line.start(), 115_200))
    try:
        with pytest.raises(DeviceError, match=r"card\.sam\.silent"):
            SecurityModule(link).ask(Command.READ_ADDRESS, 0.2)
        with pytest.raises(
            NotRecorded, match=r"no answer to AA AA AA 96 69 00 03 30 03 30 at 0\.\d+ s, where AA AA AA 96 69 00 03 11"
        ):
            line.check()
    finally:
        link.close()
        line.stop()


def read_text(block: bytes) -> CardData:
    return textblock.parse(block, TODAY)


CARDS = {
    "resident": (payload.RESIDENT, RESIDENT),
    "woman, minority": (payload.RESIDENT, OTHER),
    "Hong Kong": (payload.HMT_RESIDENCE, HMT),
    "foreigner 2017": (payload.FOREIGNER_2017, FOREIGNER_2017),
    "foreigner 2023": (payload.FOREIGNER_2023, FOREIGNER_2023),
}
ODD = {
    "wrong check digit": {"number": "110101199001011238"},
    "sex differs": {"sex": "2"},
    "sex unknown": {"sex": "9"},
    "birth differs": {"birth": "19900102"},
    "birth unreadable": {"birth": "19901332"},
    "expired": {"valid_until": "20200102"},
    "validity unreadable": {"valid_until": "forever"},
    "not yet valid": {"valid_from": "20300101"},
    "ethnicity unknown": {"ethnicity": "88"},
    "number too short": {"number": "11010119900101123"},
    "number with letters": {"number": "11010119900101A23B"},
    "rare name": {"name": "𠮷㐂·买买提"},
    "private name": {"name": "张\ue815"},
}


@pytest.mark.parametrize("kind", CARDS)
def test_every_kind_of_card_stays_what_it_is_and_is_nobodys(kind: str) -> None:
    places, fields = CARDS[kind]
    block = payload.text_block(places, **fields)
    made = disguise.text_block(block, TODAY)
    before, after = read_text(block), read_text(made)
    assert len(made) == 256
    assert (after.kind, after.warnings) == (before.kind, before.warnings)
    for name in ("name", "english_name", "address", "authority", "permit_number"):
        assert len(getattr(after, name)) == len(getattr(before, name))
        assert getattr(before, name) == "" or getattr(after, name) != getattr(before, name)
    assert after.id_number != before.id_number


@pytest.mark.parametrize("oddity", ODD)
def test_an_odd_card_is_as_odd_as_before(oddity: str) -> None:
    block = payload.text_block(**(RESIDENT | ODD[oddity]))
    before, after = read_text(block), read_text(disguise.text_block(block, TODAY))
    assert [warning.code for warning in after.warnings] == [warning.code for warning in before.warnings]
    assert after.id_number != before.id_number
    assert after.name != before.name


def test_a_text_that_ends_in_nuls_or_half_a_character_still_does() -> None:
    block = payload.text_block(**RESIDENT)
    odd = block[:4] + b"\0\0" * 13 + block[30:52] + b"\x00\xd8" + block[54:]
    made = disguise.text_block(odd, TODAY)
    assert made[4:30] == b"\0\0" * 13
    assert made[52:54] == b"\x00\xd8"
    assert [warning.code for warning in read_text(made).warnings] == [warning.code for warning in read_text(odd).warnings]


@pytest.mark.parametrize("name", ["card-blocks", "card-module"])
def test_the_recordings_that_come_with_the_program_are_read(name: str) -> None:
    recording = load(RECORDINGS / f"{name}.jsonl")
    if name == "card-blocks":
        cards = [read_in_process(card) for card in replayed_cards(recording)]
    else:
        line = ReplayedLine(recording)
        try:
            with Watcher(card_device(module_settings(line.start()).card, SimulatedPhotoDecoder())) as station:
                events = [station.next() for _ in range(3)]
            cards = [event.card for event in events if isinstance(event, CardPresented)]
            line.check()
        finally:
            line.stop()
    assert [card.warnings for card in cards] == [(), ()]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("{}\n", 1),
        ('{"format": "exam-capture-kiosk recording", "version": 1, "wire": "smoke"}\n', 1),
        ('{"format": "exam-capture-kiosk recording", "version": 1, "wire": "sam"}\n{"t": 0, "to": "XX"}\n', 2),
        ('{"format": "exam-capture-kiosk recording", "version": 1, "wire": "sam"}\n{"t": -1, "to": "00"}\n', 2),
        ('{"format": "exam-capture-kiosk recording", "version": 1, "wire": "sam"}\n[1]\n', 2),
        ("[" * 5000 + "\n", 1),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "odd.jsonl").write_text(text)
    with pytest.raises(DeviceError) as refused:
        load(tmp_path / "odd.jsonl")
    assert (refused.value.code, refused.value.data["line"]) == ("recording.unreadable", line)


def test_a_file_of_a_later_program_is_told_as_such_and_none_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "later.jsonl").write_text('{"format": "exam-capture-kiosk recording", "version": 9, "wire": "sam"}\n')
    with pytest.raises(DeviceError, match=r"recording\.version"):
        load(tmp_path / "later.jsonl")
    with pytest.raises(DeviceError, match=r"recording\.exists"):
        save(Recording("sam", []), tmp_path / "later.jsonl")  # type: ignore[arg-type]


def test_a_kit_has_no_wire_that_could_be_listened_to() -> None:
    for kind, settings in (
        (DeviceKind.CARD, Settings(card={"source": "kit:reader"})),
        (DeviceKind.FINGER, Settings(finger={"port": "livescan:/opt/lib.so"})),
    ):
        with pytest.raises(DeviceError, match=r"recording\.kit"):
            begin(kind, settings, SimulatedPhotoDecoder())


class UsbModule:
    """A module behind USB pipes or control codes: a stream that is no serial port."""

    def __init__(self, sam: SimulatedSam) -> None:
        self._sam = sam
        self._answer = b""

    def write(self, data: bytes, /) -> None:
        self._answer = self._sam.respond(data)

    def read(self, _timeout_s: float, /) -> bytes:
        answer, self._answer = self._answer, b""
        return answer

    def close(self) -> None: ...


def test_a_module_on_usb_is_recorded_and_plays_again_on_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    sam = SimulatedSam()
    monkeypatch.setattr("kiosk.devices.card.setup.UsbOpener", lambda *_: lambda: (UsbModule(sam), "USB 0400:C35A"))
    with watched_card(Settings(card={"transport": "usb"})) as (session, station):
        station.wait_for(DeviceState.READY)
        sam.lay(SimulatedCard(resident()))
        station.next_card()
    recording = finished(session)
    assert (recording.wire, recording.entries[0].told) == (Wire.SAM, {"port": "USB 0400:C35A"})
    assert not in_common(secrets_of(RESIDENT), bytes_of(recording), 6)
    line = ReplayedLine(recording)
    try:
        with Watcher(card_device(module_settings(line.start()).card, SimulatedPhotoDecoder())) as again:
            assert again.next_card().warnings == ()
        line.check()
    finally:
        line.stop()
