"""The map of a corpus: its entries in the plane."""
