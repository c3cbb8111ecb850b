"""The process behind the warm process: keeps indexes and models open and answers, one question at a
time.

    python -m qasearch.serving.worker FLAG ...

Speaks JSON-RPC 2.0 on standard input and output, one object a line, and says `ready` when it can
take a request.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qasearch import cli
from qasearch.api import Index
from qasearch.datatypes.options import Filters, Mode
from qasearch.encoding import Encoder, load_encoder
from qasearch.errors import BadRequest, QasearchError
from qasearch.presenting.json_reply import error_fields, reply_fields
from qasearch.serving.dispatcher import DECLINED, INVALID_PARAMS, REFUSED, Dispatcher, RpcError
from qasearch.serving.program import Stamp, stamp_of
from qasearch.settings import Settings, load_settings

_MAX_INDEXES = 4
_REHEARSAL = "What is this about?"
_ROOT = os.path.abspath(os.sep)  # noqa: PTH100 - the root of the current drive


class Kept:
    """Open indexes, the least recently used one closed, and loaded models; opened again when their
    files changed.
    """

    def __init__(self) -> None:
        self._indexes: dict[tuple[object, ...], tuple[Stamp, Index]] = {}
        self._encoders: dict[tuple[str, str | None], Encoder] = {}
        self._wanted: tuple[str, Settings, str | None] | None = None
        self.may_load = True
        """Whether a question may wait for a model; if not, the model is loaded after it was
        declined."""

    @contextlib.contextmanager
    def open(self, settings: Settings) -> Iterator[Index]:
        """The index of the settings, for one question.

        Raises:
            QasearchError: as `Index` does.
            RpcError: `DECLINED` when it is asked, if a model had to be loaded and none may be.
        """
        index = self._index(settings)
        try:
            yield index
        except BadRequest:
            raise
        except QasearchError:  # perhaps of what is kept, and not of the files
            self.close()
            raise

    def close(self) -> None:
        """Close and forget everything."""
        for _, index in self._indexes.values():
            index.close()
        self._indexes.clear()
        self._encoders.clear()

    def load_wanted(self) -> None:
        """Load the model that was missing, for the next question."""
        if self._wanted is not None:
            (name, settings, fingerprint), self._wanted, self.may_load = self._wanted, None, True
            with contextlib.suppress(QasearchError):  # who asks finds out
                self._load(name, settings, fingerprint)

    def state(self) -> dict[str, Any]:
        """What `qasearch warm status` shows of this process."""
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
            settings.corpus_is_the_indexs,
        )
        stamp = stamp_of(settings.index)
        kept = self._indexes.pop(key, None)
        if kept and kept[0] != stamp:
            kept[1].close()
            kept = None
        index = kept[1] if kept else Index(settings, load=self._load)
        self._indexes[key] = stamp, index
        if len(self._indexes) > _MAX_INDEXES:
            self._indexes.pop(next(iter(self._indexes)))[1].close()
        return index

    def _load(self, name: str, settings: Settings, fingerprint: str | None) -> Encoder:
        """See `qasearch.api.Loader`."""
        if (name, fingerprint) not in self._encoders:
            if not self.may_load:
                self._wanted = name, settings, fingerprint
                raise RpcError(DECLINED, f"The model '{name}' is not loaded yet.")
            loaded = load_encoder(name, offline=settings.offline, fingerprint=fingerprint)
            self._encoders[name, fingerprint] = loaded
        return self._encoders[name, fingerprint]


class Worker:
    """The methods of the warm process that answer questions."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.dispatcher = Dispatcher({"ask": self.ask, "command": self.command})

    def ask(  # noqa: PLR0913, PLR0917 - the options of `qasearch ask`
        self,
        question: str,
        k: int = 5,
        section: str | None = None,
        path: str | None = None,
        tag: str | None = None,
        mode: str = Mode.HYBRID.value,
        explain: bool = False,  # noqa: FBT001, FBT002
        exact: bool = False,  # noqa: FBT001, FBT002
        corpus: str | None = None,
        index: str | None = None,
        cwd: str = _ROOT,
    ) -> dict[str, Any]:
        """The reply to one question as `qasearch.ask/1`. Relative paths, and `qasearch.toml`, are
        those of `cwd`.

        Raises:
            RpcError: `INVALID_PARAMS`, or `REFUSED` with the `qasearch.error/1`.
        """
        texts = (
            question,
            section or "",
            path or "",
            tag or "",
            mode,
            corpus or "",
            index or "",
            cwd,
        )
        types = [*map(type, (k, explain, exact, *texts))]
        if types != [int, bool, bool, *[str] * len(texts)] or mode not in list(Mode):
            raise RpcError(INVALID_PARAMS, "ask: a param has the wrong type or an unknown value.")
        self.kept.may_load = True
        try:
            settings = load_settings(corpus=corpus, index=index, cwd=Path(cwd), environ={})
            filters = Filters(section, path, tag)
            with self.kept.open(settings) as kept:
                (reply,) = kept.ask_many(
                    [question], k, filters, mode=Mode(mode), explain=explain, exact=exact
                )
        except QasearchError as error:
            raise RpcError(
                REFUSED, str(error), error_fields(error.type, error.message, error.hint)
            ) from error
        return reply_fields(reply)

    def command(
        self,
        arguments: list[str],
        cwd: str,
        environ: dict[str, str],
        terminals: list[bool],
        size: list[int],
    ) -> dict[str, Any]:
        """What the command line does in the process that asked: its exit code, and what it printed
        in pieces.

        Args:
            arguments: those of `qasearch`.
            cwd: the folder that it runs in.
            environ: its whole environment.
            terminals: whether its standard input, output and error are terminals.
            size: columns and lines of its standard output, if that is one.

        Raises:
            RpcError: `DECLINED` where only a process of its own can answer, or tell what is wrong
                with index or model.
        """
        if arguments[:1] != ["ask"]:
            raise RpcError(INVALID_PARAMS, "Only `ask` is for the warm process.")
        self.kept.may_load = False
        return self._run(arguments, cwd, environ, terminals, size)

    def rehearse(self, flags: list[str]) -> None:
        """Ask a question with these flags, so that everything is loaded that the next one needs."""
        arguments = ["ask", "--json", *flags, _REHEARSAL]
        with contextlib.suppress(RpcError):  # who asks finds out
            self._run(arguments, _ROOT, dict(os.environ), [False] * 3, [])

    def _run(
        self,
        arguments: list[str],
        cwd: str,
        environ: dict[str, str],
        terminals: list[bool],
        size: list[int],
    ) -> dict[str, Any]:
        pieces: list[tuple[int, str]] = []
        sized = dict(zip(("COLUMNS", "LINES"), map(str, size), strict=False))
        with _in_place_of(
            cwd, sized | environ, [_Stream(n, pieces, terminals[n]) for n in (0, 1, 2)]
        ):
            code = cli.run(arguments, self._open)
        return {"code": code, "output": pieces}

    @contextlib.contextmanager
    def _open(self, settings: Settings, *, alone: bool) -> Iterator[Index]:
        """See `qasearch.cli.ask.Opener`."""
        if alone or not settings.warm:
            raise RpcError(DECLINED, "This question is for a process of its own.")
        try:
            with self.kept.open(settings) as index:
                yield index
        except BadRequest:
            raise
        except QasearchError as error:
            raise RpcError(DECLINED, str(error)) from error


