"""What kind of heading a heading is, by its words alone: of an answer, of a README, of contents.

Works on the visible text of headings. Knows nothing of blocks.
"""

from __future__ import annotations

import re

from qasearch.reading.document.cleaning import without_points
from qasearch.reading.document.vocabulary import ANSWER_WORDS, NUMBER, QUESTION_WORDS

_LANGUAGE = re.compile(r"\s*\([A-Za-z]{2}\)$")
_ANSWER_TITLE = re.compile(
    rf"""^(?:the\s+|correct\s+)?(?:{ANSWER_WORDS})\s*\#?\d*\s*[:：.\-–]*\s*
        (?:(?:option|choice)?\s*\(?(?:[A-Ha-h]|\d\d?)
            (?:\s*(?:,|and|&|/)\s*(?:[A-H]|\d\d?))*\)?)?\s*[.)]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_SOLUTION_TITLE = re.compile(
    r"^(?:the\s+)?(?:(?:sample\s+|possible\s+|my\s+)?solutions?|explanations?|hints?|解析|说明"
    r"|lösung|erklärung|solución|explicación|решение|объяснение)\s*\#?\d*\s*[:：.]*$",
    re.IGNORECASE,
)
_SEQUEL_TITLE = re.compile(
    r"^(?:references?|(?:useful |external |more |other )?(?:resources?|links?)|sources?|notes?"
    r"|further reading|see also|articles?|videos?|books?|tutorials?|blogs?|talks?|courses?|papers?"
    r"|learn more|reading list|attachments?|comments)\s*[:：.]*$",
    re.IGNORECASE,
)
_GENERIC_QUESTION = re.compile(
    rf"""^(?:(?:the\s+)?(?:{QUESTION_WORDS})\s*[.\#\-]?\s*(?P<number>{NUMBER})?\s*[.:)：]*
      | (?:problem|case|exercise|task|challenge|puzzle|scenario|quiz|kata|riddle
          |aufgabe|ejercicio|exercice|задача|练习)
        \s*[.\#\-]?\s*(?P<other>{NUMBER})\s*[.:)：]*
      | 第\s*[\d一二三四五六七八九十百]+\s*[题題问問条條道]\s*[:：.、]?)$""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING_TITLE = re.compile(
    r"^(?:(?:still\s+)?(?:have|got)\s+.*questions?|(?:any\s+)?(?:more|other|further)\s+questions?"
    r"|need\s+(?:more\s+)?help|did\s?n.t\s+find.*|question\s+not\s+(?:answered|listed).*"
    r"|how\s+(?:to|can\s+i)\s+contribute)\s*[?？.!]*$",
    re.IGNORECASE,
)
_ANSWER_KEY = re.compile(
    rf"""^(?:the\s+|correct\s+)*
        (?:(?:{ANSWER_WORDS}|solutions?|lösung|soluciones|soluzioni|решения|corrigé)(?:s|en|es)?
            (?:\s+(?:keys?|sheets?))?|key)
        \s*(?:$|[:：.(\-–—].*|(?:to|for|of|zu|zum|a|de|для|à|aux)\b.*)""",
    re.IGNORECASE | re.VERBOSE,
)
_README_TITLE = re.compile(
    r"^(?:install(?:ation|ing)?|usage|getting started|quick\s?start|features?|requirements?"
    r"|prerequisites?|examples?|configuration|settings|api|overview|introduction|about|background"
    r"|demo|screenshots?|roadmap|to\s?do|documentation|tests?|testing|build(?:ing)?|development"
    r"|description|template|problem|details|steps|background|context|goals?|scope|result|environment"
    r"|community|support|summary|conclusion|faqs?|frequently asked questions|license|contributing)"
    r"\s*[:：.]*$",
    re.IGNORECASE,
)
_ADVERTISEMENT = re.compile(
    r"👉|\bexplore all\b|\banswers here\b|^join\b.*\b(?:discord|slack|telegram|community)\b"
    r"|^subscribe\b|^buy me\b",
    re.IGNORECASE,
)
_CONTENTS = re.compile(
    r"^(?:table\ of\ (?:contents?|questions?)\b.*|(?:contents|toc)(?:\ *[-–—:(].*)?"
    r"|questions?\ (?:list|index)|list\ of\ questions|目录|目錄|índice|sommaire"
    r"|inhalt(?:sverzeichnis)?|содержание|оглавление|spis\ treści|daftar\ isi|mục\ lục)$",
    re.IGNORECASE | re.VERBOSE,
)
_HOUSEKEEPING = re.compile(
    r"^(?:licen[sc]e|licensing|copyright.*|contributors?|acknowledge?ments?|sponsors?|backers?"
    r"|star\ history|stargazers.*)$",
    re.IGNORECASE | re.VERBOSE,
)
_ABOUT_QUESTIONS = re.compile(
    r"\bfaqs?\b|\bq\s?(?:&|and|n|\+)\s?as?\b|\b(?:asked|common|answered) questions?\b"
    r"|\b(?:common|known|frequent) (?:issues|problems|errors)\b|常见问题|よくある質問",
    re.IGNORECASE,
)

_COLLECTION = re.compile(
    r"\bquestions?\b|\bquiz(?:zes)?\b|\binterview\b.*\banswers?\b|\btrivia\b|\bexams?\b|\bfragen\b"
    r"|\bpreguntas\b|\bperguntas\b|вопрос|面试|题库|测验|试题|問題集|クイズ|질문|퀴즈",
    re.IGNORECASE,
)

_FORM = re.compile(
    r"^(?:.*\btemplate|template\b.*|bug report|feature request)$",
    re.IGNORECASE,
)
_IN_FORM = re.compile(
    r"(?:describe the (?:bug|solution|alternatives|problem|feature)|(?:steps )?to reproduce"
    r"|(?:expected|actual|current) (?:behaviou?r|result)s?|additional (?:context|info\w*)"
    r"|screenshots?|what (?:does|is the purpose of) this (?:pr|pull request|change|mr)"
    r"|how (?:has|was|have) (?:this|it)(?: been)? tested|why is (?:this|it) needed"
    r"|types? of changes?|is your feature request related|motivation and context"
    r"|related issues?|proposed solution|what (?:happened|did you expect)|your environment)\b",
    re.IGNORECASE,
)


def is_about_questions(title: str) -> bool:
    """Whether the title of a document says that it answers questions: 'FAQ', 'Common issues'."""
    return bool(_ABOUT_QUESTIONS.search(title))


def is_collection_of_questions(title: str) -> bool:
    """Whether the title of a document says that it collects questions: 'Interview questions'."""
    return bool(_COLLECTION.search(title.replace("_", " ")))


def is_form_title(title: str) -> bool:
    """Whether a document is called a form for reports or changes: 'bug report'."""
    return bool(_FORM.search(title.replace("_", " ")))


def is_title_in_form(title: str) -> bool:
    """Whether a heading is usual in forms for reports or changes: 'Describe the bug'."""
    return bool(_IN_FORM.match(title))


def is_answer_title(text: str) -> bool:
    """Whether a heading says 'Answer', 'Answer: D' or the like."""
    text = _LANGUAGE.sub("", text.strip(" *_"))
    return bool(_ANSWER_TITLE.match(text)) and text.lower() != "answers"


def is_solution_title(text: str) -> bool:
    """Whether a heading says 'Solution', 'Explanation' or 'Hint'."""
    return bool(_SOLUTION_TITLE.match(text.strip(" *_")))


def is_sequel_title(text: str) -> bool:
    """Whether a heading continues the text above it: 'Solution', 'Explanation', 'References'."""
    return is_solution_title(text) or bool(_SEQUEL_TITLE.match(text.strip(" *_")))


def is_generic_question(text: str) -> bool:
    """Whether a heading only says that a question follows: 'Question', 'Q3', 'Exercise 2'."""
    text = _LANGUAGE.sub("", without_points(text.strip(" *_")))
    return len(text) > 1 and bool(_GENERIC_QUESTION.match(text))


def is_closing_title(text: str) -> bool:
    """Whether a heading offers help to readers without an answer: 'Still have questions?'."""
    return bool(_CLOSING_TITLE.match(text.strip(" *_")))


def is_answer_key(text: str) -> bool:
    """Whether the answers to earlier questions follow: 'Answers', 'Answer key', 'Solutions'."""
    return bool(_ANSWER_KEY.match(text.strip(" *_")))


def is_readme_title(text: str) -> bool:
    """Whether a heading is usual in READMEs, and asks nothing: 'Installation', 'FAQ'."""
    return bool(_README_TITLE.match(text.strip(" *_")))


def is_advertisement(text: str) -> bool:
    """Whether a heading sends readers to another place: 'Explore all 100 answers here'."""
    return bool(_ADVERTISEMENT.search(text))


def is_contents_title(title: str) -> bool:
    """Whether a heading says that a table of contents follows."""
    return bool(_CONTENTS.match(title))


def is_housekeeping_title(title: str) -> bool:
    """Whether a section is about the document itself: its licence, its contributors."""
    return bool(_HOUSEKEEPING.match(title))
