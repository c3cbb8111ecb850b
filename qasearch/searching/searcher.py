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
from qasearch.datatypes.options import AskOptions, Mode
from qasearch.datatypes.reply import Hit, Reply, Timing, Verdict, verdict_of
from qasearch.encoding import Encoder, PairScorer, Vectors
from qasearch.errors import BadRequest, IndexIncompatible
from qasearch.ranking.candidates import Candidates, find_candidates
from qasearch.ranking.confidence import are_unanswered, off_topic_penalty, off_topic_questions
from qasearch.ranking.fusion import Ranked, rank
from qasearch.ranking.learning import LearnedRanking
from qasearch.ranking.probes import ask_own_questions, choose_questions
from qasearch.reading.markdown.targets import Surroundings, resolve
from qasearch.searching.filters import select
from qasearch.searching.reranking import RERANKED, rerank
from qasearch.searching.spelling import respell
from qasearch.storage.generations import OpenIndex

MAX_CHARACTERS = 100_000
"""A longer question is a pasted document: the model reads only its first few hundred words."""

NEARLY_EQUAL = 0.02
"""Entries whose scores differ by less are named as nearly as close as the first."""

_OFF_TOPIC_ASKED = 200
"""About how many off-topic questions an evaluation asks: as many as it asks of the corpus's own."""

