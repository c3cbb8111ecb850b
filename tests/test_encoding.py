"""Exported models beside the reference: their vectors, and exports that fail or are damaged."""

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

from qasearch.encoding import (
    Encoder,
    exporting,
    exports,
    gpu,
    load_encoder,
    load_pair_scorer,
    model_files,
    runtime_of,
)
from qasearch.encoding.gpu import GpuEncoder
from qasearch.encoding.onnx import _BATCH_TOKENS, GRAPH, OnnxEncoder, _batches
from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder
from qasearch.errors import ModelUnavailable
from tests.conftest import save_bert

TOLERANCE = 1e-4
"""For components of unit vectors: models give slightly other ones on another processor, with
another number of threads and in another batch."""

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
    """The folder of the exports in a new, empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "qasearch" / "encoders"


def transformer(folder: Path, pooling: str = "mean", prompts: dict[str, str] | None = None) -> str:
    """A tiny BERT with pooling that reads 32 tokens, in the format of sentence-transformers."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    bert = Transformer(save_bert(folder / "bert", "BertModel", 1), max_seq_length=32)
    model = SentenceTransformer(
        modules=[bert, Pooling(32, pooling_mode=pooling)], prompts=prompts, device="cpu"
    )
    model.save(str(folder / "model"))
    return str(folder / "model")


def assert_same_vectors(one: Encoder, other: Encoder, texts: list[str]) -> None:
    for encode in ("encode_queries", "encode_documents"):
        np.testing.assert_allclose(
            getattr(one, encode)(texts), getattr(other, encode)(texts), rtol=0, atol=TOLERANCE
        )


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_an_exported_transformer_gives_the_vectors_of_the_reference(
    tmp_path: Path, cache: Path, pooling: str
) -> None:
    name = transformer(tmp_path, pooling)
    encoder = load_encoder(name, offline=True)
    reference = SentenceTransformerEncoder(name, offline=True)
    assert isinstance(encoder, OnnxEncoder)
    assert_same_vectors(encoder, reference, TEXTS)
    assert_same_vectors(encoder, reference, TEXTS * 20)  # many texts use another session
    assert_same_vectors(encoder, reference, TEXTS[:1])
    assert encoder.encode_queries([]).shape == (0, 32)
    assert encoder.count_tokens(TEXTS) == reference.count_tokens(TEXTS)
    for attribute in ("fingerprint", "dimension", "max_tokens"):
        assert getattr(encoder, attribute) == getattr(reference, attribute)


def test_an_exported_static_model_gives_the_vectors_of_the_reference(
    tiny_model: str, cache: Path
) -> None:
    texts = [text for text in TEXTS if text]  # the mean of no words is not a vector
    encoder = load_encoder(tiny_model, offline=True)
    reference = SentenceTransformerEncoder(tiny_model, offline=True)
    assert isinstance(encoder, OnnxEncoder)
    assert_same_vectors(encoder, reference, texts)
    assert encoder.count_tokens(texts) == reference.count_tokens(texts)


def test_an_export_has_the_prompts_of_its_model(tmp_path: Path, cache: Path) -> None:
    name = transformer(tmp_path, prompts={"query": "question about water: ", "passage": "tea "})
    encoder = load_encoder(name, offline=True)
    reference = SentenceTransformerEncoder(name, offline=True)
    assert isinstance(encoder, OnnxEncoder)
    assert_same_vectors(encoder, reference, TEXTS)
    difference = encoder.encode_queries(["tea"]) - encoder.encode_documents(["tea"])
    assert np.abs(difference).max() > 0.01


def printed(code: str, **environment: str) -> str:
    """What a new Python process prints that runs this code."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env=os.environ | environment,
    )
    return run.stdout.strip()


def encoding_code(model: str) -> str:
    return (
        "import sys; from qasearch.encoding import load_encoder; "
        f"load_encoder({model!r}, offline=True).encode_queries(['tea'])"
    )


def loaded(model: str) -> set[str]:
    """The modules that a new process loads to encode a text."""
    return set(printed(f"{encoding_code(model)}; print(*sys.modules)").split())


@pytest.mark.slow
def test_torch_is_needed_once(tiny_model: str, cache: Path) -> None:
    assert "torch" in loaded(tiny_model)
    assert not loaded(tiny_model) & {"torch", "transformers", "sentence_transformers", "onnx"}


@pytest.mark.slow
def test_the_cache_holds_the_export_and_no_telemetry(
    tiny_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With telemetry, onnxruntime would store a device id and a database of events."""
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    for _ in range(2):
        printed(
            encoding_code(tiny_model), HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache")
        )
    assert [folder.name for folder in (tmp_path / "cache").iterdir()] == ["qasearch"]


