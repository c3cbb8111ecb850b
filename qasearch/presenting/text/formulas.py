"""LaTeX formulas in Markdown as text that reads in a terminal: `$\frac{1}{n-1}$` as `1/(n-1)`.

pylatexenc knows the symbols, accents and environments. What it flattens and a reader needs is done
here first: fractions and roots get their brackets, scripts become super- and subscripts, and the
commands for alphabets (bold, roman) are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from qasearch.presenting.text.prose import map_prose

# ---- where formulas are

_FORMULA = re.compile(
    r"""\\\$
      | (?:(?<=\n)(?P<indent>[ ]+))?\$\$(?P<display>.+?)\$\$
      | (?<![\w$])\$(?P<inline>(?![\s$])(?:[^$\n]|\n(?!\s*\n))+?(?<![\s\\]))\$(?![\w$])""",
    re.VERBOSE | re.DOTALL,
)
"""A formula, or an escaped dollar, which is none.

The dollars of an inline formula do not touch a word outside, nor a space inside.
"""

_LOOKS_LIKE_LATEX = re.compile(
    r"""[\\^_=+<>|] | ^[A-Za-z0-9.,%'()\[\]\s*/-]{1,12}$
      | ^(?:[0-9.,%'()\[\]\s*/-] | (?<![A-Za-z])(?:[A-Za-z]|[A-Z]{2,4})(?![A-Za-z]))+$""",
    re.VERBOSE,
)
"""What is a formula and not the text between two prices: it has an operator of LaTeX, or is at most
12 characters long, or has no words, only numbers, single letters and abbreviations."""

_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")
_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")

# ---- how LaTeX becomes text

_SUPERSCRIPTS = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzTᵀ'∘",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵀ'°",
        strict=True,
    )
)
_SUBSCRIPTS = dict(
    zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)

_FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
_BINOMIALS = ("binom", "dbinom", "tbinom")
_FUNCTIONS = frozenset(
    """
    arccos arcsin arctan arg cos cosh cot deg det dim exp gcd hom inf ker lg lim liminf limsup ln
    log max min Pr sec sin sinh sup tan tanh
    """.split()
)
"""Macros that stand for their own names."""

_WITH_ARGUMENT = frozenset(
    """
    acute bar begin breve check ddot dot end grave hat mathbb mathcal mathfrak mathring mathscr
    tilde underline vec widehat widetilde
    """.split()
)
"""Macros of pylatexenc that take the next pair of braces."""

_SIGNS = {
    "ne": "≠",
    "mid": "|",
    "vert": "|",
    "dots": "…",
    "ldots": "…",
    "cdots": "⋯",
    "top": "ᵀ",
    "prime": "'",
}
"""Macros for which pylatexenc has another sign, or none."""

_REWRITTEN = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\\(?:left|right)\s*\.", ""),
        (r"\\(?:left|right|[bB]ig+[lr]?)(?![A-Za-z])\s*", ""),
        (r"\\(?:lVert(?![A-Za-z])|\|)\s*(?=\S[^‖]*\\(?:rVert|\|))", "‖"),
        (r"\s*\\rVert(?![A-Za-z])", "‖"),
        (r"\\(?:\||(?:lVert|Vert|parallel)(?![A-Za-z]))", "‖"),
        (r"\\lvert(?![A-Za-z])\s*", "|"),
        (r"\s*\\rvert(?![A-Za-z])", "|"),
        (r"\\langle(?![A-Za-z])\s*", "⟨"),
        (r"\s*\\rangle(?![A-Za-z])", "⟩"),
        (r"\\(?:quad|qquad|,|;|:|!|>)(?![A-Za-z])", " "),
        (
            r"\\(?:mathbf|boldsymbol|bm|mathrm|mathit|mathsf|mathtt|operatorname\*?|text|textbf"
            r"|textit|textrm|mbox|displaystyle|limits|nolimits)(?![A-Za-z])",
            "",
        ),
        (r"\{([^{}]*)\\over(?![A-Za-z])([^{}]*)\}", r"\\frac{\1}{\2}"),
        (r"\\begin\{vmatrix\}", r"\\begin{pmatrix}"),
        (r"\\end\{vmatrix\}", r"\\end{pmatrix}"),
    )
]
"""Replacements in a formula before it is read, in this order: pairs of norm signs before single
ones."""

_CASES = re.compile(r"\\begin\{cases\}.*?\\end\{cases\}", re.DOTALL)
_COLUMN_END = re.compile(r"\s*,?\s*(?<!\\)&\s*")

_MACRO = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_OPTIONAL = re.compile(r"\s*\[([^\[\]]*)\]")

