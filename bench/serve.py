#!/usr/bin/env python3
"""The server under load, as one table: throughput of many clients beside llama.cpp in turns, time to the first token, completion
as somebody types, what a long prompt does to a running stream, an idle server's processor time. `./dev bench serve` runs it."""

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HASTEN = os.path.join(ROOT, "build", "release", "hasten")
PEER = os.path.join(ROOT, "bench", "peers", "llamacpp_serve")
CLIENTS, REQUESTS, PREFIX, OWN, ANSWER = 16, 20, 1000, 16, 64


def token_of(request, i):
    """Token i of the shared prefix (request -1) or of a request's own; bench/peers/llamacpp_serve.cc has the same."""
    return ((request + 1) * 104729 + i * 7919 + 13) % 1000


SYSTEM = [token_of(-1, i) for i in range(PREFIX)]


class Server:
    """`hasten serve` as a process of its own."""

    def __init__(self, model, *flags):
        command = [HASTEN, "serve", model, "--port", "0", "--no-log", "--ctx", "8192", *flags]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.port = None
        for line in self.process.stderr:
            if found := re.search(r"listening on http://[^:]+:(\d+)", line):
                self.port = int(found.group(1))
                break
        if self.port is None:
            sys.exit("hasten serve did not start")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def metric(self, name):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        return sum(float(v) for v in re.findall(rf"^hasten_{name}{{.*}} (\S+)$", text, re.MULTILINE))


