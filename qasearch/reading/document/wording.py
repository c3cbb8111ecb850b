"""The words of a question and of an answer: which text is one, and what around it is not part of
it.

Pure functions on inline text. Knows nothing of blocks or files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from qasearch.reading.markdown.blocks import Segment

_QUESTION_WORDS = (
    r"q|в|qn|qs|que|ques|quest|question|frage|pregunta|pergunta|domanda|вопрос|питання|pytanie|otázka|soru|soal|"
    r"câu\ hỏi|问题?|問題?|题目?|題目?|質問|질문|문제"
)
_ANSWER_WORDS = (
    r"ans|answer|answers|antwort|respuesta|resposta|risposta|réponse|reponse|ответ|відповідь|odpowiedź|odpověď|"
    r"cevap|yanıt|jawaban|trả\ lời|đáp\ án|答案?|回答|解答|解析|答え|답변?|정답|คำตอบ"
)
_NUMBER = r"\#?\d+(?:\.\d+)*"
_NUMBERING = re.compile(
    rf"""^\s*(?:
        (?:{_QUESTION_WORDS})\s*[.\#\-]?\s*{_NUMBER}\s*                # Q1. Question 5: Q3) Q-2: Q4 What
        (?:[.:)：、]+[-–—]?\s* | [-–—]+\s+ | \s(?-i:(?=[A-Z"'`])))
      | (?:{_QUESTION_WORDS})\s*[.:)：]\s*[-–]?\s*                      # Q: Question. 问：
      | 第\s*[\d一二三四五六七八九十百]+\s*[题題问問条條道]\s*[:：.、]?\s*   # 第 1 题：
      | [一二三四五六七八九十]{{1,3}}\s*[、.．]\s*                            # 一、
      | \d{{1,3}}\s[-–—]\s+(?=\S)                                           # 3 - What
      | \d{{1,3}}\s?[-–—]\s?(?=(?:what|why|how|which|when|who|explain|describe|define)\b)  # 3-What, not 3-tier
      | \(?{_NUMBER}\s*[.)、．:：](?!\d)\s*(?=[^\s\d])                   # 1. 1) (1) 1.2) 1：
      | {_NUMBER}\s*[.)、]\s+(?=\d)                                     # 12. 3 ways to cook
      | \d{{1,2}}(?:\.\d{{1,2}})+\s+(?-i:(?=[^\W\da-z_]|["'`¿]))          # 1.2 Title, not 3.5 inch, not 2.0.1 (2024)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_COLON_NUMBER = re.compile(r"^\s*\d{3,}\s*[:：]")  # 404: not found
_TASK = re.compile(r"^\[[ xX]\]\s+")
_HEADING_ID = re.compile(r"\s*\{[#:][^}]*\}\s*$")
_CARD = re.compile(r"\s*(?<!\S)#(?:flash)?cards?\b\s*|\s+[#¶]$")
_KEYCAP = re.compile(r"^\W*[\d#*]\ufe0f?\u20e3\s*")
_STARS = re.compile(r"\s*[\[(][★☆⭐✩✰]+[\])]$")
_EMOJI_CODE = re.compile(
    r"^(?:\s*:[a-z][a-z0-9_+-]*[a-z0-9]:)+\s*|\s*(?::[a-z][a-z0-9_+-]*[a-z0-9]:\s*)+$"
)
_CREDIT = re.compile(
    r"(?<=[?？.!])\s*[(\[](?:credits?|source|src|via|from|asked\s+(?:at|in|by)|by)\b[^()]*[)\]]$",
    re.IGNORECASE,
)
_EDGE_SYMBOLS = re.compile(
    r"^[^\w\"'“‘«(\[<`$#@/\\.+*\-~¿¡&【《「『{]+|[^\w\"'”’»)\]>`$?!？！؟.。;:：%+#*/\\…\-&】》」』}）]+$|(?<=[?？؟])\s+\*+$"
)
_QUESTION_MARK = re.compile(r"[?？؟\u037e]['\"”’»)\]*_]*$")  # the last is the Greek one
_POINTER = re.compile(
    r"""^(?:(?:the|full|nice|good|great|see|read|more|learn|find|prelim|idea|from|in|detail(?:s|ed)?|also|this|an?|on|it
      |answers?|ans|a|here|links?|source|src|blogs?|posts?|references?|refs?|discussion|solution|explanation|click|check
      |articles?|video|downloads?|docs?|documentation|wiki|paper|notes?|tutorial|twitter|thread|and|or|for|watch|stack
      |overflow|wikipedia|answered|complete|reading|further|with|example|examples|code|github|medium|youtube|pdf
      |解析|答案|链接|參考|参考|\W|\d)+)$""",
    re.IGNORECASE | re.VERBOSE,
)
_LEAD_IN = re.compile(
    r"[\s\-–—:,;|([]*(?:\(\s*(?:see|cf\.?|source:?|via|from)\s*)?$", re.IGNORECASE
)
_OPENERS = frozenset(
    (
        "what what's whats what’s why how which who whom whose explain describe differentiate discuss differences "
        "difference"
    ).split()
)
"""What questions begin with that need no question mark; 'When the lamp is red, wait' is none."""

_REQUESTS = frozenset(
    "define compare contrast derive mention enumerate list name give tell suppose implement write state".split()
)
"""Questions of a list begin with these, and so do the steps of an instruction."""

_ASKING_IN_CHINESE = re.compile(
    r"^(?:请|写一|写出|说出|说说|举例|解释|列举|实现|谈谈|介绍|简述)|什么|什麼|怎么|怎麼|如何|为什么|為什麼|哪些|哪个|区别|區別|吗$|说一下"
)


def looks_like_question(text: str) -> bool:
    """Whether text asks something: it ends in a question mark, or begins as an (interview) question
    does.
    """
    return surely_asks(text) or (len(text.split(maxsplit=1)) > 1 and _first_word(text) in _REQUESTS)


def surely_asks(text: str) -> bool:
    """Whether text asks something, and is no instruction such as 'List the files'."""
    if ends_in_question_mark(text):
        return True
    if len(text.split(maxsplit=1)) > 1 and _first_word(text) in _OPENERS:
        return True
    if text.lower().startswith("true or false"):
        return True
    return bool(_ASKING_IN_CHINESE.search(text))


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0].lower().rstrip(",:")


def ends_in_question_mark(text: str) -> bool:
    """Whether text ends in a question mark of any script, closing quotes aside."""
    return bool(_QUESTION_MARK.search(text))


def asks_about_code(question: str) -> bool:
    """Whether a question is about code that stands below it: 'What does this print?'."""
    return not _ASKS_FOR_CODE.match(question) and bool(_ABOUT_CODE.search(question))


_ASKS_FOR_CODE = re.compile(r"(?:how|write|implement|give|show|provide|create)\b", re.IGNORECASE)
_ABOUT_CODE = re.compile(
    r"\b(?:output|outputs?|prints?|printed|logged|logs?|results?|returns?|returned|evaluates?|wrong|happens?)\b.*\b(?:this|"
    r"following|below|code|snippet|these)\b|\b(?:this|following|below|these|code|snippet)\b.*\b(?:output|prints?|logs?|do|"
    r"results?|returns?|evaluate|wrong)\b|输出什么|打印什么|结果是什么",
    re.IGNORECASE,
)


def is_pointer(text: str) -> bool:
    """Whether text only points somewhere ('here', 'Ans', 'Nice blog', '[src]') and names no
    subject.
    """
    return bool(text.strip()) and bool(_POINTER.match(text.strip()))


def clean_question(inline: Sequence[Segment]) -> str:
    """A question without its numbering, its `{#id}`, symbols around it and links that only point to
    an answer.
    """
    return clean_text("".join(segment.text for segment in _without_pointers(inline)))


def clean_text(text: str) -> str:
    """`clean_question` for text without links."""
    text = " ".join(text.split())
    if "#" in text or "¶" in text:
        text = _CARD.sub("", text)
    text = _TASK.sub("", _HEADING_ID.sub("", text)) if text[:1] == "[" or text[-1:] == "}" else text
    if "\u20e3" in text:
        text = _KEYCAP.sub("", text)
    if text[-1:] in ")]":
        text = _CREDIT.sub("", _STARS.sub("", _MARKS.sub("", text)))
    text = _without_symbols(text)
    without_number = text if _COLON_NUMBER.match(text) else _NUMBERING.sub("", text)
    return _COLON_END.sub("", _without_symbols(without_number)).strip() or text


_COLON_END = re.compile(r"(?<=[?？؟])\s*[:：]+$")


def _without_symbols(text: str) -> str:
    """Text without the emoji and the like around it."""
    if text[:1].isalnum() and (text[-1:].isalnum() or text[-1:] in "?."):
        return text
    return _EDGE_SYMBOLS.sub("", _EMOJI_CODE.sub("", text))


def count_trailing_pointers(inline: Sequence[Segment]) -> int:
    """How many links that only point to an answer the text ends in, with a question in front of
    them.
    """
    kept = _without_pointers(inline)
    if not "".join(segment.text for segment in kept).strip():
        return 0
    shown = [segment for segment in inline if segment.text]
    return sum(segment.href is not None for segment in shown[len(kept) :])


def is_numbered(text: str) -> bool:
    """Whether text begins with a number or a `Q` as questions of a list do."""
    return not _COLON_NUMBER.match(text) and bool(_NUMBERING.match(text))


_EMPHASIS = re.compile(r"[*_]{1,3}|</?(?:b|strong|i|em|u)>", re.IGNORECASE)
_QUESTION_LABEL = re.compile(
    rf"""^\s*(?:
        (?:{_QUESTION_WORDS})\s*[.\#\-]?\s*(?:{_NUMBER})?\s*(?:[:：]\s*[-–—]?|[.)、]\s*[-–—:]?|[-–—]\s)\s*
      | (?:ques|question|frage|pregunta|вопрос|问题|問題|質問|질문|q)\s*[.\#\-]?\s*{_NUMBER}\s*(?:$|(?=[A-Z"'`]))
      | (?:question|frage|pregunta|вопрос|问题|問題|質問|질문)\s*$
      | 第\s*[\d一二三四五六七八九十百]+\s*[题題问問条條道]\s*[:：]
      | \d{{1,3}}\s*(?:[、．]|\.(?=[\u2e80-\uffff]))\s*                    # 1、什么 (no list in Markdown)
      )""",
    re.IGNORECASE | re.VERBOSE,
)
_ANSWER_LABEL = re.compile(
    rf"""^\s*(?:\#{{1,6}}\s+)?(?:
        (?:(?:the|correct|right|short|model|my|sample|expected|ideal|suggested|possible)\s+)?(?:{_ANSWER_WORDS}|sol|solution)\s*\.?\s*(?:{_NUMBER})?(?:\([a-z]{{2}}\))?
        \s*(?:[:：]\s*[-–—]?|[.)、]\s*[-–—:]?|[-–—](?=\s|$)|$)\s*
      | [aо]\s*(?:{_NUMBER})?\s*(?:[:：]\s*[-–—]?|[.)]\s*[-–—:]|{_NUMBER}[.)])\s*
      )""",
    re.IGNORECASE | re.VERBOSE,
)
_INLINE_ANSWER = re.compile(
    rf"(?<=[\s?.!？。/>])(?:[*_]{{0,3}})(?:a|{_ANSWER_WORDS})\s*[*_]{{0,3}}\s*[:：]", re.IGNORECASE
)


def without_emphasis(line: str) -> str:
    """A raw line without the signs that make it bold or italic."""
    return _EMPHASIS.sub("", line) if "*" in line or "_" in line or "<" in line else line


_EMOJI = re.compile(r"^\s*(?:[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\ufe0f\u200d]+\s*)+")


def question_label(line: str) -> bool:
    """Whether a raw line begins with `Q:`, `Q1.`, `**Question**:` or the like."""
    return bool(_QUESTION_LABEL.match(without_emphasis(_EMOJI.sub("", line))))


def is_short_label(line: str) -> bool:
    """Whether the label of a question is a mere letter, which may mean something else: `Q1`."""
    return bool(re.match(r"\W*[qв]\b|\W*[qв][\W\d]", line, re.IGNORECASE))


def is_beyond_quarters(line: str) -> bool:
    """Whether a line begins with `Q5:` or a higher number, which no quarter of a year has."""
    return bool(
        re.match(r"\W*[qв]\W?\s?(?:[5-9]|[1-9]\d)\b", line, re.IGNORECASE)
    ) and question_label(line)


def is_labelled_question(line: str) -> bool:
    """Whether a raw line begins with `Question:`, spelled out, and a question follows in it."""
    text = without_emphasis(line)
    match = _QUESTION_LABEL.match(text)
    return (
        match is not None
        and len(match[0].strip()) > 4
        and ":" in match[0]
        and bool(text[match.end() :].strip())
    )


def is_only_question_label(line: str) -> bool:
    """Whether a raw line is nothing but a question's label."""
    text = without_emphasis(line)
    match = _QUESTION_LABEL.match(text)
    return match is not None and not text[match.end() :].strip(" \t#\\")


def without_question_label(text: str) -> str:
    """Visible text without the `Q:` in front."""
    return _QUESTION_LABEL.sub("", text, count=1)


def answer_label(line: str) -> str:
    """The `A:`, `Ans:-`, `**Answer**` or the like in front of a raw line, without emphasis; "" if
    there is none.
    """
    match = _ANSWER_LABEL.match(without_emphasis(line))
    label = match[0].strip() if match else ""
    return "" if label[:1].islower() and label[-1].isalnum() else label


def is_only_answer_label(line: str) -> bool:
    """Whether a raw line is nothing but an answer's label."""
    text = without_emphasis(line)
    match = _ANSWER_LABEL.match(text)
    return (
        match is not None and bool(answer_label(line)) and not text[match.end() :].strip(" \t#\\")
    )


def inline_answer_at(line: str) -> int:
    """Where in a raw line `A:` stands behind a question, -1 where it does not."""
    match = _INLINE_ANSWER.search(line)
    return match.start() if match else -1


_LANGUAGE = re.compile(r"\s*\([A-Za-z]{2}\)$")
_MARKS = re.compile(r"\s*[\[(]\d+\s*(?:marks?|points?|pts?)\.?[\])]\s*$", re.IGNORECASE)
_ANSWER_TITLE = re.compile(
    rf"""^(?:the\s+|correct\s+)?(?:{_ANSWER_WORDS})\s*\#?\d*\s*[:：.\-–]*\s*
        (?:(?:option|choice)?\s*\(?(?:[A-Ha-h]|\d\d?)(?:\s*(?:,|and|&|/)\s*(?:[A-H]|\d\d?))*\)?)?\s*[.)]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_SOLUTION_TITLE = re.compile(
    r"^(?:the\s+)?(?:(?:sample\s+|possible\s+|my\s+)?solutions?|explanations?|hints?|解析|说明|lösung|erklärung|solución|"
    r"explicación|решение|объяснение)\s*\#?\d*\s*[:：.]*$",
    re.IGNORECASE,
)
_SEQUEL_TITLE = re.compile(
    r"^(?:references?|(?:useful |external |more |other )?(?:resources?|links?)|sources?|notes?|further reading|"
    r"see also|articles?|videos?|books?|tutorials?|blogs?|talks?|courses?|papers?|learn more|reading list)\s*[:：.]*$",
    re.IGNORECASE,
)
_GENERIC_QUESTION = re.compile(
    rf"""^(?:(?:the\s+)?(?:{_QUESTION_WORDS})\s*[.\#\-]?\s*(?P<number>{_NUMBER})?\s*[.:)：]*
      | (?:problem|case|exercise|task|challenge|puzzle|scenario|quiz|kata|riddle|aufgabe|ejercicio|exercice|задача|练习)
        \s*[.\#\-]?\s*(?P<other>{_NUMBER})\s*[.:)：]*
      | 第\s*[\d一二三四五六七八九十百]+\s*[题題问問条條道]\s*[:：.、]?)$""",
    re.IGNORECASE | re.VERBOSE,
)


def is_answer_title(text: str) -> bool:
    """Whether a heading says 'Answer', 'Answer: D' or the like."""
    text = _LANGUAGE.sub("", text.strip(" *_"))
    return bool(_ANSWER_TITLE.match(text)) and text.lower() != "answers"


def is_solution_title(text: str) -> bool:
    """Whether a heading says 'Solution', 'Explanation' or 'Hint'."""
    return bool(_SOLUTION_TITLE.match(text.strip(" *_")))


def is_sequel_title(text: str) -> bool:
    """Whether a heading continues what stands above it: 'Solution', 'Explanation', 'References'."""
    return is_solution_title(text) or bool(_SEQUEL_TITLE.match(text.strip(" *_")))


_CLOSING_TITLE = re.compile(
    r"^(?:(?:still\s+)?(?:have|got)\s+.*questions?|(?:any\s+)?(?:more|other|further)\s+questions?|need\s+(?:more\s+)?help|"
    r"did\s?n.t\s+find.*|question\s+not\s+(?:answered|listed).*|how\s+(?:to|can\s+i)\s+contribute)\s*[?？.!]*$",
    re.IGNORECASE,
)
_ANSWER_KEY = re.compile(
    rf"^(?:(?:the\s+)?(?:{_ANSWER_WORDS})|solutions?)\s*(?:keys?|sheets?)?\s*[:：.]*$",
    re.IGNORECASE,
)
_README_TITLE = re.compile(
    r"^(?:install(?:ation|ing)?|usage|getting started|quick\s?start|features?|requirements?|prerequisites?|examples?|"
    r"configuration|settings|api|overview|introduction|about|background|demo|screenshots?|roadmap|to\s?do|documentation|"
    r"tests?|testing|build(?:ing)?|development|community|support|summary|conclusion|faqs?|frequently asked questions|"
    r"license|contributing)\s*[:：.]*$",
    re.IGNORECASE,
)


_ADVERTISEMENT = re.compile(
    r"👉|\bexplore all\b|\banswers here\b|^join\b.*\b(?:discord|slack|telegram|community)\b|^subscribe\b|^buy me\b",
    re.IGNORECASE,
)


def is_advertisement(text: str) -> bool:
    """Whether a heading leads readers elsewhere: 'Explore all 100 answers here'."""
    return bool(_ADVERTISEMENT.search(text))


def is_closing_title(text: str) -> bool:
    """Whether a heading offers help where no question did: 'Still have questions?'."""
    return bool(_CLOSING_TITLE.match(text.strip(" *_")))


def is_answer_key(text: str) -> bool:
    """Whether a heading says that the answers of earlier questions follow: 'Answers', 'Answer key',
    'Solutions'.
    """
    return bool(_ANSWER_KEY.match(text.strip(" *_")))


def is_readme_title(text: str) -> bool:
    """Whether a heading is one that many documents have, and that asks nothing: 'Installation',
    'FAQ'.
    """
    return bool(_README_TITLE.match(text.strip(" *_")))


def is_generic_question(text: str) -> bool:
    """Whether a heading only says that a question follows: 'Question', 'Q3', 'Exercise 2'."""
    text = _LANGUAGE.sub("", _MARKS.sub("", text.strip(" *_")))
    return len(text) > 1 and bool(_GENERIC_QUESTION.match(text))


_REVEALS = frozenset(
    "show reveal click tap expand toggle spoiler view see open press unhide hide".split()
)
_ANSWERS = frozenset(
    "answer answers ans solution solutions lösung antwort respuesta solución resposta solução risposta soluzione "
    "réponse ответ решение cevap jawaban odpowiedź rozwiązanie відповідь".split()
)
_BESIDE = frozenset(
    "to for the me an a here it and or my possible sample suggested correct full this expand collapse hide see "
    "explanation output result response details on & / ! key one first with code please below".split()
)
_CJK_ANSWER = re.compile(
    r"答案|解答|回答|答え|답|정답|คำตอบ|查看|解析|展开|đáp án|trả lời", re.IGNORECASE
)
_SUMMARY_WORD = re.compile(r"\w+|&")


def hides_answer(summary: str) -> tuple[bool, bool]:
    """Whether the summary of a folded part only says that an answer is in it, and whether it names
    an answer.

    `Show answer` gives (True, True), `Click to expand` (True, False), `Example` and `What is tea?`
    (False, False).
    """
    text = summary.strip().lower()
    if not text or len(text) > 60 or ends_in_question_mark(text.rstrip("! ")):
        return not text, False
    if len(text) <= 14 and _CJK_ANSWER.search(text):
        return True, True
    words = set(_SUMMARY_WORD.findall(text))
    words = {word for word in words if not word.isdigit()}
    if words - _REVEALS - _ANSWERS - _BESIDE:
        return False, False
    return bool(words & (_REVEALS | _ANSWERS)), bool(words & _ANSWERS)


def split_at_answer(inline: Sequence[Segment]) -> tuple[list[Segment], int]:
    """The question at the head of a paragraph, and after how many of its lines the answer begins.

    The second value is 0 where the whole paragraph is the question. A question ends at the end of a
    first line that is all in bold, at the end of the first line that ends in a question mark, or
    before a line that begins with `Ans:`, `Answer:` or `A:` or that is one link that only points to
    an answer.
    """
    lines = _lines(inline)
    for number, line in enumerate(lines[1:], start=1):
        before = "".join(segment.text for segment in lines[number - 1]).strip()
        text = "".join(segment.text for segment in line)
        points = is_pointer(text) and all(segment.href for segment in line if segment.text.strip())
        is_bold = all(segment.strong for segment in lines[0] if segment.text.strip())
        if (
            ends_in_question_mark(before)
            or answer_label(text)
            or points
            or (number == 1 and is_bold)
        ):
            return [segment for head in lines[:number] for segment in head], number
    return list(inline), 0


def _lines(inline: Sequence[Segment]) -> list[list[Segment]]:
    pieces: list[Segment | None] = []
    for segment in inline:
        for number, part in enumerate(segment.text.split("\n")):
            if number:
                pieces.append(None)
            pieces.append(Segment(part, segment.href, segment.strong))
    return [
        [piece for piece in group if piece is not None]
        for is_break, group in groupby(pieces, lambda piece: piece is None)
        if not is_break
    ]


def _without_pointers(inline: Sequence[Segment]) -> list[Segment]:
    shown = [segment for segment in inline if segment.text]
    if all(segment.href is None for segment in shown):
        return shown
    kept = list(shown)
    while kept:
        tail = "".join(segment.text for segment in kept).rstrip(" \n\t-–—:,;|()[]")
        last = kept[-1]
        if last.href is None:
            text = last.text.strip(" \n\t-–—:,;|()[].·•")
            if text and not (_JOINER.fullmatch(text) and len(kept) < len(shown)):
                break
        elif not tail or len([s for s in kept if s.text.strip()]) == 1:
            break
        else:
            before = "".join(segment.text for segment in kept[:-1]).rstrip(" \n\t-–—:,;|([")
            led_to = ends_in_question_mark(before) or is_pointer(_LAST_PART.split(before)[-1])
            same = len(last.text) > 6 and before.lower().startswith(last.text.strip().lower())
            link_run_start = bool(before) and (led_to or same or is_pointer(last.text))
            if not link_run_start:
                break
        kept.pop()
    if not kept or all(segment.href is None for segment in shown[len(kept) :]):
        return shown
    if len(kept) < len(shown):
        last = kept[-1]
        text = _LEAD_IN.sub("", _INVITATION.sub("", last.text))
        *parts, tail = _LAST_PART.split(text)
        if parts and is_pointer(tail):  # `What is tea? - Learn from here: [Tea](…)`
            text = text[: len(text) - len(tail)].rstrip(" \n\t-–—:,;|")
        kept[-1] = Segment(text, last.href, last.strong)
    return kept


_INVITATION = re.compile(
    r"(?<=\S)[\s\-–—:(]+(?:learn|read|see|watch|check|refer)(?:\s+(?:more|here|from here|this|to|at))*\s*[:\-–—]*\s*$",
    re.IGNORECASE,
)
_LAST_PART = re.compile(r"(?<=[?？.!])\s+|\s[-–—|]\s+")
_JOINER = re.compile(
    r"(?:and|or|&|\+|und|y|et|и|和|learn(?: from here| more)?|see|read|watch|check)(?:\s*:)?",
    re.IGNORECASE,
)
