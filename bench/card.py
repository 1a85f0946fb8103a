"""How long a card takes from being laid down to parsed data, and how close that comes to what the line itself allows.

    python -m bench.card [--cards 40]

PC/SC runs through a real pcscd with virtual cards, whose driver looks for them every 0.4 s: that bounds how soon anybody can
see them. pyscard's CardMonitor watches the same reader in the same run. The serial module sits on a pseudo-terminal that keeps
its line at its speed.
"""

from __future__ import annotations

import argparse
import queue
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from bench.figures import kept, note, option
from drivers_sim.card import payload, pcscd, photo
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import InProcessReader, PcscReader
from drivers_sim.card.sam_line import PtyCable, SamReader
from kiosk.config import CardSettings
from kiosk.devices.card import card_device
from kiosk.devices.card.diagnosis import diagnose
from kiosk.devices.card.sam.frames import Command, request
from kiosk.devices.card.sam.module import SecurityModule
from kiosk.devices.card.sam.serial_line import SerialStream
from kiosk.devices.events import CardPresented, CardRemoved, DeviceEvent
from kiosk.devices.serial_line import SerialLine
from kiosk.devices.worker import DeviceWorker

_BITS_PER_BYTE: Final = 10  # 8N1
_ANSWER_BYTES: Final = 1295
_PATIENCE_S: Final = 5.0
_POLL_S: Final = 0.4  # pcscd's interval for readers that can't tell of cards by themselves
_RATES: Final = (115200, 57600, 9600)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=40, help="how many times a card is laid down")
    option(parser)
    asked = parser.parse_args()
    with kept("card", asked.json, "kiosk/devices/card"):
        _parsing()
        if lack := pcscd.missing():
            print(f"PC/SC left out: needs {lack}")
        else:
            _pcsc(asked.cards)
        _serial()
    return 0


def _payload(number: int = 0) -> bytes:
    block = payload.text_block(
        name=f"考生{number}",
        sex="1",
        ethnicity="01",
        birth="20080101",
        address="青海省西宁市城西区测试路1号",
        number="110101199001011237",
        authority="西宁市公安局",
        valid_from="20200101",
        valid_until="20300101",
    )
    coarse = np.random.default_rng(number).integers(0, 255, (7, 6, 3))
    return payload.payload(block, photo.encode(np.kron(coarse, np.ones((18, 17, 1))).astype(np.uint8)))


def _parsing() -> None:
    """What our own part takes, without any line: protocol, parsing, and the simulation's photo codec."""
    reader = InProcessReader()
    reader.lay(_payload())
    times = [diagnose(CardSettings(), SimulatedPhotoDecoder(), reader.start()).seconds for _ in range(50)]
    note("read and parsed, without a line", 1000 * statistics.median(times), "ms", "median of 50")
    print(f"without a line         read and parsed {_ms(statistics.median(times))} (median of 50)")


def _pcsc(cards: int) -> None:
    reader = PcscReader()
    reader.start()
    try:
        with _station() as events, _card_monitor() as peer:
            ours: dict[str, list[float]] = {"on": [], "read": [], "off": []}
            theirs: dict[str, list[float]] = {"on": [], "off": []}
            pause = np.random.default_rng(1)
            for number in range(cards):
                time.sleep(pause.uniform(0, _POLL_S))  # anywhere between two looks of the driver
                laid = time.monotonic()
                reader.lay(_payload(number))
                at, presented = events.get(timeout=_PATIENCE_S)
                assert isinstance(presented, CardPresented), presented
                ours["on"].append(at - laid - presented.seconds)
                ours["read"].append(presented.seconds)
                theirs["on"].append(peer.get(timeout=_PATIENCE_S) - laid)
                time.sleep(pause.uniform(0, _POLL_S))
                taken = time.monotonic()
                reader.take()
                at, removed = events.get(timeout=_PATIENCE_S)
                assert isinstance(removed, CardRemoved), removed
                ours["off"].append(at - taken)
                theirs["off"].append(peer.get(timeout=_PATIENCE_S) - taken)
        reader.lay(_payload())
        traffic = _traffic()
        _end_card_monitor()
        note("pcscd: card seen → parsed data", 1000 * statistics.median(ours["read"]), "ms", _spread(ours["read"]))
        note("pcscd: laid down → seen", 1000 * statistics.median(ours["on"]), "ms", f"pyscard: {_spread(theirs['on'])}")
        print(f"pcscd + vpcd           card seen → parsed data {_spread(ours['read'])}; {traffic}")
        for what, name in (("on", "laid down → seen"), ("off", "taken away → seen")):
            print(f"                       {name:18s} kiosk    {_spread(ours[what])}   (the driver looks every 400 ms)")
            print(f"                       {'':18s} pyscard  {_spread(theirs[what])}")
    finally:
        reader.stop()


