"""Measures the size and the shape of the code.

    python -m benchmarks.house [FOLDER ...]

For each folder, by default qasearch and tests: files, lines, the mean length of a line that is not
blank, comment lines and docstring lines for each line of code, and the longest functions (lines
without the docstring).
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from benchmarks.shared import ROOT

LONGEST = 3
"""How many of the longest functions are printed."""


def main() -> None:
    folders = [Path(name) for name in sys.argv[1:]] or [ROOT / "qasearch", ROOT / "tests"]
    for folder in folders:
        _describe(folder)


def _describe(folder: Path) -> None:
    texts = {file: file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.py"))}
    lines = [line for text in texts.values() for line in text.splitlines()]
    filled = [line for line in lines if line.strip()]
    comments = sum(_comments(text) for text in texts.values())
    documented = sum(_docstring_lines(text) for text in texts.values())
    code = len(filled) - comments - documented
    functions = sorted(
        (size, f"{file.relative_to(folder)}:{name}")
        for file, text in texts.items()
        for name, size in _functions(text)
    )
    sizes = [size for size, _ in functions]
    print(f"{folder}: {len(texts)} files, {len(lines):,} lines, {code:,} of code")
    print(f"  mean line {sum(map(len, filled)) / len(filled):.1f}, longest {max(map(len, lines))}")
    print(
        f"  for each line of code: {comments / code:.4f} comments, "
        f"{documented / code:.3f} docstring lines"
    )
    print(f"  functions {len(sizes):,}, median {sizes[len(sizes) // 2]}, p90 {_p90(sizes)}")
    for size, name in reversed(functions[-LONGEST:]):
        print(f"  {size:4} lines  {name}")


def _p90(sizes: list[int]) -> int:
    return sizes[int(0.9 * (len(sizes) - 1))]


def _comments(text: str) -> int:
    """The number of comments that are not instructions to a tool."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = (token.string for token in tokens if token.type == tokenize.COMMENT)
    tools = ("# noqa", "# type:", "# fmt:", "#!")
    return sum(not comment.startswith(tools) for comment in comments)


def _docstring_lines(text: str) -> int:
    """The number of lines in docstrings, including the docstrings of constants."""
    return sum(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _functions(text: str) -> Iterator[tuple[str, int]]:
    """The name of each function and its number of lines without its docstring."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node):
                first = node.body[0]
                size -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, size


if __name__ == "__main__":
    main()
