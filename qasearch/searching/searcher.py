"""An open index and an encoder, asked questions."""

from __future__ import annotations

import math
import time
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qasearch.datatypes.entry import Entry
from qasearch.datatypes.index import Curve, IndexState
from qasearch.datatypes.options import AskOptions, Mode, Trust
from qasearch.datatypes.reply import (
    THRESHOLDS,
    Evidence,
    Gap,
    GapKind,
    Hit,
    OwnQuestion,
    Reply,
    Timing,
    Verdict,
    verdict_of,
)
from qasearch.encoding import Encoder, PairScorer, Vectors
from qasearch.errors import BadRequest, IndexIncompatible
from qasearch.ranking.candidates import Candidates, find_candidates
from qasearch.ranking.confidence import CURVES, RIVALS, Standings, weigh
from qasearch.ranking.fusion import Ranked, lexical_weight_for, rank
from qasearch.ranking.lexical import literal_share
from qasearch.ranking.probes import ask_own_questions, choose_questions
from qasearch.reading.attachments import exists_nearby
from qasearch.reading.markdown.targets import Surroundings, resolve
from qasearch.searching.filters import select
from qasearch.searching.gaps import Asked, find_gap
from qasearch.searching.reranking import RERANKED, rerank
from qasearch.searching.spelling import Respelling, respellings
from qasearch.storage.generations import OpenIndex

if TYPE_CHECKING:
    from qasearch.searching.calibrating import FittedCurve

MAX_CHARACTERS = 100_000
"""A longer question is a pasted document: the model reads only its first few hundred words."""

NEARLY_EQUAL = 0.02
"""Entries whose scores differ by less are named as nearly as close as the first."""

