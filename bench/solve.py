#!/usr/bin/env python3
"""One table of what `hasten solve` is to reach: asked, reached, and the command that shows it. `./dev bench solve` runs it. Tasks of
others lie in ../shared/data (or --data); what is not there, or not installed, is skipped with a sentence."""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import emitted

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "release")
HASTEN = os.path.join(BUILD, "hasten")


class Skip(Exception):
    """Why a row has no figure."""


class Suite:
    """The lines of a folder of tasks, solved once however many rows ask for them."""

    def __init__(self, args):
        self.args, self.kept = args, {}

    def solve(self, folder, *flags):
        key = (folder, flags)
        if key not in self.kept:
            command = [HASTEN, "solve", "--suite", folder, "--timeout", str(self.args.timeout), *flags]
            out = run([*command, "--json", "--no-log"])
            self.kept[key] = ([json.loads(line) for line in out.splitlines()], shown(command))
        return self.kept[key]

    def data(self, *names):
        folder = os.path.join(self.args.data, *names)
        if not os.path.isdir(folder):
            raise Skip(f"no {os.path.join(*names)} in {self.args.data}")
        return folder


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode:
        raise Skip(f"{shown(command)} failed: {done.stderr.strip()[-200:]}")
    return done.stdout


def shown(command):
    words = [os.path.relpath(w, ROOT) if os.path.isabs(w) else w for w in command]
    return " ".join(words)


def held_out(lines, kinds=False):
    """Tasks right on the rows that were not shown, of those that have such; with `kinds` the same by the names' first part."""
    judged = [line for line in lines if line["held_out_right"] is not None]
    right = sum(line["held_out_right"] for line in judged)
    text = f"{right} of {len(judged)} ({100 * right / max(1, len(judged)):.0f} %)"
    if kinds:
        by_kind = {}
        for line in judged:
            by_kind.setdefault(line["task"].split(".")[0], []).append(line["held_out_right"])
        return text, ", ".join(f"{k} {sum(v)}/{len(v)}" for k, v in sorted(by_kind.items()))
    return text


def sygus_solved(suite):
    lines, command = suite.solve(suite.data("sygus_slia"))
    infeasible = sum(line["program"] == "infeasible" for line in lines)
    return f"{sum(line['solved'] for line in lines)} solved, {infeasible} infeasible, of {len(lines)} files", command


def term_size(text):
    """Nodes of the body of (define-fun f (…) Sort body): its atoms, the head of each list being its node."""
    tokens = re.findall(r'"(?:[^"]|"")*"|[()]|[^\s()]+', text)
    depth, at, fields = 0, 0, 0
    for at, token in enumerate(tokens):
        if depth == 1 and token != ")":
            fields += 1
            if fields == 5:
                break
        depth += {"(": 1, ")": -1}.get(token, 0)
    return sum(t not in "()" for t in tokens[at:])


def cvc4(path, timeout):
    out = subprocess.run(["cvc4", "--lang=sygus1", f"--tlimit={int(1000 * timeout)}", path], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True).stdout
    found = out[out.find("(define-fun"):] if "(define-fun" in out else ""
    return term_size(found) if found else None


def sygus_size(suite):
    folder = suite.data("sygus_slia")
    ours = {line["task"]: line["size"] for line in suite.solve(folder)[0] if line["solved"]}
    command = f"cvc4 --lang=sygus1 --tlimit={int(1000 * suite.args.timeout)} FILE"
    if not shutil.which("cvc4"):
        return f"{statistics.median(ours.values())}; cvc4 is not installed: nothing beside it", command
    if suite.args.quick:
        return f"{statistics.median(ours.values())}; cvc4 not run with --quick", command
    with ThreadPoolExecutor(2) as pool:
        theirs = dict(zip(ours, pool.map(lambda t: cvc4(os.path.join(folder, t), suite.args.timeout), ours)))
    both = [t for t in ours if theirs[t]]
    sizes = [statistics.median(s[t] for t in both) for s in (ours, theirs)]
    return f"{sizes[0]} beside {sizes[1]}, {len(both)} files that both solve", command


def prose(give):
    def row(suite):
        lines, command = suite.solve(suite.data("prose", "Transformation.Text"), "--give", str(give))
        if suite.args.kinds:
            print(f"  by kind, {give} given: {held_out(lines, True)[1]}", file=sys.stderr)
        return held_out(lines), command
    return row


def folder_of_own_tasks():
    folder = os.path.join(ROOT, "build", "tasks")
    run([sys.executable, os.path.join(ROOT, "bench", "tasks.py"), folder])
    return folder


def own_tasks(give):
    def row(suite):
        folder = folder_of_own_tasks()
        lines, command = suite.solve(folder, "--give", str(give))
        return held_out(lines), command
    return row


def emitted_same(suite):
    """A language: for how many programs its code gives hasten's own table, of how many that it says."""
    folder = folder_of_own_tasks()
    names = sorted(os.listdir(folder))
    with ThreadPoolExecutor(2) as pool:
        tasks = list(pool.map(lambda n: emitted.outcomes(HASTEN, os.path.join(folder, n), suite.args.timeout), names))
    same = {}
    for name, task in zip(names, tasks):
        for language, right in task.items():
            same.setdefault(language, []).extend([right] if right is not None else [])
            if right is False:
                print(f"  {name}: {language} gives another table", file=sys.stderr)
    return ", ".join(f"{language} {sum(v)}/{len(v)}" for language, v in same.items()), f"of {sum(map(bool, tasks))} programs"


