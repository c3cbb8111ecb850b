from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import qasearch

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not SHARED.is_dir():
        reason = f"the evaluation data is not part of the project, and {SHARED} is not there"
        for item in items:
            if item.get_closest_marker("shared"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One cache for all tests, and not the user's: each model is exported once."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def own_user_folders(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test reads or writes what belongs to the user who runs it, or takes settings from them."""
    home = tmp_path_factory.mktemp("home")
    for name in ("DATA", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("HF_HOME", str(home / "huggingface"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "runtime"))
    for name in ("CORPUS", "INDEX", "MODEL", "OFFLINE"):
        monkeypatch.delenv(f"QASEARCH_{name}", raising=False)
    monkeypatch.setenv("QASEARCH_WARM", "0")
    monkeypatch.setenv("NO_COLOR", "1")


Corpus = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Writes files below a new corpus folder and gives its path."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "corpus"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write


Built = Callable[[Mapping[str, str | bytes]], list[str]]


@pytest.fixture
def built(corpus: Corpus, tmp_path: Path, tiny_model: str) -> Built:
    """Builds an index of these files with `tiny_model` and gives the flags that name both
    folders."""

    def build(files: Mapping[str, str | bytes]) -> list[str]:
        import qasearch

        folder, index = corpus(files), tmp_path / "index"
        qasearch.build(folder, index, tiny_model)
        return ["--corpus", str(folder), "--index", str(index)]

    return build


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A real sentence-transformers model, made here: the mean of 128 fixed random numbers for each
    word.

    Two texts are as near as the words that they share, which a test can know beforehand.
    """
    import numpy as np
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    words = sorted(set((ROOT / "tests" / "words.txt").read_text(encoding="utf-8").split()))
    tokenizer = Tokenizer(
        models.WordLevel({"[UNK]": 0} | {word: n for n, word in enumerate(words, start=1)}, "[UNK]")
    )
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.random.default_rng(0).standard_normal((len(words) + 1, 128)).astype(np.float32)
    weights[0] *= 0.05
    folder = tmp_path_factory.mktemp("models") / "tiny"
    SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu"
    ).save(str(folder))
    return str(folder)


def save_bert(folder: Path, head: str, labels: int, **weights: float) -> str:
    """A tiny BERT with random weights, the same each time, in a new folder; the words are those of
    the tests.

    `head` is a class of transformers; `weights` are parameters of it that get one value throughout,
    `_` for each dot.
    """
    import torch
    import transformers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    words = sorted(set((ROOT / "tests" / "words.txt").read_text(encoding="utf-8").split()))
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: n for n, word in enumerate([*special, *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, "[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=1.0,
        num_labels=labels,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = getattr(transformers, head)(config)
    with torch.no_grad():
        for name, value in weights.items():
            model.get_parameter(name.replace("_", ".")).fill_(value)
    model.save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def tiny_cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A real cross-encoder, made here: it gives one score to each pair, but knows nothing of what
    is asked."""
    return save_bert(
        tmp_path_factory.mktemp("models") / "cross", "BertForSequenceClassification", 1
    )


@pytest.fixture(scope="session")
def bundled_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the bundled corpus with the built-in model."""
    import qasearch

    index = tmp_path_factory.mktemp("bundled") / "index"
    qasearch.build(ROOT / "corpus", index, offline=True)
    return index


@pytest.fixture(scope="session")
def bundled(bundled_index: Path) -> Iterator[qasearch.Index]:
    """The same, open for asking."""
    import qasearch

    with qasearch.open(ROOT / "corpus", bundled_index, offline=True) as index:
        yield index


@dataclass(frozen=True)
class Run:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture(name="qasearch")
def qasearch_command(tmp_path: Path) -> Command:
    """Runs the command line as a user would, in a working folder without a settings file."""

    def run(
        *arguments: str, stdin: str | None = None, cwd: Path = tmp_path, **environment: str
    ) -> Run:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "qasearch", *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            cwd=cwd,
            env=os.environ | environment,
            check=False,
            timeout=120,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    return run
