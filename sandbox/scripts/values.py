"""Values between a candidate and its judge, as JSON: plain ones as themselves, the rest tagged {"$": kind, "v": ...}.

What decode() builds is always a plain builtin: nothing of the other side's code runs when it is compared. An object that has
no such form stays where it is and travels as a number, {"$": "object", "v": number}.
"""

import json
import os
import struct
import sys

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)

MAX_FRAME = 1 << 26


def read_exactly(fd, size):
    parts = []
    while size > 0:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def receive(fd):
    (size,) = struct.unpack("<I", read_exactly(fd, 4))
    if size > MAX_FRAME:
        raise EOFError
    return json.loads(read_exactly(fd, size))


def send(fd, value):
    data = json.dumps(value, separators=(",", ":"), allow_nan=False).encode("utf-8", "surrogatepass")
    data = struct.pack("<I", len(data)) + data
    while data:
        data = data[os.write(fd, data):]


def encode(x, keep):
    """`keep` takes an object that has no plain form and gives the number under which it is kept."""
    kind = type(x)
    if x is None or kind is bool or kind is int or kind is str:
        return x
    if isinstance(x, float):
        x = float(x)
        return x if x - x == 0 else {"$": "float", "v": repr(x)}
    if isinstance(x, (bool, int, str)):
        return bool(x) if isinstance(x, bool) else int(x) if isinstance(x, int) else str(x)
    if isinstance(x, list):
        return [encode(v, keep) for v in x]
    if isinstance(x, tuple):
        return {"$": "tuple", "v": [encode(v, keep) for v in x]}
    if isinstance(x, dict):
        return {"$": "dict", "v": [[encode(k, keep), encode(v, keep)] for k, v in x.items()]}
    if isinstance(x, (set, frozenset)):
        return {"$": "frozenset" if isinstance(x, frozenset) else "set", "v": [encode(v, keep) for v in x]}
    if isinstance(x, (bytes, bytearray)):
        return {"$": "bytes" if isinstance(x, bytes) else "bytearray", "v": bytes(x).hex()}
    if kind is complex:
        return {"$": "complex", "v": [repr(x.real), repr(x.imag)]}
    if kind.__module__ == "numpy" and hasattr(x, "item") and getattr(x, "ndim", 1) == 0:
        return encode(x.item(), keep)
    return {"$": "object", "v": keep(x)}


def decode(x, kept):
    """`kept` gives the object of a number."""
    if isinstance(x, list):
        return [decode(v, kept) for v in x]
    if not isinstance(x, dict):
        return x
    kind = x.get("$")
    if kind is None:  # plain JSON, as a person writes it
        return {k: decode(v, kept) for k, v in x.items()}
    v = x["v"]
    if kind == "tuple":
        return tuple(decode(e, kept) for e in v)
    if kind == "dict":
        return {decode(k, kept): decode(e, kept) for k, e in v}
    if kind in ("set", "frozenset"):
        return {"set": set, "frozenset": frozenset}[kind](decode(e, kept) for e in v)
    if kind in ("bytes", "bytearray"):
        return {"bytes": bytes, "bytearray": bytearray}[kind].fromhex(v)
    if kind == "float":
        return float(v)
    if kind == "complex":
        return complex(float(v[0]), float(v[1]))
    return kept(v)


def plain(x):
    """As JSON knows it: for answers that are compared with JSON."""
    if x is None or isinstance(x, (bool, int, str)):
        return x
    if isinstance(x, float):
        return float(x)
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, (set, frozenset)):
        return sorted((plain(v) for v in x), key=lambda v: (str(type(v)), v if isinstance(v, (int, float, str)) else repr(v)))
    if isinstance(x, dict):
        return {k if isinstance(k, str) else json.dumps(plain(k)): plain(v) for k, v in x.items()}
    if type(x).__module__ == "numpy" and hasattr(x, "tolist"):
        return plain(x.tolist())
    raise TypeError(f"an answer of type {type(x).__name__} has no JSON form")
