"""Public headers pull in no intrinsics, JSON or command-line parser: whoever includes a layer gets only C++."""

import os
import re

import sources

HEAVY = re.compile(r"(immintrin|[a-z]mmintrin|arm_neon|arm_sve|arm_acle)\.h$|^nlohmann/(?!json_fwd)|^CLI/|^toml|^cuda|^pcre2")

# Conversations are JSON: a layer that takes and gives them cannot hide it.
JSON_LAYERS = {"chat"}


def check(root):
    graph, origin = {}, {}
    for name in sources.files(root, sources.CPP):
        graph[name] = [(header, quoted) for _, header, quoted in sources.includes(sources.read(root, name))]
        for header, quoted in graph[name]:
            if quoted and sources.layer_of(header) != sources.layer_of(name) and sources.layer_of(name) not in ("tests", "bench"):
                origin.setdefault(header, name)  # a header that another layer includes is public
    problems = []
    for public, user in sorted(origin.items()):
        seen, todo = {public}, [public]
        while todo:
            here = todo.pop()
            if sources.layer_of(here) in JSON_LAYERS:
                continue
            for header, quoted in graph.get(here, []):
                if not quoted and HEAVY.search(header):
                    problems.append(f"{here}: pulls <{header}> into the public header {public} (included by {user})")
                elif quoted and header not in seen and os.path.isfile(os.path.join(root, header)):
                    seen.add(header)
                    todo.append(header)
    return problems
