"""The pinned clang-format has nothing to change."""

import re
import shutil
import subprocess

import sources

FORMATTER = "clang-format-19"


def check(root):
    if not shutil.which(FORMATTER):
        return [f"{FORMATTER} is missing: ./dev setup lint installs it"]
    names = sources.files(root, sources.CPP)
    if not names:
        return []
    run = subprocess.run([FORMATTER, "--dry-run", *names], cwd=root, capture_output=True, text=True)
    found = re.findall(r"^(\S+?:\d+):\d+: warning: code should be clang-formatted", run.stderr, re.M)
    if not found and (run.returncode or run.stderr.strip()):
        return [f"{FORMATTER}: {run.stderr.strip()}"]
    first = {}
    for place in found:
        first.setdefault(place.split(":")[0], place)
    return [f"{place}: not formatted: ./dev format" for place in first.values()]
