"""The forward pass against torch and transformers, and attention on a tiny BERT."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qasearch.encoding import load_weights, model_files
from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder
from qasearch.errors import BadRequest, ModelUnavailable
from qasearch.lab.algorithms.attention import (
    Reading,
    entropies,
    erf,
    gelu,
    head_between_words,
    layer_norm,
    parts_of_cosine,
    pooled,
    read,
    self_attention,
    softmax,
)
from qasearch.lab.charts import Curves, Grid
from qasearch.lab.demonstrations.attention import (
    MAX_TOKENS,
    beginning_of,
    demonstrate,
    layers_of,
    tell_heads,
    tell_layers,
)
from qasearch.lab.space import Space
from qasearch.settings import DEFAULT_MODEL
from tests.conftest import save_bert
from tests.lab.spaces import made_space

Save = Callable[..., str]
TEXTS = ["What is tea?", "", "tea", "water " * 80]


@pytest.fixture(scope="module")
def save(tmp_path_factory: pytest.TempPathFactory) -> Save:
    def saved(pooling: str = "mean", prompts: dict[str, str] | None = None) -> str:
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

        folder = tmp_path_factory.mktemp("bert")
        bert = Transformer(save_bert(folder / "bert", "BertModel", 1), max_seq_length=64)
        model = SentenceTransformer(
            modules=[bert, Pooling(32, pooling_mode=pooling)], prompts=prompts, device="cpu"
        )
        model.save(str(folder / "model"))
        return str(folder / "model")

    return saved


@pytest.fixture(scope="module")
def bert(save: Save) -> str:
    return save()


def floats(values: Any) -> Any:
    return np.asarray(values, np.float32)


def random(*shape: int) -> Any:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def space_of(name: str, *questions: str) -> Space:
    """A space with these questions, at the vectors of the encoder with this name.

    The answer to each question repeats it, at the same vector.
    """
    encoder = SentenceTransformerEncoder(name, offline=True)
    vectors = encoder.encode_documents(questions)
    made = made_space(
        {question: vector.tolist() for question, vector in zip(questions, vectors, strict=True)},
        {
            question: [(f"{question} And water.", vector.tolist())]
            for question, vector in zip(questions, vectors, strict=True)
        },
    )
    return replace(made, load_encoder=lambda: encoder)


def test_attention_is_the_worked_example_of_the_corpus() -> None:
    # Products 4, 2, 0 divided by sqrt(4) are 2, 1, 0. Their softmax is 0.665, 0.245, 0.090, and the
    # output (0.755, 0.335).
    q, k = np.array([[[2, 2, 0, 0]]]), np.array([[[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1]]])
    mixed, weights = self_attention(floats(q), floats(k), floats([[[1, 0], [0, 1], [1, 1]]]))
    np.testing.assert_allclose(weights, [[[0.665, 0.245, 0.090]]], atol=5e-4)
    np.testing.assert_allclose(mixed, [[[0.755, 0.335]]], atol=5e-4)


def test_large_scores_do_not_overflow() -> None:
    np.testing.assert_array_equal(softmax(floats([1000, 1000, -1000])), floats([0.5, 0.5, 0]))


def test_the_parts_are_those_of_torch() -> None:
    import torch
    from torch.nn import functional

    x, q, k, v = 3 * random(5, 8), random(2, 5, 4), 2 * random(2, 5, 4), random(2, 5, 4)
    attended = functional.scaled_dot_product_attention(
        torch.tensor(q), torch.tensor(k), torch.tensor(v)
    ).numpy()
    np.testing.assert_allclose(self_attention(q, k, v)[0], attended, atol=1e-5)
    np.testing.assert_allclose(gelu(x), functional.gelu(torch.tensor(x)).numpy(), atol=1e-5)
    weight, bias = random(8), random(8) + 1
    normalised = functional.layer_norm(
        torch.tensor(x), (8,), torch.tensor(weight), torch.tensor(bias), 1e-12
    ).numpy()
    np.testing.assert_allclose(layer_norm(x, weight, bias, 1e-12), normalised, atol=1e-4)


def test_the_error_function_is_as_accurate_as_it_says() -> None:
    x: Any = np.linspace(-5, 5, 1001)
    expected = np.array([math.erf(value) for value in x])
    assert np.abs(erf(x) - expected).max() < 1.5e-7


def same_as_transformers(name: str, folder: str, texts: list[str]) -> None:
    import torch
    import transformers

    weights = load_weights(name, offline=True)
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    for text in texts:
        ours = read(text, weights)
        ids = torch.tensor([weights.tokenizer.encode(text).ids])
        with torch.no_grad():
            theirs = model(ids, output_hidden_states=True, output_attentions=True)
        np.testing.assert_allclose(ours.states, np.concatenate(theirs.hidden_states), atol=2e-4)
        np.testing.assert_allclose(ours.attention, np.concatenate(theirs.attentions), atol=1e-4)
    vectors = SentenceTransformerEncoder(name, offline=True).encode_documents(texts)
    np.testing.assert_allclose(
        np.stack([read(text, weights).vector for text in texts]), vectors, atol=1e-4
    )


def test_a_tiny_bert_reads_as_in_transformers(bert: str) -> None:
    same_as_transformers(bert, bert, TEXTS)  # the last one is longer than there are positions


@pytest.mark.slow
def test_the_built_in_model_reads_as_in_transformers() -> None:
    texts = [
        "What is principal component analysis?",
        "naïve σ(x) = 1 / (1 + e^-x)",
        "A longer text. " * 20,
    ]
    same_as_transformers(DEFAULT_MODEL, str(model_files.built_in_folder()), texts)


def edit(file: Path, **changes: Any) -> None:
    file.write_text(
        json.dumps(json.loads(file.read_text(encoding="utf-8")) | changes), encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "roberta"}, "its architecture is 'roberta'"),
        ({"position_embedding_type": "relative_key"}, "its architecture is 'bert'"),
        ({"hidden_act": "relu"}, "its activation is 'relu', not 'gelu'"),
    ],
)
def test_other_architectures_are_refused(save: Save, changes: dict[str, str], message: str) -> None:
    name = save()
    edit(Path(name) / "config.json", **changes)
    with pytest.raises(
        ModelUnavailable, match=f"{message}.*Attention can be shown for encoders of the BERT family"
    ):
        load_weights(name, offline=True)


def test_other_pooling_and_models_that_are_no_transformers_are_refused(
    save: Save, tiny_model: str
) -> None:
    with pytest.raises(ModelUnavailable, match="it does not pool by the mean"):
        load_weights(save("cls"), offline=True)
    with pytest.raises(
        ModelUnavailable,
        match=r"its modules are not the usual ones \(Pooling, StaticEmbedding, Transf",
    ):
        load_weights(tiny_model, offline=True)


@pytest.mark.parametrize(
    "file", ["model.safetensors", "tokenizer.json", "config.json", "modules.json"]
)
def test_missing_and_damaged_files_are_named(save: Save, file: str) -> None:
    name = save()
    for damage in (lambda path: path.write_bytes(b"{"), Path.unlink):
        damage(Path(name) / file)
        with pytest.raises(
            ModelUnavailable, match=f"Cannot read the weights of the model '{name}': .*BERT family"
        ):
            load_weights(name, offline=True)


@pytest.mark.parametrize("offline", [True, False])
def test_the_hub_is_asked_only_for_missing_files(
    bert: str, monkeypatch: pytest.MonkeyPatch, *, offline: bool
) -> None:
    requests = []

    def download(
        repository: str, *, allow_patterns: list[str], local_files_only: bool = False
    ) -> str:
        requests.append((repository, local_files_only))
        if local_files_only:
            raise FileNotFoundError("not in the cache")
        return bert

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    if offline:
        with pytest.raises(
            ModelUnavailable,
            match="Cannot read the weights of the model 'some-bert': not in the cache",
        ):
            load_weights("some-bert", offline=True)
    else:
        assert load_weights("some-bert", offline=False).heads == 2
    assert (
        requests
        == [("sentence-transformers/some-bert", True), ("sentence-transformers/some-bert", False)][
            : 2 - offline
        ]
    )


def test_the_parts_of_a_cosine_add_up_to_it() -> None:
    # The sums are (1, 1) and (2, 0), so the cosine is 1 / sqrt(2). The second token adds nothing.
    parts = parts_of_cosine(floats([[1, 0], [0, 1]]), floats([[1.5, 0], [0.5, 0]]))
    np.testing.assert_allclose(parts, np.array([[1.5, 0.5], [0, 0]]) / math.sqrt(8), atol=1e-7)


def test_entropy_is_that_of_scipy_and_two_bits_for_four_alike() -> None:
    from scipy.stats import entropy

    one, alike = np.eye(4, dtype=np.float32), np.full((4, 4), 0.25, np.float32)
    np.testing.assert_array_equal(entropies(np.stack([one, alike])[None]), [[0, 2]])
    shares = softmax(random(2, 3, 5, 5))
    np.testing.assert_allclose(
        entropies(shares), entropy(shares, base=2, axis=-1).mean(axis=-1), rtol=1e-4
    )


def reading(states: Any, attention: Any) -> Reading:
    states, attention = np.asarray(states, np.float32), np.asarray(attention, np.float32)
    return Reading(tuple("abcdefgh"[: states.shape[1]]), states, attention, states[-1].mean(axis=0))


def test_the_head_that_looks_back_is_found() -> None:
    back, special, own = np.eye(4, k=-1), np.zeros((4, 4)), np.eye(4)
    back[0, 0] = special[:, 0] = 1
    assert head_between_words(floats([[special, own], [own, back]])) == (1, 1)
    numbers = tell_heads(reading(np.ones((3, 4, 2)), [[special, own], [own, back]])).numbers
    assert numbers["between_words"] == [2, 2]
    assert (numbers["between_words_looks_at"], numbers["between_words_share"]) == (
        "the token before it",
        1.0,
    )
    assert numbers["entropy_bits"] == [[0, 0], [0, 0]]
    # b and c give all their attention to the ends in `special`, and b does in `back`: 3 of 8
    assert numbers["share_of_special_tokens"] == 0.375


def test_tokens_that_point_one_way_agree() -> None:
    directions, agreement = pooled(floats([[[3, 4], [3, 4]], [[2, 0], [0, 2]]]))
    np.testing.assert_allclose(directions, [[0.6, 0.8], [0.5**0.5, 0.5**0.5]], atol=1e-6)
    np.testing.assert_allclose(agreement, [1, 0.5**0.5], atol=1e-6)


@pytest.mark.parametrize(
    ("unrelated", "widest", "text"),
    [
        (
            [[[1, 0]], [[0, 1]]],
            1,
            "The last layer separates them best: 1.00 and 0.00, a gap of 1.00",
        ),
        (
            [[[0, 1]], [[1, 0]]],
            0,
            "The gap between the two is widest after layer 0, 1.00, and 0.00 at the end",
        ),
    ],
)
def test_the_layer_that_separates_best_is_named(
    unrelated: list[list[list[int]]], widest: int, text: str
) -> None:
    attention = np.ones((1, 1, 1, 1))
    here = reading([[[1, 0]], [[1, 0]]], attention)
    finding = tell_layers(layers_of(here, here, reading(unrelated, attention)))
    assert finding.numbers["widest_gap_after_layer"] == widest
    assert finding.numbers["cosine_to_answer"] == pytest.approx([1, 1])
    assert text in str(finding.body[2])


def test_a_long_text_is_cut_where_a_token_ends(bert: str) -> None:
    weights = load_weights(bert, offline=True)
    cut = beginning_of("tea water " * 40, weights)
    assert len(weights.tokenizer.encode(cut).ids) == MAX_TOKENS
    assert cut.split() == ["tea", "water"] * ((MAX_TOKENS - 2) // 2)
    assert beginning_of("tea", weights) == "tea"


def test_a_question_is_compared_with_the_nearest_sentence(bert: str) -> None:
    space = space_of(bert, "What is tea?", "How do I make coffee?", "Why is there water?")
    demonstration = demonstrate(space, ["How do I make coffee?"])
    numbers = demonstration.numbers
    assert (numbers["question"], numbers["entry"], numbers["answer"]) == (
        "How do I make coffee?",
    ) * 3
    assert numbers["agreement"] == pytest.approx(1, abs=1e-4)
    assert numbers["cosine"] == pytest.approx(1, abs=1e-4)
    assert "The result agrees with the encoder's own vectors" in str(demonstration.body[0])
    grids = [chart for chart in demonstration.charts if isinstance(chart, Grid)]
    assert grids[0].values.sum() == pytest.approx(100, abs=1e-3)
    assert grids[0].rows == grids[0].columns == grids[2].rows
    assert [grid.values.shape for grid in grids[1:]] == [(1, 2), (len(grids[0].rows),) * 2]
    curves = next(chart for chart in demonstration.charts if isinstance(chart, Curves))
    np.testing.assert_allclose(curves.series["to its answer"], [1, 1], atol=1e-4)
    assert len(numbers["norms"]) == 2


def test_an_entry_may_be_given_and_the_most_central_one_is_taken(bert: str) -> None:
    space = space_of(bert, "What is tea?", "How do I make coffee?", "Why is there water?")
    assert (
        demonstrate(space, ["What is tea?", "Why is there water?"]).numbers["entry"]
        == "Why is there water?"
    )
    central = int(np.argmax(space.vectors @ space.vectors.sum(axis=0)))
    assert demonstrate(space, []).numbers["entry"] == space.entries[central].id


def test_a_model_with_a_prompt_gives_other_vectors(save: Save) -> None:
    demonstration = demonstrate(
        space_of(save(prompts={"query": "water coffee: "}), "What is tea?", "Why is there water?"),
        [],
    )
    assert demonstration.numbers["agreement"] < 0.9999
    assert "the encoder does something more with a text" in str(demonstration.body[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a", "b", "c"], "Attention takes a question and an entry at most"),
        ([" "], "The question is empty"),
    ],
)
def test_other_arguments_are_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        demonstrate(made_space({"a": [1, 0], "b": [0, 1]}), arguments)


def test_one_entry_is_too_few_and_a_dictionary_is_no_transformer() -> None:
    with pytest.raises(BadRequest, match=r"Attention needs at least 2 entries.* has 1 entry"):
        demonstrate(made_space({"a": [1, 0]}), [])
    with pytest.raises(ModelUnavailable, match="Cannot read the weights of the model 'dictionary'"):
        demonstrate(made_space({"a": [1, 0], "b": [0, 1]}), [])