class _Stream(io.StringIO):
    """Standard input, output or error of another process: what is written is kept, in the order of
    both outputs.
    """

    def __init__(self, number: int, pieces: list[tuple[int, str]], terminal: bool) -> None:  # noqa: FBT001
        super().__init__()
        self._number = number
        self._pieces = pieces
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        super().write(text)  # raises TypeError for bytes, by which click tells what it writes to
        if text:
            self._pieces.append((self._number, text))
        return len(text)


@contextlib.contextmanager
def _in_place_of(cwd: str, environ: dict[str, str], streams: list[_Stream]) -> Iterator[None]:
    """Be the process that asked: one request at a time, so the folder and the environment are its
    own to change.
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
    """Resident memory; None where the platform does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def main() -> None:
    """Answer until standard input ends."""
    with (
        os.fdopen(os.dup(0), encoding="utf-8") as requests,
        os.fdopen(os.dup(1), "w", encoding="utf-8") as replies,
    ):
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)  # whatever a library prints is no reply
        worker = Worker()

        def send(message: str) -> None:
            replies.write(f"{message}\n")
            replies.flush()

        def say_ready() -> None:
            send(json.dumps({"jsonrpc": "2.0", "method": "ready", "params": worker.kept.state()}))

        worker.rehearse(sys.argv[1:])
        say_ready()
        for line in requests:
            send(worker.dispatcher.reply(line) or "null")
            worker.kept.load_wanted()
            say_ready()


if __name__ == "__main__":
    main()