def test_the_files_of_a_model_with_a_known_fingerprint_are_not_needed(
    tmp_path: Path, cache: Path
) -> None:
    name = transformer(tmp_path)
    before = load_encoder(name, offline=True)
    Path(name).rename(tmp_path / "elsewhere")
    after = load_encoder(name, offline=True, fingerprint=before.fingerprint)
    assert_same_vectors(before, after, TEXTS)


def test_another_fingerprint_is_another_export(tmp_path: Path, cache: Path) -> None:
    one = load_encoder(transformer(tmp_path / "a", "mean"), offline=True)
    other = load_encoder(transformer(tmp_path / "b", "cls"), offline=True)
    assert one.fingerprint != other.fingerprint
    assert len(list(cache.iterdir())) == 2


def with_other_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "LOWEST_COSINE", 1.5)


def with_an_unknown_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no symbolic function for aten::strange\nand much more")

    monkeypatch.setattr(torch.onnx, "export", fail)


@pytest.mark.parametrize(
    ("spoil", "failure"),
    [
        (with_other_vectors, "its vectors would differ"),
        (with_an_unknown_operator, "no symbolic function for aten::strange"),
    ],
)
def test_a_model_that_cannot_be_exported_is_tried_once(
    tiny_model: str,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[pytest.MonkeyPatch], None],
    failure: str,
) -> None:
    with monkeypatch.context() as spoilt:
        spoil(spoilt)
        first = load_encoder(tiny_model, offline=True)
    assert f"'{tiny_model}' cannot be exported and stays with sentence-transformers" in caplog.text
    second = load_encoder(tiny_model, offline=True)
    assert isinstance(first, SentenceTransformerEncoder)
    assert isinstance(second, SentenceTransformerEncoder)
    export = exports.find(first.fingerprint)
    assert export is not None
    assert export.info.failure.startswith(failure)
    assert [file.name for file in export.folder.iterdir()] == ["about.json"]
    assert runtime_of(first.fingerprint) == ("sentence-transformers", export.info.failure)


def test_a_model_is_exported_as_soon_as_the_package_onnx_is_there(
    tiny_model: str, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    missing = "the Python package 'onnx' is not installed; install it: pip install onnx"
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "onnx", None)
        encoder = load_encoder(tiny_model, offline=True)
        assert runtime_of(encoder.fingerprint) == ("sentence-transformers", missing)
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert f"The model '{tiny_model}' cannot be exported: {missing}" in caplog.text
    assert runtime_of(encoder.fingerprint)[1] == "the model is not exported yet"
    assert isinstance(load_encoder(tiny_model, offline=True), OnnxEncoder)


