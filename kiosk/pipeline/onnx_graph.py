"""The part of the ONNX format that it takes to change a graph: nodes and weights, in protocol buffers' wire format.

onnx.proto of ONNX 1.12 (IR version 8); protobuf.dev, "Encoding". The package `onnx` would bring 25 MB to every station, for
one file that is read at the start.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types
# Field numbers of onnx.proto.
_MODEL_GRAPH, _MODEL_OPSET = 7, 8
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_GRAPH_NODE, _GRAPH_WEIGHT, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_SHAPES = 1, 5, 11, 12, 13
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATION, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 8, 9
_ATTRIBUTE_NAME, _ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_TEXT, _ATTRIBUTE_INTS, _ATTRIBUTE_TYPE = 1, 2, 3, 4, 8, 20
_IS_FLOAT, _IS_INT, _IS_TEXT, _IS_INTS = 1, 2, 3, 7
_FLOAT32: Final = 1

_Field = tuple[int, int, int | bytes]  # number, wire type, value
Attribute = float | int | str | Sequence[int]


@dataclass(frozen=True)
class Node:
    """One operation; `encoded` is its NodeProto."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    encoded: bytes


def node(
    operation: str,
    inputs: Sequence[str],
    output: str | Sequence[str],
    attributes: Mapping[str, Attribute] | None = None,
    domain: str = "",
) -> Node:
    """A new operation with one output or several; an input that is left out is an empty name."""
    outputs = (output,) if isinstance(output, str) else tuple(output)
    fields: list[_Field] = [(_NODE_INPUT, _BYTES, name.encode()) for name in inputs]
    fields += [(_NODE_OUTPUT, _BYTES, name.encode()) for name in outputs]
    fields.append((_NODE_OPERATION, _BYTES, operation.encode()))
    fields += [(_NODE_ATTRIBUTE, _BYTES, _attribute(name, value)) for name, value in (attributes or {}).items()]
    if domain:
        fields.append((_NODE_DOMAIN, _BYTES, domain.encode()))
    return Node(tuple(inputs), outputs, _encoded(fields))


class Graph:
    """A model whose operations can be put in other ones' places. Raises ValueError for a file that is no model."""

    def __init__(self, model: bytes) -> None:
        self._model = list(_fields(model))
        graphs = [value for number, _, value in self._model if number == _MODEL_GRAPH and isinstance(value, bytes)]
        if len(graphs) != 1:
            raise ValueError("not an ONNX model")
        self._rest: list[_Field] = []
        self._weights: dict[str, bytes] = {}
        self._makers: dict[str, Node] = {}
        self._wanted: list[str] = []
        for number, kind, value in _fields(graphs[0]):
            if number == _GRAPH_NODE and isinstance(value, bytes):
                self._put(_read_node(value))
            elif number == _GRAPH_WEIGHT and isinstance(value, bytes):
                self._weights[_texts(value, _TENSOR_NAME)[0]] = value
            elif number != _GRAPH_SHAPES:  # of the tensors between: the runtime finds them anew
                self._rest.append((number, kind, value))
            if number == _GRAPH_OUTPUT and isinstance(value, bytes):
                self._wanted.append(_texts(value, 1)[0])

    def outputs(self) -> list[str]:
        """Everything that some operation makes."""
        return list(self._makers)

    def maker(self, output: str) -> Node:
        """The operation that makes it; raises ValueError when there is none."""
        if output not in self._makers:
            raise ValueError(f"nothing makes {output}")
        return self._makers[output]

    def takers(self, name: str) -> list[Node]:
        """The operations that take it."""
        return [one for one in dict.fromkeys(self._makers.values()) if name in one.inputs]

    def weight_of(self, output: str) -> NDArray[np.float32]:
        """The one constant that goes into what makes `output`."""
        constants = [name for name in self.maker(output).inputs if name in self._weights]
        if len(constants) != 1:
            raise ValueError(f"{output} is not made with one constant")
        return self.weight(constants[0])

    def weight(self, name: str) -> NDArray[np.float32]:
        """A constant of 32-bit floats."""
        if name not in self._weights:
            raise ValueError(f"no such constant: {name}")
        fields = list(_fields(self._weights[name]))
        raw = b"".join(value for number, _, value in fields if number == _TENSOR_RAW and isinstance(value, bytes))
        kinds = [value for number, _, value in fields if number == _TENSOR_TYPE]
        shape: list[int] = []
        for number, _, value in fields:
            if number == _TENSOR_DIMS:
                shape += [value] if isinstance(value, int) else _packed(value)
        if kinds != [_FLOAT32] or len(raw) != 4 * int(np.prod(shape)):
            raise ValueError(f"{name} does not hold 32-bit floats")
        return np.frombuffer(raw, "<f4").reshape(shape)

    def is_weight(self, name: str) -> bool:
        return name in self._weights

    def add_weight(self, name: str, values: NDArray[np.floating]) -> str:
        """A new constant; returns its name."""
        fields: list[_Field] = [(_TENSOR_DIMS, _VARINT, length) for length in values.shape]
        fields += [(_TENSOR_TYPE, _VARINT, _FLOAT32), (_TENSOR_NAME, _BYTES, name.encode())]
        fields.append((_TENSOR_RAW, _BYTES, values.astype("<f4").tobytes()))
        self._weights[name] = _encoded(fields)
        return name

    def replace(self, *nodes: Node) -> None:
        """Put operations into the graph, in the places of those that made the same outputs."""
        for one in nodes:
            self._put(one)

    def encoded(self, *domains: str) -> bytes:
        """The model with what its outputs need, and nothing else; `domains` are those of operations beyond ONNX's own.
        Constants are none of its inputs, as they were before IR version 4: what may be given anew, no runtime works out."""
        nodes = self._in_order()
        used = {name for one in nodes for name in one.inputs}
        rest = (field for field in self._rest if not self._is_constant_input(field))
        fields = [*rest, *((_GRAPH_NODE, _BYTES, one.encoded) for one in nodes)]
        fields += [(_GRAPH_WEIGHT, _BYTES, value) for name, value in self._weights.items() if name in used]
        model: list[_Field] = [
            (number, kind, _encoded(fields) if number == _MODEL_GRAPH else value) for number, kind, value in self._model
        ]
        for domain in domains:
            opset = _encoded([(_OPSET_DOMAIN, _BYTES, domain.encode()), (_OPSET_VERSION, _VARINT, 1)])
            model.append((_MODEL_OPSET, _BYTES, opset))
        return _encoded(model)

    def _is_constant_input(self, field: _Field) -> bool:
        number, _, value = field
        return number == _GRAPH_INPUT and isinstance(value, bytes) and _texts(value, 1)[0] in self._weights

    def _put(self, one: Node) -> None:
        for output in one.outputs:
            self._makers[output] = one

    def _in_order(self) -> list[Node]:
        """What the outputs need, each operation after those that it takes from."""
        done: dict[Node, None] = {}
        waiting = [(self.maker(name), False) for name in reversed(self._wanted)]
        while waiting:
            one, ready = waiting.pop()
            if ready:
                done[one] = None
            elif one not in done:
                waiting.append((one, True))
                makers = [self._makers[name] for name in one.inputs if name in self._makers]
                waiting += [(maker, False) for maker in makers if maker not in done]
        return list(done)


