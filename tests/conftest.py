"""What all tests share: the tiers, the folders of a run, and models and indexes that are made once.

A run of several workers (pytest-xdist) shares one folder. What takes seconds to make is made there
by the first worker that needs it; the others wait for it and use it.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import hypothesis
import jsonschema
import pytest

if TYPE_CHECKING:
    import qasearch

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

TIERS = ("slow", "content", "engine")
"""A test belongs to one of them. They run in this order: a test that takes long must not be the
last one, which every worker but one would wait for."""

SLOW_FIXTURES = {"browser", "built_in_model"}
"""A test that needs one of these is in the tier `slow` without a marker."""

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

if IS_WORKER:
    # There is a worker for each core: more threads would only take turns. The libraries read
    # these when they are imported, which no test has done yet; child processes inherit them.
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"

# A run does the same each time, and fails for no reason of time: a machine may be busy.
# `pytest --hypothesis-profile=search` draws other examples each time, and more of them.
hypothesis.settings.register_profile(
    "same",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("same")


def put_into_tier(item: pytest.Item) -> str:
    """The tier of a test, which is marked with it: that of its marker or its fixtures, or `engine`.

    Raises:
        UsageError: it would be in two tiers.
    """
    tiers = {mark.name for mark in item.iter_markers()}.intersection(TIERS)
    if SLOW_FIXTURES.intersection(fixtures_of(item)):
        tiers.add("slow")
    if len(tiers) > 1:
        raise pytest.UsageError(f"{item.nodeid} is in two tiers: {', '.join(sorted(tiers))}.")
    tier = tiers.pop() if tiers else "engine"
    item.add_marker(tier)
    return tier


def fixtures_of(item: pytest.Item) -> list[str]:
    """The names of all fixtures that a test needs, directly or not."""
    names: list[str] = getattr(item, "fixturenames", [])
    return names


@pytest.hookimpl(tryfirst=True)  # before `-m engine` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test a tier, put the slow ones first, and skip what has no data here."""
    tiers = {item: put_into_tier(item) for item in items}

    def order(item: pytest.Item) -> tuple[int, bool]:
        # The tests of the bundled index stand together, so that one worker runs them and the
        # others have work while it is built.
        return TIERS.index(tiers[item]), "bundled_index" not in fixtures_of(item)

    items.sort(key=order)
    if not SHARED.is_dir():
        reason = f"the evaluation data is not part of the project, and {SHARED} is not there"
        for item in items:
            if item.get_closest_marker("shared"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if IS_WORKER else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


def made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder, with what `make` writes into the new folder that it is called with.

    One worker calls `make`; the folder appears whole, and the other workers wait for it.
    """
    with filelock.FileLock(f"{folder}.lock"):
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture(autouse=True, scope="session")
def own_cache(run_folder: Path) -> Iterator[None]:
    """One cache for all tests, and not the user's: each model is exported once a run."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(run_folder / "cache"))
        yield


HOMES = itertools.count()


@pytest.fixture(autouse=True)
def own_user_folders(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test reads or writes what belongs to the user who runs it, or takes settings from them."""
    # Not `mktemp`: it reads the whole folder for each new number, and there are thousands.
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(HOMES))
    for name in ("DATA", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("HF_HOME", str(home / "huggingface"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "runtime"))
    for name in [name for name in os.environ if name.startswith("QASEARCH_")]:
        monkeypatch.delenv(name)
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
    folders.
    """

    def build(files: Mapping[str, str | bytes]) -> list[str]:
        import qasearch

        folder, index = corpus(files), tmp_path / "index"
        qasearch.build(folder, index, tiny_model)
        return ["--corpus", str(folder), "--index", str(index)]

    return build


@pytest.fixture(scope="session")
def tiny_model(run_folder: Path) -> str:
    """The folder of a model by `save_tiny_model`, already exported: using it imports no torch."""
    from qasearch.encoding import load_encoder

    folder = made_once(run_folder / "tiny-model", save_tiny_model)
    with filelock.FileLock(f"{folder}.lock"):
        load_encoder(str(folder), offline=True)
    return str(folder)


def save_tiny_model(folder: Path) -> None:
    """A real sentence-transformers model: the mean of 128 fixed random numbers for each word.

    Two texts are as near as the words that they share, which a test can know beforehand.
    """
    import numpy as np
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    words = known_words()
    tokenizer = Tokenizer(
        models.WordLevel({"[UNK]": 0} | {word: n for n, word in enumerate(words, start=1)}, "[UNK]")
    )
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.random.default_rng(0).standard_normal((len(words) + 1, 128)).astype(np.float32)
    weights[0] *= 0.05
    SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu"
    ).save(str(folder))


def known_words() -> list[str]:
    """The words that the models of the tests know."""
    return sorted(set((ROOT / "tests" / "words.txt").read_text(encoding="utf-8").split()))


def save_bert(folder: Path, head: str, labels: int, **weights: float) -> str:
    """The folder, with a tiny BERT of random weights in it that are the same each time.

    Args:
        folder: is made.
        head: the class of transformers.
        labels: how many scores the model gives.
        weights: parameters that get one value throughout; the name has `_` for each dot.
    """
    import torch
    import transformers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: n for n, word in enumerate([*special, *known_words()])}
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
def tiny_cross_encoder(run_folder: Path) -> str:
    """A real cross-encoder: it scores each pair, but its weights are random."""
    return str(
        made_once(
            run_folder / "tiny-cross-encoder",
            lambda folder: save_bert(folder, "BertForSequenceClassification", 1),
        )
    )


