"""The algorithm of each concept, written out in NumPy."""
