#!/usr/bin/env python3
"""A server of its own under mixed random traffic: honest requests in every dialect, clients that stall, leave, send garbage, half
requests, deep JSON, megabyte strings, bad UTF-8. Afterwards nothing may be left: no block, no job, no connection, no memory.

    tests/serve/soak.py build/release/hasten --seconds 180

Memory: the resident size is looked at once a second; that of the last quarter may be at most 3 % (or 2 MiB) above that of the
second one. Exit code 1 says what did not hold."""

import argparse
import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PATHS = ("/v1/completions", "/v1/chat/completions", "/v1/messages", "/api/chat", "/api/generate", "/tokenize", "/detokenize",
         "/apply-template", "/v1/messages/count_tokens", "/v1/models", "/api/tags", "/props", "/slots", "/health", "/nowhere")
SCHEMA = {"type": "object", "properties": {"a": {"enum": ["x", "yy"]}, "b": {"type": "integer"}}, "required": ["a", "b"]}


def body_for(path, r):
    text = r.choice("abc") * r.choice((10, 60, 120)) + "".join(chr(r.randrange(32, 127)) for _ in range(r.randrange(30)))
    body = {"max_tokens": r.randrange(1, 40), "seed": r.randrange(50), "stream": r.random() < 0.5}
    if "tokenize" in path:
        return {"content": text, "tokens": [r.randrange(300) for _ in range(9)]}
    if "completions" in path and "chat" not in path or "generate" in path:
        body["prompt"] = text
    else:
        body["messages"] = [{"role": "user", "content": text}]
    if r.random() < 0.2:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}}
    elif r.random() < 0.1:
        body["regex"] = "(yes|no), because [a-z]{2,9}"
    if r.random() < 0.2:
        body["temperature"] = 0
    if r.random() < 0.2:
        body["n"] = r.randrange(1, 4)
    if r.random() < 0.2:
        body["logprobs"] = r.choice((1, True))
    if r.random() < 0.2:
        body["stop"] = ["e", "qu"]
    if r.random() < 0.1:
        body["time_limit_s"] = 0.01
    if r.random() < 0.1:
        body[r.choice(("prompt", "n", "seed", "stop", "messages", "tools", "temperature"))] = r.choice(
            (None, -1, 1e300, [], {}, "x", [[[]]], True))
    return body


