"""Turns texts into unit vectors, and pairs of a question and a text into scores.

This file is the public face of the room. Other rooms rely on the protocols `Encoder` and
`PairScorer` and on the functions named here. Two more modules are public: `weights` has the type
that `load_weights` returns, and `model_files` says where the built-in model is. The room knows
nothing of entries, indexes and Markdown.

Importing it loads NumPy, but neither onnxruntime nor torch: see `loading`.
"""

from qasearch.encoding.encoder import Encoder, PairScorer, Scores, Vectors
from qasearch.encoding.loading import load_encoder, load_pair_scorer, load_weights, runtime_of

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
