"""The index folder: `index.db` (SQLite), `vectors-N.f32`, and `lists-N.faiss` in large corpora.

A build writes the new files, syncs them, and then commits the transaction that names them. So a
reader sees one whole generation, the new one or the one before. Nothing is pickled. This room knows
no model and no Markdown.
"""