_MUCH_BETTER = 1.0
"""Log odds by which an uncertain correction of the spelling must be better answered; and it must be
answered."""

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
        self._check_model()

    def ask(
        self,
        questions: Sequence[str],
        options: AskOptions = AskOptions(),
        scorer: PairScorer | None = None,
        cwd: Path | None = None,
        gone: Collection[str] = (),
    ) -> list[Reply]:
        """The replies to the questions, in their order, all from one generation of the index.

        Args:
            questions: texts as they were typed; control characters count as spaces.
            options: how to answer; `rerank` is left to `scorer`.
            scorer: the cross-encoder that puts the best hits in order.
            cwd: the folder that the path of a filter may start at; else the corpus.
            gone: the paths of files that are removed or left out since the build.

        Raises:
            BadRequest: a question is empty or too long, or no entry passes the filters.
            IndexDamaged: the index cannot be read.
            IndexIncompatible: the index was built again with another model.
            ModelUnavailable: the scorer does not give one finite score for each entry.
        """
        started = time.perf_counter()
        encoded = self.encode([clean_question(question) for question in questions])
        encode_ms = (time.perf_counter() - started) * 1000 / max(1, len(encoded))
        with self._index.snapshot():
            self._check_model()
            corpus = self._index.metadata.corpus
            request = _Request(
                state=index_state(self._index),
                curve=self._curve(options.mode),
                options=options,
                allowed=select(self._index.database, options, corpus, cwd or corpus, gone),
                scorer=scorer,
                encode_ms=encode_ms,
            )
            return [self._reply(question, request) for question in encoded]

    def ask_own_questions(self, options: AskOptions) -> list[OwnQuestion]:
        """The replies to questions of the corpus itself.

        The wording that is asked is hidden from the entry; see `qasearch.ranking.probes`.
        """
        with self._index.snapshot():
            self._check_model()
            database = self._index.database
            state, curve = index_state(self._index), self._curve(options.mode)
            request = _Request(state, curve, options)
            questions = choose_questions(database)
            vectors = self._encoder.encode_queries([question.text for question in questions])
            probes = ask_own_questions(database, self._index.vectors, questions, vectors)
            entries = database.entries({question.entry for question in questions})
            replies = []
            for question, probe in zip(questions, probes, strict=True):
                asked = EncodedQuestion(question.text, question.text, probe.vector)
                found, near_misses = probe.candidates(), probe.near_misses
                replies.append(
                    OwnQuestion(
                        entries[question.entry].id,
                        self._rank(asked, found, found, request) if probe.is_answerable else None,
                        self._rank(asked, near_misses, near_misses, request),
                    )
                )
            return replies

    def fit_curves(
        self, questions: Sequence[tuple[str, frozenset[str]]]
    ) -> dict[Mode, FittedCurve]:
        """The curve of each mode for this corpus.

        Args:
            questions: each with the ids of the entries that answer it; none if nothing does.

        Raises:
            BadRequest: there are too few questions, or one is empty or too long.
        """
        from qasearch.searching.calibrating import MIN_QUESTIONS, Labelled, fit_curve

        if len(questions) < MIN_QUESTIONS:
            raise BadRequest(
                f"There are {len(questions)} questions; a curve needs at least {MIN_QUESTIONS}.",
                "Add questions as people ask them, with the ids of the entries that answer them.",
            )
        encoded = self.encode([clean_question(text) for text, _ in questions])
        with self._index.snapshot():
            self._check_model()
            rowid_of = self._index.database.rowid_of
            labelled = [
                Labelled(
                    self._find(question, AskOptions().top_k),
                    self._lexical_weight(question),
                    {rowid for entry_id in ids if (rowid := rowid_of(entry_id)) is not None},
                )
                for question, (_, ids) in zip(encoded, questions, strict=True)
            ]
            return {mode: fit_curve(labelled, mode) for mode in Mode}

    def encode(self, texts: Sequence[str]) -> list[EncodedQuestion]:
        """The questions with their vectors.

        A misspelt question is corrected as it is answered best, and gets the vector half way
        between the text as typed and as corrected.
        """
        database = self._index.database
        with self._index.snapshot():
            count_tokens = self._encoder.count_tokens
            variants = [respellings(text, database, count_tokens) for text in texts]
            corrected = [variant.text for found in variants for variant in found]
            vectors = self._encoder.encode_queries([*texts, *corrected])
            of_variants = iter(vectors[len(texts) :])
            return [
                self._corrected(
                    EncodedQuestion(text, text, vector),
                    [(variant, next(of_variants)) for variant in found],
                )
                for text, vector, found in zip(texts, vectors[: len(texts)], variants, strict=True)
            ]

    def _corrected(
        self, typed: EncodedQuestion, variants: Sequence[tuple[Respelling, Vectors]]
    ) -> EncodedQuestion:
        """The question as it is meant.

        Args:
            typed: the question as it was typed.
            variants: how its spelling may be corrected, each with its vector.
        """
        if not variants:
            return typed
        best = typed
        best_logit = -math.inf
        if not variants[0][0].is_sure:
            answered = THRESHOLDS[Trust.BALANCED].answer_from
            best_logit = max(self._logit(typed) + _MUCH_BETTER, math.log(answered / (1 - answered)))
        for variant, vector in variants:
            # a single correction that is sure is taken as it is
            new = EncodedQuestion(
                typed.text,
                variant.text,
                vector if variant.is_sure else between(typed.vector, vector),
            )
            logit = 0.0 if len(variants) == 1 and variant.is_sure else self._logit(new)
            if logit > best_logit:
                best, best_logit = new, logit
        return best

    def _lexical_weight(self, question: EncodedQuestion) -> float:
        share = literal_share(self._index.database, question.corrected)
        return lexical_weight_for(self._index.metadata.lexical_weight, share)

    def _logit(self, question: EncodedQuestion) -> float:
        """The log odds that the first hit for a question is the answer."""
        everything = self._find(question, 1)
        hits = rank(everything, Mode.HYBRID, self._lexical_weight(question), 1)
        if not hits:
            return -math.inf
        return CURVES[Mode.HYBRID].logit(*Standings(everything, Mode.HYBRID).of(hits)[0])

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

    def _curve(self, mode: Mode) -> Curve:
        """From the score and the lead of a hit to a probability: that of the corpus, if it has
        one.
        """
        calibrated = self._index.metadata.calibrated
        return (calibrated.curves if calibrated else CURVES)[mode]

    def _reply(self, question: EncodedQuestion, request: _Request) -> Reply:
        started = time.perf_counter()
        depth, exact = request.depth, request.options.exact
        candidates = everything = self._find(question, depth, exact=exact)
        if request.allowed is not None:
            candidates = self._find(question, depth, request.allowed, exact=exact)
        reply = self._rank(question, candidates, everything, request)
        search_ms = (time.perf_counter() - started) * 1000
        total_ms = request.encode_ms + search_ms
        timing = Timing(round(request.encode_ms, 3), round(search_ms, 3), round(total_ms, 3))
        return replace(reply, timing_ms=timing)

    def _find(
        self,
        question: EncodedQuestion,
        depth: int,
        allowed: frozenset[int] | None = None,
        *,
        exact: bool = False,
    ) -> Candidates:
        """The candidates for the first `depth` hits and their rivals."""
        return find_candidates(
            self._index.database,
            self._index.vectors,
            question.corrected,
            question.vector,
            min_entries=depth + RIVALS,
            allowed=allowed,
            exact=exact,
        )

    def _rank(
        self,
        question: EncodedQuestion,
        candidates: Candidates,
        everything: Candidates,
        request: _Request,
    ) -> Reply:
        """The reply to a question.

        Args:
            question: what is asked.
            candidates: the entries that may be found.
            everything: the candidates among all entries.
            request: how it is asked.
        """
        options, index = request.options, self._index
        lexical_weight = self._lexical_weight(question)
        ranked = rank(candidates, options.mode, lexical_weight, request.depth)
        asked = Asked.of(question.corrected, index.database.words)
        hits = self._hits(ranked)
        evidence = weigh(
            Standings(everything, options.mode).of(ranked),
            request.curve,
            [asked.doubt(hit, entry.entry) for hit, entry in zip(hits, ranked, strict=True)],
        )
        hits = _with_confidence(hits, evidence)
        rowids = {hit.entry.id: entry.entry for hit, entry in zip(hits, ranked, strict=True)}
        evidence_of = {hit.entry.id: part for hit, part in zip(hits, evidence, strict=True)}
        if request.scorer:
            hits = rerank(question.corrected, hits, request.scorer)[: options.top_k]
        if options.explain:
            from qasearch.searching.explaining import ToExplain, explain_hits

            subject = ToExplain(
                question.corrected, options.mode, lexical_weight, evidence_of, request.answer_from
            )
            hits = explain_hits(hits, rowids, subject, index.database, self._encoder)
        doubt = evidence_of[hits[0].entry.id].doubt if hits else ""
        verdict, gap, notes = self._judge(asked, hits, doubt, request)
        notes += self._remarks(question)
        no_time = Timing(0.0, 0.0, 0.0)
        return Reply(question.text, verdict, request.state, no_time, tuple(hits), tuple(notes), gap)

    def _judge(
        self, asked: Asked, hits: Sequence[Hit], doubt: str, request: _Request
    ) -> tuple[Verdict, Gap | None, list[str]]:
        """The verdict on the first hit, what is missing, and remarks about it."""
        if not hits:
            nothing_has_words = request.options.mode is Mode.LEXICAL and request.state.entries
            sentence = (
                "No entry has a word of the question."
                if nothing_has_words
                else "The index has no entries."
            )
            missing = tuple(term.text for term in asked.missing)
            return Verdict.NONE, Gap(GapKind.NOTHING, missing, sentence), []
        first, *runners_up = hits
        verdict = verdict_of(first.confidence, request.trust)
        if verdict is not Verdict.NONE and not first.entry.answered:
            sentence = (
                f"The closest question, '{first.entry.question}', has no answer in the corpus yet."
            )
            return Verdict.NONE, Gap(GapKind.NOTHING, (), sentence), []
        gap = None
        if verdict is not Verdict.ANSWER:
            gap = find_gap(asked, verdict, hits, doubt, self._index)
        near = [
            hit
            for hit in runners_up
            if hit.entry.answered and first.score - hit.score < NEARLY_EQUAL
        ]
        # A cross-encoder's scores have a scale of their own, so nothing says what is near there.
        if verdict is not Verdict.ANSWER or not near or request.scorer is not None:
            return verdict, gap, []
        named = " and ".join(f"'{hit.entry.question}'" for hit in near[:2])
        more = f" and {len(near) - 2} more" if near[2:] else ""
        return verdict, gap, [f"Nearly as close: {named}{more}."]

    def _remarks(self, question: EncodedQuestion) -> Iterator[str]:
        """How the question was changed or cut before it was answered."""
        if question.corrected != question.text:
            yield f"Also asked as: {question.corrected}"
        tokens = self._encoder.count_tokens([question.text])[0]
        limit = self._encoder.max_tokens - 2  # less the two special tokens around a text
        if tokens > limit:
            yield f"The question has {tokens} tokens; the model reads the first {limit}."

    def _hits(self, ranked: Sequence[Ranked]) -> list[Hit]:
        """The hits, still without their confidence."""
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
                confidence=0.0,
                matched_on=passages[candidate.passage].kind,
                passage=passages[candidate.passage],
                signals=dict(candidate.signals),
            )
            for number, candidate in enumerate(ranked, start=1)
        ]


