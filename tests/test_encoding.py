"""Exported models beside the reference, and what becomes of those that cannot be exported, are
damaged or shared."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qasearch import encoding
from qasearch.encoding import Encoder, exporting, exports, load_encoder, model_files
from qasearch.encoding.onnx import _BATCH_TOKENS, OnnxEncoder, _batches
from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder
from tests.conftest import save_bert

TEXTS = [
    "tea",
    "What is tea?",
    "A longer text about tea and coffee, and what is in the water. " * 3,
    "",
    "nothing known: xyzzy",
    "water " * 200,
]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, in which nothing was exported yet; where the exports will be."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "qasearch" / "encoders"


def transformer(folder: Path, pooling: str = "mean", prompts: dict[str, str] | None = None) -> str:
    """A tiny BERT with pooling, saved as sentence-transformers does; it reads 32 tokens."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    bert = Transformer(save_bert(folder / "bert", "BertModel", 1), max_seq_length=32)
    model = SentenceTransformer(
        modules=[bert, Pooling(32, pooling_mode=pooling)], prompts=prompts, device="cpu"
    )
    model.save(str(folder / "model"))
    return str(folder / "model")


def same_vectors(one: Encoder, other: Encoder, texts: list[str]) -> None:
    np.testing.assert_allclose(one.encode_queries(texts), other.encode_queries(texts), atol=2e-6)
    np.testing.assert_allclose(
        one.encode_documents(texts), other.encode_documents(texts), atol=2e-6
    )


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_an_exported_transformer_gives_the_reference_s_vectors(
    tmp_path: Path, cache: Path, pooling: str
) -> None:
    name = transformer(tmp_path, pooling)
    encoder, reference = (
        load_encoder(name, offline=True),
        SentenceTransformerEncoder(name, offline=True),
    )
    assert isinstance(encoder, OnnxEncoder)
    same_vectors(encoder, reference, TEXTS)
    same_vectors(encoder, reference, TEXTS * 20)  # many go another way
    same_vectors(encoder, reference, TEXTS[:1])
    assert encoder.encode_queries([]).shape == (0, 32)
    assert encoder.count_tokens(TEXTS) == reference.count_tokens(TEXTS)
    for what in ("fingerprint", "dimension", "max_tokens"):
        assert getattr(encoder, what) == getattr(reference, what)


def test_an_exported_static_model_gives_the_reference_s_vectors(
    tiny_model: str, cache: Path
) -> None:
    texts = [text for text in TEXTS if text]  # the mean of no words is no vector
    encoder, reference = (
        load_encoder(tiny_model, offline=True),
        SentenceTransformerEncoder(tiny_model, offline=True),
    )
    assert isinstance(encoder, OnnxEncoder)
    same_vectors(encoder, reference, texts)
    assert encoder.count_tokens(texts) == reference.count_tokens(texts)


def test_the_prompts_of_a_model_are_kept(tmp_path: Path, cache: Path) -> None:
    name = transformer(tmp_path, prompts={"query": "question about water: ", "passage": "tea "})
    encoder, reference = (
        load_encoder(name, offline=True),
        SentenceTransformerEncoder(name, offline=True),
    )
    assert isinstance(encoder, OnnxEncoder)
    same_vectors(encoder, reference, TEXTS)
    assert not np.allclose(encoder.encode_queries(["tea"]), encoder.encode_documents(["tea"]))


def loaded(name: str) -> set[str]:
    """The modules that loading the model and encoding takes, in a new process."""
    code = (
        "import sys; from qasearch.encoding import load_encoder\n"
        f"load_encoder({name!r}, offline=True).encode_queries(['tea']); print(*sys.modules)"
    )
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
        ).stdout.split()
    )


@pytest.mark.slow
def test_torch_is_needed_once(tiny_model: str, cache: Path) -> None:
    assert "torch" in loaded(tiny_model)
    assert not loaded(tiny_model) & {"torch", "transformers", "sentence_transformers", "onnx"}


@pytest.mark.slow
def test_nothing_is_kept_of_the_user_but_the_export(tiny_model: str, tmp_path: Path) -> None:
    """onnxruntime's telemetry keeps a device id and a database of events where it is not switched
    off."""
    code = f"from qasearch.encoding import load_encoder; load_encoder({tiny_model!r}, offline=True).encode_queries(['tea'])"
    environment = {
        name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"
    }
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert [folder.name for folder in (tmp_path / "cache").iterdir()] == ["qasearch"]


def test_with_the_fingerprint_the_model_s_files_are_not_needed(tmp_path: Path, cache: Path) -> None:
    name = transformer(tmp_path)
    before = load_encoder(name, offline=True)
    Path(name).rename(tmp_path / "elsewhere")
    after = load_encoder(name, offline=True, fingerprint=before.fingerprint)
    same_vectors(before, after, TEXTS)


def test_another_fingerprint_is_another_export(tmp_path: Path, cache: Path) -> None:
    one = load_encoder(transformer(tmp_path / "a", "mean"), offline=True)
    other = load_encoder(transformer(tmp_path / "b", "cls"), offline=True)
    assert one.fingerprint != other.fingerprint
    assert len(list(cache.iterdir())) == 2


def unlike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "LOWEST_COSINE", 1.5)


