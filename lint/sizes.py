"""Files of at most 1,000 lines, functions of at most 150. Tables (initialisers) do not count as functions."""

import re

import sources

FILE_LINES, FUNCTION_LINES = 1000, 150
SOURCES = sources.CPP + (".py", ".sh", ".ts", ".js", ".cmake", "CMakeLists.txt")
NOT_A_FUNCTION = re.compile(r"^\s*(?:template\s*<.*>\s*)?(?:namespace|class|struct|enum|union|extern)\b")


def first_branches(text):
    """Blanks preprocessor lines and every #else / #elif branch, so that braces balance."""
    out, skipping = [], []
    continued = False
    for line in text.split("\n"):
        directive = re.match(r"\s*#\s*(\w+)", line)
        if directive or continued:
            word = directive.group(1) if directive and not continued else ""
            if word in ("if", "ifdef", "ifndef"):
                skipping.append(False)
            elif word in ("else", "elif") and skipping:
                skipping[-1] = True
            elif word == "endif" and skipping:
                skipping.pop()
            continued = line.endswith("\\")
            out.append("")
        else:
            out.append("" if any(skipping) else line)
    return "\n".join(out)


def without_parentheses(head):
    before = None
    while before != head:
        before, head = head, re.sub(r"\([^()]*\)", "<>", head)
    return head


def is_function(head):
    if "(" not in head or NOT_A_FUNCTION.match(head):
        return False
    head = re.sub(r"\boperator\s*[^\s(]+", "operator", head)
    return "=" not in without_parentheses(head)


def functions(text):
    """(first line, lines, head) of every braced block that a function's head opens."""
    code = first_branches(sources.code_only(text))
    stack, head, line, head_line = [], "", 1, 1
    for c in code:
        if c == "\n":
            line += 1
        if c == "{":
            stack.append((head_line, is_function(head), head))
            head = ""
        elif c == "}":
            if stack:
                first, counts, what = stack.pop()
                if counts:
                    yield first, line - first + 1, " ".join(what.split())
            head = ""
        elif c == ";" and head.count("(") <= head.count(")"):
            head = ""
        else:
            if not head.strip() and not c.isspace():
                head_line = line
            head += c


def check(root):
    problems = []
    for name in sources.files(root, SOURCES):
        text = sources.read(root, name)
        lines = text.count("\n")
        if lines > FILE_LINES:
            problems.append(f"{name}: {lines} lines; split it, {FILE_LINES} is the limit")
        if name.endswith(sources.CPP):
            for first, length, head in functions(text):
                if length > FUNCTION_LINES:
                    problems.append(f"{name}:{first}: {length} lines in '{head[:60]}'; {FUNCTION_LINES} is the limit")
    return problems
