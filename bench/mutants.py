"""Feeds devices' parsers with mutated frames, packets, payloads and fields: `python -m bench.mutants --inputs 1000000`.

A crash is any exception that isn't of the parser's own kinds; a hang is an input that takes longer than a second.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import sys
import time
from collections.abc import Callable
from datetime import date

import numpy as np

from drivers_sim.card.passport import Dg2, SimulatedPassport, mrz, picture
from drivers_sim.card.photo import SimulatedPhotoDecoder
from kiosk.devices.card import payload
from kiosk.devices.card.fields import CardFields
from kiosk.devices.card.icao import files
from kiosk.devices.card.icao.document import to_card
from kiosk.devices.card.sam.frames import Deframer, answer
from kiosk.devices.finger.packets import Packet, PacketKind, PacketParser
from kiosk.devices.finger.profiles import profiles
from kiosk.devices.vendor import host, wire
from kiosk.errors import KioskError
from tests.devices.card.people import resident_payload

_SLOW_S = 1.0
_TODAY = date(2026, 6, 1)
_KIT = (EOFError, ValueError, TypeError, KeyError)  # what the station's side of a kit takes for a bad answer


def _frames(data: bytes) -> None:
    deframer = Deframer()
    list(deframer.feed(data))
    list(deframer.give_up())


def _packets(data: bytes) -> None:
    parser = PacketParser()
    for start in range(0, len(data), 37):
        parser.feed(data[start : start + 37])
        while parser.next() is not None:
            pass


_decoder = SimulatedPhotoDecoder()


def _payload(data: bytes) -> None:
    payload.split(data).understand(_TODAY, _decoder)


def _zone(data: bytes) -> None:
    to_card(files.mrz_of(data), b"", _TODAY)


def _picture(data: bytes) -> None:
    files.picture_of(data)


def _message(data: bytes) -> None:
    with contextlib.suppress(*_KIT):
        host.unpacked(*wire.take(io.BytesIO(data)))


def _fields(data: bytes) -> None:
    texts = [part.decode("gb18030", "replace") for part in data.split(b"|")]
    names = ("name", "sex", "ethnicity", "birth", "address", "number", "authority", "valid_from", "valid_until", "kind")
    CardFields(dict(zip(names, texts, strict=False)), photo=data[:64]).understand(_TODAY, _decoder)


def _image(data: bytes) -> None:
    for profile in profiles().values():
        if len(data) >= profile.image_bytes:
            profile.is_likely(data[: profile.image_bytes])
            break


def _seeds() -> dict[str, tuple[Callable[[bytes], None], list[bytes], int]]:
    """Parser, good inputs, and how many mutants of a million."""
    zone = mrz(number="L898902C", surname="ERIKSSON", given="ANNA MARIA", birth="080806", expiry="330623", sex="F")
    small = picture(np.full((40, 30, 3), 120, np.uint8), "JPEG")
    dg1, _ = SimulatedPassport(zone, small).files
    dg2s = [SimulatedPassport(zone, small, dg2=kind).files[1] for kind in (Dg2.FACE_2005, Dg2.FACE_2011, Dg2.FACE_ASN1)]
    acknowledge = Packet(PacketKind.ACKNOWLEDGE, b"\0" + bytes(16)).encoded()
    image = acknowledge + b"".join(Packet(PacketKind.DATA, bytes(128)).encoded() for _ in range(3))
    told, told_too = io.BytesIO(), io.BytesIO()
    wire.put(told, *host.packed({"name": "张三", "photo": bytes(100), "fingerprints": bytes(20)}))
    wire.put(told_too, {"value": True})
    fields = "张三|男|藏|1990年1月1日|青海|110101199001011237|公安局|2020.01.01|长期|".encode("gb18030")
    grain = np.random.default_rng(1).integers(0, 256, 36_864, np.uint8).tobytes()
    return {
        "SAM frames": (_frames, [answer(0x90, resident_payload()), answer(0x9F, bytes(4)) * 3], 200_000),
        "EF01 packets": (_packets, [image, acknowledge * 4], 200_000),
        "card payloads": (_payload, [resident_payload()], 150_000),
        "machine-readable zones": (_zone, [dg1], 100_000),
        "passport pictures": (_picture, dg2s, 150_000),
        "kits' messages": (_message, [told.getvalue(), told_too.getvalue()], 100_000),
        "kits' fields": (_fields, [fields], 99_000),
        "scanner pictures": (_image, [grain, bytes(36_864)], 1_000),
    }


def mutant(draw: random.Random, seed: bytes) -> bytes:
    """Flipped, cut, doubled, inserted, or given other lengths."""
    data = bytearray(seed)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(data)) if data else 0
        match draw.randrange(6):
            case 0 if data:
                data[at] ^= 1 << draw.randrange(8)
            case 1 if data:
                data[at] = draw.choice((0, 1, 0x7F, 0x80, 0x82, 0xFF, draw.randrange(256)))
            case 2:
                del data[at : at + draw.randint(1, 40)]
            case 3:
                data[at:at] = data[at : at + draw.randint(1, 60)]
            case 4:
                data[at:at] = draw.randbytes(draw.randint(1, 20))
            case _:
                data = data[:at]
    return bytes(data)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    draw, total, bad = random.Random(chosen.seed), 0, 0
    for name, (parse, seeds, share) in _seeds().items():
        count, crashes, hangs, longest_s = share * chosen.inputs // 1_000_000, 0, 0, 0.0
        for _ in range(count):
            data = mutant(draw, draw.choice(seeds))
            began_s = time.perf_counter()
            try:
                with contextlib.suppress(KioskError):
                    parse(data)
            except Exception as error:
                crashes += 1
                if crashes <= 3:
                    print(f"  {name}: {type(error).__name__}: {error} <- {data[:48].hex()}…")
            longest_s = max(longest_s, spent_s := time.perf_counter() - began_s)
            hangs += spent_s > _SLOW_S
        print(f"{name}: {count} inputs, {crashes} crashes, {hangs} hangs, longest {1000 * longest_s:.1f} ms", flush=True)
        total, bad = total + count, bad + crashes + hangs
    print(f"{total} inputs, {bad} of them bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
