"""`qasearch map`: what it prints and writes, and the page as a browser shows it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import qasearch as package
from qasearch.datatypes.index import IndexState
from qasearch.lab.space import Space
from qasearch.mapping.corpus_map import make_map
from qasearch.mapping.projections import Method
from qasearch.presenting.page import page as map_page
from qasearch.presenting.page.content import entry_content, first_sentence
from tests.conftest import ROOT, Command
from tests.lab.spaces import made_space

HOSTILE = "What is <img src=x onerror=alert(1)> milk {{SCRIPT}}"
FILES = {
    "kitchen/tea.md": """\
---
question: What is tea?
aliases: [how do I brew tea]
---

A drink of **water** and [leaves](https://example.org/leaf). It is `hot`.

```
boil(water)
```

- See [the soup](index.md) and [a trap](javascript:alert(1)).
""",
    "kitchen/index.md": (
        "# What is soup?\n\nWater, salt and pepper.\n\n# What is rice?\n\nSalt and rice.\n"
    ),
    "office/printer.md": (
        "# Why is the printer red?\n\nThe network cable.\n\n"
        "# Where is the router?\n\nAt the wifi.\n"
    ),
    "office/#1 <b>.md": (
        f"---\nquestion: {json.dumps(HOSTILE)}\n---\n\n</script>`<script>document.title = 'broken'"
        "</script>`\u2028<!-- butter\n"
    ),
}
TEA, SOUP, RICE = "kitchen/tea", "kitchen/index#what-is-soup", "kitchen/index#what-is-rice"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--disable-background-networking",
)


@dataclass
class Notes:
    """A folder with a corpus in `notes`, and the flags for its index."""

    folder: Path
    flags: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: str) -> Notes:
    folder = tmp_path_factory.mktemp("map")
    for name, text in FILES.items():
        file = folder / "notes" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    package.build(folder / "notes", folder / "index", tiny_model)
    return Notes(folder, ["--corpus", str(folder / "notes"), "--index", str(folder / "index")])


# What the command prints and writes


def test_a_pipe_gets_the_chart_and_how_to_read_it(qasearch: Command, notes: Notes) -> None:
    run = qasearch("map", *notes.flags)
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("PCA of 6 entries\n")
    assert "a kitchen   b office" in run.out
    assert (
        "\n6 entries, laid out by PCA: the plane in which their vectors vary most, with" in run.out
    )
    assert "Of the 2 nearest entries in all 128 dimensions" in run.out
    assert not set(run.out) & set("\x1b\u2028")


def test_questions_are_said_with_their_hits(qasearch: Command, notes: Notes) -> None:
    run = qasearch("map", *notes.flags, "What is tea?", "orchestra melody")
    blocks = run.out.split("\n\n")
    assert re.match(r"Answered: What is tea\?\n +\d\d %  What is tea\?\n", blocks[1])
    assert blocks[2].startswith("No good answer: orchestra melody\n")
    assert "A question is where the same projection puts its vector" in run.out


def test_json_is_described_field_for_field(qasearch: Command, notes: Notes) -> None:
    run = qasearch("map", "--json", *notes.flags, "What is tea?")
    shown: Any = json.loads(run.out)
    assert (run.code, run.err, shown["schema"], shown["method"]) == (0, "", "qasearch.map/1", "pca")
    assert list(shown) == [
        "schema",
        "index",
        "method",
        "variance",
        "preservation",
        "text",
        "points",
        "questions",
    ]
    assert (
        shown["index"]["entries"],
        shown["preservation"]["neighbours"],
        shown["preservation"]["sampled"],
    ) == (
        6,
        2,
        6,
    )
    assert 0 < shown["variance"] < 1
    tea = next(point for point in shown["points"] if point["id"] == TEA)
    assert (tea["question"], tea["section"]) == ("What is tea?", "kitchen")
    (question,) = shown["questions"]
    assert (question["question"], question["verdict"], question["hits"][0]["id"]) == (
        "What is tea?",
        "answer",
        TEA,
    )
    assert question["confidence"] == question["hits"][0]["confidence"]
    described = (
        (ROOT / "docs" / "json.md")
        .read_text(encoding="utf-8")
        .split("## `qasearch.map/1`")[1]
        .split("\n## ")[0]
    )
    names = {
        name
        for part in (shown, shown["preservation"], tea, question, question["hits"][0])
        for name in part
    }
    assert {name for name in names if not re.search(rf"[`.]{name}`", described)} == set()


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.HTML", b"<!doctype html>")]
)
def test_files_by_their_suffix(
    qasearch: Command, notes: Notes, tmp_path: Path, name: str, start: bytes
) -> None:
    run = qasearch("map", *notes.flags, "--output", name)
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("6 entries, laid out by PCA")
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "map.pdf"], "map.pdf does not end in a format that can be written"),
        (["--output", "map"], "map does not end in a format that can be written"),
        (
            ["--output", "nowhere/map.html"],
            "Cannot write nowhere/map.html: No such file or directory.",
        ),
        (["--output", "folder.html"], "Cannot write folder.html: Is a directory."),
        (["--method", "mds"], "'mds' is not one of 'pca', 'tsne', 'umap'"),
        ([" "], "The question is empty."),
    ],
)
def test_what_cannot_be_done_is_said(
    qasearch: Command, notes: Notes, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "folder.html").mkdir()
    run = qasearch("map", *notes.flags, *arguments)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.html"]


def test_too_few_entries(qasearch: Command, tmp_path: Path, tiny_model: str) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "a.md").write_text(
        "# What is tea?\n\nA drink.\n\n# What is soup?\n\nSalt.\n"
    )
    package.build(tmp_path / "few", tmp_path / "index", tiny_model)
    run = qasearch("map", "--corpus", "few", "--index", "index")
    assert (run.code, run.out) == (2, "")
    assert "A map needs at least 3 entries" in run.err


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("A *drink* of `water`. More.", "A drink of water."),
        (
            "## Head\n\n```\ncode that is long enough\n```\n\n"
            "See [the page of it](x.md) first! Then.",
            "See the page of it first!",
        ),
        ("Short.", "Short."),
        ("", ""),
        ("x" * 300, "x" * 219 + "…"),
        (
            "水是一种无色无味的液体，人人都要喝它才能活下去。茶是另一种。",
            "水是一种无色无味的液体，人人都要喝它才能活下去。",
        ),
    ],
)
def test_the_first_sentence(answer: str, sentence: str) -> None:
    assert first_sentence(answer) == sentence


# The page in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no Chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield started
        started.close()


@dataclass
class Shown:
    """An open page, what it asked for beyond itself, and what went wrong in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        return self.page.locator(selector).all_text_contents()

    def place(self, entry_id: str) -> tuple[float, float]:
        """Where a point is in the window, by the page's own axes."""
        x, y = self.page.evaluate(
            """id => {
                const entry = entries.find((candidate) => candidate.id === id);
                const box = map.getBoundingClientRect();
                const { xaxis, yaxis } = map._fullLayout;
                return [
                    box.x + xaxis._offset + xaxis.l2p(entry.x),
                    box.y + yaxis._offset + yaxis.l2p(entry.y),
                ];
            }""",
            entry_id,
        )
        return x, y

    def point_at(self, entry_id: str) -> tuple[float, float]:
        """Move the mouse to a point as a hand does, in more than one step, until the page has
        noticed."""
        x, y = self.place(entry_id)
        for step in range(40):
            self.page.mouse.move(x + step % 2, y)
            self.page.wait_for_timeout(50)
            if self.page.locator("#tip").is_visible():
                break
        return x, y

    def settle(self) -> None:
        """Wait until the map is drawn."""
        self.page.evaluate(
            "async () => { await waiting; await new Promise(requestAnimationFrame); }"
        )

    def drawn(self) -> list[str]:
        """Ids of the points that stand out, in the order of the list."""
        self.settle()
        ids: list[str] = self.page.evaluate(
            "map.data[1].customdata.map((number) => entries[number].id)"
        )
        return ids


Opener = Callable[..., Shown]


@pytest.fixture
def show(browser: Browser) -> Iterator[Opener]:
    """Opens a page, and in the end looks whether it was quiet."""
    shown: list[Shown] = []

    def go(file: Path, scheme: Any = "light", fragment: str = "") -> Shown:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
        made = Shown(context.new_page())
        made.page.on("request", lambda request: made.requests.append(request.url))
        made.page.on("pageerror", lambda error: made.errors.append(str(error)))
        made.page.on("dialog", lambda dialog: made.errors.append(f"dialog: {dialog.message}"))
        made.page.on(
            "console", lambda line: made.errors.append(line.text) if line.type == "error" else None
        )
        made.page.goto(file.as_uri() + fragment)
        made.page.wait_for_selector("html[data-ready]")
        made.settle()
        shown.append(made)
        return made

    yield go
    for opened in shown:
        assert opened.errors == []
        assert [
            url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))
        ] == []
        opened.page.context.close()


