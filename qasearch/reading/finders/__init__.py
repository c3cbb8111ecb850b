"""The ways in which documents mark a question: one file each, and `registry`, which orders them."""
