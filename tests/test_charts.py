"""Charts and tables as text, charts as a picture, and what is said where nothing can be drawn."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.image import imread
from rich.cells import cell_len

from qasearch.errors import BadRequest
from qasearch.lab.charts import Bars, Chart, Curves, Demonstration, Grid, Points, Table
from qasearch.presenting.extra import pictures_extra
from qasearch.presenting.pictures import picture
from qasearch.presenting.text.canvas import Canvas
from qasearch.presenting.text.charts import chart_text
from qasearch.presenting.text.columns import padded, truncated, wrapped
from qasearch.presenting.text.lab import demonstration_text
from qasearch.presenting.text.numbers import number
from tests.conftest import Built

NOTES = {
    "tea.md": "# What is tea?\n\nA drink of water and leaf.\n",
    "soup.md": "# What is soup?\n\nWater, salt and pepper.\n\n# What is rice?\n\nSalt and rice.\n",
    "office.md": "# Why is the printer red?\n\nThe cable.\n\n# Where is milk?\n\nIn the office.\n",
}


def lines(chart: Chart, width: int = 40) -> list[str]:
    return chart_text(chart, width).plain.split("\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (3, "3"),
        (3.0, "3"),
        (1234567, "1,234,567"),
        (0.5, "0.500"),
        (-2.25, "-2.250"),
        (0.0001234, "0.000123"),
        (12.345, "12.3"),
        (1234.5, "1,234"),
        (np.float32(0.25), "0.250"),
    ],
)
def test_numbers_have_three_decimals_or_digits(value: float, expected: str) -> None:
    assert number(value) == expected


# Text in columns


@pytest.mark.parametrize(
    ("text", "cut", "left", "right", "center"),
    [
        ("tea", "tea", "tea   ", "   tea", " tea  "),
        ("drinking", "drink…", "drink…", "drink…", "drink…"),
        ("green tea", "green…", "green…", "green…", "green…"),
        ("東京都庁", "東京…", "東京… ", " 東京…", "東京… "),
        (
            "e\u0301te\u0301",
            "e\u0301te\u0301",
            "e\u0301te\u0301   ",
            "   e\u0301te\u0301",
            " e\u0301te\u0301  ",
        ),
        ("", "", "      ", "      ", "      "),
    ],
)
def test_texts_fit_their_columns(text: str, cut: str, left: str, right: str, center: str) -> None:
    assert truncated(text, 6) == cut
    assert padded(text, 6) == left
    assert padded(text, 6, "right") == right
    assert padded(text, 6, "center") == center


def test_wrapped_lines_stand_below_each_other_behind_a_label() -> None:
    assert wrapped("one two three four", 13, "note ") == "note one two\n     three\n     four"
    assert wrapped("one two three", 7) == "one two\nthree"
    assert wrapped("", 7) == ""


def test_wrapping_counts_columns_and_breaks_no_word() -> None:
    assert wrapped("東京 都庁 tea", 9) == "東京 都庁\ntea"
    assert wrapped("see a/path/that/is/long.md now", 10) == "see\na/path/that/is/long.md\nnow"
    assert wrapped("12\u00a0% of all", 6) == "12\u00a0%\nof all"


def test_a_legend_flows_over_lines() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]])
    groups = ("tea " * 4, "東京" * 5, "coffee")
    output = lines(Points("Map", xy, groups), 42)
    assert output[-2:] == ["a tea tea tea tea   b 東京東京東京東京東京", "c coffee"]
    output = lines(Points("Map", xy, groups), 41)
    assert output[-2:] == ["a tea tea tea tea", "b 東京東京東京東京東京   c coffee"]


def test_bars_are_as_long_as_their_values() -> None:
    # 40 columns less a label of 1, a value of 5 and two blanks: 32 for the whole range of 4, so 8
    # for each 1
    assert lines(Bars("Lengths", ("a", "b", "c"), (3.0, 1.5, -1.0))) == [
        "Lengths",
        f"a {' ' * 8}{'█' * 24} 3",
        f"b {' ' * 8}{'█' * 12} 1.500",
        f"c {'█' * 8} -1",
    ]
    assert lines(Bars("None", ("a",), (0.0,)))[1] == "a  0"
    assert lines(Bars("Parts", ("a", "b"), (32.0, 0.5)), 40)[2].startswith("b ▌")


def test_bars_of_wide_letters_stay_in_line() -> None:
    output = lines(Bars("Words", ("東京", "x"), (1.0, 1.0)))
    assert [cell_len(line[: line.index("█")]) for line in output[1:]] == [5, 5]


def test_a_line_goes_from_corner_to_corner() -> None:
    canvas = Canvas(2, 1, (0, 3), (0, 3))  # 4 by 4 dots
    canvas.line((0, 0), (3, 3), 0)
    assert [line.plain for line in canvas.lines()] == [
        "⡠⠊"
    ]  # dots 7 and 6, then 2 and 4 of braille


def test_curves_are_told_apart_by_letters() -> None:
    x = np.arange(11.0)
    output = lines(
        Curves(
            "Recall", "dimensions", "share", x, {"up": x / 10, "down": 1 - x / 10}, {"half": 5.0}
        ),
        60,
    )
    assert output[:2] == ["Recall", "share"]
    assert output[2].startswith("1 │")
    assert output[2].endswith("a")
    assert output[13].startswith("0 │")
    assert output[13].endswith("b")
    assert re.fullmatch(r" +0 +dimensions +10", output[14])
    assert output[15:] == ["a up   b down", "┆ half: 5"]


def test_one_curve_needs_no_letters() -> None:
    output = lines(Curves("Level", "k", "y", np.array([1.0, 2.0]), {"y": np.array([3.0, 3.0])}))
    assert output[-1].split() == ["1", "k", "2"]
    assert not re.search("[a-jl-xz]", "".join(output[2:-1]))


def test_few_points_are_letters_at_their_places() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]])
    output = lines(Points("Map", xy, ("tea", "coffee", ""), {2: "What is milk?"}), 41)
    page = output[1:-1]
    assert output[-1] == "a tea   b coffee"
    assert len(page) == 22
    (place_a,) = [
        (row, line.index("a"))
        for row, line in enumerate(page)
        if "a" in line and "milk" not in line
    ]
    (place_b,) = [(row, line.index("b")) for row, line in enumerate(page) if "b" in line]
    assert place_a[0] > 18
    assert place_a[1] < 3
    assert place_b[0] < 3
    assert place_b[1] > 37
    assert any(re.search("•What is milk?|• What is milk?", line) for line in page)


def test_groups_stand_in_order_and_stars_last() -> None:
    numbered = Points("Map", np.zeros((3, 2)), ("10", "9", "10"))
    assert numbered.legend == ["9", "10"]
    xy = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    starred = Points("Map", xy, ("q", "tea", "", "none"), {}, (), ("q", "none"))
    assert starred.legend == ["tea", "q", "none"]
    output = lines(starred, 40)
    assert output[-1] == "a tea   ★ q   ☆ none"
    assert [output[1].strip().split(), output[-2].strip().split()] == [["•", "a"], ["★", "☆"]]


def words_of(drawing: ET.Element) -> list[str]:
    """The texts of an SVG drawing."""
    texts = drawing.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()) for text in texts]


def test_a_picture_has_points_of_every_group_and_of_none() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    drawing = ET.fromstring(
        picture([Points("Map", xy, ("q", "tea", "", "none"), {}, (), ("q", "none"))], "T", "svg")
    )
    collections = [
        element for element in drawing.iter() if element.get("id", "").startswith("PathCollection")
    ]
    assert len(collections) == 4 + 3  # and the three of the legend
    assert {"q", "tea", "none"} <= set(words_of(drawing))


def test_many_points_are_dots() -> None:
    xy = np.random.default_rng(0).normal(size=(500, 2))
    output = lines(Points("Map", xy, ("tea", "coffee") * 250), 60)
    assert output[-1] == "● tea   ● coffee"
    assert all("⠀" < letter <= "⣿" or letter == " " for line in output[1:-1] for letter in line)


def test_points_in_one_place_are_drawn() -> None:
    output = lines(Points("Map", np.zeros((3, 2)), ("", "", "")))
    assert "".join(output[1:]).strip() == "•"


def test_a_grid_is_darker_where_values_are_higher() -> None:
    output = lines(
        Grid("Meet", ("what", "tea"), ("tea", "is"), np.array([[0.0, 0.5], [1.0, 0.25]]))
    )
    assert output == [
        "Meet",
        "       1  2",
        "what ···▒▒▒",
        " tea ███░░░",
        "· 0 to █ 1",
        "1 tea   2 is",
    ]


def test_a_grid_names_what_does_not_fit() -> None:
    output = lines(Grid("Wide", ("r",), tuple(f"c{n}" for n in range(40)), np.zeros((1, 40))), 40)
    assert max(map(len, output)) <= 40
    assert output[-1].endswith("and 28 more")


def test_a_demonstration_is_read_from_top_to_bottom() -> None:
    table = Table(
        ("entry", "cosine", "place"), (("What is tea?", 0.5, "a.md:1"), ("x" * 90, 12.0, "b.md:12"))
    )
    output = demonstration_text(
        Demonstration("Title", ("word " * 20, table, Bars("B", ("a",), (1.0,))), {}), 60
    )
    assert output.plain.split("\n") == [
        "Title",
        "",
        ("word " * 12).rstrip(),
        ("word " * 8).rstrip(),
        "",
        f"  entry{' ' * 38}cosine  place",
        f"  What is tea?{' ' * 32}0.500  a.md:1",
        f"  {'x' * 40}…      12  b.md:12",
        "",
        "B",
        f"a {'█' * 56} 1",
    ]


def test_heads_are_wrapped_before_cells_are_cut_and_places_are_cut_last() -> None:
    rows = (("drink " * 10, 3, "corpus/drinks/tea.md:17"), ("x", 4, "a.md:1"))
    output = demonstration_text(
        Demonstration("T", (Table(("", "how many of them", "at"), rows),), {}), 60
    )
    assert output.plain.split("\n")[2:] == [
        f"{' ' * 32}how",
        f"{' ' * 31}many",
        f"{' ' * 33}of",
        f"{' ' * 31}them  at",
        "  drink drink drink drink dr…     3  corpus/drinks/tea.md:17",
        f"  x{' ' * 31}4  a.md:1",
    ]


def test_a_table_without_rows_has_its_heads() -> None:
    output = demonstration_text(Demonstration("T", (Table(("entry", "at"), ()),), {}), 60)
    assert output.plain == "T\n\n  entry  at"


CHARTS: list[Chart] = [
    Bars("Bars", ("a & <b>", "$c$"), (1.0, -2.0)),
    Curves(
        "Curves",
        "x",
        "y",
        np.array([0.0, 1.0]),
        {"one": np.array([0.0, 1.0]), "two": np.array([1.0, 0.0])},
        {"m": 0.5},
    ),
    Points("Points", np.array([[0.0, 0.0], [1.0, 1.0]]), ("s", "t"), {0: "<here>"}, ((0, 1),)),
    Grid("Grid", ("r",), ("c", "d"), np.array([[0.0, 1.0]])),
]


def test_a_picture_is_a_png_with_room_for_every_chart() -> None:
    single, four = (
        imread(io.BytesIO(picture(charts, "T", "png"))) for charts in (CHARTS[:1], CHARTS)
    )
    assert single.shape[:2] == (896, 1280)
    assert four.shape[:2] == (1696, 2560)
    for top in (0, 1):  # something is drawn in each quarter
        for left in (0, 1):
            part = four[top * 848 : top * 848 + 848, left * 1280 : left * 1280 + 1280, :3]
            assert 0.005 < (part.min(axis=2) < 0.9).mean() < 0.9


def test_a_drawing_keeps_its_words_as_text() -> None:
    drawing = picture(CHARTS, "What is 2 < 3?", "svg")
    expected = {"What is 2 < 3?", "a & <b>", "$c$", "<here>", "Grid", "one"}
    assert expected <= set(words_of(ET.fromstring(drawing)))
    assert drawing == picture(CHARTS, "What is 2 < 3?", "svg")


def test_a_name_that_would_hide_another_is_left_out() -> None:
    xy = np.array([[0.0, 0.0], [0.0, 0.001], [0.0, 1.0], [1.0, 0.5]])
    points = Points("Map", xy, ("",) * 4, {0: "the first", 1: "the second", 2: "the third"})
    assert {"the first", "the third"} == set(
        words_of(ET.fromstring(picture([points], "T", "svg")))
    ) - {"T", "Map"}


# Without the extra `pictures`


def test_without_matplotlib_a_picture_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # so that its import fails
    with pytest.raises(BadRequest, match="A picture needs the package matplotlib") as raised:
        picture(CHARTS, "T", "png")
    assert raised.value.hint == "Install it: pip install 'qasearch[pictures]'"


def test_a_broken_library_is_not_called_missing() -> None:
    with pytest.raises(ModuleNotFoundError, match="kiwisolver"), pictures_extra("A picture"):
        raise ModuleNotFoundError("No module named 'kiwisolver'", name="kiwisolver")


@pytest.mark.parametrize("arguments", [["map"], ["lab", "duplicates"]])
def test_without_the_libraries_there_is_still_text(built: Built, arguments: list[str]) -> None:
    run = without_libraries(*arguments, *built(NOTES))
    assert (run.returncode, run.stderr) == (0, "")
    assert len(run.stdout.splitlines()) > 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["map", "--output", "map.html"], "A page of a map needs the package plotly"),
        (["map", "--output", "map.png"], "A picture needs the package matplotlib"),
        (["lab", "duplicates", "--plot", "a.svg"], "A picture needs the package matplotlib"),
    ],
)
def test_without_a_library_the_command_line_says_how_to_install_it(
    built: Built, arguments: list[str], message: str
) -> None:
    run = without_libraries(*arguments, *built(NOTES))
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"qasearch: {message}, which is not installed.\n"
        "Install it: pip install 'qasearch[pictures]'\n"
    )


def without_libraries(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line where neither matplotlib nor plotly can be imported."""
    code = (
        "import sys; sys.modules.update(matplotlib=None, plotly=None);"
        "from qasearch.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, encoding="utf-8", check=False
    )
