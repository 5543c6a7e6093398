"""Which files the checks look at, and C++ text without its comments and strings."""

import os
import re
import subprocess

LAYERS_FILE = "CMakeLists.txt"
CPP = (".cc", ".h", ".inl")
SKIPPED = {".git", "build", "node_modules", "corpus"}


def files(root, suffixes=None):
    """Paths relative to root: what git knows or would add, or (outside of a checkout) everything but build products."""
    names = []
    if os.path.exists(os.path.join(root, ".git")):
        command = ["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True)  # fails where another user owns the checkout
        names = [n for n in listed.stdout.split("\0") if n and os.path.isfile(os.path.join(root, n))]
    if not names:
        for folder, folders, here in os.walk(root):
            folders[:] = [f for f in folders if f not in SKIPPED]
            names += [os.path.relpath(os.path.join(folder, n), root) for n in here]
    return sorted(n for n in set(names) if suffixes is None or n.endswith(suffixes))


def read(root, name):
    with open(os.path.join(root, name), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def layers(root):
    """{layer: layers it may include}, itself and what its links link included, from the hasten_layer() lines."""
    direct = {}
    for name, links in re.findall(r"^hasten_layer\((\w+)\s+LINKS([^)]*)\)", read(root, LAYERS_FILE), re.M):
        direct[name] = [link for link in links.split() if "::" not in link]
    closure = {}

    def reach(name):
        if name not in closure:
            closure[name] = {name}.union(*(reach(link) for link in direct[name]))
        return closure[name]

    for name in direct:
        reach(name)
    return closure


def layer_of(name):
    return name.split("/")[0] if "/" in name else ""


def includes(text):
    """(line, header, is_quoted) of each #include."""
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        if match:
            yield number, match.group(2), match.group(1) == '"'


TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\\ ]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)


def code_only(text):
    """The text with comments and literals blanked out; lines keep their numbers."""
    return TOKENS.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)
