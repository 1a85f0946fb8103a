from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.devices.finger.packets import Packet, PacketKind, PacketParser

VERIFY = "EF01 FFFFFFFF 01 0007 13 00000000 001B"
VERIFIED = "EF01 FFFFFFFF 07 0003 00 000A"
GEN_IMG = "EF01 FFFFFFFF 01 0003 01 0005"
PARAMETERS = "EF01 FFFFFFFF 07 0013 00 0004 0000 00C8 0003 FFFFFFFF 0002 0006 04ED"
SEARCH_MISS = "EF01 FFFFFFFF 07 0007 09 01EE 0000 0106"


def parsed(*pieces: bytes, address: int | None = 0xFFFFFFFF) -> tuple[list[Packet], PacketParser]:
    parser = PacketParser(address)
    found = []
    for piece in pieces:
        parser.feed(piece)
        while packet := parser.next():
            found.append(packet)
    return found, parser


def test_packets_of_the_manuals_are_made_byte_by_byte() -> None:
    assert Packet(PacketKind.COMMAND, bytes([0x13, 0, 0, 0, 0])).encoded() == bytes.fromhex(VERIFY)
    assert Packet(PacketKind.ACKNOWLEDGE, b"\0").encoded() == bytes.fromhex(VERIFIED)
    assert Packet(PacketKind.COMMAND, b"\1").encoded() == bytes.fromhex(GEN_IMG)


def test_packets_of_the_manuals_are_read() -> None:
    for text, kind, content in (
        (PARAMETERS, PacketKind.ACKNOWLEDGE, "00 0004 0000 00C8 0003 FFFFFFFF 0002 0006"),
        (SEARCH_MISS, PacketKind.ACKNOWLEDGE, "09 01EE 0000"),
    ):
        found, parser = parsed(bytes.fromhex(text))
        assert found == [Packet(kind, bytes.fromhex(content))]
        assert parser.damaged == 0


def test_content_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="257"):
        Packet(PacketKind.DATA, bytes(257)).encoded()


contents = st.binary(max_size=256)
packets = st.builds(Packet, st.sampled_from(PacketKind), contents)


@given(st.lists(packets, max_size=5), st.data())
def test_packets_come_back_however_the_line_cuts_them(sent: list[Packet], data: st.DataObject) -> None:
    stream = b"".join(packet.encoded() for packet in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert parsed(*pieces)[0] == sent


@given(st.binary(max_size=60).filter(lambda noise: b"\xef\x01" not in noise), packets)
def test_noise_before_a_packet_is_skipped(noise: bytes, packet: Packet) -> None:
    if noise.endswith(b"\xef"):
        noise += b"\0"
    assert parsed(noise + packet.encoded())[0] == [packet]


@given(packets, st.integers(1, 400), packets)
def test_a_torn_packet_does_not_swallow_the_next_ones(torn: Packet, cut: int, packet: Packet) -> None:
    whole = torn.encoded()
    rubble = whole[: max(1, len(whole) - cut)]
    after = packet.encoded()
    assume(not (rubble + after).startswith(whole))  # what was torn off may, by chance, be how the next one begins
    # 260 bytes are more than any torn packet can still claim.
    found, _ = parsed(rubble + after + bytes(260))
    assert found[-1] == packet


def test_data_that_contain_a_header_are_data() -> None:
    packet = Packet(PacketKind.DATA, bytes.fromhex("EF01 FFFFFFFF 07 0003 00 000A") * 4)
    assert parsed(packet.encoded())[0] == [packet]


def test_a_packet_for_another_address_is_ignored() -> None:
    foreign = Packet(PacketKind.ACKNOWLEDGE, b"\0", 0x12345678)
    ours = Packet(PacketKind.ACKNOWLEDGE, b"\2")
    found, parser = parsed(foreign.encoded() + ours.encoded())
    assert found == [ours]
    assert parser.damaged == 0


def test_a_wrong_checksum_is_counted_and_never_handed_on() -> None:
    wrong = bytearray(bytes.fromhex(VERIFIED))
    wrong[-1] ^= 1
    found, parser = parsed(bytes(wrong))
    assert found == []
    assert parser.damaged == 1


def test_the_parser_asks_for_just_what_completes_a_packet() -> None:
    stream = Packet(PacketKind.DATA, bytes(128)).encoded()
    parser = PacketParser()
    reads = 0
    while parser.next() is None:
        piece, stream = stream[: parser.wanted], stream[parser.wanted :]
        parser.feed(piece)
        reads += 1
    assert reads == 2
    assert not stream
