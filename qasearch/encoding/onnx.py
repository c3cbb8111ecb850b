"""The encoder without torch: a model that was exported to ONNX, run by onnxruntime.

Questions go through one thread, with weights that stay in their file and are mapped into memory:
nothing is read that a question does not need. Many texts go through all cores, with weights packed
for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from qasearch.encoding.exports import GRAPH, TOKENIZER, Export
from qasearch.encoding.runtime import onnxruntime
from qasearch.encoding.vectors import Vectors, unit_rows

_MANY = 64
"""From so many texts on, packing the weights and waking the other cores is worth it."""

_BATCH_TOKENS = 1024
"""Tokens in a batch, padding included: what comes out of one layer still is in the processor's
cache at the next."""


class OnnxEncoder:
    """An exported model behind the `Encoder` protocol. May be used by several threads at once."""

    def __init__(self, name: str, export: Export) -> None:
        """Open the export of the model called `name`.

        Raises:
            Exception: whatever onnxruntime and tokenizers raise for files that they cannot use.
        """
        about = export.about
        self.name = name
        self.fingerprint = about.fingerprint
        self.dimension = about.dimension
        self.max_tokens = about.max_tokens
        self._about = about
        self._folder = export.folder
        self._tokenizer = Tokenizer.from_file(str(export.folder / TOKENIZER))
        self._tokenizer.no_padding()
        if about.cut:
            self._tokenizer.enable_truncation(about.max_tokens)
        else:
            self._tokenizer.no_truncation()
        self._one = _session(export.folder, quick_to_open=True)
        self._many: Any = None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode(texts, self._about.query_prompt)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode(texts, self._about.document_prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder`."""
        return [
            len(each.ids) + sum(len(rest.ids) for rest in each.overflowing)
            for each in self._tokens(texts, special=False)
        ]

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        tokens = self._tokens([prompt + text for text in texts], special=self._about.special)
        session = self._session_for(len(texts))
        for batch in _batches([len(each.ids) for each in tokens]):
            ids, mask = _padded([tokens[at].ids for at in batch])
            vectors[batch] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return unit_rows(vectors, self.name)

    def _tokens(self, texts: Sequence[str], *, special: bool) -> list[Encoding]:
        if len(texts) == 1:  # does not wake the tokenizer's threads
            return [self._tokenizer.encode(texts[0], add_special_tokens=special)]
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=special)

    def _session_for(self, count: int) -> Any:
        if count < _MANY:
            return self._one
        if self._many is None:
            self._many = _session(self._folder, quick_to_open=False)
        return self._many


def _session(folder: Path, *, quick_to_open: bool) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    )  # it was, when exported
    if quick_to_open:
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.add_session_config_entry("session.disable_prepacking", "1")
    return onnxruntime.InferenceSession(folder / GRAPH, options, providers=["CPUExecutionProvider"])


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of similar length, together not longer than a batch should be; at least one
    in each.
    """
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[at] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def _padded(rows: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """(n, t) int64 token ids, and 1 where there is one, 0 where a shorter row was filled up."""
    longest = max(1, *map(len, rows))
    ids, mask = np.zeros((2, len(rows), longest), np.int64)
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return ids, mask
