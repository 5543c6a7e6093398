#!/usr/bin/env python3
"""The table of speeds: limit, hasten, llama.cpp, ratio, share of the limit, measured in turns in one run; then peak memory and
the time to the first token. Models are random ones of real shapes, made once into build/speed. `./dev bench speed` runs it."""

import argparse
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HASTEN = os.path.join(ROOT, "build", "release", "hasten")
PEER = os.path.join(ROOT, "bench", "peers", "llamacpp") + " {model} {threads} {prefill} {decode} {prefix} {branches}"

# shape, types, prompt to read, shared prefix, branches; and what each figure is to reach, as times llama.cpp.
MODELS = (
    ("student-10m", "Q4_0", 0, 256, {1: 3.5, 64: 9}),
    ("smollm2-135m", "Q4_0", 512, 512, {0: 3.2, 1: 1.9, 64: 6.6}),
    ("qwen3-0.6b", "Q4_0", 0, 512, {1: 1.45}),
    ("qwen3-0.6b", "Q4_K_M", 0, 512, {1: 1.45}),
    ("llama3.2-1b", "Q4_0", 512, 512, {0: 2.5, 1: 1.3, 64: 4.8}),
    ("llama3.2-1b", "Q4_K_M", 512, 0, {0: 3.2}),
)


def make(shape, types, folder):
    path = os.path.join(folder, f"{shape}-{types}.gguf")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        subprocess.run([HASTEN, "synth", shape, "--quant", types, "-o", path], check=True)
    return path


def measure(path, prefill, prefix, branches, args):
    command = [HASTEN, "bench", path, "--json", "--runs", str(args.runs), "--prefill", str(prefill), "--prefix", str(prefix),
               "--decode", str(args.steps), "--branches", ",".join(str(b) for b in branches)]
    if not args.alone:
        command += ["--vs", PEER]
    if args.threads:
        command += ["--threads", str(args.threads)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [json.loads(line) for line in out.splitlines()]
    return [line for line in lines if line["work"] in ("prefill", "decode")]


def first_token(path):
    """Seconds from start to the first token of a one-token prompt, and the process's peak memory. The file has been read."""
    best, peak = None, 0
    for _ in range(3):
        before = time.monotonic()
        child = subprocess.Popen([HASTEN, "run", path, "-p", "a", "-n", "1", "--quiet", "--ctx", "512"],
                                 stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        took = time.monotonic() - before
        if status:
            sys.exit(f"hasten run {path} failed")
        best, peak = min(best or took, took), max(peak, usage.ru_maxrss * 1024)
    return best, peak


def show(name, figure, goal):
    peer = figure.get("peer_tokens_per_s")
    beside = f"{peer:11,.0f} {figure['ratio']:6.2f} {100 * figure['ratio_spread']:6.0f}%" if peer else f"{'-':>11} {'-':>6} {'-':>7}"
    print(f"{name:<50} {figure['limit_tokens_per_s']:10,.0f} {figure['tokens_per_s']:10,.0f} {beside} {goal:8.2f} "
          f"{100 * figure['share_of_limit']:6.0f}%", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench speed", description=__doc__)
    parser.add_argument("only", nargs="*", help="measure only models whose name begins so, e.g. smollm2 qwen3-0.6b-Q4_0")
    parser.add_argument("--runs", type=int, default=3, help="runs of which medians are taken (at least 3)")
    parser.add_argument("--steps", type=int, default=64, help="tokens that each branch writes")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--alone", action="store_true", help="without llama.cpp")
    parser.add_argument("--folder", default=os.path.join(ROOT, "build", "speed"), help="where the models are kept")
    args = parser.parse_args()
    chosen = [m for m in MODELS if not args.only or any(f"{m[0]}-{m[1]}".startswith(o) for o in args.only)]
    if not chosen:
        parser.error("no model begins so; there are " + ", ".join(f"{m[0]}-{m[1]}" for m in MODELS))
    print(f"{'work':<50} {'limit':>10} {'hasten':>10} {'llama.cpp':>11} {'ratio':>6} {'spread':>7} {'to reach':>8} {'share':>7}")
    memory = []
    for shape, types, prefill, prefix, goals in chosen:
        path = make(shape, types, args.folder)
        branches = [b for b in goals if b] or [1]
        for figure in measure(path, prefill, prefix, branches, args):
            if figure["work"] == "prefill":
                show(f"{shape} {types}, prompt of {prefill}", figure, goals[0])
            elif figure["branches"] == 1:
                show(f"{shape} {types}, one stream, prefix {prefix}", figure, goals[1])
            else:
                show(f"{shape} {types}, {figure['branches']} branches of {prefix}", figure, goals[figure["branches"]])
        memory.append((shape, types, os.path.getsize(path), *first_token(path)))
    print(f"\n{'a one-token prompt, the file in the page cache':<50} {'file MB':>10} {'peak MB':>10} {'allowed':>11} {'first token':>14}")
    for shape, types, size, seconds, peak in memory:
        print(f"{shape + ' ' + types:<50} {size / 1e6:10,.0f} {peak / 1e6:10,.0f} {1.15 * size / 1e6 + 64:11,.0f} {seconds:12.2f} s")


if __name__ == "__main__":
    main()
