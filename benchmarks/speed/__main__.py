"""Speed and memory, each beside a baseline that runs in turn with it, medians of several runs.

    python -m benchmarks.speed [PART ...] [--runs N]

Machines are shared and drift: the ratio within one run says more than the seconds.
"""

from __future__ import annotations

import argparse
import importlib

PARTS = {
    "encode": "2,000 real passages through the encoder",
    "commands": "the command line on the bundled corpus: a cold question, builds with little to do, --help",
    "builds": "builds of 100,000 entries: nothing changed beside git status, one file changed beside a full build",
    "large": "a million entries: a question beside an exact FAISS search, recall, memory; takes some 20 minutes",
    "warm": "the warm process: one question, and eight clients beside one",
}


def main() -> None:
    listed = "\n".join(f"  {name:<10} {what}" for name, what in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed",
        description=f"{__doc__}\nparts:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="all of them if none is named")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="pairs that count (5)")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    for name in arguments.parts or PARTS:
        print(f"\n{name}", flush=True)
        importlib.import_module(f"benchmarks.speed.{name}").measure(arguments.runs)


if __name__ == "__main__":
    main()
