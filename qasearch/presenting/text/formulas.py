"""LaTeX formulas in Markdown to text that reads in a terminal: `$\\frac{1}{n-1}$` to `1/(n-1)`.

pylatexenc knows the symbols, accents and environments. What it flattens, and a reader needs, is
done here first: fractions and roots get their brackets, scripts become super- and subscripts,
alphabets (bold, roman) plain letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from qasearch.presenting.text.prose import map_prose

# A formula neither touches a word at its dollars nor ends in a space; an escaped dollar is none.
_FORMULA = re.compile(
    r"""\\\$
      | (?:(?<=\n)(?P<indent>[ ]+))?\$\$(?P<display>.+?)\$\$
      | (?<![\w$])\$(?P<inline>(?![\s$])(?:[^$\n]|\n(?!\s*\n))+?(?<![\s\\]))\$(?![\w$])""",
    re.VERBOSE | re.DOTALL,
)
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")
_LOOKS_LIKE_LATEX = re.compile(
    r"""[\\^_=+<>|] | ^[A-Za-z0-9.,%'()\[\]\s*/-]{1,12}$
      | ^(?:[0-9.,%'()\[\]\s*/-] | (?<![A-Za-z])(?:[A-Za-z]|[A-Z]{2,4})(?![A-Za-z]))+$""",
    re.VERBOSE,
)


def with_readable_formulas(markdown: str, *, escape: bool) -> str:
    """Markdown with its formulas as text: `$…$` in place, `$$…$$` as lines of indented code.

    With `escape`, what would be markup in a formula's text is escaped, for a Markdown renderer.
    """
    return (
        map_prose(markdown, lambda text: _in_prose(text, escape=escape))
        if "$" in markdown
        else markdown
    )


def formula_to_text(latex: str) -> str:
    """One formula as Unicode text, several lines where it has several; LaTeX that cannot be read,
    as it is.
    """
    try:
        text = _Formula().convert(latex)
    except Exception:  # noqa: BLE001 - whatever a parser makes of text that is no LaTeX after all
        text = latex
    return "\n".join(line for line in map(_tidy, text.split("\n")) if line)


def _in_prose(text: str, *, escape: bool) -> str:
    result, at = "", 0
    for match in _FORMULA.finditer(text):
        between = text[at : match.start()]
        at = match.end()
        if match["display"] is not None:
            indent = (match["indent"] or "") + "    "
            lines = "\n".join(
                indent + line for line in formula_to_text(match["display"]).split("\n")
            )
            blank = _BLANK_LINES.match(text, at)
            at = blank.end() if blank else at
            result += between.rstrip("\n") + f"\n\n{lines}\n\n"
        elif match["inline"] is not None and _LOOKS_LIKE_LATEX.search(match["inline"]):
            shown = " ".join(formula_to_text(match["inline"]).split())
            result += between + (_escaped(shown) if escape else shown)
        else:
            result += between + match[0]
    return result + text[at:]


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


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
_FUNCTIONS = frozenset(
    (
        "arccos arcsin arctan arg cos cosh cot deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max min Pr "
        "sec sin sinh sup tan tanh"
    ).split()
)
_WITH_ARGUMENT = frozenset(
    (
        "acute bar begin breve check ddot dot end grave hat mathbb mathcal mathfrak mathring mathscr tilde underline "
        "vec widehat widetilde"
    ).split()
)
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
            r"\\(?:mathbf|boldsymbol|bm|mathrm|mathit|mathsf|mathtt|operatorname\*?|text|textbf|textit|textrm|mbox"
            r"|displaystyle|limits|nolimits)(?![A-Za-z])",
            "",
        ),
        (r"\{([^{}]*)\\over(?![A-Za-z])([^{}]*)\}", r"\\frac{\1}{\2}"),
        (r"\\begin\{vmatrix\}", r"\\begin{pmatrix}"),
        (r"\\end\{vmatrix\}", r"\\end{pmatrix}"),
        (r"(?s)(\\begin\{cases\}.*?\\end\{cases\})", "cases"),
    )
]
_MACRO = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_FINISHED = 0xF0000  # private characters that stand for text that is finished


