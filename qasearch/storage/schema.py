"""The tables of `index.db`.

A row id of an entry is never given again, so that a passage's id means the same vector for ever:
`delta` holds the vectors that the vectors file lacks, `gone` the entries whose vectors in it count
no more.
"""

FILE_NAME = "index.db"
FORMAT_VERSION = 5
"""Raised whenever an older qasearch could not read the tables, or a newer one would read them
wrongly."""

APPLICATION_ID = 0x71617365  # 'qase': tells our file from any other SQLite database

PASSAGES_PER_ENTRY = 2**20
"""A passage's id is the row id of its entry times this, plus its place in the entry: whose it is
needs no look-up."""

TOKENIZER = "porter unicode61 remove_diacritics 2"

FULL_TEXT = ("words", "spellings")

SCHEMA = f"""
CREATE TABLE metadata (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL);
CREATE TABLE counts (
    documents INTEGER NOT NULL, entries INTEGER NOT NULL, unanswered INTEGER NOT NULL,
    passages INTEGER NOT NULL);
INSERT INTO counts VALUES (0, 0, 0, 0);
CREATE TABLE word_arrays (mean_words REAL NOT NULL);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL, anchors TEXT NOT NULL, problems TEXT NOT NULL);
CREATE INDEX documents_with_problems ON documents (path) WHERE problems != '[]';
CREATE TABLE entries (
    rowid INTEGER PRIMARY KEY AUTOINCREMENT, document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    id TEXT NOT NULL, derived_id TEXT NOT NULL, declared_id TEXT NOT NULL,
    question TEXT NOT NULL, aliases TEXT NOT NULL, answer TEXT NOT NULL, answered INTEGER NOT NULL,
    breadcrumb TEXT NOT NULL, tags TEXT NOT NULL, line_start INTEGER NOT NULL, line_end INTEGER NOT NULL,
    question_line INTEGER NOT NULL, rule TEXT NOT NULL, column_start INTEGER NOT NULL, column_end INTEGER NOT NULL,
    question_line_end INTEGER NOT NULL, question_body TEXT NOT NULL,
    pair TEXT NOT NULL, copy_of INTEGER REFERENCES entries ON DELETE SET NULL, id_is_taken INTEGER NOT NULL DEFAULT 0);
CREATE INDEX entries_by_document ON entries (document_id);
CREATE INDEX entries_by_id ON entries (id);
CREATE INDEX entries_by_derived_id ON entries (derived_id);
CREATE INDEX entries_by_pair ON entries (pair) WHERE pair != '';
CREATE INDEX entries_by_copy_of ON entries (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX entries_unanswered ON entries (copy_of) WHERE NOT answered;
CREATE INDEX entries_by_declared_id ON entries (declared_id) WHERE declared_id != '';
CREATE INDEX entries_without_declared_id ON entries (declared_id) WHERE id_is_taken;
CREATE TABLE entry_references (
    entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE, position INTEGER NOT NULL,
    text TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, line INTEGER NOT NULL,
    PRIMARY KEY (entry, position)) WITHOUT ROWID;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
    kind TEXT NOT NULL, text TEXT NOT NULL, line_start INTEGER NOT NULL, line_end INTEGER NOT NULL,
    embedding TEXT NOT NULL);
CREATE INDEX passages_by_entry ON passages (entry);
CREATE INDEX passages_by_embedding ON passages (embedding);
CREATE TABLE embeddings (hash TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE delta (id INTEGER PRIMARY KEY, vector BLOB NOT NULL);
CREATE INDEX delta_ids ON delta (id);  -- counted from it, without the vectors
CREATE TABLE gone (entry INTEGER PRIMARY KEY);
CREATE TABLE arrays (name TEXT PRIMARY KEY, columns INTEGER NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
CREATE VIEW word_source AS
    SELECT rowid, breadcrumb || ' ' || question || ' ' || question_body AS question, aliases, answer, document_id
    FROM entries;
CREATE VIRTUAL TABLE words USING fts5 (
    question, aliases, answer, content='word_source', tokenize='{TOKENIZER}');
CREATE VIRTUAL TABLE instances USING fts5vocab (words, instance);
CREATE TABLE postings (word TEXT PRIMARY KEY, entries BLOB NOT NULL, weights BLOB NOT NULL);
CREATE TABLE new_postings (word TEXT, entry INTEGER, weight REAL NOT NULL, PRIMARY KEY (word, entry)) WITHOUT ROWID;
CREATE INDEX new_postings_by_entry ON new_postings (entry);
CREATE VIRTUAL TABLE spellings USING fts5 (
    question, aliases, answer, content='word_source', detail=none, columnsize=0,
    tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (spellings, row);
"""