@pytest.fixture(scope="session")
def built_in_model(run_folder: Path) -> str:
    """The name of the built-in model, already exported: using it imports no torch."""
    from qasearch.encoding import load_encoder
    from qasearch.settings import DEFAULT_MODEL

    with filelock.FileLock(run_folder / "built-in-model.lock"):
        load_encoder(DEFAULT_MODEL, offline=True)
    return DEFAULT_MODEL


@pytest.fixture(scope="session")
def bundled_index(run_folder: Path, built_in_model: str) -> Path:
    """An index of the bundled corpus with the built-in model."""
    import qasearch

    return made_once(
        run_folder / "bundled-index",
        lambda folder: qasearch.build(ROOT / "corpus", folder, built_in_model, offline=True),
    )


@pytest.fixture(scope="session")
def bundled(bundled_index: Path) -> Iterator[qasearch.Index]:
    """The index of the bundled corpus, open for asking."""
    import qasearch

    with qasearch.open(ROOT / "corpus", bundled_index, offline=True) as index:
        yield index


@dataclass(frozen=True)
class Run:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Command = Callable[..., Run]

PATIENCE_S = 300.0
"""Only what hangs takes so long: a busy machine may take a minute for a second of work."""


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
            timeout=PATIENCE_S,
        )
        check_json(done.stdout)
        return Run(done.returncode, done.stdout, done.stderr)

    return run


def check_json(printed: str) -> None:
    """Validate what a command printed against the schema that it names, if it is JSON.

    Raises:
        ValidationError: a field is missing, has another type, or is not described.
    """
    for value in json_values(printed):
        if isinstance(value, dict) and "schema" in value:
            validator_of(value["schema"]).validate(value)


def json_values(printed: str) -> list[Any]:
    """One JSON text, or one a line; none if it is anything else."""
    try:
        return [json.loads(printed)]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in printed.splitlines()]
    except ValueError:
        return []


@functools.cache
def validator_of(name: str) -> jsonschema.Draft202012Validator:
    """A validator of the schema with this name, which allows no other field."""
    from qasearch.presenting.schemas import SCHEMAS, load

    (record,) = [record for record in map(load, SCHEMAS) if record.name == name]
    return jsonschema.Draft202012Validator(record.json_schema(closed=True))
