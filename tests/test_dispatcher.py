"""JSON-RPC 2.0 as its specification says it, section by section."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qasearch.serving.dispatcher import Dispatcher, RpcError
from qasearch.serving.thin_json import decode, encode


def subtract(minuend: int, subtrahend: int) -> int:
    return minuend - subtrahend


def refuse() -> None:
    raise RpcError(-32000, "Not that.", {"why": "because"})


def fail() -> None:
    raise ZeroDivisionError("by zero")


DISPATCHER = Dispatcher({"subtract": subtract, "refuse": refuse, "fail": fail})


def reply(message: Any) -> Any:
    text = DISPATCHER.reply(message if isinstance(message, str) else json.dumps(message))
    assert text is None or "\n" not in text
    return None if text is None else json.loads(text)


def request(method: Any, number: Any = 1, **fields: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, **fields}


@pytest.mark.parametrize("params", [[42, 23], {"subtrahend": 23, "minuend": 42}])
@pytest.mark.parametrize("number", [7, "seven", None, 1.5])
def test_params_go_by_position_or_by_name(params: Any, number: Any) -> None:
    assert reply(request("subtract", number, params=params)) == {
        "jsonrpc": "2.0",
        "id": number,
        "result": 19,
    }


@pytest.mark.parametrize("method", ["subtract", "fail", "unknown"])
def test_a_notification_gets_no_reply_even_if_it_fails(method: str) -> None:
    assert reply({"jsonrpc": "2.0", "method": method, "params": [1, 2]}) is None


@pytest.mark.parametrize(
    ("message", "code", "number"),
    [
        ('{"jsonrpc": "2.0", "method": "foobar, "params": "bar"]', -32700, None),
        ("[" * 100_000, -32700, None),
        ("", -32700, None),
        (request(1), -32600, 1),
        (request("subtract", params="bar"), -32600, 1),
        (request("subtract", number=True), -32600, None),
        (request("subtract", number=[1]), -32600, None),
        ({"id": 3, "method": "subtract"}, -32600, 3),
        ([], -32600, None),
        (1, -32600, None),
        (request("foobar"), -32601, 1),
        (request("subtract", params=[1]), -32602, 1),
        (request("subtract", params={"minuend": 1, "other": 2}), -32602, 1),
        (request("fail"), -32603, 1),
    ],
)
def test_errors_have_their_codes(message: Any, code: int, number: Any) -> None:
    answer = reply(message)
    assert (answer["jsonrpc"], answer["id"], answer["error"]["code"]) == ("2.0", number, code)
    assert "result" not in answer


def test_a_method_answers_with_an_error_of_its_own() -> None:
    expected = {"code": -32000, "message": "Not that.", "data": {"why": "because"}}
    assert reply(request("refuse")) == {"jsonrpc": "2.0", "id": 1, "error": expected}


def test_a_batch_is_answered_as_one_without_its_notifications() -> None:
    batch = [
        request("subtract", 1, params=[3, 1]),
        {"jsonrpc": "2.0", "method": "subtract", "params": [1, 1]},
        {"foo": "boo"},
        request("subtract", "9", params=[1, 3]),
    ]
    answers = reply(batch)
    assert [(each["id"], each.get("result"), "error" in each) for each in answers] == [
        (1, 2, False),
        (None, None, True),
        ("9", -2, False),
    ]
    assert reply([{"jsonrpc": "2.0", "method": "subtract", "params": [1, 1]}]) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -12,
        "",
        'a "b" \\ \n\t\x00\x7f',
        "é 😀 \udc80",
        [],
        {},
        [1, ["x", {"y": None}]],
        {"a b": [True]},
    ],
)
def test_the_thin_json_is_json(value: Any) -> None:
    assert json.loads(encode(value)) == value
    assert decode(json.dumps(value)) == value
    assert decode(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize("text", ["", "{", '{"a": }', "nothing"])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(text)
