"""Chooses how a model is loaded.

An exported model runs in onnxruntime, without torch. A model that is not exported yet is loaded by
sentence-transformers, exported, and from then on loaded without. Every library is imported when it
is needed and not before: torch takes seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qasearch.encoding import model_files

if TYPE_CHECKING:
    from qasearch.encoding.encoder import Encoder, PairScorer
    from qasearch.encoding.weights import Weights


def load_encoder(name: str, *, offline: bool, fingerprint: str | None = None) -> Encoder:
    """The embedding model `name`: the built-in one, a folder, or a model of the Hugging Face hub.

    A model is exported to ONNX once and from then on loaded without torch. A model that cannot be
    exported is loaded by sentence-transformers. Only a model of the hub that is not in the local
    cache makes a network call.

    Args:
        name: the name that the user gave.
        offline: whether network calls are forbidden.
        fingerprint: of the weights to load. If there is an export of these weights, the files of
            the model are not read.

    Raises:
        ModelUnavailable: the model cannot be found, verified or loaded.
    """
    fingerprint = fingerprint or model_files.fingerprint(name)
    if fingerprint and (encoder := _open_export(name, fingerprint, offline=offline)):
        return encoder
    from qasearch.encoding.exporting import export
    from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder

    reference = SentenceTransformerEncoder(name, offline=offline)
    export(reference)
    return _open_export(name, reference.fingerprint, offline=offline) or reference


def load_pair_scorer(name: str, *, offline: bool) -> PairScorer:
    """The cross-encoder `name`: a folder, or a model of the Hugging Face hub.

    Only a model of the hub that is not in the local cache makes a network call.

    Args:
        name: the name that the user gave.
        offline: whether network calls are forbidden.

    Raises:
        ModelUnavailable: it cannot be found or loaded, or does not give one score for a pair.
    """
    from qasearch.encoding.cross_encoder import CrossEncoderScorer

    return CrossEncoderScorer(name, offline=offline)


def load_weights(name: str, *, offline: bool) -> Weights:
    """The weights of the embedding model `name`, for those who want to look into it.

    The model is the built-in one, a folder, or a model of the Hugging Face hub. Only a model of the
    hub that is not in the local cache makes a network call.

    Args:
        name: the name that the user gave.
        offline: whether network calls are forbidden.

    Raises:
        ModelUnavailable: the model is not of the BERT family or does not pool by the mean, or its
            files cannot be found or read.
    """
    from qasearch.encoding.weights import read_weights

    return read_weights(name, offline=offline)


def runtime_of(fingerprint: str) -> tuple[str, str]:
    """The library that encodes with the weights of this fingerprint, and why it is not onnxruntime.

    The reason is "" for onnxruntime.
    """
    from qasearch.encoding import exports
    from qasearch.encoding.exporting import missing_package
    from qasearch.encoding.onnx import runtime_version

    export = exports.find(fingerprint)
    if export is None:
        reason = missing_package() or "the model is not exported yet"
    else:
        reason = export.info.failure
    return "sentence-transformers" if reason else f"onnxruntime {runtime_version()}", reason


def _open_export(name: str, fingerprint: str, *, offline: bool) -> Encoder | None:
    """The exported model; None where there is no export, or none that can be used."""
    from qasearch.encoding import exports

    export = exports.find(fingerprint)
    if export is None or export.info.failure:
        return None
    from qasearch.encoding.gpu import GpuEncoder, may_have_gpu
    from qasearch.encoding.onnx import OnnxEncoder

    try:
        if may_have_gpu():
            return GpuEncoder(name, export, offline=offline)
        return OnnxEncoder(name, export)
    except Exception as error:  # noqa: BLE001 - any error of two libraries, for a damaged file
        import logging

        logging.getLogger(__name__).warning(
            "The export of the model '%s' in %s cannot be used and is removed: %s",
            name,
            export.folder,
            error,
        )
        exports.remove(fingerprint)
        return None
