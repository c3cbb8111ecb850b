"""The reply to a question."""

from __future__ import annotations

from qasearch.datatypes.entry import Passage, PassageKind
from qasearch.datatypes.index import Curve
from qasearch.datatypes.reply import (
    Evidence,
    Explanation,
    Gap,
    GapKind,
    Hit,
    Mention,
    Reply,
    Timing,
    Verdict,
)
from qasearch.presenting.schemas.entry import ABS_PATH, COMMON
from qasearch.presenting.schemas.fields import (
    INTEGER,
    NUMBER,
    SCORE,
    SHARE,
    STRING,
    Field,
    Record,
    array,
    enum,
    mapping,
    nullable,
    part_of,
    record,
)
from qasearch.presenting.schemas.index import INDEX

_PASSAGE = Record[Passage](
    "passage",
    "The part of an entry that was nearest to the question.",
    (
        Field("text", STRING, "as it stands in the file"),
        Field("line_start", INTEGER, "its first line"),
        Field("line_end", INTEGER, "its last line"),
    ),
)

_WORD_SCORE = Record[tuple[str, float]](
    "word_score",
    "A word of the question, and what it adds to the signal `lexical`.",
    (
        Field("word", STRING, "the word", lambda pair: pair[0]),
        Field("lexical", SCORE, "0 for a word that the entry does not have", lambda pair: pair[1]),
    ),
)

_WORD_COSINE = Record[tuple[str, float]](
    "word_cosine",
    "A word of the question, and what it adds to the cosine of the passage.",
    (
        Field("word", STRING, "the word", lambda pair: pair[0]),
        Field(
            "cosine",
            SCORE,
            "what is lost without the word; below 0 if the passage is nearer without it",
            lambda pair: pair[1],
        ),
    ),
)

_SENTENCE = Record[Explanation](
    "sentence",
    "The sentence of the passage that is nearest to the question.",
    (
        Field("text", STRING, "as a reader sees it", lambda explanation: explanation.sentence),
        Field(
            "line",
            INTEGER,
            "the line where it begins",
            lambda explanation: explanation.sentence_line,
        ),
        Field(
            "cosine",
            SCORE,
            "its cosine to the question",
            lambda explanation: explanation.sentence_cosine,
        ),
    ),
)

_CURVE = Record[Curve](
    "curve",
    "A logistic curve: log odds = score x score + lead x lead + offset.",
    (
        Field("score", NUMBER, "the factor of the score"),
        Field("lead", NUMBER, "the factor of the lead"),
        Field("offset", NUMBER, "what is added"),
    ),
)

_EVIDENCE = Record[Evidence](
    "evidence",
    "What the confidence of a hit is computed from: `left` times the smaller of `limit` and the "
    "value of the curve.",
    (
        Field("score", SCORE, "the score with the lexical weight that all corpora share"),
        Field("lead", SCORE, "how far it is above the mean of the best nine other entries"),
        Field("curve", record(_CURVE), "from these two to a probability"),
        Field("limit", SHARE, "the largest probability that the wording allows"),
        Field("doubt", STRING, 'why the wording speaks against the hit; "" if it does not'),
        Field("left", SHARE, "the probability that no hit above it is the answer"),
    ),
)

_EXPLANATION = Record[Explanation](
    "explanation",
    "Why an entry was found.",
    (
        Field(
            "weights",
            mapping(SCORE),
            "the weight of each signal: their weighted sum is the score, before a cross-encoder",
        ),
        Field("evidence", record(_EVIDENCE), "what the confidence is computed from"),
        Field("answer_from", SHARE, "the lowest confidence of the verdict `answer`"),
        Field(
            "word_scores",
            array(record(_WORD_SCORE)),
            "what each word adds to `lexical`",
            lambda explanation: explanation.word_scores.items(),
        ),
        Field(
            "word_cosines",
            array(record(_WORD_COSINE)),
            "what each word adds to the cosine; empty for a single word",
            lambda explanation: explanation.word_cosines.items(),
        ),
        Field(
            "sentence", record(_SENTENCE), "the nearest sentence", lambda explanation: explanation
        ),
    ),
)

HIT = Record[Hit](
    "result",
    "One result of a question.",
    (
        Field("rank", INTEGER, "1 for the best"),
        *part_of(lambda hit: hit.entry, COMMON),
        Field(*ABS_PATH),
        Field("score", SCORE, "orders the results; comparable within one reply only"),
        Field(
            "confidence",
            SHARE,
            "the probability that this entry, and none above it, is the answer; with `--rerank` it "
            "belongs to the rank and not to the entry",
        ),
        Field("matched_on", enum(PassageKind), "which part of the entry was nearest"),
        Field("passage", record(_PASSAGE), "that part"),
        Field(
            "signals",
            mapping(SCORE),
            "the parts of the score: `dense` (cosine of the best passage), `support` (mean cosine "
            "of the three best), `centroid` (cosine of the mean of all passages), `lexical` (BM25 "
            "as a share of the maximum); with `--rerank` also `rerank`, the score of the "
            "cross-encoder, for the best 50",
        ),
        Field(
            "explanation", record(_EXPLANATION), "why it was found, with `--explain`", optional=True
        ),
    ),
    "`qasearch ask --jsonl`, one a line",
)

_MENTION = Record[Mention](
    "mention",
    "A sentence in which the corpus mentions what the question asks for.",
    (
        Field("id", STRING, "the id of the entry", lambda mention: mention.entry.id),
        Field("question", STRING, "its question", lambda mention: mention.entry.question),
        Field("path", STRING, "its file", lambda mention: mention.entry.path),
        Field(*ABS_PATH),
        Field("line", INTEGER, "the line where the sentence begins"),
        Field("text", STRING, "the sentence, as a reader sees it"),
        Field("words", array(STRING), "its words that were asked for, as they are written there"),
    ),
)

_GAP = Record[Gap](
    "gap",
    "What the corpus lacks to answer the question.",
    (
        Field(
            "kind",
            enum(GapKind),
            "what there is instead: `related`, entries on the subject; `mention`, no more than a "
            "sentence about something else; `nothing`",
        ),
        Field(
            "missing",
            array(STRING),
            "what the question asks for and no entry contains: words, names and codes",
        ),
        Field("sentence", STRING, "what is missing, for the person who asked"),
        Field(
            "mention",
            nullable(record(_MENTION)),
            "where it is mentioned; null if it is not, or if the first result is about it",
        ),
    ),
)

_TIMING = Record[Timing](
    "timing_ms",
    "Milliseconds that the question took.",
    (
        Field("encode", NUMBER, "to embed the question"),
        Field("search", NUMBER, "to find and rank entries"),
        Field("total", NUMBER, "both together"),
    ),
)

ASK = Record[Reply](
    "qasearch.ask/1",
    "The reply to one question.",
    (
        Field("query", STRING, "the question on one line, without control characters"),
        Field(
            "verdict",
            enum(Verdict),
            "`answer`: the first result answers the question; `weak`: it may; `none`: nothing does",
        ),
        Field("gap", nullable(record(_GAP)), "what is missing; null if the verdict is `answer`"),
        Field("index", record(INDEX), "the index that the reply came from"),
        Field("timing_ms", record(_TIMING), "how long it took"),
        Field("results", array(record(HIT)), "best first", lambda reply: reply.hits),
        Field("notes", array(STRING), "remarks for the person who asked"),
    ),
    "`qasearch ask --json`, and each line of `qasearch ask --batch`",
)