@pytest.fixture(scope="module")
def page_file(notes: Notes) -> Path:
    from qasearch.cli import run

    file = notes.folder / "pages" / "map.html"
    file.parent.mkdir()
    assert (
        run(["map", *notes.flags, "--output", str(file), "What is tea?", "orchestra melody"]) == 0
    )
    return file


def test_the_page_says_what_it_shows(show: Opener, page_file: Path) -> None:
    shown = show(page_file)
    assert shown.page.title() == "Map of notes"
    assert shown.texts("h1") == ["Map of notes"]
    assert re.fullmatch(
        r"6 entries · 2 sections · .* · PCA · built \d{4}-\d\d-\d\d", shown.texts(".facts")[0]
    )
    assert shown.texts(".reading p")[0].startswith("6 entries, laid out by PCA")
    assert shown.texts("#sections label") == ["kitchen3", "office3"]
    assert shown.texts("#count") == ["6 entries"]
    assert len(shown.texts("#list li")) == 6
    assert {"What is tea?", "What is soup?"} <= set(shown.texts("#labels span"))


def test_questions_asked_are_on_the_map_and_in_words(show: Opener, page_file: Path) -> None:
    shown = show(page_file)
    verdicts = shown.texts("#asked .verdict")
    assert re.fullmatch(r"answered, \d\d\u00a0%", verdicts[0])
    assert verdicts[1].startswith("no good answer, ")
    solid, thin, dotted = (
        shown.page.evaluate(f"map.data[{trace}].x.length / 3") for trace in (3, 4, 5)
    )
    hits = len(shown.texts("#asked > ul > li:first-child li"))
    assert (solid, thin) == (1, hits - 1)
    assert dotted == len(shown.texts("#asked > ul > li:last-child li"))
    assert shown.page.evaluate("map.data[6].marker.symbol") == ["star", "star-open"]
    shown.page.locator("#asked button").first.click()
    assert shown.texts("#question") == ["What is tea?"]


