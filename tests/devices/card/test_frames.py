"""Frames of the security module, however the line delivers them."""

from functools import reduce
from itertools import pairwise
from operator import xor

from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.devices.card.sam.frames import PREAMBLE, Answer, Command, Deframer, answer, request

payloads = st.binary(max_size=300).filter(lambda data: PREAMBLE not in data)
answers = st.builds(Answer, st.integers(0, 0xFFFF), st.integers(0, 0xFF), payloads)
garbage = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\xaa", b"\xaa\xaa", b"\xaa\xaa\xaa", b"\xaa\xaa\xaa\x96", b"\x69\xaa\xaa\xaa"]),
).filter(lambda data: PREAMBLE not in data)
cut_frames = st.builds(lambda a, size: _wire(a)[: -max(1, size)], answers, st.integers(1, 40))


def _wire(what: Answer) -> bytes:
    return answer(what.state, what.data, what.card_status)


def _split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


def _received(parts: list[bytes]) -> list[Answer]:
    deframer = Deframer()
    found = [one for part in parts for one in deframer.feed(part)]
    return found + list(deframer.give_up())


def _looks_whole(data: bytes) -> bool:
    """Whether bytes of the next frame complete a cut one by chance: one byte of checksum lets one in 256 through."""
    size = int.from_bytes(data[5:7], "big")
    return data.startswith(PREAMBLE) and len(data) >= 7 + size and reduce(xor, data[5 : 7 + size], 0) == 0


def test_commands_are_those_of_the_protocol() -> None:
    wire = {command: request(command).hex().upper() for command in Command}
    assert wire[Command.RESET] == "AAAAAA9669000310FFEC"
    assert wire[Command.STATUS] == "AAAAAA9669000311FFED"
    assert wire[Command.IDENTITY] == "AAAAAA9669000312FFEE"
    assert wire[Command.FIND] == "AAAAAA96690003200122"
    assert wire[Command.SELECT] == "AAAAAA96690003200221"
    assert wire[Command.READ] == "AAAAAA96690003300132"
    assert wire[Command.READ_WITH_FINGERPRINTS] == "AAAAAA96690003301023"
    assert wire[Command.READ_ADDRESS] == "AAAAAA96690003300330"


def test_lengths_on_the_wire_are_those_of_the_protocol() -> None:
    text_and_photo = answer(0x90, bytes(1284))
    assert (len(text_and_photo), text_and_photo[5:7].hex()) == (1295, "0508")
    with_fingerprints = answer(0x90, bytes(2310))
    assert (len(with_fingerprints), with_fingerprints[5:7].hex()) == (2321, "090a")
    assert len(answer(0x90, bytes(1286))) == 1297


@given(st.lists(st.tuples(garbage, answers), max_size=6), garbage, st.lists(st.integers(0, 5000), max_size=12))
def test_every_frame_in_garbage_is_found_in_any_split(mixture: list[tuple[bytes, Answer]], end: bytes, cuts: list[int]) -> None:
    data = b"".join(noise + _wire(one) for noise, one in mixture) + end
    assert _received(_split(data, cuts)) == [one for _, one in mixture]


@given(answers)
def test_frame_split_at_every_byte_is_found(one: Answer) -> None:
    data = _wire(one)
    assert _received([data[at : at + 1] for at in range(len(data))]) == [one]


@given(cut_frames, answers)
def test_frame_behind_one_that_was_cut_off_is_found_when_the_line_falls_silent(cut: bytes, one: Answer) -> None:
    assume(not _looks_whole(cut + _wire(one)))
    assert _received([cut, _wire(one)])[-1] == one


@given(answers, st.integers(0, 2000), st.integers(1, 255), answers)
def test_damaged_frame_is_dropped_and_the_next_one_found(bad: Answer, place: int, flip: int, good: Answer) -> None:
    data = bytearray(_wire(bad))
    body = range(7, len(data))
    data[body[place % len(body)]] ^= flip
    assert _received([bytes(data) + _wire(good)])[-1] == good


@given(st.lists(st.one_of(st.binary(max_size=200), st.builds(_wire, answers), cut_frames), max_size=8))
def test_no_input_raises_and_nothing_unsound_comes_out(parts: list[bytes]) -> None:
    for one in _received(parts):
        assert reduce(xor, _wire(one)[5:]) == 0


def test_nothing_of_a_card_reaches_a_log() -> None:
    assert repr(Answer(0, 0x90, "张三".encode("utf-16-le"))) == "Answer(0000, 90, 4 bytes)"
