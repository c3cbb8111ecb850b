"""Texts to unit vectors, and pairs of texts to scores. Knows no entry, no index and no Markdown.

`Encoder` and `PairScorer` are what the other rooms rely on; `load_encoder` and `load_pair_scorer`
choose how a model is loaded, and are the only ways in. `load_weights` gives the numbers inside an
encoder to those who want to look at them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from qasearch.encoding.gpu import gpu_may_be_there
from qasearch.encoding.vectors import Scores, Vectors

if TYPE_CHECKING:
    from qasearch.encoding.weights import Weights

__all__ = [
    "Encoder",
    "PairScorer",
    "Scores",
    "Vectors",
    "load_encoder",
    "load_pair_scorer",
    "load_weights",
    "runtime_of",
]


class Encoder(Protocol):
    """A sentence embedding model.

    `name` is what the user calls it, `fingerprint` changes whenever its weights do, `dimension` is
    the length of a vector, and `max_tokens` what it reads of a text, its special tokens included.
    """

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of unit norm, in the order of the texts; (0, d) for none."""
        ...

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of unit norm, in the order of the texts; (0, d) for none."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, without the model's special tokens and without
        truncation.
        """
        ...


class PairScorer(Protocol):
    """A model that reads a question and a text together. `name` is what the user calls it."""

    name: str

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """(n,) float32, finite, higher for a better answer, in the order of the texts; (0,) for
        none.

        Raises:
            ModelUnavailable: the model gives no such scores.
        """
        ...


def load_encoder(name: str, *, offline: bool, fingerprint: str | None = None) -> Encoder:
    """The model called `name`: the built-in one, a folder, or a model of the Hugging Face hub.

    It is exported to ONNX once, and from then on loaded without torch; one that cannot be is loaded
    by sentence-transformers. Only a hub model that is not in the local cache makes a network call,
    and not if `offline`.

    Args:
        name: what the user calls it.
        offline: whether network calls are forbidden.
        fingerprint: of the weights that are wanted; with an export of these, the model's files are
            not looked at.

    Raises:
        ModelUnavailable: it cannot be found, verified or loaded.
    """
    from qasearch.encoding import model_files

    wanted = fingerprint or model_files.fingerprint(name)
    if wanted and (encoder := _exported(name, wanted, offline=offline)):
        return encoder
    from qasearch.encoding.exporting import export
    from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder

    reference = SentenceTransformerEncoder(name, offline=offline)
    export(reference)
    return _exported(name, reference.fingerprint, offline=offline) or reference


def _exported(name: str, fingerprint: str, *, offline: bool) -> Encoder | None:
    """The exported model; None where there is none, or none that can be used."""
    from qasearch.encoding import exports

    found = exports.find(fingerprint)
    if found is None or found.about.reason:
        return None
    from qasearch.encoding.onnx import OnnxEncoder

    try:
        if gpu_may_be_there():
            from qasearch.encoding.accelerated import AcceleratedEncoder

            return AcceleratedEncoder(name, found, offline=offline)
        return OnnxEncoder(name, found)
    except Exception:  # noqa: BLE001 - onnxruntime and tokenizers raise what they like for a damaged file
        exports.remove(fingerprint)
        return None


def runtime_of(fingerprint: str) -> tuple[str, str]:
    """What encodes with the weights of this fingerprint, and why that is not onnxruntime ("" if it
    is).
    """
    from qasearch.encoding import exports

    found = exports.find(fingerprint)
    if found and not found.about.reason:
        return f"onnxruntime {exports.runtime_version()}", ""
    return "sentence-transformers", found.about.reason if found else "the model is not exported yet"


def load_pair_scorer(name: str, *, offline: bool) -> PairScorer:
    """The cross-encoder called `name`: a folder, or a model of the Hugging Face hub.

    Only a hub model that is not in the local cache makes a network call, and not if `offline`.

    Raises:
        ModelUnavailable: it cannot be found or loaded, or does not give one score for a pair.
    """
    from qasearch.encoding.cross_encoder import CrossEncoderScorer

    return CrossEncoderScorer(name, offline=offline)


def load_weights(name: str, *, offline: bool) -> Weights:
    """The weights of the encoder called `name`: the built-in one, a folder, or a model of the
    Hugging Face hub.

    Only a hub model that is not in the local cache makes a network call, and not if `offline`.

    Raises:
        ModelUnavailable: it is not of the BERT family, does not pool by the mean, or its files
            cannot be had or read.
    """
    from qasearch.encoding import weights

    return weights.load_weights(name, offline=offline)