def _traffic() -> str:
    deadline = time.monotonic() + _PATIENCE_S
    while not (found := diagnose(CardSettings(), SimulatedPhotoDecoder())).present and time.monotonic() < deadline:
        time.sleep(0.05)
    return f"{found.traffic.commands} APDUs, {found.traffic.received} bytes"


@contextmanager
def _station() -> "Iterator[queue.Queue[tuple[float, DeviceEvent]]]":
    events: queue.Queue[tuple[float, DeviceEvent]] = queue.Queue()

    def take(event: DeviceEvent) -> None:
        if isinstance(event, CardPresented | CardRemoved):
            events.put((time.monotonic(), event))

    worker = DeviceWorker(card_device(CardSettings(), SimulatedPhotoDecoder()), take)
    worker.start()
    try:
        yield events
    finally:
        worker.stop()


@contextmanager
def _card_monitor() -> "Iterator[queue.Queue[float]]":
    """The peer: pyscard's own monitor, which says when it sees a card come or go."""
    from smartcard.CardMonitoring import CardMonitor, CardObserver

    seen: queue.Queue[float] = queue.Queue()

    class Observer(CardObserver):  # type: ignore[misc]
        def update(self, _observable: Any, handlers: Any) -> None:
            if any(handlers):
                seen.put(time.monotonic())

    monitor, observer = CardMonitor(), Observer()
    monitor.addObserver(observer)
    threading.Event().wait(0.5)
    try:
        yield seen
    finally:
        monitor.deleteObserver(observer)
        monitor.rmthread.stop()  # it looks at that after the next event


def _end_card_monitor() -> None:
    """Let pyscard's thread and context go while the service still runs; later it would complain."""
    from smartcard.CardMonitoring import CardMonitor

    thread = CardMonitor().rmthread.instance
    thread.join(_PATIENCE_S)
    thread.cardrequest = None


def _serial() -> None:
    for baud in _RATES:
        reader = SamReader(PtyCable(), baud=baud)
        line = SerialStream(SerialLine(reader.start(), baud))
        try:
            module = SecurityModule(line)
            reads, wholes = [], []
            for number in range(3 if baud < 57600 else 10):
                reader.lay(_payload(number))
                began = time.perf_counter()
                module.find()
                module.select()
                selected = time.perf_counter()
                module.ask(Command.READ)
                done = time.perf_counter()
                reads.append(done - selected)
                wholes.append(done - began)
            limit_s = (_ANSWER_BYTES + len(request(Command.READ))) * _BITS_PER_BYTE / baud
            median_s = statistics.median(reads)
            figures = f"read {_ms(median_s)}, the line's own {_ms(limit_s)}: {median_s / limit_s:.3f}×"
            note(f"serial, {baud} baud: read", median_s / limit_s, "×", f"of the line's own {_ms(limit_s)}")
            print(f"serial {baud:>6d} baud     {figures}; find + select + read {_ms(statistics.median(wholes))}")
        finally:
            line.close()
            reader.stop()


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"median {_ms(statistics.median(ordered))}, 95 % {_ms(p95)}, worst {_ms(ordered[-1])}"


if __name__ == "__main__":
    sys.exit(main())
