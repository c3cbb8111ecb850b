"""The corpus that comes with qasearch: its form, its links, and that its code says what the
libraries say."""

# ruff: noqa: N806 - matrices have the letters that they have in the corpus

from __future__ import annotations

import itertools
import re
import warnings
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import yaml

import qasearch
from qasearch import ReferenceKind
from tests.conftest import ROOT, SHARED

pytestmark = pytest.mark.content

CORPUS = ROOT / "corpus"
FILES = sorted(CORPUS.glob("*/*.md"))
FENCED = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)

SEED = {
    "some-terminology": [
        "feature-space",
        "latent-space",
        "embedding-space",
        "representation-space",
        "latent-features",
        "feature-embedding",
        "feature-representation",
        "latent-representation",
        "embedding-representation",
        "latent-embedding",
        "vector",
        "domain-distribution",
    ],
    "maths": [
        "covariance",
        "correlation",
        "covariance-vs-correlation",
        "norms",
        "distances-vs-norms",
        "eigenvalues-eigenvectors",
        "pca",
        "svd",
        "k-means",
        "l1-vs-l2",
    ],
    "training-and-accuracy-metrics": [
        "precision",
        "recall",
        "f1-score",
        "confusion-matrix",
        "bias-variance",
        "bias-variance-performance",
        "roc-curve",
        "bias-variance-vs-precision-recall",
        "test-vs-validation-set",
        "validation-set-needed",
        "k-fold-cross-validation",
        "class-imbalance",
    ],
    "layer-functions": [
        "normalization",
        "batch-normalization",
        "instance-normalization",
    ],
    "optimizers": [
        "optimizer-comparison",
    ],
    "activations-and-losses": [
        "losses-and-activations",
        "sigmoid",
        "relu",
        "leaky-relu",
        "tanh",
        "hard-tanh",
        "cross-entropy",
        "binary-cross-entropy",
        "kl-divergence",
        "triplet-loss",
        "hard-triplet-mining",
    ],
    "model-compression": [
        "knowledge-distillation",
        "model-pruning",
        "model-memory-consumption",
        "tensors-in-memory",
    ],
    "some-standard-architectures": [
        "vgg",
        "resnet",
        "inception",
        "xception",
        "mobilenet",
        "capsule-networks",
    ],
    "convolution": [
        "convolution",
        "kernels-filters",
        "stride-padding",
        "depthwise-separable-improvement-factor",
    ],
    "model-deployment-and-production": [
        "data-model-concept-drift",
        "deploying-ml-models",
    ],
    "transformers-and-attention": [
        "transformers",
    ],
    "other-cool-stuff": [
        "stable-diffusion",
        "transformers-vs-cnns-robustness",
    ],
    "must-read-texts": [
        "must-read-texts",
    ],
}

