#!/usr/bin/env python3
"""Runs the checks of this folder: `lint/run.py` all of them, `lint/run.py layers sizes` some. Exit 1 where one fails."""

import importlib
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHECKS = ("layers", "headers", "sizes", "quiet", "words", "links", "style", "shell")


def main(names):
    unknown = set(names) - set(CHECKS)
    if unknown:
        print(f"no check is named {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or CHECKS:
        for problem in importlib.import_module(name).check(ROOT):
            print(problem, file=sys.stderr)
            failed += 1
    if not names:
        print(f"lint: {failed} problems" if failed else "lint: nothing to say")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
