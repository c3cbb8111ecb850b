"""How good the answers are, measured on queries whose answers are known.

In the order of the data: `queries` and `qrels` read files, `judgements` puts them together,
`evaluate` asks an index by the ids that `entry_ids` knows, `metrics`, `abstention` and `resampling`
count, `figures` sums up, `report` is what comes out, and `limits` says whether that is good enough.
Knows an index only as something that can be asked.
"""