def test_a_point_that_is_pointed_at_says_its_question_and_first_sentence(
    show: Opener, page_file: Path
) -> None:
    shown = show(page_file)
    assert shown.page.locator("#tip").is_hidden()
    shown.point_at(SOUP)
    assert shown.texts("#tip > *") == ["What is soup?", "Water, salt and pepper.", "kitchen"]


def test_a_click_opens_the_entry(show: Opener, page_file: Path, notes: Notes) -> None:
    shown = show(page_file)
    shown.page.mouse.click(*shown.point_at(SOUP))
    shown.page.wait_for_selector("#panel:visible")
    assert (shown.texts("#question"), shown.texts("#answer p")) == (
        ["What is soup?"],
        ["Water, salt and pepper."],
    )
    with package.open(notes.folder / "notes", notes.folder / "index") as index:
        space = index.space()
    cosines = space.vectors @ space.vectors[space.find(SOUP)]
    near = [space.entries[number].question for number in np.argsort(-cosines)[1:]]
    assert shown.texts("#near a") == near
    assert shown.texts("#near span")[0] == f" {np.sort(cosines)[-2]:.2f}"
    link = shown.page.locator("#file")
    assert link.text_content() == "kitchen/index.md:1"
    assert link.get_attribute("href") == "./../notes/kitchen/index.md"
    assert link.evaluate("link => link.href") == (notes.folder / "notes/kitchen/index.md").as_uri()
    assert shown.page.evaluate("map.data[7].x.length") == 1
    shown.page.locator("#near a").first.click()
    shown.page.wait_for_function(
        "text => document.getElementById('question').textContent === text", arg=near[0]
    )
    shown.page.go_back()
    shown.page.wait_for_function(
        "document.getElementById('question').textContent === 'What is soup?'"
    )


def test_an_answer_is_shown_as_it_is_meant(show: Opener, page_file: Path) -> None:
    shown = show(page_file, fragment=f"#{TEA.replace('#', '%23')}")
    assert shown.texts("#question") == ["What is tea?"]
    assert shown.texts("#aliases summary") == ["Also asked in 1 other way"]
    assert shown.texts("#answer p") == [
        "A drink of water and leaves. It is hot.",
        "• See the soup and a trap.",
    ]
    assert (shown.texts("#answer strong"), shown.texts("#answer code")) == (["water"], ["hot"])
    assert shown.texts("#answer pre") == ["boil(water)"]
    links = shown.page.locator("#references a").evaluate_all(
        "links => links.map((each) => each.href)"
    )
    assert links == ["https://example.org/leaf"]
    assert "the soup" in shown.texts("#references li")


