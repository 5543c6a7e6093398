"""Shell scripts parse, and shellcheck finds nothing."""

import os
import shutil
import subprocess

import sources


def check(root):
    problems = []
    for name in sources.files(root):
        with open(os.path.join(root, name), "rb") as f:
            if not f.readline(64).startswith((b"#!/usr/bin/env bash", b"#!/bin/bash", b"#!/bin/sh")):
                continue
        commands = [["bash", "-n", name]]
        if shutil.which("shellcheck"):
            commands.append(["shellcheck", "-f", "gcc", name])
        for command in commands:
            run = subprocess.run(command, cwd=root, capture_output=True, text=True)
            problems += [line for line in (run.stdout + run.stderr).split("\n") if run.returncode and line]
    return problems
