"""The method `ask` of JSON-RPC: any params get a reply, and the same options the same answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qasearch
from qasearch.cli.ask import command as ask_command
from qasearch.datatypes.options import ASK_OPTIONS, AskOptions, Mode
from qasearch.errors import BadRequest
from qasearch.presenting.schemas import load
from qasearch.serving.worker import Worker
from tests.conftest import Command, check_json

NOTES = {
    "drinks.md": (
        "# What is tea?\n\nA drink of leaf and water.\n\n# What is milk?\n\nA white drink.\n"
    ),
    "music.md": "---\ntags: [sound]\n---\n# How do I tune a piano?\n\nListen to it.\n",
}

INVALID_PARAMS, REFUSED, DECLINED = -32602, -32000, -32001


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, tiny_model: str) -> Path:
    """A folder with a corpus and its index."""
    folder = tmp_path_factory.mktemp("rpc")
    (folder / "corpus").mkdir()
    for name, text in NOTES.items():
        (folder / "corpus" / name).write_text(text)
    qasearch.build(folder / "corpus", folder / "index", tiny_model)
    return folder


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.open_indexes.close()


def call(worker: Worker, method: str, params: Any) -> dict[str, Any]:
    """The response to a request; the working folder of the tests stays what it was."""
    folder = Path.cwd()
    try:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        reply = worker.dispatcher.reply(json.dumps(request))
    finally:
        os.chdir(folder)
    assert reply is not None
    response: dict[str, Any] = json.loads(reply)
    assert set(response) == {"jsonrpc", "id", "result" if "result" in response else "error"}
    check_json(json.dumps(response.get("result") or response["error"].get("data")))
    return response


def without_time(reply: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reply.items() if name != "timing_ms"}


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, []),
        ({"top_k": 1}, ["-k", "1"]),
        ({"section": "what is tea", "top_k": 2}, ["--section", "what is tea", "-k", "2"]),
        ({"path": "drinks*"}, ["--path", "drinks*"]),
        ({"tag": "Sound"}, ["--tag", "Sound"]),
        ({"mode": "dense"}, ["--mode", "dense"]),
        ({"mode": "lexical", "explain": True}, ["--mode", "lexical", "--explain"]),
        ({"exact": True, "offline": True}, ["--exact", "--offline"]),
    ],
)
def test_the_same_options_give_the_same_reply_as_the_command_line(
    worker: Worker, index: Path, qasearch: Command, options: dict[str, Any], flags: list[str]
) -> None:
    places = {"corpus": str(index / "corpus"), "index": str(index / "index")}
    response = call(worker, "ask", {"question": "What is tea?", **places, **options})
    printed = qasearch(
        "ask",
        "--json",
        "What is tea?",
        *flags,
        "--corpus",
        places["corpus"],
        "--index",
        places["index"],
    )
    if "error" in response:
        assert printed.code == 2
        assert response["error"]["data"] == json.loads(printed.out)
    else:
        assert without_time(response["result"]) == without_time(json.loads(printed.out))


def test_relative_places_are_those_of_cwd(worker: Worker, index: Path) -> None:
    params = {"question": "tea", "corpus": "corpus", "index": "index", "cwd": str(index)}
    assert call(worker, "ask", params)["result"]["results"][0]["question"] == "What is tea?"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"tag": False}, "The option 'tag' must be a string, not False."),
        ({"top_k": "3"}, "The option 'top_k' must be a whole number, not '3'."),
        ({"top_k": True}, "The option 'top_k' must be a whole number, not True."),
        ({"top_k": 0}, "The option 'top_k' must be from 1 to 1,000, not 0."),
        ({"top_k": 1001}, "The option 'top_k' must be from 1 to 1,000, not 1,001."),
        (
            {"mode": "words"},
            "The option 'mode' must be one of hybrid, dense, lexical, not 'words'.",
        ),
        ({"mode": []}, "The option 'mode' must be one of hybrid, dense, lexical, not []."),
        ({"explain": 1}, "The option 'explain' must be true or false, not 1."),
        ({"rerank": 5}, "The option 'rerank' must be a string, not 5."),
        ({"rerank": ""}, "The option 'rerank' is empty."),
        ({"offline": "yes"}, "The setting 'offline' (flag) must be true or false, not 'yes'."),
        ({"corpus": 5}, "The setting 'corpus' (flag) must be a string, not 5."),
        ({"corpus": "a\0b"}, "A path holds a NUL character."),
        ({"cwd": None}, "The parameter 'cwd' must be a string, not None."),
        ({"question": 5}, "The parameter 'question' must be a string, not 5."),
        ({"k": 5}, "There is no parameter 'k'."),
    ],
)
def test_params_are_checked_before_they_are_used(
    worker: Worker, params: dict[str, Any], message: str
) -> None:
    error = call(worker, "ask", {"question": "tea", **params})["error"]
    assert error["code"] == INVALID_PARAMS
    assert error["message"].startswith(f"ask: {message}")
    assert error["data"]["error"]["message"] == message


def test_a_question_is_needed(worker: Worker) -> None:
    error = call(worker, "ask", {})["error"]
    assert (error["code"], error["message"]) == (
        INVALID_PARAMS,
        "ask: The parameter 'question' is missing.",
    )


def test_an_index_that_is_not_there_is_refused(worker: Worker, tmp_path: Path) -> None:
    params = {"question": "tea", "corpus": str(tmp_path), "index": str(tmp_path / "none")}
    error = call(worker, "ask", params)["error"]
    assert error["code"] == REFUSED
    assert error["data"]["error"]["type"] == "IndexMissing"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["question", "cwd", "corpus", "index", "offline", "model", "warm", *ASK_OPTIONS]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(params=st.dictionaries(NAMES | st.text(), JSON, max_size=6) | st.lists(JSON, max_size=4))
def test_any_params_get_a_response_and_no_internal_error(
    worker: Worker, tmp_path: Path, params: Any
) -> None:
    if isinstance(params, dict):
        # Nothing outside is read, no model of the hub is looked for, and no index is found.
        params = {**params, "index": str(tmp_path / "none")}
        params.pop("rerank", None) if isinstance(params.get("rerank"), str) else None
    response = call(worker, "ask", params)
    assert response["error"]["code"] in (INVALID_PARAMS, REFUSED)


@settings(deadline=None)
@given(
    message=JSON | st.fixed_dictionaries({"jsonrpc": st.just("2.0"), "id": JSON, "method": JSON})
)
def test_any_message_gets_a_response_or_none(worker: Worker, message: Any) -> None:
    reply = worker.dispatcher.reply(json.dumps(message))
    assert reply is None or json.loads(reply)


@settings(deadline=None)
@given(text=st.text() | st.binary())
def test_any_text_gets_a_response_or_none(worker: Worker, text: str | bytes) -> None:
    reply = worker.dispatcher.reply(text)
    assert reply is None or json.loads(reply)


@settings(deadline=None)
@given(
    params=st.dictionaries(
        st.sampled_from(["arguments", "cwd", "environ", "terminals", "size"]), JSON
    )
    | st.lists(JSON, max_size=5)
)
def test_any_params_of_command_are_refused_unless_they_are_those_of_the_client(
    worker: Worker, params: Any
) -> None:
    assert call(worker, "command", params)["error"]["code"] == INVALID_PARAMS


@pytest.mark.parametrize("name", ASK_OPTIONS)
def test_each_option_is_a_flag_a_parameter_and_a_field(name: str) -> None:
    option, default = ASK_OPTIONS[name]
    flag = next(each for each in ask_command.params if each.name == name)
    assert isinstance(flag, click.Option)
    assert flag.help == option.meaning
    assert (option.flag or f"--{name.replace('_', '-')}") in flag.opts
    schema = load("ask-params").json_schema()["properties"][name]
    assert schema["description"] == option.meaning.removesuffix(".")
    assert getattr(AskOptions(), name) == default


def test_options_of_the_python_api_are_checked() -> None:
    assert AskOptions(mode="dense").mode is Mode.DENSE  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match=r"The option 'tag' must be a string, not 5\."):
        AskOptions(tag=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword argument 'topk'"):
        AskOptions(topk=5)  # type: ignore[call-arg]


def test_a_command_is_declined_until_the_model_is_loaded(worker: Worker, index: Path) -> None:
    flags = ["--corpus", str(index / "corpus"), "--index", str(index / "index")]
    params = {
        "arguments": ["ask", "--json", "-k", "1", "--explain", "tea", *flags],
        "cwd": str(index),
        "environ": {},
        "terminals": [False] * 3,
        "size": [],
    }
    worker.open_indexes.close()
    declined = call(worker, "command", params)["error"]
    assert (declined["code"], declined["message"][-20:]) == (DECLINED, "' is not loaded yet.")
    worker.open_indexes.load_missing_model()
    result = call(worker, "command", params)["result"]
    (output,) = [text for number, text in result["output"] if number == 1 and text.strip()]
    assert (result["code"], json.loads(output)["results"][0]["question"]) == (0, "What is tea?")


def test_the_corpus_and_the_index_agree(index: Path) -> None:
    entries, problems = qasearch.read(index / "corpus")
    with qasearch.open(index / "corpus", index / "index") as opened:
        assert {entry.id for entry in opened.entries()} == {entry.id for entry in entries}
    assert problems == []
