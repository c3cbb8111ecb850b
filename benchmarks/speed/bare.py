"""The least that a process can do that loads what a cold question needs, and answers.

    python benchmarks/speed/bare.py EXPORT INDEX "What is a latent space?"

It is the lower bound for the time of a cold question. It takes the exported model and the index as
they are, uses one nearest passage for each of the five entries, and checks nothing. It imports
nothing from this project.
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

# The vectors file: a head of 64 bytes with the shape at byte 8, the vectors, the passage ids.
(file,) = index.glob("vectors-*.f32")
shape = np.memmap(file, "<u8", "r", 8, 2)
vectors = np.memmap(file, "<f4", "r", 64, tuple(map(int, shape)))
rows = faiss.knn(vector, np.asarray(vectors), 200, metric=faiss.METRIC_INNER_PRODUCT)[1][0]
passage_ids = np.fromfile(file, "<i8", offset=file.stat().st_size - 8 * int(shape[0]))[rows]
# A passage id holds the row id of its entry above 20 bits.
entries = list(dict.fromkeys(int(passage_id) >> 20 for passage_id in passage_ids))[:5]
with sqlite3.connect(f"{(index / 'index.db').as_uri()}?mode=ro", uri=True) as database:
    query = f"SELECT * FROM entries WHERE rowid IN ({', '.join('?' * 5)})"
    click.echo(json.dumps(database.execute(query, entries).fetchall(), indent=2))
