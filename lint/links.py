"""Links between the documents lead somewhere."""

import os
import re

import sources

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def check(root):
    problems = []
    for name in sources.files(root, (".md",)):
        for number, line in enumerate(sources.read(root, name).split("\n"), 1):
            for target in LINK.findall(line):
                if "://" not in target and not os.path.exists(os.path.join(root, os.path.dirname(name), target)):
                    problems.append(f"{name}:{number}: the link to {target} leads nowhere")
    return problems
