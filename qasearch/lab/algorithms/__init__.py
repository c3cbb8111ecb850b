"""The algorithm of each concept, written out in NumPy to be read.

One file a concept; `neighbours` serves several. Nothing here knows entries, text for the reader,
or charts.
"""