class _Formula:
    """One formula on its way to text. Finished parts are put aside, so that nothing reads them as
    LaTeX again.
    """

    def __init__(self) -> None:
        self._finished: list[str] = []

    def convert(self, latex: str) -> str:
        """The text of a whole formula."""
        for pattern, replacement in _REWRITTEN:
            latex = pattern.sub(_columns_apart if replacement == "cases" else replacement, latex)
        return self._text(latex)

    def _text(self, latex: str) -> str:
        shown = str(_symbols().latex_to_text(self._structured(latex)))
        return re.sub(f"[{chr(_FINISHED)}-{chr(_FINISHED + 0xFFF)}]", self._finished_text, shown)

    def _finished_text(self, match: re.Match[str]) -> str:
        number = ord(match[0]) - _FINISHED
        return self._finished[number] if number < len(self._finished) else match[0]

    def _put_aside(self, text: str) -> str:
        self._finished.append(text)
        return "{}" + chr(
            _FINISHED + len(self._finished) - 1
        )  # the braces end the name of a macro before it

    def _structured(self, latex: str) -> str:
        """The LaTeX with its fractions, roots and scripts put aside as text."""
        out: list[str] = []
        at = 0
        after_function = False
        while at < len(latex):
            macro = _MACRO.match(latex, at)
            name = macro[0][1:] if macro else ""
            if macro and (read := self._macro_with_arguments(name, latex, macro.end())):
                text, at = read
                if after_function and name.endswith("frac"):  # `\log \frac{a}{b}`
                    text = f"({text})"
                    while out[-1] == " ":
                        out.pop()
                out.append(self._put_aside(text))
            elif latex[at] in "^_":
                sign = latex[at]
                text, at = self._argument(latex, at + 1)
                out.append(self._put_aside(_script(sign, text)))
                continue  # `\max_x f`: what follows still follows the function
            elif macro:
                at = macro.end()
                out.append(_ended(macro[0], before=latex[at : at + 1]))
            else:
                out.append(latex[at])
                at += 1
            after_function = name in _FUNCTIONS or (after_function and out[-1] == " ")
        return "".join(out)

    def _macro_with_arguments(self, name: str, latex: str, at: int) -> tuple[str, int] | None:
        """The text of a macro whose arguments begin at a position, and the position after them;
        None for others.
        """
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            over, at = self._argument(latex, at)
            under, at = self._argument(latex, at)
            return f"{_numerator(over)}/{_denominator(under)}", at
        if name in ("binom", "dbinom", "tbinom"):
            above, at = self._argument(latex, at)
            below, at = self._argument(latex, at)
            return f"C({above}, {below})", at
        if name == "sqrt":
            degree, at = self._optional(latex, at)
            root, at = self._argument(latex, at)
            return (_script("^", degree) if degree else "") + "√" + _denominator(root), at
        if name == "overline":
            over, at = self._argument(latex, at)
            return "".join(char + "\u0305" for char in over), at
        return None

    def _argument(self, latex: str, at: int) -> tuple[str, int]:
        """The text of the LaTeX argument at a position, and the position after it.

        Raises:
            ValueError: there is none, or its brace is never closed.
        """
        while at < len(latex) and latex[at] == " ":
            at += 1
        if at >= len(latex):
            raise ValueError("an argument is missing")
        if latex[at] == "{":
            end = _closing_brace(latex, at)
            return _tidy(self._text(latex[at + 1 : end])), end + 1
        macro = _MACRO.match(latex, at)
        end = macro.end() if macro else at + 1
        if macro and macro[0][1:] in _WITH_ARGUMENT | {"sqrt", "overline"}:
            end = _closing_brace(latex, latex.index("{", end)) + 1
        return _tidy(self._text(latex[at:end])), end

    def _optional(self, latex: str, at: int) -> tuple[str, int]:
        match = re.compile(r"\s*\[([^\[\]]*)\]").match(latex, at)
        return (_tidy(self._text(match[1])), match.end()) if match else ("", at)


def _ended(macro: str, before: str) -> str:
    """A macro with its name ended, so that pylatexenc keeps the space behind it."""
    name = macro[1:]
    if name in _FUNCTIONS:
        return macro + "{}" + " " * bool(re.match(r"[A-Za-z\\]", before))
    return macro + "{}" if name.isalpha() and name not in _WITH_ARGUMENT else macro


def _closing_brace(latex: str, at: int) -> int:
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(latex, at):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth == 0 and match[0] == "}":
            return match.start()
    raise ValueError("a brace is never closed")


def _columns_apart(match: re.Match[str]) -> str:
    return re.sub(r"\s*,?\s*(?<!\\)&\s*", ", ", match[0])


_ONE = r"[^\W\d_][\u0300-\u036f⁰-₟ᵀⁿⁱ²³¹ᵃ-ᶻʰʲʳʷˣʸˡˢⱼᵢ-ᵥ']*"
_ONE_NUMERATOR = re.compile(r"[\w.'∂∇√⁰-₟ᵀⁿⁱ²³¹ⱼ\u0300-\u036f]+|\([^()]*\)|\|[^|]*\||‖[^‖]*‖")
_ONE_DENOMINATOR = re.compile(
    rf"\d+(?:\.\d+)?|√?(?:\d+|{_ONE})|[d∂]{_ONE}|\([^()]*\)|\|[^|]*\||‖[^‖]*‖|[A-Z]{{2,}}"
)


def _numerator(text: str) -> str:
    return text if _ONE_NUMERATOR.fullmatch(text) else f"({text})"


def _denominator(text: str) -> str:
    return text if _ONE_DENOMINATOR.fullmatch(text) else f"({text})"


def _script(sign: str, text: str) -> str:
    table = _SUPERSCRIPTS if sign == "^" else _SUBSCRIPTS
    close = text.replace(" ", "")
    if close and all(char in table for char in close):
        return "".join(table[char] for char in close)
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    text = re.sub(r"\s*([=≈≠≤≥<>→∈±×·⊙∝])\s*", r" \1 ", text)
    return re.sub(r"([(\[∂∇]) | (?=[)\],;.])", r"\1", text).strip()


@cache
def _symbols() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    context = get_default_latex_context_db()
    signs = {
        "ne": "≠",
        "mid": "|",
        "vert": "|",
        "dots": "…",
        "ldots": "…",
        "cdots": "⋯",
        "top": "ᵀ",
        "prime": "'",
    }
    macros = [MacroTextSpec(name, simplify_repl=name) for name in sorted(_FUNCTIONS)]
    macros += [MacroTextSpec(name, simplify_repl=sign) for name, sign in signs.items()]
    context.add_context_category("qasearch", prepend=True, macros=macros)
    context.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=lambda node: node.macroname))
    return LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=True)
