"""Measures the quality of answers, with queries whose answers are known.

The modules, in the order of the data:

- `lines`, `queries` and `qrels` read files, and `judgements` combines them.
- `entry_ids` finds the judged entries in the index, and `evaluate` asks the index.
- `metric_table` lists the metrics; `ranking_metrics` and `abstention` compute them.
- `resampling` computes the intervals of means and the p-values of differences.
- `summary` computes all numbers of a `report`, with `metric_values`.
- `limits` compares metrics with the limits of `--min` and `--max`.

This package knows an index only as an object that answers questions.
"""
