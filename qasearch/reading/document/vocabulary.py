"""The words for 'question' and 'answer' in many languages, as parts of regular expressions."""

QUESTION_WORDS = (
    r"q|в|qn|qs|que|ques|quest|question|frage|pregunta|pergunta|domanda|вопрос|питання|pytanie"
    r"|otázka|soru|soal|câu\ hỏi|问题?|問題?|题目?|題目?|質問|질문|문제"
)
ANSWER_WORDS = (
    r"ans|answer|answers|antwort|respuesta|resposta|risposta|réponse|reponse|ответ|відповідь"
    r"|odpowiedź|odpověď|cevap|yanıt|jawaban|trả\ lời|đáp\ án"
    r"|答案?|回答|解答|解析|答え|답변?|정답|คำตอบ"
)
NUMBER = r"\#?\d+(?:\.\d+)*"
"""The number of a question: `3`, `#3`, `3.1`."""
