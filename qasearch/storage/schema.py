"""The tables of `index.db`.

The row id of an entry is never used again for another entry. So the id of a passage means the same
vector for ever, and the vectors file stays valid while entries come and go: `delta` holds the
vectors that the file lacks, `gone` the entries that are no longer in the index while their vectors
are still in the file.
"""

from qasearch.storage import rows

FILE_NAME = "index.db"
FORMAT_VERSION = 7
"""Raised whenever an older qasearch could not read the tables, or would read them wrongly."""

APPLICATION_ID = 0x71617365  # 'qase': tells our file from any other SQLite database

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""Words are stemmed, and accents do not matter."""

FULL_TEXT = ("words", "spellings")
"""The full-text tables that follow the entries: stemmed words to search, and words as they are
written, from which a misspelt word is corrected."""

SCHEMA = f"""
CREATE TABLE metadata (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL);
CREATE TABLE counts (
    documents INTEGER NOT NULL, entries INTEGER NOT NULL, unanswered INTEGER NOT NULL,
    passages INTEGER NOT NULL);
INSERT INTO counts VALUES (0, 0, 0, 0);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    read_as TEXT NOT NULL,  -- what decides how the file is read besides its text
    sha256 TEXT NOT NULL, anchors TEXT NOT NULL, problems TEXT NOT NULL,
    name TEXT NOT NULL);  -- the name by which wiki links find it
CREATE INDEX documents_by_name ON documents (name);
CREATE INDEX documents_with_problems ON documents (path) WHERE problems != '[]';
CREATE TABLE entries (
    rowid INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    id TEXT NOT NULL, derived_id TEXT NOT NULL, declared_id TEXT NOT NULL,
    id_is_taken INTEGER NOT NULL DEFAULT 0,  -- another entry has the declared id
    pair TEXT NOT NULL,  -- digest of question and answer
    copy_of INTEGER REFERENCES entries ON DELETE SET NULL,
    {rows.ENTRY.definitions});
CREATE INDEX entries_by_document ON entries (document_id);
CREATE INDEX entries_by_id ON entries (id);
CREATE INDEX entries_by_derived_id ON entries (derived_id);
CREATE INDEX entries_by_declared_id ON entries (declared_id) WHERE declared_id != '';
CREATE INDEX entries_without_declared_id ON entries (declared_id) WHERE id_is_taken;
CREATE INDEX entries_by_pair ON entries (pair) WHERE pair != '';
CREATE INDEX entries_by_copy_of ON entries (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX entries_unanswered ON entries (copy_of) WHERE NOT answered;
CREATE TABLE entry_references (
    entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE, position INTEGER NOT NULL,
    {rows.REFERENCE.definitions},
    PRIMARY KEY (entry, position)) WITHOUT ROWID;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
    embedding TEXT NOT NULL,
    {rows.PASSAGE.definitions});
CREATE INDEX passages_by_entry ON passages (entry);
CREATE INDEX passages_by_embedding ON passages (embedding);
CREATE TABLE embeddings (hash TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE delta (id INTEGER PRIMARY KEY, vector BLOB NOT NULL);
CREATE INDEX delta_ids ON delta (id);  -- rows are counted in it, without reading the vectors
CREATE TABLE gone (entry INTEGER PRIMARY KEY);
CREATE VIEW word_source AS
    SELECT rowid, breadcrumb || ' ' || question || ' ' || question_body AS question, aliases,
        answer, document_id
    FROM entries;
CREATE VIRTUAL TABLE words USING fts5 (
    question, aliases, answer, content='word_source', tokenize='{TOKENIZER}');
CREATE VIRTUAL TABLE instances USING fts5vocab (words, instance);
CREATE TABLE word_arrays (mean_words REAL NOT NULL);  -- one row if words are kept as arrays
CREATE TABLE postings (word TEXT PRIMARY KEY, entries BLOB NOT NULL, weights BLOB NOT NULL);
CREATE TABLE new_postings (
    word TEXT, entry INTEGER, weight REAL NOT NULL, PRIMARY KEY (word, entry)) WITHOUT ROWID;
CREATE INDEX new_postings_by_entry ON new_postings (entry);
CREATE VIRTUAL TABLE spellings USING fts5 (
    question, aliases, answer, content='word_source', detail=none, columnsize=0,
    tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (spellings, row);
"""
