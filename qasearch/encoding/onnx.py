"""Runs models that were exported to ONNX, with onnxruntime and without torch.

Owns onnxruntime (no other file imports it) and the files of an export. Where exports are stored is
the concern of `exports`, how they are made that of `exporting`.

A few texts, such as one question, go through one thread. The weights stay in their file, which is
mapped into memory, so that only the needed parts of it are read. Many texts go through all cores,
with weights that are packed for that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from qasearch.encoding.encoder import Vectors, unit_rows

# From version 1.32 on, onnxruntime keeps a device id and reports to its makers, from Linux too.
# It reads this variable when it is imported, so the variable has to be set before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

GRAPH, WEIGHTS, TOKENIZER = "model.onnx", "model.data", "tokenizer.json"
"""The files of an export. The graph refers to the file of the weights."""

_PROVIDERS = ["CPUExecutionProvider"]

_MANY = 64
"""With this number of texts or more, packing the weights and starting the other cores pays."""

_BATCH_TOKENS = 1024
"""The most tokens in a batch, padding included: then what one layer of the model writes is still in
the cache of the processor when the next layer reads it."""

_LOG_ERRORS_ONLY = 3
"""onnxruntime's number for the level: its warnings are meant for those who make models."""


@dataclass(frozen=True, slots=True)
class ExportInfo:
    """What is known of a model that was exported, or that could not be exported.

    Attributes:
        fingerprint: of its weights.
        dimension: the length of a vector.
        max_tokens: how many tokens of a text the model reads, its special tokens included.
        truncates: whether longer texts are cut to `max_tokens`; a static model reads everything.
        adds_special_tokens: whether the tokenizer adds the special tokens of the model.
        query_prompt: the text that the model expects in front of a question; "" for none.
        document_prompt: the text that the model expects in front of a passage; "" for none.
        lowest_cosine: the lowest cosine to the reference among the texts that were compared.
        failure: why the model could not be exported; "" if it was exported.
        file_sizes: the size in bytes of each file of the export, by name.
    """

    fingerprint: str
    dimension: int = 0
    max_tokens: int = 0
    truncates: bool = True
    adds_special_tokens: bool = True
    query_prompt: str = ""
    document_prompt: str = ""
    lowest_cosine: float = 0.0
    failure: str = ""
    file_sizes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """An exported model: its folder, and what is known of it."""

    folder: Path
    info: ExportInfo


class OnnxEncoder:
    """An exported model behind the `Encoder` protocol. Several threads may use it at once."""

    def __init__(self, name: str, export: Export) -> None:
        """Open the export of the model `name`.

        Raises:
            Exception: any error of onnxruntime or tokenizers, for files that they cannot use.
        """
        info = export.info
        self.name = name
        self.fingerprint = info.fingerprint
        self.dimension = info.dimension
        self.max_tokens = info.max_tokens
        self._info = info
        self._folder = export.folder
        self._tokenizer = Tokenizer.from_file(str(export.folder / TOKENIZER))
        self._tokenizer.no_padding()
        if info.truncates:
            self._tokenizer.enable_truncation(info.max_tokens)
        else:
            self._tokenizer.no_truncation()
        self._session_for_few = _session(export.folder, for_many=False)
        self._session_for_many: Any = None  # opened when it is needed for the first time

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode(texts, self._info.query_prompt)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode(texts, self._info.document_prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder`."""
        return [
            len(encoding.ids) + sum(len(part.ids) for part in encoding.overflowing)
            for encoding in self._tokenize(texts, special_tokens=False)
        ]

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        prompted = [prompt + text for text in texts]
        encodings = self._tokenize(prompted, special_tokens=self._info.adds_special_tokens)
        session = self._session_for(len(texts))
        for batch in _batches([len(encoding.ids) for encoding in encodings]):
            ids, mask = _padded([encodings[row].ids for row in batch])
            vectors[batch] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return unit_rows(vectors, self.name)

    def _tokenize(self, texts: Sequence[str], *, special_tokens: bool) -> list[Encoding]:
        if len(texts) == 1:  # does not start the threads of the tokenizer
            return [self._tokenizer.encode(texts[0], add_special_tokens=special_tokens)]
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=special_tokens)

    def _session_for(self, count: int) -> Any:
        if count < _MANY:
            return self._session_for_few
        if self._session_for_many is None:
            self._session_for_many = _session(self._folder, for_many=True)
        return self._session_for_many


def runtime_version() -> str:
    """The version of onnxruntime that is installed."""
    return str(onnxruntime.__version__)


def optimise(raw_graph: Path, folder: Path) -> None:
    """Write the graph and its weights into `folder`, optimised as far as any processor allows.

    onnxruntime would optimise the graph at each start. The weights get a file of their own, which
    can be mapped into memory.

    Raises:
        Exception: any error of onnxruntime, for a graph that it cannot run.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _LOG_ERRORS_ONLY
    # the next higher level would depend on the processor
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / GRAPH)
    for key, value in {
        "session.optimized_model_external_initializers_file_name": WEIGHTS,
        # smaller arrays stay in the graph: a file of its own helps for large ones only
        "session.optimized_model_external_initializers_min_size_in_bytes": "1024",
        "session.disable_prepacking": "1",
    }.items():
        options.add_session_config_entry(key, value)
    onnxruntime.InferenceSession(raw_graph, options, providers=_PROVIDERS)


def _session(folder: Path, *, for_many: bool) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _LOG_ERRORS_ONLY
    # the graph was optimised when it was exported
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    if not for_many:  # quick to open, and reads only what a question needs
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.add_session_config_entry("session.disable_prepacking", "1")
    return onnxruntime.InferenceSession(folder / GRAPH, options, providers=_PROVIDERS)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The row numbers of texts in batches of similar length, shortest first.

    A batch has at most `_BATCH_TOKENS` tokens, padding included, or else one text.
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _padded(token_ids: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """Token ids and mask, both (n, t) int64; the mask is 1 for a token and 0 for padding."""
    longest = max(1, *map(len, token_ids))
    ids, mask = np.zeros((2, len(token_ids), longest), np.int64)
    for row, tokens in enumerate(token_ids):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return ids, mask