def test_search_filters_the_list_and_dims_the_rest(show: Opener, page_file: Path) -> None:
    shown = show(page_file)
    shown.page.fill("#search", "SALT")
    assert sorted(shown.drawn()) == [RICE, SOUP]
    assert sorted(shown.texts("#list li")) == ["What is rice?", "What is soup?"]
    assert shown.texts("#count") == ["2 entries found"]
    assert shown.page.evaluate("map.data[0].x.length") == 4
    shown.page.fill("#search", "brew tea")
    assert shown.drawn() == [TEA]
    shown.page.fill("#search", "nothing of this")
    assert (shown.drawn(), shown.texts("#count")) == ([], ["0 entries found"])


def test_a_section_that_is_off_is_gone(show: Opener, page_file: Path) -> None:
    shown = show(page_file)
    shown.page.get_by_role("checkbox", name=re.compile("office")).uncheck()
    assert sorted(shown.drawn()) == sorted([TEA, SOUP, RICE])
    assert shown.page.evaluate("map.data[0].x.length") == 0
    assert shown.texts("#count") == ["3 entries in 1 of 2 sections"]
    shown.page.get_by_role("button", name="None").click()
    assert shown.drawn() == []
    shown.page.get_by_role("button", name="All").click()
    assert len(shown.drawn()) == 6
    assert shown.page.get_by_role("checkbox", name=re.compile("office")).is_checked()


def test_everything_can_be_done_by_keyboard(show: Opener, page_file: Path) -> None:
    shown = show(page_file)
    keys = shown.page.keyboard
    focused = "document.activeElement.id"
    keys.press("Tab")
    assert shown.page.evaluate("document.activeElement.className") == "skip"
    keys.press("Enter")
    assert shown.page.evaluate(focused) == "search"
    keys.press("Tab")
    assert shown.page.evaluate(focused) != "search"
    keys.press("/")
    assert (shown.page.evaluate(focused), shown.page.input_value("#search")) == ("search", "")
    keys.type("salt")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    second = shown.texts("#list li")[1]
    assert shown.texts("#list .active") == [second]
    assert shown.page.get_attribute("#search", "aria-activedescendant") == "o1"
    assert shown.texts("#tip strong") == [second]
    keys.press("Enter")
    assert (shown.texts("#question"), shown.page.evaluate(focused)) == ([second], "panel")
    keys.press("Tab")
    assert shown.page.evaluate(focused) == "close"
    keys.press("Escape")
    assert shown.page.locator("#panel").is_hidden()
    assert shown.page.evaluate(focused) == "search"
    keys.press("Escape")
    assert shown.page.input_value("#search") == ""
    assert len(shown.drawn()) == 6


def test_zoom_by_keys_and_back(show: Opener, page_file: Path) -> None:
    shown = show(page_file)
    width = "map._fullLayout.xaxis.range[1] - map._fullLayout.xaxis.range[0]"
    before = shown.page.evaluate(width)
    shown.page.keyboard.press("+")
    assert shown.page.evaluate(width) == pytest.approx(before / 1.5)
    shown.page.get_by_role("button", name="Whole map").click()
    assert shown.page.evaluate(width) == pytest.approx(before)


