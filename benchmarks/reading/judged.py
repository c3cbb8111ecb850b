"""Made-up questions and wrong limits of answers, by a sample of entries that people judged.

`judgements.tsv` has one line for each judged entry: collection, path, line of the question, rule,
a digest of the answer, the first words of the question, whether the document asks it (`yes`, `no`),
and whether its answer has the right limits (`right`, `long`, `short`, `other`, `-` without an
answer). An entry that is not found any more does not count. An entry whose answer has changed since
it was judged is judged anew; until then its limits do not count.

The sample is drawn by a hash of the place of each entry, so that it stays the same while the rest
changes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qasearch.datatypes.entry import Entry
from qasearch.reading.corpus import read_corpus

JUDGEMENTS = Path(__file__).parent / "judgements.tsv"
SAMPLE = 300
_LARGEST_SHARE = 0.2
"""No collection has more than this share of the sample, however large it is."""


@dataclass(frozen=True)
class Judgement:
    """What a person said of an entry."""

    collection: str
    path: str
    line: int
    rule: str
    answer: str
    question: str
    is_asked: str
    limits: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells entries of the collections apart."""
        return self.collection, self.path, self.line


def digest(text: str) -> str:
    """A few digits that tell whether an answer has changed."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def shortened(question: str) -> str:
    return question[:80].replace("\t", " ")


def marked_entries(collections: Path) -> Iterator[tuple[str, Entry]]:
    """The entries of all collections whose question is marked, with the name of the collection."""
    for collection in sorted(collections.iterdir()):
        for entry in read_corpus(collection / "files")[0]:
            if not entry.rule.is_note:
                yield collection.name, entry


def sample(collections: Path) -> list[tuple[str, Entry]]:
    """The entries to judge."""
    ordered = sorted(
        marked_entries(collections),
        key=lambda pair: digest(f"{pair[0]} {pair[1].path} {pair[1].question}"),
    )
    counts: Counter[str] = Counter()
    chosen: list[tuple[str, Entry]] = []
    for name, entry in ordered:
        if counts[name] < _LARGEST_SHARE * SAMPLE and len(chosen) < SAMPLE:
            counts[name] += 1
            chosen.append((name, entry))
    return chosen


def read_judgements() -> list[Judgement]:
    lines = JUDGEMENTS.read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines if line]
    return [Judgement(collection, path, int(line), *rest) for collection, path, line, *rest in rows]


def print_judged(collections: Path) -> None:
    """The share of made-up questions and of wrong limits among the judged entries."""
    judgements = {judgement.key: judgement for judgement in read_judgements()}
    found = {
        (name, entry.path, entry.question_line): entry
        for name, entry in marked_entries(collections)
    }
    judged = [judgements[key] for key in judgements if key in found]
    made_up = [judgement for judgement in judged if judgement.is_asked == "no"]
    same = [
        judgement
        for judgement in judged
        if judgement.is_asked == "yes"
        and judgement.limits != "-"
        and digest(found[judgement.key].answer) == judgement.answer
    ]
    wrong = [judgement for judgement in same if judgement.limits != "right"]
    print(
        f"{len(judged)} of {len(judgements)} judged entries are found: made-up questions "
        f"{len(made_up) / max(1, len(judged)):.1%}, wrong limits "
        f"{len(wrong) / max(1, len(same)):.1%} of {len(same)} whose answer is as it was judged"
    )
    for judgement in [*made_up, *wrong]:
        place = f"{judgement.collection}/{judgement.path}:{judgement.line}"
        print(f"  {judgement.is_asked}/{judgement.limits}  {place} {judgement.question}")


def print_sample(collections: Path) -> None:
    """The sample as judgements without a verdict, with the beginnings and ends of the answers."""
    known = {judgement.key: judgement for judgement in read_judgements()}
    for name, entry in sample(collections):
        old = known.get((name, entry.path, entry.question_line))
        if old is None or old.answer != digest(entry.answer):
            row = (name, entry.path, str(entry.question_line), entry.rule.value)
            print("\t".join([*row, digest(entry.answer), shortened(entry.question), "", ""]))
