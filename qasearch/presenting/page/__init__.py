"""The map of a corpus as one HTML page."""
