"""What the caller of a build gives it: its options, and the functions that it calls back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qasearch.datatypes.rules import NO_RULES, CorpusRules

if TYPE_CHECKING:
    from qasearch.encoding import Encoder

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how many parts of it are done, and how many there are."""

Loader = Callable[[str], "Encoder"]
"""From the name of a model to its encoder."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a build works.

    Attributes:
        full: whether everything is read and embedded again, also over a damaged index.
        wait: whether to wait for another build of the same index; if not, the build fails.
        embed_at_most: with more new texts than this, the build changes nothing and raises
            `TooManyTexts`. It also keeps what was learned about ranking, as learning takes seconds.
            None for no limit.
        rules: which files are read, and as what.
        are_rules_settled: whether the rules hold as they are; if not, an index that was built with
            other settings keeps what it was built with (`CorpusRules.for_building`).
    """

    full: bool = False
    wait: bool = True
    embed_at_most: int | None = None
    rules: CorpusRules = NO_RULES
    are_rules_settled: bool = False

    def rules_after(self, recorded: CorpusRules | None) -> CorpusRules:
        """The rules of a build of an index that was built with the rules `recorded`."""
        if self.are_rules_settled:
            return self.rules
        return self.rules.for_building(None if self.full else recorded)


class TooManyTexts(Exception):
    """There are more texts to embed than `BuildOptions.embed_at_most`."""
