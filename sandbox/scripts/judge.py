"""Runs code checks (asserts) away from the candidate: in a jail of its own, its names are proxies that ask over a socket.

The candidate never sees a check, cannot touch this process, and only plain values come back; so an answer is compared here, by
Python's own types, and "passed" is said here, after the last statement.
"""

import array
import ast
import builtins
import importlib
import os
import socket
import sys
import traceback

import values


class Gone(Exception):
    """The candidate's process has ended."""


class Garbled(Exception):
    """What came back is no answer."""


class Peer:
    def __init__(self, fd):
        self.fd = fd

    def ask(self, request):
        try:
            values.send(self.fd, request)
            return self.result(values.receive(self.fd))
        except (EOFError, OSError):
            raise Gone from None

    def result(self, reply):
        if not isinstance(reply, dict) or ("value" not in reply and "error" not in reply):
            raise Garbled
        if "error" in reply:
            self.raise_here(reply)
        return reply

    def raise_here(self, reply):
        known = getattr(builtins, str(reply["type"]), None)
        if not (isinstance(known, type) and issubclass(known, Exception)):
            known = RuntimeError
        try:
            error = known(reply["text"])
        except TypeError:  # some take more arguments than a text
            error = RuntimeError(reply["text"])
        error.candidate = str(reply["error"])
        raise error

    def encode(self, x):
        if isinstance(x, (Object, Function)):
            return x.wire()
        return values.encode(x, self.refuse)

    def refuse(self, x):
        if isinstance(x, Object):
            return x._number
        raise TypeError(f"a check cannot hand a {type(x).__name__} to the candidate")

    def decode(self, x):
        return values.decode(x, lambda number: Object(self, number))


class Function:
    def __init__(self, peer, target, name):
        self._peer, self._target, self.__name__ = peer, target, name

    def wire(self):
        raise TypeError("a check cannot hand a function of the candidate back to it")

    def __call__(self, *arguments, **named):
        peer = self._peer
        sent = [peer.encode(x) for x in arguments]
        request = {"op": "call", "a": sent, "k": {k: peer.encode(v) for k, v in named.items()}, **self._target}
        reply = peer.ask(request)
        for x, before, after in zip(arguments, sent, reply.get("after") or ()):  # what it did to its arguments shows here too
            if after is not None and after != before:
                update(x, peer.decode(after))
        return peer.decode(reply["value"])


def update(x, new):
    if isinstance(x, (list, bytearray)) and type(x) is type(new):
        x[:] = new
    elif isinstance(x, (dict, set)) and isinstance(new, (dict, set)):
        x.clear()
        x.update(new)


class Object:
    """Something of the candidate's that has no plain form. Never equal to a value of ours, whatever it claims."""

    def __init__(self, peer, number):
        self.__dict__.update(_peer=peer, _number=number)  # any other assignment is the candidate's

    def wire(self):
        return {"$": "object", "v": self._number}

    def _ask(self, op, **more):
        return self._peer.ask({"op": op, "object": self._number, **more})["value"]

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._peer.decode(self._ask("get", name=name))

    def __setattr__(self, name, value):
        self._ask("set", name=name, value=self._peer.encode(value))

    def __call__(self, *arguments, **named):
        return Function(self._peer, {"object": self._number}, "object")(*arguments, **named)

    def __getitem__(self, key):
        return self._peer.decode(self._ask("item", key=self._peer.encode(key)))

    def __iter__(self):
        return iter([self._peer.decode(x) for x in self._ask("iter")])

    def __len__(self):
        return int(self._ask("len"))

    def __bool__(self):
        return True

    def __eq__(self, other):
        return isinstance(other, Object) and bool(self._ask("same", other=other._number))

    def __hash__(self):
        return hash(self._number)

    def __repr__(self):
        return str(self._ask("repr"))


def describe(error, codes):
    """One line: the check's line that failed, and why. It may stand in an earlier check that defines what a later one calls."""
    line = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("check "):
            text = codes[int(frame.filename[6:]) - 1].splitlines()
            line = text[frame.lineno - 1].strip()[:300] if 0 < frame.lineno <= len(text) else ""
    why = getattr(error, "candidate", None)
    if why is None:
        why = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        why += str(error)[:500]
    return f"{line}: {why}" if line and why else line or why


def used(codes):
    """The names that the checks use. What is no Python is told when it runs."""
    found = set()
    for code in codes:
        try:
            found |= {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
        except SyntaxError:
            pass
    return found


def names_for_checks(peer, names, entry, codes):
    """What a check sees: the candidate's functions and values, and modules from here. len() and abs() are our own, unless the
    checks use nothing else of the candidate: then such a name is what was asked for."""
    space = {"__name__": "check", "__builtins__": builtins}
    wanted = used(codes) & set(names)
    only_builtins = all(hasattr(builtins, name) for name in wanted)
    for name, x in names.items():
        if hasattr(builtins, name) and name != entry and not only_builtins:
            continue
        kind = x.get("$") if isinstance(x, dict) else None
        if kind == "function":
            space[name] = Function(peer, {"f": name}, name)
        elif kind == "module":
            if str(x["v"]).split(".")[0] in sys.stdlib_module_names | {"numpy"}:
                space[name] = importlib.import_module(str(x["v"]))
        else:
            space[name] = peer.decode(x)
    return space


def run(peer, codes, entry):
    try:
        first = values.receive(peer.fd)
        if "error" in first:
            return {"passed": 0, "kind": "crashed", "type": first.get("type"), "message": str(first["error"])}
        names = peer.ask({"op": "globals", "f": ""})["value"]
    except (EOFError, OSError, Gone):
        return {"passed": 0, "kind": "gone", "message": "it ended before the first check"}
    space = names_for_checks(peer, names, entry, codes)
    for number, code in enumerate(codes):
        try:
            exec(compile(code, f"check {number + 1}", "exec"), space)
        except Gone:
            return {"passed": number, "kind": "gone", "message": "it ended before the check was through"}
        except Garbled:
            return {"passed": number, "kind": "crashed", "message": "its answer cannot be read"}
        except SyntaxError as error:
            return {"passed": number, "kind": "broken", "message": f"check {number + 1} is not Python: {error}"}
        except AssertionError as error:
            return {"passed": number, "kind": "wrong", "message": describe(error, codes)}
        except BaseException as error:
            kind = "crashed" if hasattr(error, "candidate") else "wrong"
            return {"passed": number, "kind": kind, "type": type(error).__name__, "message": describe(error, codes)}
    return {"passed": len(codes), "kind": "accepted", "message": ""}


def serve(channel):
    """One candidate after the other: its socket comes along with the checks."""
    sys.stdout = sys.stderr = open(os.devnull, "w")
    library = socket.socket(fileno=channel)
    while True:
        fds = array.array("i")
        _, ancillary, _, _ = library.recvmsg(1, socket.CMSG_LEN(fds.itemsize))
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(data[: fds.itemsize])
        if not fds:
            return
        request = values.receive(channel)
        try:
            reply = run(Peer(fds[0]), request["codes"], request["entry"])
        except BaseException as error:  # values so strange that reading them failed: the candidate's doing
            reply = {"passed": 0, "kind": "crashed", "message": f"its answer cannot be read: {type(error).__name__}"}
        finally:
            os.close(fds[0])
        values.send(channel, reply)