def _with_confidence(hits: Sequence[Hit], evidence: Sequence[Evidence]) -> list[Hit]:
    return [
        replace(hit, confidence=part.confidence) for hit, part in zip(hits, evidence, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question as typed and with its spelling corrected, and its (d,) float32 vector."""

    text: str
    corrected: str
    vector: Vectors


@dataclass(frozen=True, slots=True)
class _Request:
    """What is the same for all questions of one call."""

    state: IndexState
    curve: Curve
    options: AskOptions
    allowed: frozenset[int] | None = None
    scorer: PairScorer | None = None
    encode_ms: float = 0.0

    @property
    def depth(self) -> int:
        """How many entries are ranked: a cross-encoder gets more than are asked for."""
        return max(self.options.top_k, RERANKED) if self.scorer else self.options.top_k

    @property
    def trust(self) -> Trust:
        """How sure an answer must be."""
        return self.options.trust or Trust.BALANCED

    @property
    def answer_from(self) -> float:
        """The lowest confidence of the verdict `answer`."""
        return THRESHOLDS[self.trust].answer_from


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
    surroundings = Surroundings(
        corpus,
        index.database.anchors_of,
        index.database.document_named,
        partial(exists_nearby, corpus),
    )
    references = (resolve(reference, entry.path, surroundings) for reference in entry.references)
    return replace(entry, references=tuple(references))