# The links of the seed: of the questions, and of the preface and the sections, with the entry that
# carries them.
ROW_LINKS = {
    "covariance": ["https://towardsdatascience.com/covariance-and-correlation-321fdacab168"],
    "eigenvalues-eigenvectors": [
        "https://math.stackexchange.com/questions/23312/what-is-the-importance-of-eigenvalues-eigenvectors"
    ],
    "pca": [
        "https://www.linkedin.com/feed/update/urn:li:activity:6862677707273199616?updateEntityUrn=urn%3Ali%3Afs_feedUpdate%3A%28V2%2Curn%3Ali%3Aactivity%3A6862677707273199616%29"
    ],
    "svd": [
        "https://towardsdatascience.com/understanding-singular-value-decomposition-and-its-application-in-data-science-388a54be95d"
    ],
    "k-means": [
        "https://medium.com/@rishit.dagli/build-k-means-from-scratch-in-python-e46bf68aa875",
        "https://medium.com/analytics-vidhya/k-means-clustering-optimizing-cost-function-mathematically-1ccae156299f",
    ],
    "roc-curve": [
        "https://developers.google.com/machine-learning/crash-course/classification/roc-and-auc#:~:text=An%20ROC%20curve%20(receiver%20operating,False%20Positive%20Rate)"
    ],
    "test-vs-validation-set": [
        "https://stats.stackexchange.com/questions/19048/what-is-the-difference-between-test-set-and-validation-set"
    ],
    "k-fold-cross-validation": [
        "https://www.analyticsvidhya.com/blog/2022/02/k-fold-cross-validation-technique-and-its-essentials/"
    ],
    "class-imbalance": [
        "https://www.analyticsvidhya.com/blog/2020/07/10-techniques-to-deal-with-class-imbalance-in-machine-learning/"
    ],
    "optimizer-comparison": ["https://ruder.io/optimizing-gradient-descent/"],
    "losses-and-activations": ["https://rohanvarma.me/Loss-Functions/"],
    "model-memory-consumption": [
        "https://twitter.com/MishaLaskin/status/1546641202900082688?s=20&t=_0EDwXH88ssxNYxGoTQwvQ"
    ],
    "tensors-in-memory": [
        "https://twitter.com/francoisfleuret/status/1575756258669662208?s=20&t=V7Vfka9JIIFxJuMZhVF5DA"
    ],
    "xception": [
        "https://towardsdatascience.com/review-xception-with-depthwise-separable-convolution-better-than-inception-v3-image-dc967dd42568"
    ],
    "mobilenet": [
        "https://towardsdatascience.com/review-mobilenetv1-depthwise-separable-convolution-light-weight-model-a382df364b69"
    ],
    "capsule-networks": [
        "https://towardsdatascience.com/capsule-networks-the-new-deep-learning-network-bd917e6818e8"
    ],
    "depthwise-separable-improvement-factor": [
        "https://towardsdatascience.com/review-xception-with-depthwise-separable-convolution-better-than-inception-v3-image-dc967dd42568"
    ],
    "deploying-ml-models": [
        "https://stackoverflow.blog/2020/10/12/how-to-put-machine-learning-models-into-production/",
        "https://github.com/ahkarami/Deep-Learning-in-Production",
    ],
    "transformers": [
        "https://twitter.com/karpathy/status/1582807367988654081?s=20&t=pK-Uu90gjXRJ6fARyIVDKg"
    ],
    "stable-diffusion": [
        "https://colab.research.google.com/drive/1dlgggNa5Mz8sEAGU0wFCHhGLFooW_pf1?usp=sharing"
    ],
    "transformers-vs-cnns-robustness": [
        "https://proceedings.neurips.cc//paper/2021/file/e19347e1c3ca0c0b97de5fb3b690855a-Paper.pdf"
    ],
    "must-read-texts": [
        "https://drive.google.com/drive/folders/1yjtIYdt3fq_YYRrDZaf1P8y_P3CYt2Xi?usp=sharing"
    ],
}
OTHER_LINKS = {
    "must-read-texts": [
        "https://arxiv.org/ftp/arxiv/papers/2201/2201.00650.pdf",
        "https://ml-notes-rajatgupta.notion.site/ml-notes-rajatgupta/47bf08f60cad49ba83c0675b0a360f6a?v=b9ba5ea7dbf64a2c84f4e8ebac4ba70bhttps://ml-notes-rajatgupta.notion.site/ml-notes-rajatgupta/47bf08f60cad49ba83c0675b0a360f6a?v=b9ba5ea7dbf64a2c84f4e8ebac4ba70b",
    ],
    "vgg": [
        "https://theaisummer.com/cnn-architectures/?utm_content=204647940&utm_medium=social&utm_source=linkedin&hss_channel=lcp-42461735"
    ],
}

Array = npt.NDArray[Any]