_FINISHED = 0xF0000
"""The first private character that stands for a text that is finished."""
_MAX_FINISHED = 0xFFF
_FINISHED_CHARACTER = re.compile(f"[{chr(_FINISHED)}-{chr(_FINISHED + _MAX_FINISHED)}]")

_SYMBOL = r"[^\W\d_][\u0300-\u036f⁰-₟ᵀⁿⁱ²³¹ᵃ-ᶻʰʲʳʷˣʸˡˢⱼᵢ-ᵥ']*"
_BRACKETED = r"\([^()]*\)|\|[^|]*\||‖[^‖]*‖"
_ONE_NUMERATOR = re.compile(rf"[\w.'∂∇√⁰-₟ᵀⁿⁱ²³¹ⱼ\u0300-\u036f]+|{_BRACKETED}")
_ONE_DENOMINATOR = re.compile(
    rf"\d+(?:\.\d+)?|√?(?:\d+|{_SYMBOL})|[d∂]{_SYMBOL}|{_BRACKETED}|[A-Z]{{2,}}"
)
"""What needs no brackets above and below the line of a fraction. Below it, a product needs them:
`1/(2σ)`."""


def with_readable_formulas(markdown: str, *, escape: bool) -> str:
    """The Markdown with its formulas as text: `$…$` in place, `$$…$$` as lines of indented code.

    With `escape`, markup in the text of an inline formula is escaped, for a Markdown renderer.
    """
    if "$" not in markdown:
        return markdown
    return map_prose(markdown, lambda text: _in_prose(text, escape=escape))


def formula_to_text(latex: str) -> str:
    """One formula as Unicode text, with a line for each of its lines.

    LaTeX that cannot be read stays as it is.
    """
    try:
        text = _Formula().convert(latex)
    except Exception:  # noqa: BLE001 - on text that is no LaTeX a parser fails in any way
        text = latex
    return "\n".join(line for line in map(_tidy, text.split("\n")) if line)


def _in_prose(text: str, *, escape: bool) -> str:
    """The text of a document, without code, with its formulas as text."""
    result, position = "", 0
    for match in _FORMULA.finditer(text):
        between = text[position : match.start()]
        position = match.end()
        if match["display"] is not None:
            result += between.rstrip("\n") + f"\n\n{_display(match)}\n\n"
            blank = _BLANK_LINES.match(text, position)
            position = blank.end() if blank else position
        elif match["inline"] is not None and _LOOKS_LIKE_LATEX.search(match["inline"]):
            formula = " ".join(formula_to_text(match["inline"]).split())
            result += between + (_MARKUP.sub(r"\\\1", formula) if escape else formula)
        else:
            result += between + match[0]
    return result + text[position:]


def _display(match: re.Match[str]) -> str:
    """A displayed formula as indented code, below the indentation of its paragraph."""
    indent = (match["indent"] or "") + "    "
    return "\n".join(indent + line for line in formula_to_text(match["display"]).split("\n"))


