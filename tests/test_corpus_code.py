"""The code in the answers on metrics, layers, losses, optimisers and networks says what the
libraries say."""

# ruff: noqa: N803, N806, N812 - matrices have the letters that they have in the corpus, torch.nn.functional is F

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_corpus import RANDOM, Array, block, normal

pytestmark = pytest.mark.content


def labels(seed: int, classes: int, size: int) -> Array:
    """Random labels of which every class has some."""
    rng = np.random.default_rng(seed)
    return rng.permutation(
        np.concatenate([np.arange(classes), rng.integers(0, classes, size=size - classes)])
    )


def tensor(x: Any) -> Any:
    import torch

    return torch.tensor(np.asarray(x, dtype=float))


def gradients(loss: Callable[..., Any], *inputs: Any) -> list[Array]:
    """The gradients of the sum of what the loss gives, by automatic differentiation."""
    import torch

    leaves = [tensor(x).requires_grad_() for x in inputs]
    return [np.asarray(gradient) for gradient in torch.autograd.grad(loss(*leaves).sum(), leaves)]


def cost(model: Any, *shape: int) -> tuple[int, int]:
    """Parameters and multiply-adds of a model without values, for one input."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.eval()(torch.empty(1, *shape, device="meta"))
    return sum(
        parameter.numel() for parameter in model.parameters()
    ), counter.get_total_flops() // 2


# Training and accuracy metrics


@RANDOM
def test_precision_and_recall_against_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    y, guesses = labels(seed, 2, 40), labels(seed + 100, 2, 40)
    assert np.isclose(
        block("precision")["precision"](y, guesses), metrics.precision_score(y, guesses)
    )
    assert np.isclose(block("recall")["recall"](y, guesses), metrics.recall_score(y, guesses))
    for value in (0.0, 1.0):
        assert block("precision")["precision"](y, 0 * y, value) == value
        assert metrics.precision_score(y, 0 * y, zero_division=value) == value
        assert block("recall")["recall"](0 * y, guesses, value) == value
        assert metrics.recall_score(0 * y, guesses, zero_division=value) == value


@RANDOM
def test_precision_at_a_prevalence_against_weighted_cases(seed: int) -> None:
    from sklearn.metrics import precision_score

    tpr, fpr, prevalence = np.random.default_rng(seed).uniform(0.05, 0.95, size=3)
    weights = [
        prevalence * tpr,
        prevalence * (1 - tpr),
        (1 - prevalence) * fpr,
        (1 - prevalence) * (1 - fpr),
    ]
    expected = precision_score([1, 1, 0, 0], [1, 0, 1, 0], sample_weight=weights)
    assert np.isclose(block("precision")["precision_at_prevalence"](tpr, fpr, prevalence), expected)


@RANDOM
@pytest.mark.parametrize("target", [0.05, 0.5, 0.9, 1.0])
def test_threshold_for_recall_against_scikit_learn(seed: int, target: float) -> None:
    from sklearn.metrics import precision_recall_curve

    y, scores = labels(seed, 2, 60), np.round(normal(seed, 60), 1)
    assert len(np.unique(scores)) < 60
    _, recalls, thresholds = precision_recall_curve(y, scores)
    expected = thresholds[recalls[:-1] >= target].max()
    assert block("recall")["threshold_for_recall"](y, scores, target) == expected


@RANDOM
@pytest.mark.parametrize("beta", [0.5, 1, 2])
def test_f_beta_against_scikit_learn(seed: int, beta: float) -> None:
    from sklearn.metrics import f1_score, fbeta_score

    y, guesses = labels(seed, 2, 40), labels(seed + 100, 2, 40)
    f_beta = block("f1-score")["f_beta"]
    assert np.isclose(f_beta(y, guesses, beta), fbeta_score(y, guesses, beta=beta))
    assert np.isclose(f_beta(y, guesses), f1_score(y, guesses))
    assert (
        f_beta(0 * y, 0 * y, beta, 1.0)
        == fbeta_score(0 * y, 0 * y, beta=beta, zero_division=1.0)
        == 1
    )


@RANDOM
def test_confusion_matrix_against_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    y, guesses = labels(seed, 4, 80), labels(seed + 100, 4, 80)
    confusion = block("confusion-matrix")
    M = confusion["confusion_matrix"](y, guesses, 4)
    assert np.array_equal(M, metrics.confusion_matrix(y, guesses))
    assert np.isclose(confusion["cohen_kappa"](M), metrics.cohen_kappa_score(y, guesses))
    for c, expected in enumerate(metrics.multilabel_confusion_matrix(y, guesses)):
        assert np.array_equal(confusion["one_against_rest"](M, c), expected)


@RANDOM
def test_roc_curve_against_scikit_learn_and_the_rank_sum_test(seed: int) -> None:
    from scipy.stats import mannwhitneyu
    from sklearn import metrics

    y = labels(seed, 2, 80)
    roc = block("roc-curve")
    for scores in (normal(seed, 80) + y, np.round(normal(seed, 80) + y), y.astype(float)):
        curve = roc["roc_curve"](y, scores)
        for have, want in zip(
            curve, metrics.roc_curve(y, scores, drop_intermediate=False), strict=True
        ):
            assert np.allclose(have, want)
        area = metrics.roc_auc_score(y, scores)
        assert np.isclose(roc["auc"](*curve[:2]), area)
        assert np.isclose(roc["auc_by_pairs"](y, scores), area)
        wins = mannwhitneyu(scores[y == 1], scores[y == 0]).statistic
        assert np.isclose(area, wins / (np.sum(y == 1) * np.sum(y == 0)))


@pytest.mark.parametrize(("n", "k"), [(23, 5), (20, 5), (7, 7), (11, 2)])
def test_folds_against_scikit_learn(n: int, k: int) -> None:
    from sklearn.model_selection import KFold

    order = np.random.default_rng(1).permutation(n)
    splits = block("k-fold-cross-validation")["k_fold"](n, k, np.random.default_rng(1))
    assert len(splits) == k
    for (train, test), (train_at, test_at) in zip(splits, KFold(k).split(order), strict=True):
        assert np.array_equal(train, order[train_at])
        assert np.array_equal(test, order[test_at])


@RANDOM
def test_cross_validation_against_scikit_learn(seed: int) -> None:
    from sklearn.feature_selection import r_regression
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.neighbors import NearestCentroid

    y = labels(seed, 2, 40)
    X = normal(seed, 40, 6) + y[:, None]
    k_fold = block("k-fold-cross-validation")
    assert np.array_equal(
        k_fold["nearest_mean"](X, y, X + 0.5), NearestCentroid().fit(X, y).predict(X + 0.5)
    )
    order, columns = np.random.default_rng(seed).permutation(40), [4, 1, 2]
    expected = cross_val_score(NearestCentroid(), X[order][:, columns], y[order], cv=KFold(5))
    assert np.isclose(
        k_fold["cv_accuracy"](X, y, 5, np.random.default_rng(seed), columns), expected.mean()
    )
    # Columns of equal variance, but not of mean 0
    standard = (X - X.mean(axis=0)) / X.std(axis=0) + 5
    strongest = np.argsort(-np.abs(r_regression(standard, y)))[:3]
    assert np.array_equal(k_fold["most_correlated"](standard, y, 3), strongest)


@RANDOM
def test_logistic_regression_with_class_weights_against_scikit_learn(seed: int) -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(seed)
    X = np.c_[np.ones(2000), rng.normal(size=(2000, 2))]
    y = (rng.uniform(size=2000) < 1 / (1 + np.exp(2 - X[:, 1]))).astype(int)
    prior = y.mean()
    fit = block("class-imbalance")["fit_logistic"]
    for weights, named in [
        (np.ones(2000), None),
        (np.where(y == 1, (1 - prior) / prior, 1), "balanced"),
    ]:
        model = LogisticRegression(C=1e12, class_weight=named, tol=1e-10, max_iter=1000).fit(
            X[:, 1:], y
        )
        assert np.allclose(fit(X, y, weights), [*model.intercept_, *model.coef_[0]], atol=1e-4)


@RANDOM
def test_prior_correction_against_naive_bayes(seed: int) -> None:
    from sklearn.naive_bayes import GaussianNB

    y = labels(seed, 2, 60)
    X = normal(seed, 60, 2) + y[:, None]
    balanced, true = (
        GaussianNB(priors=[1 - p, p]).fit(X, y).predict_proba(X)[:, 1] for p in (0.5, 0.03)
    )
    assert np.allclose(block("class-imbalance")["correct_prior"](balanced, 0.5, 0.03), true)


@RANDOM
def test_mean_cost_against_scikit_learn(seed: int) -> None:
    from sklearn.metrics import confusion_matrix

    y, flagged = labels(seed, 2, 50), labels(seed + 100, 2, 50) == 1
    expected = np.sum(confusion_matrix(y, flagged) * [[0, 3], [7, 0]]) / 50
    assert np.isclose(block("class-imbalance")["mean_cost"](y, flagged, c_fp=3, c_fn=7), expected)


@RANDOM
def test_population_precision_and_recall_against_weighted_cases(seed: int) -> None:
    from sklearn.metrics import precision_score, recall_score

    eta = np.random.default_rng(seed).uniform(size=30)
    flagged = eta + normal(seed, 30) / 10 > 0.5
    y, guesses, weights = np.repeat([1, 0], 30), np.tile(flagged, 2), np.concatenate([eta, 1 - eta])
    expected = [
        score(y, guesses, sample_weight=weights) for score in (precision_score, recall_score)
    ]
    assert np.allclose(
        block("bias-variance-vs-precision-recall")["precision_recall"](eta, flagged), expected
    )


@pytest.mark.parametrize("k", [1, 7, 25])
def test_nearest_neighbour_scores_against_scikit_learn(k: int) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    answer, rng = block("bias-variance-vs-precision-recall"), np.random.default_rng(0)
    grid = np.linspace(0, 1, 40)
    for scores in answer["knn_scores"](k, grid, n=60, runs=3):
        x = rng.uniform(size=60)
        y = rng.uniform(size=60) < 0.1 + 0.7 * np.sin(2 * np.pi * x) ** 2
        model = KNeighborsClassifier(k).fit(x[:, None], y)
        assert np.allclose(scores, model.predict_proba(grid[:, None])[:, 1])


@RANDOM
def test_bias_and_variance_add_up_to_the_error_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import mean_squared_error

    predictions, truth = normal(seed, 9, 5), normal(seed + 100, 5)
    bias2, variance = block("bias-variance")["bias_variance"](predictions, truth)
    assert np.isclose(bias2, mean_squared_error(truth, [column.mean() for column in predictions.T]))
    assert np.isclose(bias2 + variance, mean_squared_error(np.tile(truth, (9, 1)), predictions))


@pytest.mark.parametrize("p", [0, 1, 5, 18, 22, 30, 60])
def test_error_of_least_squares_against_the_inverse_wishart_distribution(p: int) -> None:
    from scipy.stats import invwishart

    n, noise, beta = 20, 0.3, 1 / np.arange(1, 61)
    left_out = noise + np.sum(beta[p:] ** 2)
    small, large = min(p, n), max(p, n)
    spread = (
        small * np.atleast_2d(invwishart(df=large, scale=np.eye(small)).mean())[0, 0] if p else 0
    )
    lost = np.sum(beta[:p] ** 2) * (1 - small / p) if p else 0
    expected = lost + left_out * (1 + spread)
    assert np.isclose(block("bias-variance-performance")["test_error"](p, n, beta, noise), expected)


@pytest.mark.parametrize("p", [3, 40])
def test_least_norm_fit_against_scikit_learn(p: int) -> None:
    from sklearn.linear_model import LinearRegression

    n, beta, rng = 20, 1 / np.arange(1, 51), np.random.default_rng(3)
    train, test = block("bias-variance-performance")["simulate"](
        p, n, beta, 0.3, 1, np.random.default_rng(3)
    )
    X = rng.normal(size=(n, 50))
    y = X @ beta + np.sqrt(0.3) * rng.normal(size=n)
    model = LinearRegression(fit_intercept=False).fit(X[:, :p], y)
    assert np.isclose(train, np.mean((y - model.predict(X[:, :p])) ** 2))
    assert np.isclose(test, 0.3 + np.sum((model.coef_ - beta[:p]) ** 2) + np.sum(beta[p:] ** 2))


def test_gain_of_the_winner_against_the_exact_expectation() -> None:
    from scipy.stats import binom

    below = binom.cdf(np.arange(200), 200, 0.8) ** 20  # the best of 20 has at most k right
    expected = np.sum(1 - below) / 200 - 0.8
    assert abs(block("test-vs-validation-set")["gain"] - expected) < 0.001


@given(st.integers(1, 30), st.integers(0, 1000))
def test_a_split_keeps_groups_together_and_has_the_shares(tens: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(10 * tens), rng.integers(1, 5, size=10 * tens)))
    part = block("test-vs-validation-set")["split"](groups, [0.6, 0.2, 0.2], rng)
    pairs = {(int(group), int(number)) for group, number in zip(groups, part, strict=True)}
    assert len(pairs) == 10 * tens
    assert np.bincount([number for _, number in pairs]).tolist() == [6 * tens, 2 * tens, 2 * tens]


@RANDOM
@pytest.mark.parametrize("lam", [0.1, 5.0])
def test_leave_one_out_errors_against_scikit_learn(seed: int, lam: float) -> None:
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import LeaveOneOut, cross_val_predict

    X, y = normal(seed, 25, 4), normal(seed + 100, 25)
    model = Ridge(alpha=lam, fit_intercept=False)
    answer = block("validation-set-needed")
    H = answer["ridge_hat"](X, lam)
    assert np.allclose(H @ y, model.fit(X, y).predict(X))
    expected = y - cross_val_predict(model, X, y, cv=LeaveOneOut())
    assert np.allclose(answer["leave_one_out_errors"](H, y), expected)


# Layer functions


@RANDOM
def test_batch_norm_against_torch(seed: int) -> None:
    from torch.nn import functional as F

    x, dy, (gamma, beta) = normal(seed, 8, 3), normal(seed + 100, 8, 3), normal(seed + 200, 2, 3)
    answer = block("batch-normalization")

    def reference(x: Any, gamma: Any, beta: Any) -> Any:
        return F.batch_norm(x, None, None, gamma, beta, training=True)

    y, x_hat, s = answer["batch_norm"](x, gamma, beta)
    assert np.allclose(y, reference(tensor(x), tensor(gamma), tensor(beta)))
    expected = gradients(lambda *inputs: reference(*inputs) * tensor(dy), x, gamma, beta)
    for have, want in zip(
        answer["batch_norm_backward"](dy, gamma, x_hat, s), expected, strict=True
    ):
        assert np.allclose(have, want)


@RANDOM
def test_folded_batch_norm_against_torch(seed: int) -> None:
    from torch.nn import functional as F

    x, W, (b, gamma, beta, mean) = (
        normal(seed, 6, 4),
        normal(seed + 100, 4, 3),
        normal(seed + 200, 4, 3),
    )
    variance = normal(seed + 300, 3) ** 2
    W2, b2 = block("batch-normalization")["fold"](W, b, gamma, beta, mean, variance)
    linear = F.linear(tensor(x), tensor(W.T), tensor(b))
    assert np.allclose(
        x @ W2 + b2, F.batch_norm(linear, *map(tensor, (mean, variance, gamma, beta)))
    )


@RANDOM
def test_instance_norm_and_adain_against_torch(seed: int) -> None:
    import torch
    from torch.nn import functional as F

    x, style, (gamma, beta) = (
        normal(seed, 2, 3, 4, 5),
        normal(seed + 100, 2, 3, 6, 6),
        normal(seed + 200, 2, 3),
    )
    answer = block("instance-normalization")
    expected = F.instance_norm(tensor(x), weight=tensor(gamma), bias=tensor(beta))
    assert np.allclose(answer["instance_norm"](x, gamma, beta), expected)
    variance, mean = torch.var_mean(tensor(style), dim=(2, 3), correction=0, keepdim=True)
    for have, want in zip(
        answer["statistics"](style), (mean, (variance + 1e-5).sqrt()), strict=True
    ):
        assert np.allclose(have, want)
    assert np.allclose(
        answer["adain"](x, style), F.instance_norm(tensor(x)) * (variance + 1e-5).sqrt() + mean
    )


@RANDOM
def test_normalisations_against_torch(seed: int) -> None:
    from torch.nn import functional as F

    x = normal(seed, 4, 6, 3, 5)
    answer = block("normalization")
    normalise = answer["normalise"]
    assert np.allclose(normalise(x, (0, 2, 3)), F.batch_norm(tensor(x), None, None, training=True))
    assert np.allclose(normalise(x, (1, 2, 3)), F.layer_norm(tensor(x), x.shape[1:]))
    assert np.allclose(normalise(x, (2, 3)), F.instance_norm(tensor(x)))
    assert np.allclose(normalise(x, (-1,)), F.layer_norm(tensor(x), x.shape[-1:]))
    for groups in (1, 2, 3, 6):
        assert np.allclose(answer["group_norm"](x, groups), F.group_norm(tensor(x), groups))
    assert np.allclose(answer["rms_norm"](x), F.rms_norm(tensor(x), x.shape[-1:], eps=1e-5))


# Optimizers


@RANDOM
@pytest.mark.parametrize(
    ("rule", "name", "ours", "theirs"),
    [
        ("sgd", "SGD", {}, {}),
        ("momentum", "SGD", {"mu": 0.8}, {"momentum": 0.8}),
        ("momentum", "SGD", {}, {"momentum": 0.9}),
        ("nesterov", "SGD", {"mu": 0.8}, {"momentum": 0.8, "nesterov": True}),
        ("adagrad", "Adagrad", {"eps": 0.1}, {"eps": 0.1}),
        ("rmsprop", "RMSprop", {"eps": 0.1}, {"eps": 0.1, "alpha": 0.9}),
        ("rmsprop", "RMSprop", {"rho": 0.99}, {}),
        ("adam", "Adam", {"b1": 0.8, "b2": 0.9, "eps": 0.1}, {"betas": (0.8, 0.9), "eps": 0.1}),
        ("adam", "Adam", {}, {}),
        ("adamw", "AdamW", {"decay": 0.1}, {"weight_decay": 0.1}),
        ("adamw", "AdamW", {}, {}),
    ],
)
def test_update_rules_against_torch(
    seed: int, rule: str, name: str, ours: dict[str, float], theirs: dict[str, Any]
) -> None:
    import torch

    A, start = normal(seed, 4, 4), normal(seed + 100, 4)
    seen: list[Array] = []

    def gradient(at: Array) -> Array:
        seen.append(at)
        return A.T @ A @ at + np.sin(at)

    end = block("optimizer-comparison")["optimise"](rule, gradient, start, 10, 0.01, **ours)
    parameter = tensor(start).requires_grad_()
    optimiser = getattr(torch.optim, name)([parameter], lr=0.01, **theirs)
    expected = []
    for _ in range(10):
        expected.append(parameter.detach().numpy().copy())
        parameter.grad = tensor(A.T @ A @ expected[-1] + np.sin(expected[-1]))
        optimiser.step()
    # torch keeps the point ahead, at which Nesterov's gradient is taken; all other rules end where
    # torch does.
    assert np.allclose(seen, expected)
    if rule != "nesterov":
        assert np.allclose(end, parameter.detach())


# Activations and losses


@RANDOM
def test_sigmoids_and_tanh_against_scipy(seed: int) -> None:
    from scipy.special import expit

    x = np.concatenate([normal(seed, 20), 10 * normal(seed + 100, 20)])
    for name in ("sigmoid", "binary-cross-entropy", "losses-and-activations", "tanh"):
        assert np.allclose(block(name)["sigmoid"](x), expit(x), rtol=1e-12, atol=0)
    assert np.allclose(block("tanh")["tanh"](x), np.tanh(x), rtol=1e-12, atol=0)
    small = x * 1e-9
    assert np.allclose(block("tanh")["tanh"](small), np.tanh(small), rtol=1e-12, atol=0)


ACTIVATIONS: list[tuple[str, str, str, dict[str, float]]] = [
    ("sigmoid", "sigmoid", "sigmoid", {}),
    ("tanh", "tanh", "tanh", {}),
    ("relu", "relu", "relu", {}),
    ("leaky-relu", "leaky_relu", "leaky_relu", {}),
    ("leaky-relu", "leaky_relu", "leaky_relu", {"alpha": 0.2}),
    ("hard-tanh", "hard_tanh", "hardtanh", {}),
    ("hard-tanh", "hard_tanh", "hardtanh", {"low": -0.5, "high": 2}),
]


@RANDOM
@pytest.mark.parametrize(("name", "ours", "theirs", "settings"), ACTIVATIONS)
def test_activations_and_their_derivatives_against_torch(
    seed: int, name: str, ours: str, theirs: str, settings: dict[str, float]
) -> None:
    from torch.nn import functional as F

    names = {"alpha": "negative_slope", "low": "min_val", "high": "max_val"}
    renamed = {names[key]: value for key, value in settings.items()}

    def reference(x: Any) -> Any:
        return getattr(F, theirs)(x, **renamed)

    x = np.append(normal(seed, 30), [0.0, -0.5, 2.0])
    assert np.allclose(block(name)[ours](x, **settings), reference(tensor(x)))
    (slopes,) = gradients(reference, x)
    assert np.allclose(block(name)[f"{ours}_derivative"](x, **settings), slopes)


@RANDOM
def test_the_other_activations_against_torch(seed: int) -> None:
    from torch.nn import functional as F

    x = normal(seed, 30)
    activations = block("losses-and-activations")["ACTIVATIONS"]
    assert set(activations) == {"elu", "silu", "mish", "hard_swish"}
    for name, activation in activations.items():
        assert np.allclose(activation(x), getattr(F, name.replace("_", ""))(tensor(x)))
    # The slope is 1/4 here, 1/6 in torch.
    assert np.allclose(block("hard-tanh")["hard_sigmoid"](x), F.hardsigmoid(tensor(1.5 * x)))


@pytest.mark.parametrize("alpha", [0, 0.1])
def test_training_of_one_leaky_unit_against_torch(alpha: float) -> None:
    import torch
    from torch.nn import functional as F

    x, parameters = tensor([1.0, 2, 3]), [tensor(value).requires_grad_() for value in (1.0, -5.0)]
    optimiser = torch.optim.SGD(parameters, lr=0.1)
    for _ in range(100):
        loss = F.mse_loss(F.leaky_relu(parameters[0] * x + parameters[1], alpha), x)
        for parameter, slope in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            parameter.grad = slope
        optimiser.step()
    assert np.allclose(
        block("leaky-relu")["train"](alpha, steps=100), [value.item() for value in parameters]
    )


@RANDOM
def test_losses_of_residuals_and_margins_against_scipy_and_scikit_learn(seed: int) -> None:
    from scipy.special import huber
    from sklearn.metrics import hinge_loss, log_loss, mean_pinball_loss

    r, p = normal(seed, 30), np.random.default_rng(seed).uniform(0.01, 0.99, size=30)
    losses = block("losses-and-activations")["LOSSES"]
    assert set(losses) == {"huber", "quantile", "focal", "hinge"}
    for delta in (0.5, 1.0, 4.0):
        assert np.allclose(losses["huber"](r, delta), huber(delta, r))
    for tau in (0.1, 0.5, 0.9):
        assert np.isclose(losses["quantile"](r, tau).mean(), mean_pinball_loss(r, 0 * r, alpha=tau))
    y = labels(seed, 2, 30)
    assert np.isclose(losses["hinge"](r * (2 * y - 1)).mean(), hinge_loss(y, r))
    for gamma in (0.0, 2.0):
        each = [log_loss([1], [[1 - share, share]], labels=[0, 1]) for share in p]
        assert np.allclose(losses["focal"](p, gamma), (1 - p) ** gamma * each)


@RANDOM
def test_cross_entropy_against_scipy_torch_and_scikit_learn(seed: int) -> None:
    from scipy.optimize import check_grad
    from scipy.special import log_softmax, softmax
    from sklearn.metrics import log_loss
    from torch.nn import functional as F

    z, soft, hard = (
        normal(seed, 6, 4),
        softmax(normal(seed + 100, 6, 4), axis=1),
        labels(seed, 4, 6),
    )
    answer = block("cross-entropy")
    assert np.allclose(answer["log_softmax"](z), log_softmax(z, axis=1))
    loss, gradient = answer["cross_entropy"](z, soft)
    assert np.isclose(loss, F.cross_entropy(tensor(z), tensor(soft)))
    assert np.allclose(gradient, gradients(lambda z: F.cross_entropy(z, tensor(soft)), z)[0])
    assert np.isclose(
        answer["cross_entropy"](z, np.eye(4)[hard])[0], log_loss(hard, softmax(z, axis=1))
    )

    def loss_and_gradient(flat: Array) -> tuple[Any, Array]:
        loss, gradient = answer["cross_entropy"](flat.reshape(6, 4), soft)
        return loss, gradient.ravel()

    error = check_grad(
        lambda flat: loss_and_gradient(flat)[0], lambda flat: loss_and_gradient(flat)[1], z.ravel()
    )
    assert error < 1e-6


@RANDOM
def test_binary_cross_entropy_against_torch_and_scikit_learn(seed: int) -> None:
    from scipy.optimize import approx_fprime
    from scipy.special import expit
    from sklearn.metrics import log_loss
    from torch.nn import functional as F

    z, y, shares = (
        normal(seed, 30),
        labels(seed, 2, 30),
        np.random.default_rng(seed).uniform(size=30),
    )
    losses = (
        block("binary-cross-entropy")["binary_cross_entropy"],
        block("sigmoid")["bce_with_logits"],
    )
    for loss in losses:
        assert np.isclose(loss(z, y).mean(), log_loss(y, expit(z)))
        for logits in (z, 200 * z):
            expected = F.binary_cross_entropy_with_logits(
                tensor(logits), tensor(shares), reduction="none"
            )
            assert np.allclose(loss(logits, shares), expected)
        slopes = np.diag(approx_fprime(z, lambda z, loss=loss: loss(z, shares)))
        assert np.allclose(slopes, expit(z) - shares, atol=1e-6)


@RANDOM
def test_kl_divergence_against_scipy(seed: int) -> None:
    from scipy.special import rel_entr
    from scipy.stats import entropy, norm

    p, q = np.random.default_rng(seed).dirichlet(np.ones(6), size=2)
    answer = block("kl-divergence")
    kl_divergence = answer["kl_divergence"]
    assert np.isclose(kl_divergence(p, q), entropy(p, q))
    density = norm.pdf(answer["x"], loc=p[0], scale=np.sqrt(q[0]))
    assert np.allclose(answer["normal"](p[0], q[0]), density * answer["dx"])
    p[:2] = 0
    p /= p.sum()
    assert np.isclose(kl_divergence(p, q), rel_entr(p, q).sum())
    assert kl_divergence(q, p) == rel_entr(q, p).sum() == np.inf


@RANDOM
def test_triplet_loss_against_torch(seed: int) -> None:
    from torch.nn import functional as F

    triplet = normal(seed, 3, 20, 4)

    def reference(a: Any, p: Any, n: Any) -> Any:
        return F.triplet_margin_with_distance_loss(
            a,
            p,
            n,
            distance_function=lambda x, y: ((x - y) ** 2).sum(-1),
            margin=2.0,
            reduction="none",
        )

    loss, slopes = block("triplet-loss")["triplet_loss"](*triplet, 2.0)
    assert 0 < np.count_nonzero(loss) < 20
    assert np.allclose(loss, reference(*map(tensor, triplet)))
    for have, want in zip(slopes, gradients(reference, *triplet), strict=True):
        assert np.allclose(have, want)


@RANDOM
def test_hard_triplets_against_all_triplets(seed: int) -> None:
    from scipy.spatial.distance import cdist

    x, classes = normal(seed, 14, 3), np.tile([0, 1, 2, 3], 4)[:14]
    distance = cdist(x, x)
    answer = block("hard-triplet-mining")
    hardest = np.zeros(14)
    for a, p, n in itertools.product(range(14), repeat=3):
        if a != p and classes[a] == classes[p] != classes[n]:
            hardest[a] = max(hardest[a], 1.5 + distance[a, p] - distance[a, n])
            loss = max(0, 1.5 + distance[a, p] - distance[a, n])
            chosen = answer["semi_hard"](distance[a, p], distance[a, n], 1.5)
            assert chosen == (0 < loss < 1.5)
    assert np.allclose(answer["batch_hard"](x, classes, 1.5), hardest)


# Model compression


@RANDOM
@pytest.mark.parametrize(("temperature", "alpha"), [(1.0, 0.5), (4.0, 0.1), (20.0, 0.0)])
def test_distillation_against_torch(seed: int, temperature: float, alpha: float) -> None:
    from scipy.special import softmax
    from torch.nn import functional as F

    z, v = normal(seed, 2, 5)
    y = np.eye(5)[seed]

    def reference(z: Any) -> Any:
        students, teachers = (
            F.log_softmax(logits / temperature, dim=0) for logits in (z, tensor(v))
        )
        soft = F.kl_div(students, teachers, reduction="sum", log_target=True)
        return alpha * F.cross_entropy(z, tensor(y)) + (1 - alpha) * temperature**2 * soft

    answer = block("knowledge-distillation")
    assert np.allclose(answer["softmax"](300 * z), softmax(300 * z))
    loss, gradient = answer["distillation_loss"](z, v, y, temperature, alpha)
    assert np.isclose(loss, reference(tensor(z)))
    assert np.allclose(gradient, gradients(reference, z)[0])


def test_bytes_of_a_convolution_against_torch() -> None:
    import torch

    layer = torch.nn.Conv2d(3, 5, 3, padding="same", bias=False)
    output = layer(torch.zeros(2, 3, 6, 7))
    assert block("model-memory-consumption")["conv_bytes"](3, 5, 3, 6, 7, 2) == (
        layer.weight.nbytes,
        output.nbytes,
    )


def test_bytes_of_adam_and_of_a_cache_against_what_is_held() -> None:
    import torch

    parameter = torch.ones(100, requires_grad=True)
    optimiser = torch.optim.Adam([parameter])
    parameter.grad = torch.ones(100)
    optimiser.step()
    moments = sum(optimiser.state[parameter][name].nbytes for name in ("exp_avg", "exp_avg_sq"))
    held = {"weights": parameter.nbytes, "gradients": parameter.grad.nbytes, "moments": moments}
    memory = block("model-memory-consumption")
    assert {name: 100 * size for name, size in memory["ADAM_FP32"].items()} == held
    cache = np.zeros((2, 3, 11, 64), dtype=np.float16)  # keys and values, layers, tokens, width
    assert memory["kv_cache_bytes"](11, 3, 64) == cache.nbytes


@RANDOM
@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.9, 1.0])
def test_magnitude_pruning_against_torch(seed: int, sparsity: float) -> None:
    from torch.nn.utils.prune import L1Unstructured

    W = normal(seed, 6, 8)
    pruning: Any = L1Unstructured(sparsity)
    expected = pruning.compute_mask(tensor(W), tensor(np.ones_like(W)))
    assert np.array_equal(
        block("model-pruning")["magnitude_mask"](W, sparsity), np.asarray(expected) == 1
    )


@RANDOM
def test_two_of_four_pruning_against_torch(seed: int) -> None:
    W = normal(seed, 6, 8)
    kept = np.zeros((12, 4), dtype=bool)
    np.put_along_axis(
        kept, tensor(np.abs(W).reshape(12, 4)).topk(2).indices.numpy(), values=True, axis=1
    )
    assert np.array_equal(block("model-pruning")["two_of_four_mask"](W), kept.reshape(6, 8))


@given(st.lists(st.integers(1, 5), max_size=5))
def test_row_major_strides_against_numpy_and_torch(shape: list[int]) -> None:
    import torch

    x = np.empty(shape, dtype=np.float32)
    answer = block("tensors-in-memory")
    assert answer["row_major_strides"](tuple(shape)) == tuple(step // 4 for step in x.strides)
    assert answer["row_major_strides"](tuple(shape)) == torch.empty(shape).stride()


def test_strides_of_views_against_torch() -> None:
    import torch

    x = np.arange(120.0).reshape(2, 3, 4, 5)
    y, strides = torch.from_numpy(x), block("tensors-in-memory")["strides"]
    assert strides(x.transpose(0, 2, 3, 1)) == y.permute(0, 2, 3, 1).stride()
    assert strides(x[:, 1, ::2, 3:]) == y[:, 1, ::2, 3:].stride()
    assert strides(np.broadcast_to(x[0, 0], (7, 4, 5))) == y[0, 0].expand(7, 4, 5).stride()
    assert strides(x[0, 0].T) == torch.empty(4, 5).t().stride()
    again = np.lib.stride_tricks.as_strided(x, (2, 3), tuple(8 * step for step in strides(x)[1:3]))
    assert np.array_equal(again, x[0, :2, :3, 0])


# Architectures


@RANDOM
def test_squash_and_routing_against_loops(seed: int) -> None:
    from scipy.special import softmax
    from torch.nn import functional as F

    predictions = normal(seed, 4, 3, 5) / 3
    capsules = block("capsule-networks")

    def squash(s: Array) -> Array:
        return np.asarray(F.normalize(tensor(s), dim=-1) * np.dot(s, s) / (1 + np.dot(s, s)))

    s = normal(seed, 5)
    assert np.allclose(capsules["squash"](s), squash(s))
    assert np.array_equal(capsules["squash"](0 * s), 0 * s)
    logits = np.zeros((4, 3))
    for _ in range(3):
        couplings = softmax(logits, axis=1)
        upper = [
            squash(sum(couplings[i, j] * predictions[i, j] for i in range(4))) for j in range(3)
        ]
        logits = logits + [
            [np.dot(predictions[i, j], upper[j]) for j in range(3)] for i in range(4)
        ]
    v, c = capsules["route"](predictions)
    assert np.allclose(v, upper)
    assert np.allclose(c, couplings)


def test_parameters_of_the_capsule_network_against_torch() -> None:
    from torch import nn

    sizes = [160, 512, 1024, 784]
    layers = [
        nn.Conv2d(1, 256, 9),
        nn.Conv2d(256, 32 * 8, 9, stride=2),
        nn.Linear(6 * 6 * 32 * 8, 160),
    ]
    layers += [nn.Linear(n, m) for n, m in itertools.pairwise(sizes)]
    counts = [sum(parameter.numel() for parameter in layer.parameters()) for layer in layers]
    capsules = block("capsule-networks")
    # A matrix from every capsule of 8 to each of ten of 16 has as many weights as a dense layer of
    # the ten.
    assert capsules["encoder"] == sum(counts[:3]) - 160
    assert capsules["decoder"] == sum(counts[3:])


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_weights_of_convolutions_against_torch(groups: int) -> None:
    from torch import nn

    layer = nn.Conv2d(8, 12, 3, groups=groups)
    weights = block("inception")["conv_weights"](3, 8, 12, groups)
    assert weights == layer.weight.numel()
    if groups == 1:
        total = sum(parameter.numel() for parameter in layer.parameters())
        assert block("kernels-filters")["conv_parameters"](3, 8, 12) == total
        assert block("kernels-filters")["conv_parameters"](3, 8, 12, bias=False) == weights


def test_weights_of_inception_modules_against_torch() -> None:
    from torch import nn

    answer = block("inception")
    c_in = 192
    for row in answer["MODULES"].tolist():
        one, reduce3, three, reduce5, five, pooled = row
        shapes = [(c_in, one, 1), (c_in, reduce3, 1), (reduce3, three, 3)]
        shapes += [(c_in, reduce5, 1), (reduce5, five, 5), (c_in, pooled, 1)]
        layers = [nn.Conv2d(*shape, device="meta") for shape in shapes]
        assert answer["module_weights"](c_in, row) == sum(layer.weight.numel() for layer in layers)
        c_in = one + three + five + pooled
    assert c_in == 1024


@pytest.mark.parametrize(
    ("depth", "kind", "depths"),
    [
        (18, "basic", [2, 2, 2, 2]),
        (34, "basic", [3, 4, 6, 3]),
        (50, "bottleneck", [3, 4, 6, 3]),
        (101, "bottleneck", [3, 4, 23, 3]),
        (152, "bottleneck", [3, 8, 36, 3]),
    ],
)
def test_resnet_against_transformers(depth: int, kind: str, depths: list[int]) -> None:
    import torch
    from transformers import ResNetConfig, ResNetForImageClassification

    widths = [64, 128, 256, 512] if kind == "basic" else [256, 512, 1024, 2048]
    with torch.device("meta"):
        config = ResNetConfig(
            depths=depths,
            hidden_sizes=widths,
            layer_type=kind,
            downsample_in_bottleneck=True,
            num_labels=10,
        )
        model = ResNetForImageClassification(config)
    assert tuple(block("resnet")["resnet"](depth, classes=10)) == cost(model, 3, 224, 224)


@pytest.mark.parametrize("alpha", [1.0, 0.75, 0.5, 0.25])
@pytest.mark.parametrize("resolution", [224, 160])
def test_mobilenet_against_transformers(alpha: float, resolution: int) -> None:
    import torch
    from transformers import MobileNetV1Config, MobileNetV1ForImageClassification

    with torch.device("meta"):
        model = MobileNetV1ForImageClassification(
            MobileNetV1Config(depth_multiplier=alpha, num_labels=10)
        )
    have = block("mobilenet")["mobilenet"](alpha, resolution, classes=10)
    assert have == cost(model, 3, resolution, resolution)


def test_mobilenet_of_ordinary_convolutions_against_torch() -> None:
    import torch
    from torch import nn

    widths = [3, 32, 64, 128, 128, 256, 256, *6 * [512], 1024, 1024]
    strides = [2, 1, 2, 1, 2, 1, 2, *5 * [1], 2, 1]
    with torch.device("meta"):
        layers: list[nn.Module] = []
        for (n, m), stride in zip(itertools.pairwise(widths), strides, strict=True):
            layers += [nn.Conv2d(n, m, 3, stride, padding=1, bias=False), nn.BatchNorm2d(m)]
        model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000))
    assert block("mobilenet")["mobilenet"](separable=False) == cost(model, 3, 224, 224)


@pytest.mark.parametrize(
    ("depth", "repeats"),
    [(11, [1, 1, 2, 2, 2]), (13, 5 * [2]), (16, [2, 2, 3, 3, 3]), (19, [2, 2, 4, 4, 4])],
)
def test_vgg_against_torch(depth: int, repeats: list[int]) -> None:
    import torch
    from torch import nn

    with torch.device("meta"):
        layers: list[nn.Module] = []
        c_in = 3
        for width, times in zip([64, 128, 256, 512, 512], repeats, strict=True):
            for _ in range(times):
                layers += [nn.Conv2d(c_in, width, 3, padding=1), nn.ReLU()]
                c_in = width
            layers.append(nn.MaxPool2d(2))
        layers += [
            nn.Flatten(),
            nn.Linear(7 * 7 * 512, 4096),
            nn.Linear(4096, 4096),
            nn.Linear(4096, 10),
        ]
        model = nn.Sequential(*layers)
    have = block("vgg")["vgg"](depth, classes=10)
    assert tuple(have.sum(axis=0)) == cost(model, 3, 224, 224)
    sizes = [sum(parameter.numel() for parameter in layer.parameters()) for layer in layers]
    assert have[:, 0].tolist() == [size for size in sizes if size]


def test_xception_against_torch() -> None:
    import torch
    from torch import nn

    def separable(n: int, m: int) -> list[nn.Module]:
        return [
            nn.Conv2d(n, n, 3, groups=n, bias=False),
            nn.Conv2d(n, m, 1, bias=False),
            nn.BatchNorm2d(m),
        ]

    with torch.device("meta"):
        layers: list[nn.Module] = [nn.Conv2d(3, 32, 3, bias=False), nn.BatchNorm2d(32)]
        layers += [nn.Conv2d(32, 64, 3, bias=False), nn.BatchNorm2d(64)]
        for n, between, m in [
            (64, 128, 128),
            (128, 256, 256),
            (256, 728, 728),
            *8 * [(728, 0, 728)],
            (728, 728, 1024),
        ]:
            if between:  # two separable convolutions and a projection on the shortcut
                layers += [*separable(n, between), *separable(between, m)]
                layers += [nn.Conv2d(n, m, 1, stride=2, bias=False), nn.BatchNorm2d(m)]
            else:
                layers += 3 * separable(n, m)
        layers += [*separable(1024, 1536), *separable(1536, 2048), nn.Linear(2048, 10)]
    parameters = sum(parameter.numel() for layer in layers for parameter in layer.parameters())
    assert block("xception")["xception"](classes=10) == parameters


@RANDOM
def test_depthwise_separable_convolution_against_torch(seed: int) -> None:
    from torch.nn import functional as F

    x, D, P = normal(seed, 3, 7, 6), normal(seed + 100, 3, 3, 3), normal(seed + 200, 5, 3)
    depthwise = F.conv2d(tensor(x)[None], tensor(D)[:, None], groups=3)
    expected = F.conv2d(depthwise, tensor(P)[:, :, None, None])[0]
    assert np.allclose(block("xception")["depthwise_separable"](x, D, P), expected)


# Convolution


@RANDOM
def test_convolution_against_scipy_and_torch(seed: int) -> None:
    from scipy.signal import convolve, correlate
    from torch.nn import functional as F

    x, W, b = normal(seed, 3, 8, 7), normal(seed + 100, 4, 3, 3, 2), normal(seed + 200, 4)
    conv2d = block("convolution")["conv2d"]
    y = conv2d(x, W, b)
    assert np.allclose(y, F.conv2d(tensor(x)[None], tensor(W), tensor(b))[0])
    for n in range(4):
        assert np.allclose(y[n] - b[n], correlate(x, W[n], mode="valid")[0])
        flipped = W[n : n + 1, :, ::-1, ::-1]
        expected = sum(convolve(x[c], W[n, c], mode="valid") for c in range(3))
        assert np.allclose(conv2d(x, flipped)[0], expected)


@RANDOM
def test_kernels_against_scipy(seed: int) -> None:
    from scipy import ndimage
    from scipy.signal import correlate2d

    image, kernel = normal(seed, 9, 8), normal(seed + 100, 3, 2)
    filters = block("kernels-filters")
    apply = filters["apply_kernel"]
    assert np.allclose(apply(image, kernel), correlate2d(image, kernel, mode="valid"))
    assert np.allclose(apply(image, filters["SOBEL_X"]), ndimage.sobel(image, axis=1)[1:-1, 1:-1])
    assert np.allclose(apply(image, filters["LAPLACIAN"]), ndimage.laplace(image)[1:-1, 1:-1])
    product = np.outer(kernel[:, 0], kernel[:, 1])
    column, row = filters["separate"](product)
    assert (column.shape, row.shape) == ((3, 1), (1, 3))
    assert np.allclose(column @ row, product)
    with pytest.raises(ValueError, match="the kernel is not separable"):
        filters["separate"](filters["LAPLACIAN"])


@pytest.mark.parametrize(
    ("k", "stride", "padding", "dilation"),
    [*itertools.product([1, 2, 3], [1, 2, 3], [0, 1, 2], [1, 2])],
)
def test_sizes_of_convolutions_against_torch(
    k: int, stride: int, padding: int, dilation: int
) -> None:
    import torch
    from torch.nn import functional as F

    sizes, weight = block("stride-padding"), torch.ones(1, 1, k)
    for n in range(5, 12):
        x = torch.ones(1, 1, n)
        assert (
            sizes["conv_size"](n, k, stride, padding, dilation)
            == F.conv1d(x, weight, None, stride, padding, dilation).shape[2]
        )
        for extra in range(max(stride, dilation)):
            transposed = F.conv_transpose1d(x, weight, None, stride, padding, extra, 1, dilation)
            assert (
                sizes["transposed_size"](n, k, stride, padding, dilation, extra)
                == transposed.shape[2]
            )


@pytest.mark.parametrize(
    "layers",
    [[(3, 1)], [(3, 2), (3, 2)], [(7, 2), (3, 2), (1, 3), (2, 1)], [(5, 3), (4, 1), (3, 2)]],
)
def test_receptive_field_against_the_gradient_of_one_output(layers: list[tuple[int, int]]) -> None:
    import torch
    from torch.nn import functional as F

    def output(x: Any) -> Any:
        x = x[None, None]
        for k, stride in layers:
            x = F.conv1d(x, torch.ones(1, 1, k, dtype=x.dtype), stride=stride)
        return x[0, 0, 1]

    (reached,) = gradients(output, np.ones(100))
    at = np.flatnonzero(reached)
    assert block("stride-padding")["receptive_field"](layers) == at[-1] - at[0] + 1


@pytest.mark.parametrize(
    ("k", "m", "n", "h", "w"), [(3, 4, 6, 5, 7), (5, 2, 9, 4, 4), (1, 3, 3, 2, 6)]
)
def test_multiplications_against_torch(k: int, m: int, n: int, h: int, w: int) -> None:
    import torch
    from torch import nn

    with torch.device("meta"):
        normal_one = nn.Conv2d(m, n, k, padding=k // 2)
        depthwise, pointwise = nn.Conv2d(m, m, k, padding=k // 2, groups=m), nn.Conv2d(m, n, 1)
    expected = tuple(cost(layer, m, h, w)[1] for layer in (normal_one, depthwise, pointwise))
    assert (
        block("depthwise-separable-improvement-factor")["multiplications"](k, m, n, h, w)
        == expected
    )
    if k * k * m * n * h * w < 5000:
        assert block("depthwise-separable-improvement-factor")["counted"](k, m, n, h, w) == expected


# Deployment


@RANDOM
def test_drift_statistics_against_scipy(seed: int) -> None:
    from scipy.stats import entropy, ks_2samp

    x, y = normal(seed, 40), normal(seed + 100, 25) + 1
    drift = block("data-model-concept-drift")
    for a, b in [(x, y), (np.round(x), np.round(y)), (x, x)]:
        assert np.isclose(drift["ks_statistic"](a, b), ks_2samp(a, b).statistic)
    counts = np.random.default_rng(seed).integers(1, 30, size=(2, 3, 5))
    expected = [entropy(a, e) + entropy(e, a) for e, a in zip(*counts, strict=True)]
    assert np.allclose(drift["population_stability_index"](*counts), expected)
    # An empty bin counts as half a case.
    half = entropy([0.5, 9], [4, 6]) + entropy([4, 6], [0.5, 9])
    for before, after in (([4, 6], [0, 9]), ([0, 9], [4, 6])):
        assert np.isclose(drift["population_stability_index"](before, after), half)


@RANDOM
def test_accuracies_against_scikit_learn(seed: int) -> None:
    from sklearn.metrics import accuracy_score

    x = np.random.default_rng(seed).uniform(size=50)
    assert np.isclose(
        block("data-model-concept-drift")["accuracy"](x, 0.7),
        accuracy_score(np.where(x > 0.7, 1, 0), np.rint(x)),
    )
    X, w, y = normal(seed, 50, 3), normal(seed + 100, 3), 2 * labels(seed, 2, 50) - 1
    accuracy = block("transformers-vs-cnns-robustness")["accuracy"]
    assert np.isclose(accuracy(X, y, w), accuracy_score(y, np.sign(X @ w)))


@pytest.mark.parametrize(("p1", "p2"), [(0.01, 0.015), (0.3, 0.25), (0.02, 0.05), (0.5, 0.9)])
def test_requests_per_arm_are_the_fewest_with_the_power(p1: float, p2: float) -> None:
    from scipy.stats import norm

    n = block("deploying-ml-models")["requests_per_arm"](p1, p2)
    power = [
        norm.cdf(abs(p1 - p2) / math.sqrt((p1 * (1 - p1) + p2 * (1 - p2)) / size) - norm.ppf(0.975))
        for size in (n - 1, n)
    ]
    assert power[0] < 0.8 <= power[1]


@given(st.integers(1, 10_000), st.integers(1, 5_000), st.integers(10, 95))
def test_workers_are_the_fewest_within_the_utilisation(
    rate: int, milliseconds: int, percent: int
) -> None:
    workers = block("deploying-ml-models")["workers_needed"](
        rate, milliseconds / 1000, percent / 100
    )
    busy = rate * milliseconds * 100  # in workers, times 100,000
    assert (workers - 1) * percent * 1000 <= busy <= workers * percent * 1000


@RANDOM
def test_prediction_against_scikit_learn(seed: int) -> None:
    from sklearn.preprocessing import StandardScaler

    X, w = normal(seed, 40, 3), normal(seed + 100, 3)
    scaler = StandardScaler().fit(X)
    flagged = block("deploying-ml-models")["predict"](X, X.mean(axis=0), X.std(axis=0), w)
    assert np.array_equal(flagged, scaler.transform(X) @ w > 0)


# Attention, diffusion and robustness


@RANDOM
def test_attention_against_torch(seed: int) -> None:
    from scipy.special import softmax
    from torch.nn import functional as F

    Q, K, V = normal(seed, 2, 4, 6), normal(seed + 100, 2, 5, 6), normal(seed + 200, 2, 5, 3)
    mask = np.random.default_rng(seed).uniform(size=(4, 5)) < 0.6
    mask[:, 0] = True
    answer = block("transformers")
    for scale in (1, 300):
        assert np.allclose(answer["softmax"](scale * Q), softmax(scale * Q, axis=-1))
    attention = answer["scaled_dot_product_attention"]
    inputs = tensor(Q), tensor(K), tensor(V)
    assert np.allclose(attention(Q, K, V), F.scaled_dot_product_attention(*inputs))
    masked = F.scaled_dot_product_attention(*inputs, attn_mask=tensor(mask).bool())
    assert np.allclose(attention(Q, K, V, mask), masked)


@RANDOM
def test_multi_head_attention_against_torch(seed: int) -> None:
    import torch

    X, W = normal(seed, 5, 8), normal(seed + 100, 4, 8, 8) / 8
    causal = np.tril(np.ones((5, 5), dtype=bool))
    layer = torch.nn.MultiheadAttention(8, 2, bias=False, dtype=torch.float64)
    with torch.no_grad():
        layer.in_proj_weight.copy_(tensor(np.concatenate([matrix.T for matrix in W[:3]])))
        layer.out_proj.weight.copy_(tensor(W[3].T))
        for mask in (None, causal):
            forbidden = None if mask is None else tensor(~mask).bool()
            expected, _ = layer(*3 * [tensor(X)], attn_mask=forbidden)
            assert np.allclose(
                block("transformers")["multi_head_attention"](X, *W, heads=2, mask=mask), expected
            )


def test_sinusoidal_positions_against_the_complex_exponential() -> None:
    positions = block("transformers")["sinusoidal_positions"](9, 6)
    for n, i in itertools.product(range(9), range(3)):
        turned = np.exp(1j * n / 10000 ** (2 * i / 6))
        assert np.allclose(positions[n, 2 * i : 2 * i + 2], [turned.imag, turned.real])


def test_noise_schedule_against_torch() -> None:
    import torch

    roots = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64)
    diffusion = block("stable-diffusion")
    assert np.allclose(diffusion["alpha_bars"](), torch.cumprod(1 - roots**2, dim=0), rtol=1e-12)


@RANDOM
def test_denoising_steps_against_a_noisier_and_a_cleaner_image(seed: int) -> None:
    z0, eps = normal(seed, 2, 6)
    diffusion = block("stable-diffusion")
    noisy, cleaner = (diffusion["add_noise"](z0, eps, a_bar) for a_bar in (0.2, 0.7))
    assert np.allclose(noisy, math.sqrt(0.2) * z0 + math.sqrt(0.8) * eps)
    assert np.allclose(diffusion["ddim_step"](noisy, eps, 0.2, 0.7), cleaner)


@pytest.mark.parametrize("a_bar", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("means", [[2.0], [-2.0, 2.0]])
def test_best_noise_against_the_posterior_mean(a_bar: float, means: list[float]) -> None:
    from scipy.integrate import quad
    from scipy.stats import norm

    def joint(z0: float, z: float) -> float:
        prior = np.mean([norm.pdf(z0, mean, 0.5) for mean in means])
        return float(prior * norm.pdf(z, math.sqrt(a_bar) * z0, math.sqrt(1 - a_bar)))

    z = np.array([-1.5, 0.3, 2.0])
    expected = []
    for value in z:
        evidence, weighted = (
            quad(
                lambda z0, power=power, value=value: z0**power * joint(z0, value),
                -6,
                6,
                points=[-2, 0, 2],
            )[0]
            for power in (0, 1)
        )
        expected.append((value - math.sqrt(a_bar) * weighted / evidence) / math.sqrt(1 - a_bar))
    assert np.allclose(block("stable-diffusion")["best_eps"](z, a_bar, means), expected)


@RANDOM
def test_guidance_against_the_score_of_the_sharpened_distribution(seed: int) -> None:
    from scipy.optimize import approx_fprime
    from scipy.stats import norm

    diffusion, a_bar, w = block("stable-diffusion"), 0.4, 3.0
    sd = math.sqrt(a_bar * 0.25 + 1 - a_bar)

    def log_density(z: Array) -> Any:
        apart = [norm.logpdf(z, math.sqrt(a_bar) * mean, sd) for mean in (-2, 2)]
        return ((1 - w) * (np.logaddexp(*apart) - math.log(2)) + w * apart[1])[0]

    z = normal(seed, 1) / 2
    guided = diffusion["guide"](
        *(diffusion["best_eps"](z, a_bar, means) for means in ([-2, 2], [2])), w
    )
    assert np.allclose(guided, -math.sqrt(1 - a_bar) * approx_fprime(z, log_density), atol=1e-5)


@RANDOM
def test_the_attack_against_the_gradient_of_torch(seed: int) -> None:
    from torch.nn import functional as F

    X, w, y = normal(seed, 10, 4), normal(seed + 100, 4), 2 * labels(seed, 2, 10) - 1
    (gradient,) = gradients(lambda X: F.soft_margin_loss(X @ tensor(w), tensor(y)), X)
    moved = block("transformers-vs-cnns-robustness")["fgsm"](X, y, w, 0.1)
    assert np.allclose(moved, X + 0.1 * np.sign(gradient))