def parts(file: Path) -> tuple[dict[str, Any], str]:
    """The front matter of a file, read by a YAML parser, and the Markdown below it."""
    empty, head, body = file.read_text(encoding="utf-8").split("---\n", 2)
    assert empty == ""
    fields = yaml.safe_load(head)
    assert isinstance(fields, dict)
    return fields, body.strip()


def words(markdown: str) -> list[str]:
    """The words of the prose: without code and displayed formulas, an inline formula as one word,
    links as text."""
    text = re.sub(r"\$\$.+?\$\$", "", FENCED.sub("", markdown), flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", re.sub(r"\$[^$]+\$", "formula", text))
    return [word for word in text.split() if re.search(r"\w", word)]


def code_of(file: Path) -> list[str]:
    return [
        match["code"] for match in FENCED.finditer(parts(file)[1]) if match["language"] == "python"
    ]


def run(code: str, name: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "block"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(code, name, "exec"), namespace)
    return namespace


each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


# Form


@each_file
def test_front_matter(file: Path) -> None:
    fields, _ = parts(file)
    assert set(fields) == {"id", "question", "aliases", "tags", "references"}
    assert fields["id"] == file.stem
    assert fields["question"].endswith("?")
    assert 12 <= len(fields["aliases"]) <= 48
    assert all(
        isinstance(text, str) and text == text.strip()
        for text in [*fields["aliases"], *fields["tags"]]
    )
    assert fields["tags"]
    assert fields["references"]
    for reference in fields["references"]:
        assert set(reference) == {"title", "url"}
        assert reference["title"].strip()
        assert re.fullmatch(r"https://[^\s/]+\.[^\s/]+(/\S*)?", reference["url"])
    urls = [reference["url"] for reference in fields["references"]]
    assert len(urls) == len(set(urls))


def test_no_id_and_no_wording_is_claimed_twice() -> None:
    heads = [parts(file)[0] for file in FILES]
    assert [
        name for name, count in Counter(head["id"] for head in heads).items() if count > 1
    ] == []
    wordings = Counter(
        " ".join(text.lower().split())
        for head in heads
        for text in [head["question"], *head["aliases"]]
    )
    assert [text for text, count in wordings.items() if count > 1] == []


@pytest.mark.parametrize(("folder", "ids"), SEED.items())
def test_the_questions_of_every_section_are_there(folder: str, ids: list[str]) -> None:
    assert set(ids) <= {file.stem for file in (CORPUS / folder).glob("*.md")}


def seed_rows() -> list[list[str]]:
    """Id, section, wording and number of references of each question of the seed."""
    lines = (SHARED / "seed" / "questions.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


@pytest.mark.shared
def test_the_ids_are_those_of_the_seed() -> None:
    wanted: dict[str, list[str]] = {}
    for name, section, *_ in seed_rows():
        wanted.setdefault(section.lower().replace(" ", "-"), []).append(name)
    assert wanted == SEED
    assert sum(map(len, SEED.values())) == 69
    there = sorted((file.parent.name, file.stem) for file in FILES)
    assert there == sorted((folder, name) for folder, names in SEED.items() for name in names)


@pytest.mark.shared
def test_every_link_of_the_seed_is_a_reference_of_its_entry() -> None:
    counts = {name: int(count) for name, _, _, count in seed_rows() if count != "0"}
    assert {name: len(urls) for name, urls in ROW_LINKS.items()} == counts
    text = (SHARED / "seed" / "ML_Interview_Answers.md").read_text(encoding="utf-8")
    found = re.findall(r"(?<!!)\[[^\]]*\]\(((?:[^()\s]|\([^()\s]*\))+)\)", text)
    table = [
        (name, url)
        for links_of in (ROW_LINKS, OTHER_LINKS)
        for name, urls in links_of.items()
        for url in urls
    ]
    assert sorted(found) == sorted(url for _, url in table)
    references = {
        (file.stem, reference["url"])
        for file in FILES
        for reference in parts(file)[0]["references"]
    }
    assert [link for link in table if link not in references] == []


def test_the_contents_list_every_answer_in_the_order_of_the_seed() -> None:
    contents = (CORPUS / "README.md").read_text(encoding="utf-8")
    questions = {f"{file.parent.name}/{file.name}": parts(file)[0]["question"] for file in FILES}
    listed = re.findall(r"^- \[(.*)\]\((.*)\)$", contents, re.MULTILINE)
    assert [path for _, path in listed] == [
        f"{folder}/{name}.md" for folder, ids in SEED.items() for name in ids
    ]
    assert {path: question for question, path in listed} == questions
    assert [entry for entry in qasearch.read(CORPUS)[0] if entry.path == "README.md"] == []


def test_the_reader_reads_what_is_written() -> None:
    entries, problems = qasearch.read(CORPUS)
    assert problems == []
    assert len(entries) == len(FILES)
    for entry in entries:
        fields, body = parts(CORPUS / entry.path)
        assert entry.id == fields["id"]
        assert entry.question == fields["question"]
        assert entry.aliases == tuple(fields["aliases"])
        assert entry.tags == tuple(fields["tags"])
        assert entry.answered
        assert entry.answer.strip() == body
        titles = [(reference.text, reference.target) for reference in entry.references][
            : len(fields["references"])
        ]
        assert titles == [
            (reference["title"], reference["url"]) for reference in fields["references"]
        ]


def test_every_relative_link_resolves() -> None:
    entries, _ = qasearch.read(CORPUS)
    local = [
        reference
        for entry in entries
        for reference in entry.references
        if reference.kind is not ReferenceKind.WEB
    ]
    assert {reference.target for reference in local if reference.exists is not True} == set()
    linked = {(CORPUS / entry.path, target) for entry in entries for target in links(entry.answer)}
    assert len(linked) >= len(entries)
    assert {target for file, target in linked if not (file.parent / target).is_file()} == set()


def links(markdown: str) -> list[str]:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", FENCED.sub("", markdown))
    return [target for target in targets if not target.startswith("https://")]


@each_file
def test_the_opening_answers_in_at_most_60_words(file: Path) -> None:
    opening = parts(file)[1].split("\n\n")[0]
    assert opening[0] not in "#|`-*>$"
    assert 10 <= len(words(opening)) <= 60


@each_file
def test_an_answer_has_120_to_620_words(file: Path) -> None:
    assert 120 <= len(words(parts(file)[1])) <= 620


def test_no_two_answers_are_nearly_the_same() -> None:
    grams = {}
    for file in FILES:
        text = re.findall(r"\w+", parts(file)[1].lower())
        grams[file.stem] = {tuple(text[at : at + 5]) for at in range(len(text) - 4)}
    similar = {
        (one, other): len(grams[one] & grams[other]) / len(grams[one] | grams[other])
        for one, other in itertools.combinations(grams, 2)
    }
    assert {pair: value for pair, value in similar.items() if value >= 0.2} == {}


# Code


@each_file
def test_python_runs_by_itself_and_checks_what_it_says(file: Path) -> None:
    for number, code in enumerate(code_of(file), start=1):
        run(code, f"{file.name}:{number}")
        assert re.search(r"^\s*assert ", code, re.MULTILINE)
        assert sum(bool(line.strip()) for line in code.splitlines()) <= 40


@cache
def block(name: str) -> dict[str, Any]:
    """What the Python of one answer defines."""
    (file,) = (file for file in FILES if file.stem == name)
    (code,) = code_of(file)
    return run(code, file.name)


RANDOM = pytest.mark.parametrize("seed", range(5))


def normal(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape) * 3 + 1


@RANDOM
def test_pearson_and_spearman_against_scipy(seed: int) -> None:
    from scipy import stats

    x, y = normal(seed, 2, 30)
    tied = np.random.default_rng(seed).integers(0, 5, size=30).astype(float)
    assert len(np.unique(tied)) < 30
    correlation = block("correlation")
    for a, b in [(x, y), (x, x + y), (x, tied), (tied, np.round(x))]:
        assert np.isclose(correlation["pearson"](a, b), stats.pearsonr(a, b).statistic)
        assert np.isclose(correlation["spearman"](a, b), stats.spearmanr(a, b).statistic)
        assert np.array_equal(correlation["average_ranks"](b), stats.rankdata(b))


@RANDOM
def test_covariance_and_correlation_matrices_against_numpy(seed: int) -> None:
    X = normal(seed, 20, 4) @ normal(seed + 100, 4, 4)
    S = block("covariance")["covariance_matrix"](X)
    assert np.allclose(S, np.cov(X, rowvar=False))
    assert np.allclose(
        block("covariance-vs-correlation")["covariance_to_correlation"](S),
        np.corrcoef(X, rowvar=False),
    )


@RANDOM
def test_distances_against_scipy(seed: int) -> None:
    from scipy.spatial import distance

    x, y, z = normal(seed, 3, 6)
    distances = block("distances-vs-norms")
    assert np.isclose(distances["euclidean"](x, y), distance.euclidean(x, y))
    assert np.isclose(distances["cosine_distance"](x, y), distance.cosine(x, y))
    assert np.isclose(distances["angle"](x, y), np.arccos(1 - distance.cosine(x, y)))
    assert distances["breaks_triangle"](distance.sqeuclidean, x, (x + z) / 2, z)
    assert not distances["breaks_triangle"](distance.cityblock, x, y, z)


@RANDOM
def test_power_iteration_against_numpy(seed: int) -> None:
    Q, _ = np.linalg.qr(normal(seed, 5, 5))
    A = Q @ np.diag([-4.0, 3, 2, 1, 0]) @ Q.T
    value, vector = block("eigenvalues-eigenvectors")["power_iteration"](A)
    values, vectors = np.linalg.eigh(A)
    largest = np.abs(values).argmax()
    assert np.isclose(value, values[largest])
    assert np.isclose(abs(vector @ vectors[:, largest]), 1)


@RANDOM
def test_k_means_against_scikit_learn(seed: int) -> None:
    from sklearn.cluster import KMeans

    X = normal(seed, 120, 3)
    k_means = block("k-means")
    seeds = k_means["k_means_plus_plus"](X, 5, np.random.default_rng(seed))
    assert len({tuple(row) for row in seeds} & {tuple(row) for row in X}) == 5
    labels, centres, history = k_means["k_means"](X, seeds, max_iter=300)
    reference = KMeans(5, init=seeds, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(X)
    assert np.isclose(history[-1], reference.inertia_)
    assert np.array_equal(labels, reference.labels_)
    assert np.allclose(centres, reference.cluster_centers_)
    assert np.isclose(history[0], ((X[:, None] - seeds) ** 2).sum(axis=2).min(axis=1).sum())
    assert np.all(np.diff(history) <= 1e-9)


def test_k_means_plus_plus_draws_with_squared_distances() -> None:
    # Of 0, 1 and 3, each is first with 1/3; then the others with 1:9, 1:4 and 9:4.
    X, rng = np.array([[0.0], [1.0], [3.0]]), np.random.default_rng(0)
    drawn = Counter(
        tuple(block("k-means")["k_means_plus_plus"](X, 2, rng).ravel().astype(int))
        for _ in range(4000)
    )
    expected = {(0, 1): 0.1, (0, 3): 0.9, (1, 0): 0.2, (1, 3): 0.8, (3, 0): 9 / 13, (3, 1): 4 / 13}
    assert set(drawn) == set(expected)
    for pair, probability in expected.items():
        assert abs(drawn[pair] / 4000 - probability / 3) < 0.025


@RANDOM
def test_shrinkage_against_scikit_learn(seed: int) -> None:
    from sklearn.linear_model import Lasso, Ridge

    y, lam = normal(seed, 8), 0.7
    lasso = Lasso(alpha=lam / len(y), fit_intercept=False, tol=1e-12).fit(np.eye(len(y)), y)
    ridge = Ridge(alpha=lam, fit_intercept=False).fit(np.eye(len(y)), y)
    shrink = block("l1-vs-l2")
    assert np.allclose(shrink["soft_threshold"](y, lam), lasso.coef_)
    assert np.allclose(shrink["ridge_shrink"](y, lam), ridge.coef_)
    assert np.array_equal(shrink["soft_threshold"](np.array([-0.5, 0, 0.5]), lam), [0, 0, 0])


@RANDOM
@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 10, np.inf])
def test_lp_norm_against_numpy(seed: int, p: float) -> None:
    x = normal(seed, 7)
    lp_norm = block("norms")["lp_norm"]
    assert np.isclose(lp_norm(x, p), np.linalg.norm(x, p))
    assert np.isclose(lp_norm(x * 1e-200, p), np.linalg.norm(x, p) * 1e-200, rtol=1e-9, atol=0)
    assert lp_norm(0 * x, p) == 0
    with pytest.raises(ValueError, match="p must be at least 1"):
        lp_norm(x, 0.5)


@RANDOM
def test_pca_against_scikit_learn(seed: int) -> None:
    from sklearn.decomposition import PCA

    X = normal(seed, 40, 5) @ np.diag([5.0, 4, 3, 2, 1])
    mean, components, variances = block("pca")["pca"](X, 3)
    reference = PCA(3, svd_solver="full").fit(X)
    assert np.allclose(mean, reference.mean_)
    assert np.allclose(variances, reference.explained_variance_)
    signs = np.sign((components * reference.components_).sum(axis=1))
    assert np.allclose(components, signs[:, None] * reference.components_)


@RANDOM
def test_svd_against_numpy(seed: int) -> None:
    A = normal(seed, 9, 3) @ normal(seed + 100, 3, 6)  # of rank 3
    U, s, Vt = block("svd")["svd"](A)
    reference = np.linalg.svd(A, full_matrices=False)
    assert s.shape == (3,)
    assert np.allclose(s, reference[1][:3])
    assert np.allclose(U * s @ Vt, A)
    assert np.allclose(U.T @ U, np.eye(3))
    assert np.allclose(Vt @ Vt.T, np.eye(3))
    for k in (1, 2, 3):
        best = reference[0][:, :k] * reference[1][:k] @ reference[2][:k]
        assert np.allclose(block("svd")["low_rank"](A, k), best)


def test_bayes_rule_against_counting() -> None:
    # Of 1000, 200 are sick; 180 of them and 40 of the 800 others raise the alarm.
    alarm_is_right = block("domain-distribution")["alarm_is_right"]
    assert np.isclose(alarm_is_right(0.2, hit=0.9, false_alarm=0.05), 180 / 220)


@RANDOM
def test_pooling_and_attention_against_scipy(seed: int) -> None:
    from scipy.special import softmax

    tokens, mask = normal(seed, 3, 5, 4), np.random.default_rng(seed).integers(0, 2, size=(3, 5))
    mask[:, 0] = 1
    embedding = block("embedding-representation")
    averages = [
        np.average(row, axis=0, weights=weights) for row, weights in zip(tokens, mask, strict=True)
    ]
    assert np.allclose(embedding["mean_pool"](tokens, mask), averages)
    small = tokens[0] / 10
    assert np.allclose(embedding["contextualise"](small), softmax(small @ small.T, axis=1) @ small)


@RANDOM
def test_rankings_against_scikit_learn(seed: int) -> None:
    from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances
    from sklearn.neighbors import NearestNeighbors

    query, items = normal(seed, 4), normal(seed + 100, 12, 4)
    dot, cosine, distance = block("embedding-space")["rankings"](query, items)
    assert dot == list(np.argsort([-np.dot(item, query) for item in items]))
    assert cosine == list(np.argsort(-cosine_similarity([query], items)[0]))
    assert distance == list(np.argsort(euclidean_distances([query], items)[0]))
    assert distance == list(
        NearestNeighbors(n_neighbors=12).fit(items).kneighbors([query], return_distance=False)[0]
    )


@RANDOM
def test_piecewise_linear_against_interpolation(seed: int) -> None:
    edges = np.sort(normal(seed, 6))
    piecewise_linear = block("feature-embedding")["piecewise_linear"]
    for x in [*np.linspace(edges[0] - 1, edges[-1] + 1, 50), *edges]:
        expected = [np.interp(x, [low, high], [0, 1]) for low, high in itertools.pairwise(edges)]
        assert np.allclose(piecewise_linear(x, edges), expected)


def test_hours_against_the_clock() -> None:
    hours = block("feature-representation")
    for hour in range(24):
        assert complex(*hours["on_circle"](hour)) == pytest.approx(np.exp(2j * np.pi * hour / 24))
        assert np.flatnonzero(hours["as_one_hot"](hour)).tolist() == [hour]
        chord = 2 * np.sin(np.pi * min(hour, 24 - hour) / 24)
        assert hours["gap"](hours["on_circle"], 0, hour) == pytest.approx(chord, abs=1e-12)


@RANDOM
def test_feature_map_against_the_polynomial_kernel(seed: int) -> None:
    from sklearn.metrics.pairwise import polynomial_kernel

    X = normal(seed, 6, 2)
    mapped = np.array([block("feature-space")["phi"](x) for x in X])
    assert np.allclose(mapped @ mapped.T, polynomial_kernel(X, degree=2, gamma=1, coef0=0))


@RANDOM
def test_quantisation_is_one_step_of_k_means_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import pairwise_distances_argmin

    Z = normal(seed, 50, 3)
    table = np.vstack([Z[:4], [[1e3, 1e3, 1e3]]])  # the last row is never the nearest
    latent = block("latent-embedding")
    index = latent["quantise"](Z, table)
    assert np.array_equal(index, pairwise_distances_argmin(Z, table))
    moved = latent["move_rows"](Z, table, index)
    for k in range(4):
        assert np.allclose(moved[k], [Z[index == k, axis].mean() for axis in range(3)])
    assert np.array_equal(moved[4], table[4])
    assert np.array_equal(table[:4], Z[:4])


@RANDOM
def test_matrix_factorisation_against_the_best_approximation(seed: int) -> None:
    R = normal(seed, 8, 3) @ normal(seed + 100, 3, 6) + 0.1 * normal(seed + 200, 8, 6)
    P, Q = block("latent-features")["matrix_factorisation"](R, np.ones(R.shape, dtype=bool), k=2)
    U, s, Vt = np.linalg.svd(R)
    assert np.allclose(P @ Q.T, U[:, :2] * s[:2] @ Vt[:2], atol=1e-4)


@RANDOM
def test_slerp_against_scipy(seed: int) -> None:
    from scipy.spatial import geometric_slerp

    start, end = (vector / np.linalg.norm(vector) for vector in normal(seed, 2, 5))
    for t in (0.0, 0.25, 0.5, 1.0):
        assert np.allclose(
            block("latent-space")["slerp"](start, end, t), geometric_slerp(start, end, t)
        )


@RANDOM
def test_linear_cka_against_gram_matrices(seed: int) -> None:
    X, Y = normal(seed, 12, 3), normal(seed + 100, 12, 5)
    centring = np.eye(12) - np.full((12, 12), 1 / 12)
    K, L = (centring @ Z @ Z.T @ centring for Z in (X, Y))
    expected = np.trace(K @ L) / np.sqrt(np.trace(K @ K) * np.trace(L @ L))
    assert np.isclose(block("representation-space")["linear_cka"](X, Y), expected)
