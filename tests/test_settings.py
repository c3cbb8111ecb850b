"""Where settings come from, and what is refused."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from qasearch.datatypes.options import Trust
from qasearch.datatypes.rules import CorpusRules
from qasearch.errors import BadRequest
from qasearch.settings import Settings, Source, bundled_corpus, default_index, load_settings
from tests.conftest import ROOT, Command


def load(cwd: Path, environ: dict[str, str] | None = None, /, **flags: Any) -> Settings:
    return load_settings(cwd=cwd, environ=environ or {}, **flags)


def toml(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "qasearch.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.corpus == bundled_corpus() == ROOT / "corpus"
    assert settings.index == default_index(ROOT / "corpus")
    assert settings.model is None
    assert (settings.offline, settings.warm) == (False, True)
    assert settings.file is None
    assert dict(settings.sources) == dict.fromkeys(
        ("corpus", "index", "model", "offline", "trust", "exclude", "flavour", "warm"),
        Source.DEFAULT,
    )


SUBSETS = list(itertools.product([False, True], repeat=3))


@pytest.mark.parametrize("name", ["corpus", "index", "model"])
@pytest.mark.parametrize(("flag", "environment", "file"), SUBSETS)
def test_the_strongest_place_that_names_a_setting_wins(
    tmp_path: Path, name: str, flag: bool, environment: bool, file: bool
) -> None:
    if file:
        toml(tmp_path, f'{name} = "from-file"')
    settings = load(
        tmp_path,
        {f"QASEARCH_{name.upper()}": "from-environment"} if environment else {},
        **({name: "from-flag"} if flag else {}),
    )
    source, value = next(
        (source, value)
        for is_named, source, value in [
            (flag, Source.FLAG, "from-flag"),
            (environment, Source.ENVIRONMENT, "from-environment"),
            (file, Source.FILE, "from-file"),
            (True, Source.DEFAULT, None),
        ]
        if is_named
    )
    default = {"corpus": ROOT / "corpus", "index": default_index(ROOT / "corpus"), "model": None}[
        name
    ]
    named = value if name == "model" else tmp_path / str(value)
    assert getattr(settings, name) == (named if value else default)
    assert settings.sources[name] is source
    assert settings.named(name) is any((flag, environment, file))


@pytest.mark.parametrize(
    ("flag", "environment", "file", "expected", "source"),
    [
        (False, "1", "true", False, Source.FLAG),
        (True, "0", "false", True, Source.FLAG),
        (None, "0", "true", False, Source.ENVIRONMENT),
        (None, "1", "false", True, Source.ENVIRONMENT),
        (None, None, "true", True, Source.FILE),
        (None, None, "false", False, Source.FILE),
    ],
)
@pytest.mark.parametrize("name", ["offline", "warm"])
def test_false_is_a_value_too(
    tmp_path: Path,
    name: str,
    flag: bool | None,
    environment: str | None,
    file: str,
    expected: bool,
    source: Source,
) -> None:
    toml(tmp_path, f"{name} = {file}")
    environ = {} if environment is None else {f"QASEARCH_{name.upper()}": environment}
    settings = load(tmp_path, environ, **{name: flag})
    assert (getattr(settings, name), settings.sources[name]) == (expected, source)


def test_each_setting_has_its_own_source(tmp_path: Path) -> None:
    file = toml(tmp_path, 'corpus = "c"\nindex = "i"\nmodel = "m"')
    settings = load(tmp_path, {"QASEARCH_INDEX": "e", "QASEARCH_MODEL": "e"}, model="f")
    assert settings == Settings(
        corpus=tmp_path / "c",
        index=tmp_path / "e",
        model="f",
        offline=False,
        warm=True,
        trust=Trust.BALANCED,
        sources={
            "corpus": Source.FILE,
            "index": Source.ENVIRONMENT,
            "model": Source.FLAG,
            "offline": Source.DEFAULT,
            "trust": Source.DEFAULT,
            "exclude": Source.DEFAULT,
            "flavour": Source.DEFAULT,
            "warm": Source.DEFAULT,
        },
        rules=CorpusRules(settings_file=str(file)),
        file=file,
        cwd=tmp_path,
    )


@pytest.mark.parametrize("place", ["flag", "environment", "qasearch.toml"])
def test_how_sure_an_answer_must_be(tmp_path: Path, place: str) -> None:
    toml(tmp_path, 'trust = "open"' if place == "qasearch.toml" else "")
    environ = {"QASEARCH_TRUST": "open"} if place == "environment" else {}
    flags = {"trust": "open"} if place == "flag" else {}
    assert load(tmp_path, environ, **flags).trust is Trust.OPEN


def test_a_trust_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"'trust' \(environment\) must be one of strict, bal"):
        load(tmp_path, {"QASEARCH_TRUST": "0.7"})


def test_status_reports_the_sources(qasearch: Command, tmp_path: Path) -> None:
    toml(tmp_path, "offline = true")
    run = qasearch("status", "--json", "--index", "i", QASEARCH_CORPUS="c")
    assert (run.code, run.err) == (1, "")
    assert json.loads(run.out)["settings"] == {
        "corpus": {"value": str(tmp_path / "c"), "source": "environment"},
        "index": {"value": str(tmp_path / "i"), "source": "flag"},
        "model": {"value": "all-MiniLM-L6-v2", "source": "default"},
        "offline": {"value": True, "source": "qasearch.toml"},
        "trust": {"value": "balanced", "source": "default"},
        "exclude": {"value": [], "source": "default"},
        "flavour": {"value": None, "source": "default"},
        "warm": {"value": False, "source": "environment"},
    }


def test_only_the_nearest_file_counts(tmp_path: Path) -> None:
    toml(tmp_path, 'corpus = "far"\nmodel = "far"')
    near = toml(tmp_path / "a", 'corpus = "near"')
    below = tmp_path / "a" / "b" / "c"
    below.mkdir(parents=True)
    settings = load(below)
    assert settings.file == near
    assert settings.corpus == tmp_path / "a" / "near"
    assert settings.model is None


def test_paths_of_the_file_are_relative_to_it_and_others_to_the_working_folder(
    tmp_path: Path,
) -> None:
    toml(tmp_path / "project", 'corpus = "docs"\nindex = "../indexes/docs"')
    below = tmp_path / "project" / "src"
    below.mkdir()
    assert load(below).corpus == tmp_path / "project" / "docs"
    assert load(below).index == tmp_path / "indexes" / "docs"
    assert load(below, {"QASEARCH_CORPUS": "docs"}).corpus == below / "docs"
    assert load(below, corpus="../docs").corpus == tmp_path / "project" / "docs"
    assert load(below, corpus=tmp_path / "elsewhere").corpus == tmp_path / "elsewhere"


def test_a_model_of_the_file_is_a_folder_beside_it_where_there_is_one(tmp_path: Path) -> None:
    toml(tmp_path, 'model = "tiny"')
    below = tmp_path / "src"
    below.mkdir()
    assert load(below).model == "tiny"
    (tmp_path / "tiny").mkdir()
    assert load(below).model == str(tmp_path / "tiny")


def test_symbolic_links_stay_as_named(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert load(tmp_path, corpus="link").corpus == tmp_path / "link"


def test_the_index_of_the_file_is_not_for_a_corpus_from_elsewhere(tmp_path: Path) -> None:
    toml(tmp_path, 'corpus = "a"\nindex = "index-of-a"')
    assert load(tmp_path).index == tmp_path / "index-of-a"
    for settings in (load(tmp_path, corpus="b"), load(tmp_path, {"QASEARCH_CORPUS": "b"})):
        assert settings.index == default_index(tmp_path / "b")
        assert settings.sources["index"] is Source.DEFAULT
        assert not settings.named("index")


def test_an_index_named_as_strongly_as_the_corpus_is_used(tmp_path: Path) -> None:
    toml(tmp_path, 'index = "of-the-file"')
    assert load(tmp_path).index == tmp_path / "of-the-file"
    assert load(tmp_path, corpus="b", index="i").index == tmp_path / "i"
    assert load(tmp_path, {"QASEARCH_INDEX": "i"}, corpus="b").index == tmp_path / "i"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'corpsu = "docs"',
            r"qasearch\.toml has an unknown setting 'corpsu'\. Known settings: corpus, index,",
        ),
        (
            '[corpus]\npath = "docs"',
            r"The setting 'corpus' \(.*qasearch\.toml\) must be a string, not \{'path': 'docs'\}",
        ),
        ("corpus = 3", r"The setting 'corpus' \(.*qasearch\.toml\) must be a string, not 3"),
        (
            'index = ["a", "b"]',
            r"The setting 'index' \(.*qasearch\.toml\) must be a string, not \['a', 'b'\]",
        ),
        ("model = true", r"The setting 'model' \(.*qasearch\.toml\) must be a string, not True"),
        ("offline = 1", r"The setting 'offline' \(.*qasearch\.toml\) must be true or false, not 1"),
        (
            'offline = "yes"',
            r"The setting 'offline' \(.*qasearch\.toml\) must be true or false, not 'yes'",
        ),
        ("corpus = docs", r"qasearch\.toml is not valid TOML: .*line 1"),
        (
            'corpus = "a"\ncorpus = "b"',
            r"qasearch\.toml is not valid TOML: Cannot overwrite a value",
        ),
        ('corpus = ""', r"The setting 'corpus' \(.*qasearch\.toml\) is empty"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    toml(tmp_path, text)
    with pytest.raises(BadRequest, match=message):
        load(tmp_path)


def test_a_wrong_file_is_refused_even_where_a_flag_would_win(tmp_path: Path) -> None:
    toml(tmp_path, "corpus = 3")
    with pytest.raises(BadRequest, match=r"'corpus' .* must be a string"):
        load(tmp_path, corpus="docs")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "qasearch.toml").write_bytes(b'corpus = "caf\xe9"')
    with pytest.raises(BadRequest, match=r"Cannot read .*qasearch\.toml: 'utf-8' codec"):
        load(tmp_path)
    (tmp_path / "below" / "qasearch.toml").mkdir(parents=True)
    with pytest.raises(BadRequest, match=r"Cannot read .*below.qasearch\.toml"):
        load(tmp_path / "below")


@pytest.mark.parametrize("name", ["corpus", "index", "model"])
def test_an_empty_value_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRequest, match=rf"The setting '{name}' \(flag\) is empty"):
        load(tmp_path, **{name: ""})
    with pytest.raises(BadRequest, match=rf"The setting '{name}' \(environment\) is empty"):
        load(tmp_path, {f"QASEARCH_{name.upper()}": ""})
    assert (
        load(tmp_path, {f"QASEARCH_{name.upper()}": ""}, **{name: "x"}).sources[name] is Source.FLAG
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [(value, True) for value in ("1", "true", "True", "YES", "on")]
    + [(value, False) for value in ("0", "false", "FALSE", "No", "off", "")],
)
def test_offline_in_the_environment(tmp_path: Path, value: str, expected: bool) -> None:
    settings = load(tmp_path, {"QASEARCH_OFFLINE": value})
    assert (settings.offline, settings.sources["offline"]) == (expected, Source.ENVIRONMENT)


@pytest.mark.parametrize("value", ["2", "maybe", "-1", "nope", "1 0"])
def test_offline_in_the_environment_must_be_yes_or_no(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadRequest, match=f"QASEARCH_OFFLINE must be 1 or 0, not '{value}'"):
        load(tmp_path, {"QASEARCH_OFFLINE": value})


def test_the_default_index_is_one_for_each_corpus_path() -> None:
    assert default_index(Path("/a/notes")).parent == default_index(Path("/b/notes")).parent
    # printf /a/notes | sha256sum | cut -c 1-12
    assert default_index(Path("/a/notes")).name == "notes-65559a6368da"
    assert (
        default_index(Path("/b/notes")).name
        == "notes-" + hashlib.sha256(b"/b/notes").hexdigest()[:12]
    )
    assert default_index(Path("/a/notes")) != default_index(Path("/b/notes"))


def test_the_default_index_does_not_depend_on_how_the_corpus_is_written(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    written = ["notes", "notes/", "./notes", "sub/../notes", str(tmp_path / "notes")]
    assert {load(tmp_path, corpus=corpus).index for corpus in written} == {
        default_index(tmp_path / "notes")
    }
    assert load(tmp_path / "sub", corpus="../notes").index == default_index(tmp_path / "notes")


def test_the_home_folder_may_be_written_as_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    toml(tmp_path, 'corpus = "~/notes"\nindex = "~/index"')
    assert load(tmp_path).corpus == home / "notes"
    assert load(tmp_path).index == home / "index"
    assert load(tmp_path, {"QASEARCH_CORPUS": "~/other"}).corpus == home / "other"
    assert load(tmp_path, corpus="~").corpus == home


def test_the_model_of_the_file_may_be_below_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "home" / "model").mkdir(parents=True)
    toml(tmp_path, 'model = "~/model"')
    assert load(tmp_path).model == str(tmp_path / "home" / "model")


@pytest.mark.skipif(os.name == "nt", reason="Windows guesses the folders of other users")
def test_a_home_folder_that_cannot_be_known_is_refused_or_taken_as_a_name(tmp_path: Path) -> None:
    with contextlib.suppress(BadRequest):
        assert (
            load(tmp_path, corpus="~no-such-user/notes").corpus
            == tmp_path / "~no-such-user" / "notes"
        )


@pytest.mark.parametrize(
    ("environ", "text", "expected"),
    [
        ({}, "", None),
        ({}, "exclude = []", ()),
        ({}, 'exclude = ["a/**", " b "]', ("a/**", "b")),
        ({"QASEARCH_EXCLUDE": "a/**, b\n!c,"}, 'exclude = ["x"]', ("a/**", "b", "!c")),
        ({"QASEARCH_EXCLUDE": ""}, 'exclude = ["x"]', ()),
    ],
)
def test_what_is_left_out_is_a_list(
    tmp_path: Path, environ: dict[str, str], text: str, expected: tuple[str, ...] | None
) -> None:
    toml(tmp_path, text)
    assert load(tmp_path, environ).rules.exclude == expected


@pytest.mark.parametrize("value", ['"private"', "[1]", '[""]', "true"])
def test_a_list_of_anything_else_is_refused(tmp_path: Path, value: str) -> None:
    toml(tmp_path, f"exclude = {value}")
    with pytest.raises(BadRequest, match=r"'exclude' \(.*toml\) must be a list of strings"):
        load(tmp_path)


def test_patterns_in_the_file_may_name_the_folder_of_the_corpus(tmp_path: Path) -> None:
    toml(tmp_path, 'corpus = "my/notes"\nexclude = ["my/notes/private/**", "!./my/notes/a", "b"]')
    expected = ("my/notes/private/**", "/private/**", "!./my/notes/a", "!/a", "b")
    assert load(tmp_path).exclude == expected


def test_the_rules_of_the_file_are_for_its_corpus(tmp_path: Path) -> None:
    toml(tmp_path, 'corpus = "notes"\nexclude = ["a"]\nflavour = "hugo"')
    other = load(tmp_path, corpus="elsewhere")
    assert (other.rules, other.named("exclude")) == (CorpusRules(), False)
    same = load(tmp_path, corpus=str(tmp_path / "notes"))
    assert (same.exclude, same.flavour) == (("a",), "hugo")


def test_a_flavour_that_is_none_is_refused(tmp_path: Path) -> None:
    toml(tmp_path, 'flavour = "word"')
    with pytest.raises(BadRequest, match=r"must be one of plain, github-wiki, .*, not 'word'"):
        load(tmp_path)