def not_exportable(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no symbolic function for aten::strange\nand much more")

    monkeypatch.setattr(torch.onnx, "export", fail)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (unlike, "its vectors would differ"),
        (not_exportable, "no symbolic function for aten::strange"),
    ],
)
def test_a_model_that_cannot_be_exported_is_tried_once(
    tiny_model: str,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[pytest.MonkeyPatch], None],
    reason: str,
) -> None:
    with monkeypatch.context() as spoilt:
        spoil(spoilt)
        first = load_encoder(tiny_model, offline=True)
    second = load_encoder(tiny_model, offline=True)
    assert isinstance(first, SentenceTransformerEncoder)
    assert isinstance(second, SentenceTransformerEncoder)
    found = exports.find(first.fingerprint)
    assert found is not None
    assert found.about.reason.startswith(reason)
    assert [file.name for file in found.folder.iterdir()] == ["about.json"]


def test_a_damaged_export_is_made_again(tiny_model: str, cache: Path) -> None:
    before = load_encoder(tiny_model, offline=True)
    found = exports.find(before.fingerprint)
    assert found
    graph = found.folder / exports.GRAPH
    for damaged in (b"\0" * graph.stat().st_size, graph.read_bytes()[:-1]):
        graph.write_bytes(damaged)
        after = load_encoder(tiny_model, offline=True)
        assert isinstance(after, OnnxEncoder)
        same_vectors(before, after, ["What is tea?"])
    (found.folder / "about.json").write_text("{", encoding="utf-8")
    assert isinstance(load_encoder(tiny_model, offline=True), OnnxEncoder)
    assert len(list(cache.iterdir())) == 1


def test_without_a_cache_the_reference_answers(
    tiny_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    encoder = load_encoder(tiny_model, offline=True)
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert encoder.encode_queries(["tea"]).shape == (1, 128)


@pytest.mark.slow
def test_two_processes_export_at_once(tiny_model: str, cache: Path) -> None:
    code = f"from qasearch.encoding import load_encoder; print(type(load_encoder({tiny_model!r}, offline=True)).__name__)"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in running] == [
        "OnnxEncoder",
        "OnnxEncoder",
    ]
    (folder,) = cache.iterdir()
    assert {file.name for file in folder.iterdir()} == {
        "about.json",
        "model.data",
        "model.onnx",
        "tokenizer.json",
    }


def test_what_killed_exports_left_is_removed_after_an_hour(tiny_model: str, cache: Path) -> None:
    old, new = cache / "unfinished-old", cache / "unfinished-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (1_000_000_000, 1_000_000_000))
    load_encoder(tiny_model, offline=True)
    assert (old.exists(), new.exists()) == (False, True)


def test_an_export_for_another_onnxruntime_is_replaced(
    tiny_model: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    with monkeypatch.context() as earlier:
        earlier.setattr(onnxruntime, "__version__", "0.1")
        load_encoder(tiny_model, offline=True)
        (before,) = cache.iterdir()
    load_encoder(tiny_model, offline=True)
    (after,) = cache.iterdir()
    assert (before.name[:32], before.name != after.name) == (after.name[:32], True)


def test_several_threads_share_an_encoder(tmp_path: Path, cache: Path) -> None:
    encoder = load_encoder(transformer(tmp_path), offline=True)
    alone = {text: encoder.encode_queries([text]) for text in TEXTS}
    wrong: list[str] = []

    def ask(text: str) -> None:
        found = [encoder.encode_queries([text]) for _ in range(20)]
        wrong.extend(text for vectors in found if not np.array_equal(vectors, alone[text]))

    threads = [threading.Thread(target=ask, args=(text,)) for text in TEXTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@given(st.lists(st.integers(1, 2 * _BATCH_TOKENS), max_size=60))
def test_batches_hold_each_text_once_and_are_no_longer_than_they_should_be(
    lengths: list[int],
) -> None:
    batches = list(_batches(lengths))
    assert sorted(at for batch in batches for at in batch) == list(range(len(lengths)))
    assert all(
        len(batch) == 1 or len(batch) * max(lengths[at] for at in batch) <= _BATCH_TOKENS
        for batch in batches
    )


def test_fingerprints_follow_the_files(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    before = model_files.fingerprint(str(tmp_path))
    (tmp_path / "README.md").write_text("no part of the model", encoding="utf-8")
    assert model_files.fingerprint(str(tmp_path)) == before
    (tmp_path / "config.json").write_text("{ }", encoding="utf-8")
    assert model_files.fingerprint(str(tmp_path)) != before
    assert model_files.fingerprint("no such model") is None


@pytest.mark.parametrize("used", [True, False])
def test_many_passages_go_to_a_gpu_if_torch_finds_one(
    tiny_model: str, cache: Path, monkeypatch: pytest.MonkeyPatch, used: bool
) -> None:
    """There is none here: the reference is asked where it says that it is."""
    monkeypatch.setattr(encoding, "gpu_may_be_there", lambda: True)
    encoder = load_encoder(tiny_model, offline=True)
    asked: list[int] = []

    def encode(self: SentenceTransformerEncoder, texts: list[str]) -> object:
        asked.append(len(texts))
        return plain(self, texts)

    plain = SentenceTransformerEncoder.encode_documents
    monkeypatch.setattr(SentenceTransformerEncoder, "encode_documents", encode)
    monkeypatch.setattr(SentenceTransformerEncoder, "on_gpu", used)
    few, many = (
        encoder.encode_documents(["tea", "water"]),
        encoder.encode_documents(["tea", "water"] * 256),
    )
    assert asked == ([512] if used else [])
    np.testing.assert_allclose(many[:2], few, atol=2e-6)


def test_a_gpu_is_looked_for_without_torch() -> None:
    code = "import sys; from qasearch.encoding.gpu import gpu_may_be_there as g; g(); print('torch' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert run.stdout.strip() == "False"
