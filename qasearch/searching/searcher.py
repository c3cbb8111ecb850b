"""An open index and an encoder, asked questions."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qasearch.datatypes.entry import Entry
from qasearch.datatypes.index import IndexState
from qasearch.datatypes.options import Filters, Mode
from qasearch.datatypes.reply import Hit, Reply, Timing, Verdict, verdict_of
from qasearch.encoding import Encoder, PairScorer, Vectors
from qasearch.errors import BadRequest, IndexDamaged, IndexIncompatible
from qasearch.ranking.candidates import Candidates, find_candidates
from qasearch.ranking.confidence import contrast, off_topic_questions, ordinary
from qasearch.ranking.fusion import Ranked, rank
from qasearch.ranking.learning import Learned
from qasearch.ranking.probes import ask_own_questions, choose_questions
from qasearch.reading.markdown.targets import Surroundings, resolve
from qasearch.searching.filters import select
from qasearch.searching.reranking import RERANKED, rerank
from qasearch.searching.spelling import respell
from qasearch.storage.generations import OpenIndex

MAX_CHARACTERS = 100_000

_OFF_TOPIC = 200
"""How many of the questions on other subjects an evaluation asks, about."""

NEARLY_EQUAL = 0.02
"""Entries whose scores differ by less are not told apart."""


class Searcher:
    """Answers questions from one index."""

    def __init__(self, index: OpenIndex, encoder: Encoder) -> None:
        """Use `encoder` for the questions to `index`.

        Raises:
            IndexIncompatible: the index was built with another model, or with other weights of it.
        """
        self._index = index
        self._encoder = encoder
        self._kept: tuple[str, Learned] | None = None
        self._check_model()

    def ask(
        self,
        questions: Sequence[str],
        top_k: int = 5,
        filters: Filters = Filters(),  # noqa: B008
        *,
        mode: Mode = Mode.HYBRID,
        explain: bool = False,
        scorer: PairScorer | None = None,
        exact: bool = False,
    ) -> list[Reply]:
        """The replies to the questions, in their order, all from the same generation of the index.

        Args:
            questions: texts as they were typed; control characters count as spaces.
            top_k: how many hits each reply has at most.
            filters: which entries may be found.
            mode: which signals rank them.
            explain: whether the hits say why they were found.
            scorer: puts the best of them in order.
            exact: whether all vectors are compared, however many there are.

        Raises:
            BadRequest: a question is empty or too long, `top_k` is below 1, or nothing passes the
                filters.
            IndexDamaged: the index cannot be read.
            IndexIncompatible: it was built again with another model.
            ModelUnavailable: the scorer gives no single finite score for each entry.
        """
        if top_k < 1:
            raise BadRequest(f"The number of results must be at least 1, not {top_k}.")
        started = time.perf_counter()
        asked = self._encode([clean_question(question) for question in questions])
        encode_ms = (time.perf_counter() - started) * 1000 / max(1, len(asked))
        with self._index.snapshot():
            self._check_model()
            among = select(self._index.database, filters)
            request = _Request(
                index_state(self._index),
                self._learned(),
                among,
                top_k,
                mode,
                encode_ms,
                scorer,
                explain=explain,
                exact=exact,
            )
            return [self._reply(question, request) for question in asked]

    def ask_own_questions(self, top_k: int, *, mode: Mode = Mode.HYBRID) -> list[tuple[str, Reply]]:
        """Ids of entries, each with the reply to a question of its own while what gives it away is
        hidden.

        See `qasearch.ranking.probes`. Questions whose entry has nothing left to be found by are
        left out.
        """
        with self._index.snapshot():
            self._check_model()
            learned, database = self._learned(), self._index.database
            request = _Request(index_state(self._index), learned, None, top_k, mode, 0.0)
            questions = choose_questions(database)
            vectors = self._encoder.encode_queries([question.text for question in questions])
            probes = ask_own_questions(database, self._index.vectors, questions, vectors)
            entries = database.entries({question.entry for question in questions})
            return [
                (
                    entries[question.entry].id,
                    self._rank(
                        _Question(question.text, question.text, probe.vector),
                        probe.held_out(),
                        request,
                    ),
                )
                for question, probe in zip(questions, probes, strict=True)
                if len(probe.own.entries)
            ]

    def ask_off_topic_questions(self, *, mode: Mode = Mode.HYBRID) -> list[Reply]:
        """The replies, of one hit each, to some 200 questions on other subjects that this corpus
        does not answer.

        Those whose score stands out are left out: the corpus may well answer them.
        """
        questions = off_topic_questions()
        replies = self.ask(questions[:: max(1, len(questions) // _OFF_TOPIC)], 1, mode=mode)
        kept = ordinary(
            np.array([max((hit.score for hit in reply.hits), default=0.0) for reply in replies])
        )
        return [reply for reply, keep in zip(replies, kept, strict=True) if keep]

    def _encode(self, texts: Sequence[str]) -> list[_Question]:
        """The questions with their vectors; a misspelt one is asked as it stands and as it was
        meant, half and half.
        """
        with self._index.snapshot():
            respelt = [
                respell(text, self._index.database, self._encoder.count_tokens) for text in texts
            ]
        meant = [other for text, other in zip(texts, respelt, strict=True) if other != text]
        vectors = self._encoder.encode_queries([*texts, *meant])
        others = iter(vectors[len(texts) :])
        return [
            _Question(text, other, vector if other == text else between(vector, next(others)))
            for text, other, vector in zip(texts, respelt, vectors[: len(texts)], strict=True)
        ]

    def _check_model(self) -> None:
        meta = self._index.meta
        if meta["fingerprint"] != self._encoder.fingerprint:
            same_name = meta["model"] == self._encoder.name
            asked = (
                "that model, whose files have changed since"
                if same_name
                else f"'{self._encoder.name}'"
            )
            raise IndexIncompatible(
                f"The index in {self._index.folder} was built with the model '{meta['model']}', "
                f"and cannot be asked with {asked}.",
                f"Build again: qasearch build --model {self._encoder.name}",
            )

    def _learned(self) -> Learned:
        """What the build of the current generation learned, read once."""
        generation = self._index.meta["generation"]
        if self._kept is None or self._kept[0] != generation:
            learned = Learned.load(self._index.database, self._index.meta)
            if learned is None:
                raise IndexDamaged(
                    f"{self._index.folder} lacks what ranks it.",
                    "Build again: qasearch build --full",
                )
            self._kept = generation, learned
        return self._kept[1]

    def _reply(self, question: _Question, request: _Request) -> Reply:
        started = time.perf_counter()
        found = find_candidates(
            self._index.database,
            self._index.vectors,
            question.meant,
            question.vector,
            wanted=request.depth,
            among=request.among,
            exactly=request.exact,
        )
        reply = self._rank(question, found, request)
        search_ms = (time.perf_counter() - started) * 1000
        timing = Timing(
            round(request.encode_ms, 3),
            round(search_ms, 3),
            round(request.encode_ms + search_ms, 3),
        )
        return replace(reply, timing_ms=timing)

    def _rank(self, question: _Question, found: Candidates, request: _Request) -> Reply:
        """The reply to a question from its candidates."""
        learned = request.learned
        ranked = rank(found, request.mode, learned.lexical, request.depth)
        against = contrast(learned.background, question.vector)
        curve = learned.calibrations[request.mode]
        hits = self._hits(ranked, [curve.confidence(each.score - against) for each in ranked])
        rowids = {hit.entry.id: each.entry for hit, each in zip(hits, ranked, strict=True)}
        if request.scorer:
            hits = rerank(question.meant, hits, request.scorer)[: request.top_k]
        if request.explain:
            from qasearch.searching.explaining import Asked, explain_hits

            asked = Asked(question.meant, against, request.mode)
            hits = explain_hits(hits, rowids, asked, learned, self._index.database, self._encoder)
        verdict, notes = _judge(hits, request)
        notes += self._remarks(question)
        return Reply(
            question.text, verdict, request.state, Timing(0.0, 0.0, 0.0), tuple(hits), tuple(notes)
        )

    def _remarks(self, question: _Question) -> Iterator[str]:
        """What was not taken as it was typed."""
        if question.meant != question.text:
            yield f"Also asked as: {question.meant}"
        tokens = self._encoder.count_tokens([question.text])[0]
        if tokens + 2 > self._encoder.max_tokens:
            yield f"The question has {tokens} tokens; the model reads the first {self._encoder.max_tokens - 2}."

    def _hits(self, ranked: Sequence[Ranked], confidences: Sequence[float]) -> list[Hit]:
        database = self._index.database
        corpus = Path(self._index.meta["corpus"])
        entries = database.entries([each.entry for each in ranked])
        passages = database.passages([each.passage for each in ranked])
        return [
            Hit(
                rank=number,
                entry=with_existence(entries[each.entry], corpus, self._index),
                abs_path=str(corpus / entries[each.entry].path),
                score=each.score,
                confidence=confidence,
                matched_on=passages[each.passage].kind,
                passage=passages[each.passage],
                signals=dict(each.signals),
            )
            for number, (each, confidence) in enumerate(
                zip(ranked, confidences, strict=True), start=1
            )
        ]


@dataclass(frozen=True, slots=True)
class _Question:
    """A question as it was typed and as it was meant, and its (d,) float32 vector."""

    text: str
    meant: str
    vector: Vectors


@dataclass(frozen=True, slots=True)
class _Request:
    """What is the same for all questions of one call."""

    state: IndexState
    learned: Learned
    among: frozenset[int] | None
    top_k: int
    mode: Mode
    encode_ms: float
    scorer: PairScorer | None = None
    explain: bool = False
    exact: bool = False

    @property
    def depth(self) -> int:
        """How many entries are ranked."""
        return max(self.top_k, RERANKED) if self.scorer else self.top_k


def between(one: Vectors, other: Vectors) -> Vectors:
    """(d,) float32, the unit vector half way between two."""
    total = one + other
    return np.asarray(total / max(1e-12, float(np.linalg.norm(total))), np.float32)


def clean_question(question: str) -> str:
    """A question on one line, with control characters, line ends and runs of spaces as single
    spaces.

    Raises:
        BadRequest: nothing is left, or it is longer than `MAX_CHARACTERS`.
    """
    if len(question) > MAX_CHARACTERS:
        raise BadRequest(
            f"The question has {len(question):,} characters; the limit is {MAX_CHARACTERS:,}.",
            "Ask in a sentence or two.",
        )
    visible = "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in question
    )
    if not (text := " ".join(visible.split())):
        raise BadRequest(
            "The question is empty.", 'Ask one: qasearch ask "What is a latent space?"'
        )
    return text


def index_state(index: OpenIndex) -> IndexState:
    """What a reply says about the index; whether it is stale is for the caller to add."""
    meta = index.meta
    return IndexState(
        path=str(index.folder),
        built_at=meta["built_at"],
        documents=int(meta["documents"]),
        entries=int(meta["entries"]),
        passages=int(meta["passages"]),
        model=meta["model"],
    )


def with_existence(entry: Entry, corpus: Path, index: OpenIndex) -> Entry:
    """The entry with the targets of its references looked up."""
    around = Surroundings(corpus, index.database.anchors_of, index.database.document_named)
    references = tuple(resolve(each, entry.path, around) for each in entry.references)
    return replace(entry, references=references)


def _judge(hits: Sequence[Hit], request: _Request) -> tuple[Verdict, list[str]]:
    """The verdict on the first hit, and what else should be said of it."""
    if not hits:
        no_words = request.mode is Mode.LEXICAL and request.state.entries
        return Verdict.NONE, [
            "No entry has a word of the question." if no_words else "The index has no entries."
        ]
    first, *others = hits
    verdict = verdict_of(first.confidence)
    if verdict is not Verdict.NONE and not first.entry.answered:
        return Verdict.NONE, [
            f"The closest question, '{first.entry.question}', has no answer in the corpus yet."
        ]
    alike = [hit for hit in others if hit.entry.answered and first.score - hit.score < NEARLY_EQUAL]
    if (
        verdict is Verdict.NONE or not alike or request.scorer is not None
    ):  # each cross-encoder has a scale of its own
        return verdict, []
    named = " and ".join(f"'{hit.entry.question}'" for hit in alike[:2])
    return verdict, [
        f"Nearly as close: {named}{f' and {len(alike) - 2} more' if alike[2:] else ''}."
    ]
