"""Compression: vectors in fewer bytes, and an encoder in fewer operations, and their recall.

Quality is recall@10: the share of the ten passages nearest to a question by the exact vectors that
the compressed ones find as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.lab.algorithms.compression import (
    PENALTY,
    ProductQuantiser,
    bags,
    ridge,
    sums_of_words,
    to_int8,
    vocabulary,
)
from qasearch.lab.algorithms.covariance import covariance_matrix
from qasearch.lab.algorithms.neighbours import exclude_self, first_hit_accuracy, recall_at_10
from qasearch.lab.algorithms.norms import unit
from qasearch.lab.arrays import Floats, Ids, Vectors
from qasearch.lab.charts import Bars, Curves, Demonstration, Finding, Table
from qasearch.lab.demonstrations.timing import fastest_seconds
from qasearch.lab.sampling import fixed_sample
from qasearch.lab.space import Space

MAX_PASSAGES = 10_000
"""Passages that are compressed and searched; of more, a sample."""

MAX_QUERIES = 200
"""Questions that search them."""

ENOUGH_RECALL = 0.99
"""Recall that the recommended copy must keep."""

PQ_DIMENSIONS = (4, 8)
"""Dimensions that product quantisation stores in one byte, or the next larger divisor of d."""

KEPT_SIXTEENTHS = (1, 2, 4, 6, 8, 12, 16)
"""Sixteenths of the dimensions that are kept."""

MAX_COLUMNS = 64
"""Columns that are read to measure the layout in memory."""

MAX_TEACHING_PASSAGES = 4_000
"""Passages that teach and test the student: its equations grow with their number."""

TEST_EVERY = 5
"""One passage in so many tests the student, the others teach it."""

TIMED_QUESTIONS = 32
"""Questions on which the speed of encoder and student is measured."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A compressed copy of the vectors.

    Attributes:
        vector_bytes: bytes for each vector.
        shared_bytes: bytes that all vectors share, such as scales.
        scores: (q, m) of questions and vectors, higher is better.
    """

    vector_bytes: int
    shared_bytes: int
    scores: Floats


@dataclass(frozen=True, slots=True)
class Student:
    """A distilled student, beside its teacher, the encoder.

    Attributes:
        words: size of its vocabulary.
        taught: number of passages that taught it.
        tested: number of passages that tested it.
        cosine: mean cosine of its vectors with those of the encoder.
        mean_cosine: the same for a student that always gives the mean vector.
        recall: recall@10 of its vectors on the encoder's vectors.
        known: number of test passages whose entry is among those that taught it.
        teacher_accuracy: share of these for which the encoder finds the entry first.
        student_accuracy: the same for the student.
        teacher_seconds: time that the encoder takes for a question.
        student_seconds: time that the student takes.
    """

    words: int
    taught: int
    tested: int
    cosine: float
    mean_cosine: float
    recall: float
    known: int
    teacher_accuracy: float
    student_accuracy: float
    teacher_seconds: float
    student_seconds: float

    @property
    def times_faster(self) -> float:
        """How many times faster the student is."""
        return self.teacher_seconds / self.student_seconds


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """Vectors in fewer bytes, in fewer dimensions, their layout in memory, and a student.

    Raises:
        BadRequest: there are fewer than five entries.
    """
    space.need(5, "Compression")
    vectors, queries = sampled_vectors(space)
    sample = " (a sample)" if len(vectors) < len(space.passages) else ""
    return Demonstration.of(
        "Compression",
        [
            tell_copies(vectors, queries),
            tell_fewer_dimensions(vectors, queries),
            tell_layout(space.passage_vectors),
            tell_student(student_of(space)),
        ],
        opening=(
            "Recall@10 says how good a smaller copy of the vectors is: of the ten passages nearest "
            "to a question by the exact float32 vectors, the share that the copy finds among its "
            f"ten nearest. It is the mean over {len(queries):,} questions of entries and "
            f"{len(vectors):,} passages{sample}. A question does not find itself."
        ),
    )


def sampled_vectors(space: Space) -> tuple[Vectors, Ids]:
    """(m, d) vectors of passages, and (q,) numbers of those among them that act as queries."""
    random = np.random.default_rng(0)
    questions = np.array(
        [
            number
            for number, passage in enumerate(space.passages)
            if passage.kind is PassageKind.QUESTION
        ],
        np.int64,
    )
    queries = random.permutation(questions)[:MAX_QUERIES]
    rows = np.union1d(random.permutation(len(space.passages))[:MAX_PASSAGES], queries)
    return space.passage_vectors[rows], np.searchsorted(rows, queries)


def copies_of(vectors: Vectors, queries: Ids) -> dict[str, Copy]:
    """Copies of (m, d) vectors by name, largest first, each searched by exact queries."""
    d, questions = vectors.shape[1], vectors[queries]
    whole, scale = to_int8(vectors)
    half = vectors.astype(np.float16).astype(np.float32)
    copies = {
        "float32": Copy(4 * d, 0, questions @ vectors.T),
        "float16": Copy(2 * d, 0, questions @ half.T),
        "int8, a scale per dimension": Copy(
            d, scale.nbytes, (questions * scale) @ whole.astype(np.float32).T
        ),
        "1 bit, the sign": Copy(-(-d // 8), 0, questions @ np.sign(vectors).T),
    }
    for least in PQ_DIMENSIONS:
        width = next(width for width in range(min(least, d), d + 1) if d % width == 0)
        quantiser = ProductQuantiser.fit(vectors, d // width)
        books = sum(book.nbytes for book in quantiser.codebooks)
        scores = -quantiser.distances(questions, quantiser.encode(vectors))
        name = f"product quantisation, {width} dimensions a byte"
        copies[name] = Copy(d // width, books, scores)
    return copies


def tell_copies(vectors: Vectors, queries: Ids) -> Finding:
    """The same vectors with fewer bytes for each number."""
    m, d = vectors.shape
    copies = copies_of(vectors, queries)
    exact = exclude_self(vectors[queries] @ vectors.T, queries)
    recalls = {
        name: recall_at_10(exact, exclude_self(copy.scores, queries))
        for name, copy in copies.items()
    }
    smallest = min(
        (name for name in copies if recalls[name] >= ENOUGH_RECALL),
        key=lambda name: copies[name].vector_bytes * m + copies[name].shared_bytes,
    )
    quantised = list(copies)[-1]
    bit, codes = copies["1 bit, the sign"], copies[quantised]
    better = "more" if recalls[quantised] > recalls["1 bit, the sign"] else "not more"
    heads = ("copy", "bytes a vector", "times smaller", "bytes for all together", "recall@10")
    rows = tuple(
        (name, copy.vector_bytes, 4 * d / copy.vector_bytes, copy.shared_bytes, recalls[name])
        for name, copy in copies.items()
    )
    body = (
        Table(heads, rows),
        f"The smallest copy with a recall of at least {ENOUGH_RECALL:.0%} is '{smallest}'. "
        "Questions are not rounded, so there is one rounding error and not two. Product "
        "quantisation (Jegou et al. 2011) cuts a vector into groups of dimensions. For each group "
        "it stores the number of the nearest of up to 256 centroids. With "
        f"{codes.vector_bytes} bytes instead of {4 * d}, it keeps a recall of "
        f"{recalls[quantised]:.0%}. This is {better} than the "
        f"{recalls['1 bit, the sign']:.0%} of the signs, which take {bit.vector_bytes} bytes. The "
        f"centroids take {codes.shared_bytes:,} bytes once: {codes.shared_bytes / m:,.0f} for "
        f"each of {m:,} vectors, and almost nothing for each of a million vectors.",
        Bars("Recall@10 of smaller copies", tuple(recalls), tuple(recalls.values())),
    )
    return Finding(
        body,
        {
            "recall_of_copies": {name: round(value, 4) for name, value in recalls.items()},
            "bytes_of_copies": {name: copy.vector_bytes for name, copy in copies.items()},
        },
    )


def recalls_of_fewer_dimensions(
    vectors: Vectors, queries: Ids
) -> tuple[Ids, Mapping[str, list[float]]]:
    """(k,) numbers of dimensions, and the recall of vectors cut to each.

    The vectors are cut to the dimensions with the largest variance, and to the principal
    components.
    """
    d = vectors.shape[1]
    exact = exclude_self(vectors[queries] @ vectors.T, queries)
    by_variance = np.argsort(-vectors.var(axis=0), kind="stable")
    covariances = covariance_matrix(np.asarray(vectors, np.float64))
    axes = np.linalg.eigh(covariances)[1][:, ::-1].astype(np.float32)
    turned = vectors @ axes
    sizes = np.unique(np.maximum(1, np.array(KEPT_SIXTEENTHS) * d // 16))
    recalls: dict[str, list[float]] = {
        "dimensions of largest variance": [],
        "principal components": [],
    }
    for size in sizes.tolist():
        cuts = vectors[:, by_variance[:size]], turned[:, :size]
        for name, cut in zip(recalls, cuts, strict=True):
            scores = exclude_self(cut[queries] @ cut.T, queries)
            recalls[name].append(recall_at_10(exact, scores))
    return sizes, recalls


def tell_fewer_dimensions(vectors: Vectors, queries: Ids) -> Finding:
    """Vectors of fewer dimensions: some of their own, or principal components."""
    d = vectors.shape[1]
    sizes, recalls = recalls_of_fewer_dimensions(vectors, queries)
    quarter = int(np.searchsorted(sizes, max(1, d // 4)))
    pruned, pca = recalls.values()
    reason = (
        "What the encoder knows is spread over all dimensions. PCA first turns the vectors so that "
        "a few axes have most of the variance, so they lose less when they are cut."
        if pca[quarter] > pruned[quarter]
        else "Turning the vectors to the principal components first gains nothing here."
    )
    body = (
        f"Pruning leaves out whole dimensions. The {sizes[quarter]} of {d} dimensions with the "
        f"largest variance keep a recall of {pruned[quarter]:.0%}; as many principal components "
        f"keep {pca[quarter]:.0%}. {reason}",
        Curves(
            "Recall@10 by the dimensions kept",
            "dimensions kept",
            "recall@10",
            sizes.astype(np.float64),
            {name: np.array(values) for name, values in recalls.items()},
        ),
    )
    return Finding(
        body,
        {
            "dimensions_kept": sizes.tolist(),
            "recall_pruned": np.round(pruned, 4).tolist(),
            "recall_pca": np.round(pca, 4).tolist(),
        },
    )


def column_by_row_time(vectors: Vectors) -> float:
    """The time to copy some columns, divided by that of as many numbers that lie side by side."""
    (m, d), flat = vectors.shape, vectors.reshape(-1)
    pieces = range(min(d, MAX_COLUMNS))

    def copy_columns() -> None:
        for number in pieces:
            vectors[:, number].copy()

    def copy_blocks() -> None:
        for number in pieces:
            flat[number * m : (number + 1) * m].copy()

    return fastest_seconds(copy_columns) / fastest_seconds(copy_blocks)


def tell_layout(vectors: Vectors) -> Finding:
    """The strides of (m, d) vectors and of their views, and the time to read columns."""
    vectors = np.ascontiguousarray(vectors)
    m, (row_bytes, number_bytes) = len(vectors), vectors.strides
    ratio = column_by_row_time(vectors)
    cost = (
        f"took {ratio:.1f} times as long. The processor fetches 64 bytes at a time, which are 16 "
        "numbers, and a column uses one of them."
        if ratio > 1.2
        else "took about as long: so few numbers stay in the cache nearest to the processor."
    )
    views = {"vectors": vectors, "vectors.T": vectors.T, "vectors[::2]": vectors[::2]}
    rows = tuple(
        (
            name,
            str(view.shape),
            str(view.strides),
            "the same" if np.shares_memory(view, vectors) else "its own",
        )
        for name, view in views.items()
    )
    body = (
        f"In memory, the {m:,} vectors are one block of {vectors.nbytes:,} bytes in C order. "
        f"Strides are the distances between elements: {number_bytes} bytes to the next number of a "
        f"vector, {row_bytes:,} bytes to the next vector. A transpose or a slice is a new header "
        "for the same block. No number is moved.",
        Table(("array", "shape", "strides in bytes", "block"), rows),
        f"A view costs nothing to make, but it can be slow to read. To copy {m:,} numbers of one "
        f"column, which are {row_bytes:,} bytes apart, instead of as many numbers side by side "
        f"{cost}",
    )
    return Finding(
        body,
        {
            "strides": list(vectors.strides),
            "transposed_strides": list(vectors.T.strides),
            "column_by_row_time": round(ratio, 2),
        },
    )


def encoded_text(space: Space, number: int) -> str:
    """The text that was encoded for a passage, without headings.

    A piece of an answer was encoded with its question in front.
    """
    passage = space.passages[number]
    if passage.kind is PassageKind.ANSWER:
        return f"{space.entries[space.owners[number]].question} {passage.text}"
    return passage.text


def student_of(space: Space) -> Student:
    """A student of the encoder, measured on passages that did not teach it."""
    chosen = fixed_sample(len(space.passages), MAX_TEACHING_PASSAGES)
    texts = [encoded_text(space, number) for number in chosen.tolist()]
    tests = np.arange(len(chosen)) % TEST_EVERY == TEST_EVERY - 1
    taught = [text for text, test in zip(texts, tests, strict=True) if not test]
    tested = [text for text, test in zip(texts, tests, strict=True) if test]
    vectors, owners = space.passage_vectors[chosen], space.owners[chosen]
    words = vocabulary(taught)
    weights = ridge(bags(taught, words), vectors[~tests], PENALTY)
    by_student, by_teacher = sums_of_words(tested, words, weights), vectors[tests]

    mean = unit(vectors[~tests].mean(axis=0, keepdims=True))[0]
    exact, scores = by_teacher @ vectors[~tests].T, by_student @ vectors[~tests].T
    known = np.isin(owners[tests], owners[~tests])
    accuracies = [
        first_hit_accuracy(ranking[known], owners[~tests], owners[tests][known])
        for ranking in (exact, scores)
    ]
    questions = [entry.question for entry in space.entries[:TIMED_QUESTIONS]]
    encoder = space.load_encoder()
    teacher_seconds = fastest_seconds(lambda: encoder.encode_queries(questions))
    student_seconds = fastest_seconds(lambda: sums_of_words(questions, words, weights))
    return Student(
        words=len(words),
        taught=len(taught),
        tested=len(tested),
        cosine=float((by_student * by_teacher).sum(axis=1).mean()),
        mean_cosine=float((by_teacher @ mean).mean()),
        recall=recall_at_10(exact, scores),
        known=int(known.sum()),
        teacher_accuracy=accuracies[0],
        student_accuracy=accuracies[1],
        teacher_seconds=teacher_seconds / len(questions),
        student_seconds=student_seconds / len(questions),
    )


def tell_student(student: Student) -> Finding:
    """What a student learns, and what search loses if it encodes the questions."""
    first = (
        f" {student.known:,} of the test passages belong to an entry with passages among those "
        f"searched. This entry comes first for {student.teacher_accuracy:.0%} of them with the "
        f"encoder and for {student.student_accuracy:.0%} with the student."
        if student.known
        else ""
    )
    speed = (
        f"The student is {student.times_faster:,.0f} times as fast."
        if student.times_faster >= 1.5
        else "With this encoder, the student gains nothing."
    )
    body = (
        "Distillation: a student has one vector for each of "
        f"{student.words:,} words and adds up the vectors of a text. It learns from "
        f"{student.taught:,} passages to come near to the encoder's vectors, by ridge regression "
        "in closed form. It ignores the order of words. It is tested on every fifth passage: "
        f"{student.tested:,} that it has not seen. Its mean cosine with the encoder's vectors is "
        f"{student.cosine:.2f}. A student that always gives the mean of all vectors would have "
        f"{student.mean_cosine:.2f}.",
        "If the student encodes the questions and the encoder the passages, "
        f"{student.recall:.0%} of the ten nearest passages are found.{first} A question took the "
        f"student {student.student_seconds * 1e6:,.0f} microseconds, and the encoder "
        f"{student.teacher_seconds * 1e6:,.0f}. {speed}",
    )
    numbers: dict[str, object] = {
        "student_words": student.words,
        "student_cosine": round(student.cosine, 4),
        "mean_vector_cosine": round(student.mean_cosine, 4),
        "student_recall": round(student.recall, 4),
        "student_times_quicker": round(student.times_faster, 1),
    }
    if student.known:
        numbers["teacher_right_first"] = round(student.teacher_accuracy, 4)
        numbers["student_right_first"] = round(student.student_accuracy, 4)
    return Finding(body, numbers)
