"""JSON-RPC 2.0 (jsonrpc.org/specification): a text in, a text out.

It does not know where the texts come from, where they go to, or what the methods do.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

PARSE_ERROR, INVALID_REQUEST = -32700, -32600
METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32601, -32602, -32603
"""The codes of the specification."""

REFUSED = -32000
"""The question cannot be answered as it was asked; `data` is its `qasearch.error/1`."""

DECLINED = -32001
"""The question needs a process of its own: the warm process starts, ends or is busy, or cannot do
it."""

Method = Callable[..., Any]


class RpcError(Exception):
    """A method raises it to answer with an error object."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class Dispatcher:
    """Calls methods by name. Each takes its params as arguments, and returns what JSON can hold."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods

    def reply(self, text: str | bytes) -> str | None:
        """The response to a request or to a batch of them, on one line.

        None if the specification says that there is no response.
        """
        try:
            message = json.loads(text)
        except (ValueError, RecursionError) as error:
            return json.dumps(_failure(None, RpcError(PARSE_ERROR, f"Not JSON: {error}")))
        if not isinstance(message, list):
            response = self._respond(message)
            return None if response is None else json.dumps(response)
        if not message:
            return json.dumps(_failure(None, RpcError(INVALID_REQUEST, "The batch is empty.")))
        responses = [self._respond(request) for request in message]
        present = [response for response in responses if response is not None]
        return json.dumps(present) if present else None

    def _respond(self, request: Any) -> dict[str, Any] | None:
        """The response object; None for a notification."""
        number = request.get("id") if isinstance(request, dict) else None
        if not _is_request(request):
            number = number if _is_id(number) else None
            return _failure(number, RpcError(INVALID_REQUEST, "This is no JSON-RPC 2.0 request."))
        try:
            result = self._call(request["method"], request.get("params", []))
        except RpcError as error:
            response = _failure(number, error)
        except Exception as error:  # noqa: BLE001 - whatever fails, the caller waits for a response
            message = f"{type(error).__name__}: {error}"
            response = _failure(number, RpcError(INTERNAL_ERROR, message))
        else:
            response = {"jsonrpc": "2.0", "id": number, "result": result}
        return response if "id" in request else None

    def _call(self, name: str, params: list[Any] | dict[str, Any]) -> Any:
        method = self._methods.get(name)
        if method is None:
            raise RpcError(METHOD_NOT_FOUND, f"There is no method '{name}'.")
        positional, named = (params, {}) if isinstance(params, list) else ([], params)
        try:
            inspect.signature(method).bind(*positional, **named)
        except TypeError as error:
            raise RpcError(INVALID_PARAMS, f"{name}: {error}.") from error
        return method(*positional, **named)


def _is_request(request: Any) -> bool:
    return (
        isinstance(request, dict)
        and request.get("jsonrpc") == "2.0"
        and isinstance(request.get("method"), str)
        and isinstance(request.get("params", []), list | dict)
        and _is_id(request.get("id"))
    )


def _is_id(value: Any) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _failure(number: Any, error: RpcError) -> dict[str, Any]:
    fields = {"code": error.code, "message": str(error)}
    if error.data is not None:
        fields["data"] = error.data
    return {"jsonrpc": "2.0", "id": number, "error": fields}
