"""What an index says about itself as a whole, and the JSON in which `index.db` keeps it.

A build writes the record in its last transaction. An index without a record is one whose first
build has not ended: nobody can ask it yet. What can be counted in the tables at any time, also in
the middle of a build, is in `Counts` and not in the record.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qasearch.datatypes.flavour import Flavour
from qasearch.datatypes.index import ApproximateSearch, Calibrated, Curve
from qasearch.datatypes.options import Mode
from qasearch.datatypes.rules import NO_EXCLUDES, CorpusRules
from qasearch.errors import IndexDamaged
from qasearch.storage.connecting import REBUILD


@dataclass(frozen=True, slots=True)
class Counts:
    """How many documents, entries, unanswered entries and passages an index has.

    The same question with the same answer in several places counts as one entry. The passages of
    its copies are counted.
    """

    documents: int
    entries: int
    unanswered: int
    passages: int


@dataclass(frozen=True, slots=True)
class VectorsFile:
    """The vectors file of an index, and the search that was built for it.

    Attributes:
        generation: the build that wrote the file; the file's name contains it.
        sha256: of the header and the ids.
        approximate: how the file is searched; None if all of its vectors are compared.
    """

    generation: int
    sha256: str
    approximate: ApproximateSearch | None


@dataclass(frozen=True, slots=True)
class IndexMetadata:
    """What a build recorded about its index.

    Attributes:
        generation: 1 for the first build, one more for each later build that changed something.
        built_at: when that build ended, ISO 8601 in UTC.
        corpus: the folder that was read.
        model: the name of the embedding model.
        fingerprint: of the weights of the model.
        dimension: of the vectors.
        changed_entries: how many entries changed since `lexical_weight` was learned.
        vectors: the vectors file.
        lexical_weight: the weight of the words in the score, 0 to 1, see
            `qasearch.ranking.learning`.
        calibrated: the curves of this corpus for the confidence; None for the shipped ones.
        rules: which files were read, and as what.
        model_files: what tells whether the folder of the model changed; "" for no folder.
    """

    generation: int
    built_at: str
    corpus: Path
    model: str
    fingerprint: str
    dimension: int
    changed_entries: int
    vectors: VectorsFile
    lexical_weight: float
    calibrated: Calibrated | None = None
    rules: CorpusRules = NO_EXCLUDES
    model_files: str = ""


def encode_metadata(metadata: IndexMetadata) -> str:
    """The record as JSON, for `decode_metadata`."""
    return json.dumps(asdict(metadata) | {"corpus": str(metadata.corpus)})


def decode_metadata(text: str, file: Path) -> IndexMetadata:
    """The record that `encode_metadata` wrote.

    Raises:
        IndexDamaged: the text is something else; the message names `file`.
    """
    try:
        fields = json.loads(text)
        vectors, calibrated = fields["vectors"], fields["calibrated"]
        search, rules = vectors["approximate"], fields["rules"]
        nested = {
            "corpus": Path(fields["corpus"]),
            "vectors": VectorsFile(
                **vectors | {"approximate": ApproximateSearch(**search) if search else None}
            ),
            "calibrated": _calibrated(calibrated) if calibrated else None,
            "rules": CorpusRules(
                tuple(rules["exclude"]),
                Flavour(rules["flavour"]) if rules["flavour"] else None,
                rules["settings_file"],
            ),
        }
        return IndexMetadata(**fields | nested)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"The metadata in {file} is damaged.", REBUILD) from error


def _calibrated(fields: dict[str, Any]) -> Calibrated:
    curves = {Mode(mode): Curve(**curve) for mode, curve in fields["curves"].items()}
    return Calibrated(**fields | {"curves": curves})
