"""The least that a process can do which loads what a cold question needs, and answers: the floor
for its time.

    python benchmarks/speed/bare.py EXPORT INDEX "What is a latent space?"

It takes the exported model and the index as they are, one nearest passage for each of the five
entries, and checks nothing.
"""

import json
import os
import sqlite3
import sys
from pathlib import Path

import click
import faiss
import numpy as np
from tokenizers import Tokenizer

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

export, index, question = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.enable_cpu_mem_arena = False
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
options.add_session_config_entry("session.disable_prepacking", "1")
session = onnxruntime.InferenceSession(
    export / "model.onnx", options, providers=["CPUExecutionProvider"]
)
ids = np.array([Tokenizer.from_file(str(export / "tokenizer.json")).encode(question).ids])
(vector,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})

(file,) = index.glob("vectors-*.f32")
rows = np.memmap(file, "<u8", "r", 8, 2)
vectors = np.memmap(file, "<f4", "r", 64, tuple(map(int, rows)))
found = faiss.knn(vector, np.asarray(vectors), 200, metric=faiss.METRIC_INNER_PRODUCT)[1][0]
passages = np.fromfile(file, "<i8", offset=file.stat().st_size - 8 * int(rows[0]))[found]
entries = list(dict.fromkeys(int(each) >> 20 for each in passages))[:5]
with sqlite3.connect(f"{(index / 'index.db').as_uri()}?mode=ro", uri=True) as database:
    query = f"SELECT * FROM entries WHERE rowid IN ({', '.join('?' * 5)})"
    click.echo(json.dumps(database.execute(query, entries).fetchall(), indent=2))