def without_guesses():
    """The flags that leave speculation out, where this hasten has them."""
    help_text = subprocess.run([HASTEN, "serve", "--help"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return ("--speculate", "off") if "--speculate" in help_text else ()


def completion(prompt, tokens, **more):
    return json.dumps({"prompt": prompt, "max_tokens": tokens, "ignore_eos": True, "temperature": 0, **more})


class Stream:
    """One streamed answer on a connection of its own; keeps the time of each piece."""

    def __init__(self, port, prompt, tokens, **more):
        body = completion(prompt, tokens, stream=True, **more).encode()
        head = f"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = time.perf_counter()
        self.socket.sendall(head + body)
        self.times, self.ended, self.tail = [], False, b""

    def read(self):
        """What has come; notes when, once for each event."""
        data = self.socket.recv(65536)
        now = time.perf_counter()
        if not data:
            sys.exit("the server closed a stream: " + self.tail.decode(errors="replace"))
        text = self.tail + data
        if b"HTTP/1.1 200" not in text and b"HTTP/1.1 4" in text:
            sys.exit(text.decode(errors="replace"))
        self.times += [now] * (text.count(b'data: {"id"') - self.tail.count(b'data: {"id"'))
        self.tail = text[-64:] if b"HTTP/1.1 200" in self.tail or self.times else text
        self.ended = b"[DONE]" in text

    def first(self):
        while not self.times:
            self.read()
        return self.times[0] - self.began

    def rest(self):
        while not self.ended:
            self.read()
        self.socket.close()
        return [b - a for a, b in zip(self.times, self.times[1:])]

    def close(self):
        self.socket.close()


def throughput(port, args):
    """CLIENTS at once, each REQUESTS one after the other on one connection; tokens a second of all answers."""
    failures = []

    def client(number):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for i in range(args.requests):
            request = number * args.requests + i
            own = [token_of(request, k) for k in range(OWN)]
            sampling = {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0} if args.sampled else {}
            connection.request("POST", "/v1/completions", completion(SYSTEM + own, ANSWER, seed=request, **sampling))
            answer = json.loads(connection.getresponse().read())
            if answer.get("usage", {}).get("completion_tokens") != ANSWER:
                failures.append(answer)

    threads = [threading.Thread(target=client, args=(c,)) for c in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"an answer is not what was asked for: {failures[0]}")
    return CLIENTS * args.requests * ANSWER / (time.perf_counter() - start)


def peer_throughput(model, args):
    command = [PEER, model, str(args.threads), str(CLIENTS), str(args.requests), str(PREFIX), str(OWN), str(ANSWER)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["tokens_per_s"]


def first_token(port, runs):
    """Seconds to the first token where all but the last tokens of the prompt are known."""
    times = []
    for i in range(runs + 1):
        stream = Stream(port, SYSTEM + [token_of(5000 + i, k) for k in range(4)], 1)
        times.append(stream.first())
        stream.rest()
    return times[1:]  # the first one read the prefix


def as_typed(port, keystrokes):
    """Each keystroke leaves the last answer and asks again with two more characters; seconds to each first token."""
    text = "def largest(values):\n    " + "best = values[0] if values else None\n    " * 12
    typed = "for value in values:\n        if value > best:\n            best = value\n    return best\n" * 3
    times, last = [], None
    for i in range(keystrokes):
        if last:
            last.close()
        last = Stream(port, text + typed[: 2 * i], 64)
        times.append(last.first())
        time.sleep(0.03)  # the answer goes on, as it would under somebody's fingers
    last.close()
    return times[1:]


def gaps(port, tokens, long_prompt):
    """Gaps between the tokens of one stream; with a long prompt, those from when it was sent until it has been read."""
    stream = Stream(port, SYSTEM + [token_of(9000, 1)], tokens)
    stream.first()
    if not long_prompt:
        return stream.rest()
    while len(stream.times) < 32:
        stream.read()
    other = Stream(port, long_prompt, 1)
    ended = []
    reader = threading.Thread(target=lambda: (ended.append(other.first() + other.began), other.rest()))
    reader.start()
    stream.rest()
    reader.join()
    return [b - a for a, b in zip(stream.times, stream.times[1:]) if b > other.began and a < ended[0]]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def row(name, figure, goal, note=""):
    print(f"{name:<58} {figure:>12} {goal:>12}  {note}", flush=True)


def measure_throughput(model, args):
    ours, sampled, peers = [], [], []
    args.sampled = False
    for _ in range(args.runs):
        for wanted in (False, True):
            args.sampled = wanted
            with Server(model, "--threads", str(args.threads), *without_guesses(), *args.serve_flags) as server:
                (sampled if wanted else ours).append(throughput(server.port, args))
        if not args.alone:
            peers.append(peer_throughput(model, args))
    name = f"{CLIENTS} clients x {args.requests}, prefix {PREFIX}, answer {ANSWER}, greedy"
    speed, peer = statistics.median(ours), statistics.median(peers) if peers else None
    row(name + ", tokens/s", f"{speed:,.0f}", "", f"runs {', '.join(f'{v:,.0f}' for v in ours)}; no speculation")
    row("  … drawn at temperature 1 from all tokens", f"{statistics.median(sampled):,.0f}", "")
    if peer:
        row("  … llama.cpp, through its C API", f"{peer:,.0f}", "", f"runs {', '.join(f'{v:,.0f}' for v in peers)}")
        row("  … times llama.cpp", f"{speed / peer:.2f}", "4")


def measure_latency(model, args):
    with Server(model, "--threads", str(args.threads), *args.serve_flags) as server:
        times = first_token(server.port, 20)
        row("first token, warm prefix, median ms", f"{1e3 * statistics.median(times):.1f}", "8",
            f"prefix of {PREFIX}, 4 new tokens; worst {1e3 * max(times):.1f}")
        times = as_typed(server.port, 60)
        row("first token as somebody types, median ms", f"{1e3 * statistics.median(times):.1f}", "20",
            f"90th percentile {1e3 * percentile(times, 0.9):.1f}")
        time.sleep(0.5)
    with Server(model, "--threads", str(args.threads), *without_guesses(), *args.serve_flags) as server:
        gaps(server.port, 64, None)
        alone, beside = [], []
        for i in range(3):
            alone += gaps(server.port, 256, None)
            read = [token_of(20000 + i, k) for k in range(args.long)]
            before = server.metric("steps_total")
            beside += gaps(server.port, args.long // 8, read)
            steps = server.metric("steps_total") - before
        median, worst = statistics.median(alone), percentile(beside, 0.99)
        row(f"gaps of a stream while {args.long} tokens are read, p99 / median", f"{worst / median:.2f}", "2",
            f"{1e3 * worst:.1f} ms; alone median {1e3 * median:.1f}, p99 {1e3 * percentile(alone, 0.99):.1f}; "
            f"chunks of {server.metric('prompt_chunk_tokens'):.0f} tokens; {len(beside)} gaps, {steps:.0f} steps")
        time.sleep(1)
        before, start = server.processor_seconds(), time.perf_counter()
        time.sleep(args.idle)
        share = (server.processor_seconds() - before) / (time.perf_counter() - start)
        row("processor time of an idle server, % of a core", f"{100 * share:.2f}", "0.5", f"over {args.idle} s")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench serve", description=__doc__)
    parser.add_argument("--model", help="a model file; without, a random smollm2-135m in Q4_0 is made")
    parser.add_argument("--runs", type=int, default=3, help="runs of which medians are taken")
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each client, one after the other")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--long", type=int, default=4000, help="tokens of the long prompt")
    parser.add_argument("--idle", type=float, default=10, help="seconds for which the idle server is watched")
    parser.add_argument("--alone", action="store_true", help="without llama.cpp")
    parser.add_argument("--only", choices=("throughput", "latency"), help="one half of the table")
    parser.add_argument("--soak", type=float, default=0, help="then a soak of so many seconds (tests/serve/soak.py)")
    parser.add_argument("--folder", default=os.path.join(ROOT, "build", "speed"), help="where the model is kept")
    parser.add_argument("--serve-flags", default="", type=str.split, help="more flags for hasten serve, in one text")
    args = parser.parse_args()
    model = args.model or os.path.join(args.folder, "smollm2-135m-Q4_0.gguf")
    if not os.path.exists(model):
        os.makedirs(args.folder, exist_ok=True)
        subprocess.run([HASTEN, "synth", "smollm2-135m", "--quant", "Q4_0", "-o", model], check=True)
    print(f"{os.path.basename(model)}, {args.threads} threads\n{'work':<58} {'measured':>12} {'to reach':>12}")
    if args.only != "latency":
        measure_throughput(model, args)
    if args.only != "throughput":
        measure_latency(model, args)
    if args.soak:
        command = [sys.executable, os.path.join(ROOT, "tests", "serve", "soak.py"), HASTEN, "--seconds", str(args.soak)]
        row(f"soak of {args.soak:.0f} s", "held" if subprocess.run(command, check=False).returncode == 0 else "FAILED", "held")


if __name__ == "__main__":
    main()