def quixbugs(suite):
    lines, command = suite.solve(suite.data("quixbugs"))
    tried = sum(line["candidates"] for line in lines) / max(1e-9, sum(line["seconds"] for line in lines))
    return f"{sum(line['solved'] for line in lines)} of {len(lines)}, {tried:.0f} candidates a second each", command


def enumerated(_suite):
    path = os.path.join(BUILD, "bench", "solve_bench")
    return f"{json.loads(run([path]))['evaluated_per_s'] / 1e6:.1f} million", shown([path])


def many_rows(_suite):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "many.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("name,code\nab-1,AB\ncd-22,CD\nefg-3,EFG\n")
            file.writelines(f"row{i}-{i},\n" for i in range(1000000))
        before = time.monotonic()
        child = subprocess.Popen([HASTEN, "solve", path, "--accept", "--no-log", "-o", path + ".out"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            raise Skip("hasten solve failed")
        return f"{time.monotonic() - before:.1f} s, {usage.ru_maxrss / 1024:.0f} MB", "hasten solve many.csv"


def jail(kind):
    def row(_suite):
        path = os.path.join(BUILD, "bench", "jail_bench")
        if not os.path.exists(path):
            raise Skip("build/release/bench/jail_bench is not built")
        lines = [json.loads(line) for line in run([path, kind]).splitlines() if line.startswith("{")]
        rates = [line for line in lines if "per_cpu_s" in line]
        if not rates:
            raise Skip("the kernel refuses the jail here")
        reached = f"{rates[0]['per_cpu_s']:,.0f} a second of processor time"
        if "bare_per_s" in rates[0]:
            reached += f"; {rates[0]['of_bare']:.0%} of bare, {rates[0]['bare_per_s']:,.0f} a second"
        return reached, f"build/release/bench/jail_bench '{kind}'"
    return row


def task(path, seconds, *flags):
    def row(suite):
        if suite.args.quick and seconds > 60:
            raise Skip(f"takes {seconds / 60:.0f} minutes: not with --quick")
        command = [HASTEN, "solve", os.path.join(ROOT, path), "--timeout", str(seconds), *flags, "--json", "--no-log"]
        before = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if not lines:
            raise Skip(done.stderr.strip()[-160:] or "no answer")
        return f"{lines[-1].get('score'):g} in {time.monotonic() - before:.0f} s", shown(command[:5])
    return row


# What is measured, what is asked, how.
ROWS = (
    ("SyGuS strings, 107 files of which 102 can be solved", "92", sygus_solved),
    ("SyGuS strings: median size, nodes", "at most CVC4's", sygus_size),
    ("spreadsheet tasks of PROSE, three rows given", "60 %", prose(3)),
    ("spreadsheet tasks of PROSE, one row given", "35 %", prose(1)),
    ("our own tasks, three rows given", "", own_tasks(3)),
    ("our own tasks, two rows given", "", own_tasks(2)),
    ("emitted code that gives the same table, of what is said", "", emitted_same),
    ("programs run a second, one core", "5 million", enumerated),
    ("a table of a million rows", "", many_rows),
    ("jail: a native function, forked", "5,000; 54 % of bare", jail("a function of a shared object, forked")),
    ("jail: an executed program", "1,500; 53 % of bare", jail("a static program, executed")),
    ("jail: a Python function, three asserts", "500; 62 % of bare", jail("a Python function, three asserts")),
    ("jail: a Node.js function", "stated", jail("a Node.js function, one call")),
    ("QuixBugs repaired without a model", "", quixbugs),
    ("sorting network of 8 inputs", "19 in a minute", task("examples/sorting_network/eight.toml", 60)),
    ("sorting network of 10 inputs", "29 in ten minutes", task("examples/sorting_network/ten.toml", 600)),
    ("26 circles in a square", "2.63 in ten minutes", task("examples/circle_packing/task.toml", 600)),
)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench solve", description=__doc__)
    parser.add_argument("only", nargs="*", help="measure only rows that have one of these words, e.g. sygus prose jail")
    parser.add_argument("--timeout", type=float, default=10, help="seconds a task of a suite")
    parser.add_argument("--quick", action="store_true", help="two seconds a task; nothing that takes minutes")
    parser.add_argument("--kinds", action="store_true", help="spreadsheet tasks by kind too")
    parser.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data"), help="where sets of tasks lie")
    args = parser.parse_args()
    if args.quick:
        args.timeout = 2
    suite = Suite(args)
    print(f"{'what':<52} {'asked':<20} {'reached':<44} command")
    for what, asked, row in ROWS:
        if args.only and not any(word.lower() in what.lower() for word in args.only):
            continue
        try:
            reached, command = row(suite)
        except Skip as why:
            reached, command = f"skipped: {why}", ""
        print(f"{what:<52} {asked:<20} {reached:<44} {command}", flush=True)


if __name__ == "__main__":
    main()