class _Formula:
    """One formula while it becomes text.

    A part that is finished is put aside, and a private character stands in its place, so that
    nothing reads it as LaTeX again.
    """

    def __init__(self) -> None:
        self._finished: list[str] = []

    def convert(self, latex: str) -> str:
        """The text of a whole formula.

        Raises:
            ValueError: an argument is missing, or a brace is never closed.
        """
        for pattern, replacement in _REWRITTEN:
            latex = pattern.sub(replacement, latex)
        latex = _CASES.sub(lambda cases: _COLUMN_END.sub(", ", cases[0]), latex)
        return self._text(latex)

    def _text(self, latex: str) -> str:
        text = str(_symbols().latex_to_text(self._structured(latex)))
        return _FINISHED_CHARACTER.sub(self._finished_text, text)

    def _finished_text(self, match: re.Match[str]) -> str:
        number = ord(match[0]) - _FINISHED
        return self._finished[number] if number < len(self._finished) else match[0]

    def _put_aside(self, text: str) -> str:
        """The character that stands for this text; braces end the name of a macro before it."""
        self._finished.append(text)
        return "{}" + chr(_FINISHED + len(self._finished) - 1)

    def _structured(self, latex: str) -> str:
        """The LaTeX with the text of its fractions, roots and scripts put aside."""
        parts: list[str] = []
        position = 0
        after_function = False
        while position < len(latex):
            macro = _MACRO.match(latex, position)
            name = macro[0][1:] if macro else ""
            if macro and (structure := self._structure(name, latex, macro.end())):
                text, position = structure
                if after_function and name in _FRACTIONS:  # `\log \frac{a}{b}` is `log(a/b)`
                    text = f"({text})"
                    while parts[-1] == " ":
                        parts.pop()
                parts.append(self._put_aside(text))
            elif latex[position] in "^_":
                sign = latex[position]
                text, position = self._argument(latex, position + 1)
                parts.append(self._put_aside(_script(sign, text)))
                continue  # `\max_x f`: what follows still follows the function
            elif macro:
                position = macro.end()
                parts.append(_ended(macro[0], before=latex[position : position + 1]))
            else:
                parts.append(latex[position])
                position += 1
            after_function = name in _FUNCTIONS or (after_function and parts[-1] == " ")
        return "".join(parts)

    def _structure(self, name: str, latex: str, position: int) -> tuple[str, int] | None:
        """The text of a macro with the arguments at `position`, and the position after them.

        None for a macro that pylatexenc converts well enough.
        """
        if name in _FRACTIONS:
            numerator, position = self._argument(latex, position)
            denominator, position = self._argument(latex, position)
            return f"{_numerator(numerator)}/{_denominator(denominator)}", position
        if name in _BINOMIALS:
            above, position = self._argument(latex, position)
            below, position = self._argument(latex, position)
            return f"C({above}, {below})", position
        if name == "sqrt":
            degree, position = self._optional(latex, position)
            radicand, position = self._argument(latex, position)
            index = _script("^", degree) if degree else ""
            return f"{index}√{_denominator(radicand)}", position
        if name == "overline":
            argument, position = self._argument(latex, position)
            return "".join(char + "\u0305" for char in argument), position
        return None

    def _argument(self, latex: str, position: int) -> tuple[str, int]:
        """The text of the LaTeX argument at a position, and the position after it.

        Raises:
            ValueError: there is none, or its brace is never closed.
        """
        while position < len(latex) and latex[position] == " ":
            position += 1
        if position >= len(latex):
            raise ValueError("an argument is missing")
        if latex[position] == "{":
            end = _closing_brace(latex, position)
            return _tidy(self._text(latex[position + 1 : end])), end + 1
        macro = _MACRO.match(latex, position)
        end = macro.end() if macro else position + 1
        if macro and macro[0][1:] in _WITH_ARGUMENT | {"sqrt", "overline"}:
            end = _closing_brace(latex, latex.index("{", end)) + 1
        return _tidy(self._text(latex[position:end])), end

    def _optional(self, latex: str, position: int) -> tuple[str, int]:
        """The text of an argument in square brackets, "" without one, and the position after it."""
        match = _OPTIONAL.match(latex, position)
        return (_tidy(self._text(match[1])), match.end()) if match else ("", position)


def _ended(macro: str, before: str) -> str:
    """A macro whose name is ended by braces, so that pylatexenc keeps the space behind it.

    `before` is the character behind the macro.
    """
    name = macro[1:]
    if name in _FUNCTIONS:
        return macro + "{}" + " " * bool(re.match(r"[A-Za-z\\]", before))
    return macro + "{}" if name.isalpha() and name not in _WITH_ARGUMENT else macro


def _closing_brace(latex: str, position: int) -> int:
    """Where the brace that opens at `position` is closed.

    Raises:
        ValueError: it is never closed.
    """
    depth = 0
    for match in _BRACE.finditer(latex, position):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth == 0 and match[0] == "}":
            return match.start()
    raise ValueError("a brace is never closed")


def _numerator(text: str) -> str:
    return text if _ONE_NUMERATOR.fullmatch(text) else f"({text})"


def _denominator(text: str) -> str:
    return text if _ONE_DENOMINATOR.fullmatch(text) else f"({text})"


def _script(sign: str, text: str) -> str:
    """A superscript (`^`) or a subscript (`_`): in small letters if Unicode has all of them."""
    table = _SUPERSCRIPTS if sign == "^" else _SUBSCRIPTS
    characters = text.replace(" ", "")
    if characters and all(character in table for character in characters):
        return "".join(table[character] for character in characters)
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"


def _tidy(text: str) -> str:
    """The text with single spaces, one on each side of a relation, none inside brackets."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    text = re.sub(r"\s*([=≈≠≤≥<>→∈±×·⊙∝])\s*", r" \1 ", text)
    return re.sub(r"([(\[∂∇]) | (?=[)\],;.])", r"\1", text).strip()


@cache
def _symbols() -> Any:
    """What pylatexenc converts with: its own tables with the macros of this file before them."""
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    context = get_default_latex_context_db()
    macros = [MacroTextSpec(name, simplify_repl=name) for name in sorted(_FUNCTIONS)]
    macros += [MacroTextSpec(name, simplify_repl=sign) for name, sign in _SIGNS.items()]
    context.add_context_category("qasearch", prepend=True, macros=macros)
    context.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=lambda node: node.macroname))
    return LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=True)
