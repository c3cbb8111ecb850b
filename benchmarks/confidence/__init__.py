"""Fits the confidence and measures what it claims."""
