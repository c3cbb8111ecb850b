"""What authors hide is nowhere: not asked, not answered, not embedded, whatever the program."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qasearch.datatypes.flavour import Flavour
from qasearch.reading.entries import read_document
from qasearch.reading.line_uses import Use, explain
from qasearch.reading.markdown.hidden import Visible, without_hidden
from qasearch.reading.passages import make_passages
from tests.reading.test_questions import Case, cases

SECRET = "poison"


def visible(text: str, flavour: Flavour = Flavour.PLAIN) -> list[str]:
    return without_hidden(text.split("\n"), 1, flavour).lines


@pytest.mark.parametrize("case", list(cases("hidden")), ids=lambda case: case.title)
def test_nothing_of_hidden_text_is_in_an_entry_or_embedded(case: Case) -> None:
    document = read_document(case.markdown, "README.md")
    assert document.entries
    for entry in document.entries:
        passages = make_passages(entry, lambda texts: [len(text) for text in texts], 256)
        texts = (entry.question, entry.answer, *(passage.embedded for passage in passages))
        assert SECRET not in " ".join(texts).lower()


@pytest.mark.parametrize(
    ("flavour", "line", "shown"),
    [
        (Flavour.PLAIN, "% hidden", ""),
        (Flavour.MYST, "%hidden", ""),
        (Flavour.PLAIN, "%shown", "%shown"),
        (Flavour.HUGO, "% shown", "% shown"),
        (Flavour.OBSIDIAN, "% shown", "% shown"),
        (Flavour.OBSIDIAN, "a%%hidden%%b", "ab"),
        (Flavour.PLAIN, "a%%shown%%b", "a%%shown%%b"),
        (Flavour.MKDOCS, "a %%shown%% b", "a %%shown%% b"),
        (Flavour.JEKYLL, "a {% if x %}b{% endif %}", "a b"),
        (Flavour.JEKYLL, "[a]({% link b.md %})", "[a]({% link b.md %})"),
        (Flavour.PLAIN, "a {% if x %}b{% endif %}", "a {% if x %}b{% endif %}"),
        (Flavour.PLAIN, "a \\{: .b}", "a \\{: .b}"),
        (Flavour.PLAIN, "a map {:a 1} of Clojure", "a map {:a 1} of Clojure"),
        (Flavour.PLAIN, "a {placeholder}", "a {placeholder}"),
        (Flavour.PLAIN, r"$\sum_{k=1}^n f(x){n=2}$", r"$\sum_{k=1}^n f(x){n=2}$"),
        (Flavour.PLAIN, r"## The set \{x=1\} and S_{n=1}", r"## The set \{x=1\} and S_{n=1}"),
        (Flavour.PLAIN, "![a](b.png){width=30%}", "![a](b.png)"),
        (Flavour.PLAIN, "{{ page.title }}", "{{ page.title }}"),
        (Flavour.HUGO, "{{</* shown */>}}", "{{</* shown */>}}"),
        (Flavour.HUGO, '{{< figure caption="Shown" >}}', '{{< figure caption="Shown" >}}'),
        (Flavour.PLAIN, "``a <!-- shown --> ` b`` <!-- c -->", "``a <!-- shown --> ` b``"),
        (Flavour.PLAIN, "import this, then that", "import this, then that"),
        (Flavour.PLAIN, "std::map is no property", "std::map is no property"),
    ],
)
def test_a_flavour_settles_what_is_hidden(flavour: Flavour, line: str, shown: str) -> None:
    assert visible(line, flavour) == [shown]


def test_columns_and_lines_are_those_of_the_file() -> None:
    text = "1. <!-- a --> What is tea? <!-- b --> A <!-- c --> drink. <!-- d -->\n"
    (entry,) = read_document(text, "README.md").entries
    assert entry.answer == "A  drink."
    line = text.split("\n", maxsplit=1)[0]
    assert line[entry.column_start - 1 : entry.column_end] == "A <!-- c --> drink."


def test_ids_in_hidden_marks_are_known() -> None:
    lines = ["## Tea {#tea}", "{: #leaf .c}", "(root)=", "## Root {/* #deep */}", "id:: 6-4f"]
    ids = without_hidden(lines, 1, Flavour.PLAIN).ids
    assert ids == {1: ("tea", "leaf"), 4: ("root", "deep"), 5: ("6-4f",)}


def test_a_draft_and_private_sections_are_hidden() -> None:
    draft = "---\ntitle: Tea\n{}\n---\n\n## What is tea?\n\nA drink.\n"
    for field in ("draft: true", "published: false", "draft: yes"):
        text = draft.format(field)
        assert read_document(text, "a.md").entries == ()
        assert [line.use for line in explain(text, "a.md")][4:] == [Use.HIDDEN] * 5
    assert len(read_document(draft.format("draft: false"), "a.md").entries) == 1
    toml = "+++\ntitle = 'Tea'\ndraft = true\n+++\n\n## What is tea?\n\nA drink.\n"
    assert read_document(toml, "a.md").entries == ()
    text = "# A\n\n## Salaries\n\n9 €\n\n### Tom\n\n8 €\n\n## Tea\n\nIt is hot.\n"
    document = read_document(text, "a.md", private_headings=["salaries"])
    assert [entry.answer for entry in document.entries] == ["It is hot."]
    uses = [line.use for line in explain(text, "a.md", private_headings=["Salaries"])]
    assert uses[2:10] == [Use.HIDDEN] * 8


signs = st.sampled_from(
    [
        *("%%", "<!--", "-->", "{/*", "*/}", "{{/*", "*/}}", "{% comment %}", "{% endcomment %}"),
        *("{::comment}", "{:/comment}", "{#id}", "{: .c}", "```", "`", "~~~", "\n", "\n\n", "    "),
        *("% x", "+++", "(a)=", ":LOGBOOK:", ":END:", "<script>", "</script>", "- ", "> ", "word"),
        *("export const a = {", "import a from 'b'", "{%", "%}", "}}", "{{<", ">}}", "{#", "#}"),
    ]
)


@given(st.lists(signs, max_size=30), st.sampled_from(list(Flavour)))
@settings(max_examples=500, deadline=None)
def test_what_is_left_are_the_characters_that_were_not_removed(
    parts: list[str], flavour: Flavour
) -> None:
    lines = "".join(parts).split("\n")
    result: Visible = without_hidden(lines, 1, flavour)
    assert len(result.lines) == len(lines)
    for number, (line, shown) in enumerate(zip(lines, result.lines, strict=True), start=1):
        if number in result.hidden:
            assert shown == ""
            continue
        columns = [result.column_in_file(number, column) for column in range(1, len(shown) + 1)]
        assert columns == sorted(set(columns))
        assert "".join(line[column - 1] for column in columns) == shown
