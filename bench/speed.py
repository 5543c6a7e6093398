#!/usr/bin/env python3
"""The table of speeds: peak, limit, hasten, llama.cpp, ratio, share of the limit, measured in turns in one run; then peak memory
and the time to the first token. Models are random ones of real shapes, made once into build/speed. `./dev bench speed` runs it.

Peak: the machine's bare one, multiply-adds at the int8 peak or bytes at the read bandwidth, whichever is less. Limit: the sum of
each operation's floor, as `hasten bench` has it. All of it takes some minutes on two cores, most of them llama.cpp's."""

import argparse
import collections
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HASTEN = os.path.join(ROOT, "build", "release", "hasten")
PEER = os.path.join(ROOT, "bench", "peers", "llamacpp") + " {model} {threads} {prefill} {decode} {prefix} {branches}"

# prompt: tokens of a prompt to read; else `branches` of a shared `prefix` write `steps` tokens each. goal: times llama.cpp. steps
# are few where a peer needs long for one: it runs each line twelve times (three turns of a warm-up and three runs).
Line = collections.namedtuple("Line", "shape types goal prompt prefix branches steps", defaults=(0, 0, 1, 32))

LINES = (
    Line("smollm2-135m", "Q4_0", 1.9, prefix=512),
    Line("qwen3-0.6b", "Q4_0", 1.45, prefix=512, steps=24),
    Line("qwen3-0.6b", "Q4_K_M", 1.45, prefix=512, steps=24),
    Line("llama3.2-1b", "Q4_0", 1.3, prefix=512, steps=16),
    Line("smollm2-135m", "Q4_0", 3.2, prompt=512),
    Line("llama3.2-1b", "Q4_0", 2.5, prompt=512),
    Line("llama3.2-1b", "Q4_K_M", 3.2, prompt=512),
    Line("smollm2-135m", "Q4_0", 6.6, prefix=512, branches=64, steps=6),
    Line("llama3.2-1b", "Q4_0", 4.8, prefix=512, branches=64, steps=3),
    Line("student-10m", "Q4_0", 3.5, prefix=256, steps=64),
    Line("student-10m", "Q4_0", 9, prefix=256, branches=64, steps=16),
)


def title(line):
    if line.prompt:
        return f"{line.shape} {line.types}, prompt of {line.prompt}"
    who = "one stream" if line.branches == 1 else f"{line.branches} branches"
    return f"{line.shape} {line.types}, {who}, prefix {line.prefix}"


def model(line, folder):
    path = os.path.join(folder, f"{line.shape}-{line.types}.gguf")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        subprocess.run([HASTEN, "synth", line.shape, "--quant", line.types, "-o", path], check=True)
    return path


def measure(line, args):
    """The machine's limits, and the line's figure."""
    command = [HASTEN, "bench", model(line, args.folder), "--json", "--runs", str(args.runs), "--prefill", str(line.prompt),
               "--prefix", str(line.prefix), "--decode", str(args.steps or line.steps), "--branches", str(line.branches)]
    if not args.alone:
        command += ["--vs", PEER]
    if args.threads:
        command += ["--threads", str(args.threads)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    limits, *figures = [json.loads(text) for text in out.splitlines()]
    return limits, next(f for f in figures if f["work"] == ("prefill" if line.prompt else "decode"))


def last_level_cache():
    """In bytes; 0 where the C library does not know."""
    told = subprocess.run(["getconf", "LEVEL3_CACHE_SIZE"], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return int(told) if told.isdigit() else 0


def peak(line, limits):
    """Tokens/s if nothing but the weights' multiply-adds, or nothing but their bytes, took time."""
    rows = line.prompt or line.branches
    mults = limits["multiply_adds_per_token"] - (limits["head_multiply_adds"] if line.prompt else 0)
    in_cache = limits["weight_bytes"] < last_level_cache()
    read = limits["cache_bytes_per_s" if in_cache else "memory_bytes_per_s"]
    return min(limits["int8_multiply_adds_per_s"] / mults, rows * read / limits["bytes_per_token"])


def show(line, limits, figure):
    peer = figure.get("peer_tokens_per_s")
    beside = f"{peer:10,.0f} {figure['ratio']:6.2f} {100 * figure['ratio_spread']:6.0f}%" if peer else f"{'-':>10} {'-':>6} {'-':>7}"
    print(f"{title(line):<46} {peak(line, limits):9,.0f} {figure['limit_tokens_per_s']:9,.0f} {figure['tokens_per_s']:9,.0f} "
          f"{beside} {line.goal:8.2f} {100 * figure['share_of_limit']:6.0f}%", flush=True)


def first_token(path):
    """Seconds from start to the first token of a one-token prompt, and the process's peak memory. The file has been read."""
    best, peak_bytes = None, 0
    for _ in range(3):
        before = time.monotonic()
        child = subprocess.Popen([HASTEN, "run", path, "-p", "a", "-n", "1", "--quiet", "--ctx", "512"],
                                 stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        took = time.monotonic() - before
        if status:
            sys.exit(f"hasten run {path} failed")
        best, peak_bytes = min(best or took, took), max(peak_bytes, usage.ru_maxrss * 1024)
    return best, peak_bytes


def show_memory(lines, folder):
    print(f"\n{'a one-token prompt, the file in the page cache':<46} {'file MB':>9} {'peak MB':>9} {'allowed':>9} {'first token':>14}")
    for path in dict.fromkeys(model(line, folder) for line in lines):
        seconds, peak_bytes = first_token(path)
        size = os.path.getsize(path)
        print(f"{os.path.basename(path):<46} {size / 1e6:9,.0f} {peak_bytes / 1e6:9,.0f} {1.15 * size / 1e6 + 64:9,.0f} "
              f"{seconds:12.2f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench speed", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="measure only lines whose title holds this, e.g. smollm2 'Q4_0, prompt' branches")
    parser.add_argument("--runs", type=int, default=3, help="runs of which medians are taken (at least 3)")
    parser.add_argument("--steps", type=int, default=0, help="tokens that each branch writes (0: as fits the line)")
    parser.add_argument("--minutes", type=float, default=60, help="begin no further line after so many; what is left is named")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--alone", action="store_true", help="without llama.cpp: a tenth of the time")
    parser.add_argument("--folder", default=os.path.join(ROOT, "build", "speed"), help="where the models are kept")
    args = parser.parse_args()
    chosen = [line for line in LINES if not args.only or any(o in title(line) for o in args.only)]
    if not chosen:
        parser.error("no line's title holds that; there are\n  " + "\n  ".join(title(line) for line in LINES))
    print(f"{'work (tokens/s)':<46} {'peak':>9} {'limit':>9} {'hasten':>9} {'llama.cpp':>10} {'ratio':>6} {'spread':>7} "
          f"{'to reach':>8} {'share':>7}", flush=True)
    start, left = time.monotonic(), []
    for line in chosen:
        if time.monotonic() - start > 60 * args.minutes:
            left.append(line)
            continue
        show(line, *measure(line, args))
    for line in left:
        print(f"{title(line):<46} not measured: {args.minutes:g} minutes were over")
    show_memory([line for line in chosen if line not in left], args.folder)
    print(f"\n{(time.monotonic() - start) / 60:.1f} minutes, {args.runs} runs a line")


if __name__ == "__main__":
    main()
