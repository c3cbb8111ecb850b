"""What the owner of a corpus says of its files: which to leave out, what they were written for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qasearch.datatypes.flavour import Flavour


@dataclass(frozen=True, slots=True)
class CorpusRules:
    """How the files of a corpus are chosen and read.

    Attributes:
        exclude: patterns in gitignore's syntax for what is not read; `file#Heading` leaves out a
            section. None if nobody says.
        flavour: the program that the files were written for; None if marker files tell it.
        settings_file: the `qasearch.toml` that was read for them; "" if there was none.
    """

    exclude: tuple[str, ...] | None = None
    flavour: Flavour | None = None
    settings_file: str = ""

    def for_asking(self, recorded: CorpusRules) -> CorpusRules:
        """What holds for an index that was built with the rules `recorded`.

        A question may come from any folder, also from one whose settings know nothing of this
        corpus. What its owner left out stays left out.
        """
        flavour = self.flavour or recorded.flavour
        if self.exclude is None:
            return replace(recorded, flavour=flavour)
        if not recorded.exclude or recorded.settings_file == self.settings_file:
            return replace(self, flavour=flavour)
        both = dict.fromkeys((*self.exclude, *recorded.exclude))
        return replace(recorded, exclude=tuple(both), flavour=flavour)

    def for_building(self, recorded: CorpusRules | None) -> CorpusRules:
        """What holds for a build of an index that was built with the rules `recorded`.

        The settings that named the rules may name them no longer; those of another folder may not
        know them.
        """
        if recorded is None or recorded.settings_file == self.settings_file:
            return replace(self, exclude=self.exclude or ())
        return self.for_asking(recorded)


NO_RULES = CorpusRules()
"""Nothing is said: marker files tell the flavour, and only what nobody reads is left out."""


NO_EXCLUDES = CorpusRules(exclude=())
"""The same, and somebody says so."""


@dataclass(frozen=True, slots=True)
class ToldFlavour:
    """A flavour in a corpus, and what told it: a marker file, or the setting; "" for nothing."""

    flavour: Flavour
    told_by: str
