"""A sentence-transformers model to an ONNX graph that gives the same vectors, pooling and
normalisation included.

Everything is checked on real text before it is used: a model whose export does not agree goes on
with sentence-transformers. The weights are those of the model, unrounded.
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qasearch.encoding import exports
from qasearch.encoding.exports import About, Export
from qasearch.encoding.loading import reason
from qasearch.encoding.model_files import UNKNOWN
from qasearch.encoding.onnx import OnnxEncoder
from qasearch.encoding.runtime import onnxruntime

if TYPE_CHECKING:
    from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder

LOWEST_COSINE = 0.9999
"""What each text's vector must reach with the reference's."""

_OPSET = 17
_EXTERNAL_FROM_BYTES = "1024"

_CHECKED = (
    "Why?",
    "What is a latent space?",
    "How do I rotate the logs of the payment service after a deploy has failed halfway?",
    "PCA rotates the data so that the first axes carry most of its variance; what is left out is noise, or is it?",
    "def norm(x):\n    return (x @ x) ** 0.5  # the L2 norm\n",
    "| metric | value |\n|---|---|\n| precision | 0.91 |\n| recall | 0.87 |",
    "Die Kovarianz zweier unabhängiger Zufallsvariablen ist null, aber nicht umgekehrt.",
    "Qu'est-ce qu'un plongement lexical ? Un vecteur par mot, proche de celui des mots voisins.",
    "特徴空間とは何ですか。 Что такое признак? ما هو الفضاء الكامن؟ 🙂",
    "A longer answer, of several sentences. The first says what is the case. The second gives a reason for it, and the "
    "third an example: a shop that keeps its prices in one table and its stock in another. " * 4,
    "A text that is longer than most models read, so that both have to cut it in the same place. "
    * 60,
)
"""Short and long, in several scripts, code and tables; together in batches, so that some are
padded."""


def export(reference: SentenceTransformerEncoder) -> None:
    """Export the reference's model to the user's cache, or note there why it cannot be; nothing if
    that was done.

    Without effect where the cache cannot be written, or where nothing tells the model's weights
    from later ones.
    """
    if reference.fingerprint != UNKNOWN and exports.find(reference.fingerprint) is None:
        exports.keep(lambda folder: _exported_or_why_not(reference, folder))


def _exported_or_why_not(reference: SentenceTransformerEncoder, folder: Path) -> About:
    try:
        return _export(reference, folder)
    except Exception as error:  # noqa: BLE001 - exporting raises whatever the model's own code and three libraries raise
        for file in folder.iterdir():
            file.unlink()
        return About(reference.fingerprint, reason=reason(error))


def _export(reference: SentenceTransformerEncoder, folder: Path) -> About:
    model = reference.model
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    tokenizer.save(str(folder / exports.TOKENIZER))
    raw = folder / "raw.onnx"
    _write_graph(model, raw)
    _optimise(raw, folder)
    raw.unlink()
    static = _is_static(model)
    about = About(
        reference.fingerprint,
        dimension=reference.dimension,
        max_tokens=reference.max_tokens,
        cut=not static,
        special=not static,
        query_prompt=_prompt(model, "query"),
        document_prompt=_prompt(model, "document", "passage", "corpus"),
        sizes={file.name: file.stat().st_size for file in folder.iterdir()},
    )
    cosine = _lowest_cosine(reference, OnnxEncoder(reference.name, Export(folder, about)))
    if not cosine >= LOWEST_COSINE:
        raise ValueError(
            f"its vectors would differ: the cosine to those of sentence-transformers falls to {cosine:.6f}"
        )
    return replace(about, cosine=cosine)


def _write_graph(model: Any, file: Path) -> None:
    """Write the model as an ONNX graph from token ids and mask, both (n, t) int64, to vectors, (n,
    d) float32.
    """
    import torch

    ids = torch.tensor([[1, 2, 3, 2], [2, 1, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    names = ("input_ids", "attention_mask", "vectors")
    device = model.device
    try:
        with warnings.catch_warnings(action="ignore"):  # advice to the exporter's own developers
            torch.onnx.export(
                _whole(model),
                (ids, mask),
                file,
                input_names=names[:2],
                output_names=names[2:],
                dynamic_axes={name: {0: "n", 1: "t"} for name in names[:2]} | {names[2]: {0: "n"}},
                opset_version=_OPSET,
                dynamo=False,  # four times as quick as the newer exporter, and needs one package less
            )
    finally:  # the reference goes on if this fails
        model.to(device)


def _whole(model: Any) -> Any:
    """The model as one torch module from ids and mask to vectors."""
    import torch

    static = _is_static(model)
    typed = not static and "token_type_ids" in model.tokenizer.model_input_names

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            if static:  # its bags of tokens have no padding, but ours do
                shown = attention_mask[:, :, None].to(torch.float32)
                vectors = self.model[0].embedding.weight[input_ids] * shown
                features = {"sentence_embedding": vectors.sum(1) / shown.sum(1).clamp(min=1)}
            else:
                features = {"input_ids": input_ids, "attention_mask": attention_mask}
                if typed:
                    features["token_type_ids"] = torch.zeros_like(input_ids)
                features = self.model[0](features)
            for module in list(self.model)[1:]:
                features = module(features)
            return features["sentence_embedding"]

    with contextlib.suppress(
        AttributeError, ValueError
    ):  # plain attention is what onnxruntime knows how to fuse
        model[0].auto_model.set_attn_implementation("eager")
    return Whole().eval().cpu()


def _is_static(model: Any) -> bool:
    """Whether the model looks up one vector a token and takes their mean."""
    return type(model[0]).__name__ == "StaticEmbedding"


def _prompt(model: Any, *names: str) -> str:
    """What the model wants in front of a text of the first of these kinds that it knows, or of any
    text.
    """
    prompts = {name: prompt or "" for name, prompt in model.prompts.items()}
    chosen = [*(name for name in names if name in prompts), model.default_prompt_name]
    return prompts.get(chosen[0], "")


def _optimise(graph: Path, folder: Path) -> None:
    """Write the graph as onnxruntime would rewrite it at each start, its weights in a file that it
    can map.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # the next level would depend on the processor
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / exports.GRAPH)
    for entry, value in {
        "session.optimized_model_external_initializers_file_name": exports.WEIGHTS,
        "session.optimized_model_external_initializers_min_size_in_bytes": _EXTERNAL_FROM_BYTES,
        "session.disable_prepacking": "1",
    }.items():
        options.add_session_config_entry(entry, value)
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _lowest_cosine(reference: SentenceTransformerEncoder, exported: OnnxEncoder) -> float:
    """The lowest cosine between the vectors of both, of texts as questions and as passages, alone
    and in batches.
    """
    pairs = [
        (reference.encode_queries(_CHECKED), exported.encode_queries(_CHECKED)),
        (reference.encode_documents(_CHECKED), exported.encode_documents(_CHECKED)),
        (reference.encode_documents(_CHECKED * 6), exported.encode_documents(_CHECKED * 6)),
        *((reference.encode_queries([text]), exported.encode_queries([text])) for text in _CHECKED),
    ]
    return min(float((one * other).sum(axis=1).min()) for one, other in pairs)
