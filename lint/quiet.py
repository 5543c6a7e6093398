"""Below cli/ (and serve/) nothing prints, exits, aborts or throws: errors are values. Only running out of memory throws."""

import re

import sources

LOUD = re.compile(
    r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(?:std::)?(printf|fprintf|vprintf|vfprintf|puts|putchar|fputs|perror)\s*\("
    r"|(?<![\w.>])(?:std::|::)?(abort|exit|_exit|_Exit|quick_exit|terminate)\s*\(|\b(throw)\b(?!\s+std::bad_alloc|\s*;)")
LOUD_LAYERS = {"serve"}


def check(root):
    quiet = set(sources.layers(root)) - LOUD_LAYERS
    problems = []
    for name in sources.files(root, sources.CPP):
        if sources.layer_of(name) not in quiet:
            continue
        for number, line in enumerate(sources.code_only(sources.read(root, name)).split("\n"), 1):
            match = LOUD.search(line)
            if match:
                problems.append(f"{name}:{number}: '{match.group(0).strip()}' below cli/: return an Error instead")
    return problems
