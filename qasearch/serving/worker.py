"""A process behind the warm process: it holds indexes and models open, and answers one request at a
time.

    python -m qasearch.serving.worker FLAG ...

It speaks JSON-RPC 2.0 on standard input and output, one object a line, and sends the notification
`ready` when it can take a request. What it logs goes to standard error, which the warm process
writes to its log file.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qasearch import cli, logs
from qasearch.api import Index
from qasearch.datatypes.options import ASK_OPTIONS, AskOptions
from qasearch.encoding import Encoder, load_encoder
from qasearch.errors import BadRequest, QasearchError
from qasearch.presenting.schemas.ask import ASK
from qasearch.presenting.schemas.error import error_fields
from qasearch.presenting.schemas.rpc import SETTINGS_OF_A_QUESTION
from qasearch.serving.dispatcher import DECLINED, INVALID_PARAMS, REFUSED, Dispatcher, RpcError
from qasearch.serving.program import Stamp, stamp_of
from qasearch.settings import Settings, load_settings

MAX_INDEXES = 4
"""Indexes that a worker holds open; each may map some 100 MB."""

_REHEARSAL = "What is this about?"
"""Any question: asking it loads everything that the next one needs."""

_ROOT = os.path.abspath(os.sep)  # noqa: PTH100 - the root of the current drive
_MB = 2**20


class OpenIndexes:
    """Open indexes and loaded models. The index that was not used for the longest time is closed.

    An index whose files changed is opened again.
    """

    def __init__(self) -> None:
        self._indexes: dict[tuple[object, ...], tuple[Stamp, Index]] = {}
        self._encoders: dict[tuple[str, str | None], Encoder] = {}
        self._missing_model: tuple[str, Settings, str | None] | None = None
        self.may_load_models = True
        """Whether a question may wait until a model is loaded.

        If not, the question is declined, and the model is loaded after the reply.
        """

    @contextlib.contextmanager
    def open(self, settings: Settings) -> Iterator[Index]:
        """The index of the settings, for one question.

        Raises:
            QasearchError: as `Index` does.
            RpcError: `DECLINED` if a model has to be loaded and none may be.
        """
        index = self._index(settings)
        try:
            yield index
        except BadRequest:
            raise
        except QasearchError:  # what is open may be at fault, and not the files
            self.close()
            raise

    def close(self) -> None:
        """Close all indexes and forget all models."""
        for _, index in self._indexes.values():
            index.close()
        self._indexes.clear()
        self._encoders.clear()

    def load_missing_model(self) -> None:
        """Load the model that a declined question needed, for the next question."""
        if self._missing_model is None:
            return
        (name, settings, fingerprint), self._missing_model = self._missing_model, None
        self.may_load_models = True
        try:
            self._load(name, settings, fingerprint)
        except QasearchError as error:  # the next question meets the error in its own process
            logs.info(f"Cannot load the model {name}: {error}")

    def state(self) -> dict[str, Any]:
        """This process, as `qasearch warm status` shows a worker."""
        indexes = [
            {
                "path": str(index.settings.index),
                "generation": index.generation,
                "model": index.model,
            }
            for _, index in self._indexes.values()
        ]
        return {"pid": os.getpid(), "memory_mb": _memory_mb(), "indexes": indexes}

    def _index(self, settings: Settings) -> Index:
        key = (
            settings.corpus,
            settings.index,
            settings.model,
            settings.offline,
            settings.index_decides_corpus,
        )
        stamp = stamp_of(settings.index)
        stamped = self._indexes.pop(key, None)
        if stamped and stamped[0] != stamp:
            stamped[1].close()
            stamped = None
        index = stamped[1] if stamped else Index(settings, load=self._load)
        index.settings = settings  # the trust, the rules and the working folder are the question's
        self._indexes[key] = stamp, index
        if len(self._indexes) > MAX_INDEXES:
            self._indexes.pop(next(iter(self._indexes)))[1].close()
        return index

    def _load(self, name: str, settings: Settings, fingerprint: str | None) -> Encoder:
        """See `qasearch.api.Loader`."""
        if (name, fingerprint) not in self._encoders:
            if not self.may_load_models:
                self._missing_model = name, settings, fingerprint
                raise RpcError(DECLINED, f"The model '{name}' is not loaded yet.")
            encoder = load_encoder(name, offline=settings.offline, fingerprint=fingerprint)
            self._encoders[name, fingerprint] = encoder
        return self._encoders[name, fingerprint]


class Worker:
    """The methods of the warm process that answer questions."""

    def __init__(self) -> None:
        self.open_indexes = OpenIndexes()
        self.dispatcher = Dispatcher({"ask": self.ask, "command": self.command})

    def ask(self, **params: Any) -> dict[str, Any]:
        """The reply to one question as `qasearch.ask/1`.

        `params` are those of `qasearch.presenting.schemas.rpc.ASK_PARAMS`: the question, options of
        asking and settings, each optional. Relative paths, and `qasearch.toml`, are those of `cwd`.

        Raises:
            RpcError: `INVALID_PARAMS`, or `REFUSED` with the `qasearch.error/1`.
        """
        try:
            question, options, settings = _ask_params(params)
        except BadRequest as error:
            raise RpcError(INVALID_PARAMS, f"ask: {error}", _error(error)) from error
        self.open_indexes.may_load_models = True
        try:
            with self.open_indexes.open(settings) as index:
                reply = index.ask(question, options)
        except QasearchError as error:
            raise RpcError(REFUSED, str(error), _error(error)) from error
        return ASK.render(reply)

    def command(
        self,
        arguments: list[str],
        cwd: str,
        environ: dict[str, str],
        terminals: list[bool],
        size: list[int],
    ) -> dict[str, Any]:
        """What the command line does in the process that asked: its exit code, and what it printed.

        Args:
            arguments: the arguments of `qasearch`.
            cwd: the folder that it runs in.
            environ: its whole environment.
            terminals: whether its standard input, output and error are terminals.
            size: columns and lines of its standard output, if that is a terminal.

        Raises:
            RpcError: `INVALID_PARAMS`; or `DECLINED` if only a process of its own can answer, or
                can say what is wrong with the index or the model.
        """
        _check_command(arguments, cwd, environ, terminals, size)
        self.open_indexes.may_load_models = False
        return self._run(arguments, cwd, environ, terminals, size)

    def rehearse(self, flags: list[str]) -> None:
        """Ask a question with these flags, so that everything is loaded that the next one needs."""
        arguments = ["ask", "--json", *flags, _REHEARSAL]
        with contextlib.suppress(RpcError):  # the next question meets the same in its own process
            self._run(arguments, _ROOT, dict(os.environ), [False] * 3, [])

    def _run(
        self,
        arguments: list[str],
        cwd: str,
        environ: dict[str, str],
        terminals: list[bool],
        size: list[int],
    ) -> dict[str, Any]:
        output: list[tuple[int, str]] = []
        sized = dict(zip(("COLUMNS", "LINES"), map(str, size), strict=False))
        streams = [_Stream(number, output, terminals[number]) for number in (0, 1, 2)]
        with _in_place_of(cwd, sized | environ, streams):
            code = cli.run(arguments, self._open)
        return {"code": code, "output": output}

    @contextlib.contextmanager
    def _open(self, settings: Settings, *, needs_own_process: bool) -> Iterator[Index]:
        """See `qasearch.cli.ask.Opener`."""
        if needs_own_process or not settings.warm:
            raise RpcError(DECLINED, "This question is for a process of its own.")
        try:
            with self.open_indexes.open(settings) as index:
                yield index
        except BadRequest:
            raise
        except QasearchError as error:
            raise RpcError(DECLINED, str(error)) from error


def _ask_params(params: Mapping[str, Any]) -> tuple[str, AskOptions, Settings]:
    """The question, its options and its settings.

    Raises:
        BadRequest: a parameter is missing, unknown, has the wrong type or is out of range.
    """
    known = {"question", "cwd", *ASK_OPTIONS, *SETTINGS_OF_A_QUESTION}
    if unknown := sorted(params.keys() - known):
        raise BadRequest(
            f"There is no parameter '{unknown[0]}'.", f"Known: {', '.join(sorted(known))}."
        )
    for name in ("question", "cwd"):
        if not isinstance(params.get(name, ""), str):
            raise BadRequest(f"The parameter '{name}' must be a string, not {params[name]!r}.")
    if "question" not in params:
        raise BadRequest("The parameter 'question' is missing.")
    options = AskOptions(**{name: params[name] for name in ASK_OPTIONS if name in params})
    flags = {name: params.get(name) for name in SETTINGS_OF_A_QUESTION}
    cwd = Path(params.get("cwd", _ROOT))
    if "\0" in str(cwd) or any("\0" in flag for flag in flags.values() if isinstance(flag, str)):
        raise BadRequest("A path holds a NUL character.")
    return params["question"], options, load_settings(cwd=cwd, environ={}, **flags)


def _check_command(arguments: Any, cwd: Any, environ: Any, terminals: Any, size: Any) -> None:
    """Make sure that the parameters of `command` are what the thin client sends.

    Raises:
        RpcError: `INVALID_PARAMS`.
    """
    right = (
        _is_list_of(str, arguments)
        and isinstance(cwd, str)
        and isinstance(environ, dict)
        and _is_list_of(str, [*environ, *environ.values()])
        and _is_list_of(bool, terminals)
        and len(terminals) == len(("input", "output", "error"))
        and _is_list_of(int, size)
    )
    if not right:
        raise RpcError(INVALID_PARAMS, "command: a parameter has the wrong type.")
    if arguments[:1] != ["ask"]:
        raise RpcError(INVALID_PARAMS, "Only `ask` is for the warm process.")


def _is_list_of(kind: type, values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is kind for value in values)


def _error(error: QasearchError) -> dict[str, Any]:
    return error_fields(error.type, error.message, error.hint)


class _Stream(io.StringIO):
    """A standard stream of another process. What is written goes to `output`, with its number."""

    def __init__(self, number: int, output: list[tuple[int, str]], terminal: bool) -> None:  # noqa: FBT001
        super().__init__()
        self._number = number
        self._output = output
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        super().write(text)  # raises TypeError for bytes: so click tells what it writes to
        if text:
            self._output.append((self._number, text))
        return len(text)


@contextlib.contextmanager
def _in_place_of(cwd: str, environ: dict[str, str], streams: list[_Stream]) -> Iterator[None]:
    """Be the process that asked: its folder, its environment, its streams.

    A worker answers one request at a time, so it may change its own.
    """
    own_streams, own_environ = (sys.stdin, sys.stdout, sys.stderr), dict(os.environ)
    try:
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environ)
        sys.stdin, sys.stdout, sys.stderr = streams
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = own_streams
        os.environ.clear()
        os.environ.update(own_environ)
        os.chdir(_ROOT)


def _memory_mb() -> float | None:
    """The resident memory of this process; None where the platform does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / _MB, 1)


def main() -> None:
    """Answer until standard input ends."""
    with (
        os.fdopen(os.dup(0), encoding="utf-8") as requests,
        os.fdopen(os.dup(1), "w", encoding="utf-8") as replies,
    ):
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)  # what a library prints must not look like a reply
        logs.to_stderr("info")
        worker = Worker()

        def send(message: str) -> None:
            replies.write(f"{message}\n")
            replies.flush()

        def say_ready() -> None:
            state = worker.open_indexes.state()
            send(json.dumps({"jsonrpc": "2.0", "method": "ready", "params": state}))

        worker.rehearse(sys.argv[1:])
        say_ready()
        for line in requests:
            send(worker.dispatcher.reply(line) or "null")
            worker.open_indexes.load_missing_model()
            say_ready()


if __name__ == "__main__":
    main()
