"""The command line, in this process or in one of its own, and blocks of shell that the docs print."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tests.helpers.processes import FAKEKIT, clean_environment
from tests.helpers.project import ROOT


@dataclass
class Done:
    """A finished command."""

    returncode: int
    stdout: str
    stderr: str


def cli(*arguments: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Done:
    """One command, in this process: what `cli_process` does, without the time a process takes."""
    from fakekit.cli import main

    out, err = io.StringIO(), io.StringIO()
    environment = clean_environment() | dict(env or {})
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, environment, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main(list(arguments), prog_name="fakekit")
        except SystemExit as end:
            return Done(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("a command always exits")


def cli_process(
    *arguments: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None, timeout: float = 300
) -> Done:
    """One command, in a process of its own."""
    done = subprocess.run(
        [*FAKEKIT, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd,
        env=clean_environment() | dict(env or {}),
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def paste(
    block: str, folder: Path, port: int = 0, other: int = 0, env: Mapping[str, str] | None = None
) -> str:
    """What a block prints when it is pasted, the README's ports moved to free ones."""
    block = block.replace("4310", str(port)).replace("4311", str(other))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=folder,
        env=clean_environment() | {"PATH": path} | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def exec_(*arguments: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Done:
    return cli_process("exec", *arguments, env=env, cwd=cwd)
