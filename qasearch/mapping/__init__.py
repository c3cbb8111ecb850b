"""The map of a corpus: its entries as points in the plane.

`projections` lays vectors out, `preservation` measures what a layout keeps, and `corpus_map` puts
both together with the questions that were asked. Nothing here draws.
"""