_CONTROL_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories that a question may not hold: controls, surrogates, line and paragraph
ends."""


class Searcher:
    """Answers questions from one index."""

    def __init__(self, index: OpenIndex, encoder: Encoder) -> None:
        """Ask `index` questions that `encoder` embeds.

        Raises:
            IndexIncompatible: the index was built with another model, or with other weights of it.
        """
        self._index = index
        self._encoder = encoder
        self._learned_of: tuple[int, LearnedRanking] | None = None
        self._check_model()

    def ask(
        self,
        questions: Sequence[str],
        options: AskOptions = AskOptions(),
        scorer: PairScorer | None = None,
    ) -> list[Reply]:
        """The replies to the questions, in their order, all from one generation of the index.

        Args:
            questions: texts as they were typed; control characters count as spaces.
            options: how to answer; `rerank` is left to `scorer`.
            scorer: the cross-encoder that puts the best hits in order.

        Raises:
            BadRequest: a question is empty or too long, or no entry passes the filters.
            IndexDamaged: the index cannot be read.
            IndexIncompatible: the index was built again with another model.
            ModelUnavailable: the scorer does not give one finite score for each entry.
        """
        started = time.perf_counter()
        encoded = self._encode([clean_question(question) for question in questions])
        encode_ms = (time.perf_counter() - started) * 1000 / max(1, len(encoded))
        with self._index.snapshot():
            self._check_model()
            request = _Request(
                state=index_state(self._index),
                learned=self._learned(),
                allowed=select(self._index.database, options),
                options=options,
                scorer=scorer,
                encode_ms=encode_ms,
            )
            return [self._reply(question, request) for question in encoded]

    def ask_own_questions(self, options: AskOptions) -> list[tuple[str, Reply]]:
        """The replies to questions of the corpus itself, each with the id of the right entry.

        The wording that is asked is hidden from the entry; see `qasearch.ranking.probes`. A
        question is left out if nothing else could find its entry.
        """
        with self._index.snapshot():
            self._check_model()
            database = self._index.database
            request = _Request(index_state(self._index), self._learned(), options)
            questions = choose_questions(database)
            vectors = self._encoder.encode_queries([question.text for question in questions])
            probes = ask_own_questions(database, self._index.vectors, questions, vectors)
            entries = database.entries({question.entry for question in questions})
            return [
                (
                    entries[question.entry].id,
                    self._rank(
                        _Question(question.text, question.text, probe.vector),
                        probe.candidates(),
                        request,
                    ),
                )
                for question, probe in zip(questions, probes, strict=True)
                if probe.is_answerable
            ]

    def ask_off_topic_questions(self, mode: Mode) -> list[Reply]:
        """The replies, of one hit each, to some 200 questions on subjects that this corpus lacks.

        A question whose score is an outlier is left out: the corpus may well answer it.
        """
        questions = off_topic_questions()
        step = max(1, len(questions) // _OFF_TOPIC_ASKED)
        replies = self.ask(questions[::step], AskOptions(top_k=1, mode=mode))
        scores = [max((hit.score for hit in reply.hits), default=0.0) for reply in replies]
        unanswered = are_unanswered(np.array(scores))
        return [replies[row] for row in np.flatnonzero(unanswered)]

    def _encode(self, texts: Sequence[str]) -> list[_Question]:
        """The questions with their vectors.

        A misspelt question gets the vector half way between the text as typed and as corrected.
        """
        with self._index.snapshot():
            count_tokens = self._encoder.count_tokens
            corrected = [respell(text, self._index.database, count_tokens) for text in texts]
        changed = [new for text, new in zip(texts, corrected, strict=True) if new != text]
        vectors = self._encoder.encode_queries([*texts, *changed])
        changed_vectors = iter(vectors[len(texts) :])
        return [
            _Question(text, new, vector if new == text else between(vector, next(changed_vectors)))
            for text, new, vector in zip(texts, corrected, vectors[: len(texts)], strict=True)
        ]

    def _check_model(self) -> None:
        metadata = self._index.metadata
        if metadata.fingerprint != self._encoder.fingerprint:
            same_name = metadata.model == self._encoder.name
            other = "that model, whose files have changed" if same_name else self._encoder.name
            raise IndexIncompatible(
                f"The index in {self._index.folder} was built with the model '{metadata.model}', "
                f"and cannot be asked with {other}.",
                f"Build again: qasearch build --model {self._encoder.name}",
            )

    def _learned(self) -> LearnedRanking:
        """What the build of the current generation learned, read once."""
        metadata = self._index.metadata
        if self._learned_of is None or self._learned_of[0] != metadata.generation:
            learned = LearnedRanking.load(self._index.database, metadata.ranking)
            self._learned_of = metadata.generation, learned
        return self._learned_of[1]

    def _reply(self, question: _Question, request: _Request) -> Reply:
        started = time.perf_counter()
        candidates = find_candidates(
            self._index.database,
            self._index.vectors,
            question.corrected,
            question.vector,
            min_entries=request.depth,
            allowed=request.allowed,
            exact=request.options.exact,
        )
        reply = self._rank(question, candidates, request)
        search_ms = (time.perf_counter() - started) * 1000
        total_ms = request.encode_ms + search_ms
        timing = Timing(round(request.encode_ms, 3), round(search_ms, 3), round(total_ms, 3))
        return replace(reply, timing_ms=timing)

    def _rank(self, question: _Question, candidates: Candidates, request: _Request) -> Reply:
        """The reply to a question from its candidates."""
        learned, options = request.learned, request.options
        ranked = rank(candidates, options.mode, learned.lexical_weight, request.depth)
        penalty = off_topic_penalty(learned.off_topic_vectors, question.vector)
        curve = learned.calibrations[options.mode]
        hits = self._hits(ranked, [curve.confidence(entry.score - penalty) for entry in ranked])
        rowids = {hit.entry.id: entry.entry for hit, entry in zip(hits, ranked, strict=True)}
        if request.scorer:
            hits = rerank(question.corrected, hits, request.scorer)[: options.top_k]
        if options.explain:
            from qasearch.searching.explaining import ToExplain, explain_hits

            subject = ToExplain(question.corrected, penalty, options.mode)
            database = self._index.database
            hits = explain_hits(hits, rowids, subject, learned, database, self._encoder)
        verdict, notes = _judge(hits, request)
        notes += self._remarks(question)
        no_time = Timing(0.0, 0.0, 0.0)
        return Reply(question.text, verdict, request.state, no_time, tuple(hits), tuple(notes))

    def _remarks(self, question: _Question) -> Iterator[str]:
        """How the question was changed or cut before it was answered."""
        if question.corrected != question.text:
            yield f"Also asked as: {question.corrected}"
        tokens = self._encoder.count_tokens([question.text])[0]
        limit = self._encoder.max_tokens - 2  # less the two special tokens around a text
        if tokens > limit:
            yield f"The question has {tokens} tokens; the model reads the first {limit}."

    def _hits(self, ranked: Sequence[Ranked], confidences: Sequence[float]) -> list[Hit]:
        database = self._index.database
        corpus = self._index.metadata.corpus
        entries = database.entries([candidate.entry for candidate in ranked])
        passages = database.passages([candidate.passage for candidate in ranked])
        return [
            Hit(
                rank=number,
                entry=with_existence(entries[candidate.entry], corpus, self._index),
                abs_path=str(corpus / entries[candidate.entry].path),
                score=candidate.score,
                confidence=confidence,
                matched_on=passages[candidate.passage].kind,
                passage=passages[candidate.passage],
                signals=dict(candidate.signals),
            )
            for number, (candidate, confidence) in enumerate(
                zip(ranked, confidences, strict=True), start=1
            )
        ]


@dataclass(frozen=True, slots=True)
class _Question:
    """A question as typed and with its spelling corrected, and its (d,) float32 vector."""

    text: str
    corrected: str
    vector: Vectors


@dataclass(frozen=True, slots=True)
class _Request:
    """What is the same for all questions of one call."""

    state: IndexState
    learned: LearnedRanking
    options: AskOptions
    allowed: frozenset[int] | None = None
    scorer: PairScorer | None = None
    encode_ms: float = 0.0

    @property
    def depth(self) -> int:
        """How many entries are ranked: a cross-encoder gets more than are asked for."""
        return max(self.options.top_k, RERANKED) if self.scorer else self.options.top_k


def between(one: Vectors, other: Vectors) -> Vectors:
    """(d,) float32, the unit vector half way between two unit vectors."""
    total = one + other
    return np.asarray(total / max(1e-12, float(np.linalg.norm(total))), np.float32)


def clean_question(question: str) -> str:
    """A question on one line: control characters, line ends and runs of spaces become one space.

    Raises:
        BadRequest: nothing is left, or the question is longer than `MAX_CHARACTERS`.
    """
    if len(question) > MAX_CHARACTERS:
        raise BadRequest(
            f"The question has {len(question):,} characters; the limit is {MAX_CHARACTERS:,}.",
            "Ask in a sentence or two.",
        )
    printable = "".join(
        " " if unicodedata.category(char) in _CONTROL_CATEGORIES else char for char in question
    )
    if not (text := " ".join(printable.split())):
        raise BadRequest(
            "The question is empty.", 'Ask one: qasearch ask "What is a latent space?"'
        )
    return text


def index_state(index: OpenIndex) -> IndexState:
    """What a reply says about the index; the caller adds whether it is stale."""
    metadata, counts = index.metadata, index.database.counts()
    return IndexState(
        path=str(index.folder),
        built_at=metadata.built_at,
        documents=counts.documents,
        entries=counts.entries,
        passages=counts.passages,
        model=metadata.model,
    )


def with_existence(entry: Entry, corpus: Path, index: OpenIndex) -> Entry:
    """The entry, whose references say whether their targets exist."""
    surroundings = Surroundings(corpus, index.database.anchors_of, index.database.document_named)
    references = (resolve(reference, entry.path, surroundings) for reference in entry.references)
    return replace(entry, references=tuple(references))


def _judge(hits: Sequence[Hit], request: _Request) -> tuple[Verdict, list[str]]:
    """The verdict on the first hit, and remarks about it."""
    if not hits:
        if request.options.mode is Mode.LEXICAL and request.state.entries:
            return Verdict.NONE, ["No entry has a word of the question."]
        return Verdict.NONE, ["The index has no entries."]
    first, *runners_up = hits
    verdict = verdict_of(first.confidence)
    if verdict is not Verdict.NONE and not first.entry.answered:
        remark = f"The closest question, '{first.entry.question}', has no answer in the corpus yet."
        return Verdict.NONE, [remark]
    near = [
        hit for hit in runners_up if hit.entry.answered and first.score - hit.score < NEARLY_EQUAL
    ]
    # The scores of a cross-encoder have a scale of their own, so nothing says what is near there.
    if verdict is Verdict.NONE or not near or request.scorer is not None:
        return verdict, []
    named = " and ".join(f"'{hit.entry.question}'" for hit in near[:2])
    return verdict, [f"Nearly as close: {named}{f' and {len(near) - 2} more' if near[2:] else ''}."]
