"""LEADER's graph, put so that onnxruntime runs it in half the time and with half the memory: the same weights, the same
results to the rounding. Only the direction is left to the caller, as its x and y: an arc tangent is fourteen passes over every
pixel there, and a hundred pixels of it are asked for.

The file was made by tf2onnx, operation by operation as Keras computes: a layer norm is twelve passes over up to 19 MB, a GELU
nine, a dilated convolution goes through batches and back, an upsampling is fourteen operations on shapes. Two thirds of the
time went there. onnxruntime has each of these as one operation, but doesn't know them again. The pointwise part of the wide
blocks (layer norm, four times as many channels, GELU, back) is computed with the channels last, as a product of matrices, and
in strips of rows that stay in the processor's cache.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from kiosk.pipeline.onnx_graph import Graph, node

_MICROSOFT: Final = "com.microsoft"  # onnxruntime's own operations
_CHANNELS_LAST: Final = {"perm": (0, 2, 3, 1)}
_CHANNELS_FIRST: Final = {"perm": (0, 3, 1, 2)}
_BATCH_SECOND: Final = {"perm": (1, 0, 2, 3)}  # as tf2onnx leaves it after a dilated convolution
_EPSILON: Final = 1e-3
_NET: Final = "functional_1/"
# What goes into the dilated convolutions, and their dilation.
_DILATED: Final = {
    "stem0_dilated_conv_1": ("stem1_conv_1/BiasAdd__158:0", 2),
    "stem1_dilated_conv_1": ("stem1_conv_1/BiasAdd__158:0", 2),
    "attention_conv_d3_1": ("dec0_0_conc_1/concat:0", 3),
    "attention_conv_d6_1": ("dec0_0_conc_1/concat:0", 6),
}
# Blocks that are computed in strips. The network halves its input five times: there are always so many rows to share out.
_STRIPS: Final = {"enc1_0": 16, "head_0_ibc": 16, "head_1_ibc": 16, "head_2_ibc": 16, "enc1_1": 4, "dec1_0": 4}


def quicker(model: bytes) -> bytes:
    """The model to load instead; raises ValueError for another file than the one that `kiosk.weights` pins. About 0.1 s.

    What it gives is float32 (1, H, W, 4): x and y of the direction, y upwards; how much it is an ending; the score, 0 but
    where it is the highest around.
    """
    graph = Graph(model)
    outputs = graph.outputs()
    for output in outputs:
        if output.endswith("_ln_1/add_2:0"):
            _norm(graph, output)
        elif output.endswith("/Gelu/mul_3:0"):
            _gelu(graph, output)
        elif re.search(r"_up_1/Repeat_1/Reshape_1:0$", output):
            _upsampling(graph, output)
    for name, (source, dilation) in _DILATED.items():
        _dilated(graph, _NET + name, _NET + source, dilation)
    for output in outputs:
        if output.endswith("_conv_red_1/BiasAdd:0"):
            _block(graph, output)
    _heads(graph)
    return graph.encoded(_MICROSOFT)


def _norm(graph: Graph, output: str) -> None:
    name = output.removesuffix("add_2:0")
    source = graph.maker(name + "moments/mean:0").inputs[0]
    if not np.allclose(graph.weight_of(name + "add:0"), _EPSILON):
        raise ValueError(f"{name}: another epsilon")
    scale = graph.add_weight(name + "scale", graph.weight_of(name + "mul:0").ravel())
    shift = graph.add_weight(name + "shift", graph.weight_of(name + "add_1:0").ravel())
    graph.replace(
        node("Transpose", [source], name + "source", _CHANNELS_LAST),
        node("LayerNormalization", [name + "source", scale, shift], name + "last", {"axis": -1, "epsilon": _EPSILON}),
        node("Transpose", [name + "last"], output, _CHANNELS_FIRST),
    )


def _gelu(graph: Graph, output: str) -> None:
    halved = graph.maker(output.removesuffix("mul_3:0") + "mul:0")
    (source,) = (name for name in halved.inputs if not graph.is_weight(name))
    graph.replace(node("FastGelu", [source], output, domain=_MICROSOFT))


def _upsampling(graph: Graph, output: str) -> None:
    source = graph.maker(output.removesuffix("_1/Reshape_1:0") + "/ExpandDims:0").inputs[0]
    (back,) = graph.takers(output)
    scales = graph.add_weight("twice", np.array([1, 1, 2, 2], np.float32))
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    graph.replace(node("Resize", [source, "", scales], back.outputs[0], how))


def _dilated(graph: Graph, name: str, source: str, dilation: int) -> None:
    output = name + "/BiasAdd:0"
    (kernel,) = (part for part in graph.maker(name + "/convolution:0").inputs if graph.is_weight(part))
    bias = graph.add_weight(name + "/bias", graph.weight_of(output).ravel())
    size = graph.weight(kernel).shape[2]
    how = {"dilations": (dilation,) * 2, "pads": (dilation * (size // 2),) * 4, "kernel_shape": (size,) * 2}
    graph.replace(
        node("Conv", [source, kernel, bias], name + "/whole", how),
        node("Transpose", [name + "/whole"], output, _BATCH_SECOND),
    )


def _heads(graph: Graph) -> None:
    together = _NET + "head_conc_1/concat:0"
    _, _, kind, score = graph.maker(together).inputs  # the first is the score everywhere
    graph.replace(node("Concat", [_NET + "head_conv_dir_1/BiasAdd:0", kind, score], together, {"axis": 1}))


def _block(graph: Graph, output: str) -> None:
    """To four times as many channels, GELU, and back, after a layer norm."""
    name = output.removesuffix("_conv_red_1/BiasAdd:0")
    wider, narrower = graph.maker(name + "_conv_exp_1/BiasAdd:0"), graph.maker(output)
    if wider.inputs[0] != name + "_ln_1/add_2:0":
        raise ValueError(f"{name}: another block")
    there, back = (
        graph.add_weight(f"{name}/{number}", graph.weight(one.inputs[1])[:, :, 0, 0].T)
        for number, one in enumerate((wider, narrower))
    )
    strips = range(_STRIPS.get(name.removeprefix(_NET), 1))
    graph.replace(node("Split", [name + "_ln_1/last"], [f"{name}/strip{i}" for i in strips], {"axis": 1}))
    for i in strips:
        graph.replace(
            node("MatMul", [f"{name}/strip{i}", there], f"{name}/wide{i}"),
            node("FastGelu", [f"{name}/wide{i}", wider.inputs[2]], f"{name}/bent{i}", domain=_MICROSOFT),
            node("MatMul", [f"{name}/bent{i}", back], f"{name}/narrow{i}"),
        )
    graph.replace(
        node("Concat", [f"{name}/narrow{i}" for i in strips], name + "/together", {"axis": 1}),
        node("Add", [name + "/together", narrower.inputs[2]], name + "/out"),
        node("Transpose", [name + "/out"], output, _CHANNELS_FIRST),
    )
