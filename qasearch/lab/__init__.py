"""The concepts of an embedding space, to be read and to be seen on the user's own index.

One file a concept holds its algorithm, written out in NumPy. The file of the same name in `shown/`
runs it on a `Space` and says what is to be seen there: plain words with numbers, tables and charts
as data. Nothing here draws, prints or knows the command line. What a concept is about is said by
entries of the corpus that comes with qasearch; `CONCEPTS` names them.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qasearch.errors import BadRequest

if TYPE_CHECKING:
    from qasearch.lab.charts import Demonstration
    from qasearch.lab.space import Space


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that can be shown: `file` of this package is its algorithm.

    `entries` are the ids, in the corpus that comes with qasearch, of what explains it; `arguments`
    is what it can be given, as its usage shows it.
    """

    name: str
    summary: str
    entries: tuple[str, ...]
    arguments: str = ""

    @property
    def file(self) -> str:
        """The name of its files, without a suffix."""
        return self.name.replace("-", "_")

    @property
    def demonstrate(self) -> Callable[[Space, Sequence[str]], Demonstration]:
        """The function that shows it."""
        module = importlib.import_module(f"qasearch.lab.demonstrations.{self.file}")
        function: Callable[[Space, Sequence[str]], Demonstration] = module.demonstrate
        return function


CONCEPTS = {
    concept.name: concept
    for concept in (
        Concept(
            "embedding-space",
            "Neighbours, and ways between answers",
            ("embedding-space", "latent-space", "vector"),
            "[QUESTION | between A B | path A B]",
        ),
        Concept(
            "norms", "What unit length makes agree", ("norms", "l1-vs-l2", "distances-vs-norms")
        ),
        Concept(
            "covariance",
            "What varies together",
            ("covariance", "correlation", "covariance-vs-correlation"),
        ),
        Concept("eigen", "Directions that a matrix stretches", ("eigenvalues-eigenvectors",)),
        Concept("pca", "How few dimensions keep the ranking", ("pca", "latent-features")),
        Concept("svd", "Low-rank copies, and what they lose", ("svd",)),
        Concept("k-means", "Clusters, and are they the sections?", ("k-means",)),
        Concept(
            "metrics",
            "The choice of answer or none, judged",
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
            "Are new questions like the old ones?",
            ("data-model-concept-drift", "domain-distribution", "kl-divergence", "normalization"),
            "[FILE | DIR]",
        ),
        Concept(
            "triplets", "Entries to be told apart better", ("triplet-loss", "hard-triplet-mining")
        ),
        Concept(
            "compression",
            "Smaller vectors, and what they cost",
            (
                "model-memory-consumption",
                "tensors-in-memory",
                "knowledge-distillation",
                "model-pruning",
            ),
        ),
        Concept("attention", "Which words meet which", ("transformers",), "[QUESTION [ENTRY]]"),
        Concept("duplicates", "Nearest pairs, and outliers", ("embedding-space",)),
    )
}
"""Every concept by name, in the order in which they are best read."""


def concept(name: str) -> Concept:
    """The concept with this name.

    Raises:
        BadRequest: there is none; the nearest names are offered.
    """
    if name in CONCEPTS:
        return CONCEPTS[name]
    about = {entry: each.name for each in CONCEPTS.values() for entry in each.entries}
    near = [
        about.get(found, found)
        for found in difflib.get_close_matches(name.lower(), [*CONCEPTS, *about], n=3)
    ]
    hint = (
        f"Did you mean {' or '.join(dict.fromkeys(near))}?" if near else "List them: qasearch lab"
    )
    raise BadRequest(f"There is no concept '{name}'.", hint)
