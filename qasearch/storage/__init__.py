"""What is on disk in the index folder: `index.db` (SQLite) and `vectors-<generation>.faiss`.

A build writes the new vectors file, syncs it, then commits the transaction that names it; a reader
sees one whole generation or the one before. Nothing is pickled. Knows no model and no Markdown.
"""
