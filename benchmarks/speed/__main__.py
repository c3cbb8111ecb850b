"""Measures speed and memory, each beside a baseline that runs in turn with it.

    python -m benchmarks.speed [PART ...] [--runs N]

The figures are medians of several runs. A shared machine gets slower and faster by the minute: the
ratio to the baseline says more than the seconds.
"""

from __future__ import annotations

import importlib

from benchmarks.shared import argument_parser

PARTS = {
    "encode": "2,000 real passages through the encoder",
    "commands": "the command line on the bundled corpus: cold question, small builds, --help",
    "builds": "builds of 100,000 entries: nothing changed, one file changed",
    "large": "a million entries: time and recall of a question, memory; some 20 minutes",
    "warm": "the warm process: one question, and eight clients beside one",
}
"""The modules of this package with a function `measure(runs)`, and what they measure."""


def main() -> None:
    parts = "\n".join(f"  {name:<10} {description}" for name, description in PARTS.items())
    parser = argument_parser(f"{__doc__}\nparts:\n{parts}", "python -m benchmarks.speed")
    parser.add_argument("parts", nargs="*", metavar="PART", help="names of parts (all)")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="number of pairs (5)")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.parts) - set(PARTS)):
        parser.error(f"no such part: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    for name in arguments.parts or PARTS:
        print(f"\n{name}", flush=True)
        importlib.import_module(f"benchmarks.speed.{name}").measure(arguments.runs)


if __name__ == "__main__":
    main()
