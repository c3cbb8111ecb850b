"""The words for 'question' and 'answer' in the languages that people write FAQs in.

One line of `LANGUAGES` is one language; all regular expressions with such words are made from it.
"""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """How a language labels questions and answers; alternatives are separated by `|`.

    Attributes:
        name: the language.
        question: words and abbreviations for a question, which label one alone.
        answer: words and abbreviations for an answer.
        letters: a letter or a short word for each, such as `P/R`. It can mean something else, so it
            counts only where both label lines in turn.
        problem: words for a problem and for its solution, which count in turn as well.
    """

    name: str
    question: str
    answer: str
    letters: str = ""
    problem: str = ""


LANGUAGES = (
    Language(
        "English",
        "q|qn|qs|que|ques|quest|question",
        "ans|answer|answers",
        "Q/A",
        "problem|issue|symptom|error|challenge/solution|fix|resolution|workaround|remedy",
    ),
    Language("Afrikaans", "vraag", "antwoord", "V/A"),
    Language("Albanian", "pyetje|pyetja", "përgjigje|përgjigja", "P/P"),
    Language("Arabic", "سؤال|السؤال", "جواب|الجواب|إجابة|الإجابة", "س/ج", "المشكلة|مشكلة/الحل|حل"),
    Language("Armenian", "հարց", "պատասխան"),
    Language("Azerbaijani", "sual", "cavab", "S/C"),
    Language("Basque", "galdera", "erantzuna", "G/E"),
    Language("Belarusian", "пытанне", "адказ", "П/А"),
    Language("Bengali", "প্রশ্ন", "উত্তর"),
    Language("Bulgarian", "въпрос", "отговор", "В/О"),
    Language("Catalan", "pregunta", "resposta", "P/R", "problema/solució"),
    Language(
        "Chinese",
        "问题?|題目?|题目?|問題?|问|問",
        "答案?|回答|解答|解析|答",
        "",
        "问题|現象|现象/解决方案|解决办法|解决方法|解決方案",
    ),
    Language("Croatian", "pitanje", "odgovor", "P/O"),
    Language("Czech", "otázka", "odpověď", "O/O", "problém/řešení"),
    Language("Danish", "spørgsmål", "svar", "S/S"),
    Language("Dutch", "vraag", "antwoord", "V/A", "probleem/oplossing"),
    Language("Esperanto", "demando", "respondo", "D/R"),
    Language("Estonian", "küsimus", "vastus", "K/V"),
    Language("Filipino", "tanong", "sagot", "T/S"),
    Language("Finnish", "kysymys", "vastaus", "K/V", "ongelma/ratkaisu"),
    Language("French", "question", "réponse|reponse|rép", "Q/R", "problème|probleme/solution"),
    Language("Galician", "pregunta", "resposta", "P/R"),
    Language("Georgian", "კითხვა", "პასუხი"),
    Language("German", "frage", "antwort", "F/A", "problem|fehler/lösung|loesung|abhilfe"),
    Language("Greek", "ερώτηση", "απάντηση", "Ε/Α", "πρόβλημα/λύση"),
    Language("Gujarati", "પ્રશ્ન", "જવાબ"),
    Language("Hebrew", "שאלה", "תשובה", "ש/ת", "בעיה/פתרון"),
    Language("Hindi", "प्रश्न|सवाल", "उत्तर|जवाब", "प्र/उ", "समस्या/समाधान"),
    Language("Hungarian", "kérdés", "válasz", "K/V", "probléma/megoldás"),
    Language("Icelandic", "spurning", "svar", "S/S"),
    Language("Indonesian", "pertanyaan|soal|tanya", "jawaban|jawab", "T/J", "masalah/solusi"),
    Language("Irish", "ceist", "freagra", "C/F"),
    Language("Italian", "domanda", "risposta", "D/R", "problema/soluzione"),
    Language("Japanese", "質問|問", "答え|回答|解答", "問/答", "問題|症状/解決策|解決方法|対処法"),
    Language("Kannada", "ಪ್ರಶ್ನೆ", "ಉತ್ತರ"),
    Language("Kazakh", "сұрақ", "жауап", "С/Ж"),
    Language("Korean", "질문|문제", "답변?|정답", "문/답", "문제|증상/해결|해결책|해결방법"),
    Language("Latvian", "jautājums", "atbilde", "J/A"),
    Language("Lithuanian", "klausimas", "atsakymas", "K/A"),
    Language("Macedonian", "прашање", "одговор", "П/О"),
    Language("Malay", "soalan", "jawapan", "S/J"),
    Language("Malayalam", "ചോദ്യം", "ഉത്തരം"),
    Language("Marathi", "प्रश्न", "उत्तर"),
    Language("Mongolian", "асуулт", "хариулт", "А/Х"),
    Language("Nepali", "प्रश्न", "उत्तर"),
    Language("Norwegian", "spørsmål", "svar", "S/S"),
    Language("Persian", "پرسش|سوال|سؤال", "پاسخ|جواب", "س/ج", "مشکل/راه حل"),
    Language("Polish", "pytanie", "odpowiedź", "P/O", "problem/rozwiązanie"),
    Language("Portuguese", "pergunta|questão", "resposta", "P/R", "problema/solução"),
    Language("Punjabi", "ਸਵਾਲ", "ਜਵਾਬ"),
    Language("Romanian", "întrebare|intrebare", "răspuns|raspuns", "Î/R", "problemă/soluție"),
    Language("Russian", "вопрос|в", "ответ", "В/О", "проблема|ошибка/решение"),
    Language("Serbian", "питање|pitanje", "одговор|odgovor", "П/О"),
    Language("Slovak", "otázka", "odpoveď", "O/O"),
    Language("Slovenian", "vprašanje", "odgovor", "V/O"),
    Language("Spanish", "pregunta", "respuesta", "P/R", "problema|error/solución|solucion"),
    Language("Swahili", "swali", "jibu", "S/J"),
    Language("Swedish", "fråga", "svar", "F/S", "problem/lösning"),
    Language("Tamil", "கேள்வி", "பதில்"),
    Language("Telugu", "ప్రశ్న", "జవాబు|సమాధానం"),
    Language("Thai", "คำถาม|ถาม", "คำตอบ|ตอบ", "ถาม/ตอบ"),
    Language("Turkish", "soru", "cevap|yanıt", "S/C", "sorun/çözüm"),
    Language("Ukrainian", "питання|запитання", "відповідь", "П/В", "проблема/рішення"),
    Language("Urdu", "سوال", "جواب", "س/ج"),
    Language("Uzbek", "savol", "javob", "S/J"),
    Language("Vietnamese", "câu hỏi|hỏi", "trả lời|đáp án|đáp", "H/Đ", "vấn đề/giải pháp"),
    Language("Welsh", "cwestiwn", "ateb", "C/A"),
)