def _read_node(encoded: bytes) -> Node:
    return Node(tuple(_texts(encoded, _NODE_INPUT)), tuple(_texts(encoded, _NODE_OUTPUT)), encoded)


def _texts(message: bytes, wanted: int) -> list[str]:
    return [value.decode() for number, _, value in _fields(message) if number == wanted and isinstance(value, bytes)]


def _attribute(name: str, value: Attribute) -> bytes:
    fields: list[_Field] = [(_ATTRIBUTE_NAME, _BYTES, name.encode())]
    match value:
        case str():
            fields += [(_ATTRIBUTE_TEXT, _BYTES, value.encode()), (_ATTRIBUTE_TYPE, _VARINT, _IS_TEXT)]
        case int():
            fields += [(_ATTRIBUTE_INT, _VARINT, value), (_ATTRIBUTE_TYPE, _VARINT, _IS_INT)]
        case float():
            fields += [(_ATTRIBUTE_FLOAT, _FIXED32, struct.pack("<f", value)), (_ATTRIBUTE_TYPE, _VARINT, _IS_FLOAT)]
        case _:
            fields += [(_ATTRIBUTE_INTS, _VARINT, one) for one in value]
            fields.append((_ATTRIBUTE_TYPE, _VARINT, _IS_INTS))
    return _encoded(fields)


def _fields(message: bytes) -> Iterator[_Field]:
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _read_varint(message, at)
            yield number, kind, value
            continue
        if kind == _BYTES:
            length, at = _read_varint(message, at)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError("not an ONNX model")
        if at + length > len(message):
            raise ValueError("the ONNX model is torn")
        yield number, kind, message[at : at + length]
        at += length


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("the ONNX model is torn")


def _packed(values: bytes) -> list[int]:
    found, at = [], 0
    while at < len(values):
        value, at = _read_varint(values, at)
        found.append(value)
    return found


def _encoded(fields: Sequence[_Field]) -> bytes:
    parts = []
    for number, kind, value in fields:
        parts.append(_varint(number << 3 | kind))
        if isinstance(value, int):
            parts.append(_varint(value & (1 << 64) - 1))  # negative numbers are ten bytes long
        else:
            parts += [_varint(len(value)), value] if kind == _BYTES else [value]
    return b"".join(parts)


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