@pytest.mark.parametrize("load", [load_encoder, load_pair_scorer])
def test_without_sentence_transformers_the_error_says_what_to_install(
    tiny_model: str,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    load: Callable[..., object],
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(
        ModelUnavailable,
        match=rf"Loading the model '{tiny_model}' needs the Python package "
        r"'sentence_transformers', which is not installed\. "
        r"Install it: pip install sentence-transformers",
    ):
        load(tiny_model, offline=True)


def test_a_damaged_export_is_made_again(
    tiny_model: str, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = load_encoder(tiny_model, offline=True)
    export = exports.find(before.fingerprint)
    assert export
    graph = export.folder / GRAPH
    for damaged in (b"\0" * graph.stat().st_size, graph.read_bytes()[:-1]):
        graph.write_bytes(damaged)
        after = load_encoder(tiny_model, offline=True)
        assert isinstance(after, OnnxEncoder)
        assert_same_vectors(before, after, ["What is tea?"])
    (export.folder / "about.json").write_text("{", encoding="utf-8")
    assert isinstance(load_encoder(tiny_model, offline=True), OnnxEncoder)
    assert len(list(cache.iterdir())) == 1
    # the size of a file tells the two other kinds of damage
    (record,) = caplog.records
    assert f"The export of the model '{tiny_model}'" in record.getMessage()
    assert "cannot be used and is removed" in record.getMessage()


def test_without_a_cache_the_reference_answers(
    tiny_model: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    encoder = load_encoder(tiny_model, offline=True)
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert encoder.encode_queries(["tea"]).shape == (1, 128)
    assert f"Cannot store an exported model in {tmp_path / 'file'}" in caplog.text


@pytest.mark.slow
def test_two_processes_export_at_once(tiny_model: str, cache: Path) -> None:
    code = (
        "from qasearch.encoding import load_encoder; "
        f"print(type(load_encoder({tiny_model!r}, offline=True)).__name__)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    types = [process.communicate()[0].strip() for process in processes]
    assert types == ["OnnxEncoder", "OnnxEncoder"]
    (folder,) = cache.iterdir()
    assert {file.name for file in folder.iterdir()} == {
        "about.json",
        "model.data",
        "model.onnx",
        "tokenizer.json",
    }


def test_folders_of_killed_exports_are_removed_after_an_hour(tiny_model: str, cache: Path) -> None:
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
    expected = {text: encoder.encode_queries([text]) for text in TEXTS}
    wrong: list[str] = []

    def ask(text: str) -> None:
        for _ in range(20):
            difference = encoder.encode_queries([text]) - expected[text]
            if np.abs(difference).max() > TOLERANCE:
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(text,)) for text in TEXTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@given(st.lists(st.integers(1, 2 * _BATCH_TOKENS), max_size=60))
def test_every_text_is_in_one_batch_and_no_batch_is_too_large(lengths: list[int]) -> None:
    batches = list(_batches(lengths))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        tokens = len(batch) * max(lengths[row] for row in batch)
        assert len(batch) == 1 or tokens <= _BATCH_TOKENS


def test_fingerprints_follow_the_files(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    before = model_files.fingerprint(str(tmp_path))
    (tmp_path / "README.md").write_text("not a part of the model", encoding="utf-8")
    assert model_files.fingerprint(str(tmp_path)) == before
    (tmp_path / "config.json").write_text("{ }", encoding="utf-8")
    assert model_files.fingerprint(str(tmp_path)) != before
    assert model_files.fingerprint("no such model") is None


@pytest.mark.parametrize("on_gpu", [True, False])
def test_many_passages_go_to_a_gpu_if_torch_finds_one(
    tiny_model: str, cache: Path, monkeypatch: pytest.MonkeyPatch, on_gpu: bool
) -> None:
    """The test machine needs no GPU: the reference only says that it is on one."""
    monkeypatch.setattr(gpu, "may_have_gpu", lambda: True)
    encoder = load_encoder(tiny_model, offline=True)
    assert isinstance(encoder, GpuEncoder)
    batch_sizes: list[int] = []

    def encode(self: SentenceTransformerEncoder, texts: list[str]) -> object:
        batch_sizes.append(len(texts))
        return encode_documents(self, texts)

    encode_documents = SentenceTransformerEncoder.encode_documents
    monkeypatch.setattr(SentenceTransformerEncoder, "encode_documents", encode)
    monkeypatch.setattr(SentenceTransformerEncoder, "on_gpu", on_gpu)
    few = encoder.encode_documents(["tea", "water"])
    many = encoder.encode_documents(["tea", "water"] * 256)
    assert batch_sizes == ([512] if on_gpu else [])
    np.testing.assert_allclose(many[:2], few, rtol=0, atol=TOLERANCE)


def test_without_the_reference_the_processor_encodes_many_passages(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(gpu, "may_have_gpu", lambda: True)
    name = transformer(tmp_path)
    encoder = load_encoder(name, offline=True)
    Path(name).rename(tmp_path / "elsewhere")
    assert encoder.encode_documents(["tea"] * 512).shape == (512, 32)
    assert "Passages are encoded without the GPU" in caplog.text


def test_no_torch_is_needed_to_look_for_a_gpu() -> None:
    code = (
        "import sys; from qasearch.encoding.gpu import may_have_gpu; "
        "may_have_gpu(); print('torch' in sys.modules)"
    )
    assert printed(code) == "False"
