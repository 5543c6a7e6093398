"""No paths of one person's machine, no promise without an issue: a TODO carries a number, TODO(#12)."""

import re

import sources

MACHINE = re.compile(r"(?<![\w.~$}])/(?:home|root|work|mnt|tmp|Users)/\w")
OPEN = re.compile(r"\b(TODO|FIXME|HACK|XXX)\b(?!\s*\(?#\d+)")
SUFFIXES = sources.CPP + (".py", ".sh", ".cmake", ".txt", ".json", ".md", ".toml", ".ts", ".yml", "dev", "run")
SELF = ("lint/words.py", "lint/selftest.py")


def check(root):
    problems = []
    for name in sources.files(root, SUFFIXES):
        if name in SELF or name.startswith("tests/fuzz/corpus/"):
            continue
        for number, line in enumerate(sources.read(root, name).split("\n"), 1):
            if MACHINE.search(line):
                problems.append(f"{name}:{number}: names a path of one machine")
            match = OPEN.search(line)
            if match:
                problems.append(f"{name}:{number}: {match.group(1)} without an issue: write {match.group(1)}(#number) or do it")
    return problems