def request(method, path, body, headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Traffic:
    def __init__(self, port, patience):
        self.port, self.patience = port, patience
        self.end = 0.0
        self.counts, self.faults = {}, []
        self.lock = threading.Lock()

    def note(self, what, status):
        with self.lock:
            self.counts[what, status] = self.counts.get((what, status), 0) + 1
            if status in (500, 502) or (status == 503 and what != "stop"):
                self.faults.append(f"{what} was answered with {status}")

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=self.patience)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def answer(self, client, what):
        """Reads an answer to its end and notes its status. 0: the server closed without one."""
        response = http.client.HTTPResponse(client)
        try:
            response.begin()
            response.read()
            self.note(what, response.status)
        except (http.client.HTTPException, ConnectionError):
            self.note(what, 0)
        except TimeoutError:
            self.faults.append(f"{what}: no answer for {self.patience:.0f} s")

    def one(self, r):
        path = r.choice(PATHS)
        body = json.dumps(body_for(path, r)).encode()
        good = request(r.choice(("POST", "POST", "POST", "GET")), path, body)
        what = r.randrange(14)
        with self.connect() as client:
            try:
                self.act(client, what, path, good, r)
            except (BrokenPipeError, ConnectionResetError):
                self.note("cut off", 0)
            except TimeoutError:
                self.faults.append(f"client of kind {what}: nothing came for {self.patience:.0f} s")

    def act(self, client, what, path, good, r):
        if what == 0:  # half a request
            client.sendall(good[: r.randrange(len(good))])
        elif what == 1:  # leaves in the middle of an answer
            body = {"prompt": "x", "max_tokens": 400, "ignore_eos": True, "stream": True, "n": r.randrange(1, 5)}
            client.sendall(request("POST", "/v1/completions", json.dumps(body).encode()))
            client.recv(1000)
        elif what == 2:  # damaged
            bad = bytearray(good)
            for _ in range(5):
                bad[r.randrange(len(bad))] = r.randrange(256)
            client.sendall(bad)
            client.settimeout(1)
            try:
                client.recv(1000)
            except TimeoutError:
                pass
        elif what == 3:
            client.sendall(request("POST", path, b'{"messages":' + r.choice((b"[", b'{"a":')) * r.randrange(100000)))
            self.answer(client, "deep")
        elif what == 4:
            client.sendall(request("POST", path, json.dumps({"prompt": "x" * (1 << 20), "content": "y" * (1 << 20)}).encode()))
            self.answer(client, "large")
        elif what == 5:
            client.sendall(request("POST", path, b'{"prompt":"\xff\xfe\xc0","messages":"\xed\xa0\x80","max_tokens":1}'))
            self.answer(client, "no UTF-8")
        elif what == 6:  # stalls
            client.sendall(good[: len(good) // 2])
            time.sleep(r.random())
            client.sendall(good[len(good) // 2:])
            self.answer(client, "slow")
        elif what == 7:  # does not read
            client.sendall(good)
            time.sleep(0.2 * r.random())
        elif what == 8:
            client.sendall(bytes(r.randrange(256) for _ in range(r.randrange(300))) + b"\r\n\r\n")
            self.answer(client, "garbage")
        elif what == 9:  # one after the other, without waiting
            client.sendall(good + request("GET", "/health", b"") + good)
            client.recv(100)
        else:
            client.sendall(good)
            self.answer(client, "honest")

    def run(self, seed):
        r = random.Random(seed)
        while time.monotonic() < self.end:
            self.one(r)


def metrics(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return {name: float(value) for name, value in re.findall(r"^hasten_(\w+){[^}]*} (\S+)$", text, re.MULTILINE)}


def at_rest(port):
    """The metrics once nothing runs; None where that does not come."""
    for _ in range(600):
        seen = metrics(port)
        if seen["jobs_running"] == 0 and seen["jobs_waiting"] == 0:
            return seen
        time.sleep(0.1)
    return None


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def soak(hasten, model, args):
    flags = ["--port", "0", "--no-log", "--memory", "2M", "--ctx", "512", "--threads", "2", *args.serve_flags]
    server = subprocess.Popen([hasten, "serve", model, *flags], stderr=subprocess.PIPE, text=True)
    try:
        return watch(server, args)
    finally:
        if server.poll() is None:
            server.kill()


def watch(server, args):
    port = None
    for line in server.stderr:
        if found := re.search(r"listening on http://[^:]+:(\d+)", line):
            port = int(found.group(1))
            break
    if port is None:
        return ["the server did not start"]
    said = []
    reader = threading.Thread(target=lambda: said.extend(server.stderr), daemon=True)
    reader.start()
    before = at_rest(port)
    traffic = Traffic(port, args.patience)
    traffic.end = time.monotonic() + args.seconds
    clients = [threading.Thread(target=traffic.run, args=(args.seed * 1000 + i,)) for i in range(args.clients)]
    for client in clients:
        client.start()
    resident = []
    while time.monotonic() < traffic.end and server.poll() is None:
        resident.append(resident_bytes(server.pid))
        time.sleep(1)
    for client in clients:
        client.join()
    faults = list(dict.fromkeys(traffic.faults))
    after = at_rest(port) if server.poll() is None else None
    if after is None:
        faults.append("the server ended" if server.poll() is not None else "the server does not come to rest")
    else:
        for name in ("kv_blocks_available", "jobs_failed_total"):
            if after[name] != before[name]:
                faults.append(f"{name} was {before[name]:.0f} and is {after[name]:.0f}")
    quarter = len(resident) // 4
    if quarter >= 10:
        early = statistics.median(resident[quarter: 2 * quarter])
        late = statistics.median(resident[-quarter:])
        growth = late / early - 1
        print(f"resident: {early / 1e6:.1f} MB in the second quarter, {late / 1e6:.1f} MB in the last one ({100 * growth:+.1f} %)")
        if growth > 0.03 and late - early > 2 << 20:
            faults.append(f"memory grew by {100 * growth:.1f} %")
    server.terminate()
    if server.poll() is None and server.wait(90) != 0:
        faults.append(f"the server ended with {server.returncode}")
    reader.join(5)
    faults += [line.strip() for line in said if "defect" in line or "ERROR" in line or "runtime error" in line]
    total = sum(traffic.counts.values())
    kinds = ", ".join(f"{w} {s or 'closed'}: {n}" for (w, s), n in sorted(traffic.counts.items(), key=lambda c: -c[1])[:12])
    print(f"{total} exchanges ({kinds}); {after['generated_tokens_total'] if after else 0:.0f} tokens written, "
          f"{after['preemptions_total'] if after else 0:.0f} texts set aside")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hasten", help="the binary")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=60,
                        help="seconds without an answer that are a fault; more where other work has the processors")
    parser.add_argument("--serve-flags", default="", type=str.split, help="more flags for hasten serve, in one text")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server ends, too
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "tiny.gguf")
        subprocess.run([args.hasten, "synth", *"--layers 2 --width 64 --heads 4 --kv-heads 2 --vocab 300 --context 512".split(), "--quant", "Q8_0",
                        "-o", model], check=True,
                       stderr=subprocess.DEVNULL)
        faults = soak(args.hasten, model, args)
    for fault in faults:
        print("does not hold: " + fault)
    print(f"soak of {args.seconds:.0f} s: {'FAILED' if faults else 'held'}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
