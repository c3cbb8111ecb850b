"""LaTeX formulas become text that reads in a terminal; other dollars stay as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qasearch.presenting.text.formulas import formula_to_text, with_readable_formulas
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        # fractions
        (r"\frac{a}{b}", "a/b"),
        (r"\frac12", "1/2"),
        (r"\frac{a+b}{2}", "(a+b)/2"),
        (r"\frac{1}{n-1}", "1/(n-1)"),
        (r"\frac{1}{1 + e^{-x}}", "1/(1 + e⁻ˣ)"),
        (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"),
        (r"\frac{\partial f}{\partial x_i}", "∂f/∂xᵢ"),
        (r"\frac{(a + b)(c + d)}{2}", "((a + b)(c + d))/2"),
        (r"\frac{(a + b)}{\lvert c \rvert}", "(a + b)/|c|"),
        (r"\dfrac{-b \pm \sqrt{b^2 - 4c}}{2}", "(-b ± √(b² - 4c))/2"),
        (r"\frac{\text{TP}}{\text{TP} + \text{FP}}", "TP/(TP + FP)"),
        (r"-\frac{1}{2\sigma^2} z^2", "-1/(2σ²) z²"),
        # scripts
        ("x^2", "x²"),
        ("x^{10}", "x¹⁰"),
        ("A^{-1}", "A⁻¹"),
        ("x_{ij}^2", "xᵢⱼ²"),
        ("x_{i+1}", "xᵢ₊₁"),
        ("x_1^{(i)}", "x₁⁽ⁱ⁾"),
        ("x^{a/b}", "x^(a/b)"),
        ("x_{AB}", "x_(AB)"),
        (r"\sigma_X", "σ_X"),
        (r"x_{\text{new}}", "x_(new)"),
        (r"(X^\top X)^{-1} X^\top y", "(Xᵀ X)⁻¹ Xᵀ y"),
        ("X^T", "Xᵀ"),
        (r"\mu_{c_i}", "μ_(cᵢ)"),
        ("e^{-x^2}", "e^(-x²)"),
        (r"\lambda_{\max}", "λₘₐₓ"),
        # sums, products, integrals
        (r"\sum_{i=1}^{n} x_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\sum_{i \in C} x_i", "∑_(i ∈ C) xᵢ"),
        (r"\prod_{k=1}^{K} p_k", "∏ₖ₌₁^K pₖ"),
        (r"\int_0^1 f(x)\,dx", "∫₀¹ f(x) dx"),
        # roots, accents, absolute values, norms
        (r"\sqrt{2}", "√2"),
        (r"\sqrt{a + b}", "√(a + b)"),
        (r"\hat{y} - \tilde{y}", "ŷ - ỹ"),
        (r"\lvert x \rvert", "|x|"),
        (r"\lVert \mathbf{x} \rVert_2^2", "‖x‖₂²"),
        (r"\lVert A\mathbf{x} - \mathbf{b} \rVert", "‖Ax - b‖"),
        # alphabets and named functions
        (r"\mathbf{x}^\top \boldsymbol{\mu}", "xᵀ μ"),
        (r"\mathbb{R}^n", "ℝⁿ"),
        (r"\mathcal{N}(0, 1)", "𝒩(0, 1)"),
        (r"\operatorname{cov}(X, Y)", "cov(X, Y)"),
        (r"\operatorname{argmin}_j d_j", "argminⱼ dⱼ"),
        (r"\operatorname*{arg\,max}_x f(x)", "arg maxₓ f(x)"),
        (r"O(n \log n)", "O(n log n)"),
        (r"\log_2 n", "log₂ n"),
        (r"\max(0, x)", "max(0, x)"),
        (r"\max_{x} f(x)", "maxₓ f(x)"),
        (r"f(x) = x \text{ if } x > 0", "f(x) = x if x > 0"),
        # signs
        (r"a \le b \ne c \ge d \approx e", "a ≤ b ≠ c ≥ d ≈ e"),
        (r"x \in \mathbb{R}^{n \times d}", "x ∈ ℝ^(n × d)"),
        (r"a_1, \dots, a_n", "a₁, …, aₙ"),
        (r"3 \cdot 4 = 12", "3 · 4 = 12"),
        (r"f: X \to Y", "f: X → Y"),
        (r"f'(x) = 0", "f'(x) = 0"),
        (r"5\,\% \text{ of } \$20", "5 % of $20"),
        (r"\{1, 2\}", "{1, 2}"),
        (r"\left( \frac{a}{b} \right)^2", "(a/b)²"),
        (r"\left[ a, b \right]", "[a, b]"),
        # matrices and several lines
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "[1 2; 3 4]"),
        (r"\begin{bmatrix} a & b \end{bmatrix}", "[a b]"),
        (r"\begin{aligned} a &= b + c \\ &= d \end{aligned}", "a = b + c\n= d"),
        (r"\begin{align} a &= 1 \\ b &= 2 \end{align}", "a = 1\nb = 2"),
        (
            r"\begin{cases} x, & x > 0 \\ 0, & \text{otherwise} \end{cases}",
            "x, x > 0\n0, otherwise",
        ),
        # both sides of an operator have a space
        (r"\lambda - 1", "λ - 1"),
        (r"\lambda + \mu", "λ + μ"),
        (r"\pi / 2", "π / 2"),
        (r"P(A \mid B)", "P(A | B)"),
        (r"x_1 + \dots + x_n", "x₁ + … + xₙ"),
        (r"x \leftarrow y \cup z", "x ← y ∪ z"),
        (r"A \mathbf{v} = \lambda \mathbf{v}", "A v = λ v"),
        (r"\left\lVert x \right\rVert", "‖x‖"),
        (r"\langle a, b \rangle", "⟨a, b⟩"),
        # named functions
        (r"\min_j d_j", "minⱼ dⱼ"),
        (r"\sin^2 x", "sin² x"),
        (r"\lim_{x \to 0} f(x)", "lim_(x → 0) f(x)"),
        (r"2\sin(x)", "2sin(x)"),
        (r"\log \frac{p(x)}{q(x)}", "log((p(x))/(q(x)))"),
        # macros that pylatexenc flattens or does not know
        (r"\sqrt[3]{x}", "³√x"),
        (r"\|x\|_2", "‖x‖₂"),
        (r"D(P \| Q)", "D(P ‖ Q)"),
        (r"\binom{n}{k}", "C(n, k)"),
        (r"{a \over b}", "a/b"),
        (r"\Pr(A)", "Pr(A)"),
        (r"\softmax(x)", "softmax(x)"),
        (r"\overline{AB}", "A̅B̅"),
        (r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}", "[a b; c d]"),
        (r"\begin{cases} x & x > 0 \\ 0 & y \end{cases}", "x, x > 0\n0, y"),
        (r"90^\circ", "90°"),
        # LaTeX that cannot be read stays as it is
        (r"\frac{1}{2", r"\frac{1}{2"),
        ("x^{2", "x^{2"),
        ("x^", "x^"),
        (r"\frac{1}", r"\frac{1}"),
        # no LaTeX
        ("x", "x"),
        ("", ""),
        ("5%", "5%"),
        ("50 (net)", "50 (net)"),
    ],
)
def test_formula(latex: str, expected: str) -> None:
    assert formula_to_text(latex) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("for $x_1$ and $x_2$.", "for x₁ and x₂."),
        ("($n$), $k$-means, **$r^2$**", "(n), k-means, **r²**"),
        ("over $a +\nb$ lines", "over a + b lines"),
        ("$(3, 4)$ is $5$ long", "(3, 4) is 5 long"),
        ("before\n$$\nx^2\n$$\nafter", "before\n\n    x²\n\nafter"),
        ("before\n\n$$x^2$$\n\nafter", "before\n\n    x²\n\nafter"),
        ("- item\n\n  $$\n  x^2\n  $$\n\n  more", "- item\n\n      x²\n\n  more"),
        ("$$\n\\begin{aligned} a &= b \\\\ &= c \\end{aligned}\n$$", "\n\n    a = b\n    = c\n\n"),
    ],
)
def test_formulas_in_markdown(markdown: str, expected: str) -> None:
    assert with_readable_formulas(markdown, escape=False) == expected


@pytest.mark.parametrize(
    "markdown",
    [
        "costs $5 and $10",
        "between $5-$10, or $3 < $5",
        "$1,000 and $2,000.50 (US$3, 4$ or 5$)",
        "| $5 | $6 |",
        "$5/month or $10/month",
        "I paid $5 (net), $6 (gross)",
        "$HOME/bin:$PATH",
        "export PATH=$HOME/bin:$PATH; echo $? $$ $!",
        'in PHP, $a->b($c) and "$d"; $e = 1; $f = 2;',
        "Use $(pwd)/x and $(cat y)",
        "$(this).addClass($name)",
        "the ${name} of ${host}",
        r"\$5 and \$x^2$",
        "a lone $ and another $ sign",
        "$",
        "$$",
        "$not\n\nin one paragraph^2$",
        "`$x^2$` and ``$`$``",
        "`echo $A` or `echo $B`",
        "```sh\necho $x^2$\n```",
        "~~~\n$$x^2$$\n~~~\n",
        "  ```\n  $x^2$\n  ```\n",
        "````\n```\n$x^2$\n```\n````",
        "```\nnever closed $x^2$",
    ],
)
def test_what_is_no_formula_is_left_alone(markdown: str) -> None:
    assert with_readable_formulas(markdown, escape=False) == markdown
    assert with_readable_formulas(markdown, escape=True) == markdown


def test_formulas_beside_code() -> None:
    markdown = "`$a^2$` $a^2$ ```$a^2$``` $b_1$\n\n```\n$a^2$\n```\n\n$c^2$"
    assert with_readable_formulas(markdown, escape=False) == (
        "`$a^2$` a² ```$a^2$``` b₁\n\n```\n$a^2$\n```\n\nc²"
    )


def test_indented_code_is_left_alone() -> None:
    markdown = "Run:\n\n    echo $x^2$\n"
    assert with_readable_formulas(markdown, escape=False) == markdown


def test_a_lone_backtick_hides_no_formula_of_the_next_paragraph() -> None:
    markdown = "A lone ` here.\n\nThen $x^2$ and ` there."
    assert (
        with_readable_formulas(markdown, escape=False) == "A lone ` here.\n\nThen x² and ` there."
    )


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("$a_i * b_j * c$", r"aᵢ \* bⱼ \* c"),
        ("$s_{xy} + s_{yz}$", r"s\_(xy) + s\_(yz)"),
        (r"$\lvert x \rvert$", r"\|x\|"),
        ("$x[0]$ and $a < b > c$", r"x\[0\] and a \< b \> c"),
        (r"$5 \# 6$", r"5 \# 6"),
        ("*text* and `code` with $x$", "*text* and `code` with x"),
        ("$$\na * b\n$$", "\n\n    a * b\n\n"),
    ],
)
def test_what_would_be_markup_is_escaped(markdown: str, expected: str) -> None:
    assert with_readable_formulas(markdown, escape=True) == expected


PIECES = st.lists(
    st.sampled_from(
        r"\frac \sqrt \sum \mathbf \text \begin{pmatrix} \end{pmatrix} \begin{aligned} "
        r"\end{cases} \\ \left \right \lVert \rVert \unknown \operatorname \{ \} \$ { } { } [ ] "
        r"( ) ^ _ & $ $ $$ ` ``` ~~~ | * # % ' x y 12 é ∑ \ "
        r"\alpha \, \quad \begin{ \end".split(" ")  # an empty one for the space
    )
    | st.sampled_from([" ", "\n", "\n\n"]),
    max_size=25,
).map("".join)


@settings(deadline=None)
@given(PIECES | st.text())
def test_any_text_is_converted(text: str) -> None:
    assert "\n\n" not in formula_to_text(text)
    assert formula_to_text(text) == formula_to_text(text).strip()
    for escape in (False, True):
        assert with_readable_formulas(f"```\n{text}", escape=escape).startswith("```\n")
        assert with_readable_formulas(f"${text}$ $$\n{text}\n$$", escape=escape)


@settings(deadline=None)
@given(PIECES | st.text())
def test_markdown_without_a_dollar_stays_as_it_is(text: str) -> None:
    text = text.replace("$", "")
    for escape in (False, True):
        assert with_readable_formulas(text, escape=escape) == text
        assert with_readable_formulas(f"{text}\n\n```\n${text}$\n", escape=escape).startswith(text)


INLINE = st.lists(st.sampled_from("x y _ * # [ ] ( ) < > | = + - ^2 _i \\alpha".split())).map(
    " ".join
)


@settings(deadline=None)
@given(INLINE)
def test_a_renderer_shows_an_escaped_formula_as_it_is(latex: str) -> None:
    markdown = f"so $y = {latex} z$."
    tokens = MarkdownIt().parseInline(with_readable_formulas(markdown, escape=True))
    text = "".join(token.content for token in tokens[0].children or ())
    assert text == with_readable_formulas(markdown, escape=False)
    assert "$" not in text


# Every formula of the corpus


def formulas(file: Path) -> list[str]:
    """The formulas of a file in which every dollar outside code belongs to a formula."""
    text = re.sub(
        r"^```.*?^```|`[^`\n]+`",
        "",
        file.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    return [
        display or inline
        for display, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$]+)\$", text, re.DOTALL)
    ]


CORPUS = sorted((ROOT / "corpus").rglob("*.md"))


@pytest.mark.content
@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_every_formula_of_the_corpus_becomes_text(file: Path) -> None:
    for latex in formulas(file):
        text = formula_to_text(latex)
        assert text, latex
        assert not re.search(r"[\\$&]", text), latex
        assert text.count("{") == latex.count(r"\{"), latex
        assert text.count("}") == latex.count(r"\}"), latex


@pytest.mark.content
@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_every_formula_of_the_corpus_is_found(file: Path) -> None:
    text = with_readable_formulas(file.read_text(encoding="utf-8"), escape=False)
    assert "$" not in re.sub(r"^```.*?^```|`[^`\n]+`", "", text, flags=re.DOTALL | re.MULTILINE)
    assert all(formula_to_text(latex).split()[0] in text for latex in formulas(file))