def test_light_and_dark(show: Opener, page_file: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(255, 255, 255)", "rgb(20, 23, 27)"
    shown = show(page_file, "dark")
    assert shown.page.evaluate(background) == dark
    colours = shown.page.evaluate("map.data[1].marker.color")
    shown.page.get_by_role("button", name="Dark").click()
    shown.settle()
    assert shown.page.evaluate(background) == light
    assert not set(colours) & set(shown.page.evaluate("map.data[1].marker.color"))
    assert show(page_file, "light").page.evaluate(background) == light


def test_what_a_corpus_says_is_never_markup(show: Opener, page_file: Path) -> None:
    """Its questions, paths and answers hold tags, ends of scripts and the page's own
    placeholders."""
    shown = show(page_file)
    text = page_file.read_text(encoding="utf-8")
    data = text[text.index('id="data"') : text.index("plotly.js")]
    assert (data.count("</script>"), data.count("\u2028")) == (1, 0)
    assert "document.title = 'broken'" in data
    shown.page.fill("#search", "butter")
    shown.page.fill("#search", "onerror")
    (question,) = shown.texts("#list li")
    assert question == "What is <img src=x onerror=alert(1)> milk {{SCRIPT}}"
    shown.page.mouse.click(*shown.point_at(shown.drawn()[0]))
    shown.page.wait_for_selector("#panel:visible")
    assert shown.texts("#question") == [question]
    assert (
        shown.page.locator("#file").get_attribute("href") == "./../notes/office/%231%20%3Cb%3E.md"
    )
    assert shown.page.locator("img").count() == 0
    assert shown.page.title() == "Map of notes"
    assert shown.page.locator("script").count() == 3


def test_the_policy_lets_no_other_script_run(browser: Browser, page_file: Path) -> None:
    """Even if markup got into the page, it would be inert."""
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if line.type == "error" else None)
    page.goto(page_file.as_uri())
    page.wait_for_selector("html[data-ready]")
    page.evaluate(
        """() => {
            document.body.insertAdjacentHTML(
                'beforeend', '<img src="x" onerror="document.title = 1">');
            const script = document.createElement('script');
            script.textContent = 'document.title = 2';
            document.body.append(script);
            return fetch('https://example.org/').catch(() => 0);
        }"""
    )
    assert page.title() == "Map of notes"
    assert any("script-src" in line for line in refused)
    assert any("connect" in line or "default-src" in line for line in refused)
    context.close()


def test_two_hundred_sections_have_colours_and_shapes(show: Opener, tmp_path: Path) -> None:
    """Six colours, seven shapes: 42 that differ."""
    directions = np.random.default_rng(0).standard_normal((420, 6))
    questions = {f"What is {number}?": row for number, row in enumerate(directions.tolist())}
    space = made_space(
        questions, sections={name: f"s{place // 2:03}" for place, name in enumerate(questions)}
    )
    shown = show(written(space, tmp_path))
    marker = shown.page.evaluate("map.data[1].marker")
    assert len(set(zip(marker["color"], marker["symbol"], strict=True))) == 42
    assert len(shown.texts("#sections label")) == 210
    assert (
        shown.page.evaluate("document.querySelector('#sections path').getAttribute('fill')")
        == "var(--c0)"
    )


def test_twenty_thousand_points(show: Opener, tmp_path: Path) -> None:
    directions = np.random.default_rng(0).standard_normal((20_000, 8)) * np.linspace(3, 1, 8)
    questions = {
        f"What is the number {number}?": row for number, row in enumerate(directions.tolist())
    }
    space = made_space(
        questions, sections={name: f"section {place % 9}" for place, name in enumerate(questions)}
    )
    file = written(space, tmp_path)
    assert file.stat().st_size < 12_000_000
    shown = show(file)
    assert shown.page.evaluate("map.data[1].type") == "scattergl"
    assert len(shown.drawn()) == 20_000
    assert len(shown.texts("#list li")) == 200
    assert shown.page.locator("#labels span").count() <= 9
    shown.page.get_by_role("button", name="Show more").click()
    assert len(shown.texts("#list li")) == 400
    shown.page.fill("#search", "number 1777")
    assert shown.texts("#count") == ["12 entries found"]  # 1777, 11777, and 17770 to 17779
    shown.page.keyboard.press("Enter")
    assert shown.texts("#question") == ["What is the number 1777?"]
    shown.page.keyboard.press("Escape")
    shown.page.fill("#search", "")
    shown.page.get_by_role("checkbox", name="section 3").uncheck()
    assert len(shown.drawn()) == 20_000 - 2222
    shown.point_at("What is the number 5?")
    assert shown.texts("#tip strong")[0].startswith("What is the number ")


def written(space: Space, folder: Path) -> Path:
    """A page of a made-up space, in a folder."""
    file = folder / "map.html"
    state = IndexState(
        "/index", "2025-01-02T03:04:05Z", 1, len(space.entries), len(space.entries), "made"
    )
    file.write_bytes(map_page.page(make_map(space, Method.PCA), folder, state, file))
    return file


def test_long_answers_are_cut_where_there_are_many() -> None:
    """The budget of 6,000,000 characters leaves each of 20,000 entries 300; a word is not cut in
    two."""
    from tests.lab.spaces import made_entry

    words = entry_content(made_entry("What?", "word " * 100), 300)
    assert (words["answer"], words["cut"]) == (("word " * 60).strip() + " …", True)
    letters = entry_content(made_entry("What?", "字" * 400), 300)
    assert (letters["answer"], letters["cut"]) == ("字" * 300 + " …", True)
