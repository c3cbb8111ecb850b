"""What is left out of a corpus: by patterns, by a repository, and because nobody wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from qasearch.datatypes.rules import CorpusRules
from qasearch.errors import CorpusUnreadable
from qasearch.reading.file_uses import file_uses
from qasearch.reading.files import check_corpus, list_files
from qasearch.reading.ignoring import Layers, PatternList, parse
from tests.conftest import Corpus

FILES = dict.fromkeys(
    [
        "a.md",
        "notes.md",
        "private/b.md",
        "private/deep/c.md",
        "team/private/d.md",
        "team/e.md",
        "team/draft-f.md",
        "C#.md",
    ],
    "",
)


def paths(folder: Path, *exclude: str) -> list[str]:
    return list(list_files(folder, CorpusRules(exclude)).stamps)


def left_out(folder: Path, *exclude: str) -> list[str]:
    everything = {path for path in FILES if (folder / path).exists()}
    return sorted(everything.difference(paths(folder, *exclude)))


def reasons(folder: Path, *exclude: str) -> dict[str, str]:
    listing = list_files(folder, CorpusRules(exclude))
    return {use.path: use.reason for use in file_uses(listing) if use.flavour is None}


IN_PRIVATE = ["private/b.md", "private/deep/c.md"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["private/**"], IN_PRIVATE),
        (["/private/"], IN_PRIVATE),
        (["./private"], IN_PRIVATE),
        (["private"], [*IN_PRIVATE, "team/private/d.md"]),
        (["private/"], [*IN_PRIVATE, "team/private/d.md"]),
        (["**/private/**"], [*IN_PRIVATE, "team/private/d.md"]),
        (["private/*.md"], ["private/b.md"]),
        (["private/*", "!private/deep/"], ["private/b.md"]),
        (["private/", "!private/b.md"], [*IN_PRIVATE, "team/private/d.md"]),
        (["team/**/d.md"], ["team/private/d.md"]),
        (["draft-*"], ["team/draft-f.md"]),
        (["draft-?.md"], ["team/draft-f.md"]),
        (["[ab].md"], ["a.md", "private/b.md"]),
        (["notes.md"], ["notes.md"]),
        (["NOTES.md"], []),
        (["notes.md/"], []),
        (["notes"], []),
        (["C#.md"], ["C#.md"]),
        (["*.md", "!/a.md"], sorted(set(FILES) - {"a.md"})),
        ([], []),
    ],
)
def test_patterns_are_those_of_gitignore(
    corpus: Corpus, patterns: list[str], expected: list[str]
) -> None:
    assert left_out(corpus(FILES), *patterns) == sorted(expected)


@pytest.mark.parametrize(
    "pattern",
    ["a", "a/", "/a", "a/b", "a/*", "**/b", "*b", "b*", "a*c", "*", "a/**/c", "?", "[ab]"],
)
def test_one_pattern_matches_as_the_library_does(pattern: str) -> None:
    """The library says of everything below a folder that it matches; here only the folder does."""
    patterns, library = PatternList("", parse([pattern])), GitIgnoreSpec.from_lines([pattern])
    folders = ["a", "b", "ab", "a/b", "a/c", "b/a", "a/b/c", "abc"]
    for path in folders:
        parts = path.split("/")
        ours = any(
            patterns.match("/".join(parts[:end]), parts[end - 1], is_folder=True)
            for end in range(1, len(parts) + 1)
        )
        assert ours == library.match_file(f"{path}/"), path


def test_a_file_that_git_would_ignore_stays_out_below_a_folder_that_is_taken_back(
    corpus: Corpus,
) -> None:
    folder = corpus({**FILES, ".qasearchignore": "draft-*\n!team/\n"})
    assert left_out(folder) == ["team/draft-f.md"]


def test_lists_in_folders_hold_below_them_and_the_nearest_decides(corpus: Corpus) -> None:
    folder = corpus(
        {
            **FILES,
            ".qasearchignore": "\ufeff# a comment\n\nprivate/  \ndraft-*\n",
            "team/.qasearchignore": "!private/\n!draft-f.md\n/e.md\n",
        }
    )
    assert left_out(folder) == [*IN_PRIVATE, "team/e.md"]
    assert reasons(folder) == {
        "private/": "excluded by 'private/', line 3 of .qasearchignore",
        "team/e.md": "excluded by '/e.md', line 3 of team/.qasearchignore",
    }


def test_the_setting_is_stronger_than_a_list(corpus: Corpus) -> None:
    folder = corpus({**FILES, ".qasearchignore": "/a.md\n!private/\n"})
    assert left_out(folder, "private/**", "!a.md") == IN_PRIVATE
    assert (
        reasons(folder, "/private/")["private/"] == "excluded by '/private/', the setting exclude"
    )


def test_the_lists_of_a_repository_hold_from_its_root_on(corpus: Corpus) -> None:
    root = corpus(
        {
            ".gitignore": "draft-*\n/docs/private/\n",
            ".git/info/exclude": "notes.md\n",
            **{f"docs/{path}": "" for path in FILES},
            "docs/team/.gitignore": "e.md\n",
        }
    )
    docs = root / "docs"
    assert left_out(docs) == ["notes.md", *IN_PRIVATE, "team/draft-f.md", "team/e.md"]
    assert reasons(docs) == {
        "notes.md": "excluded by 'notes.md', line 1 of .git/info/exclude",
        "private/": "excluded by '/docs/private/', line 2 of ../.gitignore",
        "team/draft-f.md": "excluded by 'draft-*', line 1 of ../.gitignore",
        "team/e.md": "excluded by 'e.md', line 1 of team/.gitignore",
    }


def test_without_a_repository_gitignore_says_nothing(corpus: Corpus) -> None:
    assert left_out(corpus({**FILES, ".gitignore": "*.md\n"})) == []


@pytest.mark.parametrize("pattern", ["docs", "docs/", "/docs/", "docs/*", "docs/**", "*", "/do*"])
def test_a_corpus_that_its_repository_ignores_as_a_whole_is_read(
    corpus: Corpus, pattern: str
) -> None:
    files = {f"docs/{path}": "" for path in FILES}
    root = corpus({".git/HEAD": "", ".gitignore": f"{pattern}\ndraft-*\n", **files})
    assert left_out(root / "docs") == ["team/draft-f.md"]


def test_an_own_list_takes_back_what_the_repository_ignores(corpus: Corpus) -> None:
    folder = corpus(
        {**FILES, ".git/HEAD": "", ".gitignore": "private/\n", ".qasearchignore": "!/private/\n"}
    )
    assert left_out(folder) == ["team/private/d.md"]


def test_a_repository_in_a_corpus_has_its_own_lists(corpus: Corpus) -> None:
    folder = corpus(
        {**FILES, "team/.git/HEAD": "", "team/.gitignore": "/e.md\n", ".gitignore": "a.md\n"}
    )
    assert left_out(folder) == ["team/e.md"]


def test_a_worktree_has_the_list_of_its_repository(corpus: Corpus, tmp_path: Path) -> None:
    git = tmp_path / "main" / ".git"
    (git / "info").mkdir(parents=True)
    (git / "info" / "exclude").write_text("a.md\n")
    (git / "worktrees" / "x").mkdir(parents=True)
    (git / "worktrees" / "x" / "commondir").write_text("../..\n")
    folder = corpus({**FILES, ".git": f"gitdir: {git / 'worktrees' / 'x'}\n"})
    assert left_out(folder) == ["a.md"]


def test_what_nobody_wrote_is_left_out(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": "",
            ".hidden/b.md": "",
            ".c.md": "",
            "node_modules/p/README.md": "",
            "lib/site-packages/p/README.md": "",
            "tools/pyvenv.cfg": "",
            "tools/README.md": "",
            "env/bin/activate": "",
            "env/lib/README.md": "",
            "guides/env/setup.md": "",
            "conda/conda-meta/history": "",
            "conda/README.md": "",
        }
    )
    assert paths(folder) == ["a.md", "guides/env/setup.md"]
    assert reasons(folder) == {
        ".c.md": "hidden: its name begins with a dot",
        ".hidden/": "hidden: its name begins with a dot",
        "conda/": "a virtual environment",
        "env/": "a virtual environment",
        "lib/site-packages/": "a folder of installed packages",
        "node_modules/": "a folder of installed packages",
        "tools/": "a virtual environment",
    }


def test_a_link_does_not_lead_to_what_is_left_out(corpus: Corpus, tmp_path: Path) -> None:
    folder = corpus({**FILES, "team/.qasearchignore": "e.md\n"})
    (folder / "alias").symlink_to(folder / "private" / "deep")
    (folder / "open.md").symlink_to(folder / "team" / "e.md")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.md").write_text("")
    (folder / "other").symlink_to(tmp_path / "elsewhere")
    found = paths(folder, "private/**")
    assert "other/x.md" in found
    assert not {"alias/c.md", "open.md"} & set(found)


@pytest.mark.parametrize(
    ("patterns", "path", "headings"),
    [
        (["notes.md#Salaries"], "notes.md", ("Salaries",)),
        (["notes.md#Salaries"], "a.md", ()),
        (["notes#Salaries"], "notes.md", ("Salaries",)),
        (["**#Private"], "team/e.md", ("Private",)),
        (["#Private"], "a.md", ("Private",)),
        (["team/#Private", "*.md##Secret plans "], "team/e.md", ("Private", "Secret plans")),
        (["team/#Private"], "a.md", ()),
        (["*.md#Private", "!a.md#Private"], "a.md", ()),
        (["C#.md#Private"], "C#.md", ("Private",)),
    ],
)
def test_sections_are_left_out_by_their_headings(
    corpus: Corpus, patterns: list[str], path: str, headings: tuple[str, ...]
) -> None:
    listing = list_files(corpus(FILES), CorpusRules(tuple(patterns)))
    assert listing.file(path).private_headings == headings
    assert len(listing.stamps) == len(FILES)


def test_a_list_names_sections_too(corpus: Corpus) -> None:
    folder = corpus({**FILES, "team/.qasearchignore": "e.md#Salaries\n#a comment\n"})
    listing = list_files(folder)
    assert listing.file("team/e.md").private_headings == ("Salaries",)
    assert listing.file("a.md").private_headings == ()


def test_a_corpus_of_which_all_is_left_out_says_so(corpus: Corpus) -> None:
    with pytest.raises(
        CorpusUnreadable,
        match=r"no Markdown file that is not left out: a\.md \(excluded by '\*', the setting",
    ):
        check_corpus(corpus({"a.md": ""}), CorpusRules(("*",)))


def test_a_list_that_cannot_be_read_or_decoded_is_no_error(corpus: Corpus) -> None:
    folder = corpus({"a.md": "", "b.md": "", ".qasearchignore": b"\xff\xfe\nb.md\n"})
    (folder / "sub").mkdir()
    (folder / "sub" / ".qasearchignore").mkdir()
    assert paths(folder) == ["a.md"]


def test_names_are_looked_up_and_mean_no_file() -> None:
    """Names and suffixes are looked up; an expression is made when one is needed first."""
    lines = [f"name-{number}" for number in range(20_000)]
    layers = Layers(own=(PatternList("x", parse(lines)),))
    assert layers.for_files().own == ()
    assert layers.excluding("sub/name-7", "name-7", is_folder=True) == (
        "excluded by 'name-7', line 8 of x"
    )
