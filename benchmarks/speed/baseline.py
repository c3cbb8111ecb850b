"""The baseline for speed and memory: twenty lines with sentence-transformers and FAISS.

    python benchmarks/speed/baseline.py CORPUS "What is a latent space?" MODEL

The first call makes an index in the temporary folder; later calls only ask. It imports nothing from
this project.
"""

import json
import sys
import tempfile
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer

corpus, question = Path(sys.argv[1]), sys.argv[2]
model = SentenceTransformer(sys.argv[3], local_files_only=True)
stored = Path(tempfile.gettempdir()) / f"baseline-{corpus.name}"
files = sorted(corpus.rglob("*.md"))
texts = [file.read_text(encoding="utf-8") for file in files]
if not stored.exists():
    new = faiss.IndexFlatIP(model.get_embedding_dimension())
    new.add(model.encode(texts, normalize_embeddings=True))
    faiss.write_index(new, str(stored))
index = faiss.read_index(str(stored))
scores, rows = index.search(model.encode([question], normalize_embeddings=True), 5)
hits = [
    {"path": str(files[row]), "score": float(score), "text": texts[row]}
    for score, row in zip(scores[0], rows[0], strict=True)
]
print(json.dumps(hits, indent=2))
