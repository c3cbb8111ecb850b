"""Measures speed and memory, each beside a baseline: `python -m benchmarks.speed`."""
