"""`python -m qasearch`, and the console script: a question is for the warm process first, if there
is one.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing takes as long as asking
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    if sys.argv[1:2] == ["ask"]:
        from qasearch.serving import client

        code = client.ask(sys.argv[1:])
        if code is not None:
            sys.exit(code)
    from qasearch import cli

    cli.main()


if __name__ == "__main__":
    main()
