"""Measurements of quality and speed.

Each module runs by itself: `python -m benchmarks.NAME`. Nothing in the package qasearch imports
from here.
"""
