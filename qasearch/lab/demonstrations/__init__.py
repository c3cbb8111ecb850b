"""Each concept shown on a `Space`: one file a concept, with the function `demonstrate`.

The algorithm is in the file of the same name in `qasearch.lab.algorithms`. Functions with nouns as
names measure; functions that begin with `tell` make paragraphs, tables and charts from what was
measured. `held_out`, `timing` and `wording` serve several concepts.
"""
