"""A warm Python: forks once for each candidate, or once and for all to become the judge of code checks."""

import bisect, collections, copy, ctypes, datetime, fractions, functools, heapq, itertools, math, operator, random, re, string, typing  # noqa: E401,F401 warm
import gc
import os
import sys
import traceback
import types

import judge
import values

# A candidate may call its own files so, and finds them in its folder.
for name in ("judge", "values"):
    sys.modules["hasten_" + name] = sys.modules.pop(name)
sys.path.pop(0)

CHANNEL = 3


def where(error):
    """ "line 3: ValueError: bad": the last place in the candidate's own text."""
    line = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == "candidate.py":
            line = frame.lineno
    if line is None and isinstance(error, SyntaxError):
        line = error.lineno
    text = traceback.format_exception_only(type(error), error)[-1].strip()[:1000]
    return f"line {line}: {text}" if line else text


def failure(error):
    return {"error": where(error), "type": type(error).__name__, "text": str(error)[:1000]}


class Candidate:
    """The candidate's functions, called by requests."""

    def __init__(self, names):
        self.names = names
        self.kept = {}

    def keep(self, x):
        self.kept[id(x)] = x
        return id(x)

    def decode(self, x):
        return values.decode(x, self.kept.__getitem__)

    def encode(self, x):
        return values.encode(x, self.keep)

    def function(self, request):
        if "object" in request:
            return self.kept[request["object"]]
        name = request["f"]
        if name not in self.names:
            raise NameError(f"there is no function '{name}'")
        return self.names[name]

    def answer(self, request):
        op = request.get("op", "plain")
        if op == "plain":  # compared outside, as JSON
            return {"value": values.plain(self.function(request)(*request["a"]))}
        if op == "globals":
            return {"value": self.globals()}
        target = self.function(request)
        if op == "call":
            arguments = [self.decode(x) for x in request["a"]]
            result = target(*arguments, **{k: self.decode(v) for k, v in request["k"].items()})
            after = [self.encode(x) if isinstance(x, (list, dict, set, bytearray)) else None for x in arguments]
            return {"value": self.encode(result), "after": after}
        if op == "get":
            return {"value": self.encode(getattr(target, request["name"]))}
        if op == "set":
            setattr(target, request["name"], self.decode(request["value"]))
            return {"value": None}
        if op == "item":
            return {"value": self.encode(target[self.decode(request["key"])])}
        if op == "iter":
            return {"value": [self.encode(x) for x in itertools.islice(target, 1000000)]}
        if op == "len":
            return {"value": len(target)}
        if op == "same":
            return {"value": bool(target == self.kept[request["other"]])}
        return {"value": repr(target)[:10000]}

    def globals(self):
        found = {}
        for name, x in self.names.items():
            if name.startswith("__"):
                continue
            if isinstance(x, types.ModuleType):
                found[name] = {"$": "module", "v": x.__name__}
            else:
                found[name] = {"$": "function", "v": name} if callable(x) else self.encode(x)
        return found


def serve_functions(source):
    names = {"__name__": "candidate", "__builtins__": __builtins__}
    try:
        exec(compile(source, "candidate.py", "exec"), names)
        reply = {"value": True}
    except BaseException as error:  # sys.exit() in the text is no end either
        reply = failure(error)
    values.send(CHANNEL, reply)
    candidate = Candidate(names)
    while True:
        request = values.receive(CHANNEL)
        try:
            reply = candidate.answer(request)
        except BaseException as error:
            reply = failure(error)
        try:
            values.send(CHANNEL, reply)
        except (TypeError, ValueError, RecursionError) as error:
            values.send(CHANNEL, failure(error))


def run_program(source, arguments):
    sys.argv = ["candidate.py", *arguments]
    code = 0
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    try:
        exec(compile(source, "candidate.py", "exec"), main.__dict__)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException as error:
        values.send(CHANNEL, failure(error))
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


def child():
    first = values.receive(CHANNEL)
    sys.path.insert(0, os.getcwd())
    try:
        if first["role"] == "judge":
            judge.serve(CHANNEL)
        elif first["role"] == "functions":
            serve_functions(first["source"])
        else:
            run_program(first["source"], first["arguments"])
    except EOFError:
        pass
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)


def main():
    library = ctypes.PyDLL(os.environ.pop("HASTEN_LIBRARY"))  # keeps the interpreter's lock: the fork is all ours
    gc.collect()
    gc.freeze()  # what is warm is never traversed again, so its pages stay shared
    library.hasten_serve()
    ctypes.pythonapi.PyOS_AfterFork_Child()
    child()


main()
