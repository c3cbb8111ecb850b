"""LaTeX formulas in Markdown to text that reads in a terminal: `$\\frac{1}{n-1}$` to `1/(n-1)`.

pylatexenc knows the symbols. What it flattens, and a reader needs, is done here first: fractions get their
brackets, scripts become super- and subscripts, alphabets (bold, roman) plain letters.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

CODE = r"""(?P<code>^(?P<fence>[ ]*(?:`{3,}|~{3,})).*?(?:^(?P=fence)[`~]*[ ]*$|\Z)
      |(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"""
"""Fenced code and code spans as a verbose, dotall, multiline pattern: what is in them is not markup."""

# Escaped dollars are left alone as well; a formula neither touches a word at its dollars nor ends in a space.
_MARKDOWN = re.compile(
    CODE
    + r"""
      | \\\$
      | \n*(?:^(?P<indent>[ ]*))?\$\$(?P<display>.+?)\$\$[ ]*\n*
      | (?<![\w$])\$(?P<inline>(?![\s$])(?:[^$\n]|\n(?!\s*\n))+?(?<![\s\\]))\$(?![\w$])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_LOOKS_LIKE_LATEX = re.compile(
    r"""[\\^_=+<>|] | ^[A-Za-z0-9.,%'()\[\]\s*/-]{1,12}$
      | ^(?:[0-9.,%'()\[\]\s*/-] | (?<![A-Za-z])[A-Za-z](?![A-Za-z]))+$""",
    re.VERBOSE,
)
_SUPERSCRIPTS = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzTᵀ'",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵀ'",
        strict=True,
    )
)
_SUBSCRIPTS = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_ALPHABETS = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|mathrm|mathit|mathsf|operatorname\*?|textbf|textit|text|mbox|left|right|big|Big|bigl|bigr"
    r"|displaystyle|limits|quad|qquad|,|;|!)(?![A-Za-z])"
)
_FUNCTIONS = (
    "det",
    "dim",
    "ker",
    "arg",
    "min",
    "max",
    "sup",
    "inf",
    "lim",
    "log",
    "ln",
    "exp",
    "sin",
    "cos",
    "tan",
    "tanh",
)
_SPACING = re.compile(r"\\(?:quad|qquad|,|;|!)(?![A-Za-z])")


def with_readable_formulas(markdown: str, *, escape: bool) -> str:
    """Markdown with its formulas as text: `$…$` in place, `$$…$$` as lines of indented code.

    With `escape`, what would be markup in a formula's text is escaped, for a Markdown renderer.
    """
    if "$" not in markdown:
        return markdown
    return _MARKDOWN.sub(lambda match: _replace(match, escape=escape), markdown)


def formula_to_text(latex: str) -> str:
    """One formula as Unicode text, several lines where it has several; LaTeX that cannot be read, as it is."""
    try:
        text = _convert(latex)
    except Exception:  # noqa: BLE001 - whatever a parser makes of text that is no LaTeX after all
        text = latex
    return "\n".join(line for line in map(_tidy, text.split("\n")) if line)


def _replace(match: re.Match[str], *, escape: bool) -> str:
    if match["code"] is not None or match[0] == r"\$":
        return match[0]
    if match["display"] is not None:
        lines = formula_to_text(match["display"]).split("\n")
        indent = (match["indent"] or "") + "    "
        return "\n\n" + "\n".join(indent + line for line in lines) + "\n\n"
    latex = match["inline"]
    if not _LOOKS_LIKE_LATEX.search(latex):
        return match[0]
    text = " ".join(formula_to_text(latex).split())
    return _escape(text) if escape else text


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


def _convert(latex: str) -> str:
    text = _SPACING.sub(" ", latex)
    text = re.sub(r"\s*\\rVert", "‖", re.sub(r"\\lVert\s*", "‖", text))
    text = re.sub(r"\s*\\rvert", "|", re.sub(r"\\lvert\s*", "|", text))
    return str(_converter().latex_to_text(_structure(_ALPHABETS.sub("", text))))


def _structure(latex: str) -> str:
    """Fractions, roots and scripts as text, from the inside out; the rest is LaTeX as before."""
    out, at = [], 0
    while at < len(latex):
        char = latex[at]
        if latex.startswith((r"\frac", r"\dfrac", r"\tfrac"), at):
            at = latex.index("c", at) + 1
            over, at = _argument(latex, at)
            under, at = _argument(latex, at)
            out.append(f"{_bracketed(over)}/{_bracketed(under)}")
        elif char in "^_" and (at == 0 or latex[at - 1] != "\\"):
            script, at = _argument(latex, at + 1)
            out.append("{}" + _script(char, script))  # the braces end the name of a macro before it
        elif char == "\\":
            name = re.compile(r"\\(?:[A-Za-z]+|.|$)", re.DOTALL).match(latex, at)
            assert name  # noqa: S101 - the pattern matches at every backslash
            out.append(name[0])
            at = name.end()
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _argument(latex: str, at: int) -> tuple[str, int]:
    """The text of the LaTeX argument at a position, and the position after it."""
    while at < len(latex) and latex[at] == " ":
        at += 1
    if at >= len(latex):
        return "", at
    if latex[at] == "{":
        depth, end = 0, at
        for end in range(at, len(latex)):
            escaped = end > 0 and latex[end - 1] == "\\"
            depth += 0 if escaped else (latex[end] == "{") - (latex[end] == "}")
            if depth == 0:
                break
        return _to_line(latex[at + 1 : end]), end + 1
    match = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL).match(latex, at)
    assert match  # noqa: S101 - there is a character
    return _to_line(match[0]), match.end()


def _to_line(latex: str) -> str:
    return _tidy(_convert(latex))


def _bracketed(text: str) -> str:
    simple = re.fullmatch(r"[\w.'∂∇√⁰-₟ᵀⁿⁱ²³¹\u0300-\u036f]+|[(|‖][^()|‖]*[)|‖]", text)
    return text if simple else f"({text})"


def _script(sign: str, text: str) -> str:
    table = _SUPERSCRIPTS if sign == "^" else _SUBSCRIPTS
    if text and all(char in table for char in text.replace(" ", "")):
        return "".join(table[char] for char in text.replace(" ", ""))
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([=≈≠≤≥<>→∈±×·⊙∝])\s*", r" \1 ", text)
    text = re.sub(r"√\((\w+)\)", r"√\1", text)
    text = re.sub(r"([(\[]) | (?=[)\],;.])", r"\1", text)
    return re.sub(rf"\b({'|'.join(_FUNCTIONS)}) (?=[(₀-₉ₐ-ₜᵢ-ᵥ⁰-⁹])", r"\1", text).strip()


@cache
def _converter() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    context = get_default_latex_context_db()
    functions = [MacroTextSpec(name, simplify_repl=f"{name} ") for name in _FUNCTIONS]
    symbols = {
        "ne": "≠",
        "mid": "|",
        "dots": "…",
        "ldots": "…",
        "cdots": "⋯",
        "Vert": "‖",
        "vert": "|",
        "top": "ᵀ",
    }
    signs = [MacroTextSpec(name, simplify_repl=sign) for name, sign in symbols.items()]
    context.add_context_category("qasearch", prepend=True, macros=[*functions, *signs])
    return LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=True, strict_latex_spaces=False)