_DIALOGS = (
    "user|customer|client|visitor|caller|guest|student|reader|kunde|nutzer|cliente|usuario"
    "|utilisateur|клиент|пользователь|用户|客户|お客様",
    "support|agent|staff|operator|assistant|helpdesk|service|team|teacher|mitarbeiter|soporte"
    "|agente|поддержка|оператор|客服|サポート",
)
"""Who asks and who answers in a dialog with a support; `Host` and `Guest` talk, and ask nothing."""


_LONGEST_ABBREVIATION, _FIRST_OF_ASIA = 3, "\u2e80"


def _words(lists: list[str]) -> str:
    """The alternatives of all lists, each once, the longest first, for a verbose expression."""
    words = {word for words in lists for word in words.split("|")}
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(word.replace(" ", r"\ ") for word in ordered)


QUESTION_WORDS = _words([language.question for language in LANGUAGES])
ANSWER_WORDS = _words([language.answer for language in LANGUAGES])

LONG_QUESTION_WORDS = _words(
    [
        word
        for language in LANGUAGES
        for word in language.question.split("|")
        if len(word) > _LONGEST_ABBREVIATION or (len(word) > 1 and word[0] > _FIRST_OF_ASIA)
    ]
)
"""Those that are whole words, which label a question without any sign behind them."""

PAIRS: tuple[tuple[str, str], ...] = (
    *dict.fromkeys(
        (first.lower(), second.lower())
        for first, _, second in (language.letters.partition("/") for language in LANGUAGES)
        if first and first != second
    ),
    *(
        (_words([first]), _words([second]))
        for first, _, second in (language.problem.partition("/") for language in LANGUAGES)
        if first
    ),
    (_words([_DIALOGS[0]]), _words([_DIALOGS[1]])),
)
"""Labels that count only in turn, the first of a question and the second of its answer."""

NUMBER = r"\#?\d+(?:\.\d+)*"
"""The number of a question: `3`, `#3`, `3.1`."""

ANSWERS = frozenset(
    word for language in LANGUAGES for word in language.answer.replace("?", "").split("|")
)
"""The words for an answer, without their forms."""
