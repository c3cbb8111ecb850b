"""How the page of a map is put together: one HTML file that needs no network.

The file holds plotly.js, the script, the style and the data of the page. What the corpus says is
data and never markup: it stands as JSON in a script element, and the page shows it by
`textContent` only. A Content-Security-Policy lets only the two scripts of the page run, by their
hashes, and lets nothing be fetched.

plotly is imported only while a page is made: an installation that only asks is without it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from qasearch.datatypes.index import IndexState
from qasearch.mapping.corpus_map import CorpusMap
from qasearch.phrases import counted
from qasearch.presenting.extra import pictures_extra
from qasearch.presenting.page.content import page_content, uses_webgl
from qasearch.presenting.text.printable import one_line

_PLACEHOLDER = re.compile(r"\{\{([A-Z]+)\}\}")
_MARKUP = re.compile("[<>&\u2028\u2029]")


def page(corpus_map: CorpusMap, corpus: Path, state: IndexState, file: Path) -> bytes:
    """The page that shows a map.

    Args:
        corpus_map: what it shows.
        corpus: the folder of the corpus, to which its links lead.
        state: the state of the index that the map was made from.
        file: where the page will be written; its links are relative to it.

    Raises:
        BadRequest: plotly is not installed.
    """
    with pictures_extra("A page of a map"):
        from plotly.offline import get_plotlyjs

    plotly, script = get_plotlyjs(), _part("map_page.js")
    facts = (
        counted(state.entries, "entry", "entries"),
        counted(len(set(corpus_map.space.sections)), "section"),
        state.model,
        corpus_map.method.label,
        f"built {state.built_at[:10]}",  # the date
    )
    parts = {
        "POLICY": _policy((plotly, script), compiles=uses_webgl(corpus_map)),
        "HEADING": escape(f"Map of {one_line(corpus.name) or 'the corpus'}"),
        "FACTS": escape(" · ".join(facts)),
        "SENTENCES": "\n".join(f"<p>{escape(text)}</p>" for text in corpus_map.sentences),
        "STYLE": _part("map_page.css"),
        "PLOTLY": plotly,
        "SCRIPT": script,
        "DATA": _embedded(page_content(corpus_map, corpus, file)),
    }
    # all in one pass, so that a placeholder in what was put in is never replaced
    html = _PLACEHOLDER.sub(lambda match: parts[match[1]], _part("map_page.html"))
    return html.encode()


def _policy(scripts: Iterable[str], *, compiles: bool) -> str:
    """The Content-Security-Policy that lets these scripts run.

    plotly.js compiles what it draws by WebGL: then the policy has to allow `eval`.
    """
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    compiling = " 'unsafe-eval'" if compiles else ""
    return (
        f"default-src 'none'; script-src {hashes}{compiling}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _part(name: str) -> str:
    return files("qasearch.presenting.page").joinpath(name).read_text(encoding="utf-8")


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _embedded(content: dict[str, Any]) -> str:
    """The content as JSON in which no HTML parser finds markup."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    text = text.encode(errors="replace").decode()  # half of a surrogate pair cannot be encoded
    return _MARKUP.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
