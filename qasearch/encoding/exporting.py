"""Exports a sentence-transformers model to an ONNX graph that gives the same vectors.

The graph includes pooling and normalisation. The weights are those of the model, not rounded.
Every export is compared with the model on real text before it is used. A model whose export gives
other vectors, or that cannot be exported, stays with sentence-transformers.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qasearch.encoding import exports
from qasearch.encoding.model_files import UNKNOWN
from qasearch.encoding.onnx import TOKENIZER, Export, ExportInfo, OnnxEncoder, optimise
from qasearch.phrases import reason

if TYPE_CHECKING:
    from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder

LOWEST_COSINE = 0.9999
"""The least cosine between the vectors of a text from the export and from the model. The built-in
model reaches 0.9999999."""

_OPSET = 17
"""The version of the ONNX operators; the first one with LayerNormalization."""

_TEXTS = (
    "Why?",
    "What is a latent space?",
    "How do I rotate the logs of the payment service after a deploy has failed halfway?",
    "PCA rotates the data so that the first axes carry most of its variance; what is left out is "
    "noise, or is it?",
    "def norm(x):\n    return (x @ x) ** 0.5  # the L2 norm\n",
    "| metric | value |\n|---|---|\n| precision | 0.91 |\n| recall | 0.87 |",
    "Die Kovarianz zweier unabhängiger Zufallsvariablen ist null, aber nicht umgekehrt.",
    "Qu'est-ce qu'un plongement lexical ? Un vecteur par mot, proche de celui des mots voisins.",
    "特徴空間とは何ですか。 Что такое признак? ما هو الفضاء الكامن؟ 🙂",
    "A longer answer, of several sentences. The first says what is the case. The second gives a "
    "reason for it, and the third an example: a shop that keeps its prices in one table and its "
    "stock in another. " * 4,
    "A text that is longer than most models read, so that both have to cut it in the same place. "
    * 60,
)
"""The texts to compare: short and long, in several scripts, code and tables. In one batch, the
short ones are padded."""

_logger = logging.getLogger(__name__)


def export(reference: SentenceTransformerEncoder) -> None:
    """Export the model of the reference to the user's cache, or store there why that is impossible.

    Nothing happens where the cache has the model already, where it cannot be written, or where the
    fingerprint of the model is unknown. A missing Python package is logged and not stored, so that
    the export is made as soon as the package is there.
    """
    if reference.fingerprint == UNKNOWN or exports.find(reference.fingerprint) is not None:
        return
    if missing := missing_package():
        _logger.warning("The model '%s' cannot be exported: %s", reference.name, missing)
        return
    exports.store(lambda folder: _export_or_failure(reference, folder))


def missing_package() -> str:
    """What to install before a model can be exported; "" if nothing is missing.

    torch writes the graph without the package onnx, but reads it back with onnx to look for
    functions of its own.
    """
    if importlib.util.find_spec("onnx") is None:
        return "the Python package 'onnx' is not installed; install it: pip install onnx"
    return ""


def _export_or_failure(reference: SentenceTransformerEncoder, folder: Path) -> ExportInfo:
    try:
        return _export(reference, folder)
    except Exception as error:  # any error of the model's own code and of three libraries
        _logger.warning(
            "The model '%s' cannot be exported and stays with sentence-transformers: %s",
            reference.name,
            reason(error),
        )
        _logger.debug("The model '%s' cannot be exported", reference.name, exc_info=True)
        for file in folder.iterdir():
            file.unlink()
        return ExportInfo(reference.fingerprint, failure=reason(error))


def _export(reference: SentenceTransformerEncoder, folder: Path) -> ExportInfo:
    model = reference.model
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    tokenizer.save(str(folder / TOKENIZER))
    raw_graph = folder / "raw.onnx"
    _write_graph(model, raw_graph)
    optimise(raw_graph, folder)
    raw_graph.unlink()
    static = _is_static(model)
    info = ExportInfo(
        reference.fingerprint,
        dimension=reference.dimension,
        max_tokens=reference.max_tokens,
        truncates=not static,
        adds_special_tokens=not static,
        query_prompt=_prompt(model, "query"),
        document_prompt=_prompt(model, "document", "passage", "corpus"),
        file_sizes={file.name: file.stat().st_size for file in folder.iterdir()},
    )
    cosine = _lowest_cosine(reference, OnnxEncoder(reference.name, Export(folder, info)))
    if not cosine >= LOWEST_COSINE:  # also true for a cosine that is not a number
        raise ValueError(
            "its vectors would differ: the cosine to those of sentence-transformers falls to "
            f"{cosine:.6f}"
        )
    return replace(info, lowest_cosine=cosine)


def _write_graph(model: Any, file: Path) -> None:
    """Write the model as an ONNX graph from token ids and mask to vectors.

    Ids and mask are (n, t) int64, the vectors (n, d) float32.

    Raises:
        Exception: any error of torch, for a model that it cannot write as a graph.
    """
    import torch

    ids = torch.tensor([[1, 2, 3, 2], [2, 1, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    inputs, output = ["input_ids", "attention_mask"], "vectors"
    device = model.device
    try:
        with warnings.catch_warnings(action="ignore"):  # advice to those who develop the exporter
            torch.onnx.export(
                _module_from_ids_to_vectors(model),
                (ids, mask),
                file,
                input_names=inputs,
                output_names=[output],
                dynamic_axes={name: {0: "n", 1: "t"} for name in inputs} | {output: {0: "n"}},
                opset_version=_OPSET,
                dynamo=False,  # four times as fast as the newer exporter, and without onnxscript
            )
    finally:
        model.to(device)  # exporting moves it to the processor, and the reference goes on with it


def _module_from_ids_to_vectors(model: Any) -> Any:
    """The model as one torch module, from token ids and mask to vectors."""
    import torch

    static = _is_static(model)
    needs_types = not static and "token_type_ids" in model.tokenizer.model_input_names

    class Module(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            if static:  # the model itself reads bags of tokens without padding
                weight = attention_mask[:, :, None].to(torch.float32)
                vectors = self.model[0].embedding.weight[input_ids] * weight
                features = {"sentence_embedding": vectors.sum(1) / weight.sum(1).clamp(min=1)}
            else:
                features = {"input_ids": input_ids, "attention_mask": attention_mask}
                if needs_types:
                    features["token_type_ids"] = torch.zeros_like(input_ids)
                features = self.model[0](features)
            for module in list(self.model)[1:]:
                features = module(features)
            return features["sentence_embedding"]

    # onnxruntime recognises and fuses plain attention; not every model lets us choose it
    with contextlib.suppress(AttributeError, ValueError):
        model[0].auto_model.set_attn_implementation("eager")
    return Module().eval().cpu()


def _is_static(model: Any) -> bool:
    """Whether the model looks up one vector for each token and takes their mean."""
    return type(model[0]).__name__ == "StaticEmbedding"


def _prompt(model: Any, *names: str) -> str:
    """The prompt of the first of these names that the model has; else its default prompt."""
    prompts = {name: prompt or "" for name, prompt in model.prompts.items()}
    candidates = [*(name for name in names if name in prompts), model.default_prompt_name]
    return prompts.get(candidates[0], "")


def _lowest_cosine(reference: SentenceTransformerEncoder, exported: OnnxEncoder) -> float:
    """The lowest cosine between the two vectors of a text.

    The texts are encoded as questions and as passages, one by one and in batches. A batch of six
    times all texts is large enough for the session of the export that encodes many texts.
    """
    many = _TEXTS * 6
    pairs = [
        (reference.encode_queries(_TEXTS), exported.encode_queries(_TEXTS)),
        (reference.encode_documents(_TEXTS), exported.encode_documents(_TEXTS)),
        (reference.encode_documents(many), exported.encode_documents(many)),
        *((reference.encode_queries([text]), exported.encode_queries([text])) for text in _TEXTS),
    ]
    return min(float((ours * theirs).sum(axis=1).min()) for ours, theirs in pairs)
