"""Concepts of machine learning, each shown on the user's own index.

A concept is two files of the same name. `algorithms/` has its algorithm, written out in NumPy.
`demonstrations/` runs it on a `Space` and tells the result as paragraphs, tables, charts and
numbers. Nothing here draws, prints or knows the command line. `CONCEPTS` lists the concepts, and
the entries of the bundled corpus that explain them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qasearch.errors import BadRequest
from qasearch.phrases import near_names

if TYPE_CHECKING:
    from qasearch.lab.charts import Demonstration
    from qasearch.lab.space import Space


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that can be shown.

    Attributes:
        name: its name on the command line.
        summary: one line for the list of concepts.
        entries: ids of the entries in the bundled corpus that explain it, the main one first.
        arguments: the arguments that it takes, as its usage line shows them; "" for none.
    """

    name: str
    summary: str
    entries: tuple[str, ...]
    arguments: str = ""

    @property
    def file(self) -> str:
        """The name of its two files, without the suffix."""
        return self.name.replace("-", "_")

    @property
    def demonstrate(self) -> Callable[[Space, Sequence[str]], Demonstration]:
        """The function that shows it on a space, with the arguments of the command line."""
        module = importlib.import_module(f"qasearch.lab.demonstrations.{self.file}")
        function: Callable[[Space, Sequence[str]], Demonstration] = module.demonstrate
        return function


CONCEPTS = {
    concept.name: concept
    for concept in (
        Concept(
            "embedding-space",
            "Neighbours, and paths between answers",
            ("embedding-space", "latent-space", "vector"),
            "[QUESTION | between A B | path A B]",
        ),
        Concept(
            "norms",
            "Which measures agree at unit length",
            ("norms", "l1-vs-l2", "distances-vs-norms"),
        ),
        Concept(
            "covariance",
            "Which dimensions vary together",
            ("covariance", "correlation", "covariance-vs-correlation"),
        ),
        Concept("eigen", "Directions of the largest variance", ("eigenvalues-eigenvectors",)),
        Concept("pca", "How few dimensions keep the ranking", ("pca", "latent-features")),
        Concept("svd", "Low-rank copies, and their error", ("svd",)),
        Concept("k-means", "Do clusters match the sections?", ("k-means",)),
        Concept(
            "metrics",
            "How good is 'answer or none'?",
            (
                "precision",
                "recall",
                "f1-score",
                "confusion-matrix",
                "roc-curve",
                "class-imbalance",
                "k-fold-cross-validation",
                "bias-variance",
            ),
        ),
        Concept(
            "drift",
            "Do new questions differ from the old?",
            ("data-model-concept-drift", "domain-distribution", "kl-divergence", "normalization"),
            "[FILE | DIR]",
        ),
        Concept(
            "triplets", "Entries that are easily confused", ("triplet-loss", "hard-triplet-mining")
        ),
        Concept(
            "compression",
            "Smaller vectors, and their cost",
            (
                "model-memory-consumption",
                "tensors-in-memory",
                "knowledge-distillation",
                "model-pruning",
            ),
        ),
        Concept("attention", "Which words match which", ("transformers",), "[QUESTION [ENTRY]]"),
        Concept("duplicates", "Nearest pairs, and outliers", ("embedding-space",)),
    )
}
"""Every concept by name, in a good order to read them."""


def concept(name: str) -> Concept:
    """The concept with this name.

    Raises:
        BadRequest: there is none; the hint names the concepts with a similar name or entry.
    """
    if name in CONCEPTS:
        return CONCEPTS[name]
    concepts = {entry: concept.name for concept in CONCEPTS.values() for entry in concept.entries}
    concepts |= {name: name for name in CONCEPTS}
    near = dict.fromkeys(concepts[word] for word in near_names(name, [*CONCEPTS, *concepts]))
    hint = f"Did you mean {' or '.join(near)}?" if near else "List the concepts: qasearch lab"
    raise BadRequest(f"There is no concept '{name}'.", hint)
