"""The concepts of an embedding space, each shown on the user's own index: one file a concept.

A file holds the algorithm, written out in NumPy to be read, and `demonstrate`, which shows it on a `Space` and gives a
`Demonstration`: plain words with numbers, tables and figures as data. Nothing here draws, prints or knows the command
line. What a concept is about is said by an entry of the corpus that comes with qasearch; `CONCEPTS` names it.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qasearch.errors import BadRequest

if TYPE_CHECKING:
    from qasearch.lab.demonstration import Demonstration
    from qasearch.lab.space import Space


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that can be shown.

    `entries` are the ids, in the corpus that comes with qasearch, of what explains it; `arguments` is what it can be
    given, as its usage shows it.
    """

    name: str
    summary: str
    entries: tuple[str, ...]
    arguments: str = ""

    @property
    def demonstrate(self) -> Callable[[Space, Sequence[str]], Demonstration]:
        """The function that shows it."""
        module = importlib.import_module(f"qasearch.lab.{self.name.replace('-', '_')}")
        function: Callable[[Space, Sequence[str]], Demonstration] = module.demonstrate
        return function


CONCEPTS = {
    concept.name: concept
    for concept in (
        Concept(
            "embedding-space",
            "Neighbours, a vector looked at, and ways from one answer to another",
            ("embedding-space", "latent-space", "vector"),
            "[QUESTION | between A B | path A B]",
        ),
        Concept("norms", "L1, L2 and max norm, and why unit length makes measures agree", ("norms", "l1-vs-l2", "distances-vs-norms")),
        Concept("covariance", "Covariance and correlation, between dimensions and between signals", ("covariance", "correlation", "covariance-vs-correlation")),
        Concept("eigen", "Eigenvalues and eigenvectors of the covariance matrix, by power iteration", ("eigenvalues-eigenvectors",)),
        Concept("pca", "How few dimensions keep the variance, and how few keep the ranking", ("pca", "latent-features")),
        Concept("svd", "The best low-rank copies of the corpus, and what they lose", ("svd",)),
        Concept("k-means", "Clusters of entries, how many there are, and whether they are the sections", ("k-means",)),
        Concept("metrics", "Precision, recall, ROC and all that, of 'answer or none' on this index", ("precision", "recall", "f1-score", "confusion-matrix", "roc-curve")),
        Concept("drift", "Whether questions come from the distribution of the corpus", ("data-model-concept-drift", "domain-distribution", "kl-divergence"), "[FILE | DIR]"),
        Concept("triplets", "The hardest negatives: entries that should be told apart better", ("triplet-loss", "hard-triplet-mining")),
        Concept("compression", "Smaller vectors and a distilled encoder, and what each costs in recall", ("knowledge-distillation", "model-pruning", "tensors-in-memory", "model-memory-consumption")),
        Concept("attention", "Which words of a question meet which of an answer, layer by layer", ("transformers",), "[QUESTION [ENTRY]]"),
        Concept("duplicates", "The pairs nearest to each other, and the entries far from all", ("embedding-space",)),
    )
}  # fmt: skip
"""Every concept by name, in the order in which they are best read."""


def concept(name: str) -> Concept:
    """The concept with this name.

    Raises:
        BadRequest: there is none; the nearest names are offered.
    """
    if name in CONCEPTS:
        return CONCEPTS[name]
    about = {entry: each.name for each in CONCEPTS.values() for entry in each.entries}
    near = [about.get(found, found) for found in difflib.get_close_matches(name.lower(), [*CONCEPTS, *about], n=3)]
    hint = f"Did you mean {' or '.join(dict.fromkeys(near))}?" if near else "List them: qasearch lab"
    raise BadRequest(f"There is no concept '{name}'.", hint)
