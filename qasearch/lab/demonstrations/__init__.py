"""Each concept shown on a `Space`, as words, tables, charts and numbers; one file a concept, and
what several share.

A file's `demonstrate` gives a `Demonstration`. The algorithm that it shows is in the file of the
same name above.
"""
