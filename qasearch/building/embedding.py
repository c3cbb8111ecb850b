"""Texts to vectors in the index: each text is embedded once, and vectors are stored as they are
made.
"""

from __future__ import annotations

import hashlib

from qasearch.building.options import BuildOptions, Progress, TooManyTexts
from qasearch.encoding import Encoder
from qasearch.storage.writing import Writer

_TEXTS_PER_COMMIT = 512
"""Texts embedded between two commits: an interrupted build loses at most these."""


def embedding_hash(encoder: Encoder, text: str) -> str:
    """The key of a text's vector: equal texts have the same key for the same model."""
    content = f"{encoder.fingerprint}\0document\0{text}".encode()
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def embed_missing(
    database: Writer,
    encoder: Encoder,
    texts: dict[str, str],
    options: BuildOptions,
    progress: Progress,
) -> int:
    """Embed the texts that have no vector yet and store the vectors; how many texts these were.

    Args:
        database: where the vectors are looked up and stored, in transactions of their own.
        encoder: makes the vectors.
        texts: by `embedding_hash`.
        options: a full build embeds all texts again.
        progress: called after each commit.

    Raises:
        TooManyTexts: there are more of these texts than the options allow; nothing is embedded.
    """
    known = set() if options.full else database.known_embeddings(texts)
    # texts of similar length fill a batch with less padding
    missing = sorted((key for key in texts if key not in known), key=lambda key: len(texts[key]))
    if options.embed_at_most is not None and len(missing) > options.embed_at_most:
        raise TooManyTexts(
            f"{len(missing)} texts are to be embedded, more than {options.embed_at_most}."
        )
    for start in range(0, len(missing), _TEXTS_PER_COMMIT):
        hashes = missing[start : start + _TEXTS_PER_COMMIT]
        vectors = encoder.encode_documents([texts[key] for key in hashes])
        with database.transaction():
            database.add_embeddings(hashes, vectors)
        progress("Embedding", start + len(hashes), len(missing))
    return len(missing)
