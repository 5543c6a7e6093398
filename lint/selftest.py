#!/usr/bin/env python3
"""The checks' own tests: each must pass a small clean tree and object to each violation put into it."""

import importlib
import os
import sys
import tempfile

CLEAN = {
    "CMakeLists.txt": "hasten_layer(base LINKS Threads::Threads)\nhasten_layer(kernels LINKS base)\n",
    "base/a.h": '#pragma once\n#include <string>\n',
    "kernels/k.cc": '#include <immintrin.h>\n\n#include "base/a.h"\n\nint F(int a = 3) { return a; }\n',
    "cli/main.cc": '#include <cstdio>\n\n#include "kernels/k.h"\n\nint main() { std::puts("exit(1)"); }\n',
    "kernels/k.h": "#pragma once\nint F(int a);\n",
    "docs/a.md": "See [b](b.md#there) and [the net](https://example.org/x).\n",
    "docs/b.md": "TODO(#7): more.\n",
    "ok.sh": "#!/bin/bash\necho fine\n",
}

LONG = "int Long() {\n" + "  F();\n" * 149 + "}\n"
TABLE = "static const int kTable[] = {\n" + "    1,\n" * 400 + "};\n"

# (check, file, content, must object)
CASES = [
    ("layers", "base/up.cc", '#include "kernels/k.h"\n', True),
    ("layers", "kernels/up.cc", '#include "cli/verb.h"\n', True),
    ("layers", "kernels/test.cc", '#include "tests/support/support.h"\n', True),
    ("layers", "kernels/near.cc", '#include "k.h"\n', True),
    ("layers", "stray/x.cc", "int x;\n", True),
    ("layers", "kernels/down.cc", '#include "base/a.h"\n', False),
    ("headers", "kernels/k.h", "#pragma once\n#include <immintrin.h>\n", True),
    ("headers", "kernels/k.h", '#pragma once\n#include "base/json.h"\n', True),
    ("headers", "kernels/private.h", "#include <immintrin.h>\n", False),
    ("sizes", "base/long.cc", "int x;\n" * 1001, True),
    ("sizes", "base/long.cc", "int x;\n" * 1000, False),
    ("sizes", "base/function.cc", LONG, True),
    ("sizes", "base/function.cc", LONG.replace("Long()", "C::operator=(const C& c) const"), True),
    ("sizes", "base/function.cc", "struct S {\n" + LONG + "};\n", True),
    ("sizes", "base/function.cc", LONG.replace("  F();\n", "", 1), False),
    ("sizes", "base/function.cc", TABLE, False),
    ("sizes", "base/function.cc", "namespace a {\n" + "int F();\n" * 400 + "}\n", False),
    ("quiet", "base/loud.cc", 'void F() { std::printf("x"); }\n', True),
    ("quiet", "base/loud.cc", "void F() { std::cerr << 1; }\n", True),
    ("quiet", "base/loud.cc", "void F() { exit(1); }\n", True),
    ("quiet", "base/loud.cc", "void F() { ::abort(); }\n", True),
    ("quiet", "base/loud.cc", "void F() { throw 1; }\n", True),
    ("quiet", "base/loud.cc", "void F() { throw std::bad_alloc(); }  // printf(\n", False),
    ("quiet", "base/loud.cc", "void F() { std::snprintf(b, 1, f); loop.exit(); }\n", False),
    ("words", "docs/c.md", "Look in /ho" + "me/me/x.\n", True),
    ("words", "docs/c.md", "TO" + "DO: later\n", True),
    ("words", "docs/c.md", "Look in ~/.config/x and https://a.org/work/x.\n", False),
    ("links", "docs/c.md", "[gone](gone.md)\n", True),
    ("style", "base/ugly.cc", "int  x ;\n", True),
    ("shell", "bad.sh", "#!/bin/bash\nif true; then\n", True),
]


def write(root, name, content):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(content)


def main():
    failed = 0
    for check, name, content, must_object in [(c, "base/a.h", CLEAN["base/a.h"], False) for c in {c[0] for c in CASES}] + CASES:
        with tempfile.TemporaryDirectory() as root:
            for clean, text in CLEAN.items():
                write(root, clean, text)
            write(root, "base/json.h", "#include <nlohmann/json.hpp>\n")
            write(root, ".clang-format", "BasedOnStyle: Google\n")
            write(root, name, content)
            problems = importlib.import_module(check).check(root)
            if bool(problems) != must_object:
                print(f"lint/{check}.py {'says nothing about' if must_object else 'objects to'} {name}: {content[:60]!r} {problems}")
                failed += 1
    print(f"lint selftest: {failed} of {len(CASES)} cases failed" if failed else f"lint selftest: {len(CASES)} cases pass")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
