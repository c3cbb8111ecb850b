"""Speed and memory, each beside a baseline that runs in turn with it: `python -m
benchmarks.speed`.
"""
